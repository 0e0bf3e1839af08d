"""Which records are one milestone: programs, keys and holders. Pure.

A record belongs to one program at most. Within a program, records whose titles normalise to the same key are one
milestone. History (closed before mdpc first saw it open) never joins anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mdpc.matching import is_glob, matches
from mdpc.memory import mark_of
from mdpc.model import ContainerRef, Record, Snapshot
from mdpc.settings import Member, Program, Settings

_SPACES = re.compile(r"\s+")
_VERSION_LETTER = re.compile(r"\bv(?=\d)")


class OverlapError(ValueError):
    """A record that two programs claim: a mistake in the configuration that only the reading could show."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Records that are one milestone of a program, in member order, before anything is judged.

    `because` says for people, record by record, why it belongs.
    """

    program: Program
    key: str
    records: tuple[Record, ...]
    holder: Record
    history: bool
    ambiguous: bool
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a record takes part: its program, the member's position in it, and its normalised title."""

    program: Program
    position: int
    title: str


def normalise(title: str) -> str:
    """The key of a title: NFKC, without case, outer and repeated spaces, and a `v` before a digit."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return _VERSION_LETTER.sub("", _SPACES.sub(" ", folded).strip())


def is_history(record: Record) -> bool:
    """Whether it was closed before mdpc first saw it open, or is archived: listed, never judged or written to."""
    return record.archived or (record.closed and mark_of(record) is None)


def own_program(container: ContainerRef) -> Program:
    """The program of a container that none names: named after it, with itself as home."""
    return Program(name=str(container), members=(Member(ref=str(container)),), home=str(container))


def join(snapshot: Snapshot, settings: Settings) -> tuple[Joined, ...]:
    """All milestones of a snapshot, in the order of programs, members and keys.

    Raises OverlapError where two programs claim one record.
    """
    seats = _Seats(settings.programs, snapshot.renamed)
    groups: dict[tuple[str, str], list[tuple[_Place, Record]]] = defaultdict(list)
    for record in snapshot.records:
        place = _place(record, seats)
        groups[place.program.name, place.title].append((place, record))
    return tuple(joined for group in groups.values() for joined in _milestones(group, seats))


class _Seats:
    """Which members of which programs a container is: looked up once for each container, by all of its names."""

    def __init__(self, programs: Sequence[Program], renamed: Mapping[ContainerRef, ContainerRef]) -> None:
        self._old_names: dict[ContainerRef, list[str]] = defaultdict(list)
        for old, now in renamed.items():
            self._old_names[now].append(str(old))
        self._named: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._globs: list[tuple[str, tuple[int, int]]] = []
        self._programs = programs
        for number, program in enumerate(programs):
            for position, member in enumerate(program.members):
                self._named[member.ref.casefold()].append((number, position))
                if is_glob(member.ref):
                    self._globs.append((member.ref, (number, position)))
        self._known: dict[ContainerRef, tuple[tuple[Program, int], ...]] = {}

    def names(self, container: ContainerRef) -> tuple[str, ...]:
        """What the container is called now, and what it was called before."""
        return (str(container), *self._old_names.get(container, ()))

    def of(self, container: ContainerRef) -> tuple[tuple[Program, int], ...]:
        """The programs and positions of the members that the container is, in their order."""
        if container not in self._known:
            names = self.names(container)
            found = {seat for name in names for seat in self._named.get(name.casefold(), ())}
            found |= {seat for glob, seat in self._globs if any(matches(glob, name) for name in names)}
            self._known[container] = tuple((self._programs[number], position) for number, position in sorted(found))
        return self._known[container]


def _place(record: Record, seats: _Seats) -> _Place:
    claims = list(_claims(record, seats))
    names = {place.program.name for place in claims}
    if len(names) > 1:
        raise OverlapError(
            f"{record.ref} ({record.title!r}) belongs to {len(names)} programs: {', '.join(sorted(names))}. "
            "Narrow their members, or give them `title` patterns that keep them apart"
        )
    if claims:
        return claims[0]
    return _Place(own_program(record.ref.container), 0, normalise(record.title))


def _claims(record: Record, seats: _Seats) -> Iterator[_Place]:
    for program, position in seats.of(record.ref.container):
        title = _key_part(record.title, program.members[position])
        if title is not None:
            yield _Place(program, position, normalise(title))


def _key_part(title: str, member: Member) -> str | None:
    if member.title is None:
        return title
    found = re.search(member.title, title)
    return None if found is None else found.groupdict().get("key") or title


def _milestones(group: list[tuple[_Place, Record]], seats: _Seats) -> Iterator[Joined]:
    """One milestone of the live records of a group, and one of its own for each that is history."""
    group.sort(key=lambda entry: (entry[0].position, entry[1].ref))
    place = group[0][0]
    key = f"{place.program.name}/{place.title}"
    live = [(where, record) for where, record in group if not is_history(record)]
    past = [record for _, record in group if is_history(record)]
    if live:
        records = tuple(record for _, record in live)
        containers = [record.ref.container for record in records]
        yield Joined(
            program=place.program,
            key=key,
            records=records,
            holder=_holder(records, place.program, seats),
            history=False,
            ambiguous=len(set(containers)) < len(containers),
            because=tuple(_because(where, record) for where, record in live),
        )
    alone = len(past) == 1 and not live
    for record in past:
        own_key = key if alone else f"{key}@{record.ref}"
        because = f"{record.ref} was closed before mdpc saw it open, or is archived: history joins nothing"
        yield Joined(place.program, own_key, (record,), record, True, False, (because,))


def _because(place: _Place, record: Record) -> str:
    member = place.program.members[place.position]
    with_title = f" and the title pattern {member.title}" if member.title else ""
    return f"{record.ref}: member {member.ref}{with_title}; its title {record.title!r} has the key {place.title!r}"


def _holder(records: tuple[Record, ...], program: Program, seats: _Seats) -> Record:
    """The record in the program's home, else the first in member order."""
    home = program.home or next((member.ref for member in program.members if not is_glob(member.ref)), None)
    if home is None:
        return records[0]
    at_home = (each for each in records if any(matches(home, name) for name in seats.names(each.ref.container)))
    return next(at_home, records[0])
