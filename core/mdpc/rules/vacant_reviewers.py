"""The rule `vacant-reviewers`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import ClassVar

from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule, few, quoted
from mdpc.rules.reviewing import names, to_pass
from mdpc.standing import Standing


class VacantReviewers(Rule):
    """Every gate can be passed by those who are there.

    People who are `gone` count no more, nor does who owns the milestone or has owned it, and of a team that mdpc cannot
    read, and that `[teams]` does not list, nobody counts.
    """

    name: ClassVar[str] = "vacant-reviewers"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each gate with too few reviewers, and for each team that nobody knows."""
        gates = to_pass(milestone)
        for gate in gates:
            if gate.vacant:
                yield Breach(
                    f"nobody can pass gate {gate.name}: {_too_few(gate)}",
                    "Name more reviewers who are there and do not own it: in [[gates]] or, where that says "
                    "`jira:approvers`, in the Jira version.",
                    what=gate.name,
                )
        yield from _unknown_teams(gates)


def _too_few(gate: Standing) -> str:
    needed = f"it needs {gate.approvals} {'approval' if gate.approvals == 1 else 'approvals'}"
    able = list(dict.fromkeys([*gate.approved_by, *gate.waiting_for]))
    return f"{needed}, and may be approved by {names(able)} alone" if able else f"{needed}, and nobody may approve it"


def _unknown_teams(gates: Sequence[Standing]) -> Iterator[Breach]:
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for gate in gates:
        for unreadable in gate.unreadable:
            found[unreadable][gate.name] = None
    for (team, why), named in found.items():
        yield Breach(
            f"nobody knows who is in team {quoted(team)}, which reviews for {few(named)}: {why.rstrip('.')}",
            "List its members in [teams], or let the token of mdpc read them.",
            what=f"team {team}",
        )
