"""Nobody passes a gate, dodges one, or turns a milestone into history by writing where people may write."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from mdpc import status
from mdpc.ledger import Ledger, text_of
from mdpc.memory import Memory, comment
from mdpc.model import Markup
from tests.core.test_gates_in_step import RELEASE, company
from tests.core.test_in_step import Company
from tests.memory_issues import ME, HeldComment, HeldIssue
from tests.memory_tracker import Held

DUE = date(2027, 1, 1)


class Scene:
    """A milestone of GitHub and Jira that mdpc has seen open, with its coordination issue."""

    def __init__(self, description: str = "Owner: @alice-gh", **tables: Any) -> None:
        self.acme: Company = company(**tables)
        self.held: Held = self.acme.github.add("acme/api", "v1.0", due=DUE, description=description)
        self.version: Held = self.acme.jira.add("API", "v1.0", due=DUE)
        self.acme.settled()
        self.issue: HeldIssue = self.acme.github.desk.one("acme/api")

    @property
    def ledger(self) -> HeldComment:
        """The comment that holds the ledger."""
        return next(each for each in self.issue.comments if "mdpc:ledger" in each.body)

    def say(self, login: str, body: str, *, bot: bool = False) -> HeldComment:
        return self.acme.github.desk.say(self.issue, login, body, bot=bot)

    def edit(self, found: HeldComment, login: str, body: str) -> None:
        self.acme.github.desk.edit(found, login, body)

    def close(self) -> None:
        """Somebody closes it on GitHub, which leads."""
        self.held.closed = True
        self.acme.sync()

    def state(self) -> str:
        (found,) = self.acme.plan().milestones
        return found.gates[0].state if found.gates else "none"

    def is_held_back(self) -> bool:
        """Whether it is open again, or at least reported, and nothing of the closing was carried."""
        plan = self.acme.plan()
        reported = any(each.bypass is not None for each in plan.milestones)
        return not self.version.closed and (not self.held.closed or reported)


def approved(scene: Scene, *logins: str) -> None:
    for login in logins:
        scene.say(login, "/approve release-review")


def test_the_scene_can_pass_and_can_fail() -> None:
    scene = Scene()
    approved(scene, "bob-gh", "carol-gh")
    scene.close()
    assert scene.held.closed
    assert scene.version.closed
    other = Scene()
    other.close()
    assert not other.held.closed
    assert not other.version.closed


@pytest.mark.parametrize("runs", [0, 1, 3])
def test_another_owner_line_makes_no_reviewer_of_the_owner(runs: int) -> None:
    scene = Scene()
    scene.held.description = (scene.held.description or "").replace("@alice-gh", "@mallory")
    for _ in range(runs):
        scene.acme.sync()
    approved(scene, "alice-gh", "bob-gh")
    scene.close()
    assert scene.is_held_back()
    assert not scene.held.closed


def test_an_owner_line_that_is_taken_out_makes_none_either() -> None:
    scene = Scene()
    scene.held.description = (scene.held.description or "").replace("Owner: @alice-gh", "")
    approved(scene, "alice-gh", "bob-gh")
    scene.close()
    assert not scene.held.closed


DELETIONS: dict[str, Callable[[Scene], None]] = {
    "the block": lambda scene: setattr(scene.held, "description", "Owner: @alice-gh"),
    "the whole description": lambda scene: setattr(scene.held, "description", None),
    "the memory in the block": lambda scene: setattr(
        scene.held, "description", re.sub(status.MEMORY, "", scene.held.description or "")
    ),
    "the line in Jira": lambda scene: setattr(scene.version, "description", None),
    "the notes": lambda scene: scene.acme.jira.boxes["API"].notes.clear(),
    "mdpc's part of the issue": lambda scene: setattr(scene.issue, "body", "nothing to see"),
    "the label": lambda scene: scene.issue.labels.clear(),
}


@pytest.mark.parametrize("what", DELETIONS)
def test_deleting_what_mdpc_wrote_is_no_way_round(what: str) -> None:
    scene = Scene()
    DELETIONS[what](scene)
    scene.close()
    assert not scene.held.closed
    assert not scene.version.closed
    assert len(scene.acme.github.desk.issues["acme/api"]) == 1


def test_deleting_all_of_it_at_once_is_none_either() -> None:
    scene = Scene()
    for delete in DELETIONS.values():
        delete(scene)
    scene.close()
    assert not scene.held.closed
    assert not scene.version.closed


def forged(scene: Scene, identity: str | None = None) -> str:
    """A block in which people say that everything was accepted long ago."""
    (found,) = scene.acme.plan().milestones
    memory = Memory(identity or found.id, scene.held.uid)
    return "\n".join([status.BEGIN, "**mdpc:** achieved", comment(memory), status.END])


@pytest.mark.parametrize("identity", [None, "m0123456789ab"])
def test_forged_memory_is_no_way_round(identity: str | None) -> None:
    scene = Scene()
    scene.held.description = f"Owner: @alice-gh\n\n{forged(scene, identity)}"
    scene.close()
    assert not scene.held.closed
    assert not scene.version.closed
    assert len(scene.acme.github.desk.issues["acme/api"]) == 1


def test_a_block_copied_from_an_achieved_milestone_is_no_way_round() -> None:
    scene = Scene()
    other = scene.acme.github.add("acme/web", "v0.9", due=DUE)
    scene.acme.settled()
    scene.held.description = other.description
    scene.close()
    assert not scene.held.closed


def test_a_command_in_a_description_says_nothing() -> None:
    scene = Scene("Owner: @alice-gh\n\n/approve release-review\n/waive release-review because I can")
    scene.issue.body += "\n/approve release-review"
    scene.close()
    assert not scene.held.closed


def test_a_pasted_ledger_is_not_believed() -> None:
    scene = Scene()
    (found,) = scene.acme.plan().milestones
    scene.say("mallory", text_of(Ledger(found.id, writing=999), "What mdpc keeps", Markup.BLOCK))
    approved(scene, "alice-gh", "bob-gh")
    scene.close()
    assert not scene.held.closed


@pytest.mark.parametrize("login", ["mallory", ME])
def test_a_pasted_copy_of_mdpcs_comment_does_not_silence_it(login: str) -> None:
    scene = Scene()
    scene.say(login, "<!-- mdpc:bypass 1 -->")  # by a person of mdpc's name, where mdpc is an App
    scene.close()
    own = [each for each in scene.issue.comments if "mdpc:bypass" in each.body and each.author.bot]
    assert len(own) == 1
    assert not scene.held.closed


def test_an_edited_ledger_is_not_believed_and_costs_the_approvals_alone() -> None:
    scene = Scene()
    approved(scene, "bob-gh", "carol-gh")
    scene.acme.settled()
    assert scene.state() == "approved"
    scene.edit(scene.ledger, "mallory", scene.ledger.body.replace('"open":', '"opened":'))
    assert scene.state() == "void"
    scene.close()
    assert scene.is_held_back()
    assert scene.acme.plan().changes == ()
    approved(scene, "bob-gh", "carol-gh")
    scene.close()
    assert scene.held.closed
    assert scene.version.closed


def test_an_edited_ledger_without_a_block_and_without_its_part_of_the_issue() -> None:
    scene = Scene()
    scene.edit(scene.ledger, "mallory", "gone")
    scene.held.description = "Owner: @alice-gh"
    scene.close()
    assert scene.is_held_back()
    assert not scene.held.closed


def test_mdpcs_own_comment_edited_into_an_approval_says_nothing() -> None:
    scene = Scene()
    scene.say("mallory", "/approve release-review")
    scene.acme.settled()
    answer = scene.issue.comments[-1]
    assert answer.author.login == ME
    scene.edit(answer, "mallory", "/approve release-review")
    scene.edit(scene.ledger, "mallory", "/approve release-review")
    scene.close()
    assert scene.is_held_back()


def test_bots_do_not_approve() -> None:
    scene = Scene()
    for login in ("bob-gh", "carol-gh"):
        scene.say(login, "/approve release-review", bot=True)
    scene.close()
    assert not scene.held.closed


@pytest.mark.parametrize("logins", [("bob-gh", "BOB-GH"), ("bob-gh", "b\u043eb-gh"), ("bob-gh", "\uff43arol-gh")])
def test_accounts_that_are_called_like_reviewers_are_nobody(logins: tuple[str, str]) -> None:
    scene = Scene()
    approved(scene, *logins)
    scene.close()
    assert not scene.held.closed


def test_an_old_comment_edited_into_an_approval_says_nothing() -> None:
    scene = Scene()
    old = [scene.say(login, "I have questions") for login in ("bob-gh", "carol-gh")]
    scene.acme.settled()
    for each in old:
        scene.edit(each, each.author.login, "/approve release-review")
    scene.close()
    assert not scene.held.closed


def test_a_rejection_edited_away_by_somebody_else_is_answered_and_does_not_approve() -> None:
    scene = Scene()
    rejection = scene.say("bob-gh", "/reject release-review no notes")
    approved(scene, "carol-gh")
    scene.edit(rejection, "mallory", "/approve release-review")
    scene.close()
    assert not scene.held.closed


def test_an_issue_that_people_opened_is_not_mistaken_for_mdpcs() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0", due=DUE)
    (found,) = acme.plan().milestones
    desk = acme.github.desk
    fake = HeldIssue(77, "Milestone: v1.0", desk.account("mallory"), f"<!-- mdpc:issue {found.id} -->")
    fake.labels.append("milestone")
    desk.issues["acme/api"] = {77: fake}
    desk.say(fake, "bob-gh", "/approve release-review")
    acme.settled()
    assert len(desk.issues["acme/api"]) == 2
    assert {each.author.login for each in fake.comments} == {"bob-gh"}
    assert acme.plan().milestones[0].gates[0].approved_by == ()


def test_only_so_often_is_it_opened_again_and_then_said() -> None:
    scene = Scene(gates=[{**RELEASE, "max_reopens": 2}])
    for _ in range(2):
        scene.close()
        assert not scene.held.closed
    scene.close()
    assert scene.held.closed
    assert scene.is_held_back()
    (found,) = scene.acme.plan().milestones
    assert found.bypass is not None
    assert found.bypass.final
    assert len([each for each in scene.issue.comments if "mdpc:bypass" in each.body]) == 2
    for _ in range(3):
        assert scene.acme.sync().changes == ()


def test_deleting_the_comments_gives_no_more_chances_to_it() -> None:
    scene = Scene(gates=[{**RELEASE, "max_reopens": 1}])
    scene.close()
    scene.issue.comments = [each for each in scene.issue.comments if "mdpc:bypass" not in each.body]
    scene.close()
    assert scene.held.closed
    assert scene.is_held_back()


def test_history_is_left_alone_by_a_first_run() -> None:
    acme = company()
    for number in range(20):
        acme.github.add("acme/api", f"v0.{number}", due=DUE, closed=True)
    assert acme.sync().changes == ()
    assert not acme.github.desk.issues


def test_what_was_accepted_stays_accepted_whatever_changes_later() -> None:
    scene = Scene()
    approved(scene, "bob-gh", "carol-gh")
    scene.close()
    scene.held.due = date(2027, 3, 1)
    scene.acme.github.desk.contents[scene.acme.plan().milestones[0].records[0].ref] = {"1", "2"}
    scene.acme.sync()
    assert scene.held.closed
    assert scene.version.closed
    assert not any(each.bypass for each in scene.acme.plan().milestones)
    assert not any("mdpc:void" in each.body for each in scene.issue.comments)


def test_the_coordination_issue_is_no_scope() -> None:
    scene = Scene()
    approved(scene, "bob-gh", "carol-gh")
    scene.acme.settled()
    ref = scene.acme.plan().milestones[0].records[0].ref
    scene.acme.github.desk.contents[ref] = {str(scene.issue.number)}
    assert scene.state() == "approved"
    scene.acme.github.desk.contents[ref] = {str(scene.issue.number + 1)}
    assert scene.state() == "void"


def test_where_no_issue_may_be_made_nothing_is_opened_again_and_that_is_said() -> None:
    acme = company()
    acme.github.boxes["acme/api"].public = True
    version = acme.jira.add("API", "secret", due=DUE)
    plan = acme.settled()
    assert [each.what for each in plan.withheld] == ["the coordination issue of platform/secret"]
    assert plan.milestones[0].gates[0].vacant
    version.closed = True
    acme.settled()
    assert version.closed
    assert acme.plan().milestones[0].bypass is not None


def test_another_title_gets_nobody_out_of_a_gate_that_was_meant_for_the_old_one() -> None:
    scene = Scene(gates=[{**RELEASE, "match": "platform/1*"}])
    scene.held.title = "Ideas"
    scene.acme.settled()
    assert scene.version.title == "Ideas"
    assert scene.state() == "pending"
    scene.close()
    assert not scene.held.closed
    assert scene.is_held_back()


def test_nor_does_another_title_with_all_deleted_that_people_may_write_to() -> None:
    scene = Scene(gates=[{**RELEASE, "match": "github:acme/api#v*"}])
    scene.held.title = "Ideas"
    for delete in DELETIONS.values():
        delete(scene)
    scene.close()
    assert not scene.held.closed
    assert not scene.version.closed


def test_a_gate_that_the_configuration_matches_otherwise_is_asked_anew() -> None:
    scene = Scene(gates=[{**RELEASE, "match": "platform/1*"}])
    scene.acme.settings = company(gates=[{**RELEASE, "match": "platform/2*"}]).settings
    assert scene.state() == "none"


def test_a_team_is_read_where_only_the_ledger_knows_the_milestone_any_more() -> None:
    scene = Scene(gates=[{**RELEASE, "reviewers": ["team:acme/leads"], "approvals": 1}])
    scene.acme.github.desk.teams["acme/leads"] = ["lee"]
    scene.say("lee", "/approve release-review")
    scene.acme.settled()
    scene.held.description = "Owner: @alice-gh"
    scene.close()
    assert scene.held.closed
    assert not any("does not count" in each.body for each in scene.issue.comments)


def test_a_deleted_ledger_is_said_until_the_milestone_is_achieved() -> None:
    scene = Scene()
    scene.issue.comments.remove(scene.ledger)
    for _ in range(2):
        scene.acme.settled()
        told = [each.message for each in scene.acme.plan().findings if each.rule == "memory-lost"]
        assert len(told) == 1
        assert "who has owned it before is not known any more" in told[0]


def test_archiving_it_is_no_way_to_make_history_of_it_unseen() -> None:
    acme = company(programs=[{"name": "platform", "members": [{"ref": "jira:API"}]}], sync={})
    version = acme.jira.add("API", "v1.0", due=DUE)
    acme.settled()
    version.closed = version.archived = True
    for _ in range(2):
        (said,) = acme.settled().withheld
        assert "the coordination issue" in said.what
        assert "archived" in said.why


@pytest.mark.parametrize("match", ["platform/v1.0", "platform/V1*", "platform/1.0", "github:acme/api#v1.0"])
def test_a_match_may_spell_the_title_as_people_do(match: str) -> None:
    assert Scene(gates=[{**RELEASE, "match": match}]).state() == "pending"


def test_a_team_of_the_home_counts_for_a_milestone_that_is_in_jira_alone() -> None:
    acme = company(gates=[{**RELEASE, "reviewers": ["team:acme/leads"], "approvals": 1}])
    acme.github.desk.teams["acme/leads"] = ["lee"]
    acme.jira.add("API", "v1.0", due=DUE)
    acme.settled()
    acme.github.desk.say(acme.github.desk.one("acme/api"), "lee", "/approve release-review")
    assert [each.state for each in acme.plan().milestones[0].gates] == ["approved"]
