"""The rules about review gates: their day, rejections, vacant reviewers, and milestones closed without review."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mdpc.installed import installed_rules
from mdpc.judge import Policy, findings, verdicts
from mdpc.model import Bypass, Level, Milestone, Ref
from mdpc.standing import Standing, Vote
from tests.core.build import TODAY, milestone, record, settings
from tests.core.reports import HOSTILE
from tests.core.test_rules_in_step import breaches

DAY = timedelta(days=1)
API = "github:acme/api#1"
OPEN = milestone(record(API, due="2027-03-01"))
CLOSED = replace(OPEN, closed=True)
RULES = ("gate-missed", "gate-soon", "gate-rejected", "vacant-reviewers", "closed-without-review")
BOB, CAROL = "person:bob", "account:github:carol-gh"


def gate(name: str = "release-review", **facts: Any) -> Standing:
    """A gate that waits for one approval, by bob or @carol-gh."""
    known: dict[str, Any] = {"state": "pending", "at_close": False, "missing": "1 approval"}
    return Standing(name, **{**known, "waiting_for": (BOB, CAROL), **facts})


def with_gates(*gates: Standing, of: Milestone = OPEN, bypass: Bypass | None = None) -> Milestone:
    return replace(of, gates=gates, bypass=bypass)


def said(rule: str, of: Milestone, **settings: Any) -> list[str]:
    return [breach.message for breach in breaches(rule, of, settings)]


def rejected(**facts: Any) -> Standing:
    votes = facts.pop("votes", (Vote(BOB, "reject", "not tested", "https://x.example/1"),))
    return gate(state="rejected", missing="a rejection to be withdrawn", votes=votes, **facts)


# ── gate-missed and gate-soon ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "missed", "soon"),
    [
        (-30, "30 days ago", None),
        (-1, "1 day ago", None),
        (0, None, "today"),
        (1, None, "in 1 day"),
        (7, None, "in 7 days"),
        (8, None, None),
        (None, None, None),
    ],
)
def test_a_gate_has_a_day(days: int | None, missed: str | None, soon: str | None) -> None:
    day = None if days is None else TODAY + days * DAY
    of = with_gates(gate(by=day))
    needed = "; still needed: 1 approval"
    past = [f"gate release-review was to be passed by {day}, {missed}{needed}"] if missed else []
    near = [f"gate release-review is to be passed by {day}, {soon}{needed}"] if soon else []
    assert said("gate-missed", of) == past
    assert said("gate-soon", of) == near


@pytest.mark.parametrize(("days", "found"), [(0, 1), (1, 2), (3, 3)])
def test_how_near_is_near_is_set(days: int, found: int) -> None:
    of = with_gates(*(gate(f"g{number}", by=TODAY + number * DAY) for number in range(4) if number != 2))
    assert len(said("gate-soon", of, days=days)) == found


@pytest.mark.parametrize(
    ("facts", "remedy"),
    [
        ({}, "Who may approve it (bob, @carol-gh) writes `/approve release-review` on its coordination issue."),
        (
            {"waiting_for": (CAROL,), "voided_for": (BOB,)},
            "What was approved has changed since: have it looked at again. Who may approve it (@carol-gh) "
            "writes `/approve release-review` on its coordination issue.",
        ),
        ({"approved_by": (BOB,), "missing": "2 open issues to be closed"}, "See to what else the gate requires; then"),
        ({"waiting_for": ()}, "Nobody who is there may approve it: name other reviewers in [[gates]]."),
        ({"state": "rejected"}, "See to what was rejected; then who rejected it writes `/withdraw release-review` or "),
    ],
)
@pytest.mark.parametrize(("rule", "by"), [("gate-missed", TODAY - DAY), ("gate-soon", TODAY)])
def test_a_remedy_says_who_writes_what(rule: str, by: date, facts: dict[str, Any], remedy: str) -> None:
    (breach,) = breaches(rule, with_gates(gate(by=by, **facts)))
    assert breach.remedy.startswith(remedy)
    assert breach.what == "release-review"


@pytest.mark.parametrize("rule", ["gate-missed", "gate-soon"])
def test_a_remedy_stays_the_same_while_days_pass(rule: str) -> None:
    of = with_gates(gate(by=TODAY if rule == "gate-soon" else TODAY - 9 * DAY))
    now, before = (breaches(rule, of, {}, today=day) for day in (TODAY, TODAY - DAY))
    assert [each.remedy for each in now] == [each.remedy for each in before] != []
    assert now[0].message != before[0].message


def test_of_many_reviewers_the_rest_is_counted() -> None:
    many = tuple(f"person:p{number:02}" for number in range(14))
    (breach,) = breaches("gate-missed", with_gates(gate(by=TODAY - DAY, waiting_for=many)))
    assert "p09, and 4 more) writes" in breach.remedy


# ── gate-rejected ─────────────────────────────────────────────────────────────────────────────────


def test_a_rejection_is_told_with_who_and_why() -> None:
    votes = (
        Vote(CAROL, "reject", "too early", "", against="a later word of the same person counts"),
        Vote(CAROL, "approve", "", ""),
        Vote(BOB, "reject", "not tested", ""),
        Vote("person:dana", "reject", HOSTILE * 3, ""),
    )
    (breach,) = breaches("gate-rejected", with_gates(rejected(votes=votes), gate("other")))
    assert breach.message.startswith('gate release-review is rejected by bob: "not tested"; dana: "::error::x ')
    assert len(breach.message) < 200
    assert breach.remedy == (
        "See to what was rejected; then who rejected it (bob, dana) writes `/withdraw release-review` or `/approve "
        "release-review` on its coordination issue."
    )


# ── vacant-reviewers ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "messages"),
    [
        ({}, []),
        (
            {"vacant": True, "waiting_for": ()},
            ["nobody can pass gate release-review: it needs 1 approval, and nobody may approve it"],
        ),
        (
            {"vacant": True, "approvals": 3, "waiting_for": (CAROL,), "approved_by": (BOB,)},
            [
                "nobody can pass gate release-review: it needs 3 approvals, and may be approved by bob, @carol-gh "
                "alone",
            ],
        ),
        (
            {"unreadable": (("acme/leads", "the token may not"), ("acme/qa", "there is none"))},
            [
                'nobody knows who is in team "acme/leads", which reviews for release-review: the token may not',
                'nobody knows who is in team "acme/qa", which reviews for release-review: there is none',
            ],
        ),
        ({"vacant": True, "unreadable": (("acme/leads", "no"),), "state": "waived", "missing": ""}, []),
        ({"vacant": True, "state": "approved", "missing": ""}, []),
    ],
)
def test_reviewers_that_are_not_there(facts: dict[str, Any], messages: list[str]) -> None:
    assert said("vacant-reviewers", with_gates(gate(**facts))) == messages


def test_a_team_is_told_once_for_all_its_gates() -> None:
    unreadable = (("acme/leads", "no"),)
    of = with_gates(gate("a", unreadable=unreadable * 2), gate("b", unreadable=unreadable))
    (breach,) = breaches("vacant-reviewers", of)
    assert breach.message == 'nobody knows who is in team "acme/leads", which reviews for a, b: no'
    assert breach.remedy == "List its members in [teams], or let the token of mdpc read them."


# ── closed-without-review ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("bypass", "message", "level"),
    [
        (Bypass(("a",)), "it was closed without passing gate a", None),
        (Bypass(("a", "b")), "it was closed without passing gates a, b", None),
        (Bypass(("a",), 1, False, (Ref.parse(API),)), "… gate a and is to be opened again", None),
        (Bypass(("a",), 1, True), "… gate a and stays so: mdpc has opened it again once", Level.ERROR),
        (Bypass(("a",), 3, True), "… gate a and stays so: mdpc has opened it again 3 times", Level.ERROR),
        (Bypass(("a",), 0, True), "… gate a and stays so", Level.ERROR),
    ],
)
def test_a_closing_without_review(bypass: Bypass, message: str, level: Level | None) -> None:
    (breach,) = breaches("closed-without-review", with_gates(gate("a"), gate("b"), of=CLOSED, bypass=bypass))
    assert breach.message == message.replace("…", "it was closed without passing")
    assert breach.at_least == level
    assert "`/approve a`" in breach.remedy
    assert ("`/approve b`" in breach.remedy) == ("b" in bypass.gates)
    assert ("Or open it again" in breach.remedy) == (not bypass.reopening)


FINAL = with_gates(gate("a", at_close=True), of=CLOSED, bypass=Bypass(("a",), 3, True))


@pytest.mark.parametrize(
    ("level", "tables", "found"),
    [
        ("warn", {}, [Level.ERROR]),
        ("error", {}, [Level.ERROR]),
        ("off", {}, []),
        ("warn", {"enforce_after": TODAY}, [Level.WARN]),
        ("error", {"enforce_after": TODAY}, [Level.WARN]),
        ("warn", {"enforce_after": TODAY - DAY}, [Level.ERROR]),
    ],
)
def test_a_bypass_that_stands_is_an_error_while_the_rule_is_on(
    level: str, tables: dict[str, Any], found: list[Level]
) -> None:
    policy = Policy(settings(rules={"closed-without-review": level}, **tables), installed_rules())
    heard = verdicts(FINAL, policy, TODAY)
    assert [each.level for each in findings(FINAL, heard) if each.rule == "closed-without-review"] == found
    (verdict,) = [each for each in heard if each.rule == "closed-without-review"]
    assert [verdict.worst] == (found or [Level.OFF])


# ── all of them ───────────────────────────────────────────────────────────────────────────────────

TROUBLED = (
    gate("missed", by=TODAY - DAY),
    gate("soon", by=TODAY, vacant=True, unreadable=(("acme/leads", "no"),)),
    rejected(by=TODAY),
)


@pytest.mark.parametrize("rule", RULES)
def test_of_what_is_achieved_nothing_is_said(rule: str) -> None:
    assert breaches(rule, with_gates(*TROUBLED, of=CLOSED)) == []
    passed = [replace(each, state="approved", missing="") for each in TROUBLED]
    assert breaches(rule, with_gates(*passed)) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_closing_without_review_silences_nothing(rule: str) -> None:
    assert breaches(rule, with_gates(*TROUBLED, of=CLOSED, bypass=Bypass(("missed",))))


@pytest.mark.parametrize("rule", RULES)
def test_they_warn_unless_they_are_told_otherwise_and_only_where_there_are_gates(rule: str) -> None:
    assert installed_rules()[rule].configure(None).level is Level.WARN
    assert breaches(rule, OPEN) == breaches(rule, CLOSED) == []


def test_breaches_of_one_milestone_have_different_ids() -> None:
    policy = Policy(settings(), installed_rules())
    found = findings(with_gates(*TROUBLED), verdicts(with_gates(*TROUBLED), policy, TODAY))
    assert len({each.id for each in found}) == len(found) > 5
