"""Who would hear what on which day, if nothing happened but that days pass. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mdpc.budget import Rationed, Spent, rationed, same_week
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
    """A notice, and the day on which it would be sent; `later` are who would hear of it in the next digest instead."""

    day: date
    notice: Notice
    later: tuple[str, ...] = ()


def start_of(judged: Gated, milestone: Milestone, cast: Cast, put_off: frozenset[str]) -> Start:
    """Where the ladder of a milestone stands; `milestone` is as this run leaves it, `put_off` as in `Climb`."""
    ladder = ladder_now(judged, milestone, cast)
    climb = climb_of(milestone, judged.before, cast.settings, cast.today, put_off)
    return Start(milestone, ladder, climb, cast, judged.announcing)


def simulation(
    starts: Sequence[Start], first: date, last: date, spent: Spent, most: int | None
) -> tuple[Foreseen, ...]:
    """Every notice from `first` to `last`, by day and by milestone, with a run on every day.

    `spent` is what the noise budget, of `most` notices a week for each, was spent on in the week of `first`.
    """
    now = {start.milestone.key: start for start in starts}
    spent = Counter(spent)
    found: list[Foreseen] = []
    day = first
    while day <= last:
        if day > first and not same_week(day, day - timedelta(days=1)):
            spent = Counter()
        for each in list(_of_day(now.values(), day, spent, most)):
            found.append(Foreseen(day, each.notice, each.later))
            now[each.notice.milestone] = _after(now[each.notice.milestone], each, day)
        day += timedelta(days=1)
    return tuple(sorted(found, key=lambda each: (each.day, each.notice.milestone)))


def _of_day(starts: Iterable[Start], day: date, spent: Spent, most: int | None) -> Iterator[Rationed]:
    """What is sent on a day; that a milestone is achieved spends nothing of the noise budget."""
    found = [(start, _notice(start, replace(start.cast, today=day))) for start in starts]
    due = [(notice, start.ladder.due or day) for start, notice in found if notice and not notice.achievement]
    yield from (Rationed(notice) for _, notice in found if notice and notice.achievement)
    yield from rationed(due, spent, most)


def _after(start: Start, each: Rationed, day: date) -> Start:
    """The milestone once a notice was sent, or left to the digest."""
    if each.notice.to or each.notice.achievement:
        return replace(start, ladder=noted(start.ladder, each.notice.id, day))
    return replace(start, climb=replace(start.climb, put_off=start.climb.put_off | {each.notice.id}))


def _notice(start: Start, cast: Cast) -> Notice | None:
    """The notice of one day: a step of the ladder, or of what is closed that it is achieved."""
    news = start.announcing
    if news is None:
        return due_notice(start.milestone, start.climb, start.ladder, cast)
    if news.id in dict(start.ladder.sent) or not may_announce(news, cast):
        return None
    return replace(news, to=owner_of(cast))
