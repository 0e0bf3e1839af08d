"""Which records are one milestone: programs, keys and holders. Pure.

A record belongs to one program at most. Within a program, records whose titles normalise to the same key are one
milestone. History (closed before mdpc first saw it open) never joins anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
    groups: dict[tuple[str, str], list[tuple[_Place, Record]]] = defaultdict(list)
    for record in snapshot.records:
        place = _place(record, settings.programs)
        groups[place.program.name, place.title].append((place, record))
    return tuple(joined for group in groups.values() for joined in _milestones(group))


def _place(record: Record, programs: Iterable[Program]) -> _Place:
    claims = [place for program in programs for place in _claims(record, program)]
    names = {place.program.name for place in claims}
    if len(names) > 1:
        raise OverlapError(
            f"{record.ref} ({record.title!r}) belongs to {len(names)} programs: {', '.join(sorted(names))}. "
            "Narrow their members, or give them `title` patterns that keep them apart"
        )
    if claims:
        return claims[0]
    return _Place(own_program(record.ref.container), 0, normalise(record.title))


def _claims(record: Record, program: Program) -> Iterator[_Place]:
    for position, member in enumerate(program.members):
        if not matches(member.ref, str(record.ref.container)):
            continue
        title = _key_part(record.title, member)
        if title is not None:
            yield _Place(program, position, normalise(title))


def _key_part(title: str, member: Member) -> str | None:
    if member.title is None:
        return title
    found = re.search(member.title, title)
    return None if found is None else found.groupdict().get("key") or title


def _milestones(group: list[tuple[_Place, Record]]) -> Iterator[Joined]:
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
            holder=_holder(records, place.program),
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


def _holder(records: tuple[Record, ...], program: Program) -> Record:
    """The record in the program's home, else the first in member order."""
    home = program.home or next((member.ref for member in program.members if not is_glob(member.ref)), None)
    at_home = (record for record in records if home is not None and matches(home, str(record.ref.container)))
    return next(at_home, records[0])
