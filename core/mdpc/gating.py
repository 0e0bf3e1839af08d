"""What the gates make of a milestone: how it stands, whether its closing is accepted, what is opened again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mdpc.coordination import Delivered, Issue
from mdpc.course import NOTHING_HELD, Hold
from mdpc.gates import Bench, Heard, Judged, Objection, gates_for, gates_in, judged
from mdpc.handing import objections
from mdpc.health import health_of
from mdpc.hearing import Hearing, Talk, last_moment
from mdpc.ledger import (
    START,
    Ledger,
    Planned,
    Since,
    gate_print,
    is_ledger,
    kept_issues,
    somebody,
    unchanged,
)
from mdpc.marks import mark_at_end
from mdpc.memory import Memory, print_of
from mdpc.model import Bypass, Milestone, Notice, Record, Ref
from mdpc.people import identity_of, identity_of_owner
from mdpc.settings import Gate, Settings
from mdpc.voiding import with_voided

BYPASS = "bypass"
"""The kind of the mark of a comment that says why a milestone was opened again; its name counts them."""


@dataclass(frozen=True, slots=True)
class Gated:
    """A milestone with its gates; what is held back of its closing; and what its coordination issue is to say.

    `ledger` is the one to be written, `before` the one that is there. `objections` are commands that cannot count.
    `pending` are notices whose comment stands there and that channels still owe, each with those channels. `accepting`
    says that the milestone is closed, which nobody had accepted before this run; `announcing` is the notice of that
    while it was not sent, be it due today or later; `delivered` are closed issues of it.
    """

    milestone: Milestone
    hold: Hold = NOTHING_HELD
    heard: Heard = field(default_factory=Heard)
    ledger: Ledger | None = None
    before: Ledger | None = None
    objections: tuple[Objection, ...] = ()
    pending: tuple[Notice, ...] = ()
    accepting: bool = False
    delivered: tuple[Delivered, ...] = ()
    announcing: Notice | None = None


def gated(milestone: Milestone, memory: Memory | None, hearing: Hearing, bench: Bench) -> Gated:
    """Judge a live milestone by its gates. `memory` is what it had before this run."""
    heard = heard_of(milestone, memory, hearing)
    unaccepted = _unaccepted(milestone, memory, heard)
    accepted = milestone.closed and not unaccepted
    ledger = heard.ledger or Ledger(milestone.id, anew=heard.lost)
    ledger = ledger if accepted else _continued(ledger, milestone, heard, bench)
    verdict = judged(milestone, heard, ledger, bench)
    gates = with_voided(verdict.standings, bench.settings.gates, heard, ledger, bench.today)
    milestone = replace(milestone, gates=gates, guard_lost=ledger.anew and bool(gates))
    failing = _failing(ledger, verdict, bench.settings)
    closed = [record for record in milestone.records if record.closed and print_of(record) in unaccepted]
    if milestone.closed and failing and closed:
        reopen = _reopening(failing, closed, memory, heard, bench)
        final = not reopen and any(gate.on_bypass == "reopen" for gate in failing) and _used_up(failing, heard)
        bypass = Bypass(tuple(gate.name for gate in failing), _reopened(heard), final, reopen)
        milestone = replace(milestone, bypass=bypass)
        hold = Hold(True, unaccepted, frozenset(reopen))
        ledger = replace(
            ledger,
            reopened=_reopened_by_then(failing, closed, memory, heard) + bool(reopen),
            let_be=ledger.let_be or _is_let_be(failing, bench),
        )
    else:
        hold = NOTHING_HELD if milestone.closed else Hold(unaccepted=unaccepted)
        ledger = replace(ledger, let_be=False)
    milestone = replace(milestone, health=health_of(milestone, bench.today))
    kept = None if accepted and heard.ledger is None else ledger
    unheard = (*verdict.objections, *objections(heard, milestone.handover, bench.settings))
    accepting = milestone.closed and bool(unaccepted) and milestone.bypass is None
    return Gated(milestone, hold, heard, kept, heard.ledger, unheard, accepting=accepting)


def heard_of(milestone: Milestone, memory: Memory | None, hearing: Hearing) -> Heard:
    """All that was heard of one milestone. `memory` tells whether a record that is an issue was its own before."""
    talk = hearing.of(milestone)
    approvers = tuple(
        (record, approver) for record in milestone.records for approver in hearing.approvers.get(record.ref, ())
    )
    scope = hearing.scope_of(milestone.records, talk.issue.ref if talk else None)
    if talk is None:
        return Heard(approvers=approvers, scope=scope)
    inside = not talk.issue.closed and hearing.inside(milestone.records, talk.issue.ref)
    lost = talk.ledger is None and not (_is_record(talk.issue, milestone) and _is_new(talk, memory))
    return Heard(talk.issue, talk.own, talk.ledger, lost, approvers, scope, inside)


def _is_record(issue: Issue, milestone: Milestone) -> bool:
    return any(record.ref == issue.ref for record in milestone.records)


def _is_new(talk: Talk, memory: Memory | None) -> bool:
    """Whether nothing says that mdpc has ever written on an issue that is people's own."""
    known = memory is not None and memory.issue is not None
    return not known and not talk.own and not any(is_ledger(comment) for comment in talk.issue.comments)


