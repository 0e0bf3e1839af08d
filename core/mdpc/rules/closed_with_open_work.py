"""The rule `closed-with-open-work`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule


class ClosedWithOpenWork(Rule):
    """A closed milestone has no open issues.

    What was not done either belongs to a later milestone or was not needed: somebody has to say which. Milestones that
    were closed before mdpc first saw them open are history and not judged.
    """

    name: ClassVar[str] = "closed-with-open-work"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each record of a closed milestone that still has open issues."""
        if not milestone.closed:
            return
        for record in milestone.records:
            if record.open_issues:
                count = f"{record.open_issues} open {'issue' if record.open_issues == 1 else 'issues'}"
                yield Breach(
                    f"it is closed with {count}",
                    f"Move what is open in {record.ref} to a later milestone, close it, or reopen the milestone.",
                    record.ref,
                )
