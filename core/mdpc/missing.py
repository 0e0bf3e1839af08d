"""What a milestone's marks name and the reading lacks: never taken for gone. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mdpc.matching import matches
from mdpc.memory import Memory, mark_of
from mdpc.model import ContainerRef, Milestone, Record, Ref, Snapshot, Unread
from mdpc.settings import Program, Settings


@dataclass(frozen=True, slots=True)
class Missing:
    """Refs that are missing, by the key of the milestone whose marks name them."""

    refs: Mapping[str, tuple[Ref, ...]]

    def reason(self, key: str) -> str:
        """Why nothing is written for a milestone with missing records, and what to do."""
        named = ", ".join(map(str, self.refs[key]))
        return (
            f"it has had {named}, which was not read: closed longer ago than `history`, deleted, or out of reach. "
            f"Read more history, give the token its right back, or, if it no longer belongs, run "
            f"`mdpc forget --only '{key}'` and then `mdpc sync`"
        )


def missing_of(milestones: Iterable[Milestone], programs: Mapping[str, Program], snapshot: Snapshot) -> Missing:
    """What the live milestones' marks name and no reading holds, within their programs.

    What a skipped container holds was left out on purpose. A record that was renamed along with its repository is not
    missing: its own mark tells, since that names the record's former address.
    """
    here = {record.ref for record in snapshot.records}
    left_out = {each.container.casefold() for each in snapshot.skipped}
    moved = _moved(snapshot, here)
    refs: dict[str, list[Ref]] = defaultdict(list)
    for milestone in milestones:
        program = programs[milestone.program]
        for ref in _named(milestone):
            container = str(ref.container)
            gone = ref not in here and ref.container not in moved and container.casefold() not in left_out
            if gone and not milestone.history and _is_member(container, program):
                refs[milestone.key].append(ref)
    return Missing({key: tuple(found) for key, found in refs.items()})


def lost_containers(missing: Missing, snapshot: Snapshot, settings: Settings) -> Iterator[Unread]:
    """The containers of missing records that no listing has any more: unread, not empty."""
    known = {str(container).casefold() for container in snapshot.containers}
    known |= {entry.container.casefold() for entry in snapshot.unread}
    for key, refs in missing.refs.items():
        for container in dict.fromkeys(ref.container for ref in refs):
            if str(container).casefold() not in known:
                known.add(str(container).casefold())
                optional = _is_optional(container, settings)
                yield Unread(str(container), f"the tracker no longer lists it. {missing.reason(key)}", optional)


def _named(milestone: Milestone) -> Iterator[Ref]:
    marks = (mark for record in milestone.records if (mark := mark_of(record)) is not None)
    return iter(dict.fromkeys(ref for mark in marks for ref in mark.members))


def _moved(snapshot: Snapshot, here: set[Ref]) -> set[ContainerRef]:
    """Former addresses of containers that were read: asked for under them, or told by a record's own mark."""
    marked = ((record, mark) for record in snapshot.records if (mark := mark_of(record)) is not None)
    told = (old for record, mark in marked for old in _former(record, mark, here))
    return {*snapshot.renamed, *told}


def _former(record: Record, mark: Memory, here: set[Ref]) -> Iterator[ContainerRef]:
    """Where a record's own mark says that it was: at its own number or id, in a container of the same tracker."""
    if not mark.members or record.ref in mark.members:
        return
    for ref in mark.members:
        same = ref.id == record.ref.id and ref.container.connector == record.ref.container.connector
        if same and ref not in here:
            yield ref.container


def _is_member(container: str, program: Program) -> bool:
    return any(matches(member.ref, container) for member in program.members)


def _is_optional(container: ContainerRef, settings: Settings) -> bool:
    configured = settings.connectors.get(container.connector)
    return configured is not None and any(matches(glob, container.name) for glob in configured.optional)
