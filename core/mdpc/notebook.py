"""Notes as memory by milestone: read out of a program's pages, and put into pages again. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mdpc.matching import is_glob, matches
from mdpc.memory import Memory, as_object, container_print, from_object
from mdpc.model import ContainerRef, Ref
from mdpc.notes import OWN, canonical, note_key
from mdpc.settings import Program
from mdpc.snapshot import Snapshot

PAGE = 30_000
"""Characters a page at most; Jira takes 32,768 a property."""
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Notebook:
    """What a program's notes hold: where they stand, the pages as they are, and the memory in them by milestone's id.

    `kept` are entries by id as JSON, those that this mdpc cannot read included: they are put back as they are. `stand`
    are the ids on each page; one that was moved by a run that was killed stands on two. `unread` are ids of milestones
    that have had a record in a container that was not read: that they are not there says nothing.
    `later` says that a later mdpc wrote it, `damaged` that it was no notes of ours.
    """

    place: ContainerRef
    program: str
    pages: Mapping[str, str] = field(default_factory=dict)
    memories: Mapping[str, Memory] = field(default_factory=dict)
    kept: Mapping[str, object] = field(default_factory=dict)
    stand: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    later: bool = False
    damaged: bool = False

    def ref(self, page: int) -> Ref:
        """The address of a page."""
        return Ref(self.place, note_key(self.program, page))

    def written(self, entries: Mapping[str, object]) -> dict[str, str]:
        """The pages that hold these entries, by key."""
        pages: list[dict[str, object]] = [{}]
        for identity in sorted(entries):
            more = {**pages[-1], identity: entries[identity]}
            if pages[-1] and len(canonical(more)) > PAGE - 100:
                pages.append({identity: entries[identity]})
            else:
                pages[-1] = more
        if not entries:
            return {}
        count = len(pages)
        return {
            note_key(self.program, number): canonical({"v": _VERSION, "pages": count, "milestones": page})
            for number, page in enumerate(pages)
        }


def places(program: Program, connectors: Iterable[str]) -> tuple[ContainerRef, ...]:
    """Where a program's notes may stand: on each connector its home, else its first member without a glob there."""
    refs = [ContainerRef.parse(member.ref) for member in program.members if not is_glob(member.ref)]
    home = [ContainerRef.parse(program.home)] if program.home else []
    found: dict[str, ContainerRef] = {}
    for ref in (*home, *refs):
        if ref.connector in connectors:
            found.setdefault(ref.connector, ref)
    return tuple(found.values())


def notebook_of(program: Program, snapshot: Snapshot, *, own: bool) -> Notebook | None:
    """The program's notes as they were read; None where none of its containers holds notes.

    `own` says that no configuration names the program: it is a container's own.
    """
    renamed = snapshot.renamed
    notes = {ref: pages for reading in snapshot.readings for ref, pages in reading.notes.items()}
    for place in places(program, [reading.connector for reading in snapshot.readings]):
        here = next((ref for ref in notes if str(ref).casefold() == str(renamed.get(place, place)).casefold()), None)
        if here is not None:
            found = _read(here, OWN if own else program.name, notes[here])
            return replace(found, unread=frozenset(_unread(found, program, snapshot)))
    return None


def _unread(notebook: Notebook, program: Program, snapshot: Snapshot) -> Iterator[str]:
    read = {container_print(ref.connector, each.uid) for ref, each in snapshot.containers.items()}
    for identity, memory in notebook.memories.items():
        lost = {str(each.ref.container) for each in memory.members if each.ref and each.container not in read}
        if any(matches(member.ref, container) for container in lost for member in program.members):
            yield identity


def _read(place: ContainerRef, program: str, pages: Mapping[str, str]) -> Notebook:
    mine = {key: text for key, text in pages.items() if key.startswith(note_key(program, 0).removesuffix("0"))}
    memories: dict[str, Memory] = {}
    kept: dict[str, object] = {}
    stand: dict[str, frozenset[str]] = {}
    later = damaged = False
    for key, text in mine.items():
        try:
            page = json.loads(text)
            later |= page["v"] > _VERSION
            entries = dict(page["milestones"])
        except (ValueError, KeyError, TypeError, RecursionError):
            damaged = True
            continue
        kept |= entries
        stand[key] = frozenset(entries)
        for identity, fields in entries.items():
            try:
                memory = from_object(fields)
                if memory.id == identity:
                    memories[identity] = memory
            except ValueError:
                damaged = True
    return Notebook(place, program, mine, memories, kept, stand, later=later, damaged=damaged)


def entry(memory: Memory) -> object:
    """A milestone's memory as its entry in notes."""
    return as_object(memory)
