"""What gates ask of records and groups besides their issue: which issues they have, who approves, who is in a team."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mdpc.connector import TrackerError
from mdpc.coordination import Approver, Delivered
from mdpc.model import Account, Ref
from mdpc_jira.client import JiraClient
from mdpc_jira.issues import Issues, issue_url
from mdpc_jira.jql import any_of, in_project
from mdpc_jira.search import incomplete, search
from mdpc_jira.settings import JiraSettings
from mdpc_jira.values import account, is_done, moment
from mdpc_jira.versions import IDS_A_SEARCH, version_pages

Json = dict[str, Any]

DELIVERED = ("summary", "status", "assignee", "resolutiondate")
"""The fields of a done issue that are told."""

MEMBERS_A_PAGE = 50
"""What Cloud gives at most of a group."""


class Contents:
    """Reads what belongs to records and groups. `connector` is the connector's name. Methods raise TrackerError."""

    def __init__(self, client: JiraClient, connector: str, settings: JiraSettings) -> None:
        self._client = client
        self._connector = connector
        self._settings = settings

    def issues(self, key: str, refs: Sequence[Ref]) -> Mapping[Ref, frozenset[str]]:
        """The keys of the issues of each record of one project: of a version, or an issue's children."""
        found: dict[str, set[str]] = {ref.id: set() for ref in refs}
        for record, issue in self._whole(key, list(found)):
            if record in found:
                found[record].add(str(issue["key"]))
        return {ref: frozenset(found[ref.id]) for ref in refs}

    def delivered(self, key: str, refs: Sequence[Ref]) -> Mapping[Ref, tuple[Delivered, ...]]:
        """The done issues of each record of one project; Jira tells whom an issue is assigned to, not who closed it."""
        by_id = {ref.id: ref for ref in refs}
        found: dict[Ref, list[Delivered]] = {ref: [] for ref in refs}
        for record, issue in self._whole(key, list(by_id), DELIVERED):
            if record in by_id and is_done(issue["fields"]["status"]):
                found[by_id[record]].append(self._delivered(by_id[record], issue))
        return {ref: tuple(issues) for ref, issues in found.items()}

    def _delivered(self, record: Ref, issue: Json) -> Delivered:
        fields, key = issue["fields"], str(issue["key"])
        return Delivered(
            record,
            key,
            fields.get("summary") or "",
            issue_url(self._settings.url, key),
            account(self._connector, fields.get("assignee")),
            moment(fields.get("resolutiondate")),
        )

    def _whole(self, key: str, ids: Sequence[str], fields: Sequence[str] = ()) -> Iterator[tuple[str, Json]]:
        """Each issue of the records with these ids, after the record's id."""
        if self._settings.milestones != "versions":
            yield from Issues(self._client, self._connector, self._settings).children(ids, fields)
            return
        for start in range(0, len(ids), IDS_A_SEARCH):
            jql = in_project(key, any_of("fixVersion", ids[start : start + IDS_A_SEARCH]))
            for issue in search(self._client, f"{jql} ORDER BY key", ("fixVersions", *fields)):
                for version in issue["fields"].get("fixVersions", ()):
                    yield str(version["id"]), issue

    def approvers(self, key: str, refs: Sequence[Ref]) -> Mapping[Ref, tuple[Approver, ...]]:
        """Each record's own approvers: those of a version on Cloud; there are no others."""
        found: dict[str, tuple[Approver, ...]] = {}
        if self._settings.milestones == "versions" and self._client.cloud:
            for page in version_pages(self._client.get, key, "approvers"):
                found |= {str(raw["id"]): self._answers(raw) for raw in page["values"]}
        return {ref: found.get(ref.id, ()) for ref in refs}

    def _answers(self, version: Json) -> tuple[Approver, ...]:
        return tuple(
            Approver(
                Account(self._connector, str(raw["accountId"])),
                str(raw["status"]).lower(),
                str(raw.get("declineReason") or raw.get("description") or ""),
            )
            for raw in version.get("approvers") or ()
        )

    def members(self, group: str) -> tuple[Account, ...]:
        """Who is in a group, without those who cannot log in any more."""
        start = 0
        found: dict[str, Account] = {}
        while True:
            page = self._client.get(
                "group/member", {"groupname": group, "startAt": start, "maxResults": MEMBERS_A_PAGE}
            )
            known = [account(self._connector, raw) for raw in page["values"]]
            found |= {member.login: member for member in known if member}
            start += len(page["values"])
            if page.get("isLast", start >= page.get("total", 0)):
                return tuple(found.values())
            if not page["values"]:
                raise incomplete("Jira gave fewer members than it announced")


def unreadable(group: str, error: TrackerError) -> str:
    """Why nobody knows who is in a group, and what to do."""
    if error.status not in (401, 403, 404):
        return error.sentence()
    why = "there is none, or it is not shown" if error.status == 404 else "this account may not read it"
    return (
        f"Who is in Jira's group {group} is not known: {why} ({error.status}). "
        f"Give the account Browse users and groups (on Data Center, Jira Administrators), or list them in [teams]."
    )
