"""What mdpc writes into a description: who owns the milestone, how it does, when it is due, and where else it lives.

Only absolute dates, so that a day passing alone changes nothing; only text that cannot mention, link or mark up more
than mdpc meant; and in a public repository only facts of public records. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mdpc import escape
from mdpc.assemble import as_told_by, known_dues
from mdpc.keeping import Keeper, remembered, told_of
from mdpc.memory import Memory, comment, print_of
from mdpc.model import Container, ContainerRef, Health, Markup, Milestone, Record, Ref
from mdpc.settings import Program, Settings
from mdpc.status import BEGIN, END

MOST_LINKS = 20
"""Counterparts that a status links to; the rest is counted."""


MOST_NAMED = 50
"""Members that a mark names that is not the keeper's."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What surrounds a milestone: the containers that were read, the programs by name, the settings, the day."""

    containers: Mapping[ContainerRef, Container]
    programs: Mapping[str, Program]
    settings: Settings
    today: date

    def told(self, milestone: Milestone, record: Record) -> tuple[Record, ...]:
        """The records of which may be told where `record` is: in public, public ones alone."""
        return self.told_at(milestone, record.ref.container)

    def told_at(self, milestone: Milestone, place: ContainerRef) -> tuple[Record, ...]:
        """The same of a container."""
        if self.programs[milestone.program].public or not self._is_public(place):
            return milestone.records
        return tuple(other for other in milestone.records if self._is_public(other.ref.container))

    def may_tell(self, record: Record, where: ContainerRef, program: Program) -> bool:
        """Whether something may be made of a record in a container: in public, of public records alone."""
        return program.public or not self._is_public(where) or self._is_public(record.ref.container)

    def issue_told(self, milestone: Milestone, record: Record) -> tuple[Ref, str] | None:
        """The milestone's coordination issue, where it may be told where a record is and is not that record."""
        issue = milestone.issue
        if issue is None or issue[0] == record.ref:
            return None
        return issue if self.hears(milestone, record.ref.container) else None

    def hears(self, milestone: Milestone, place: ContainerRef) -> bool:
        """Whether what the coordination issue says may be told in a container."""
        program = self.programs[milestone.program]
        is_public = milestone.issue is not None and self._is_public(milestone.issue[0].container)
        return program.public or not self._is_public(place) or is_public

    def _is_public(self, ref: ContainerRef) -> bool:
        container = self.containers.get(ref)
        return container is not None and container.public is True


def status_text(milestone: Milestone, record: Record, keeper: Keeper, memory: Memory, around: Surroundings) -> str:
    """The status of a milestone as it should stand in the description of one of its records.

    `memory` is the milestone's whole memory; the keeper's status holds it, that of others names who does.
    """
    told = as_told_in(record, milestone, around)
    mark = _mirror(told, record, keeper, memory, around)
    if keeper.record == record:
        mark = replace(told_of(memory, told) if keeper.partly else memory, uid=record.uid)
    others = [other for other in told.records if other.ref != record.ref]
    if not around.settings.writeback.status:
        return _silent(milestone, record, mark)
    issue = around.issue_told(milestone, record)
    if record.markup is Markup.LINE:
        return f"mdpc: {', '.join(facts_of(told, record.markup))}{_also(others)}{_talk(issue)} [{milestone.id}]"
    return _block(" · ".join(facts_of(told, record.markup)), others, issue, mark)


def first_status(milestone: Milestone, record: Record, around: Surroundings) -> str:
    """The status that a record is created with: it names the milestone, and nothing that is not known yet."""
    told = as_told_in(record, milestone, around)
    others = [other for other in told.records if other.ref != record.ref and not _is_token(other)]
    if not around.settings.writeback.status:
        return _silent(milestone, record, Memory(milestone.id))
    if record.markup is Markup.LINE:
        return f"mdpc: {', '.join(facts_of(told, record.markup))}{_also(others)} [{milestone.id}]"
    return _block(" · ".join(facts_of(told, record.markup)), others, None, Memory(milestone.id))


