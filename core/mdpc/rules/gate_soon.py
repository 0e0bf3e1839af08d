"""The rule `gate-soon`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule
from mdpc.rules.reviewing import needed, remedy_for, to_pass


class GateSoon(Rule):
    """A gate is passed before its day is near.

    It is near for `days` days before, and on the day itself. Gates that are to be passed before a milestone closes have
    no day.
    """

    name: ClassVar[str] = "gate-soon"
    default: ClassVar[Level] = Level.WARN

    days: int = Field(7, ge=0, description="days before its day from which on a gate is found")

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each gate that is not passed and whose day is today or in so many days at most."""
        for gate in to_pass(milestone):
            if gate.by is None or not timedelta() <= gate.by - context.today <= timedelta(days=self.days):
                continue
            days = (gate.by - context.today).days
            when = f"in {days:,} {'day' if days == 1 else 'days'}" if days else "today"
            yield Breach(
                f"gate {gate.name} is to be passed by {gate.by.isoformat()}, {when}{needed(gate)}",
                remedy_for(gate),
                what=gate.name,
            )
