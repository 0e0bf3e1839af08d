"""Which records are one milestone: programs, keys and holders. Pure.

A record belongs to one program at most. Within a program, records that memory knows to be one milestone are one,
whatever they are called now; then those whose titles normalise to the same key. History (closed before mdpc first saw
it open) never joins anything.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mdpc.identity import Kept, Known, known_of
from mdpc.leading import leads
from mdpc.matching import is_glob, matches
from mdpc.memory import LATER, Memory, Remembered, print_of
from mdpc.merge import Held, Settled, Undecided, Verdict, following, merged
from mdpc.model import ContainerRef, Record, Ref
from mdpc.notebook import Notebook, notebook_of
from mdpc.settings import Member, Program, Settings
from mdpc.settings.tables import MERGE
from mdpc.snapshot import Snapshot
from mdpc.titles import normalise

Former = Mapping[ContainerRef, Sequence[str]]
"""Addresses under which containers were known before they were renamed."""


def doubled(records: Sequence[Record]) -> dict[ContainerRef, tuple[Record, ...]]:
    """The containers that have several of these records, which is what makes a milestone ambiguous, with those."""
    found: dict[ContainerRef, list[Record]] = defaultdict(list)
    for record in records:
        found[record.ref.container].append(record)
    return {container: tuple(several) for container, several in found.items() if len(several) > 1}


class OverlapError(ValueError):
    """A record that two programs claim: a mistake in the configuration that only the reading could show."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a record takes part in a program: as which member, its position, and what of its title joins."""

    position: int
    member: Member
    title: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Records that are one milestone of a program, in member order, before anything is judged.

    `seats` are the records' own by their refs; `at_home` says that the holder is in the program's home. `shared` is
    the title that the records share, or shall once all follow whoever changed it. `ids` are the milestones that
    memory knew its records as, more than one where they only now share a title; `kept` is the one that a ledger
    names. `memory` is what mdpc remembers of it, None where nothing or where that was lost; `lost` are then the
    members that marks still name. `troubles` say which marks do not count and why. `because` says for people,
    record by record, why it belongs.
    """

    program: Program
    key: str
    records: tuple[Record, ...]
    holder: Record
    history: bool
    ambiguous: bool
    because: tuple[str, ...]
    seats: Mapping[Ref, Seat]
    shared: str = ""
    ids: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    at_home: bool = False
    memory: Memory | None = None
    lost: tuple[Remembered, ...] = ()
    troubles: tuple[tuple[Ref, str], ...] = ()
    later: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a record takes part: its program, the member's position in it, and what of its title joins."""

    program: Program
    position: int
    title: str


@dataclass(slots=True)
class _Cluster:
    """Records of a program that are one milestone so far; `ids` are those that memory gave them, the holder's first."""

    entries: list[tuple[_Place, Record]]
    ids: list[str]


@dataclass(frozen=True, slots=True)
class Joining:
    """All milestones of a snapshot, and each program's notes by the program's name."""

    milestones: tuple[Joined, ...]
    notebooks: Mapping[str, Notebook]


def same_title(one: str | None, other: str | None) -> bool:
    """Whether two titles have one key; nobody's spelling is changed for the rest."""
    return normalise(one or "") == normalise(other or "")


def own_program(container: ContainerRef) -> Program:
    """The program of a container that none names: named after it, with itself as home."""
    return Program(name=str(container), members=(Member(ref=str(container)),), home=str(container))


def seat_in(program: Program, container: ContainerRef, former: Former) -> Seat | None:
    """The first member of a program that a container is, by its name or a former one; without a title."""
    called = (str(container), *former.get(container, ()))
    seats = (Seat(position, member, "") for position, member in enumerate(program.members))
    return next((seat for seat in seats if any(matches(seat.member.ref, name) for name in called)), None)


def shared_title(title: str, member: Member) -> str | None:
    """What of a record's title joins: the member's group `key`, else all of it; None where it takes no part."""
    if member.title is None:
        return title
    found = re.search(member.title, title)
    return None if found is None else found.groupdict().get("key") or title


def former_names(snapshot: Snapshot) -> Former:
    """What containers were called before, by what they are called now."""
    found: dict[ContainerRef, list[str]] = defaultdict(list)
    for old, now in snapshot.renamed.items():
        found[now].append(str(old))
    return found