def _continued(before: Ledger, milestone: Milestone, heard: Heard, bench: Bench) -> Ledger:
    """What the ledger is to say after this reading, but for what the gates make of it."""
    settings = bench.settings
    now = Since(before.writing + 1, last_moment(heard.issue) or START)
    handover = milestone.handover
    owner = somebody(identity_of_owner(milestone.owner, settings)) if milestone.owner else ""
    meant = {gate_print(gate.name, gate.match) for gate in gates_for(milestone, settings)}
    known = {gate_print(gate.name, gate.match) for gate in settings.gates}
    owning = dict.fromkeys((handover.by, *(to for _, to in handover.chain), owner))
    answers = {}
    for _, approver in heard.approvers:
        who = somebody(identity_of(approver.account, settings))
        said = before.answers.get(who)
        answers[who] = said if said and said[0] == approver.answer else (approver.answer, now)
    return replace(
        before,
        writing=now.writing,
        members=frozenset(print_of(record) for record in milestone.records),
        dues=_dues(before, milestone, now, bench),
        others=_others(milestone, bench),
        gates=(before.gates & known) | meant,
        scope=kept_issues(heard.scope, before.scope, now),
        owners=(*before.owners, *(who for who in owning if who and who not in before.owners)),
        answers=answers,
        handover=handover,
    )


def _dues(before: Ledger, milestone: Milestone, now: Since, bench: Bench) -> tuple[Planned, ...]:
    """The due dates so far. That a record with another date is the only one left is no re-plan."""
    dues = before.dues or tuple(Planned(due, now, noted) for due, noted in milestone.dues)
    if any(conflict.field == "due" for conflict in milestone.conflicts) and dues:
        return dues
    if dues and dues[-1].due == milestone.due:
        return dues
    closed = any(record.closed and dues and record.due == dues[-1].due for record in bench.dated)
    if closed and milestone.due in before.others:
        return (*dues[:-1], replace(dues[-1], due=milestone.due))
    return (*dues, Planned(milestone.due, now, bench.today))


def _others(milestone: Milestone, bench: Bench) -> frozenset[date]:
    """The due dates that open records have besides the milestone's, as this run leaves them."""
    return frozenset(
        record.due for record in bench.dated if record.due and not record.closed and record.due != milestone.due
    )


def _unaccepted(milestone: Milestone, memory: Memory | None, heard: Heard) -> frozenset[str]:
    """The records, by fingerprint, that are open, or were and whose closing nobody has accepted.

    The ledger tells, since people cannot write there. Where it was lost nothing counts as accepted; where there never
    was an issue, memory tells.
    """
    prints = frozenset(print_of(record) for record in milestone.records)
    open_ones = frozenset(print_of(record) for record in milestone.records if not record.closed)
    if heard.ledger is not None:
        return open_ones | (heard.ledger.seen_open & prints)
    if heard.lost:
        return prints
    return open_ones | ((memory.unaccepted if memory else frozenset()) & prints)


def _failing(ledger: Ledger, verdict: Judged, settings: Settings) -> list[Gate]:
    """The gates at the close that are not passed."""
    passed = {standing.name for standing in verdict.standings if standing.passed}
    return [gate for gate in gates_in(ledger, settings) if gate.at_close and gate.name not in passed]


def _reopening(
    failing: Sequence[Gate], closed: Sequence[Record], memory: Memory | None, heard: Heard, bench: Bench
) -> tuple[Ref, ...]:
    """What is opened again: what was closed since the last run, as often as the gates allow, once they are enforced.

    Where the ledger was lost and memory knows of an accepted closing, nobody knows better than people.
    """
    settings = bench.settings
    if bench.speechless or _is_let_be(failing, bench) or (heard.ledger and heard.ledger.let_be):
        return ()
    if _used_up(failing, heard):
        return ()
    if heard.lost and memory is not None:
        closed = [record for record in closed if print_of(record) in memory.unaccepted]
    return tuple(
        record.ref
        for record in closed
        if not record.archived and settings.connectors[record.ref.container.connector].access == "write"
    )


def _is_let_be(failing: Sequence[Gate], bench: Bench) -> bool:
    """Whether nothing is opened again by policy; what was closed meanwhile stays so once the policy is another."""
    after = bench.settings.enforce_after
    return not any(gate.on_bypass == "reopen" for gate in failing) or (after is not None and bench.today <= after)


def _reopened(heard: Heard) -> int:
    """How often mdpc has opened the milestone again so far."""
    return heard.ledger.reopened if heard.ledger else _bypasses_told(heard.issue, heard.own)


def _reopened_by_then(failing: Sequence[Gate], closed: Sequence[Record], memory: Memory | None, heard: Heard) -> int:
    """The same as the ledger is to say: what nobody knows better than people stays closed for good."""
    doubtful = heard.lost and memory is not None and not any(print_of(each) in memory.unaccepted for each in closed)
    most = (gate.max_reopens for gate in failing if gate.on_bypass == "reopen")
    return max([_reopened(heard), *most]) if doubtful else _reopened(heard)


def _bypasses_told(issue: Issue | None, own: frozenset[str]) -> int:
    comments = issue.comments if issue else ()
    marks = [mark_at_end(comment.body) for comment in comments if comment.id in own]
    return len({found for found in marks if found and found[0] == BYPASS})


def _used_up(failing: Sequence[Gate], heard: Heard) -> bool:
    """Whether it was opened again as often as the gates allow."""
    return _reopened(heard) >= min(gate.max_reopens for gate in failing if gate.on_bypass == "reopen")


def with_future(judged: Gated, future: Milestone) -> Gated:
    """The same with the ledger of the milestone as it will be: the next run will find that nothing has changed.

    Records stay in it as seen open until their closing is accepted.
    """
    if judged.ledger is None:
        return judged
    open_ones = (print_of(record) for record in future.records if not record.closed)
    ledger = replace(
        judged.ledger,
        members=frozenset(print_of(record) for record in future.records),
        seen_open=judged.hold.unaccepted | frozenset(open_ones),
    )
    same = judged.before is not None and unchanged(judged.before, ledger)
    return replace(judged, ledger=judged.before if same else ledger)
