"""Working days: not weekends, not public holidays, as the configuration says. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from mdpc.settings.escalation import Escalation, holidays_of

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_workday(day: date, table: Escalation) -> bool:
    """Whether messages may be sent on a day."""
    if table.workdays and day.weekday() >= _SATURDAY:
        return False
    return table.holidays is None or day not in holidays_of(table.holidays, day.year)


def next_workday(day: date, table: Escalation) -> date:
    """The day itself, or the first working day after it."""
    while not is_workday(day, table):
        day += _DAY
    return day


def moved(day: date, count: int, table: Escalation, *, working: bool) -> date:
    """The day `count` days later (earlier where negative); with `working` only working days are counted."""
    if not working:
        return day + count * _DAY
    step = _DAY if count > 0 else -_DAY
    for _ in range(abs(count)):
        day += step
        while day.weekday() >= _SATURDAY or not is_workday(day, table):
            day += step
    return day
