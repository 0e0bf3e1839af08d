"""What becomes of every milestone: its course, its missing counterparts, what is written or withheld. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mdpc.asking import Homes, home_container, homes_of, issue_to_be
from mdpc.assemble import Assembly, as_told_by, known_dues
from mdpc.celebrating import celebrated, latest
from mdpc.changes import Change, Withheld
from mdpc.counterparts import Case, Counterparts, Neighbours, counterparts_of, without_memory
from mdpc.course import NOTHING_HELD, Course, course_of, with_created
from mdpc.elsewhere import elsewhere, unheard, unheard_containers, unheard_reason
from mdpc.escalating import climb_of, due_notice, escalated, is_agreed, ladder_of
from mdpc.gates import Bench, gates_for
from mdpc.gating import Gated, gated, with_future
from mdpc.hearing import Hearing
from mdpc.join import Joined, doubled, home_of, seat_in
from mdpc.keeping import keeper_of, memory_of, undated_by
from mdpc.matching import matches, may_overlap
from mdpc.memory import LATER, mark_of
from mdpc.missing import Absent, Lookup, absent_of, lost_containers
from mdpc.model import ContainerRef, Milestone, Record, Ref, Unread
from mdpc.noting import Noting
from mdpc.recipients import Cast
from mdpc.render import Surroundings, as_told_at
from mdpc.settings import Program, Settings
from mdpc.snapshot import Snapshot
from mdpc.titles import normalise
from mdpc.writeback import Task, Writes, in_order, too_long, too_much, writes_of

NOTHING = Writes()

_TOO_PUBLIC = (
    "its home is public, and nothing of the milestone may be told there, so that nobody can pass its gates. Name a "
    "private `home`, or say public = true"
)


@dataclass(frozen=True, slots=True)
class Decided:
    """One milestone with all that was found of it, what would be written for it, and what is withheld and why.

    `gated` is what its gates make of it, None where nothing is decided. `task` is None for history. Where all is
    withheld, `writes` are empty and what is remembered stays (`left_alone`).
    """

    milestone: Milestone
    task: Task | None = None
    writes: Writes = NOTHING
    withheld: tuple[Withheld, ...] = ()
    left_alone: bool = False
    gated: Gated | None = None


@dataclass(slots=True)
class Decider:
    """Decides milestone by milestone; what all of them need is looked up once.

    `unread` are the containers that were not read, those that memory names and that no listing has included. `homes`
    are the containers in which issues can live, by their addresses in small letters. `put_off` are the notices, by id,
    that a digest tells instead of a comment.
    """

    snapshot: Snapshot
    assembly: Assembly
    around: Surroundings
    hearing: Hearing
    absent: Mapping[str, Absent] = field(init=False)
    unread: tuple[Unread, ...] = field(init=False)
    _unheard: Mapping[str, Ref] = field(init=False)
    homes: Homes = field(init=False)
    put_off: frozenset[str] = field(init=False)
    _incomplete: Mapping[str, str] = field(init=False)
    _neighbours: Neighbours = field(init=False)
    _by_id: Mapping[tuple[str, str], Milestone] = field(init=False)

    def __post_init__(self) -> None:
        """Look up what is absent and what stands beside the milestones."""
        lookup = Lookup.of(self.snapshot)
        self.homes = homes_of(self.snapshot)
        ledgers = (dashboard.ledger for dashboard in self.hearing.dashboards.values())
        self.put_off = frozenset(each for ledger in ledgers if ledger for each in ledger.put_off.values())
        joined = self.assembly.joined
        self.absent = {key: absent_of(each, lookup) for key, each in joined.items()}
        self.unread = (
            *self.snapshot.unread,
            *lost_containers(self.absent, self.snapshot, self.around.settings),
        )
        self._unheard = {}
        programs = self.assembly.programs
        self._incomplete = {
            name: _unread_of(program, self.unread) for name, program in (programs.items() if self.unread else ())
        }
        if self.around.settings.writeback.issue != "never":
            self._unheard = unheard(self.assembly.milestones, joined, self.hearing, self.snapshot)
            self.unread += tuple(unheard_containers(self._unheard, self.unread))
        self._by_id = {(each.program, each.id): each for each in self.assembly.milestones if not each.history}
        past = {each.holder.ref: normalise(each.shared) for each in joined.values() if each.history}
        self._neighbours = Neighbours.of(self.snapshot, past, programs.values(), self.around.settings)

    def decided(self, milestone: Milestone) -> Decided:
        """What becomes of one milestone."""
        if milestone.history:
            return Decided(milestone)
        joined, absent = self.assembly.joined[milestone.key], self.absent[milestone.key]
        reason = self._unreadable(milestone, joined, absent)
        if reason:
            return self._left_alone(milestone, joined, reason)
        around = self.around
        judged, course = self._gated(milestone, joined, absent)
        milestone = judged.milestone
        more = counterparts_of(Case(milestone, joined, course, absent, around, self._neighbours))
        task = self._task(milestone, joined, course, more)
        if more.created and not task.keeper.word:
            more = without_memory(more)
            task = self._task(milestone, joined, course, more)
        cast = self.cast(joined, task.future)
        judged = escalated(replace(judged, milestone=task.now), self.told_there(task.future, cast), cast, self.put_off)
        judged = celebrated(judged, task.future, cast, self.assembly.milestones)
        judged = replace(judged, delivered=latest(self.hearing.delivered, task.future))
        judged = with_future(judged, task.future)
        writes = writes_of(task, around)
        hindered = tuple(Withheld(f"{ref} of {milestone.key}", why) for ref, why in course.hindered)
        if milestone.gates and milestone.issue is None and not milestone.closed:
            hindered += (Withheld(f"the coordination issue of {milestone.key}", _TOO_PUBLIC),)
        if away := elsewhere(milestone, joined, self._home(joined)):
            hindered += (away,)
        reason = self._unwritable(task, writes)
        if reason:
            withheld = (*hindered, Withheld(_what(milestone, (*writes.changes, *writes.delayed)), reason))
            return Decided(task.now, task, withheld=withheld, left_alone=True)
        return Decided(judged.milestone, task, writes, hindered, gated=judged)

    def _gated(self, milestone: Milestone, joined: Joined, absent: Absent) -> tuple[Gated, Course]:
        """The milestone judged by its gates, as this run leaves it, with its issue, and the course that they allow."""
        around = self.around
        course = course_of(joined, absent, around.settings, around.today)
        wanted = around.settings.writeback.issue
        gates = gates_for(milestone, around.settings)
        needed = milestone.issue or gates or course.conflicts or wanted == "always"
        achieving = self._is_achieved(milestone, joined)
        if wanted == "never" or not (needed or achieving or self._has_notice(milestone, joined, course)):
            return Gated(milestone), course
        home = self._place(milestone, joined)
        judged = self._judged(milestone, joined, course, home)
        if judged.hold.closing:  # what stays open, or is opened again, may have another date
            course = course_of(joined, absent, around.settings, around.today, judged.hold)
            judged = self._judged(milestone, joined, course, home)
        if judged.hold != NOTHING_HELD:
            course = course_of(joined, absent, around.settings, around.today, judged.hold)
        found = replace(judged.milestone, due=milestone.due, dues=milestone.dues)
        may_be_told = bool(self.around.told_at(milestone, home))
        if found.issue is None and may_be_told and (not found.closed or found.bypass is not None or achieving):
            found = replace(found, issue=issue_to_be(found, home))
        return replace(judged, milestone=found), course

    def _is_achieved(self, milestone: Milestone, joined: Joined) -> bool:
        """Whether it is to be celebrated that a milestone is closed, which was open when it was last remembered."""
        seen_open = joined.memory is not None and bool(joined.memory.unaccepted)
        return self.around.settings.celebrate is not None and milestone.closed and seen_open

    def _has_notice(self, milestone: Milestone, joined: Joined, course: Course) -> bool:
        """Whether a milestone that has no issue yet needs one, since a step of the ladder is due."""
        settings, today = self.around.settings, self.around.today
        if not settings.escalation.steps:
            return False
        told = replace(milestone, conflicts=course.conflicts)
        told = as_told_by(told, course.future, known_dues(joined.records, joined.memory), settings, today)
        ladder = ladder_of(told, None, settings, today, agreed=is_agreed(told, (), settings, today))
        climb = climb_of(told, None, settings, today, self.put_off)
        return due_notice(told, climb, ladder, self.cast(joined, told)) is not None

    def told_there(self, milestone: Milestone, cast: Cast) -> Milestone:
        """The milestone with the dates that may be told where its issue lives: a private one starts no ladder there."""
        told = as_told_at(cast.home, milestone, self.around)
        return replace(milestone, due=told.due, dues=told.dues, conflicts=told.conflicts) if told.records else milestone

    def cast(self, joined: Joined, milestone: Milestone) -> Cast:
        """Who fills the roles of a milestone."""
        around, place = self.around, self._place(milestone, joined)
        return Cast(milestone.owner, joined.program, place, around.settings, around.today, milestone.gone)

    def _home(self, joined: Joined) -> ContainerRef:
        """Where a milestone's coordination issue lives."""
        return home_container(joined, self.homes) or joined.holder.ref.container

    def _place(self, milestone: Milestone, joined: Joined) -> ContainerRef:
        """Where it is talked about: where its issue is, which may have been made when the home was elsewhere."""
        return milestone.issue[0].container if milestone.issue else self._home(joined)

    def _judged(self, milestone: Milestone, joined: Joined, course: Course, home: ContainerRef) -> Gated:
        """The milestone judged by the due date that a course settles on.

        What stands on the issue tells that date, and in public the date of a private record may not be told.
        """
        around = self.around
        told = replace(milestone, conflicts=course.conflicts)
        told = as_told_by(told, course.future, known_dues(joined.records, joined.memory), around.settings, around.today)
        there = as_told_at(home, told, around) if around.told_at(told, home) else told
        speechless = milestone.issue is None and not around.told_at(told, home)
        bench = Bench(around.settings, self.hearing.teams, home, around.today, speechless, there.records)
        bare = replace(milestone, due=there.due, dues=there.dues, conflicts=course.conflicts)
        return gated(bare, joined.memory, self.hearing, bench)

    def _unreadable(self, milestone: Milestone, joined: Joined, absent: Absent) -> str:
        """Why nothing can be decided about a milestone, empty where all can."""
        if milestone.ambiguous:
            refs = ", ".join(str(record.ref) for several in doubled(milestone.records).values() for record in several)
            return f"two records of one container have this title: {refs}. Rename one of them"
        if absent.lost:
            return absent.reason(milestone.key)
        if incomplete := self._incomplete.get(milestone.program, ""):
            return incomplete
        if stray := next((each for each in milestone.records if self._is_stray(each, milestone)), None):
            return (
                f"{stray.ref} carries the mark of another milestone that may have been created there. Give it the same "
                "title as that one has, or take mdpc's mark out of its description"
            )
        if milestone.key in self._unheard:
            return unheard_reason(self._unheard[milestone.key], milestone.key)
        return f"{LATER}. Run that version" if joined.later else ""

    def _is_stray(self, record: Record, milestone: Milestone) -> bool:
        """Whether a record may be what was created for another milestone, and was renamed before anybody noted it."""
        claimed = mark_of(record).claimed
        other = self._by_id.get((milestone.program, claimed or ""))
        if claimed is None or other is None or other.key == milestone.key:
            return False
        places = self._neighbours.places.get(milestone.program, ())
        asked_for = any(container.ref == record.ref.container for container, _ in places)
        return asked_for and all(each.ref.container != record.ref.container for each in other.records)

    def _left_alone(self, milestone: Milestone, joined: Joined, reason: str) -> Decided:
        """A milestone of which nothing is decided; it is said where its status at least would have been written."""
        memory = joined.memory
        course = (
            Course(joined.records, base=memory.base, disputes=memory.disputes) if memory else Course(joined.records)
        )
        task = self._task(milestone, joined, course, Counterparts())
        writes = writes_of(task, self.around)
        wanted = (*writes.changes, *writes.delayed)
        withheld = (Withheld(_what(milestone, wanted), reason),) if wanted else ()
        return Decided(milestone, task, withheld=withheld, left_alone=True)

    def _task(self, milestone: Milestone, joined: Joined, course: Course, more: Counterparts) -> Task:
        around = self.around
        milestone = replace(milestone, conflicts=course.conflicts, differences=course.differences, lacks=more.lacks)
        if course.conflicts:  # which the milestone's health depends on
            dues = known_dues(joined.records, joined.memory)
            milestone = as_told_by(milestone, joined.records, dues, around.settings, around.today)
        absent = self.absent[milestone.key]
        course, created = with_created(course, more.created, joined, absent, around.settings, around.today)
        records = self._ordered(joined, [*course.future, *created])
        holder = self._holder(joined, records)
        bare = replace(milestone, holder=holder)
        dues = known_dues(joined.records, joined.memory)
        # By then its marks are written anew, and what is opened again is no bypass any more.
        bare = replace(bare, forgotten=False, troubles=(), issue_gone=None, bypass=None)
        future = as_told_by(bare, records, dues, around.settings, around.today)
        if future.closed and milestone.bypass is not None:
            bare = replace(bare, bypass=milestone.bypass)
            future = as_told_by(bare, records, dues, around.settings, around.today)
        notebook = self.assembly.notebooks.get(milestone.program)
        keeper = keeper_of(future, lambda record: around.told(future, record), notebook, around.settings)
        memory = memory_of(future, course, absent, around.containers, around.settings)
        memory = replace(memory, undated=undated_by(future, around.today))
        known = joined.memory.known if joined.memory else frozenset()
        return Task(milestone, future, course, created, keeper, memory, known, _kept_by(joined))

    def _ordered(self, joined: Joined, records: Sequence[Record]) -> tuple[Record, ...]:
        """In member order, as joining will have them next time."""

        def place(record: Record) -> tuple[int, ContainerRef, str]:
            seat = joined.seats.get(record.ref)
            if seat is None:
                seat = seat_in(joined.program, record.ref.container, self._neighbours.former)
            return seat.position if seat else 0, record.ref.container, record.ref.id

        return tuple(sorted(records, key=place))

    @staticmethod
    def _holder(joined: Joined, records: Sequence[Record]) -> Record:
        """The holder as joining will find it next time, which may be a record that is to be created."""
        if joined.at_home:
            return next(record for record in records if record.ref == joined.holder.ref)
        home = home_of(joined.program)
        at_home = (record for record in records if home and matches(home, str(record.ref.container)))
        return next(at_home, records[0])

    def _unwritable(self, task: Task, writes: Writes) -> str:
        """Why nothing may be written for a milestone though something should be, empty where it may."""
        if not (writes.changes or writes.delayed):
            return too_much(writes, task.future)
        program = self.assembly.programs[task.now.program]
        home = [ContainerRef.parse(program.home)] if program.home else []
        for place in (task.future.holder.ref.container, *home):
            if self.around.settings.connectors[place.connector].access == "read":
                return f'connectors.{place.connector} has access = "read", and there it would be remembered'
        return too_long(writes.changes, task.future) or too_much(writes, task.future)


