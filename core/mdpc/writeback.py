"""Everything that would be written for a milestone, in the order that a run may be killed in; and taking it out. Pure.

Whatever else is written comes first, the keeper's single write with fields, status and memory last: so memory never
says more than is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mdpc.changes import Change, Kind, Value
from mdpc.course import Course, Edit
from mdpc.fingerprint import fingerprint
from mdpc.keeping import Keeper
from mdpc.memory import Memory, as_object, print_of
from mdpc.model import Carrier, Markup, Milestone, Record, Ref
from mdpc.notebook import PAGE
from mdpc.notes import canonical
from mdpc.render import Surroundings, first_status, status_text
from mdpc.status import find, place
from mdpc.tokens import seeds_in

LONGEST_LINE = 16_384
"""Bytes that a Jira version's description may have (Jira's own API descriptions, Cloud and Data Center)."""


@dataclass(frozen=True, slots=True)
class Writes:
    """What is to be written for one milestone: changes, and its entry in its program's notes (None: no entry).

    `delayed` changes take memory away where it was kept, and so wait until it stands where it is kept now. `read_only`
    names the connectors of records that would be written to but for `access = "read"`.
    """

    changes: tuple[Change, ...] = ()
    delayed: tuple[Change, ...] = ()
    entry: str | None = None
    read_only: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The writes that memory in notes has to wait for."""
        return tuple(dict.fromkeys(change.write for change in self.changes if change.field != "link"))


@dataclass(frozen=True, slots=True)
class Task:
    """A milestone as it is, as it will be, and who keeps what of it.

    `future` has the records that are to be created; `created` are those; `course` is where the others are going.
    `known` are the members that memory had; `kept_by` are the records whose marks hold it now, several where several
    milestones became one.
    """

    now: Milestone
    future: Milestone
    course: Course
    created: tuple[Record, ...]
    keeper: Keeper
    memory: Memory
    known: frozenset[str]
    kept_by: tuple[Ref, ...] = ()

    @property
    def left(self) -> tuple[Ref, ...]:
        """The records that have kept memory and do not any more."""
        now = self.keeper.record.ref if self.keeper.record else None
        return tuple(ref for ref in self.kept_by if ref != now) if self.keeper.word else ()


def writes_of(task: Task, around: Surroundings) -> Writes:
    """Everything to be written for a milestone; nothing where nothing changes."""
    keeper = task.keeper.record
    mirrors = [record for record in task.future.records if keeper is None or record.ref != keeper.ref]
    changes = [change for record in task.created for change in _creation(task, record, around)]
    read_only: list[str] = []
    delayed: list[Change] = []
    for record in mirrors:
        wanted = list(_record_writes(task, record, around))
        if record.ref in task.left:
            delayed += [replace(each, write=f"{each.write} status") for each in wanted if each.field in _OWN]
            wanted = [each for each in wanted if each.field not in _OWN]
        connector = record.ref.container.connector
        if around.settings.connectors[connector].access == "write":
            changes += wanted
        elif wanted:
            read_only.append(connector)
    links = list(_links(task, around))
    if keeper is not None:
        first = tuple(dict.fromkeys(change.write for change in changes))
        after = tuple(dict.fromkeys(link.write for link in links))
        changes += [
            replace(change, needs=_joined(change.needs, first), follows=after)
            for change in _record_writes(task, keeper, around)
        ]
        last = tuple(dict.fromkeys(change.write for change in changes if change.ref == keeper.ref))
        delayed = [replace(change, needs=_joined(change.needs, last)) for change in delayed]
    entry = canonical(as_object(task.memory)) if task.keeper.notebook is not None and keeper is None else None
    return Writes((*changes, *links), tuple(delayed), entry, tuple(read_only))


