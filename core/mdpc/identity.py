"""Which records of a program memory holds to be one milestone, and which marks do not count. Pure.

A mark proves something of the record alone on which it stands, and a milestone's memory is believed only where its
keeper and the record agree: what was copied, forged or left over is ignored, and said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mdpc.memory import Mark, Memory, Remembered, mark_of, milestone_id, print_of
from mdpc.model import Record, Ref
from mdpc.notebook import Notebook

Kept = Mapping[str, Sequence[str]]
"""The milestones whose ledgers know a record, by the record's fingerprint."""


@dataclass(frozen=True, slots=True)
class Known:
    """What memory says of a program's records.

    `ids` is the milestone of each record that belongs to one by memory; `memory` each milestone's own memory, where it
    is not lost; `lost` the members that marks name of milestones whose memory is. `marks` are the records' own marks.
    """

    ids: Mapping[Ref, str] = field(default_factory=dict)
    memory: Mapping[str, Memory] = field(default_factory=dict)
    lost: Mapping[str, tuple[Remembered, ...]] = field(default_factory=dict)
    marks: Mapping[Ref, Mark] = field(default_factory=dict)


def known_of(records: Sequence[Record], notebook: Notebook | None, kept: Kept) -> Known:
    """What the marks of a program's records and its notes say together, and the ledgers, which outrank them."""
    marks = {record.ref: mark_of(record) for record in records}
    proven = [(record, mark.memory) for record in records if (mark := marks[record.ref]).memory is not None]
    by_id: dict[str, list[tuple[Record, Memory]]] = defaultdict(list)
    for record, memory in proven:
        if memory is not None:
            by_id[memory.id].append((record, memory))
    authority = _authorities(by_id, notebook)
    claims: dict[str, str] = {}
    lost: dict[str, tuple[Remembered, ...]] = {}
    # What a description claims is forged more easily than what notes say: of two that know a record, these come first.
    for identity in sorted(authority, key=lambda each: (notebook is None or each not in notebook.memories, each)):
        for known in sorted(authority[identity].prints):
            claims.setdefault(known, identity)
    for identity in sorted(by_id.keys() - authority.keys()):
        members = {member.fingerprint: member for _, memory in by_id[identity] for member in memory.members}
        lost[identity] = tuple(members.values())
        belong = [known for _, memory in by_id[identity] for known in sorted(memory.prints)]
        for known in (*belong, *(print_of(record) for record, _ in by_id[identity])):
            claims.setdefault(known, identity)
    ids = {record.ref: claims[print_of(record)] for record in records if print_of(record) in claims}
    return Known(_by_ledgers(_by_own_word(ids, records, marks, authority), records, kept), authority, lost, marks)


def _by_ledgers(ids: Mapping[Ref, str], records: Iterable[Record], kept: Kept) -> dict[Ref, str]:
    """A record that ledgers know belongs to a milestone of theirs, whatever stands in its description."""
    found = dict(ids)
    for record in records:
        ledgers = kept.get(print_of(record), ())
        if ledgers and found.get(record.ref) not in ledgers:
            found[record.ref] = ledgers[0]
    return found


def _authorities(by_id: Mapping[str, Sequence[tuple[Record, Memory]]], notebook: Notebook | None) -> dict[str, Memory]:
    """Each milestone's own memory: in notes, else its keeper's mark."""
    found = {identity: keeper for identity, claimed in by_id.items() if (keeper := _keeper(identity, claimed))}
    noted = dict(notebook.memories) if notebook else {}
    for identity, memory in noted.items():
        # A mark that calls itself the keeper is older where others say that the notes are, and newer where not.
        said = [mark.keeper for _, mark in by_id.get(identity, ()) if mark.keeper]
        if identity not in found or "notes" in said:
            found[identity] = memory
    return found


def _keeper(identity: str, claimed: Iterable[tuple[Record, Memory]]) -> Memory | None:
    """Of the marks that call themselves the keeper's, the one that the record's own birth or most others speak for.

    One from which another took over while its record was not there is out of date.
    """
    claimed = list(claimed)
    own = [(record, memory) for record, memory in claimed if not memory.keeper]
    own = [each for each in own if not any(_has_missed(memory, each[0]) for _, memory in own)] or own
    if len(own) < 2:
        return own[0][1] if own else None
    named = Counter(memory.keeper for _, memory in claimed)

    def trust(candidate: tuple[Record, Memory]) -> tuple[bool, int]:
        return milestone_id(candidate[0]) == identity, named[print_of(candidate[0])]

    return max(own, key=trust)[1]


def _has_missed(memory: Memory, record: Record) -> bool:
    """Whether the record was a member that was not there when the memory was written."""
    known = print_of(record)
    return known not in memory.known and any(member.fingerprint == known for member in memory.members)


def _by_own_word(
    ids: Mapping[Ref, str], records: Sequence[Record], marks: Mapping[Ref, Mark], authority: Mapping[str, Memory]
) -> dict[Ref, str]:
    """A record that two milestones know belongs to the one that its own mark names, be it a line's id alone."""
    found = dict(ids)
    named = {print_of(record): _named(marks[record.ref]) for record in records}
    for record in records:
        identity = named[print_of(record)]
        if identity is None or identity not in authority:
            continue
        if marks[record.ref].memory is authority[identity]:
            found[record.ref] = _part_of(record, identity, named, authority) or identity
        elif print_of(record) in authority[identity].prints:
            found[record.ref] = identity
    return found


def _named(mark: Mark) -> str | None:
    return mark.memory.id if mark.memory is not None else mark.claimed


def _part_of(
    keeper: Record, identity: str, named: Mapping[str, str | None], authority: Mapping[str, Memory]
) -> str | None:
    """The milestone that this one has become part of, where a run was killed before it said so in the keeper's mark.

    That one knows the keeper then, and all others that are here say already that they belong to it.
    """
    own = print_of(keeper)
    others = {named[known] for known in authority[identity].known if known != own and known in named}
    whole = next(iter(others)) if len(others) == 1 else None
    return whole if whole is not None and whole in authority and own in authority[whole].known else None
