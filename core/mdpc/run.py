"""The two ends of the pipe: reading through the connectors, and applying a plan through them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby

from mdpc.connector import Connector, Problem, TrackerError
from mdpc.installed import connector_class, installed_rules
from mdpc.judge import Explanation, Policy, findings, verdicts
from mdpc.model import Change, ContainerRef, Level, Milestone, Outcome, Plan, Reading, Scope, Snapshot, Unread
from mdpc.plan import Request, decide, take_out
from mdpc.rules.base import Rule
from mdpc.settings import Settings


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
    with ThreadPoolExecutor(max_workers=len(connectors)) as pool:
        asked = [
            pool.submit(connector.preflight, _scope(name, settings, None)) for name, connector in connectors.items()
        ]
        return tuple(problem for answer in asked for problem in answer.result())


def read(settings: Settings, connectors: Mapping[str, Connector], closed_since: date | None) -> Snapshot:
    """What all connectors hold, read side by side. A connector that could not read anything is unread as a whole."""
    with ThreadPoolExecutor(max_workers=len(connectors)) as pool:
        readings = pool.map(
            lambda name: _reading(name, connectors[name], _scope(name, settings, closed_since)), connectors
        )
        return Snapshot(tuple(readings))


def _reading(name: str, connector: Connector, scope: Scope) -> Reading:
    try:
        return connector.read(scope)
    except TrackerError as error:
        return Reading(name, unread=(Unread(f"{name}:*", str(error)),))


def _scope(name: str, settings: Settings, closed_since: date | None) -> Scope:
    refs = (ContainerRef.parse(member.ref) for program in settings.programs for member in program.members)
    members = tuple(dict.fromkeys(ref.name for ref in refs if ref.connector == name))
    return Scope(members, closed_since, activity=_wants_activity(settings, installed_rules()))


def _wants_activity(settings: Settings, rules: Mapping[str, type[Rule]]) -> bool:
    values = [settings.rules, *(override.rules for override in settings.overrides)]
    named = [(name, table[name]) for table in values for name in table]
    return any(
        rules[name].needs_activity and rules[name].configure(value).level is not Level.OFF for name, value in named
    )


def sync(plan: Plan, connectors: Mapping[str, Connector], told: Callable[[Change], None]) -> Plan:
    """Apply a plan; the same plan comes back with an outcome for each change.

    Trackers are written to side by side, each of them serially. `told` hears of each change as soon as its outcome is
    known, from any thread but never from two at once. Changes of programs that `[limits]` refused are withheld.
    Interrupted (Ctrl-C), it lets the write under way finish, withholds the rest and says `truncated`.
    """
    started = time.monotonic()
    refused = {refusal.program: refusal.why for refusal in plan.refused}
    applying = _Applying(connectors, refused, told)
    by_connector = _grouped(plan.changes, lambda change: change.ref.container.connector)
    with ThreadPoolExecutor(max_workers=max(1, len(by_connector))) as pool:
        running = [pool.submit(applying.all_of, name, changes) for name, changes in by_connector]
        try:
            for each in running:
                each.result()
        except KeyboardInterrupt:
            applying.stop.set()
    not_reached = partial(replace, outcome="withheld", answer=_INTERRUPTED)
    changes = tuple(applying.done.get(change.id) or not_reached(change) for change in plan.changes)
    applied = replace(plan, changes=changes, stats=replace(plan.stats, truncated=applying.stop.is_set()))
    return _with_costs(applied, connectors, plan.stats.seconds + time.monotonic() - started)


_INTERRUPTED = "interrupted before this write"


class _Applying:
    """One application of a plan, shared by a thread per connector."""

    def __init__(
        self, connectors: Mapping[str, Connector], refused: Mapping[str, str], told: Callable[[Change], None]
    ) -> None:
        self.done: dict[str, Change] = {}
        self.stop = threading.Event()
        self._connectors = connectors
        self._refused = refused
        self._told = told
        self._lock = threading.Lock()

    def all_of(self, connector: str, changes: Sequence[Change]) -> None:
        """Apply one connector's changes, write by write."""
        for _, write in _grouped(changes, lambda change: change.write):
            for change, outcome in zip(write, self._write(connector, write), strict=True):
                with self._lock:
                    self.done[change.id] = replace(change, outcome=outcome.status, answer=outcome.answer)
                    self._told(self.done[change.id])

    def _write(self, connector: str, write: Sequence[Change]) -> Sequence[Outcome]:
        reason = _INTERRUPTED if self.stop.is_set() else self._refused.get(write[0].program)
        if reason:
            return [Outcome(change.id, "withheld", reason) for change in write]
        return self._connectors[connector].apply(write)


def _grouped(changes: Sequence[Change], key: Callable[[Change], str]) -> list[tuple[str, list[Change]]]:
    ordered = sorted(changes, key=key)
    return [(name, list(group)) for name, group in groupby(ordered, key=key)]


def _with_costs(plan: Plan, connectors: Mapping[str, Connector], seconds: float) -> Plan:
    requests = {name: connector.requests for name, connector in connectors.items()}
    return replace(plan, stats=replace(plan.stats, requests=requests, seconds=round(seconds, 3)))
