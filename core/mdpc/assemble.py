"""Milestones as the rest of mdpc sees them: joined records with an id, dates, an owner and a health. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
    milestones = tuple(
        _milestone(each, identity, settings, today) for each, identity in zip(joined, _identify(joined), strict=True)
    )
    return Assembly(milestones, {each.program.name: each.program for each in joined})


def as_told_by(milestone: Milestone, records: tuple[Record, ...], settings: Settings, today: date) -> Milestone:
    """The milestone as these of its records tell it: owner, dates, state and health from them and their marks alone."""
    holder = milestone.holder if milestone.holder in records else records[0]
    closed = all(record.closed or record.archived for record in records)
    due = holder.due or min((record.due for record in records if record.due), default=None)
    return replace(
        milestone,
        records=records,
        holder=holder,
        closed=closed,
        due=due,
        dues=() if milestone.history else _dues(holder, records, due, today),
        owner=owner_of(records, holder, milestone.key, settings),
        health=health_of(
            closed=closed, due=due, open_issues=sum(record.open_issues for record in records), today=today
        ),
    )


def _milestone(joined: Joined, identity: str, settings: Settings, today: date) -> Milestone:
    bare = Milestone(
        key=joined.key,
        id=identity,
        program=joined.program.name,
        title=joined.holder.title,
        records=joined.records,
        holder=joined.holder,
        closed=False,
        due=None,
        history=joined.history,
        ambiguous=joined.ambiguous,
        because=joined.because,
    )
    return as_told_by(bare, joined.records, settings, today)


def _dues(holder: Record, records: Sequence[Record], due: date | None, today: date) -> tuple[tuple[date, date], ...]:
    """Every due date so far, as the mark that knows of most records tells, and today's if it is another than the last.

    A mark in public knows of public records alone, and of their dates.
    """
    known = [mark for mark in _marks(holder, records) if mark.dues]
    before = max(known, key=lambda mark: len(mark.members)).dues if known else ()
    if due is None or (before and before[-1][0] == due):
        return before
    return (*before, (due, today))


def _marks(holder: Record, records: Sequence[Record]) -> Iterator[Memory]:
    """The marks of the records, the holder's first."""
    return (mark for record in (holder, *records) if (mark := mark_of(record)) is not None)


def _identify(joined: Sequence[Joined]) -> list[str]:
    """The id of each milestone: from any of its marks, else computed from its holder.

    An id that a record of another milestone gave rise to was copied along with somebody's text, and does not count.
    """
    origins = {milestone_id(record): number for number, each in enumerate(joined) for record in each.records}
    ids: list[str] = []
    for number, each in enumerate(joined):
        marks = _marks(each.holder, each.records)
        own = (mark.id for mark in marks if origins.setdefault(mark.id, number) == number)
        ids.append(next(own, milestone_id(each.holder)))
    return ids
