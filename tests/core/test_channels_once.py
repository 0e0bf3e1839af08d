"""That nobody is told twice, too late or on a day off, whatever becomes of runs, of plans and of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from mdpc import run
from mdpc.changes import Change, Outcome, Plan
from mdpc.exits import is_incomplete
from mdpc.plan import Request
from mdpc.saved import as_saved, from_saved
from tests.core.test_channels_in_step import BY, LATE, PEOPLE, Wired
from tests.core.test_escalation_in_step import DUE, at
from tests.core.test_run import press_ctrl_c
from tests.memory_issues import HeldComment

QUIET = DUE - timedelta(days=20)


def ledger(office: Wired) -> HeldComment:
    assert office.issue is not None
    return next(each for each in office.issue.comments if "mdpc:ledger" in each.body)


def sent(office: Wired) -> tuple[int, int]:
    return len(office.team.sent), len(office.mail.sent)


# ── Saved plans ───────────────────────────────────────────────────────────────────────────────────


def saved(office: Wired, day: date) -> Plan:
    """A plan that somebody keeps in a file on that day."""
    office.acme.github.desk.clock = max(office.acme.github.desk.clock, at(day))
    planned = run.plan(office.acme.settings, office.acme.connectors, Request("plan", at(day)))
    return from_saved(as_saved(planned), ["github", "jira"])


def applied(office: Wired, plan: Plan) -> Plan:
    """What became of a saved plan."""
    renewed = run.renew(plan, office.acme.settings, office.acme.connectors)
    channels = {"team": office.team, "mail": office.mail}
    return run.sync(renewed, office.acme.connectors, lambda _: None, channels)


def test_a_saved_plan_sends_what_it_shows() -> None:
    office = Wired()
    office.sync(QUIET)
    plan = saved(office, LATE)
    assert [each.channel for each in plan.messages] == ["team", "mail"]
    assert [each.outcome for each in applied(office, plan).messages] == ["done", "done"]
    assert sent(office) == (1, 1)
    planned = office.planned(LATE)
    assert (planned.changes, planned.messages) == ((), ())


def test_a_saved_plan_sends_nothing_that_went_out_since() -> None:
    office = Wired()
    office.sync(QUIET)
    plan = saved(office, LATE)
    office.sync(LATE)
    said = applied(office, plan)
    assert {each.outcome for each in said.messages} == {"already"}
    assert sent(office) == (1, 1)


def test_a_saved_plan_sends_of_what_went_out_in_part_only_the_rest() -> None:
    office = Wired()
    office.sync(QUIET)
    plan = saved(office, LATE)
    office.mail.down = True
    office.sync(LATE)
    office.mail.down = False
    applied(office, plan)
    assert sent(office)[0] == 1
    office.sync(LATE)
    assert sent(office) == (1, 1)
    assert office.planned(LATE).changes == ()


def test_a_saved_plan_tells_nobody_of_what_was_closed_since() -> None:
    office = Wired()
    office.sync(QUIET)
    plan = saved(office, LATE)
    office.held.closed = True
    said = applied(office, plan)
    assert {each.outcome for each in said.messages} == {"stale"}
    assert sent(office) == (0, 0)
    assert office.notices() == []


def test_what_a_saved_plan_would_say_otherwise_by_now_is_left_to_the_next_run() -> None:
    office = Wired()
    office.sync(QUIET)
    plan = saved(office, LATE)
    moved = {**PEOPLE, "alice": {**PEOPLE["alice"], "email": "alice@new.example"}}
    office.acme.settings = Wired(people=moved).acme.settings
    said = applied(office, plan)
    assert [(each.channel, each.outcome) for each in said.messages] == [("team", "stale"), ("mail", "stale")]
    assert len(office.notices()) == 1
    office.sync(LATE)
    assert [[each.address for each in message.to] for message in office.mail.sent] == [["alice@new.example"]]
    assert office.planned(LATE).changes == ()


# ── The ledger ────────────────────────────────────────────────────────────────────────────────────


def test_whoever_edits_the_ledger_makes_no_channel_tell_again() -> None:
    office = Wired()
    office.sync(QUIET)
    office.sync(LATE)
    for _ in range(3):
        office.acme.github.desk.edit(ledger(office), "mallory", ledger(office).body.replace("What", "what"))
        office.sync(LATE)
    assert sent(office) == (1, 1)


def test_a_ledger_that_was_deleted_makes_the_last_notice_go_out_once_more() -> None:
    office = Wired()
    office.sync(QUIET)
    office.sync(DUE - timedelta(days=7))
    office.sync(LATE)
    assert sent(office) == (2, 2)
    assert office.issue is not None
    office.issue.comments.remove(ledger(office))
    for _ in range(3):
        office.sync(LATE)
    assert sent(office) == (3, 3)


def test_a_ledger_that_cannot_be_written_does_not_make_a_channel_tell_every_day() -> None:
    office = Wired()
    office.sync(QUIET)
    office.sync(DUE - timedelta(days=7))
    desk = office.acme.github.desk
    writes = desk.apply

    def refusing(changes: Sequence[Change]) -> Sequence[Outcome]:
        """A tracker where mdpc may comment, and may not edit what it wrote."""
        if changes[0].field == "ledger":
            return [Outcome(change.id, "failed", "forbidden") for change in changes]
        return writes(changes)

    desk.apply = refusing  # type: ignore[method-assign]
    for number in range(3):
        said = office.sync(LATE + timedelta(days=number))
    assert {each.outcome for each in said.messages} == {"withheld"}
    assert is_incomplete(said)
    desk.apply = writes  # type: ignore[method-assign]
    again = office.sync(LATE + timedelta(days=3))
    assert {each.outcome for each in again.messages} == {"done"}
    assert sent(office) == (3, 3)  # the step before, and this one: sent, not noted, and once more when it could be
    planned = office.planned(LATE + timedelta(days=3))
    assert (planned.changes, planned.messages) == ((), ())


# ── Days off ──────────────────────────────────────────────────────────────────────────────────────


def test_what_a_channel_owes_is_not_sent_on_a_day_off_and_not_forgotten() -> None:
    office = Wired(escalation={"steps": BY, "workdays": True})  # the step comes on a Friday
    office.sync(QUIET)
    office.mail.down = True
    office.sync(LATE)
    office.mail.down = False
    for number in (1, 2):
        said = office.sync(LATE + timedelta(days=number))
        assert (said.messages, said.changes) == ((), ())
    said = office.sync(LATE + timedelta(days=3))
    assert [(each.channel, each.outcome) for each in said.messages] == [("mail", "done")]
    assert sent(office) == (1, 1)


# ── Interrupted ───────────────────────────────────────────────────────────────────────────────────


def test_what_went_out_before_an_interruption_is_noted() -> None:
    office = Wired()
    office.sync(QUIET)
    office.mail.after = press_ctrl_c
    assert office.sync(LATE).stats.truncated
    office.mail.after = lambda: None
    office.sync(LATE)
    assert sent(office) == (1, 1)
    assert office.planned(LATE).changes == ()
