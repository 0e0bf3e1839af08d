"""Jira issues that serve as milestones, as records: epics, or what the configuration's JQL selects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from mdpc.model import Carrier, ContainerRef, Markup, Record, Ref, Scope
from mdpc.notes import canonical
from mdpc_jira import adf
from mdpc_jira.client import Api, JiraClient
from mdpc_jira.counts import FIELDS, Tally
from mdpc_jira.jql import any_of, in_project, open_or_changed_since
from mdpc_jira.projects import Project
from mdpc_jira.search import search
from mdpc_jira.settings import JiraSettings
from mdpc_jira.values import account, day, is_done, moment

Json = dict[str, Any]

KEYS_A_SEARCH = 100
EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
"""Data Center's own name for the field that holds an issue's epic; its id differs from site to site."""

MEMORY = "mdpc"
"""The property of an issue that holds the memory of a milestone, on Cloud: Data Center's search does not bring it."""


def issue_api(client: JiraClient) -> Api:
    """The API version for issues: on Cloud 3, where descriptions are documents that survive being written back."""
    return "3" if client.cloud else "2"


def whole_text(raw: str | Json | None) -> str | None:
    """A text of a coordination issue: as `description_text`, with accounts for who is mentioned."""
    return adf.text(raw, accounts=True) if isinstance(raw, dict) else raw


def spoken_text(raw: str | Json | None) -> str | None:
    """A comment as somebody wrote it to be read as commands (`mdpc_jira.adf`); Data Center's to the byte."""
    return adf.spoken(raw) if isinstance(raw, dict) else raw


def rich_text(plain: str, api: Api) -> str | Json:
    """A plain text as the API takes it: a document in version 3, the text itself in version 2."""
    return adf.written(plain) if api == "3" else plain


def description_text(raw: str | Json | None) -> str | None:
    """An issue's description as text: Data Center's to the byte, of Cloud's document the words line by line."""
    return adf.text(raw) if isinstance(raw, dict) else raw


def issue_url(site: str, key: str) -> str:
    """An issue's address for people."""
    return f"{site}/browse/{key}"


class Issues:
    """Reads the issues of projects that are milestones. `connector` is the connector's name."""

    def __init__(self, client: JiraClient, connector: str, settings: JiraSettings) -> None:
        self._client = client
        self._connector = connector
        self._settings = settings
        self._clause = "issuetype = Epic" if settings.milestones == "epics" else f"({settings.jql})"

    def read(self, project: Project, scope: Scope) -> list[Record]:
        """The project's milestones that the scope wants, with counts of their children; raises TrackerError.

        Done ones are kept from `scope.closed_since` on by the day they were resolved. Children are what Cloud calls so,
        on Data Center the issues linked to an epic, else sub-tasks; one search serves all milestones of a project.
        """
        clauses = [self._clause]
        if scope.closed_since:
            clauses.append(open_or_changed_since(scope.closed_since))
        fields = ("summary", "description", "status", "assignee", "created", "resolutiondate", self._settings.due_field)
        jql = f"{in_project(project.key, *clauses)} ORDER BY key"
        memory = MEMORY if self._client.cloud else ""
        found = search(self._client, jql, fields, api=issue_api(self._client), issue_property=memory)
        records = [self._record(project, issue) for issue in found]
        return self._counted([record for record in records if _wanted(record, scope.closed_since)])

    def _record(self, project: Project, issue: Json) -> Record:
        fields = issue["fields"]
        closed = is_done(fields["status"])
        properties = issue.get("properties") or {}
        return Record(
            ref=Ref(ContainerRef(self._connector, project.key), issue["key"]),
            uid=str(issue["id"]),
            title=fields["summary"],
            url=issue_url(self._settings.url, issue["key"]),
            markup=Markup.LINE,
            description=description_text(fields.get("description")),
            due=day(fields.get(self._settings.due_field)),
            closed=closed,
            closed_at=moment(fields.get("resolutiondate")) if closed else None,
            created_at=moment(fields.get("created")),
            assignee=account(self._connector, fields.get("assignee")),
            carrier=Carrier.PROPERTY if self._client.cloud else Carrier.NOTES,
            memory=canonical(properties[MEMORY]) if MEMORY in properties else None,
            is_issue=True,
        )

    def _counted(self, records: Sequence[Record]) -> list[Record]:
        tally = {record.ref.id: Tally() for record in records}
        for key, child in self.children(list(tally), FIELDS):
            if mine := tally.get(key):
                mine.add(child["fields"])
        return [tally[record.ref.id].on(record) for record in records]

    def children(self, keys: Sequence[str], fields: Sequence[str] = ()) -> Iterator[tuple[str, Json]]:
        """Each child of the issues with these keys, after its parent's key; with `fields`. Raises TrackerError."""
        if not keys:
            return
        field, clause = self._parent_field()
        for start in range(0, len(keys), KEYS_A_SEARCH):
            jql = f"{any_of(clause, keys[start : start + KEYS_A_SEARCH])} ORDER BY key"
            for child in search(self._client, jql, (field, *fields)):
                parent = child["fields"].get(field) or {}
                yield (parent if isinstance(parent, str) else parent.get("key", "")), child

    def _parent_field(self) -> tuple[str, str]:
        """The field that names a child's milestone, and what JQL calls it."""
        if not self._client.cloud and self._settings.milestones == "epics":
            for field in self._client.get("field"):
                if field.get("schema", {}).get("custom") == EPIC_LINK:
                    return field["id"], f"cf[{field['schema']['customId']}]"
        return "parent", "parent"


def _wanted(record: Record, closed_since: date | None) -> bool:
    if not record.closed or closed_since is None:
        return True
    return record.closed_at is not None and record.closed_at.date() >= closed_since
