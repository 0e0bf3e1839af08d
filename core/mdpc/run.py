"""The two ends of the pipe: reading through the connectors, and applying a plan through them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby
from typing import TypeVar

from mdpc.connector import Connector, Problem, TrackerError
from mdpc.installed import connector_class, installed_rules
from mdpc.judge import Explained, Explanation, Policy, findings, verdicts
from mdpc.model import Change, ContainerRef, Milestone, Outcome, Plan, Reading, Scope, Skipped, Snapshot, Unread
from mdpc.plan import NothingMatchesError, Request, decide, take_out
from mdpc.settings import Settings

Result = TypeVar("Result")


def connect(settings: Settings) -> dict[str, Connector]:
    """The configured connectors by name; no network is touched yet."""
    return {name: connector_class(table.type)(name, table) for name, table in settings.connectors.items()}


class NotReadError(Exception):
    """What `--only` or `explain` named was not found, and not all was read: `lost` says what, and why."""

    def __init__(self, only: Sequence[str], lost: Sequence[Unread | Skipped]) -> None:
        named = ", ".join(map(repr, only))
        super().__init__(f"{named} {'is not' if len(only) == 1 else 'are not all'} among what was read")
        self.lost = lost


def plan(settings: Settings, connectors: Mapping[str, Connector], request: Request) -> Plan:
    """Read everything and decide; writes nothing. Raises OverlapError, NotReadError and NothingMatchesError."""
    started = time.monotonic()
    policy = Policy(settings, installed_rules())
    snapshot = read(settings, connectors, settings.closed_since(request.today))
    with _or_not_read(snapshot, request):
        decided = decide(snapshot, policy, request)
    return _with_costs(decided, connectors, time.monotonic() - started)


def forget(settings: Settings, connectors: Mapping[str, Connector], request: Request) -> Plan:
    """The plan that takes mdpc's statuses out of every milestone, however long ago it was closed."""
    started = time.monotonic()
    snapshot = read(settings, connectors, None)
    with _or_not_read(snapshot, request):
        decided = take_out(snapshot, settings, request)
    return _with_costs(decided, connectors, time.monotonic() - started)


@contextmanager
def _or_not_read(snapshot: Snapshot, request: Request) -> Iterator[None]:
    """Raise NotReadError where what the request names was not found, but may be in what could not be read."""
    try:
        yield
    except NothingMatchesError:
        lost: Sequence[Unread | Skipped] = snapshot.unread or (() if snapshot.containers else snapshot.skipped)
        if not lost:
            raise
        raise NotReadError(request.only, lost) from None


def explain(settings: Settings, connectors: Mapping[str, Connector], request: Request, what: str) -> Explained:
    """What is known of the milestones with this key or with a record of this ref.

    Raises NotReadError and NothingMatchesError.
    """
    policy = Policy(settings, installed_rules())
    request = replace(request, only=(what,))
    snapshot = read(settings, connectors, settings.closed_since(request.today))
    with _or_not_read(snapshot, request):
        decided = decide(snapshot, policy, request)
    return Explained(decided, tuple(_explanation(milestone, policy, decided) for milestone in decided.milestones))


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
    return Scope(members, closed_since, activity=Policy(settings, installed_rules()).wants_activity)


def sync(plan: Plan, connectors: Mapping[str, Connector], told: Callable[[Change], None]) -> Plan:
    """Apply a plan; the same plan comes back with an outcome for each change.

    Trackers are written to side by side, each of them serially. `told` hears of each change as soon as its outcome is
    known, from any thread but never from two at once. Changes of programs that `[limits]` refused are withheld.
    Interrupted (Ctrl-C), it lets the write under way finish, withholds the rest and says `truncated`; interrupted
    again, it does not wait for that write, whose outcome is then `unknown`.
    """
    started = time.monotonic()
    refused = {refusal.program: refusal.why for refusal in plan.refused}
    applying = _Applying(connectors, refused, told)
    by_connector = _grouped(plan.changes, lambda change: change.ref.container.connector)
    jobs = {name: partial(applying.all_of, name, changes) for name, changes in by_connector}
    try:
        side_by_side(jobs, interrupted=applying.stop.set)
    except KeyboardInterrupt:
        applying.stop.set()
    changes = tuple(map(applying.outcome_of, plan.changes))
    applied = replace(plan, changes=changes, stats=replace(plan.stats, truncated=applying.stop.is_set()))
    return _with_costs(applied, connectors, plan.stats.seconds + time.monotonic() - started)


_INTERRUPTED = "interrupted before this write"
_LEFT_ALONE = "interrupted while it was written. Run it again: what is there already is not written twice"


class _Applying:
    """One application of a plan, shared by a thread per connector."""

    def __init__(
        self, connectors: Mapping[str, Connector], refused: Mapping[str, str], told: Callable[[Change], None]
    ) -> None:
        self.done: dict[str, Change] = {}
        self._begun: set[str] = set()
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

    def outcome_of(self, change: Change) -> Change:
        """The change with what became of it."""
        if change.id in self.done:
            return self.done[change.id]
        if change.id in self._begun:
            return replace(change, outcome="unknown", answer=_LEFT_ALONE)
        return replace(change, outcome="withheld", answer=_INTERRUPTED)

    def _write(self, connector: str, write: Sequence[Change]) -> Sequence[Outcome]:
        reason = _INTERRUPTED if self.stop.is_set() else self._refused.get(write[0].program)
        if reason:
            return [Outcome(change.id, "withheld", reason) for change in write]
        self._begun.update(change.id for change in write)
        try:
            return self._connectors[connector].apply(write)
        except Exception as error:
            answer = f"the connector stumbled ({type(error).__name__}). This is a mistake in it: please report it"
            return [Outcome(change.id, "unknown", answer) for change in write]


def side_by_side(
    jobs: Mapping[str, Callable[[], Result]], *, interrupted: Callable[[], None] | None = None
) -> dict[str, Result]:
    """Run jobs at the same time, a thread for each; their results by the same names.

    The first error of a job is raised once all have ended. Ctrl-C is raised at once and leaves the threads behind: they
    end with the process. With `interrupted`, the first Ctrl-C calls it and goes on waiting for the jobs begun.
    """
    results: dict[str, Result] = {}
    errors: list[BaseException] = []
    ended = {name: threading.Event() for name in jobs}

    def run(name: str) -> None:
        try:
            results[name] = jobs[name]()
        except BaseException as error:
            errors.append(error)  # it is raised in the thread that waits
        finally:
            ended[name].set()

    begun: list[str] = []
    try:
        for name in jobs:
            begun.append(name)
            threading.Thread(target=run, args=(name,), daemon=True).start()
        _wait_for(ended.values())
    except KeyboardInterrupt:
        if interrupted is None:
            raise
        interrupted()
        _wait_for(ended[name] for name in begun)
    if errors:
        raise errors[0]
    return {name: results[name] for name in jobs if name in results}


def _wait_for(ends: Iterable[threading.Event]) -> None:
    """Not by `Thread.join`, which Python 3.11 takes for done once Ctrl-C interrupted it."""
    for end in ends:
        end.wait()


def _grouped(changes: Sequence[Change], key: Callable[[Change], str]) -> list[tuple[str, list[Change]]]:
    ordered = sorted(changes, key=key)
    return [(name, list(group)) for name, group in groupby(ordered, key=key)]


def _with_costs(plan: Plan, connectors: Mapping[str, Connector], seconds: float) -> Plan:
    requests = {name: connector.requests for name, connector in connectors.items()}
    return replace(plan, stats=replace(plan.stats, requests=requests, seconds=round(seconds, 3)))
