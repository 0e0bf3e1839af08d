"""The rule `stale`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from mdpc.model import Milestone
from mdpc.rules.base import Breach, Context, Rule


class Stale(Rule):
    """Something happens in every open milestone.

    It is stale when none of its issues changed for `days` days. Only its issues count: what mdpc writes into the
    milestone is no activity. A milestone without any issue counts from the day it was created, where the tracker tells.
    """

    name: ClassVar[str] = "stale"
    needs_activity: ClassVar[bool] = True

    days: int = Field(30, ge=1, description="days without a change of any issue")

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """One breach where an open milestone's last activity is more than `days` days ago."""
        if milestone.closed:
            return
        moments = [record.last_activity or record.created_at for record in milestone.records]
        known = [moment for moment in moments if moment is not None]
        if not known:
            return
        last = max(known).astimezone(context.zone).date()
        if context.today - last <= timedelta(days=self.days):
            return
        yield Breach(
            f"nothing happened in it since {last.isoformat()}",
            "Pick its issues up again, move its date, or close it.",
        )