def in_order(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes, each new title after the write by which another record of its container lets go of that title."""
    leaving = {
        (change.ref.container, change.before): change.write
        for change in changes
        if change.field == "title" and change.kind == "update"
    }
    if not leaving:
        return tuple(changes)

    def ordered(change: Change) -> Change:
        before = leaving.get((change.ref.container, change.after)) if change.field == "title" else None
        waits = before is not None and before != change.write
        return replace(change, follows=(*change.follows, str(before))) if waits else change

    return tuple(map(ordered, changes))


def too_long(changes: Iterable[Change], milestone: Milestone) -> str:
    """Why a status cannot be written into a Jira description, empty where all can."""
    records = {record.ref: record for record in milestone.records}
    for change in changes:
        record = records.get(change.ref)
        if change.field == "status" and record is not None and record.markup is Markup.LINE:
            text = place(record.description, str(change.after), record.markup) or ""
            if len(text.encode("utf-8", "surrogatepass")) > LONGEST_LINE:
                return f"its description would be longer than the {LONGEST_LINE} bytes that Jira allows. Shorten it"
    return ""


def too_much(writes: Writes, milestone: Milestone) -> str:
    """Why a milestone's memory cannot be kept in a property of Jira's, empty where it can."""
    texts = (writes.entry, *(change.after for change in writes.changes if change.field == "memory"))
    if all(len(str(text or "")) <= PAGE - 100 for text in texts):
        return ""
    count = len(milestone.records)
    return (
        f"what has to be remembered of its {count} records and their dates is more than a property of Jira's holds. "
        "Join fewer records in it, by `title` patterns or in programs of their own"
    )


def out_of(milestone: Milestone) -> Iterator[Change]:
    """The changes that take mdpc out of a milestone's records again: statuses, memory and links."""
    for record in milestone.records:
        status = find(record.description, record.markup)
        if status is not None:
            yield _change(milestone, record, "status", "status", status, None, "mdpc's status is taken out")
        if record.carrier is Carrier.PROPERTY and record.memory is not None:
            yield _change(milestone, record, "memory", "memory", record.memory, None, "mdpc's memory is taken out")
        if status is not None and record.markup is Markup.LINE:
            for other in milestone.records:
                if other.markup is Markup.BLOCK:
                    yield _link(milestone, record, other, taken_out=True)


def _creation(task: Task, record: Record, around: Surroundings) -> Iterator[Change]:
    """The changes that are one request: a new record with all that is known of it."""
    values: dict[str, Value] = {"title": record.title}
    values |= {"due": record.due.isoformat()} if record.due else {}
    values |= {"start": record.start.isoformat()} if record.start else {}
    values["status"] = first_status(task.future, record, around)
    for name, value in values.items():
        yield _change(task.now, record, "create", name, None, value, f"{record.ref.container} has no record of it yet")


def _record_writes(task: Task, record: Record, around: Surroundings) -> Iterator[Change]:
    """The changes of one record that are one request: fields, then status, then memory."""
    edits = [_edited(task.now, record, edit) for edit in task.course.edits if edit.ref == record.ref]
    changes = [*edits, *_status(task, record, around), *_memory(task, record)]
    for change in changes:
        named = _creations_named(task, f"{change.ref.id} {change.uid} {change.after if change.field in _OWN else ''}")
        created = record in task.created  # what it was created with could not name what was not there yet
        write = f"{change.write} status" if created else change.write
        yield replace(change, write=write, needs=_joined(change.needs, named))


def _edited(milestone: Milestone, record: Record, edit: Edit) -> Change:
    kind: Kind = "reopen" if edit.field == "state" and edit.after == "open" else "update"
    return _change(milestone, record, kind, edit.field, edit.before, edit.after, edit.why)


def _status(task: Task, record: Record, around: Surroundings) -> Iterator[Change]:
    if not around.settings.writeback.status and len(task.memory.members) < 2:
        return
    created = record in task.created
    before = first_status(task.future, record, around) if created else find(record.description, record.markup)
    after = status_text(task.future, record, task.keeper, task.memory, around)
    if before != after:
        why = "what the status says has changed" if before else "the milestone gets its status"
        yield _change(task.now, record, "status", "status", before, after, why)


def _memory(task: Task, record: Record) -> Iterator[Change]:
    """The memory in a record's own property, there for the keeper alone."""
    if record.carrier is not Carrier.PROPERTY:
        return
    own = task.keeper.record is not None and task.keeper.record.ref == record.ref
    memory = canonical(as_object(replace(task.memory, uid=record.uid))) if own else None
    if memory != record.memory:
        yield _change(task.now, record, "memory", "memory", record.memory, memory, "what is remembered has changed")


_OWN = ("status", "memory")
"""Fields with tokens in what is written; people's text has none."""


def _creations_named(task: Task, text: str) -> tuple[str, ...]:
    """The writes that create the records for which there are tokens in a text."""
    seeds = set(seeds_in(text))
    return tuple(str(record.ref) for record in task.created if seeds & set(seeds_in(record.uid)))


def _links(task: Task, around: Surroundings) -> Iterator[Change]:
    """A link from each Jira record to each GitHub milestone, once: when either is new in this company."""
    for record in task.future.records:
        if (
            record.markup is not Markup.LINE
            or around.settings.connectors[record.ref.container.connector].access == "read"
        ):
            continue
        told = {other.ref for other in around.told(task.future, record)}
        for other in task.future.records:
            new = not {print_of(record), print_of(other)} <= task.known
            if other.markup is Markup.BLOCK and new and other.ref in told:
                link = _link(task.now, record, other)
                yield replace(link, needs=_creations_named(task, f"{record.uid} {other.uid}"))


def _link(milestone: Milestone, record: Record, other: Record, *, taken_out: bool = False) -> Change:
    before, after = (other.url, None) if taken_out else (None, other.url)
    why = "mdpc's link is taken out" if taken_out else f"{other.ref} is the same milestone"
    change = _change(milestone, record, "update", "link", before, after, why)
    return replace(
        change,
        id=fingerprint("c", str(record.ref), "link", other.url),
        write=f"{record.ref} link {fingerprint('l', other.url)}",
    )


def _joined(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _change(  # noqa: PLR0913, PLR0917 - a change has that many parts
    milestone: Milestone, record: Record, kind: Kind, field: str, before: Value, after: Value, why: str
) -> Change:
    return Change(
        id=fingerprint("c", str(record.ref), kind if kind == "create" else "", field, str(after or "")),
        write=str(record.ref),
        kind=kind,
        program=milestone.program,
        ref=record.ref,
        uid=record.uid,
        field=field,
        before=before,
        after=after,
        why=why,
        milestone=milestone.key,
    )
