"""GitHub's answers as mdpc's nouns. Pure.

Due dates: GitHub stores midnight US-Pacific of the day that people chose (07:00Z or 08:00Z), so the day is the UTC
date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from mdpc.model import Carrier, ContainerRef, Markup, Nature, Record, Ref
from mdpc_github.selection import Repository

CREATED = Nature(Markup.BLOCK, Carrier.BLOCK)
"""What a milestone is: its description holds a block, memory in it; there is no start date."""

_ROLES = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}
"""The viewer's role by REST's words, the highest first."""


@dataclass(frozen=True, slots=True)
class Counts:
    """A milestone's issues (never pull requests) and when one of them last changed."""

    open: int = 0
    closed: int = 0
    last_activity: datetime | None = None

    def plus(self, issue: Mapping[str, Any]) -> Counts:
        """With one issue of the REST API more."""
        changed = moment(issue.get("updated_at"))
        is_open = issue["state"] == "open"
        return Counts(self.open + is_open, self.closed + (not is_open), _later(self.last_activity, changed))


def moment(text: str | None) -> datetime | None:
    """An aware moment out of GitHub's ISO 8601."""
    return datetime.fromisoformat(text) if text else None


def day(text: str | None) -> date | None:
    """The calendar day of a due date."""
    when = moment(text)
    return when.astimezone(UTC).date() if when else None


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [m for m in (one, other) if m is not None]
    return max(known) if known else None


def graphql_repository(node: Mapping[str, Any]) -> Repository:
    """From GraphQL's `Repository`."""
    topics = (node.get("repositoryTopics") or {}).get("nodes") or []
    return Repository(
        name=node["nameWithOwner"],
        uid=node["id"],
        url=node["url"],
        public=node["visibility"] == "PUBLIC",
        archived=node["isArchived"],
        has_issues=node["hasIssuesEnabled"],
        topics=frozenset(topic["topic"]["name"].lower() for topic in topics if topic),
        role=(node.get("viewerPermission") or "").lower(),
    )


def rest_repository(data: Mapping[str, Any]) -> Repository:
    """From the REST API's repository."""
    permissions = data.get("permissions") or {}
    return Repository(
        name=data["full_name"],
        uid=data["node_id"],
        url=data["html_url"],
        public=data.get("visibility", "private" if data["private"] else "public") == "public",
        archived=bool(data.get("archived")),
        has_issues=bool(data.get("has_issues", True)),
        topics=frozenset(topic.lower() for topic in data.get("topics") or ()),
        role=next((role for word, role in _ROLES.items() if permissions.get(word)), ""),
    )


def graphql_record(container: ContainerRef, node: Mapping[str, Any]) -> Record:
    """From GraphQL's `Milestone`."""
    issues = {state: node[state] for state in ("open", "closed")}
    changed = [moment(i["updatedAt"]) for counted in issues.values() for i in counted["nodes"] or () if i]
    return Record(
        ref=Ref(container, str(node["number"])),
        uid=node["id"],
        title=node["title"],
        url=node["url"],
        markup=CREATED.markup,
        carrier=CREATED.carrier,
        description=node["description"],
        due=day(node["dueOn"]),
        closed=node["state"] == "CLOSED",
        closed_at=moment(node["closedAt"]),
        open_issues=issues["open"]["totalCount"],
        closed_issues=issues["closed"]["totalCount"],
        last_activity=max((m for m in changed if m), default=None),
        created_at=moment(node["createdAt"]),
    )


def rest_record(container: ContainerRef, data: Mapping[str, Any], counts: Counts) -> Record:
    """From the REST API's milestone and its counted issues."""
    return Record(
        ref=Ref(container, str(data["number"])),
        uid=data["node_id"],
        title=data["title"],
        url=data["html_url"],
        markup=CREATED.markup,
        carrier=CREATED.carrier,
        description=data["description"],
        due=day(data["due_on"]),
        closed=data["state"] == "closed",
        closed_at=moment(data.get("closed_at")),
        open_issues=counts.open,
        closed_issues=counts.closed,
        last_activity=counts.last_activity,
        created_at=moment(data["created_at"]),
    )


def within(record: Record, closed_since: date | None) -> bool:
    """Whether a record is wanted: open ones always, closed ones if closed on that day (UTC) or later."""
    if not record.closed or closed_since is None or record.closed_at is None:
        return True
    return record.closed_at.astimezone(UTC).date() >= closed_since
