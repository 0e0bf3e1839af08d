"""The plan: everything mdpc would do now, as a pure function of what was read, the settings and the moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mdpc import dashboards
from mdpc.assemble import Assembly, assemble
from mdpc.bereft import bereft
from mdpc.changes import Change, Plan, ProgramBook, Stats, Withheld
from mdpc.coordinating import coordinated
from mdpc.decide import Decided, Decider, all_changes, all_notes_out, notes_out, read_only, withheld_by_connector
from mdpc.digest_text import Edition
from mdpc.digesting import issued
from mdpc.health import worst_first
from mdpc.hearing import Hearing, heard
from mdpc.issue_order import with_issues
from mdpc.join import containers_of
from mdpc.judge import Company, Explained, Explanation, Policy, findings, verdicts
from mdpc.limits import Within, refusals, within_comments
from mdpc.matching import named
from mdpc.messages import Message
from mdpc.model import Finding, Milestone, Ref
from mdpc.preview import Preview, preview
from mdpc.program_ledger import program_print, with_note
from mdpc.quieting import Quiet, after_notes, notes, quiet, withheld
from mdpc.renaming import called_now
from mdpc.render import Surroundings
from mdpc.rules.base import Siblings
from mdpc.settings import Settings
from mdpc.shard import Shard
from mdpc.simulation import Foreseen, simulation, start_of
from mdpc.snapshot import Snapshot
from mdpc.writeback import out_of

YEAR = timedelta(days=366)


class NothingMatchesError(ValueError):
    """`--only` or `explain` named something that was not read."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is asked: for which command, at which moment, for which milestones, with how many adoptions.

    `now` is in the configured zone, so that its date is today. `only` are keys, refs and programs (globs), none for
    everything. `adopt` overrides `[limits] adopt` for one run. `baseline` are the ids of findings that do not count.
    With `if_there` it is no mistake that nothing is called so. `first` is where a run that may end early begins to read
    (`mdpc.turns`). Of a run that is divided it is one `shard`.
    """

    command: str
    now: datetime
    only: tuple[str, ...] = ()
    adopt: int | None = None
    baseline: frozenset[str] = frozenset()
    if_there: bool = False
    first: int | None = None
    shard: Shard | None = None

    @property
    def today(self) -> date:
        """The calendar day of `now`."""
        return self.now.date()


def decide(snapshot: Snapshot, policy: Policy, request: Request) -> Plan:
    """Judge everything that was read and plan what to write. Raises OverlapError and NothingMatchesError."""
    return _planned(_decided(snapshot, policy, request))


def explained(snapshot: Snapshot, policy: Policy, request: Request, at: date | None = None) -> Explained:
    """The same, with what each rule says of each milestone, and what would be said of it on the day `at`.

    Raises OverlapError and NothingMatchesError.
    """
    run = _decided(snapshot, policy, request)
    planned = _planned(run)
    settings = run.policy.settings
    tells = settings.escalation.steps or settings.celebrate is not None
    foreseen = _simulated(run, max(request.today, at or request.today) + YEAR) if tells else ()
    told = tuple(_explanation(each, run, planned, foreseen) for each in planned.milestones)
    previews = {each.milestone.key: _preview(each, run, foreseen, at) for each in run.decided} if at else {}
    return Explained(planned, tuple(replace(each, preview=previews.get(each.milestone.key)) for each in told))


def _preview(each: Decided, run: _Run, foreseen: Sequence[Foreseen], day: date) -> Preview:
    own = [notice for notice in foreseen if notice.notice.milestone == each.milestone.key]
    place = None
    if each.task is not None:
        place = run.decider.cast(run.assembly.joined[each.milestone.key], each.task.future).home
    return preview(each, own, run.snapshot.containers.get(place) if place else None, run.decider.around, day)


def simulated(snapshot: Snapshot, policy: Policy, request: Request, last: date) -> tuple[Foreseen, ...]:
    """Who would hear what from the day of `request` to `last`, if nothing else happened meanwhile.

    Raises OverlapError and NothingMatchesError.
    """
    return _simulated(_decided(snapshot, policy, request), last)


def digested(snapshot: Snapshot, policy: Policy, request: Request) -> tuple[Plan, tuple[Edition, ...]]:
    """The digests that are due, and the plan that sends them and does nothing else. Raises OverlapError."""
    run = _decided(snapshot, policy, request)
    settings = run.policy.settings
    wanted = dashboards.desks(run.decided, run.decider, now=True) if settings.writeback.dashboard else ()
    said = issued(wanted, run.assembly.programs, settings, request.today)
    kept = within_comments(said.changes, said.messages, settings.limits)
    planned = Plan(
        command=request.command,
        now=request.now,
        milestones=tuple(sorted((each.milestone for each in run.decided), key=worst_first)),
        changes=kept.changes,
        messages=kept.messages,
        withheld=(*said.withheld, *kept.later),
        unread=run.decider.unread,
        skipped=snapshot.skipped,
        stats=replace(_counts(snapshot), truncated=bool(kept.later)),
        shard=request.shard,
    )
    return planned, said.editions


@dataclass(frozen=True, slots=True)
class _Run:
    """Everything that was decided, once; plans, explanations and simulations tell of it. `decided` are worst first.

    `quiet` is what the noise budget made of it, `put_off` the notices that earlier runs left to a digest.
    """

    snapshot: Snapshot
    policy: Policy
    request: Request
    assembly: Assembly
    decider: Decider
    decided: tuple[Decided, ...]
    companies: Mapping[str, Company]
    quiet: Quiet
    put_off: frozenset[str]


def _decided(snapshot: Snapshot, policy: Policy, request: Request) -> _Run:
    policy = _called_now(policy, snapshot)
    hearing = heard(snapshot)
    if policy.settings.writeback.issue == "never":  # read for the dashboards alone
        hearing = Hearing(dashboards=hearing.dashboards)
    assembly = assemble(snapshot, policy.settings, request.today, hearing)
    chosen = _chosen(assembly, request.only, snapshot, if_there=request.if_there)
    around = Surroundings(snapshot.containers, assembly.programs, policy.settings, request.today)
    decider = Decider(snapshot, assembly, around, hearing)
    put_off = decider.put_off
    within = quiet([decider.decided(each) for each in chosen], chosen, decider, narrowed=bool(request.only))
    companies = _companies(assembly, snapshot, policy.settings)
    return _Run(snapshot, policy, request, assembly, decider, within.decided, companies, within, put_off)


def _simulated(run: _Run, last: date) -> tuple[Foreseen, ...]:
    starts = []
    for each in run.decided:
        if each.gated is not None and each.task is not None and not each.left_alone:
            future = each.task.future
            cast = run.decider.cast(run.assembly.joined[each.milestone.key], future)
            if run.decider.around.told_at(future, cast.home):  # else nothing is ever said of it there
                starts.append(start_of(each.gated, run.decider.told_there(future, cast), cast, run.put_off))
    most = run.policy.settings.escalation.per_person_per_week
    return simulation(starts, run.request.today, last, run.quiet.spent, most)


def _called_now(policy: Policy, snapshot: Snapshot) -> Policy:
    return replace(policy, settings=called_now(policy.settings, snapshot.renamed))


def _explanation(milestone: Milestone, run: _Run, planned: Plan, foreseen: Sequence[Foreseen]) -> Explanation:
    said = verdicts(milestone, run.policy, run.request.today, run.companies[milestone.program])
    refs = {record.ref for record in milestone.records}
    changes = tuple(
        change
        for change in planned.changes
        if change.ref in refs or (change.kind in ("issue", "comment") and change.milestone == milestone.key)
    )
    last = run.request.today + YEAR
    own = tuple(each for each in foreseen if each.notice.milestone == milestone.key and each.day <= last)
    return Explanation(milestone, said, findings(milestone, said), changes, own)


def _companies(assembly: Assembly, snapshot: Snapshot, settings: Settings) -> dict[str, Company]:
    """What stands around the milestones of each program, by the program's name: found once for all of them."""
    siblings: dict[str, list[Milestone]] = defaultdict(list)
    for milestone in assembly.milestones:
        siblings[milestone.program].append(milestone)
    containers = containers_of(snapshot, settings)
    return {
        name: Company(containers.get(name, ()), Siblings(tuple(milestones))) for name, milestones in siblings.items()
    }


