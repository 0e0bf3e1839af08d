"""How a milestone does, in five words. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from mdpc.model import Health

SOON = timedelta(days=7)


def health_of(*, closed: bool, due: date | None, open_issues: int, today: date, disputed: bool = False) -> Health:
    """The health on `today`: due today is not overdue, and the seventh day ahead is still soon.

    `disputed` says that the records' due dates are in conflict.
    """
    if closed:
        return Health.ACHIEVED
    if due is None:
        return Health.AT_RISK if disputed else Health.NO_DATE
    if due < today:
        return Health.OFF_TRACK
    if disputed or (open_issues and due - today <= SOON):
        return Health.AT_RISK
    return Health.ON_TRACK
