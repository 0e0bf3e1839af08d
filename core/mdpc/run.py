"""The two ends of the pipe: reading through the connectors, and applying a plan through them (`mdpc.applying`)."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial

from mdpc import allowance
from mdpc.applying import apply_plan
from mdpc.asking import issue_scopes
from mdpc.changes import Change, Plan
from mdpc.channel import Channel
from mdpc.connector import Connector, Problem, Rights, TrackerError, stumbled
from mdpc.coordination import IssueReading, IssueScope
from mdpc.digest_text import Edition
from mdpc.installed import channel_class, connector_class, installed_rules
from mdpc.judge import Explained, Policy
from mdpc.model import ContainerRef, Reading, Scope, Skipped, Unread
from mdpc.notebook import places
from mdpc.plan import NothingMatchesError, Request, decide, digested, explained, simulated, take_out
from mdpc.renewed import renewed
from mdpc.sending import Held, State
from mdpc.settings import Settings
from mdpc.sharding import Shares, narrowed, ours
from mdpc.side_by_side import side_by_side
from mdpc.simulation import Foreseen
from mdpc.snapshot import Snapshot
from mdpc.turns import Turn, in_turn, turns
from mdpc.uses import teams_of, uses_of


def connect(settings: Settings) -> dict[str, Connector]:
    """The configured connectors by name; no network is touched yet."""
    return {name: connector_class(table.type)(name, table) for name, table in settings.connectors.items()}


def reach(settings: Settings) -> dict[str, Channel]:
    """The configured channels by name; no network is touched yet."""
    return {name: channel_class(table.type)(name, table) for name, table in settings.channels.items()}


class NotReadError(Exception):
    """What `--only` or `explain` named was not found, and not all was read: `lost` says what, and why."""

    def __init__(self, only: Sequence[str], lost: Sequence[Unread | Skipped]) -> None:
        named = ", ".join(map(repr, only))
        super().__init__(f"{named} {'is not' if len(only) == 1 else 'are not all'} among what was read")
        self.lost = lost


def plan(settings: Settings, connectors: Mapping[str, Connector], request: Request) -> Plan:
    """Read everything and decide; writes nothing. Raises OverlapError, NotReadError and NothingMatchesError."""
    started = time.monotonic()
    settings, shares = narrowed(settings, request.shard)
    policy = Policy(settings, installed_rules())
    snapshot = _asked(settings, connectors, request, shares)
    with _or_not_read(snapshot, request):
        decided = decide(snapshot, policy, request)
    return _with_costs(_or_idle(decided, snapshot, settings, shares), connectors, time.monotonic() - started)


def renew(saved: Plan, settings: Settings, connectors: Mapping[str, Connector]) -> Plan:
    """A saved plan as far as it still stands, after reading everything again (`mdpc.renewed`). Raises OverlapError."""
    started = time.monotonic()
    request = Request(saved.command, saved.now, saved.only, shard=saved.shard)
    settings, shares = narrowed(settings, request.shard)
    snapshot = _asked(settings, connectors, request, shares)
    try:
        fresh = decide(snapshot, Policy(settings, installed_rules()), request)
    except NothingMatchesError:  # what it was narrowed to is gone or renamed
        fresh = Plan(saved.command, saved.now, unread=snapshot.unread, skipped=snapshot.skipped)
    again = _or_idle(renewed(saved, fresh, snapshot), snapshot, settings, shares)
    return _with_costs(again, connectors, time.monotonic() - started)


def _or_idle(plan: Plan, snapshot: Snapshot, settings: Settings, shares: Shares) -> Plan:
    """The plan of a shard; idle where all is other shards' business."""
    others = any(share.others.exact for share in shares.values())
    left = others or any(reading.elsewhere for reading in snapshot.readings)
    idle = bool(shares) and left and not settings.programs and not snapshot.unread
    return replace(plan, stats=replace(plan.stats, idle=idle))


def forget(settings: Settings, connectors: Mapping[str, Connector], request: Request) -> Plan:
    """The plan that takes mdpc's statuses out of every milestone, however long ago it was closed."""
    started = time.monotonic()
    snapshot = read(settings, connectors, None, request.first)
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


