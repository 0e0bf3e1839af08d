"""Where a milestone's memory is kept, and what of it stands where. Pure.

The keeper is the holder where its mark may hold everything, else the first record whose mark may; where none may (Jira
versions hold no memory, and a mark in public tells of public records alone) the program's notes keep it. Without notes
that may be written to, the first mark that can keeps what may be told, and of the rest fingerprints alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mdpc.course import Course
from mdpc.memory import NOTES, Memory, Presence, Remembered, container_print, print_of
from mdpc.missing import Absent
from mdpc.model import Carrier, Container, ContainerRef, Milestone, Record
from mdpc.notebook import Notebook
from mdpc.settings import Settings

Told = Callable[[Record], tuple[Record, ...]]
"""The records of a milestone of which may be told where a record is."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps a milestone's memory: a record, else notes, else nobody; `partly` where its mark may not tell all."""

    record: Record | None = None
    notebook: Notebook | None = None
    partly: bool = False

    @property
    def word(self) -> str:
        """What the other records' marks call it."""
        if self.record is not None:
            return print_of(self.record)
        return NOTES if self.notebook else ""


def keeper_of(milestone: Milestone, told: Told, notebook: Notebook | None, settings: Settings) -> Keeper:
    """The keeper of a milestone as it will be."""
    able = [
        record
        for record in (milestone.holder, *milestone.records)
        if record.carrier is not Carrier.NOTES and _writable(record.ref.container, settings)
    ]
    for record in able:
        if len(told(record)) == len(milestone.records):
            return Keeper(record)
    if notebook is not None and _writable(notebook.place, settings):
        return Keeper(notebook=notebook)
    return Keeper(able[0], partly=True) if able else Keeper()


def told_of(memory: Memory, told: Milestone) -> Memory:
    """The memory as a mark may hold it that may tell of these records alone: of the others no address and no value."""
    prints = {print_of(record) for record in told.records}
    return replace(
        memory,
        members=tuple(each if each.fingerprint in prints else replace(each, ref=None) for each in memory.members),
        dues=told.dues,
        undated=memory.undated if told.dues == memory.dues else (),
        base={
            name: replace(agreed, lagging={who: value for who, value in agreed.lagging.items() if who in prints})
            for name, agreed in memory.base.items()
        },
    )


def _writable(container: ContainerRef, settings: Settings) -> bool:
    return settings.connectors[container.connector].access == "write"


def memory_of(
    milestone: Milestone,
    course: Course,
    absent: Absent,
    containers: Mapping[ContainerRef, Container],
    settings: Settings,
) -> Memory:
    """The whole memory of a milestone as it will be, without saying whose it is, nor since when it has no date."""
    members = [*remembered(milestone.records, containers, course.held), *_absent(absent, settings)]
    shared = len(members) > 1
    return Memory(
        id=milestone.id,
        members=tuple(members),
        dues=milestone.dues,
        base=course.base if shared else {},
        disputes=course.disputes,
        rebuilt=milestone.rebuilt,
        issue=milestone.issue[0] if milestone.issue else None,
    )


def undated_by(milestone: Milestone, today: date) -> tuple[tuple[int, date], ...]:
    """When the milestone had no date any more, today included; a date that came back was never taken away."""
    count, before = len(milestone.dues), milestone.undated
    if milestone.closed or not count or any(conflict.field == "due" for conflict in milestone.conflicts):
        return before
    if milestone.due is not None:
        return tuple(each for each in before if each[0] < count)
    return before if before and before[-1][0] == count else (*before, (count, today))


def remembered(
    records: Sequence[Record], containers: Mapping[ContainerRef, Container], held: frozenset[str] = frozenset()
) -> tuple[Remembered, ...]:
    """Records as memory names them; of `held` ones nobody has accepted that they are closed."""
    return tuple(
        Remembered(
            print_of(record),
            container_print(record.ref.container.connector, containers[record.ref.container].uid),
            ("held" if print_of(record) in held else "closed") if record.closed else "open",
            record.ref,
        )
        for record in records
    )


def _absent(absent: Absent, settings: Settings) -> list[Remembered]:
    """Members that are not there are not forgotten: nothing is created in their place."""
    vanished: Presence = "unlinked" if settings.sync.on_delete == "unlink" else "vanished"
    became: tuple[tuple[Sequence[Remembered], Presence], ...] = (
        (absent.past, "past"),
        (absent.vanished, vanished),
        (absent.unlinked, "unlinked"),
    )
    gone = [replace(member, standing=standing) for members, standing in became for member in members]
    return [*gone, *absent.lost, *absent.archived]
