"""The rule `memory-lost`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.memory import LATER
from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule


class MemoryLost(Rule):
    """What mdpc remembers of a milestone is there, and is its own.

    Memory stands in the milestones themselves, so people can delete it, damage it or copy it to another milestone, and
    so they can mdpc's comments. What does not count is ignored, and that costs nothing but the base: equal values are
    adopted again, and values that differ are conflicts, since nobody knows any more which of them changed. A first run
    that was interrupted before it wrote its memory looks the same.
    """

    name: ClassVar[str] = "memory-lost"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach where the milestone's memory was lost, and one for each record whose mark does not count."""
        if milestone.forgotten:
            yield Breach(
                "nothing is remembered of it, though it has mdpc's marks: that was lost, or a run was stopped before "
                "it was written",
                "Look at its fields: what is equal is adopted, and what differs is a conflict until people agree. What "
                "is missing elsewhere is created by hand.",
            )
        if milestone.issue_gone:
            yield Breach(
                f"its coordination issue {milestone.issue_gone} was deleted or moved",
                "Nothing has to be done where nobody had approved anything: sync makes a new one. Approvals that stood "
                "in the old one have to be given again.",
                what="issue",
            )
        if milestone.guard_lost:
            yield Breach(
                "mdpc's ledger on its coordination issue was deleted or edited, or a run was stopped before it was "
                "written: approvals from before are void, and who has owned it before is not known any more",
                "Look at who owned it and let somebody else approve; the tracker's history may tell who did it. A "
                "waiver of this rule says that it was looked at.",
                what="ledger",
            )
        for ref, trouble in milestone.troubles:
            yield Breach(
                trouble,
                "Run that version of mdpc; this one writes nothing for the milestone."
                if trouble == LATER
                else f"Nothing has to be done: sync writes the mark of {ref} anew. At most the base is lost: what is "
                "equal is adopted, and what differs is a conflict.",
                ref,
                what=trouble,
            )
