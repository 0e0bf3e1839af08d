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


def known_of(records: Sequence[Record], notebook: Notebook | None) -> Known:
    """What the marks of a program's records and its notes say together."""
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
    return Known(_by_own_word(ids, records, marks, authority), authority, lost, marks)


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
    """Of the marks that call themselves the keeper's, the one that the record's own birth or most others speak for."""
    claimed = list(claimed)
    own = [(record, memory) for record, memory in claimed if not memory.keeper]
    if len(own) < 2:
        return own[0][1] if own else None
    named = Counter(memory.keeper for _, memory in claimed)

    def trust(candidate: tuple[Record, Memory]) -> tuple[bool, int]:
        return milestone_id(candidate[0]) == identity, named[print_of(candidate[0])]

    return max(own, key=trust)[1]


def _by_own_word(
    ids: Mapping[Ref, str], records: Iterable[Record], marks: Mapping[Ref, Mark], authority: Mapping[str, Memory]
) -> dict[Ref, str]:
    """A record that two milestones know belongs to the one that its own mark names, be it a line's id alone."""
    found = dict(ids)
    for record in records:
        own = marks[record.ref].memory
        named = own.id if own is not None else marks[record.ref].claimed
        if (
            named is not None
            and named in authority
            and (own is authority[named] or print_of(record) in authority[named].prints)
        ):
            found[record.ref] = named
    return found
