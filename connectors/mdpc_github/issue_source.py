"""What the two ways of reading issues, GraphQL and REST, have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from mdpc.connector import TrackerError
from mdpc.coordination import Delivered, Issue
from mdpc.model import Account, Ref


class IssueSource(Protocol):
    """One way of reading issues. Only a refused token (reason `auth`) is raised; other errors are part of the answers.

    Containers are those of the connector that the refs name; an issue has all its comments or is an error.
    """

    def listed(self, homes: Sequence[str], closed_since: date | None) -> Mapping[str, tuple[Issue, ...] | TrackerError]:
        """The coordination issues of repositories that mdpc's own accounts opened.

        Those without their label only where GitHub may choose by `Own.creator`. Closed ones that changed on
        `closed_since` (UTC) or later, None for all.
        """

    def numbered(self, refs: Sequence[Ref]) -> Mapping[Ref, Issue | TrackerError | None]:
        """Issues by their address; None for one that is certainly not there any more."""

    def contents(self, refs: Sequence[Ref]) -> Mapping[Ref, frozenset[str] | TrackerError]:
        """The numbers of the issues of milestones, pull requests left out."""

    def delivered(self, refs: Sequence[Ref]) -> Mapping[Ref, tuple[Delivered, ...] | TrackerError]:
        """The closed issues of milestones, a page of those that changed last, pull requests left out."""

    def members(self, teams: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], tuple[Account, ...] | TrackerError]:
        """Who is in teams, given as organisation and slug."""

    def unedited(self, comment: Mapping[str, Any]) -> bool:
        """Whether nobody but mdpc edited a comment of the REST API, as far as is known; asked once, within `attempt`.

        Raises TrackerError.
        """
