"""Where a milestone has no record though it had or should have one: what is created there, and why nothing is. Pure.

Nothing is created from history, twice, or in place of what vanished, and in a public container nothing that is not
public already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mdpc.course import Course
from mdpc.join import Former, Joined, Seat, former_names, same_title, seat_in
from mdpc.leading import named_in
from mdpc.memory import Remembered, container_print, mark_of
from mdpc.missing import Absent
from mdpc.model import Container, ContainerRef, Lack, Milestone, Record, Ref
from mdpc.render import Surroundings
from mdpc.retitle import LONGEST_TITLE, titled
from mdpc.settings import Program, Settings
from mdpc.snapshot import Snapshot
from mdpc.titles import normalise
from mdpc.tokens import seed, token_id, token_uid, token_url


@dataclass(frozen=True, slots=True)
class Counterparts:
    """What becomes of a milestone's missing records: those to be created, with tokens for what is not known yet."""

    created: tuple[Record, ...] = ()
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What else stands in a container, by container: titles of history, and records whose marks claim milestones.

    `places` are the containers in which `create` asks for records, by program, each with its seat.
    """

    past: Mapping[tuple[ContainerRef, str], Record] = field(default_factory=dict)
    claims: Mapping[tuple[ContainerRef, str], Record] = field(default_factory=dict)
    former: Former = field(default_factory=dict)
    places: Mapping[str, Sequence[tuple[Container, Seat]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, snapshot: Snapshot, history: Mapping[Ref, str], programs: Iterable[Program], settings: Settings
    ) -> Neighbours:
        """Of a snapshot; `history` has the normalised title of each record that is history."""
        past = {
            (record.ref.container, history[record.ref]): record for record in snapshot.records if record.ref in history
        }
        claims = {
            (record.ref.container, claimed): record
            for record in snapshot.records
            if (claimed := mark_of(record).claimed) is not None
        }
        former = former_names(snapshot)
        wanted = [each for ref, each in snapshot.containers.items() if _is_asked_for(ref, settings)]
        places = {
            program.name: [(each, seat) for each in wanted if (seat := seat_in(program, each.ref, former))]
            for program in (programs if wanted else ())
        }
        return cls(past, claims, former, places)


@dataclass(frozen=True, slots=True)
class Case:
    """An open or closed, unambiguous milestone of whose program every container was read, and all around it."""

    milestone: Milestone
    joined: Joined
    course: Course
    absent: Absent
    around: Surroundings
    neighbours: Neighbours


def counterparts_of(case: Case) -> Counterparts:
    """What is missing of a milestone."""
    lacks = [_vanished(member) for member in case.absent.vanished if case.around.settings.sync.on_delete == "report"]
    if not case.milestone.closed and case.around.settings.sync.on_delete == "report":
        lacks += map(_archived, case.absent.archived)
    created: list[Record] = []
    for container, seat, sources in () if case.milestone.closed else _wanted(case):
        record = _record(case, container, seat, sources)
        obstacle = _obstacle(case, container, record)
        if obstacle is not None:
            lacks.append(Lack(str(container.ref), *obstacle))
        elif record is not None:
            created.append(record)
    return Counterparts(tuple(created), tuple(lacks))


def without_memory(found: Counterparts) -> Counterparts:
    """The same where nothing could be remembered: then nothing is created, for it would be created again and again."""
    why = "there is no place to remember that it was created"
    remedy = "Name a project without a glob among the program's members, or as its `home`: memory stands there."
    lacks = (Lack(str(record.ref.container), why, remedy) for record in found.created)
    return Counterparts((), (*found.lacks, *lacks))


def _is_asked_for(ref: ContainerRef, settings: Settings) -> bool:
    return named_in(settings.sync.create, ref) and settings.connectors[ref.connector].access == "write"


def _vanished(member: Remembered) -> Lack:
    return Lack(
        str(member.ref.container) if member.ref else "",
        f"{member.ref} is gone: deleted, merged into another, or closed long ago while mdpc did not run",
        'Create it again under the same title, or let it go with `on_delete = "unlink"` in [sync]; mdpc creates '
        "nothing in its place.",
    )


def _archived(member: Remembered) -> Lack:
    return Lack(
        str(member.ref.container) if member.ref else "",
        f"{member.ref} was archived, and is read-only until somebody unarchives it",
        "Unarchive it, and it follows what was agreed on meanwhile; or close the milestone.",
    )


def _wanted(case: Case) -> Iterator[tuple[Container, Seat, tuple[Record, ...]]]:
    """The containers in which `create` asks for a record, each with the records that it may be made from."""
    sync, around = case.around.settings.sync, case.around
    here = {record.ref.container for record in case.joined.records}
    absent = case.absent
    gone = (*absent.past, *absent.vanished, *absent.unlinked, *absent.archived)
    had = {member.container for member in gone}
    sources = [record for record in case.course.future if not record.closed]
    if sync.create_from:
        sources = [record for record in sources if named_in(sync.create_from, record.ref.container)]
    for container, seat in case.neighbours.places.get(case.joined.program.name, ()):
        told = tuple(each for each in sources if around.may_tell(each, container.ref, case.joined.program))
        known = container_print(container.ref.connector, container.uid)
        if told and container.ref not in here and known not in had:
            yield container, seat, told


def _record(case: Case, container: Container, seat: Seat, sources: Sequence[Record]) -> Record | None:
    """The record to be created; None where its title cannot be told."""
    nature = container.created
    source = next((record for record in sources if record.ref == case.milestone.holder.ref), sources[0])
    title = titled(_shared(case, source), seat.member)
    if nature is None or title is None:
        return None
    token = seed(case.milestone.id, container.ref)
    return Record(
        ref=Ref(container.ref, token_id(token)),
        uid=token_uid(token),
        title=title,
        url=token_url(token),
        markup=nature.markup,
        due=source.due or min((record.due for record in sources if record.due), default=None),
        start=source.start if nature.starts else None,
        carrier=nature.carrier,
        starts=nature.starts,
    )


def _shared(case: Case, source: Record) -> str:
    """The title to share: as the source spells it, unless the source itself is to be called otherwise."""
    own = case.joined.seats[source.ref].title
    changes = any(edit.ref == source.ref and edit.field == "title" for edit in case.course.edits)
    return case.joined.shared if changes and not same_title(own, case.joined.shared) else own


def _obstacle(case: Case, container: Container, record: Record | None) -> tuple[str, str] | None:
    """Why no record is created, and what to do."""
    by_hand = f"Create it in {container.ref} by hand, under the same title"
    if case.milestone.rebuilt:
        again = f"`mdpc forget --only '{case.milestone.key}'` and then `mdpc sync`"
        return "its memory was lost, and it may have had a record there", f"{by_hand}, or run {again}."
    if container.cannot_create:
        return container.cannot_create.rstrip("."), f"{by_hand}."
    if record is None:
        return (
            f"the title pattern of {container.ref} does not say what it would be called there",
            'Write the pattern as plain text around one group `key`, such as "^web (?P<key>.+)$".',
        )
    if len(record.title) > LONGEST_TITLE:
        return f"its title has {len(record.title)} characters, and {LONGEST_TITLE} are allowed", "Shorten the title."
    return _in_the_way(case, container)


def _in_the_way(case: Case, container: Container) -> tuple[str, str] | None:
    """A record that stands there already and is not this milestone's, at least not for sure."""
    stray = case.neighbours.claims.get((container.ref, case.milestone.id))
    if stray is not None:
        return (
            f"{stray.ref} ({stray.title!r}) carries its mark, and nothing else says that it belongs",
            f"Give {stray.ref} the same title, or take the line that starts with `mdpc:` out of it.",
        )
    past = case.neighbours.past.get((container.ref, normalise(case.milestone.key.partition("/")[2])))
    if past is not None:
        return (
            f"{past.ref} has this title already and was {'archived' if past.archived else 'closed'} before mdpc saw it",
            f"Reopen or rename {past.ref}, or leave {container.ref} out of `create`.",
        )
    return None
