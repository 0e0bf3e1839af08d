"""The rule `ambiguous-title`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from mdpc.join import doubled
from mdpc.model import ContainerRef, Level, Milestone, Record
from mdpc.rules.base import Breach, Context, Rule, few, quoted


class AmbiguousTitle(Rule):
    """A title means one milestone of a repository or project.

    Titles that differ in case, in spaces or in a `v` before a digit are the same. Where two milestones of one
    repository or project have the same title, mdpc cannot say which of them belongs to those elsewhere, and writes to
    none.
    """

    name: ClassVar[str] = "ambiguous-title"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """One breach that names every container with several records of the milestone."""
        if not milestone.ambiguous:
            return
        twice = [_said(container, records) for container, records in doubled(milestone.records).items()]
        yield Breach(
            f"it may be several milestones: {few(twice, '; ')}",
            "Give each a title of its own. Nothing is written to any of them until then.",
        )


def _said(container: ContainerRef, records: Sequence[Record]) -> str:
    named = [f"{record.ref} {quoted(record.title)}" for record in records]
    return f"{container} has {len(records)} of this title, {few(named)}"