def _planned(run: _Run) -> Plan:
    snapshot, policy, request, decided = run.snapshot, run.policy, run.request, run.decided
    chosen = tuple(sorted((each.milestone for each in decided), key=worst_first))
    futures = [each.task.future for each in decided if each.task and each.gated and each.gated.ledger]
    held_back = withheld(run.quiet.held_back, policy.settings.escalation.per_person_per_week)
    said = coordinated(decided, _judged(futures, policy, request.today, run.companies), run.decider.around)
    messages = [message for each in said.values() for message in each.messages]
    changes = with_issues(all_changes(decided, run.assembly, policy.settings), said)
    within = _with_dashboards(changes, messages, run)
    untold = (entry for each in said.values() for entry in each.untold)
    found = _judged(chosen, policy, request.today, run.companies)
    counting = tuple(finding for finding in found if finding.id not in request.baseline)
    return Plan(
        command=request.command,
        now=request.now,
        milestones=chosen,
        findings=counting,
        baselined=len(found) - len(counting),
        changes=within.changes,
        messages=within.messages,
        conflicts=tuple(conflict for milestone in chosen for conflict in milestone.conflicts),
        notices=tuple(milestone.notice for milestone in chosen if milestone.notice),
        withheld=(
            *(entry for each in decided for entry in each.withheld),
            *read_only(decided),
            *held_back,
            *untold,
            *within.later,
            *_bereft(run),
        ),
        refused=refusals(within.changes, _sizes(run.assembly), policy.settings.limits, request.adopt),
        unread=run.decider.unread,
        skipped=snapshot.skipped,
        stats=replace(_counts(snapshot), truncated=bool(within.later)),
        only=request.only,
        shard=request.shard,
        mentioned=run.quiet.mentioned if request.shard else {},
        books=_books(within.messages, run) if request.shard else (),
    )


