"""Reading issues through REST, where a server has no GraphQL or there is no token: comments issue by issue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from mdpc.connector import TrackerError
from mdpc.coordination import LABEL, Comment, Delivered, Issue
from mdpc.marks import mark_at_end
from mdpc.model import Account, ContainerRef, Ref
from mdpc_github.batching import one_by_one
from mdpc_github.client import Client
from mdpc_github.issue_records import (
    account,
    issue_number,
    labels,
    may_coordinate,
    midnight,
    rest_account,
    rest_delivered,
    rest_issue,
)
from mdpc_github.own import Own
from mdpc_github.rest import repository_path

Data = Mapping[str, Any]


def issue_path(name: str, number: int) -> str:
    """The path of an issue of OWNER/NAME in the API."""
    return f"{issues_path(name)}/{number}"


def issues_path(name: str) -> str:
    """The path of the issues of OWNER/NAME in the API."""
    return f"{repository_path(name)}/issues"


def listings(own: Own, closed_since: date | None) -> list[Mapping[str, str]]:
    """The queries for the coordination issues that mdpc opened; `opened` sorts out what comes besides."""
    chosen = {"direction": "asc"} | ({"creator": own.creator} if own.creator else {"labels": LABEL})
    if closed_since is None:
        return [chosen | {"state": "all"}]
    return [chosen | {"state": "open"}, chosen | {"state": "closed", "since": midnight(closed_since)}]


def opened(found: Iterable[Data], own: Own) -> list[Data]:
    """Those of a listing that are issues, not pull requests, and that mdpc's own accounts opened."""
    issues = (each for each in found if "pull_request" not in each)
    return [each for each in issues if own.wrote(rest_account("", each["user"]))]


class RestIssues:
    """Reads issue by issue. `connector` is the name in refs. Keeps the IssueSource protocol.

    REST does not tell who edited a comment, nor whether an issue's text was edited. What mdpc alone has written of a
    coordination issue can therefore not be known there once one of mdpc's comments was edited, be it by mdpc itself:
    such an issue cannot be read, and its repository is lost.
    """

    def __init__(self, client: Client, connector: str, own: Own) -> None:
        self._client = client
        self._connector = connector
        self._own = own

    def listed(self, homes: Sequence[str], closed_since: date | None) -> Mapping[str, tuple[Issue, ...] | TrackerError]:
        """100 issues a request, and one for each that has comments."""
        return one_by_one(homes, lambda name: self._listed(name, closed_since))

    def _listed(self, name: str, closed_since: date | None) -> tuple[Issue, ...]:
        container = ContainerRef(self._connector, name)
        found = (
            each for query in listings(self._own, closed_since) for each in self._client.pages(issues_path(name), query)
        )
        own = {each["number"]: each for each in opened(found, self._own)}
        return tuple(
            self._whole(container, each)
            for _, each in sorted(own.items())
            if may_coordinate(labels(each), each.get("body"))
        )

    def _whole(self, container: ContainerRef, data: Data) -> Issue:
        comments: list[Data] = []
        if data.get("comments"):
            comments.extend(self._client.pages(f"{issue_path(container.name, data['number'])}/comments", {}))
        issue = rest_issue(container, data, comments)
        if any(self._doubtful(comment) for comment in issue.comments):
            raise TrackerError(
                f"A comment of mdpc's on {issue.url} was edited, and GitHub tells by whom through GraphQL alone",
                reason="refused",
                next_step="Review gates need a token, and a server with GraphQL.",
            )
        return issue

    def _doubtful(self, comment: Comment) -> bool:
        """Whether mdpc wrote it and nobody knows who edited it; without a mark it counts for nothing anyway."""
        edited = comment.edited_at is not None and mark_at_end(comment.body) is not None
        return edited and self._own.wrote(comment.author)

    def numbered(self, refs: Sequence[Ref]) -> Mapping[Ref, Issue | TrackerError | None]:
        """One or two requests an issue. A transferred one leads to another repository, a deleted one is 404 or 410."""
        return one_by_one(refs, self._numbered)

    def _numbered(self, ref: Ref) -> Issue | None:
        try:
            _, data = self._client.get(issue_path(ref.container.name, issue_number(ref.id) or 0))
        except TrackerError as error:
            if error.reason != "missing" or not self._tracks(ref.container.name):
                raise
            return None
        if "pull_request" in data or not self._belongs(data, ref):
            return None
        return self._whole(ref.container, data)

    def _tracks(self, name: str) -> bool:
        """Whether the repository can be read and has issues; raises the error that says why not."""
        return bool(self._client.get(repository_path(name))[1].get("has_issues", True))

    def _belongs(self, data: Data, ref: Ref) -> bool:
        """Whether an issue is still in its repository, which may have been renamed."""
        there = "/".join(str(data["repository_url"]).split("/")[-2:]).lower()
        if data["number"] != issue_number(ref.id):
            return False
        if there == ref.container.name.lower():
            return True
        now = self._client.get(repository_path(ref.container.name))[1]["full_name"]
        return bool(there == now.lower())

    def contents(self, refs: Sequence[Ref]) -> Mapping[Ref, frozenset[str] | TrackerError]:
        """100 issues a request, for each milestone; one without any is looked at, since one that is gone has none."""
        return one_by_one(refs, self._contents)

    def _contents(self, ref: Ref) -> frozenset[str]:
        query = {"milestone": str(int(ref.id)), "state": "all"}
        found = self._client.pages(issues_path(ref.container.name), query)
        numbers = frozenset(str(each["number"]) for each in found if "pull_request" not in each)
        if not numbers:
            self._client.get(f"{repository_path(ref.container.name)}/milestones/{int(ref.id)}")
        return numbers

    def delivered(self, refs: Sequence[Ref]) -> Mapping[Ref, tuple[Delivered, ...] | TrackerError]:
        """One request for each milestone. Who closed an issue is told by some servers alone."""
        return one_by_one(refs, self._delivered)

    def _delivered(self, ref: Ref) -> tuple[Delivered, ...]:
        query = {"milestone": str(int(ref.id)), "state": "closed", "sort": "updated", "per_page": "100"}
        _, found = self._client.get(issues_path(ref.container.name), query)
        return tuple(rest_delivered(ref, each) for each in found if "pull_request" not in each)

    def members(self, teams: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], tuple[Account, ...] | TrackerError]:
        """100 members a request, for each team."""
        return one_by_one(teams, self._members)

    def _members(self, team: tuple[str, str]) -> tuple[Account, ...]:
        organisation, slug = (quote(part, safe="") for part in team)
        found = self._client.pages(f"/orgs/{organisation}/teams/{slug}/members", {})
        return tuple(account(self._connector, each["login"]) for each in found)

    def unedited(self, comment: Data) -> bool:
        """Only what did not change since it was made is certainly mdpc's own."""
        return bool(comment["updated_at"] == comment["created_at"])
