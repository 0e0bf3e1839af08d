"""Reading coordination issues with their comments, and what gates ask for, container by container."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from mdpc.connector import TrackerError
from mdpc.coordination import Approver, Delivered, Issue, IssueReading, IssueScope
from mdpc.model import Account, ContainerRef, Markup, Ref, Unread
from mdpc_jira.client import JiraClient
from mdpc_jira.comments import comments_of
from mdpc_jira.contents import Contents, unreadable
from mdpc_jira.errors import expected_shape
from mdpc_jira.issues import issue_api, issue_url, whole_text
from mdpc_jira.jql import any_of, jql_quote, open_or_changed_since
from mdpc_jira.search import search
from mdpc_jira.settings import JiraSettings
from mdpc_jira.values import account, is_done

Json = dict[str, Any]
Result = TypeVar("Result")
Given = TypeVar("Given")

FIELDS = ("summary", "description", "status", "assignee", "labels", "creator", "comment")
SIDE_BY_SIDE = 8
AT_ONCE = 50
"""Projects, or issues by key, in one search."""
ONE_IS_WRONG = ("refused", "missing", "forbidden")
"""Reasons for which a search of several is repeated one by one: Jira refuses it all for one that it does not know."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the connector knows of its site: the `ids` of issues by their key, and projects by a former key."""

    ids: Mapping[str, str]
    renamed: Mapping[str, str]


def own_issues(settings: JiraSettings, signed_in: bool) -> str | None:
    """The clause for issues that one of mdpc's own accounts made; None where there are no accounts.

    A label is nothing to go by: people may take it off.
    """
    accounts = [*(["currentUser()"] if signed_in else []), *map(jql_quote, settings.accounts)]
    return f"creator in ({', '.join(accounts)})" if accounts else None


def project_of(key: str) -> str:
    """The project that an issue's key names."""
    return key.rpartition("-")[0]


