"""What the two ways of reading issues, GraphQL and REST, have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mdpc.connector import TrackerError
from mdpc.coordination import Issue
from mdpc.model import Account, Ref
from mdpc_github.issue_records import BOT
from mdpc_github.reading import normalised


@dataclass(frozen=True, slots=True)
class Own:
    """mdpc's own accounts, as `reading.normalised` gives them. A person's and an App's may have the same name.

    `creator` is the login by which GitHub itself may choose what mdpc opened; empty where it may not: there are several
    accounts, none is known, or it is an App's, which some servers do not find by its name.
    """

    people: frozenset[str] = frozenset()
    bots: frozenset[str] = frozenset()
    creator: str = ""

    @classmethod
    def of(cls, login: str, further: Sequence[str], *, app: bool) -> Own:
        """From the token's login (empty where unknown) and what `accounts` in the settings names.

        What is named there without `[bot]` may be either.
        """
        is_bot = app or login.endswith(BOT)
        people = [name for name in further if not name.strip().endswith(BOT)]
        bots = list(further)
        (bots if is_bot else people).append(login)
        alone = {normalised(name) for name in further} <= {normalised(login)} and not is_bot
        return cls(_names(people), _names(bots), login if alone else "")

    @property
    def known(self) -> bool:
        """Whether any is."""
        return bool(self.people or self.bots)

    def wrote(self, author: Account | None) -> bool:
        """Whether that account is one of mdpc's."""
        return author is not None and normalised(author.login) in (self.bots if author.bot else self.people)


def _names(logins: Sequence[str]) -> frozenset[str]:
    return frozenset(normalised(login) for login in logins) - {""}


class IssueSource(Protocol):
    """One way of reading issues. Only a refused token (reason `auth`) is raised; other errors are part of the answers.

    Containers are those of the connector that the refs name; an issue has all its comments or is an error.
    """

    def listed(self, homes: Sequence[str]) -> Mapping[str, tuple[Issue, ...] | TrackerError]:
        """The coordination issues of repositories that mdpc's own accounts opened, open and closed ones."""

    def numbered(self, refs: Sequence[Ref]) -> Mapping[Ref, Issue | TrackerError | None]:
        """Issues by their address; None for one that is certainly not there any more."""

    def contents(self, refs: Sequence[Ref]) -> Mapping[Ref, frozenset[str] | TrackerError]:
        """The numbers of the issues of milestones, pull requests left out."""

    def members(self, teams: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], tuple[Account, ...] | TrackerError]:
        """Who is in teams, given as organisation and slug."""

    def unedited(self, comment: Mapping[str, Any]) -> bool:
        """Whether nobody but mdpc edited a comment of the REST API, as far as is known; asked once, within `attempt`.

        Raises TrackerError.
        """
