"""The rule `nobody-to-tell`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule, few


class NobodyToTell(Rule):
    """Everybody whom a milestone's ladder is to tell is somebody who is there.

    A recipient of [[escalation.steps]] is nobody where nobody is named as the owner, where whoever is meant has no
    `manager` in [people], or where they are `away` or `gone` and no `delegate` is there. Where a whole step is for
    nobody, the next step's people hear of it instead. Somebody who has no login where the coordination issue lives
    cannot be mentioned there, and hears of a step only by its channels. Milestones without a due date have no ladder.
    """

    name: ClassVar[str] = "nobody-to-tell"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each recipient who is nobody today."""
        if milestone.closed:
            return
        for who, steps in context.untold:
            yield Breach(
                f"step {few(steps)} is for `{who}`, and that is nobody who is there today",
                _remedy(who, milestone),
                what=who,
            )
        for who, steps in context.unreached:
            yield Breach(
                f"step {few(steps)} is for `{who}`, whom nothing reaches: there is no login where the issue lives, and "
                "no channel of the step that reaches them",
                "Add that login, or an `email` and a channel of type smtp, to [people] and the step's `via`.",
                what=f"reach {who}",
            )


def _remedy(who: str, milestone: Milestone) -> str:
    """What to do; it names nobody, since it may be told in public."""
    if who == "owner" and milestone.owner is None:
        return "Name an owner."
    if who == "stakeholders":
        return "Name `stakeholders` of its program who are there."
    if who.endswith(".manager"):
        return "Give whoever is meant a `manager` in [people], and a `delegate` to managers who are away or gone."
    return "Give whoever is away or gone a `delegate` in [people], or name somebody else in [[escalation.steps]]."
