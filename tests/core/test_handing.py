"""Handing a milestone over by a comment: who may, to whom, what follows the new owner, and what it is no way round."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mdpc.comment_commands import owners_in
from mdpc.model import Markup, Milestone
from mdpc.report.explanation import owner_text
from tests.core.build import NOW, TODAY
from tests.core.test_gates_in_step import PEOPLE, company
from tests.core.test_in_step import PLATFORM
from tests.memory_issues import HeldComment, HeldIssue

WRITE = "Write /owner and a person's name, or a login with an @."
DUE = TODAY + timedelta(days=40)
TEAM: dict[str, Any] = {
    **PEOPLE,
    "dora": {"logins": {"github": "dora-gh"}},
    "erin": {"logins": {"github": "erin-gh"}, "gone": True},
}


class Desk:
    """A milestone that alice owns by its description, and its coordination issue."""

    def __init__(self, description: str = "Owner: @alice-gh", **tables: Any) -> None:
        self.acme = company(**{"people": TEAM, **tables})
        self.held = self.acme.github.add("acme/api", "v1.0", due=DUE, description=description)
        self.acme.settled()
        self.issue: HeldIssue = self.acme.github.desk.one("acme/api")

    def say(self, login: str, *lines: str) -> HeldComment:
        return self.acme.github.desk.say(self.issue, login, "\n".join(lines))

    def described(self, before: str, after: str) -> None:
        """Somebody edits the description."""
        self.held.description = (self.held.description or "").replace(before, after)

    @property
    def milestone(self) -> Milestone:
        (found,) = self.acme.plan().milestones
        return found

    @property
    def owner(self) -> str | None:
        return self.milestone.owner.name if self.milestone.owner else None

    def settled(self) -> str | None:
        """The owner after a run, which leaves nothing to be done."""
        self.acme.settled()
        return self.owner

    def answers(self) -> list[str]:
        """What mdpc answered to comments that do not count."""
        own = [each.body for each in self.issue.comments if "mdpc:answer" in each.body]
        return [body.splitlines()[0] for body in own]


def test_who_owns_it_hands_it_over_and_all_follows() -> None:
    desk = Desk()
    assert desk.issue.assignees == ["alice-gh"]
    desk.say("alice-gh", "I am off to another team.", "", "/owner bob")
    assert desk.owner == "bob"
    assert desk.settled() == "bob"
    assert desk.issue.assignees == ["bob-gh"]
    assert "owner bob" in (desk.held.description or "")
    assert "Owner: @alice-gh" in (desk.held.description or "")
    assert desk.answers() == []
    assert owner_text(desk.milestone) == "bob, handed over by /owner on its coordination issue"


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("/owner Bob", "bob"),
        ("/OWNER  bob ", "bob"),
        ("mdpc owner bob", "bob"),
        ("/owner @bob-gh", "bob"),
        ("/owner @BOB-gh, thank you!", "bob"),
        ("/owner @zoe.", "zoe"),
        ("/owner alice", "alice"),
        ("/owner dora\n/owner bob", "bob"),
    ],
)
def test_a_person_or_a_login_is_named(line: str, owner: str) -> None:
    desk = Desk()
    desk.say("alice-gh", line)
    assert desk.settled() == owner
    assert desk.answers() == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("/owner", f"it names nobody. {WRITE}"),
        ("/owner bobb", f'"bobb" is nobody in [people]. {WRITE}'),
        ("/owner Bob Smith", f'"Bob Smith" is nobody in [people]. {WRITE}'),
        ("/owner erin", '"erin" is gone.'),
        ("/owner @erin-gh", '"@erin-gh" is gone.'),
        ("/owner @acme/leads", '"@acme/leads" is no login, and an owner is one person.'),
    ],
)
def test_a_name_that_is_nobody_is_answered_once(line: str, why: str) -> None:
    desk = Desk()
    desk.say("alice-gh", line)
    for _ in range(3):
        assert desk.settled() == "alice"
    (answer,) = desk.answers()
    assert answer.replace("\\", "").replace("&#8203;", "") == f"@alice-gh: this does not count, since {why}"


def test_only_the_owner_hands_it_over() -> None:
    desk = Desk()
    desk.say("mallory", "/owner @mallory")
    desk.say("bob-gh", "/owner bob")
    assert desk.settled() == "alice"
    assert desk.settled() == "alice"
    because = "this does not count, since you did not own it when you wrote that, and only the owner hands it over."
    assert desk.answers() == [f"@mallory: {because}", f"@bob-gh: {because}"]


def test_whoever_has_it_may_hand_it_on_and_who_had_it_may_not() -> None:
    desk = Desk()
    desk.say("alice-gh", "/owner bob")
    desk.say("bob-gh", "/owner dora")
    desk.say("alice-gh", "/owner carol")
    assert desk.settled() == "dora"
    assert len(desk.answers()) == 1
    desk.say("dora-gh", "/owner alice")
    assert desk.settled() == "alice"
    desk.say("bob-gh", "/owner bob")
    assert desk.settled() == "alice"
    assert len(desk.answers()) == 2


def test_what_was_refused_does_not_count_once_its_author_owns_it() -> None:
    desk = Desk()
    desk.say("bob-gh", "/owner dora")
    desk.settled()
    desk.say("alice-gh", "/owner bob")
    assert desk.settled() == "bob"
    assert desk.settled() == "bob"


@pytest.mark.parametrize("runs", [0, 1])
def test_an_edited_comment_hands_over_nothing(runs: int) -> None:
    desk = Desk()
    comment = desk.say("alice-gh", "/owner bob")
    for _ in range(runs):
        assert desk.settled() == "bob"
    desk.acme.github.desk.edit(comment, "mallory", "/owner mallory")
    assert desk.settled() == "alice"
    assert desk.settled() == "alice"
    assert [answer.partition(": ")[2] for answer in desk.answers()] == [
        "this does not count, since the comment was edited, and edited comments do not count. Write a new one."
    ]


def test_a_deleted_comment_does_not_count_any_more() -> None:
    desk = Desk()
    comment = desk.say("alice-gh", "/owner bob")
    desk.settled()
    desk.issue.comments.remove(comment)
    assert desk.settled() == "alice"


def test_as_soon_as_people_name_another_those_count_again() -> None:
    desk = Desk()
    desk.say("alice-gh", "/owner bob")
    desk.settled()
    desk.described("@alice-gh", "@dora-gh")
    assert desk.settled() == "dora"
    assert desk.issue.assignees == ["dora-gh"]
    desk.described("Owner: @dora-gh", "Owner: @alice-gh")
    assert desk.settled() == "alice"
    desk.say("alice-gh", "/owner carol")
    assert desk.settled() == "carol"


@pytest.mark.parametrize("line", ["Owner: @bob-gh", ""])
def test_where_people_name_nobody_else_it_stays_where_it_is(line: str) -> None:
    desk = Desk()
    desk.say("alice-gh", "/owner bob")
    desk.settled()
    desk.described("Owner: @alice-gh", line)
    assert desk.settled() == "bob"


def test_who_hands_over_and_leaves_leaves_it_where_it_is() -> None:
    desk = Desk(owners={"map": {"*": "dora"}})
    desk.say("alice-gh", "/owner bob")
    desk.settled()
    left = {**TEAM, "alice": {**TEAM["alice"], "gone": True}}
    other = Desk(people=left, owners={"map": {"*": "dora"}})
    desk.acme.settings = other.acme.settings
    assert desk.settled() == "bob"
    assert [each.rule for each in desk.acme.plan().findings if each.rule == "owner-gone"] == ["owner-gone"]


def test_where_the_new_owner_is_gone_it_is_whoevers_it_was() -> None:
    desk = Desk()
    desk.say("alice-gh", "/owner bob")
    desk.settled()
    desk.acme.settings = Desk(people={**TEAM, "bob": {**TEAM["bob"], "gone": True}}).acme.settings
    assert desk.settled() == "alice"


def test_whom_people_assigned_the_issue_to_stays_assigned() -> None:
    desk = Desk(description="nobody yet")
    desk.issue.assignees = ["carol-gh"]
    assert desk.settled() == "carol"
    desk.say("carol-gh", "/owner bob")
    assert desk.settled() == "bob"
    assert desk.issue.assignees == ["carol-gh"]
    desk.issue.assignees = ["dora-gh"]
    assert desk.settled() == "dora"


def test_where_nobody_owns_it_nobody_hands_it_over() -> None:
    desk = Desk(description="Owner: TBD")
    desk.say("bob-gh", "/owner bob")
    assert desk.settled() is None
    assert len(desk.answers()) == 1


@pytest.mark.parametrize("way", ["at once", "run by run"])
def test_nobody_hands_it_over_to_approve_it(way: str) -> None:
    desk = Desk()
    for login, other in (("alice-gh", "bob"), ("bob-gh", "dora")):
        desk.say(login, f"/owner {other}")
        if way == "run by run":
            desk.settled()
    for login in ("alice-gh", "bob-gh"):
        desk.say(login, "/approve release-review")
    assert desk.settled() == "dora"
    (gate,) = desk.milestone.gates
    assert gate.approved_by == ()
    assert len(desk.answers()) == 2
    desk.say("carol-gh", "/approve release-review")
    desk.settled()
    assert desk.milestone.gates[0].approved_by == ("person:carol",)


def test_notices_and_quiet_are_the_new_owners() -> None:
    steps = [{"at": "-7d", "to": ["owner"]}, {"at": "-1d", "to": ["owner"]}]
    desk = Desk(escalation={"steps": steps}, writeback={"issue": "always"}, gates=[])
    desk.say("alice-gh", "/owner bob")
    desk.settled()
    desk.say("alice-gh", "/snooze 2027-06-01 it is mine no more")
    day = NOW + timedelta(days=33)
    assert [each.to for each in desk.acme.settled(day).notices] == [("person:bob",)]
    desk.acme.github.desk.clock = day
    desk.say("bob-gh", "/snooze 2027-06-01 on holiday")
    assert desk.acme.settled(NOW + timedelta(days=39)).notices == ()


@pytest.mark.parametrize(("public", "told"), [(False, "alice"), (True, "bob")])
def test_what_is_handed_over_in_private_is_not_told_in_public(public: bool, told: str) -> None:
    acme = company(programs=[{**PLATFORM, "home": "jira:API", "public": public}], people=TEAM)
    acme.github.boxes["acme/api"].public = True
    held = acme.github.add("acme/api", "v1.0", due=DUE, description="Owner: @alice-gh")
    acme.settled()
    issue = acme.jira.desk.one("API")
    acme.jira.desk.say(issue, "alice-j", "/owner [~bob-j]")
    acme.settled()
    (found,) = acme.plan().milestones
    assert found.owner is not None
    assert found.owner.name == "bob"
    assert f"owner {told}" in (held.description or "")
    assert issue.assignees == ["bob-j"]


def test_a_lost_ledger_costs_nothing_of_it() -> None:
    desk = Desk()
    desk.say("alice-gh", "/owner bob")
    desk.settled()
    ledger = next(each for each in desk.issue.comments if "mdpc:ledger" in each.body)
    desk.acme.github.desk.edit(ledger, "mallory", "nothing")
    assert desk.owner == "bob"


@pytest.mark.parametrize(
    ("text", "markup", "names"),
    [
        ("/owner bob", Markup.BLOCK, ("bob",)),
        ("Thanks.\n\n/owner @bob-gh", Markup.BLOCK, ("@bob-gh",)),
        ("> /owner bob", Markup.BLOCK, ()),
        ("    /owner bob", Markup.BLOCK, ()),
        ("`/owner bob`", Markup.BLOCK, ()),
        ("<!-- /owner bob -->", Markup.BLOCK, ()),
        ("- /owner bob", Markup.BLOCK, ()),
        ("/ownership is hard", Markup.BLOCK, ()),
        ("the /owner bob", Markup.BLOCK, ()),
        ("mdpc owner [~bob-j]", Markup.LINE, ("[~bob-j]",)),
        ("{quote}\n/owner bob\n{quote}", Markup.LINE, ()),
        ("/owner", Markup.LINE, ("",)),
    ],
)
def test_a_line_of_its_own_is_a_command(text: str, markup: Markup, names: tuple[str, ...]) -> None:
    assert owners_in(text, markup) == names
