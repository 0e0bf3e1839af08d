"""Who would hear what on which day, if nothing happened but that days pass. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mdpc.escalating import climb_of, due_notice, ladder_now
from mdpc.escalation import Climb, Ladder, noted
from mdpc.gating import Gated
from mdpc.model import Milestone, Notice
from mdpc.recipients import Cast


@dataclass(frozen=True, slots=True)
class Start:
    """A milestone as it is when the simulation begins."""

    milestone: Milestone
    ladder: Ladder
    climb: Climb
    cast: Cast


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A notice, and the day on which it would be sent."""

    day: date
    notice: Notice


def start_of(judged: Gated, milestone: Milestone, cast: Cast) -> Start:
    """Where the ladder of a milestone stands; `milestone` is as this run leaves it."""
    ladder = ladder_now(judged, milestone, cast)
    return Start(milestone, ladder, climb_of(milestone, judged.before, cast.settings, cast.today), cast)


def simulation(starts: Sequence[Start], first: date, last: date) -> tuple[Foreseen, ...]:
    """Every notice from `first` to `last`, by day and by milestone, with a run on every day."""
    found = (foreseen for start in starts for foreseen in _of_one(start, first, last))
    return tuple(sorted(found, key=lambda each: (each.day, each.notice.milestone)))


def _of_one(start: Start, first: date, last: date) -> Iterator[Foreseen]:
    ladder, day = start.ladder, first
    while day <= last:
        notice = due_notice(start.milestone, start.climb, ladder, replace(start.cast, today=day))
        if notice is not None:
            ladder = noted(ladder, notice.id, day)
            yield Foreseen(day, notice)
        day += timedelta(days=1)