def as_told_in(record: Record, milestone: Milestone, around: Surroundings) -> Milestone:
    """The milestone as far as it may be told where `record` is: in public, from public records alone."""
    return as_told_at(record.ref.container, milestone, around)


def as_told_at(place: ContainerRef, milestone: Milestone, around: Surroundings) -> Milestone:
    """The same of a container; without any records where none may be told there."""
    records = around.told_at(milestone, place)
    if not records:
        return replace(milestone, records=())
    if (milestone.assigned or milestone.handed) and not around.hears(milestone, place):
        milestone = replace(milestone, assigned=None, handed=None)
        milestone = as_told_by(milestone, milestone.records, milestone.dues, around.settings, around.today)
    if len(records) == len(milestone.records):
        return milestone
    refs = {str(each.ref) for each in records}
    told = [
        replace(each, values={ref: each.values[ref] for ref in each.values if ref in refs})
        for each in milestone.conflicts
    ]
    bare = replace(milestone, conflicts=tuple(each for each in told if len(set(each.values.values())) > 1))
    return as_told_by(bare, records, known_dues(records, None), around.settings, around.today)


def _is_token(record: Record) -> bool:
    return print_of(record).startswith("mdpcnew")


def _mirror(told: Milestone, record: Record, keeper: Keeper, memory: Memory, around: Surroundings) -> Memory:
    """What a mark that is not the keeper's says: enough to know the milestone by, and who else belongs or did."""
    whole = {print_of(each) for each in told.records} == memory.known
    members = memory.members if whole else remembered(told.records[:MOST_NAMED], around.containers)
    return Memory(told.id, record.uid, keeper.word, members[:MOST_NAMED], told.dues, rebuilt=memory.rebuilt)


def _silent(milestone: Milestone, record: Record, mark: Memory) -> str:
    """The mark alone, where no status is wanted."""
    if record.markup is Markup.LINE:
        return f"mdpc: kept in step [{milestone.id}]"
    return "\n".join([BEGIN, comment(mark), END])


def facts_of(told: Milestone, markup: Markup) -> list[str]:
    """What a status says of a milestone: health, due date, owner, and how it stands with its gates."""
    facts = [
        _health(told.health),
        _due(told),
        _owner(told, markup),
        *(f"{each.name} {each.state}" for each in told.gates),
    ]
    return [fact for fact in facts if fact]


def _talk(issue: tuple[Ref, str] | None) -> str:
    """Where a milestone is talked about, in a line (`mdpc.tokens` takes it out where the issue could not be made)."""
    address = escape.web_address(issue[1]) if issue else None
    return f"; talk about it at {address}" if address else ""


def _block(facts: str, others: Sequence[Record], issue: tuple[Ref, str] | None, mark: Memory) -> str:
    lines = [BEGIN, f"**mdpc:** {facts}"]
    if others:
        links = [escape.code_link(str(other.ref), other.url) for other in others[:MOST_LINKS]]
        lines += ["", "Together with " + ", ".join(links + _and_more(others))]
    if issue:
        lines += ["", f"Talk about it in {escape.code_link(str(issue[0]), issue[1])}"]
    return "\n".join([*lines, "", comment(mark), END])


def _also(others: Sequence[Record]) -> str:
    linked = others[:MOST_LINKS]
    links = [f"{escape.line(str(other.ref))} {escape.web_address(other.url) or ''}".rstrip() for other in linked]
    shown = links + _and_more(others)
    return "; also " + ", ".join(shown) if shown else ""


def _and_more(others: Sequence[Record]) -> list[str]:
    more = len(others) - MOST_LINKS
    return [f"and {more} more"] if more > 0 else []


def _health(health: Health) -> str:
    return "" if health is Health.NO_DATE else health.value.replace("-", " ")


def _due(milestone: Milestone) -> str:
    if milestone.due is None:
        return "no due date"
    return f"overdue since {milestone.due.isoformat()}" if milestone.late else f"due {milestone.due.isoformat()}"


def _owner(milestone: Milestone, markup: Markup) -> str:
    if milestone.owner is None:
        return "no owner"
    escaped = escape.line if markup is Markup.LINE else escape.markdown
    return f"owner {escaped(milestone.owner.name)}"
