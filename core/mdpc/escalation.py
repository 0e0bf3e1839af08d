"""The ladder: which step of it is due for a milestone today. Pure.

What is due follows from the date and from what mdpc noted in the ledger and in its own marks, nothing else:

    the due date                                   the ladder
    ----------------------------------------------  ---------------------------------------------------
    is moved before it has passed, or taken away    begins anew, for the new date
    is moved after it has passed, or taken away     goes on for the old date, until a gate with `void_on` due
                                                    is passed for the new one, or `overdue` is waived
    had passed before `since`, or before mdpc       is quiet
      first saw the milestone

Of several steps whose day has come only the latest is sent, once, never on a day off, and never two on one day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from mdpc.fingerprint import fingerprint
from mdpc.settings.escalation import Escalation, Step
from mdpc.workdays import is_workday, moved, next_workday


@dataclass(frozen=True, slots=True)
class Ladder:
    """How far escalation has come for a milestone.

    `due` is the date that its steps are relative to, None where there is none. `sent` are the notices so far, by id,
    each with its day; `snoozed` is the day until which the next step waits, for this date alone.
    """

    due: date | None = None
    sent: tuple[tuple[str, date], ...] = ()
    snoozed: date | None = None


NO_LADDER = Ladder()


@dataclass(frozen=True, slots=True)
class Due:
    """A step that is due: its notice's id, its position in the ladder, and the day it was meant for."""

    id: str
    number: int
    step: Step
    day: date


def continued(ladder: Ladder, due: date | None, today: date, *, agreed: bool) -> Ladder:
    """The ladder after a reading. `agreed` says that a date moved after it had passed is accepted.

    A date that is in conflict is to be left out of it by the caller.
    """
    if due == ladder.due:
        return ladder
    in_time = ladder.due is None or today <= ladder.due
    return replace(ladder, due=due, snoozed=None) if in_time or agreed else ladder


def notice_id(milestone: str, step: Step, due: date) -> str:
    """A notice's id: of the milestone, the ladder, the step, and the due date of the ladder."""
    return fingerprint("n", milestone, "escalation", step.at, step.match, due.isoformat())


def days_of(steps: Sequence[Step], due: date, table: Escalation) -> list[tuple[date, int, Step]]:
    """When each step is meant to be sent, in that order; its position in the ladder comes with it."""
    found = []
    for number, step in enumerate(steps):
        count, working = step.offset
        found.append((next_workday(moved(due, count, table, working=working), table), number, step))
    return sorted(found, key=lambda each: (each[0], each[1]))


@dataclass(frozen=True, slots=True)
class Climb:
    """What the step of a milestone depends on besides its ladder: its id, the steps that apply to it, and the table.

    `first_seen` is the day when mdpc first knew a due date of it. `put_off` are notices, by id, that the noise budget
    left to a digest: they are not sent any more.
    """

    milestone: str
    steps: tuple[Step, ...]
    table: Escalation
    first_seen: date
    put_off: frozenset[str] = frozenset()


def due_step(ladder: Ladder, climb: Climb, today: date) -> Due | None:
    """The step that is due today; None where none is."""
    if ladder.due is None or not is_workday(today, climb.table) or _is_quiet(ladder.due, climb):
        return None
    come = [each for each in days_of(climb.steps, ladder.due, climb.table) if each[0] <= today]
    if not come or (ladder.snoozed is not None and today < ladder.snoozed):
        return None
    day, number, step = come[-1]
    sent = dict(ladder.sent)
    ids = [notice_id(climb.milestone, each, ladder.due) for each in climb.steps]
    own = ids[number]
    if own in sent or own in climb.put_off or today in (sent[each] for each in ids if each in sent):
        return None
    return Due(own, number, step, day)


def _is_quiet(due: date, climb: Climb) -> bool:
    """Whether a date had passed before anybody was to hear of it."""
    return due < (climb.table.since or climb.first_seen)


def noted(ladder: Ladder, notice: str, today: date) -> Ladder:
    """The ladder once a notice was sent. What was sent for earlier dates stays: no notice is sent twice."""
    return replace(ladder, sent=(*ladder.sent, (notice, today)))


def snoozed(ladder: Ladder, until: date) -> Ladder:
    """The ladder after the owner asked for quiet: once for each date, and what was asked first counts."""
    return ladder if ladder.snoozed is not None else replace(ladder, snoozed=until)
