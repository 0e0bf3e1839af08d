"""Why approvals are void: what the comment says that asks for them anew, and what `explain` shows of it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from mdpc.coordination import Approver
from mdpc.judge import Explained
from mdpc.ledger import MOST_ISSUES
from mdpc.model import Account, Ref
from mdpc.plan import Request
from mdpc.report.explanation import explanations_json, explanations_markdown, explanations_text
from mdpc.report.page import Look
from mdpc.run import explain
from tests.core.build import NOW, TODAY
from tests.core.test_coordination_issues import one
from tests.core.test_gates_in_step import RELEASE, company
from tests.core.test_in_step import Company
from tests.memory_issues import HeldComment
from tests.memory_tracker import Held

DUE, LATER = date(2027, 1, 1), date(2027, 2, 1)


class Release:
    """A milestone on GitHub that bob has approved."""

    def __init__(self, issues: int = 0, **gate: Any) -> None:
        self.acme: Company = company(gates=[{**RELEASE, "approvals": 1, **gate}])
        self.held: Held = self.acme.github.add("acme/api", "v1.0", due=DUE, description="Owner: @alice-gh")
        self.ref = Ref.parse(f"github:acme/api#{self.held.number}")
        self.holds(issues)
        self.acme.settled()
        self.approve()
        self.acme.settled()

    def holds(self, issues: int) -> None:
        self.acme.github.desk.contents[self.ref] = {str(number) for number in range(1000, 1000 + issues)}

    def approve(self) -> None:
        self.acme.github.desk.say(one(self.acme), "bob-gh", "/approve release-review")

    def comments(self) -> list[HeldComment]:
        return [each for each in one(self.acme).comments if "mdpc:void" in each.body]

    @property
    def told(self) -> str:
        """The only comment that says so, as it is read."""
        (comment,) = self.comments()
        return comment.body.replace("\\#&#8203;", "#")

    def explained(self) -> Explained:
        return explain(self.acme.settings, self.acme.connectors, Request("explain", NOW), "v1.0")


def test_a_date_that_came_back_is_said() -> None:
    release = Release()
    for due in (LATER, DUE):
        release.held.due = due
        release.acme.settled()
    assert "since the due date moved away from 2027-01-01 and back." in release.told


def test_a_date_that_was_taken_away_is_said() -> None:
    release = Release()
    release.held.due = None
    release.acme.settled()
    assert "since the due date moved from 2027-01-01 to no date." in release.told


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0, 1, "1 issue was added (acme/api#1000)"),
        (0, 11, "11 issues were added (acme/api#1000, "),
        (0, MOST_ISSUES + 1, "the number of its issues changed"),
        (MOST_ISSUES + 1, MOST_ISSUES + 2, "the number of its issues changed"),
    ],
)
def test_of_more_issues_than_are_told_apart_only_their_number_is_known(before: int, after: int, said: str) -> None:
    release = Release(before)
    release.holds(after)
    release.acme.settled()
    assert f"since {said}" in release.told


@pytest.mark.parametrize(
    ("binding", "said"),
    [
        (["due"], "since the due date moved from 2027-01-01 to 2027-02-01."),
        (["scope"], "since 1 issue was added (acme/api#1000)."),
        (
            ["due", "scope"],
            "since the due date moved from 2027-01-01 to 2027-02-01 and 1 issue was added (acme/api#1000).",
        ),
    ],
)
def test_only_what_the_gate_is_bound_to_is_said(binding: list[str], said: str) -> None:
    release = Release(void_on=binding)
    release.held.due = LATER
    release.holds(1)
    release.acme.settled()
    assert said in release.told


def test_an_answer_in_jira_knows_what_was_there_before() -> None:
    acme = company(gates=[{**RELEASE, "approvals": 1, "reviewers": ["jira:approvers"]}])
    version = acme.jira.add("API", "v1.0", due=DUE)
    ref = Ref.parse(f"jira:API#{version.number}")
    acme.github.add("acme/api", "v1.0", due=DUE)
    acme.github.desk.contents[Ref.parse("github:acme/api#2")] = {"1000"}
    acme.settled()
    acme.jira.desk.approvers[ref] = [Approver(Account("jira", "bob-j", "Bob"), "approved")]
    acme.settled()
    version.due = LATER
    acme.settled()
    (told,) = (each.body for each in one(acme).comments if "mdpc:void" in each.body)
    assert "since the due date moved from 2027-01-01 to 2027-02-01." in told


def test_an_issue_in_jira_is_called_by_its_key() -> None:
    release = Release()
    version = release.acme.jira.add("API", "v1.0", due=DUE)
    ref = Ref.parse(f"jira:API#{version.number}")
    release.acme.jira.desk.contents[ref] = {"API-9", "API-10"}
    release.acme.settled()
    assert "since 2 issues were added (API-9, API-10)." in release.told


def test_explain_says_since_when_and_why_and_where_it_was_said() -> None:
    release = Release()
    release.held.due = LATER
    what = "the due date moved from 2027-01-01 to 2027-02-01"
    (gate,) = json.loads(explanations_json(release.explained(), ""))["milestones"][0]["gates"]
    assert gate["voided"] == {"since": TODAY.isoformat(), "what": what, "url": None}
    release.acme.settled(NOW)
    (comment,) = release.comments()
    url = f"https://github.example/acme/api/issue-{one(release.acme).number}#{comment.id}"
    comment.at = NOW - timedelta(days=2)
    told = release.explained()
    day = comment.at.date().isoformat()
    (gate,) = json.loads(explanations_json(told, ""))["milestones"][0]["gates"]
    assert gate["voided"] == {"since": day, "what": what, "url": url}
    lines = explanations_text(told, TODAY, Look(120)).splitlines()
    place = lines.index(f"    void since {day}: {what}")
    assert lines[place + 1] == f"      {url}"
    assert "bob approved (void" in lines[place - 2]
    assert f"  - void since {day}: {what} ([`link`]({url}))\n" in explanations_markdown(told, TODAY)


def test_what_is_not_void_any_more_is_not_said_to_be() -> None:
    release = Release()
    release.held.due = LATER
    release.acme.settled()
    release.approve()
    release.acme.settled()
    told = release.explained()
    (gate,) = json.loads(explanations_json(told, ""))["milestones"][0]["gates"]
    assert (gate["state"], gate["voided"]) == ("approved", None)
    assert "void since" not in explanations_text(told, TODAY, Look(120))


def test_what_is_void_once_more_is_not_said_to_be_told_by_the_old_comment() -> None:
    release = Release()
    release.held.due = LATER
    release.acme.settled()
    release.approve()
    release.acme.settled()
    release.held.due = DUE
    (gate,) = json.loads(explanations_json(release.explained(), ""))["milestones"][0]["gates"]
    assert gate["voided"]["url"] is None
    release.acme.settled()
    (gate,) = json.loads(explanations_json(release.explained(), ""))["milestones"][0]["gates"]
    assert gate["voided"]["url"].endswith(f"#{release.comments()[-1].id}")
    assert len(release.comments()) == 2