class CoordinationReader:
    """Reads for one `IssueScope`; `connector` is the connector's name, `optional` says which containers are."""

    def __init__(
        self,
        client: JiraClient,
        connector: str,
        settings: JiraSettings,
        sight: Sight,
        optional: Callable[[str], bool],
    ) -> None:
        self._client = client
        self._connector = connector
        self._settings = settings
        self._sight = sight
        self._optional = optional
        self._api = issue_api(client)
        self._contents = Contents(client, connector, settings)
        self._lost = _Lost()

    def read(self, scope: IssueScope) -> IssueReading:
        """All that the scope wants. Raises TrackerError where the credentials are wrong."""
        found: dict[str, Json] = {}
        for homes in _batches(scope.homes):
            found |= self._homes(homes, scope)
        own = [ref for ref in scope.own if ref.id not in found]
        for refs in _batches(own):
            found |= self._own(refs)
        absent = [ref for ref in scope.known if ref.id not in found]
        looked = dict(zip(absent, self._side_by_side(self._single, absent), strict=True))
        missing = tuple(ref for ref, raw in looked.items() if raw is None and not self._lost.has(ref.container.name))
        found |= {raw["key"]: raw for raw in looked.values() if raw is not None}
        issues = [issue for issue in self._side_by_side(self._whole, found.values()) if issue]
        contents: dict[Ref, frozenset[str]] = {}
        approvers: dict[Ref, tuple[Approver, ...]] = {}
        self._by_project(self._contents.issues, scope.contents, contents)
        self._by_project(self._contents.approvers, scope.approvers, approvers)
        delivered = self._delivered(scope.delivered)
        teams, teamless = self._teams(scope.teams)
        return IssueReading(
            connector=self._connector,
            issues=tuple(issue for issue in issues if not self._lost.has(issue.ref.container.name)),
            missing=missing,
            contents=contents,
            approvers=approvers,
            teams=teams,
            teamless=teamless,
            delivered=delivered,
            unread=tuple(
                Unread(f"{self._connector}:{name}", why, self._optional(name)) for name, why in self._lost.why.items()
            ),
        )

    def _homes(self, homes: Sequence[str], scope: IssueScope) -> dict[str, Json]:
        """What mdpc made in some projects, by key; what cannot be searched is lost."""
        clause = own_issues(self._settings, self._client.signed_in)
        if clause is None:
            return {}
        if scope.closed_since:
            clause = f"{clause} AND {open_or_changed_since(scope.closed_since)}"
        known = (ref for ref in scope.known if ref.container.name in homes)
        ids = [self._sight.ids[ref.id] for ref in known if ref.id in self._sight.ids]
        return self._searched(homes, lambda some: f"{any_of('project', some)} AND {clause}", ids, lambda home: home)

    def _own(self, refs: Sequence[Ref]) -> dict[str, Json]:
        """Records that are issues themselves, by key; the container of one that is not there is lost."""
        ids = [self._sight.ids[ref.id] for ref in refs if ref.id in self._sight.ids]
        keys = [ref.id for ref in refs]
        found = self._searched(keys, lambda some: any_of("key", some), ids, project_of)
        for key in keys:
            if key not in found:
                self._lost.add(project_of(key), f"{key} is not where it was when records were read. Run again.")
        return {key: raw for key, raw in found.items() if key in keys}

    def _searched(
        self,
        things: Sequence[str],
        jql: Callable[[Sequence[str]], str],
        ids: Sequence[str],
        project: Callable[[str], str],
    ) -> dict[str, Json]:
        """What a search for some things finds, by key. Where Jira refuses it they are searched for one by one."""
        try:
            with expected_shape():
                query = f"{jql(things)} ORDER BY key"
                return {
                    str(raw["key"]): raw for raw in search(self._client, query, FIELDS, api=self._api, reconcile=ids)
                }
        except TrackerError as error:
            if error.reason == "auth":
                raise
            if len(things) > 1 and error.reason in ONE_IS_WRONG:
                found: dict[str, Json] = {}
                for thing in things:
                    found |= self._searched([thing], jql, ids, project)
                return found
            for thing in things:
                self._lost.add(project(thing), error.sentence())
            return {}

    def _single(self, ref: Ref) -> Json | None:
        """An issue that memory names; None where it is gone or in another project, or its container is lost."""
        home = ref.container.name
        try:
            with expected_shape():
                raw: Json = self._client.get(
                    f"issue/{quote(ref.id, safe='')}", {"fields": ",".join(FIELDS)}, api=self._api
                )
                return raw if project_of(raw["key"]) == self._sight.renamed.get(home, home) else None
        except TrackerError as error:
            if error.reason == "auth":
                raise
            if error.status != 404:
                self._lost.add(home, error.sentence())
            return None

    def _whole(self, raw: Json) -> Issue | None:
        """The issue with all its comments; None where its container is lost."""
        key, fields = str(raw["key"]), raw["fields"]
        container = project_of(key)

        def ask(path: str, query: Json) -> Json:
            answer: Json = self._client.get(path, query, api=self._api)
            return answer

        def made() -> Issue:
            assignee = account(self._connector, fields.get("assignee"))
            return Issue(
                ref=Ref(ContainerRef(self._connector, container), key),
                uid=str(raw["id"]),
                url=issue_url(self._settings.url, key),
                title=fields["summary"],
                markup=Markup.LINE,
                author=account(self._connector, fields.get("creator")),
                body=whole_text(fields.get("description")),
                closed=is_done(fields["status"]),
                assignees=(assignee,) if assignee else (),
                labels=tuple(fields.get("labels") or ()),
                comments=comments_of(ask, self._connector, self._settings.url, raw),
            )

        return self._tried(container, made)

    def _by_project(
        self, read: Callable[[str, Sequence[Ref]], Mapping[Ref, Result]], refs: Sequence[Ref], into: dict[Ref, Result]
    ) -> None:
        """Read something of records, project by project."""
        projects: dict[str, list[Ref]] = {}
        for ref in refs:
            projects.setdefault(ref.container.name, []).append(ref)

        def one(key: str) -> Mapping[Ref, Result] | None:
            return self._tried(key, lambda: read(key, projects[key]))

        for found in self._side_by_side(one, projects):
            into.update(found or {})

    def _delivered(self, refs: Sequence[Ref]) -> dict[Ref, tuple[Delivered, ...]]:
        """What records delivered. What cannot be read is left out: nothing is decided on it."""
        found: dict[Ref, tuple[Delivered, ...]] = {}
        for key in dict.fromkeys(ref.container.name for ref in refs):
            try:
                with expected_shape():
                    found |= self._contents.delivered(key, [ref for ref in refs if ref.container.name == key])
            except TrackerError as error:
                if error.reason == "auth":
                    raise
        return found

    def _teams(self, names: Sequence[str]) -> tuple[dict[str, tuple[Account, ...]], dict[str, str]]:
        teams: dict[str, tuple[Account, ...]] = {}
        teamless: dict[str, str] = {}
        for name in names:
            try:
                with expected_shape():
                    teams[name] = self._contents.members(name)
            except TrackerError as error:
                teamless[name] = unreadable(name, error)
        return teams, teamless

    def _tried(self, container: str, call: Callable[[], Result]) -> Result | None:
        """What the call gives; None where it fails, and the container is lost."""
        try:
            with expected_shape():
                return call()
        except TrackerError as error:
            if error.reason == "auth":
                raise
            self._lost.add(container, error.sentence())
            return None

    @staticmethod
    def _side_by_side(call: Callable[[Given], Result], things: Iterable[Given]) -> list[Result]:
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return list(pool.map(call, things))


@dataclass(slots=True)
class _Lost:
    """Containers that could not be read completely, and why each was not, first of all."""

    why: dict[str, str] = field(default_factory=dict)

    def add(self, container: str, why: str) -> None:
        """One more; what was said first stays."""
        self.why.setdefault(container, why)

    def has(self, container: str) -> bool:
        """Whether it is among them."""
        return container in self.why


def _batches(things: Sequence[Given]) -> list[Sequence[Given]]:
    return [things[start : start + AT_ONCE] for start in range(0, len(things), AT_ONCE)]