def explain(
    settings: Settings, connectors: Mapping[str, Connector], request: Request, what: str, at: date | None = None
) -> Explained:
    """What is known of the milestones with this key or with a record of this ref; `at` is a day to be previewed.

    Raises NotReadError and NothingMatchesError.
    """
    policy = Policy(settings, installed_rules())
    request = replace(request, only=(what,))
    snapshot = _asked(settings, connectors, request)
    with _or_not_read(snapshot, request):
        return explained(snapshot, policy, request, at)


def simulate(
    settings: Settings, connectors: Mapping[str, Connector], request: Request, last: date
) -> tuple[Snapshot, tuple[Foreseen, ...]]:
    """What was read, and who would hear what on which day; writes nothing.

    Raises OverlapError, NotReadError and NothingMatchesError.
    """
    policy = Policy(settings, installed_rules())
    snapshot = _asked(settings, connectors, request)
    with _or_not_read(snapshot, request):
        return snapshot, simulated(snapshot, policy, request, last)


def digest(
    settings: Settings, connectors: Mapping[str, Connector], request: Request
) -> tuple[Plan, tuple[Edition, ...]]:
    """The digests that are due, and the plan that sends them; writes nothing. Raises OverlapError."""
    started = time.monotonic()
    settings, shares = narrowed(settings, request.shard)
    snapshot = _asked(settings, connectors, request, shares)
    planned, editions = digested(snapshot, Policy(settings, installed_rules()), request)
    planned = _or_idle(planned, snapshot, settings, shares)
    return _with_costs(planned, connectors, time.monotonic() - started), editions


def preflight(
    settings: Settings, connectors: Mapping[str, Connector], channels: Mapping[str, Channel]
) -> tuple[Problem | Rights, ...]:
    """What is wrong, and worth knowing, of every connector's token, rights and containers, and of the channels.

    Whether there is a heartbeat, too. Writes and sends nothing.
    """
    asked: dict[str, Callable[[], Sequence[Problem | Rights]]] = {
        name: partial(each.preflight, _with_uses(_scope(name, settings, None), name, settings))
        for name, each in connectors.items()
    }
    said = side_by_side(asked | {f"channels.{name}": each.preflight for name, each in channels.items()})
    return (*(one for found in said.values() for one in found), _heartbeat(settings))


def _heartbeat(settings: Settings) -> Problem:
    """Whether anybody hears when no run comes any more; never the address, which whoever knows it can call."""
    where = "writeback.heartbeat_url"
    if settings.writeback.heartbeat_url:
        return Problem("info", where, "is set: it is called after each sync that did everything")
    return Problem("info", where, "is not set: nobody is told when mdpc no longer runs, or never gets done")


def _asked(
    settings: Settings, connectors: Mapping[str, Connector], request: Request, shares: Shares | None = None
) -> Snapshot:
    return read(settings, connectors, settings.closed_since(request.today), request.first, shares)


def read(
    settings: Settings,
    connectors: Mapping[str, Connector],
    closed_since: date | None,
    first: int | None = None,
    shares: Shares | None = None,
) -> Snapshot:
    """What all connectors hold, read side by side. A connector that could not read anything is unread as a whole.

    `first` is where a run that may end early begins (`mdpc.turns`), `shares` say what of each connector is to be read,
    where a run is divided.
    """
    scopes = {name: _scope(name, settings, closed_since, first) for name in connectors}
    scopes = {name: replace(scope, share=(shares or {}).get(name)) for name, scope in scopes.items()}
    with allowance.part(allowance.RECORDS):
        readings = side_by_side(
            {name: partial(_reading, name, each, scopes[name]) for name, each in connectors.items()}
        )
    with allowance.part(allowance.READING):
        return _with_issues(Snapshot(tuple(readings.values())), settings, connectors, closed_since, first)


def _with_issues(
    snapshot: Snapshot,
    settings: Settings,
    connectors: Mapping[str, Connector],
    closed_since: date | None,
    first: int | None,
) -> Snapshot:
    """The snapshot with the coordination issues that gates and memory ask for.

    What they tell may make more milestones live, whose issues are then asked for: once more, and no more.
    """
    turn = None if first is None else turns(settings.programs, first)
    for _ in range(2):
        scopes = issue_scopes(snapshot, settings, closed_since)
        if not scopes:
            break
        if turn is not None:
            scopes = {name: in_turn(scope, name, turn) for name, scope in scopes.items()}
        heard = side_by_side({name: partial(_issues, name, connectors[name], scope) for name, scope in scopes.items()})
        snapshot = replace(snapshot, issues=(*snapshot.issues, *heard.values()))
    return snapshot


