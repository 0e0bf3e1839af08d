"""The rule `gate-rejected`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Level, Milestone
from mdpc.people import called
from mdpc.rules.base import Breach, Context, Rule, few, quoted
from mdpc.rules.reviewing import to_pass, withdrawal
from mdpc.standing import Standing


class GateRejected(Rule):
    """No gate is rejected.

    One reviewer who writes `/reject GATE why` keeps a gate closed, however many approve it, until the same person
    withdraws that or approves.
    """

    name: ClassVar[str] = "gate-rejected"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each gate that somebody rejects."""
        for gate in to_pass(milestone):
            if gate.state == "rejected":
                yield Breach(f"gate {gate.name} is rejected{_by_whom(gate)}", withdrawal(gate), what=gate.name)


def _by_whom(gate: Standing) -> str:
    votes = [vote for vote in gate.votes if vote.word == "reject" and not vote.against]
    said = few((f"{called(vote.who)}: {quoted(vote.why)}" if vote.why else called(vote.who) for vote in votes), "; ")
    return f" by {said}" if said else ""