def _books(messages: Sequence[Message], run: _Run) -> tuple[ProgramBook, ...]:
    """The ledgers of the programs that messages are about, where they stand on a dashboard."""
    return tuple(
        ProgramBook(name, Ref(home, f"{held.issue.ref.id}/{held.held.id}"), held.held.body)
        for name in dict.fromkeys(message.program for message in messages)
        for (home, print_), held in run.decider.hearing.dashboards.items()
        if print_ == program_print(name) and held.held is not None
    )


def _bereft(run: _Run) -> Iterable[Withheld]:
    """Coordination issues without a milestone, where all was read."""
    narrowed = run.request.only or run.decider.unread
    return () if narrowed else bereft(run.decider.hearing, run.assembly)


def _with_dashboards(changes: Sequence[Change], messages: Sequence[Message], run: _Run) -> Within:
    """What is written and sent in this run, the dashboards' share included, and what is said of what has to wait.

    A dashboard tells of whole programs: where a run is narrowed to some milestones, nothing but what the noise budget
    held back is noted there.
    """
    limits, today = run.policy.settings.limits, run.request.today
    said = notes(run.quiet.held_back, today)
    wanted = dashboards.desks(run.decided, run.decider, said) if run.policy.settings.writeback.dashboard else ()
    if run.request.only:
        wanted = tuple(desk for desk in wanted if desk.program in said)
    made = sum(desk.held is None for desk in wanted)
    rest = limits.model_copy(update={"comments": max(0, limits.comments - made)})
    kept = within_comments(changes, messages, rest)
    if run.request.only:
        written = tuple(
            change for desk in wanted for change in dashboards.noted(desk, (), with_note(desk.known, desk.note))
        )
    else:
        written = dashboards.written(wanted, kept.changes, today)
    own = within_comments(written, (), limits)
    after = after_notes(kept.changes, own.changes, run.quiet.held_back)
    return Within((*after, *own.changes), kept.messages, (*kept.later, *own.later))


