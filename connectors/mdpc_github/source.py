"""What the two ways of reading GitHub, GraphQL and REST, have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from mdpc.connector import TrackerError
from mdpc.model import Record
from mdpc_github.selection import Repository


@dataclass(frozen=True, slots=True)
class Want:
    """What to ask of each repository: its topics, its milestones, and closed ones back to which day (None: all)."""

    milestones: bool = True
    topics: bool = False
    closed_since: date | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository; its records if they were asked for and read completely, else the reason if there is one."""

    repository: Repository
    records: tuple[Record, ...] | None = None
    error: TrackerError | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Repositories that were listed; with an error, the list is not complete.

    `withheld` are those of which GitHub said that they are there, but not which they are.
    """

    found: Sequence[Listed]
    error: TrackerError | None = None
    withheld: int = 0


class Source(Protocol):
    """One way of reading. Only a refused token (reason `auth`) is raised; other errors are part of the answers."""

    def account(self) -> str:
        """The login that the token acts as, empty where there is none or GitHub does not say."""

    def owner(self, login: str, want: Want) -> Listing:
        """All repositories of a user or an organisation; records may be left for `look` even where wanted."""

    def everything(self, want: Want) -> Listing:
        """All repositories that the token can see."""

    def look(self, names: Sequence[str], want: Want) -> Mapping[str, Listed | TrackerError]:
        """Repositories by name, old names included; an answer for each."""
