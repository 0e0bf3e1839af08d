"""The digest of a program: which period it is for, and what changed since the last one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mdpc.model import Health, Milestone
from mdpc.program_ledger import Fact, Facts, short
from mdpc.settings.digest import WEEKDAYS, Digest

MOST_FACTS = 1000
"""Milestones whose facts are remembered from one digest to the next: the worst of them."""


def period_of(table: Digest, today: date) -> date:
    """The day on which the latest period began, which is what a digest is called by."""
    if table.every == "daily":
        return today
    if table.every == "1st":
        return today.replace(day=1)
    return today - timedelta(days=(today.weekday() - WEEKDAYS.index(table.every)) % 7)


def facts_of(milestones: Sequence[Milestone]) -> Facts:
    """What is remembered of milestones until the next digest; they come worst first."""
    known = {short(each.id): Fact(each.health, each.due) for each in milestones[:MOST_FACTS]}
    return Facts(known, partly=len(milestones) > len(known))


@dataclass(frozen=True, slots=True)
class News:
    """What changed of one milestone since the last digest; `before` is None where it is new."""

    milestone: Milestone
    before: Fact | None

    @property
    def achieved(self) -> bool:
        """Whether it was achieved since."""
        return self.milestone.health is Health.ACHIEVED

    @property
    def moved(self) -> bool:
        """Whether its due date is another one."""
        return self.before is not None and self.before.due != self.milestone.due

    @property
    def days(self) -> int:
        """By how many days it slipped, negative where it was brought forward; 0 where there is no date to compare."""
        then, now = self.before.due if self.before else None, self.milestone.due
        return (now - then).days if then and now else 0


def news(milestones: Sequence[Milestone], facts: Facts) -> Iterator[News]:
    """What changed, milestone by milestone; nothing where nothing is known of the time before."""
    if not facts.known:
        return
    for each in milestones:
        before = facts.known.get(short(each.id))
        if before is None:
            if not facts.partly:
                yield News(each, None)
        elif (before.health, before.due) != (each.health, each.due):
            yield News(each, before)


def gone(milestones: Sequence[Milestone], facts: Facts) -> int:
    """How many milestones that were not achieved at the last digest are not there any more."""
    here = {short(each.id) for each in milestones}
    return sum(key not in here and fact.health is not Health.ACHIEVED for key, fact in facts.known.items())
