"""The rule `slip`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from mdpc.model import Milestone
from mdpc.rules.base import Breach, Context, Rule


class Slip(Rule):
    """A due date does not slip far from what was first promised.

    The original date is the first that mdpc knew, however often the date has moved since. A milestone, open or closed,
    is due at most `max_days` days after it.
    """

    name: ClassVar[str] = "slip"

    max_days: int = Field(14, ge=0, description="days that a due date may move past the original one")

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """One breach where the due date is more than `max_days` days after the original one."""
        if milestone.due is None or milestone.original_due is None:
            return
        days, moved = (milestone.due - milestone.original_due).days, len(milestone.dues) - 1
        if days > self.max_days:
            yield Breach(
                f"it is due {days} {'day' if days == 1 else 'days'} after its original date, "
                f"{milestone.original_due.isoformat()}; the date moved {'once' if moved == 1 else f'{moved} times'}",
                "Make it small enough for an earlier date, or waive the rule for it with the reason.",
            )
