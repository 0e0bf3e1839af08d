"""How a milestone does, in five words. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from mdpc.model import Health, Milestone
from mdpc.standing import Standing

SOON = timedelta(days=7)

WORST_FIRST = (Health.OFF_TRACK, Health.AT_RISK, Health.NO_DATE, Health.ON_TRACK, Health.ACHIEVED)


def worst_first(milestone: Milestone) -> tuple[bool, int, date, str]:
    """What milestones are sorted by wherever several are told of: history last, then health, date and key."""
    return (milestone.history, WORST_FIRST.index(milestone.health), milestone.due or date.max, milestone.key)


def health_of(milestone: Milestone, today: date) -> Health:
    """The health on `today`: due today is not overdue, and the seventh day ahead is still soon.

    What was closed without its review is not achieved.
    """
    due, gates = milestone.due, milestone.gates
    if milestone.bypass is not None:
        return Health.OFF_TRACK
    if milestone.closed:
        return Health.ACHIEVED
    if (due is not None and due < today) or any(gate.missed(today) or gate.state == "rejected" for gate in gates):
        return Health.OFF_TRACK
    disputed = any(conflict.field == "due" for conflict in milestone.conflicts)
    if disputed or any(is_soon(gate, today) for gate in gates):
        return Health.AT_RISK
    if due is None:
        return Health.NO_DATE
    return Health.AT_RISK if milestone.open_issues and due - today <= SOON else Health.ON_TRACK


def is_soon(gate: Standing, today: date) -> bool:
    """Whether the day of a gate that is not passed is today or within the next seven days."""
    return not gate.passed and gate.by is not None and today <= gate.by <= today + SOON
