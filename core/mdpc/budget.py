"""The noise budget: nobody is mentioned by more notices in a week than they can bear. Pure.

The most urgent notices of everybody come first: the latest step of the ladder, then what is longest overdue. A notice
of which nobody is left is not sent; whoever is left out of one hears of it in the next digest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mdpc.decide import Decided
from mdpc.escalating import steps_for
from mdpc.escalation import notice_id
from mdpc.hearing import Hearing
from mdpc.ledger import Ledger, somebody
from mdpc.model import Notice
from mdpc.recipients import Cast, addressed
from mdpc.settings.escalation import offset_of

Spent = Counter[str]
"""How many notices of a week mention somebody, by fingerprint."""


@dataclass(frozen=True, slots=True)
class Rationed:
    """A notice that is due: `notice` to those who are mentioned, and who hears of it in the next digest instead."""

    notice: Notice
    later: tuple[str, ...] = ()


def same_week(one: date, other: date) -> bool:
    """Whether two days are of one week, from Monday to Sunday."""
    return one.isocalendar()[:2] == other.isocalendar()[:2]


def rationed(notices: Iterable[tuple[Notice, date]], spent: Spent, most: int | None) -> Iterator[Rationed]:
    """What becomes of the notices of one day, each with the due date that it is for. `spent` counts what is sent."""
    for notice, _ in sorted(notices, key=_urgency):
        within = [who for who in notice.to if most is None or spent[somebody(who)] < most]
        spent.update(map(somebody, within))
        yield Rationed(replace(notice, to=tuple(within)), tuple(who for who in notice.to if who not in within))


def _urgency(each: tuple[Notice, date]) -> tuple[int, date, str]:
    notice, due = each
    return -(offset_of(notice.step) or (0, False))[0], due, notice.milestone


def mentioned_in_week(
    hearing: Hearing, decided: Sequence[Decided], casts: Mapping[str, Cast], today: date
) -> Mapping[str, tuple[str, ...]]:
    """Whom notices mentioned in the week of `today`, by the ledgers of all milestones: fingerprints, by notice's id.

    Where a run was killed before it wrote that down, those count whom the step was for. `casts` are by milestone's key.
    """
    found: dict[str, tuple[str, ...]] = {}
    talks = (*hearing.by_id.values(), *hearing.by_record.values())
    known = {talk.ledger.id: talk.ledger for talk in talks if talk.ledger is not None}
    for ledger in known.values():
        for notice, day in ledger.ladder.sent:
            if same_week(day, today) and notice in ledger.mentioned:
                found[notice] = ledger.mentioned[notice]
    for each in decided:
        found |= unnoted(each, casts.get(each.milestone.key), today)
    return found


def spent_on(mentioned: Mapping[str, Sequence[str]]) -> Spent:
    """How many notices mentioned whom."""
    return Counter(who for several in mentioned.values() for who in several)


def unnoted(each: Decided, cast: Cast | None, today: date) -> Mapping[str, tuple[str, ...]]:
    """Whom notices of this week that stand on a milestone's issue will have mentioned, where no ledger says so."""
    ledger = each.gated.ledger if each.gated else None
    if ledger is None or cast is None:
        return {}
    now = each.milestone.notice.id if each.milestone.notice else ""
    steps = steps_for(each.milestone, cast.settings)
    dues = {due for due in (ledger.ladder.due, *(planned.due for planned in ledger.dues)) if due}
    numbers = {notice_id(each.milestone.id, step, due): number for number, step in enumerate(steps) for due in dues}
    return {
        notice: tuple(map(somebody, addressed(steps, numbers[notice], replace(cast, today=day)).to))
        for notice, day in ledger.ladder.sent
        if same_week(day, today) and notice not in ledger.mentioned and notice != now and notice in numbers
    }


def with_mentioned(ledger: Ledger, more: Mapping[str, Sequence[str]], today: date) -> Ledger:
    """The ledger with whom notices mentioned; what is older than this week is let go."""
    late = {notice for notice, day in ledger.ladder.sent if same_week(day, today)}
    kept = {notice: who for notice, who in ledger.mentioned.items() if notice in late}
    return replace(ledger, mentioned=kept | {notice: tuple(who) for notice, who in more.items()})
