"""Milestones as the rest of mdpc sees them: joined records with an id, dates, an owner and a health. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mdpc.health import health_of
from mdpc.join import Joined, join
from mdpc.memory import Memory, mark_of, milestone_id
from mdpc.model import Milestone, Record, Snapshot
from mdpc.owners import owner_of
from mdpc.settings import Program, Settings


@dataclass(frozen=True, slots=True)
class Assembly:
    """All milestones of a snapshot, and the program of each by its name, those of unnamed containers included."""

    milestones: tuple[Milestone, ...]
    programs: Mapping[str, Program]


def assemble(snapshot: Snapshot, settings: Settings, today: date) -> Assembly:
    """Every milestone that the records make, as it is on `today`. Raises OverlapError."""
    joined = join(snapshot, settings)
    ids = _identify(joined)
    milestones = tuple(_milestone(each, ids[each.key], settings, today) for each in joined)
    return Assembly(milestones, {each.program.name: each.program for each in joined})


def due_of(records: Sequence[Record], holder: Record) -> date | None:
    """A milestone's due date: the holder's, else the earliest of its records'."""
    return holder.due or min((record.due for record in records if record.due), default=None)


def _milestone(joined: Joined, identity: str, settings: Settings, today: date) -> Milestone:
    holder = joined.holder
    closed = all(record.closed or record.archived for record in joined.records)
    due = due_of(joined.records, holder)
    open_issues = sum(record.open_issues for record in joined.records)
    return Milestone(
        key=joined.key,
        id=identity,
        program=joined.program.name,
        title=holder.title,
        records=joined.records,
        holder=holder,
        closed=closed,
        due=due,
        dues=() if joined.history else _dues(joined, due, today),
        owner=owner_of(joined.records, holder, joined.key, settings),
        health=health_of(closed=closed, due=due, open_issues=open_issues, today=today),
        history=joined.history,
        ambiguous=joined.ambiguous,
        because=joined.because,
    )


def _dues(joined: Joined, due: date | None, today: date) -> tuple[tuple[date, date], ...]:
    """Every due date so far, as the first mark that knows any tells, and today's if it is another than the last."""
    before = next((mark.dues for mark in _marks(joined) if mark.dues), ())
    if due is None or (before and before[-1][0] == due):
        return before
    return (*before, (due, today))


def _marks(joined: Joined) -> Iterator[Memory]:
    """The marks of its records, the holder's first."""
    return (mark for record in (joined.holder, *joined.records) if (mark := mark_of(record)) is not None)


def _identify(joined: Sequence[Joined]) -> dict[str, str]:
    """The id of each milestone by its key: from any of its marks, else computed from its holder.

    An id that a record of another milestone gave rise to was copied along with somebody's text, and does not count.
    """
    origins = {milestone_id(record): each.key for each in joined for record in each.records}
    ids: dict[str, str] = {}
    for each in joined:
        own = (mark.id for mark in _marks(each) if origins.setdefault(mark.id, each.key) == each.key)
        ids[each.key] = next(own, milestone_id(each.holder))
    return ids
