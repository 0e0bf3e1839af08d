"""A milestone that is achieved is announced once: on a working day, in its issue, and by the channels."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mdpc import run
from mdpc.changes import Plan
from mdpc.plan import Request
from tests.core.test_escalation_in_step import at
from tests.core.test_gates_in_step import PEOPLE, RELEASE
from tests.core.test_in_step import PLATFORM, ROOMY, Company
from tests.memory_channel import ByName, MemoryChannel
from tests.memory_issues import HeldIssue
from tests.memory_tracker import Killed

DUE = date(2026, 12, 10)
"""A Thursday."""


class Party:
    """A milestone that alice owns, on GitHub and in Jira, and who celebrates."""

    def __init__(self, **tables: Any) -> None:
        defaults: dict[str, Any] = {
            "programs": [{**PLATFORM, "home": "github:acme/api"}],
            "sync": {"fields": {"state": "github"}},
            "people": PEOPLE,
            "celebrate": {"via": ["team"]},
            "channels": {"team": ByName(type="team")},
            "limits": ROOMY,
        }
        self.acme = Company(**{**defaults, **tables})
        self.team = MemoryChannel("team")
        self.held = self.acme.github.add("acme/api", "v1.0", due=DUE, description="Owner: @alice-gh")
        self.acme.jira.add("API", "v1.0", due=DUE)
        self.sync(DUE - timedelta(days=20))

    def sync(self, day: date) -> Plan:
        """One run, on a day."""
        self.acme.github.today = self.acme.jira.today = day
        self.acme.github.desk.clock = max(self.acme.github.desk.clock, at(day))
        planned = run.plan(self.acme.settings, self.acme.connectors, Request("sync", at(day)))
        return run.sync(planned, self.acme.connectors, lambda _: None, {"team": self.team})

    def settled(self, day: date) -> Plan:
        """One run, after which nothing is left to do."""
        said = self.sync(day)
        again = run.plan(self.acme.settings, self.acme.connectors, Request("plan", at(day)))
        assert (again.changes, again.messages) == ((), ())
        return said

    def close(self, day: date) -> None:
        """People close it on GitHub."""
        self.held.closed, self.held.closed_at = True, day

    @property
    def issue(self) -> HeldIssue:
        return self.acme.github.desk.one("acme/api")

    def said(self) -> list[str]:
        """What was announced so far, in its comments."""
        issues = self.acme.github.desk.issues.get("acme/api", {}).values()
        return [each.body for issue in issues for each in issue.comments if " is achieved" in each.body]


def test_it_is_said_once_and_not_again_when_it_is_opened_and_closed_again() -> None:
    party = Party()
    assert not party.acme.github.desk.issues
    party.close(DUE)
    planned = party.settled(DUE)
    assert [(each.step, each.to, each.via) for each in planned.notices] == [("achieved", ("person:alice",), ("team",))]
    (comment,) = party.said()
    assert comment.splitlines()[0] == "@alice-gh: v1.0 is achieved, on time."
    assert f"It was closed on {DUE}; it was first promised for {DUE}." in comment
    assert party.issue.closed
    party.held.closed = False
    party.settled(DUE + timedelta(days=1))
    assert not party.issue.closed
    party.close(DUE + timedelta(days=4))
    party.settled(DUE + timedelta(days=4))
    assert len(party.said()) == len(party.team.sent) == 1
    assert party.team.sent[0].subject == "v1.0 is achieved"
    assert party.team.sent[0].kind == "achieved"


@pytest.mark.parametrize(("days", "words"), [(1, "1 day late"), (12, "12 days late"), (-3, "on time")])
def test_how_late_it_is_counts_from_the_first_date(days: int, words: str) -> None:
    party = Party()
    party.held.due = DUE + timedelta(days=30)
    party.settled(DUE - timedelta(days=10))
    party.close(DUE + timedelta(days=days))
    party.settled(DUE + timedelta(days=days))
    (comment,) = party.said()
    assert f" is achieved, {words}." in comment
    assert f"first promised for {DUE}, and last for {DUE + timedelta(days=30)}." in comment


def test_on_a_day_off_it_waits_for_the_next_working_day() -> None:
    party = Party(escalation={"workdays": True})
    saturday = DUE + timedelta(days=2)
    party.close(saturday)
    assert party.settled(saturday).notices == ()
    assert party.settled(saturday + timedelta(days=1)).notices == ()
    party.settled(saturday + timedelta(days=2))
    party.settled(saturday + timedelta(days=3))
    (comment,) = party.said()
    assert f"It was closed on {saturday}" in comment


def test_what_was_closed_without_its_review_is_no_achievement_and_who_approved_is_told() -> None:
    party = Party(gates=[{**RELEASE, "approvals": 1, "on_bypass": "report"}])
    party.close(DUE)
    party.settled(DUE)
    assert party.said() == []
    party.acme.github.desk.say(party.issue, "bob-gh", "/approve release-review")
    party.settled(DUE + timedelta(days=1))
    (comment,) = party.said()
    assert "- `release-review` was approved by `bob-gh`." in comment


def test_a_first_run_over_what_was_closed_long_ago_is_quiet() -> None:
    party = Party()
    for number in range(5):
        party.acme.github.add("acme/api", f"v0.{number}", due=DUE, closed=True)
    assert party.settled(DUE).notices == ()
    assert not party.acme.github.desk.issues


def test_without_the_table_nothing_is_said_and_what_was_closed_meanwhile_stays_unsaid() -> None:
    party = Party(celebrate=None)
    party.close(DUE)
    party.settled(DUE)
    assert not party.acme.github.desk.issues
    party.acme.settings = Party().acme.settings
    assert party.settled(DUE + timedelta(days=1)).notices == ()


def test_a_streak_counts_what_was_on_time_one_after_the_other() -> None:
    party = Party(celebrate={"streaks": True})
    for number, late in enumerate([0, 5, 0, 0], start=1):
        due = DUE - timedelta(days=60 - 10 * number)
        closed = due + timedelta(days=late)
        party.acme.github.add("acme/api", f"v0.{number}", due=due, closed=True, closed_at=closed)
    party.close(DUE)
    party.settled(DUE)
    assert "It is number 3 in a row that was on time." in party.said()[0]


@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_at_any_write_or_message_it_is_said_once(side: str) -> None:
    for moment in range(1, 40):
        party = Party()
        party.close(DUE)
        left = [moment]

        def count(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        setattr(party.acme.github, f"{side}_write", count)
        setattr(party.acme.jira, f"{side}_write", count)
        setattr(party.team, side, count)
        try:
            party.sync(DUE)
        except Killed:
            died = True
        else:
            died = False
        for _ in range(3):
            party.sync(DUE)
        party.settled(DUE)
        assert len(party.said()) == 1, moment
        assert 1 <= len(party.team.sent) <= 2
        assert party.issue.closed
        if not died:
            return
    pytest.fail("it always died")


def test_a_channel_that_fails_is_tried_again_alone() -> None:
    party = Party()
    party.team.down = True
    party.close(DUE)
    assert [each.outcome for each in party.sync(DUE).messages] == ["failed"]
    party.team.down = False
    assert [each.outcome for each in party.settled(DUE + timedelta(days=1)).messages] == ["done"]
    assert len(party.said()) == len(party.team.sent) == 1


def test_what_a_channel_owes_waits_for_a_working_day_too() -> None:
    party = Party(escalation={"workdays": True})
    party.team.down = True
    friday = DUE + timedelta(days=1)
    party.close(friday)
    assert [each.outcome for each in party.sync(friday).messages] == ["failed"]
    party.team.down = False
    for days in (1, 2):
        assert party.settled(friday + timedelta(days=days)).messages == ()
    assert [each.outcome for each in party.settled(friday + timedelta(days=3)).messages] == ["done"]