def join(snapshot: Snapshot, settings: Settings, kept: Kept | None = None) -> Joining:
    """All milestones of a snapshot, in the order of programs, members and keys; `kept` is what ledgers know.

    Raises OverlapError where two programs claim one record.
    """
    seats = _Seats(settings.programs, former_names(snapshot))
    by_program: dict[str, list[tuple[_Place, Record]]] = defaultdict(list)
    for record in snapshot.records:
        place = _place(record, seats)
        by_program[place.program.name].append((place, record))
    named = {program.name for program in settings.programs}
    milestones: list[Joined] = []
    notebooks: dict[str, Notebook] = {}
    for name, entries in by_program.items():
        program = entries[0][0].program
        notebook = notebook_of(program, snapshot, own=name not in named)
        if notebook is not None:
            notebooks[name] = notebook
        milestones.extend(_Program(program, seats, settings, notebook, kept or {}).milestones(entries))
    return Joining(tuple(milestones), _empty_programs(snapshot, settings) | notebooks)


def containers_of(snapshot: Snapshot, settings: Settings) -> dict[str, tuple[ContainerRef, ...]]:
    """The containers that were read, by the programs that name them, and each by its own program's name."""
    seats = _Seats(settings.programs, former_names(snapshot))
    found: dict[str, dict[ContainerRef, None]] = defaultdict(dict)
    for container in snapshot.containers:
        for name in (own_program(container).name, *(program.name for program, _ in seats.of(container))):
            found[name][container] = None
    return {name: tuple(containers) for name, containers in found.items()}


def _empty_programs(snapshot: Snapshot, settings: Settings) -> dict[str, Notebook]:
    """The notes of all programs, those without any record too."""
    found = {program.name: notebook_of(program, snapshot, own=False) for program in settings.programs}
    own = [own_program(ref) for reading in snapshot.readings for ref, pages in reading.notes.items() if pages]
    found |= {program.name: notebook_of(program, snapshot, own=True) for program in own}
    return {name: notebook for name, notebook in found.items() if notebook is not None and notebook.pages}


class _Seats:
    """Which members of which programs a container is: looked up once for each container, by all of its names."""

    def __init__(self, programs: Sequence[Program], former: Former) -> None:
        self._old_names = former
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
    return _Place(own_program(record.ref.container), 0, record.title)


def _claims(record: Record, seats: _Seats) -> Iterator[_Place]:
    for program, position in seats.of(record.ref.container):
        title = shared_title(record.title, program.members[position])
        if title is not None:
            yield _Place(program, position, title)


