"""Milestones as the rest of mdpc sees them: joined records with an id, dates, an owner and a health. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mdpc.handing import handed_over, owner_now
from mdpc.health import health_of
from mdpc.hearing import Hearing, assigned_by_people
from mdpc.join import Joined, join, same_title
from mdpc.leading import leads
from mdpc.memory import NOTES, Memory, mark_of, milestone_id, print_of
from mdpc.merge import Held, aggregated
from mdpc.model import Carrier, ContainerRef, Milestone, Record
from mdpc.notebook import Notebook
from mdpc.owners import owner_and_gone
from mdpc.settings import Program, Settings
from mdpc.snapshot import Snapshot
from mdpc.status import find

Dues = tuple[tuple[date, date], ...]


@dataclass(frozen=True, slots=True)
class Assembly:
    """All milestones of a snapshot; by key, how their records were joined; by program's name, programs and notes.

    Programs of unnamed containers are there too.
    """

    milestones: tuple[Milestone, ...]
    joined: Mapping[str, Joined]
    programs: Mapping[str, Program]
    notebooks: Mapping[str, Notebook]


def assemble(snapshot: Snapshot, settings: Settings, today: date, hearing: Hearing) -> Assembly:
    """Every milestone that the records make, as it is on `today`. Raises OverlapError.

    `hearing` is what was heard of the milestones on their coordination issues.
    """
    joining = join(snapshot, settings, hearing.kept)
    ids = _identify(joining.milestones)
    carrying = _carrying(snapshot)
    milestones = tuple(
        replace(bare, rebuilt=bare.rebuilt and not _members_are_known(each, identity, carrying))
        if each.memory is None
        else bare
        for each, identity in zip(joining.milestones, ids, strict=True)
        for bare in (_milestone(each, identity, settings, today, hearing),)
    )
    return Assembly(
        milestones,
        {each.key: each for each in joining.milestones},
        {each.program.name: each.program for each in joining.milestones},
        joining.notebooks,
    )


def as_told_by(
    milestone: Milestone, records: tuple[Record, ...], dues: Dues, settings: Settings, today: date
) -> Milestone:
    """The milestone as these of its records tell it: owner, dates, state and health from them alone.

    `dues` are the due dates so far, as whoever tells it may know them.
    """
    holder = next((each for each in records if each.ref == milestone.holder.ref), records[0])
    due = _due(records, holder, dues)
    disputed = any(conflict.field == "due" for conflict in milestone.conflicts)
    owner, gone = owner_and_gone(records, holder, milestone.key, settings, milestone.assigned)
    told = replace(
        milestone,
        records=records,
        holder=holder,
        closed=is_closed(records, settings),
        due=due,
        dues=() if milestone.history else dues if disputed else _continued(dues, due, today),
        owner=owner_now(milestone, owner, gone, settings),
        gone=gone,
    )
    late = due is not None and due < today and not told.closed
    return replace(told, late=late, health=health_of(told, today))


def _due(records: Sequence[Record], holder: Record, dues: Dues) -> date | None:
    """The due date of the open records, the holder's first.

    Once all are closed it is the last planned one: a date that people change with the release is the actual date.
    """
    open_ones = [record for record in records if not record.closed]
    if not open_ones and dues:
        return dues[-1][0]
    among = open_ones or records
    if holder in among and holder.due:
        return holder.due
    return min((record.due for record in among if record.due), default=None)


def is_closed(records: Sequence[Record], settings: Settings) -> bool:
    """Whether a milestone of these records is closed.

    With a leading side it is once every record of that is closed, else once every record is.
    """
    rule = settings.sync.fields.state
    held = [
        Held("", None, record.closed or record.archived, leads=leads(rule, record.ref.container)) for record in records
    ]
    return aggregated(held) == "closed"


def _milestone(joined: Joined, identity: str, settings: Settings, today: date, hearing: Hearing) -> Milestone:
    claimed = any(mark_of(record).claimed for record in joined.records)
    forgotten = not (joined.history or joined.later) and joined.memory is None and (bool(joined.lost) or claimed)
    bare = Milestone(
        key=joined.key,
        id=identity,
        program=joined.program.name,
        title=_title(joined),
        records=joined.records,
        holder=joined.holder,
        closed=False,
        due=None,
        history=joined.history,
        ambiguous=joined.ambiguous,
        because=joined.because,
        troubles=joined.troubles,
        forgotten=forgotten,
        undated=joined.memory.undated if joined.memory else (),
        rebuilt=joined.memory.rebuilt if joined.memory else forgotten,
    )
    named = joined.memory.issue if joined.memory else None
    talk = None if joined.history else hearing.of(bare, named)
    if talk is None and named in hearing.missing:
        bare = replace(bare, issue_gone=named)
    if talk is not None:
        bare = replace(bare, issue=(talk.issue.ref, talk.issue.url), assigned=assigned_by_people(talk))
    dues = known_dues(joined.records, joined.memory)
    told = as_told_by(bare, joined.records, dues, settings, today)
    if talk is None:
        return told
    return as_told_by(handed_over(told, talk, settings), joined.records, dues, settings, today)


def _carrying(snapshot: Snapshot) -> frozenset[str]:
    """The connectors whose records can hold memory themselves."""
    natures = {ref.connector: each.created for ref, each in snapshot.containers.items()}
    return frozenset(name for name, nature in natures.items() if nature is None or nature.carrier is not Carrier.NOTES)


def _members_are_known(joined: Joined, identity: str, carrying: frozenset[str]) -> bool:
    """Whether it is known without memory which records there were.

    That is so where another mark names them all, the keeper included. It is so too where a first run was killed before
    it wrote the memory: then the record that gave the milestone its id is here, and so is who was to keep the memory,
    without a mark.
    """
    marks = [mark for record in joined.records if (mark := mark_of(record).memory) and mark.id == identity]
    if any(mark.rebuilt for mark in marks):
        return False
    if any(mark.keeper in {member.fingerprint for member in mark.members} for mark in marks):
        return True
    first = any(milestone_id(record) == identity for record in joined.records)
    keepers = {mark.keeper for mark in marks if mark.keeper}
    noted = not any(ContainerRef.parse(member.ref).connector in carrying for member in joined.program.members)
    unmarked = any(
        each.carrier is not Carrier.NOTES
        and find(each.description, each.markup) is None
        and (not keepers or print_of(each) in keepers)
        for each in joined.records
    )
    return first and (noted or unmarked or NOTES in keepers)


def _title(joined: Joined) -> str:
    """What the holder is called, unless all shall follow somebody who called it otherwise."""
    own = joined.seats[joined.holder.ref].title
    return joined.holder.title if same_title(own, joined.shared) else joined.shared


def known_dues(records: Sequence[Record], memory: Memory | None) -> Dues:
    """Every due date so far: as the milestone's memory has it, else as the mark that knows of most records tells."""
    if memory is not None:
        return memory.dues
    marks = [mark.memory for record in records if (mark := mark_of(record)).memory]
    known = [memory for memory in marks if memory is not None and memory.dues]
    return max(known, key=lambda memory: len(memory.members)).dues if known else ()


def _continued(dues: Dues, due: date | None, today: date) -> Dues:
    """The due dates so far, and today's if it is another than the last."""
    return dues if due is None or (dues and dues[-1][0] == due) else (*dues, (due, today))


def _identify(joined: Sequence[Joined]) -> list[str]:
    """The id of each milestone: what its memory or a mark of it says, else computed from its holder.

    An id that a record of another milestone gave rise to was copied along with somebody's text, and does not count.
    """
    origins = {milestone_id(record): number for number, each in enumerate(joined) for record in each.records}
    for number, each in enumerate(joined):
        for identity in each.ids:
            origins.setdefault(identity, number)
    return [
        next((said for said in _said(each) if origins.setdefault(said, number) == number), milestone_id(each.holder))
        for number, each in enumerate(joined)
    ]


def _said(joined: Joined) -> list[str]:
    """The ids that ledgers, memory and marks name, the most trusted first."""
    marks = [mark_of(record) for record in (joined.holder, *joined.records)]
    proven = [mark.memory.id for mark in marks if mark.memory]
    claimed = [mark.claimed for mark in marks if mark.claimed]
    return [*joined.kept, *([joined.memory.id] if joined.memory else []), *proven, *claimed]
