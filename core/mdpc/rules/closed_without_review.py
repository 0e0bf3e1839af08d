"""The rule `closed-without-review`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Bypass, Level, Milestone
from mdpc.rules.base import Breach, Context, Rule, few
from mdpc.rules.reviewing import remedy_for


class ClosedWithoutReview(Rule):
    """No milestone is closed before it has passed its gates.

    That is about gates with `by = "close"`, and about milestones that mdpc has seen open. Such a closing is carried to
    no other tracker. With `on_bypass = "reopen"` the milestone is opened again, at most `max_reopens` times. After that
    it stays closed, and this is an error, whatever the level of this rule, unless that is `off`.
    """

    name: ClassVar[str] = "closed-without-review"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """One breach where the milestone was closed without passing gates that it was to pass before."""
        bypass = milestone.bypass
        if bypass is None:
            return
        gates = [remedy_for(gate) for gate in milestone.gates if gate.name in bypass.gates]
        yield Breach(
            f"it was closed without passing {'gate' if len(bypass.gates) == 1 else 'gates'} "
            f"{few(bypass.gates)}{_ending(bypass)}",
            " ".join([*dict.fromkeys(gates), *_or_open(bypass)]),
            at_least=Level.ERROR if bypass.final else None,
        )


def _ending(bypass: Bypass) -> str:
    """What becomes of it."""
    if bypass.reopening:
        return " and is to be opened again"
    if bypass.final:
        times = "once" if bypass.reopened == 1 else f"{bypass.reopened:,} times"
        return f" and stays so: mdpc has opened it again {times}" if bypass.reopened else " and stays so"
    return ""


def _or_open(bypass: Bypass) -> Iterator[str]:
    if not bypass.reopening:
        yield "Or open it again, and close it once it has passed."