class _Program:
    """Joins the records of one program."""

    def __init__(
        self, program: Program, seats: _Seats, settings: Settings, notebook: Notebook | None, kept: Kept
    ) -> None:
        self._program = program
        self._kept = kept
        self._seats = seats
        self._rule = settings.sync.fields.title
        self._notebook = notebook
        self._known = Known()

    def milestones(self, entries: list[tuple[_Place, Record]]) -> Iterator[Joined]:
        entries.sort(key=lambda entry: (entry[0].position, entry[1].ref))
        self._known = known_of([record for _, record in entries], self._notebook, self._kept)
        past = [(place, record) for place, record in entries if self._is_history(record)]
        live = [(place, record) for place, record in entries if not self._is_history(record)]
        clusters = self._clusters(live)
        for key, cluster in clusters.items():
            yield self._live(key, cluster)
        alone = Counter(normalise(place.title) for place, _ in past)
        for place, record in past:
            title = normalise(place.title)
            key = f"{self._program.name}/{title}"
            own_key = key if alone[title] == 1 and title not in clusters else f"{key}@{record.ref}"
            because = f"{record.ref} was closed before mdpc saw it open, or is archived: history joins nothing"
            seats = {record.ref: _seat(place)}
            yield Joined(self._program, own_key, (record,), record, True, False, (because,), seats, place.title)

    def _is_history(self, record: Record) -> bool:
        """Whether it was closed before mdpc first saw it open, or is archived: never judged or written to."""
        mark = self._known.marks[record.ref]
        seen = mark.memory is not None or mark.claimed is not None or record.ref in self._known.ids
        return record.archived or (record.closed and not seen)

    def _clusters(self, live: list[tuple[_Place, Record]]) -> dict[str, _Cluster]:
        """The milestones by key: those that memory knows, then by title."""
        by_id: dict[str, list[tuple[_Place, Record]]] = defaultdict(list)
        rest: list[tuple[_Place, Record]] = []
        for entry in live:
            identity = self._known.ids.get(entry[1].ref)
            (rest if identity is None else by_id[identity]).append(entry)
        found: dict[str, _Cluster] = {}
        for identity, entries in sorted(by_id.items(), key=lambda each: _is_closed(each[1])):
            key = normalise(self._title(entries, identity))
            if key in found and _is_closed(entries):
                # What is closed has its memory, and is not taken for an open milestone that is called so by now.
                key = f"{key}@{self._holder([record for _, record in entries]).ref}"
            self._add(found, key, entries, [identity])
        for entry in rest:
            self._add(found, normalise(entry[0].title), [entry], [])
        for cluster in found.values():
            cluster.entries.sort(key=lambda entry: (entry[0].position, entry[1].ref))
        return dict(sorted(found.items(), key=lambda each: _order(each[1])))

    @staticmethod
    def _add(found: dict[str, _Cluster], key: str, entries: list[tuple[_Place, Record]], ids: list[str]) -> None:
        cluster = found.setdefault(key, _Cluster([], []))
        cluster.entries.extend(entries)
        cluster.ids.extend(ids)

    def _title(self, entries: list[tuple[_Place, Record]], identity: str | None) -> str:
        """What the records are called together: what they shall be called once all follow, else the holder's title.

        A closed record follows no more, so it speaks for others only where all are closed.
        """
        holder = self._holder([record for _, record in entries if not record.closed] or [each for _, each in entries])
        own = next(place.title for place, record in entries if record is holder)
        memory = self._known.memory.get(identity or "")
        base = memory.base.get("title") if memory else None
        known = memory.known - frozenset(base.strangers) if memory and base else frozenset()
        held = [
            Held(
                print_of(each), place.title, each.closed, print_of(each) in known, leads(self._rule, each.ref.container)
            )
            for place, each in entries
        ]
        if self._rule != MERGE:  # where it is "report" or "off" nobody leads
            verdict: Verdict = following(held, base, same_title)
        else:
            verdict = merged([each for each in held if each.known], base, same_title) if base else Undecided()
        return verdict.value if isinstance(verdict, Settled) and verdict.value else own

    def _live(self, key: str, cluster: _Cluster) -> Joined:
        records = tuple(record for _, record in cluster.entries)
        holder = self._holder(records)
        identity = self._identity(holder, cluster)
        title = self._title(cluster.entries, identity)
        return Joined(
            program=self._program,
            key=f"{self._program.name}/{key}",
            records=records,
            holder=holder,
            history=False,
            ambiguous=bool(doubled(records)),
            because=tuple(self._because(place, record, key) for place, record in cluster.entries),
            seats={record.ref: _seat(place) for place, record in cluster.entries},
            shared=title,
            ids=tuple(dict.fromkeys(cluster.ids)),
            kept=(identity,) if identity and identity in self._kept.get(print_of(holder), ()) else (),
            at_home=self._is_home(holder),
            memory=self._known.memory.get(identity) if identity else None,
            lost=self._known.lost.get(identity, ()) if identity else (),
            troubles=tuple(self._troubles(records, holder, identity)),
            later=any(self._known.marks[record.ref].later for record in records)
            or bool(self._notebook and self._notebook.later),
        )

    def _identity(self, holder: Record, cluster: _Cluster) -> str | None:
        own = self._known.ids.get(holder.ref)
        return own if own is not None else next(iter(cluster.ids), None)

    def _troubles(self, records: Sequence[Record], holder: Record, identity: str | None) -> Iterator[tuple[Ref, str]]:
        """Why marks of these records do not count; what is wrong with the notes is said of the holder."""
        if self._notebook and self._notebook.later and not self._known.marks[holder.ref].trouble:
            yield holder.ref, LATER
        for record in records:
            mark = self._known.marks[record.ref]
            if mark.trouble:
                yield record.ref, mark.trouble
            elif mark.memory and mark.memory.id != identity and mark.memory.id in self._known.memory:
                yield record.ref, "its mark names a milestone whose memory does not know it"

    def _because(self, place: _Place, record: Record, key: str) -> str:
        member = place.program.members[place.position]
        if record.ref in self._known.ids:
            return (
                f"{record.ref}: member {member.ref}; by memory ({self._known.ids[record.ref]}), whatever it is called"
            )
        with_title = f" and the title pattern {member.title}" if member.title else ""
        return f"{record.ref}: member {member.ref}{with_title}; its title {record.title!r} has the key {key!r}"

    def _holder(self, records: Sequence[Record]) -> Record:
        """The record in the program's home, else the first in member order."""
        return next((each for each in records if self._is_home(each)), records[0])

    def _is_home(self, record: Record) -> bool:
        home = home_of(self._program)
        return home is not None and any(matches(home, name) for name in self._seats.names(record.ref.container))


def home_of(program: Program) -> str | None:
    """The container where a program's memory and coordination issues live: its first member without a glob."""
    return program.home or next((member.ref for member in program.members if not is_glob(member.ref)), None)


def _is_closed(entries: Sequence[tuple[_Place, Record]]) -> bool:
    return all(record.closed for _, record in entries)


def _seat(place: _Place) -> Seat:
    return Seat(place.position, place.program.members[place.position], place.title)


def _order(cluster: _Cluster) -> tuple[int, Ref]:
    place, record = cluster.entries[0]
    return place.position, record.ref