def all_changes(decided: Sequence[Decided], assembly: Assembly, settings: Settings) -> tuple[Change, ...]:
    """Every change of a run: the milestones', then the notes, then what waits until memory stands in those."""
    notes = list(_notes_of(decided, assembly, settings))
    page = {entry.id: change.write for change in notes for entry in change.entries}
    changes = [change for each in decided for change in each.writes.changes]
    for each in decided:
        noted = page.get(each.milestone.id)
        needs = (*each.writes.names, *((noted,) if noted and each.writes.entry else ()))
        notes += [replace(change, needs=(*change.needs, *needs)) for change in each.writes.delayed]
    return in_order((*changes, *notes))


def _kept_by(joined: Joined) -> tuple[Ref, ...]:
    """The records whose own marks hold the memory of the milestone, or of one that became part of it."""
    memories = ((record.ref, mark_of(record).memory) for record in joined.records)
    return tuple(ref for ref, memory in memories if memory and not memory.keeper and memory.id in joined.ids)


def _notes_of(decided: Sequence[Decided], assembly: Assembly, settings: Settings) -> Iterator[Change]:
    """The changes to the programs' notes that the milestones of this run want; the others' entries stay."""
    notings: dict[str, Noting] = {}
    ids = {name: _ids(name, assembly) for name in assembly.notebooks}
    for each in decided:
        notebook = assembly.notebooks.get(each.milestone.program)
        if each.task is None or notebook is None or notebook.later or each.left_alone:
            continue
        if settings.connectors[notebook.place.connector].access == "read":
            continue
        noting = notings.setdefault(each.milestone.program, Noting(notebook, each.milestone.program))
        for identity in set(assembly.joined[each.milestone.key].ids) - ids[each.milestone.program]:
            noting.note(identity, None, each.writes.names)  # it became part of this one
        noting.note(each.milestone.id, each.writes.entry, each.writes.names)
    left = {key for each in decided if each.left_alone for key in assembly.joined[each.milestone.key].ids}
    for name, noting in notings.items():
        yield from noting.changes(ids[name] | left)


