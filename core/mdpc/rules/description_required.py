"""The rule `description-required`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Milestone
from mdpc.rules.base import Breach, Context, Rule
from mdpc.status import place


class DescriptionRequired(Rule):
    """Every open milestone says what it is for.

    A description tells what is reached when the milestone is. What mdpc wrote itself does not count, nor does a
    lone `Owner:` line.
    """

    name: ClassVar[str] = "description-required"

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """One breach where no record of an open milestone has a description of its own."""
        if milestone.closed:
            return
        texts = (place(record.description, None, record.markup) or "" for record in milestone.records)
        if any(_says_something(text) for text in texts):
            return
        yield Breach(
            "nothing says what it is for", f"Describe in {milestone.holder.ref} what is reached when it is done."
        )


def _says_something(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    return any(line and not line.lower().startswith("owner:") for line in lines)
