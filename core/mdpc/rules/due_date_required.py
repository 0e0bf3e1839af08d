"""The rule `due-date-required`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule


class DueDateRequired(Rule):
    """Every open milestone has a due date.

    Without a date there is no day on which anybody looks at it. A collection of ideas that is no commitment deserves a
    waiver with a reason, not a date.
    """

    name: ClassVar[str] = "due-date-required"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """One breach where no record of an open milestone has a due date."""
        if milestone.closed or milestone.due:
            return
        yield Breach(
            "it has no due date",
            f"Set the due date of {milestone.holder.ref}, or waive the rule in [[waivers]] with a reason.",
        )
