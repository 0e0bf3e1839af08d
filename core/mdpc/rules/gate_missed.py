"""The rule `gate-missed`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule
from mdpc.rules.reviewing import needed, remedy_for, to_pass


class GateMissed(Rule):
    """A gate is passed by its day.

    Its day is so many days before the due date as `by` in `[[gates]]` says, and moves with the due date. On that day it
    is not missed yet. Gates that are to be passed before a milestone closes have no day; `closed-without-review` is
    about them.
    """

    name: ClassVar[str] = "gate-missed"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each gate whose day has passed without its being passed."""
        for gate in to_pass(milestone):
            if gate.by is not None and gate.missed(context.today):
                days = (context.today - gate.by).days
                yield Breach(
                    f"gate {gate.name} was to be passed by {gate.by.isoformat()}, {days:,} "
                    f"{'day' if days == 1 else 'days'} ago{needed(gate)}",
                    remedy_for(gate),
                    what=gate.name,
                )