def _issues(name: str, connector: Connector, scope: IssueScope) -> IssueReading:
    """What one connector read of issues; where it could not, their containers are unread."""
    try:
        return connector.read_issues(scope)
    except TrackerError as error:
        why = str(error)
    except Exception as error:
        why = stumbled(error)
    names = [
        *scope.homes,
        *(ref.container.name for ref in (*scope.known, *scope.own, *scope.contents, *scope.approvers)),
    ]
    return IssueReading(name, unread=tuple(Unread(f"{name}:{each}", why) for each in dict.fromkeys(names)))


def _reading(name: str, connector: Connector, scope: Scope) -> Reading:
    """What one connector read. Even a mistake in it must not cost what the others read."""
    try:
        return ours(connector.read(scope), scope.share)
    except TrackerError as error:
        why = str(error)
    except Exception as error:
        why = stumbled(error)
    return Reading(name, unread=(Unread(f"{name}:*", why),))


def _scope(name: str, settings: Settings, closed_since: date | None, first: int | None = None) -> Scope:
    named = [
        (ref.name, member.title)
        for program in settings.programs
        for member in program.members
        if (ref := ContainerRef.parse(member.ref)).connector == name
    ]
    members = tuple(dict.fromkeys(each for each, _ in named))
    whole = {each for each, title in named if title is None}
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
        partial=tuple(each for each in members if each not in whole),
        turn=None if first is None else _turn(name, settings, first),
    )


def _with_uses(scope: Scope, name: str, settings: Settings) -> Scope:
    """The scope with what is needed to compare rights with the configuration."""
    return replace(
        scope, uses=lambda container: uses_of(settings, ContainerRef(name, container)), teams=teams_of(settings)
    )


def _turn(name: str, settings: Settings, first: int) -> Callable[[str], Turn]:
    of_container = turns(settings.programs, first)
    return lambda container: of_container(f"{name}:{container}")


def sync(
    plan: Plan,
    connectors: Mapping[str, Connector],
    told: Callable[[Change], None],
    channels: Mapping[str, Channel] | None = None,
) -> Plan:
    """Apply a plan; the same plan comes back with an outcome for each change and message (`mdpc.applying`).

    The messages of a shard wait for the last job.
    """
    started = time.monotonic()
    applied = apply_plan(plan, connectors, channels or {}, told)
    return _with_costs(applied, connectors, plan.stats.seconds + time.monotonic() - started)


def ledgers_now(held: Mapping[str, Held], connectors: Mapping[str, Connector]) -> dict[str, State]:
    """How ledgers stand now, by the same names: a look at each, and one more where it is not as its shard left it."""
    by_connector: dict[str, list[Held]] = defaultdict(list)
    for each in held.values():
        by_connector[each.ref.container.connector].append(each)
    found = side_by_side({name: partial(_states, connectors.get(name), each) for name, each in by_connector.items()})
    return {name: state for states in found.values() for name, state in states.items()}


def _states(connector: Connector | None, held: Sequence[Held]) -> dict[str, State]:
    return {each.name: _state(connector, each) if connector else "unknown" for each in held}


def _state(connector: Connector, held: Held) -> State:
    """What a write that changes nothing says of a ledger: it is a look."""
    texts: Mapping[State, str] = {"as-left": held.text, "settled": held.settled}
    for state, text in texts.items():
        try:
            (outcome,) = connector.apply([replace(held.edit(text), before=text)])
        except Exception:
            return "unknown"
        if outcome.status != "stale":
            return state if outcome.status == "already" else "unknown"
    return "changed"


def _with_costs(plan: Plan, connectors: Mapping[str, Connector], seconds: float) -> Plan:
    requests = {name: connector.requests for name, connector in connectors.items()}
    stopped = allowance.reached()
    truncated = plan.stats.truncated or bool(stopped)
    stats = replace(plan.stats, requests=requests, seconds=round(seconds, 3), truncated=truncated, stopped=stopped)
    return replace(plan, stats=stats)
