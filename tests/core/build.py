"""Short ways to write down records, settings and snapshots in tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from mdpc.changes import Plan
from mdpc.connector import ConnectorSettings
from mdpc.installed import installed_rules
from mdpc.judge import Policy
from mdpc.model import Carrier, Container, ContainerRef, Markup, Milestone, Reading, Record, Ref, Unread
from mdpc.plan import Request, decide
from mdpc.settings import Settings
from mdpc.snapshot import Snapshot


class Caseless(ConnectorSettings):
    """The settings of a tracker that takes no notice of the case of logins, as GitHub does."""

    logins_have_case: ClassVar[bool] = False


NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


def record(ref: str, title: str = "v1.0", **facts: Any) -> Record:
    """A record; `due` may be an ISO date. What is not said is empty; on `jira:` it is a version."""
    where = Ref.parse(ref)
    if isinstance(facts.get("due"), str):
        facts["due"] = date.fromisoformat(facts["due"])
    facts.setdefault("uid", f"uid-{ref}")
    facts.setdefault("url", f"https://tracker.example/{where.container.name}/{where.id}")
    jira = where.container.connector == "jira"
    facts.setdefault("markup", Markup.LINE if jira else Markup.BLOCK)
    facts.setdefault("carrier", Carrier.NOTES if jira else Carrier.BLOCK)
    facts.setdefault("starts", jira)
    return Record(ref=where, title=title, **facts)


def settings(**tables: Any) -> Settings:
    """Settings with a `github` and a `jira` connector; keywords are the other tables."""
    access = tables.pop("access", {})
    kinds = {"github": Caseless, "jira": ConnectorSettings}
    connectors = {name: kind(type=name, access=access.get(name, "write")) for name, kind in kinds.items()}
    return Settings.model_validate({"connectors": connectors, **tables})


def snapshot(records: Iterable[Record], *, public: Iterable[str] = (), unread: Iterable[Unread] = ()) -> Snapshot:
    """A snapshot of these records; the containers named in `public` are, the others are private."""
    records = tuple(records)
    refs = dict.fromkeys(each.ref.container for each in records)
    containers = tuple(
        Container(ref, f"uid-{ref}", f"https://tracker.example/{ref.name}", str(ref) in public) for ref in refs
    )
    readings = [
        Reading(
            name,
            containers=tuple(each for each in containers if each.ref.connector == name),
            records=tuple(each for each in records if each.ref.container.connector == name),
            unread=tuple(each for each in unread if each.container.startswith(f"{name}:")),
        )
        for name in ("github", "jira")
    ]
    return Snapshot(tuple(readings))


def plan(
    *records: Record,
    public: Iterable[str] = (),
    unread: Iterable[Unread] = (),
    now: datetime = NOW,
    only: tuple[str, ...] = (),
    **tables: Any,
) -> Plan:
    """The plan for these records under these settings."""
    policy = Policy(settings(**tables), installed_rules())
    return decide(snapshot(records, public=public, unread=unread), policy, Request("plan", now, only))


def milestone(*records: Record, **tables: Any) -> Milestone:
    """The only milestone that these records make."""
    (found,) = plan(*records, **tables).milestones
    return found


def container(text: str) -> ContainerRef:
    """The address written as text."""
    return ContainerRef.parse(text)


def alone(tables: dict[str, Any]) -> dict[str, Any]:
    """The same tables without coordination issues: a test that is about records alone counts what is written there."""
    return {**tables, "writeback": {"issue": "never", **tables.get("writeback", {})}}