def _ids(program: str, assembly: Assembly) -> set[str]:
    return {milestone.id for milestone in assembly.milestones if milestone.program == program}


def notes_out(milestones: Iterable[Milestone], assembly: Assembly) -> Iterator[Change]:
    """The changes that take these milestones' entries out of their programs' notes."""
    notings: dict[str, Noting] = {}
    for milestone in milestones:
        notebook = assembly.notebooks.get(milestone.program)
        if notebook is not None:
            noting = notings.setdefault(milestone.program, Noting(notebook, milestone.program))
            noting.note(milestone.id, None, ())
    for name, noting in notings.items():
        yield from noting.changes(_ids(name, assembly))


def all_notes_out(assembly: Assembly) -> Iterator[Change]:
    """The changes that take all notes out, of milestones too that are gone."""
    for name, notebook in assembly.notebooks.items():
        yield from Noting(notebook, name).changes(())


def read_only(decided: Iterable[Decided]) -> Iterator[Withheld]:
    """The statuses that are not written since their connector is read only, counted by connector."""
    return _counted(connector for each in decided for connector in each.writes.read_only)


def withheld_by_connector(changes: Iterable[Change]) -> Iterator[Withheld]:
    """The same of changes: what cannot be taken out of records."""
    refs = dict.fromkeys(change.ref for change in changes)
    return _counted(ref.container.connector for ref in refs)


def _counted(connectors: Iterable[str]) -> Iterator[Withheld]:
    counts = Counter(connectors)
    for connector, count in sorted(counts.items()):
        what = f"the status of {count} {'record' if count == 1 else 'records'} on {connector}"
        yield Withheld(what, f'connectors.{connector} has access = "read"')


def _what(milestone: Milestone, changes: Sequence[Change]) -> str:
    if all(change.kind in ("status", "memory") for change in changes):
        return f"the status of {milestone.key}"
    return f"what would be written for {milestone.key}"


def _unread_of(program: Program, unread: Sequence[Unread]) -> str:
    """Why a program is incomplete: the containers, or globs that could not be listed, that may belong to it."""
    lost = [each.container for each in unread if any(may_overlap(m.ref, each.container) for m in program.members)]
    return f"{', '.join(lost)} could not be read completely" if lost else ""
