"""What mdpc writes into a description: who owns the milestone, how it does, when it is due, and where else it lives.

Only absolute dates, so that a day passing alone changes nothing; only text that cannot mention, link or mark up more
than mdpc meant; and in a public repository only facts of public records. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mdpc import escape
from mdpc.assemble import as_told_by
from mdpc.memory import Memory, comment
from mdpc.model import Container, ContainerRef, Health, Markup, Milestone, Record
from mdpc.settings import Program, Settings
from mdpc.status import BEGIN, END

MOST_LINKS = 20
"""Counterparts that a status links to; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What surrounds a milestone: the containers that were read, the programs by name, the settings, the day."""

    containers: Mapping[ContainerRef, Container]
    programs: Mapping[str, Program]
    settings: Settings
    today: date


def status_text(milestone: Milestone, record: Record, around: Surroundings) -> str:
    """The status of a milestone as it should stand in the description of one of its records."""
    told = _as_told_in(record, milestone, around)
    facts = [_health(told.health), _due(told), _owner(told, record.markup)]
    others = [other for other in told.records if other is not record]
    shown, more = others[:MOST_LINKS], len(others) - MOST_LINKS
    and_more = [f"and {more} more"] if more > 0 else []
    if record.markup is Markup.LINE:
        links = [f"{escape.line(str(other.ref))} {escape.web_address(other.url) or ''}".rstrip() for other in shown]
        also = "; also " + ", ".join(links + and_more) if links else ""
        return f"mdpc: {', '.join(filter(None, facts))}{also} [{milestone.id}]"
    lines = [BEGIN, f"**mdpc:** {' · '.join(filter(None, facts))}"]
    if others:
        links = [escape.code_link(str(other.ref), other.url) for other in shown]
        lines += ["", "Together with " + ", ".join(links + and_more)]
    return "\n".join([*lines, "", _memory(told, record), END])


def _as_told_in(record: Record, milestone: Milestone, around: Surroundings) -> Milestone:
    """The milestone as far as it may be told where `record` is: in public, from public records alone."""
    if around.programs[milestone.program].public or not _is_public(record, around):
        return milestone
    told = tuple(other for other in milestone.records if _is_public(other, around))
    return milestone if told == milestone.records else as_told_by(milestone, told, around.settings, around.today)


def _is_public(record: Record, around: Surroundings) -> bool:
    container = around.containers.get(record.ref.container)
    return container is not None and container.public is True


def _health(health: Health) -> str:
    return "" if health is Health.NO_DATE else health.value.replace("-", " ")


def _due(milestone: Milestone) -> str:
    if milestone.due is None:
        return "no due date"
    late = milestone.health is Health.OFF_TRACK
    return f"overdue since {milestone.due.isoformat()}" if late else f"due {milestone.due.isoformat()}"


def _owner(milestone: Milestone, markup: Markup) -> str:
    if milestone.owner is None:
        return "no owner"
    escaped = escape.line if markup is Markup.LINE else escape.markdown
    return f"owner {escaped(milestone.owner.name)}"


def _memory(told: Milestone, record: Record) -> str:
    """The memory that every block carries, so that any record that is left knows of those that are not."""
    return comment(Memory(told.id, record.uid, tuple(other.ref for other in told.records), told.dues))
