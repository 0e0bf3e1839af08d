"""What the rules about review gates have in common: which gates still matter, and what is to be done about one. Pure.

No remedy names a day, a count or an issue's address: they are told on the coordination issue, which must not be edited
because one of these is known better now.
"""

from __future__ import annotations

from collections.abc import Iterable

from mdpc.model import Milestone
from mdpc.people import called
from mdpc.rules.base import few
from mdpc.standing import Standing

PLACE = "its coordination issue"


def to_pass(milestone: Milestone) -> tuple[Standing, ...]:
    """The gates that a milestone has not passed; none of one that is closed, unless it was without its review."""
    if milestone.closed and milestone.bypass is None:
        return ()
    return tuple(gate for gate in milestone.gates if not gate.passed)


def names(identities: Iterable[str]) -> str:
    """What people are called, each once, and of many the count of the others."""
    return few(dict.fromkeys(map(called, identities)))


def remedy_for(gate: Standing) -> str:
    """What to do so that a gate is passed: the line to write, and who may."""
    if gate.state == "rejected":
        return withdrawal(gate)
    if len(gate.approved_by) >= gate.approvals:
        return "See to what else the gate requires; then it is passed."
    again = "What was approved has changed since: have it looked at again. " if gate.voided_for else ""
    if not gate.waiting_for:
        return f"{again}Nobody who is there may approve it: name other reviewers in [[gates]]."
    return f"{again}Who may approve it ({names(gate.waiting_for)}) writes `/approve {gate.name}` on {PLACE}."


def withdrawal(gate: Standing) -> str:
    """How a rejection ends."""
    who = names(vote.who for vote in gate.votes if vote.word == "reject" and not vote.against)
    said = f"`/withdraw {gate.name}` or `/approve {gate.name}`"
    return f"See to what was rejected; then who rejected it{f' ({who})' if who else ''} writes {said} on {PLACE}."


def needed(gate: Standing) -> str:
    """What a gate still needs, to stand at the end of a message."""
    return f"; still needed: {gate.missing}" if gate.missing else ""
