"""The rule `overdue`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule


class Overdue(Rule):
    """No open milestone is past its due date.

    A due date is a calendar day in the configured time zone, and due today is not overdue. An overdue milestone wants
    a decision: finish it, or move the date for a reason.
    """

    name: ClassVar[str] = "overdue"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """One breach where the due date of an open milestone lies before today."""
        if milestone.closed or milestone.due is None or milestone.due >= context.today:
            return
        days = (context.today - milestone.due).days
        yield Breach(
            f"it was due on {milestone.due.isoformat()}, {days:,} {'day' if days == 1 else 'days'} ago",
            f"Finish and close {milestone.holder.ref}, or move its due date and say why.",
        )
