"""What memory names and the reading lacks: a lost container is never taken for an empty one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mdpc.join import Former, Joined, former_names, seat_in
from mdpc.matching import matches
from mdpc.memory import Remembered, container_print, print_of
from mdpc.model import ContainerRef, Ref, Unread
from mdpc.settings import Settings
from mdpc.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Absent:
    """The members of one milestone that memory knows and that are not among its records.

    `past` were closed and are read no more, or were left out on purpose; `vanished` were open, and their container was
    read; `unlinked` were let go, or belong elsewhere now; `lost` are in containers that no listing has. `archived` were
    open and may be unarchived: until then they are read-only, and stay members as they were.
    """

    past: tuple[Remembered, ...] = ()
    vanished: tuple[Remembered, ...] = ()
    unlinked: tuple[Remembered, ...] = ()
    lost: tuple[Remembered, ...] = ()
    archived: tuple[Remembered, ...] = ()

    def reason(self, key: str) -> str:
        """Why nothing is written for a milestone with lost members, and what to do."""
        named = ", ".join(str(member.ref) for member in self.lost)
        return (
            f"it has had {named}, whose container was not read: renamed, deleted, or out of reach. Name the container "
            f"as it is called now, give the token its right back, or, if it no longer belongs, run "
            f"`mdpc forget --only '{key}'` and then `mdpc sync`"
        )


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was read, by fingerprint: looked up once for all milestones."""

    prints: frozenset[str]
    archived: frozenset[str]
    containers: Mapping[str, ContainerRef]
    skipped: frozenset[str]
    former: Former

    @classmethod
    def of(cls, snapshot: Snapshot) -> Lookup:
        """Of a snapshot."""
        return cls(
            frozenset(print_of(record) for record in snapshot.records),
            frozenset(print_of(record) for record in snapshot.records if record.archived),
            {container_print(ref.connector, each.uid): ref for ref, each in snapshot.containers.items()},
            frozenset(each.container.casefold() for each in snapshot.skipped),
            former_names(snapshot),
        )


def absent_of(joined: Joined, lookup: Lookup) -> Absent:
    """The members that a live milestone has had, by what became of them.

    One in a container that the program no longer names is no member any more. A record in a container that has another
    record of the milestone now was replaced by that.
    """
    remembered = joined.memory.members if joined.memory else joined.lost
    here = {print_of(record) for record in joined.records}
    taken = {record.ref.container for record in joined.records}
    found: dict[str, list[Remembered]] = {"past": [], "vanished": [], "unlinked": [], "lost": [], "archived": []}
    for member in remembered:
        container = lookup.containers.get(member.container, member.ref.container if member.ref else None)
        if member.fingerprint in here or container is None or joined.history:
            continue
        if container not in taken and seat_in(joined.program, container, lookup.former) is not None:
            ref = Ref(container, member.ref.id if member.ref else "?")
            found[_became(member, container, lookup)].append(replace(member, ref=ref))
    return Absent(**{name: tuple(members) for name, members in found.items()})


def _became(member: Remembered, container: ContainerRef, lookup: Lookup) -> str:
    if member.standing == "unlinked":
        return "unlinked"
    was_closed = member.standing in ("closed", "held", "past")
    if member.fingerprint in lookup.archived and not was_closed:
        return "archived"
    if member.fingerprint in lookup.prints:
        return "past" if was_closed else "unlinked"
    if str(container).casefold() in lookup.skipped:
        return "past"
    if member.container not in lookup.containers:
        return "lost"
    return "past" if was_closed else "vanished"


def lost_containers(absent: Mapping[str, Absent], snapshot: Snapshot, settings: Settings) -> Iterator[Unread]:
    """The containers of lost members that no listing has any more: unread, not empty."""
    known = {str(container).casefold() for container in snapshot.containers}
    known |= {entry.container.casefold() for entry in snapshot.unread}
    for key, members in absent.items():
        for member in members.lost:
            container = member.ref.container if member.ref else None
            if container is not None and str(container).casefold() not in known:
                known.add(str(container).casefold())
                why = f"the tracker no longer lists it. {members.reason(key)}"
                yield Unread(str(container), why, _is_optional(container, settings))


def _is_optional(container: ContainerRef, settings: Settings) -> bool:
    configured = settings.connectors.get(container.connector)
    return configured is not None and any(matches(glob, container.name) for glob in configured.optional)
