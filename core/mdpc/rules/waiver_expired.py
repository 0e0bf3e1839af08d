"""The rule `waiver-expired`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule


class WaiverExpired(Rule):
    """No waiver outlives its end date.

    An exception has a reason and an end. Once its last day has passed the waived rules count again, and the waiver
    itself is found until somebody renews or deletes it. It cannot be waived.
    """

    name: ClassVar[str] = "waiver-expired"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each ended waiver that matches the milestone."""
        for match, until in context.ended_waivers:
            yield Breach(
                f'its waiver "{match}" ended on {until.isoformat()}',
                "Renew the waiver with a new end date and reason, or delete it from the configuration.",
                what=f"{match} {until.isoformat()}",
            )