def take_out(snapshot: Snapshot, settings: Settings, request: Request) -> Plan:
    """The plan that takes every status of mdpc out again. Raises OverlapError and NothingMatchesError."""
    settings = called_now(settings, snapshot.renamed)
    assembly = assemble(snapshot, settings, request.today, heard(snapshot))
    chosen = _chosen(assembly, request.only, snapshot)
    changes, withheld = _taken_out(chosen, assembly, settings, request)
    return Plan(
        command=request.command,
        now=request.now,
        milestones=chosen,
        changes=changes,
        withheld=withheld,
        unread=snapshot.unread,
        skipped=snapshot.skipped,
        stats=_counts(snapshot),
    )


def _taken_out(
    chosen: Sequence[Milestone], assembly: Assembly, settings: Settings, request: Request
) -> tuple[tuple[Change, ...], tuple[Withheld, ...]]:
    """The changes that take mdpc out of the chosen milestones, and what cannot be."""
    notes = notes_out(chosen, assembly) if request.only else all_notes_out(assembly)
    found = [*(change for milestone in chosen for change in out_of(milestone)), *notes]
    read_only = [name for name, table in settings.connectors.items() if table.access == "read"]
    writable = tuple(change for change in found if change.ref.container.connector not in read_only)
    return writable, tuple(withheld_by_connector(change for change in found if change not in writable))


def _sizes(assembly: Assembly) -> Counter[str]:
    """How many live milestones each program has."""
    return Counter(milestone.program for milestone in assembly.milestones if not milestone.history)


def _chosen(
    assembly: Assembly, only: Sequence[str], snapshot: Snapshot, *, if_there: bool = False
) -> tuple[Milestone, ...]:
    """The milestones that `only` names, worst first."""
    chosen = assembly.milestones
    if only:
        found = {text: named(text, assembly.milestones) for text in only}
        for text, meant in found.items():
            if not (meant or if_there):
                raise NothingMatchesError(_nothing_called(text, snapshot))
        keys = {each.key for meant in found.values() for each in meant}
        chosen = tuple(each for each in assembly.milestones if each.key in keys)
    return tuple(sorted(chosen, key=worst_first))


def _nothing_called(text: str, snapshot: Snapshot) -> str:
    said = f"nothing that was read is called {text!r}"
    if snapshot.unread:
        said += f" ({', '.join(entry.container for entry in snapshot.unread)} could not be read)"
    return (
        f"{said}. Name a milestone's key (PROGRAM/TITLE), a record's ref (CONNECTOR:CONTAINER#ID) or a program; "
        "`mdpc plan --format json` lists them"
    )


def _judged(
    milestones: Iterable[Milestone], policy: Policy, today: date, companies: Mapping[str, Company]
) -> tuple[Finding, ...]:
    """All findings, the highest level first, then the worst milestone."""
    found = [
        finding
        for milestone in milestones
        for finding in findings(milestone, verdicts(milestone, policy, today, companies[milestone.program]))
    ]
    return tuple(sorted(found, key=lambda finding: -finding.level.rank))


def _counts(snapshot: Snapshot) -> Stats:
    return Stats(
        containers={reading.connector: len(reading.containers) for reading in snapshot.readings},
        records={reading.connector: len(reading.records) for reading in snapshot.readings},
    )
