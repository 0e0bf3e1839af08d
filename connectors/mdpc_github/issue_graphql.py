"""Reading issues through GraphQL: many a request, with their comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from mdpc.connector import TrackerError
from mdpc.coordination import LABEL, Delivered, Issue
from mdpc.model import Account, ContainerRef, Ref
from mdpc_github import issue_queries as queries
from mdpc_github.answers import CHECK, NOT_THERE, Partial
from mdpc_github.batching import batches, named, nothing, torn
from mdpc_github.client import Client
from mdpc_github.issue_records import (
    account,
    graphql_account,
    graphql_delivered,
    graphql_issue,
    issue_number,
    may_coordinate,
    midnight,
    node_labels,
)
from mdpc_github.own import Own

Key = TypeVar("Key")
Node = Mapping[str, Any]
_List = tuple[str, str]
"""A repository and the states of the issues that are listed."""


@dataclass(slots=True)
class _Pages:
    """A list that is read page by page. `cursor` is where it goes on, None at its end; an error ends it as well."""

    nodes: list[Node] = field(default_factory=list)
    cursor: str | None = None
    begun: bool = False
    error: TrackerError | None = None

    @property
    def goes_on(self) -> bool:
        """Whether there is more to ask for."""
        return self.error is None and (self.cursor is not None or not self.begun)

    def take(self, connection: Node | None, error: TrackerError | None) -> None:
        """Add a page; one that lacks anything is an error."""
        self.begun = True
        if error or connection is None or torn(connection):
            self.error = error or nothing()
            return
        self.nodes.extend(connection["nodes"])
        page = connection["pageInfo"]
        self.cursor = page["endCursor"] if page["hasNextPage"] else None


@dataclass(slots=True)
class _Draft:
    """An issue whose comments are being read."""

    container: ContainerRef
    node: Node
    comments: _Pages = field(default_factory=_Pages)

    def finished(self) -> Issue | TrackerError:
        """The issue, or why it is not whole."""
        if self.comments.error:
            return self.comments.error
        if any(each["fullDatabaseId"] is None for each in self.comments.nodes):
            return nothing()
        return graphql_issue(self.container, self.node, self.comments.nodes)


class GraphQLIssues:
    """Reads issues of many repositories a request. `connector` is the name in refs. Keeps the IssueSource protocol."""

    def __init__(self, client: Client, connector: str, own: Own) -> None:
        self._client = client
        self._connector = connector
        self._own = own

    def listed(self, homes: Sequence[str], closed_since: date | None) -> Mapping[str, tuple[Issue, ...] | TrackerError]:
        """10 repositories a request, 50 issues of each list; further comments of 20 issues a request."""
        states = queries.APART if closed_since else queries.EVERY

        def ask(batch: Sequence[tuple[_List, _Pages]], patient: bool) -> Partial:
            return self._list(batch, closed_since, patient)

        lists = [(name, state) for name in homes for state in states]
        found = self._paged(lists, queries.HOMES * len(states), ask, ("issues",))
        lost = {name: pages.error for (name, _), pages in found.items() if pages.error}
        drafts = {
            name: self._own_drafts(name, [found[name, each] for each in states]) for name in homes if name not in lost
        }
        self._complete([draft for those in drafts.values() for draft in those])
        return lost | {name: _whole(those) for name, those in drafts.items()}

    def _list(self, batch: Sequence[tuple[_List, _Pages]], closed_since: date | None, patient: bool) -> Partial:
        """A page of each list. By creator people's taking a label off hides nothing."""
        creator = self._own.creator
        states = [state for (_, state), _ in batch]
        query = queries.listed(states, by_creator=bool(creator))
        variables = named([name for (name, _), _ in batch]) | _cursors(batch)
        variables |= {"creator": creator} if creator else {"label": LABEL}
        variables |= {"since": midnight(closed_since)} if closed_since and "CLOSED" in states else {}
        try:
            return self._client.graphql(query, variables | {"first": queries.ISSUES}, patient=False)
        except TrackerError as error:
            if error.reason != "server" or not patient:
                raise
        return self._client.graphql(query, variables | {"first": queries.FEW_ISSUES})

    def _own_drafts(self, name: str, lists: Iterable[_Pages]) -> list[_Draft]:
        """What of a repository's lists may be a coordination issue of mdpc's, each once, by number."""
        nodes = {node["number"]: node for pages in lists for node in pages.nodes}
        container = ContainerRef(self._connector, name)
        return [
            self._draft(container, node)
            for _, node in sorted(nodes.items())
            if self._own.wrote(graphql_account("", node["author"])) and may_coordinate(node_labels(node), node["body"])
        ]

    def _draft(self, container: ContainerRef, node: Node) -> _Draft:
        draft = _Draft(container, node)
        draft.comments.take(node["comments"], None)
        return draft

    def _complete(self, drafts: Sequence[_Draft]) -> None:
        """Read the further comments of all issues that have more than a page of them."""

        def ask(batch: Sequence[_Draft], patient: bool) -> Partial:
            ids = {f"i{i}": draft.node["id"] for i, draft in enumerate(batch)}
            cursors = {f"c{i}": draft.comments.cursor for i, draft in enumerate(batch)}
            return self._client.graphql(queries.comments(len(batch)), ids | cursors, patient=patient)

        while pending := [draft for draft in drafts if draft.comments.goes_on]:
            for draft, node, error in batches(pending, queries.FOLLOW_UPS, ask):
                draft.comments.take((node or {}).get("comments"), error)

    def numbered(self, refs: Sequence[Ref]) -> Mapping[Ref, Issue | TrackerError | None]:
        """20 issues a request. One that was deleted or transferred is NOT_FOUND in a repository that is there."""

        def ask(batch: Sequence[Ref], patient: bool) -> Partial:
            numbers = {f"i{i}": issue_number(ref.id) for i, ref in enumerate(batch)}
            variables = named([ref.container.name for ref in batch]) | numbers
            return self._client.graphql(queries.numbered(len(batch)), variables, patient=patient)

        answers: dict[Ref, Issue | TrackerError | None] = {}
        drafts: dict[Ref, _Draft] = {}
        for ref, node, error in batches(refs, queries.NUMBERED, ask):
            issue = node and node.get("issue")
            if node and issue is None and error and error.reason == "missing":
                answers[ref] = None
            elif node is None or issue is None or error:
                answers[ref] = error or nothing()
            elif issue["repository"]["id"] != node["id"]:
                answers[ref] = None
            else:
                drafts[ref] = self._draft(ref.container, issue)
        self._complete(list(drafts.values()))
        return answers | {ref: draft.finished() for ref, draft in drafts.items()}

    def contents(self, refs: Sequence[Ref]) -> Mapping[Ref, frozenset[str] | TrackerError]:
        """50 milestones a request, 100 issues of each."""

        def ask(batch: Sequence[tuple[Ref, _Pages]], patient: bool) -> Partial:
            numbers = {f"m{i}": int(ref.id) for i, (ref, _) in enumerate(batch)}
            variables = named([ref.container.name for ref, _ in batch]) | _cursors(batch) | numbers
            return self._client.graphql(queries.contents(len(batch)), variables, patient=patient)

        found = self._paged(refs, queries.MILESTONES, ask, ("milestone", "issues"))
        return {
            ref: pages.error or frozenset(str(each["number"]) for each in pages.nodes) for ref, pages in found.items()
        }

    def delivered(self, refs: Sequence[Ref]) -> Mapping[Ref, tuple[Delivered, ...] | TrackerError]:
        """20 milestones a request, 100 issues of each at most."""

        def ask(batch: Sequence[Ref], patient: bool) -> Partial:
            numbers = {f"m{i}": int(ref.id) for i, ref in enumerate(batch)}
            variables = named([ref.container.name for ref in batch]) | numbers
            return self._client.graphql(queries.delivered(len(batch)), variables, patient=patient)

        found: dict[Ref, tuple[Delivered, ...] | TrackerError] = {}
        for ref, node, error in batches(refs, queries.DELIVERED, ask):
            issues = ((node or {}).get("milestone") or {}).get("issues")
            if error or issues is None:
                found[ref] = error or nothing()
            else:
                found[ref] = tuple(graphql_delivered(ref, each) for each in issues["nodes"] or () if each)
        return found

    def members(self, teams: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], tuple[Account, ...] | TrackerError]:
        """20 teams a request, 100 members of each. A team that is not there, or not shown, is null without an error."""

        def ask(batch: Sequence[tuple[tuple[str, str], _Pages]], patient: bool) -> Partial:
            variables = named(["/".join(team) for team, _ in batch]) | _cursors(batch)
            return self._client.graphql(queries.teams(len(batch)), variables, patient=patient)

        found = self._paged(teams, queries.TEAMS, ask, ("team", "members"), absent=_no_team)
        return {
            team: pages.error or tuple(account(self._connector, each["login"]) for each in pages.nodes)
            for team, pages in found.items()
        }

    def _paged(
        self,
        keys: Sequence[Key],
        size: int,
        ask: Callable[[Sequence[tuple[Key, _Pages]], bool], Partial],
        path: Sequence[str],
        absent: Callable[[], TrackerError] = nothing,
    ) -> Mapping[Key, _Pages]:
        """One list for each key, page by page, `size` lists a request; `path` leads to it below an answer's node."""
        found = {key: _Pages() for key in keys}
        while pending := [(key, pages) for key, pages in found.items() if pages.goes_on]:
            for (_, pages), node, error in batches(pending, size, ask):
                connection: Node | None = node
                for step in path:
                    connection = (connection or {}).get(step)
                pages.take(connection, error or (absent() if connection is None else None))
        return found

    def unedited(self, comment: Node) -> bool:
        """By a question of its own: the REST API does not tell who edited a comment."""
        answer = self._client.ask(queries.EDITOR, {"id": comment["node_id"]})
        node = answer.data.get("node")
        if error := answer.error_at("node"):
            raise error
        if not node:
            raise nothing()
        return node["lastEditedAt"] is None or self._own.wrote(graphql_account("", node["editor"]))


def _cursors(batch: Sequence[tuple[Any, _Pages]]) -> dict[str, str | None]:
    return {f"c{i}": pages.cursor for i, (_, pages) in enumerate(batch)}


def _whole(drafts: Iterable[_Draft]) -> tuple[Issue, ...] | TrackerError:
    """The issues; the first error where one of them is not whole."""
    issues: list[Issue] = []
    for draft in drafts:
        issue = draft.finished()
        if isinstance(issue, TrackerError):
            return issue
        issues.append(issue)
    return tuple(issues)


def _no_team() -> TrackerError:
    return TrackerError(NOT_THERE, reason="missing", next_step=f"{CHECK}.")
