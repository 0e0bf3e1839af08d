"""The two ends of the pipe: reading through the connectors, and applying a plan through them (`mdpc.applying`)."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

from mdpc.applying import apply_plan
from mdpc.connector import Connector, Problem, TrackerError
from mdpc.installed import connector_class, installed_rules
from mdpc.judge import Explanation, Policy, findings, verdicts
from mdpc.model import Change, ContainerRef, Milestone, Plan, Reading, Scope, Snapshot, Unread
from mdpc.notebook import places
from mdpc.plan import Request, decide, take_out
from mdpc.settings import Settings
from mdpc.side_by_side import side_by_side


def connect(settings: Settings) -> dict[str, Connector]:
    """The configured connectors by name; no network is touched yet."""
    return {name: connector_class(table.type)(name, table) for name, table in settings.connectors.items()}


def plan(settings: Settings, connectors: Mapping[str, Connector], request: Request) -> Plan:
    """Read everything and decide; writes nothing. Raises OverlapError and NothingMatchesError, before any write."""
    started = time.monotonic()
    policy = Policy(settings, installed_rules())
    snapshot = read(settings, connectors, settings.closed_since(request.today))
    return _with_costs(decide(snapshot, policy, request), connectors, time.monotonic() - started)


def forget(settings: Settings, connectors: Mapping[str, Connector], request: Request) -> Plan:
    """The plan that takes mdpc's statuses out of every milestone, however long ago it was closed."""
    started = time.monotonic()
    snapshot = read(settings, connectors, None)
    return _with_costs(take_out(snapshot, settings, request), connectors, time.monotonic() - started)


def explain(
    settings: Settings, connectors: Mapping[str, Connector], request: Request, what: str
) -> tuple[Explanation, ...]:
    """What is known of the milestones with this key or with a record of this ref. Raises NothingMatchesError."""
    policy = Policy(settings, installed_rules())
    snapshot = read(settings, connectors, settings.closed_since(request.today))
    decided = decide(snapshot, policy, replace(request, only=(what,)))
    return tuple(_explanation(milestone, policy, decided) for milestone in decided.milestones)


def _explanation(milestone: Milestone, policy: Policy, decided: Plan) -> Explanation:
    said = verdicts(milestone, policy, decided.now.date())
    refs = {record.ref for record in milestone.records}
    changes = tuple(change for change in decided.changes if change.ref in refs)
    return Explanation(milestone, said, findings(milestone, said), changes)


def preflight(settings: Settings, connectors: Mapping[str, Connector]) -> tuple[Problem, ...]:
    """What is wrong, and worth knowing, of every connector's token, rights and containers; writes nothing."""
    said = side_by_side(
        {name: partial(each.preflight, _scope(name, settings, None)) for name, each in connectors.items()}
    )
    return tuple(problem for problems in said.values() for problem in problems)


def read(settings: Settings, connectors: Mapping[str, Connector], closed_since: date | None) -> Snapshot:
    """What all connectors hold, read side by side. A connector that could not read anything is unread as a whole."""
    readings = side_by_side(
        {name: partial(_reading, name, each, _scope(name, settings, closed_since)) for name, each in connectors.items()}
    )
    return Snapshot(tuple(readings.values()))


def _reading(name: str, connector: Connector, scope: Scope) -> Reading:
    """What one connector read. Even a mistake in it must not cost what the others read."""
    try:
        return connector.read(scope)
    except TrackerError as error:
        why = str(error)
    except Exception as error:
        why = f"the connector stumbled ({type(error).__name__}). This is a mistake in it: please report it"
    return Reading(name, unread=(Unread(f"{name}:*", why),))


def _scope(name: str, settings: Settings, closed_since: date | None) -> Scope:
    refs = (ContainerRef.parse(member.ref) for program in settings.programs for member in program.members)
    members = tuple(dict.fromkeys(ref.name for ref in refs if ref.connector == name))
    notes: dict[str, list[str]] = defaultdict(list)
    for program in settings.programs:
        for place in places(program, [name]):
            notes[place.name].append(program.name)
    return Scope(
        members,
        closed_since,
        activity=Policy(settings, installed_rules()).wants_activity,
        notes={container: tuple(programs) for container, programs in notes.items()},
        own_notes=True,
    )


def sync(plan: Plan, connectors: Mapping[str, Connector], told: Callable[[Change], None]) -> Plan:
    """Apply a plan; the same plan comes back with an outcome for each change (`mdpc.applying`)."""
    started = time.monotonic()
    applied = apply_plan(plan, connectors, told)
    return _with_costs(applied, connectors, plan.stats.seconds + time.monotonic() - started)


def _with_costs(plan: Plan, connectors: Mapping[str, Connector], seconds: float) -> Plan:
    requests = {name: connector.requests for name, connector in connectors.items()}
    return replace(plan, stats=replace(plan.stats, requests=requests, seconds=round(seconds, 3)))
