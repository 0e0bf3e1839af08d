"""Jira versions as records: one paged list per project, never a request per version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from mdpc import status
from mdpc.model import Carrier, ContainerRef, Markup, Record, Ref, Scope
from mdpc_jira.client import JiraClient
from mdpc_jira.counts import FIELDS, Tally
from mdpc_jira.jql import any_of, in_project
from mdpc_jira.projects import Project
from mdpc_jira.search import incomplete, search
from mdpc_jira.values import account, day, moment

Json = dict[str, Any]

PAGE = 100
IDS_A_SEARCH = 200
"""Version ids in one JQL: far below the length of address that servers accept."""


def version_pages(get: Callable[[str, Json], Json], key: str, expand: str = "") -> Iterator[Json]:
    """The pages of a project's versions, oldest version first; `get` asks for one."""
    query: Json = {"maxResults": PAGE} | ({"expand": expand} if expand else {})
    start = 0
    while True:
        page = get(f"project/{key}/version", query | {"startAt": start})
        yield page
        start += len(page["values"])
        if page.get("isLast", start >= page.get("total", 0)) or not page["values"]:
            return


def version_url(site: str, key: str, identifier: str) -> str:
    """A version's address for people."""
    return f"{site}/projects/{key}/versions/{identifier}"


class Versions:
    """Reads the versions of projects. `url` is the site's address for links, `connector` the connector's name."""

    def __init__(self, client: JiraClient, connector: str, url: str) -> None:
        self._client = client
        self._connector = connector
        self._url = url

    def read(self, project: Project, scope: Scope) -> list[Record]:
        """The project's versions that the scope wants, with counts; raises TrackerError.

        Released ones are kept from `scope.closed_since` on by their release date, and where mdpc's status stands in
        the description: a version that was late may be released long after its date, and the status has to follow.
        Cloud counts issues itself. On Data Center, and for `scope.activity`, one search serves all of a project.
        """
        records = [self._record(project, raw) for raw in self._list(project.key)]
        records = [record for record in records if _wanted(record, scope.closed_since)]
        if not self._client.cloud:
            return self._counted(project.key, records)
        return self._with_activity(project.key, records) if scope.activity else records

    def _list(self, key: str) -> list[Json]:
        """Every version of a project. A list that changed between two pages is asked for once more."""
        expand = "issuesstatus,driver" if self._client.cloud else ""
        for _ in range(2):
            versions: dict[str, Json] = {}
            total = 0
            for page in version_pages(self._client.get, key, expand):
                versions.update((str(raw["id"]), raw) for raw in page["values"])
                total = page.get("total", len(versions))
            if len(versions) >= total:
                return list(versions.values())
        raise incomplete("The list of versions changed while it was read")

    def _record(self, project: Project, raw: Json) -> Record:
        counts = raw.get("issuesStatusForFixVersion") or {}
        identifier = str(raw["id"])
        return Record(
            ref=Ref(ContainerRef(self._connector, project.key), identifier),
            uid=identifier,
            title=raw["name"],
            url=version_url(self._url, project.key, identifier),
            markup=Markup.LINE,
            description=raw.get("description"),
            due=day(raw.get("releaseDate")),
            start=day(raw.get("startDate")),
            closed=bool(raw.get("released")),
            archived=bool(raw.get("archived")),
            open_issues=sum(counts.get(category, 0) for category in ("unmapped", "toDo", "inProgress")),
            closed_issues=counts.get("done", 0),
            driver=account(self._connector, raw.get("driver")),
            carrier=Carrier.NOTES,
            starts=True,
        )

    def _counted(self, key: str, records: Sequence[Record]) -> list[Record]:
        """Records with counts and last activity, from every issue of those that are no history."""
        tally = {record.uid: Tally() for record in records if not record.archived}
        for issue in self._issues(key, tuple(tally), "ORDER BY key"):
            for version in issue["fields"].get("fixVersions", ()):
                if mine := tally.get(str(version["id"])):
                    mine.add(issue["fields"])
        return [tally[record.uid].on(record) if record.uid in tally else record for record in records]

    def _with_activity(self, key: str, records: Sequence[Record]) -> list[Record]:
        """Records with the last activity of the open ones: latest issues first, until each version was met."""
        missing = {
            record.uid
            for record in records
            if not record.closed and not record.archived and record.open_issues + record.closed_issues
        }
        latest: dict[str, datetime | None] = {}
        for issue in self._issues(key, sorted(missing), "ORDER BY updated DESC") if missing else ():
            for version in issue["fields"].get("fixVersions", ()):
                latest.setdefault(str(version["id"]), moment(issue["fields"].get("updated")))
            if missing <= latest.keys():
                break
        return [replace(record, last_activity=latest.get(record.uid)) for record in records]

    def _issues(self, key: str, ids: Sequence[str], order: str) -> Iterator[Json]:
        for start in range(0, len(ids), IDS_A_SEARCH):
            clause = any_of("fixVersion", ids[start : start + IDS_A_SEARCH])
            yield from search(self._client, f"{in_project(key, clause)} {order}", ("fixVersions", *FIELDS))


def _wanted(record: Record, closed_since: date | None) -> bool:
    if not record.closed or closed_since is None or status.find(record.description, record.markup):
        return True
    return record.due is not None and record.due >= closed_since
