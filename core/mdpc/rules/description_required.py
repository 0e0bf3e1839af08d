"""The rule `description-required`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Milestone
from mdpc.owners import without_owner_lines
from mdpc.rules.base import Breach, Context, Rule


class DescriptionRequired(Rule):
    """Every open milestone says what it is for.

    A description tells what is reached when the milestone is. What mdpc wrote itself does not count, nor does an
    `Owner:` line or a comment that nobody sees.
    """

    name: ClassVar[str] = "description-required"

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """One breach where no record of an open milestone has a description of its own."""
        if milestone.closed:
            return
        if not any(without_owner_lines(record).strip() for record in milestone.records):
            yield Breach(
                "nothing says what it is for", f"Describe in {milestone.holder.ref} what is reached when it is done."
            )
