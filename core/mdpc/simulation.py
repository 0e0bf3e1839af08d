"""Who would hear what on which day, if nothing happened but that days pass. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mdpc.celebrating import may_announce, owner_of
from mdpc.escalating import climb_of, due_notice, ladder_now
from mdpc.escalation import Climb, Ladder, noted
from mdpc.gating import Gated
from mdpc.model import Milestone, Notice
from mdpc.recipients import Cast


@dataclass(frozen=True, slots=True)
class Start:
    """A milestone as it is when the simulation begins; `announcing` is the notice that it is achieved, not sent yet."""

    milestone: Milestone
    ladder: Ladder
    climb: Climb
    cast: Cast
    announcing: Notice | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A notice, and the day on which it would be sent."""

    day: date
    notice: Notice


def start_of(judged: Gated, milestone: Milestone, cast: Cast) -> Start:
    """Where the ladder of a milestone stands; `milestone` is as this run leaves it."""
    ladder = ladder_now(judged, milestone, cast)
    climb = climb_of(milestone, judged.before, cast.settings, cast.today)
    return Start(milestone, ladder, climb, cast, judged.announcing)


def simulation(starts: Sequence[Start], first: date, last: date) -> tuple[Foreseen, ...]:
    """Every notice from `first` to `last`, by day and by milestone, with a run on every day."""
    found = (foreseen for start in starts for foreseen in _of_one(start, first, last))
    return tuple(sorted(found, key=lambda each: (each.day, each.notice.milestone)))


def _of_one(start: Start, first: date, last: date) -> Iterator[Foreseen]:
    ladder, day = start.ladder, first
    while day <= last:
        notice = _notice(start, ladder, replace(start.cast, today=day))
        if notice is not None:
            ladder = noted(ladder, notice.id, day)
            yield Foreseen(day, notice)
        day += timedelta(days=1)


def _notice(start: Start, ladder: Ladder, cast: Cast) -> Notice | None:
    """The notice of one day: a step of the ladder, or of what is closed that it is achieved."""
    news = start.announcing
    if news is None:
        return due_notice(start.milestone, start.climb, ladder, cast)
    if news.id in dict(ladder.sent) or not may_announce(news, cast):
        return None
    return replace(news, to=owner_of(cast))
