"""The rules about who answers for a milestone and who hears of it: owners who are gone, recipients who are nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mdpc.changes import Plan
from mdpc.model import Account, Finding, Level, Ref
from tests.core.build import NOW, plan, record
from tests.core.test_escalation_in_step import DUE, TEAM, Office, at
from tests.core.test_rules_in_step import breaches
from tests.memory_channel import ByAddress, ByName

API, VERSION = "github:acme/api#1", "jira:API#7"
PROGRAM = {"name": "p", "members": [{"ref": "github:acme/api"}, {"ref": "jira:API"}]}
PEOPLE: dict[str, Any] = {
    "alice": {"logins": {"github": "alice-gh"}, "manager": "carol"},
    "bob": {"logins": {"github": "bob-gh"}},
    "carol": {"logins": {"github": "carol-gh"}},
    "erin": {"logins": {"github": "erin-gh", "jira": "e1"}, "gone": True},
    "frank": {"logins": {"github": "frank-gh"}, "gone": True},
}


def found(of: Plan, rule: str) -> list[Finding]:
    return [each for each in of.findings if each.rule == rule]


def said(rule: str, *records: Any, **tables: Any) -> list[tuple[str, str]]:
    """What a rule finds, each with its remedy."""
    made = plan(*records, **{"programs": [PROGRAM], "people": PEOPLE, **tables})
    return [(each.message, each.remedy) for each in found(made, rule)]


# ── owner-gone ────────────────────────────────────────────────────────────────────────────────────


def test_an_owner_who_is_gone_is_told_with_where_they_are_named() -> None:
    assert said("owner-gone", record(API, description="Owner: @erin-gh")) == [
        (
            f'"erin" is gone, and is named as its owner by the description of {API}; nobody else is named',
            f"Change the description of {API} so that somebody who is there is named.",
        )
    ]


def test_whoever_is_named_next_owns_it_meanwhile() -> None:
    version = record(VERSION, driver=Account("jira", "e1"))
    records = [record(API, description="Owner: Erin"), version]
    ((message, remedy),) = said("owner-gone", *records, owners={"map": {"p/*": "bob"}})
    where = f"the description of {API} and the driver of {VERSION}"
    assert message == f'"erin" is gone, and is named as its owner by {where}; "bob" owns it instead'
    assert remedy == f"Change {where} so that somebody who is there is named."


def test_each_person_who_is_gone_is_told_of() -> None:
    records = [record(API, description="Owner: @erin-gh"), record(VERSION)]
    messages = [message for message, _ in said("owner-gone", *records, owners={"map": {"p/*": "@frank-gh"}})]
    assert [message.partition(";")[0] for message in messages] == [
        f'"erin" is gone, and is named as its owner by the description of {API}',
        '"frank" is gone, and is named as its owner by [owners.map]',
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"description": "Owner: @alice-gh\nOwner: @erin-gh"},
        {"description": "Owner: @alice-gh", "assignee": Account("github", "erin-gh")},
        {"description": "Owner: somebody"},
        {"description": "Owner: @erin-gh", "closed": True},
    ],
)
def test_who_is_named_after_the_owner_matters_to_nobody(facts: dict[str, Any]) -> None:
    assert said("owner-gone", record(API, **facts)) == []


def test_an_assignee_of_the_coordination_issue_may_be_gone() -> None:
    (milestone,) = plan(record(API, description="Owner: @erin-gh"), people=PEOPLE).milestones
    (owner,) = milestone.gone
    (breach,) = breaches("owner-gone", replace(milestone, gone=(replace(owner, source="assignee", ref=None),)))
    assert breach.remedy == "Change the assignee of its coordination issue so that somebody who is there is named."
    assert (owner.ref, owner.source) == (Ref.parse(API), "description")
    assert breaches("owner-gone", replace(milestone, closed=True)) == []


# ── nobody-to-tell ────────────────────────────────────────────────────────────────────────────────

GIVE = "Give whoever is away or gone a `delegate` in [people], or name somebody else in [[escalation.steps]]."
MANAGED = "Give whoever is meant a `manager` in [people], and a `delegate` to managers who are away or gone."
STAKES = "Name `stakeholders` of its program who are there."
AWAY = {"away": ["2026-11-20/2026-11-30"]}


def step(at: str, *to: str, match: str = "*") -> dict[str, Any]:
    return {"at": at, "to": list(to), "match": match}


def told(*steps: dict[str, Any], owner: str = "@alice-gh", people: Any = PEOPLE, **tables: Any) -> list[Any]:
    facts = {"description": f"Owner: {owner}", "due": "2026-12-10", **tables.pop("facts", {})}
    tables = {"people": people, "escalation": {"steps": list(steps)}, **tables}
    return said("nobody-to-tell", record(API, **facts), **tables)


def nobody(who: str, steps: str, remedy: str) -> tuple[str, str]:
    return f"step {steps} is for `{who}`, and that is nobody who is there today", remedy


def test_where_everybody_is_there_nothing_is_said() -> None:
    steps = [step("-7d", "owner", "bob", "@else"), step("+5d", "owner.manager")]
    assert told(*steps) == []
    assert told() == []


@pytest.mark.parametrize(
    ("steps", "owner", "expected"),
    [
        ([step("+1d", "owner")], "TBD", [nobody("owner", "+1d", "Name an owner.")]),
        (
            [step("+1d", "owner"), step("+5d", "owner.manager"), step("+9d", "owner.manager.manager")],
            "TBD",
            [nobody("owner", "+1d, +5d, +9d", "Name an owner.")],
        ),
        ([step("+5d", "owner.manager", "bob")], "@bob-gh", [nobody("owner.manager", "+5d", MANAGED)]),
        ([step("+5d", "owner.manager")], "@else", [nobody("owner.manager", "+5d", MANAGED)]),
        ([step("+5d", "owner.manager.manager")], "@alice-gh", [nobody("owner.manager.manager", "+5d", MANAGED)]),
        (
            [step("-7d", "stakeholders"), step("+9d", "stakeholders")],
            "@bob-gh",
            [nobody("stakeholders", "-7d, +9d", STAKES)],
        ),
        (
            [step("+1d", "erin"), step("+2d", "@erin-gh")],
            "@bob-gh",
            [nobody("erin", "+1d", GIVE), nobody("@erin-gh", "+2d", GIVE)],
        ),
    ],
)
def test_a_recipient_who_is_nobody_is_told(steps: list[Any], owner: str, expected: list[Any]) -> None:
    assert told(*steps, owner=owner) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, [nobody("owner", "+1d", GIVE)]),
        ({"delegate": "bob"}, []),
        ({"delegate": "erin"}, [nobody("owner", "+1d", GIVE)]),
        ({"away": ["2026-11-23"]}, []),
    ],
)
def test_who_is_away_today_needs_a_delegate(more: dict[str, Any], expected: list[Any]) -> None:
    people = {**PEOPLE, "alice": {**PEOPLE["alice"], **AWAY, **more}}
    assert told(step("+1d", "owner"), people=people) == expected


@pytest.mark.parametrize(
    ("delegate", "expected"),
    [
        ({}, [nobody("owner", "+1d", "Name an owner.")]),
        ({"delegate": "bob"}, []),
        ({"delegate": "frank"}, [nobody("owner", "+1d", "Name an owner.")]),
    ],
)
def test_who_stands_in_for_an_owner_who_is_gone_is_somebody_to_tell(delegate: Any, expected: list[Any]) -> None:
    people = {**PEOPLE, "erin": {**PEOPLE["erin"], **delegate}}
    assert told(step("+1d", "owner"), owner="@erin-gh", people=people) == expected


def test_a_step_of_other_milestones_matters_to_nobody() -> None:
    assert told(step("+1d", "stakeholders", match="other/*"), step("+1d", "bob", match="p/*")) == []
    assert len(told(step("+1d", "stakeholders", match="github:acme/api"))) == 1


def test_stakeholders_are_those_of_the_program() -> None:
    steps = [step("+1d", "stakeholders")]
    assert told(*steps, programs=[{**PROGRAM, "stakeholders": ["bob"]}]) == []
    assert told(*steps, programs=[{**PROGRAM, "stakeholders": ["erin"]}]) == [nobody("stakeholders", "+1d", STAKES)]
    assert told(*steps, programs=[]) == [nobody("stakeholders", "+1d", STAKES)]


@pytest.mark.parametrize("facts", [{"closed": True}, {"due": None}])
def test_what_has_no_ladder_tells_nobody(facts: dict[str, Any]) -> None:
    assert told(step("+1d", "stakeholders"), facts=facts) == []


def test_a_closed_milestone_is_left_alone_whatever_the_context_says() -> None:
    (closed,) = plan(record(API, closed=True, closed_at=NOW - timedelta(days=1))).milestones
    assert breaches("nobody-to-tell", closed, untold=(("owner", ("+1d",)),)) == []


def test_a_login_is_one_of_the_home() -> None:
    programs = [{**PROGRAM, "home": "jira:API"}]
    steps = [step("+1d", "@erin-gh"), step("+2d", "@e1")]
    assert told(*steps, programs=programs) == [nobody("@e1", "+2d", GIVE)]


@pytest.mark.parametrize("rule", ["owner-gone", "nobody-to-tell"])
def test_both_are_warnings_by_themselves_and_what_the_team_says(rule: str) -> None:
    records = [record(API, description="Owner: @erin-gh", due="2026-12-10")]
    tables: dict[str, Any] = {"people": PEOPLE, "escalation": {"steps": [step("+1d", "owner")]}}
    assert [each.level for each in found(plan(*records, **tables), rule)] == [Level.WARN]
    assert [each.level for each in found(plan(*records, rules={rule: "error"}, **tables), rule)] == [Level.ERROR]
    assert found(plan(*records, rules={rule: "off"}, **tables), rule) == []


def test_whom_no_login_and_no_channel_reaches_is_said() -> None:
    people = {"dana": {"logins": {"jira": "dana-j"}, "email": "dana@acme.example"}}
    channels = {"team": ByName(type="team"), "mail": ByAddress(type="mail")}

    def said(via: list[str], **more: Any) -> list[str]:
        steps = [{"at": "+1d", "to": ["dana"], "via": via}]
        office = Office(people={**TEAM, **people}, escalation={"steps": steps}, channels=channels, **more)
        return [each.message for each in office.acme.plan(at(DUE)).findings if each.rule == "nobody-to-tell"]

    (message,) = said([])
    assert message.startswith("step +1d is for `dana`, whom nothing reaches")
    assert said(["mail"]) == said(["team"]) == []
