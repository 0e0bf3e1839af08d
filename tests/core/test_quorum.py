"""Who passes a gate: everything that may be said of one, in a table, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mdpc.coordination import Approver, Comment, Issue
from mdpc.gates import Bench, Heard, Judged, gates_for, judged
from mdpc.ledger import START, Ledger, Planned, Since, gate_print, issue_print, somebody
from mdpc.model import Account, ContainerRef, Markup, Milestone, Record, Ref
from mdpc.people import PERSON
from mdpc.reviewers import Teams
from mdpc.settings import Settings
from mdpc.standing import Standing
from tests.core.build import TODAY, milestone, record, settings

GITHUB, JIRA = "github", "jira"
HOME = ContainerRef("github", "acme/api")
PEOPLE = {
    "alice": {"logins": {"github": "alice-gh", "jira": "alice-j"}},
    "bob": {"logins": {"github": "bob-gh", "jira": "bob-j"}},
    "carol": {"logins": {"github": "carol-gh", "jira": "carol-j"}},
    "olga": {"logins": {"github": "olga-gh", "jira": "olga-j"}},
    "gert": {"logins": {"github": "gert-gh"}, "gone": True},
}
GATE = {
    "name": "review",
    "reviewers": ["alice", "bob", "carol", "olga", "gert"],
    "approvals": 2,
    "waivers_by": ["carol"],
}
OPEN_ISSUE = record("github:acme/api#1", description="Owner: @olga-gh", open_issues=1)
DONE = record("github:acme/api#1", description="Owner: @olga-gh\n- [x] notes\n- [X] docs")


@dataclass
class Scene:
    """What happened on a coordination issue so far, and what the ledger has noted meanwhile.

    Each event is later than those before. `changed` and `added` are noted by a run at that moment, as mdpc does: with
    the number of the writing and the moment of the last comment.
    """

    comments: list[Comment] = field(default_factory=list)
    approvers: list[tuple[Record, Approver]] = field(default_factory=list)
    ledger: Ledger = field(
        default_factory=lambda: Ledger("m0", 1, dues=(Planned(date(2027, 1, 1), Since(1, START), TODAY),))
    )
    markup: Markup = Markup.BLOCK
    connector: str = GITHUB

    def say(self, login: str, body: str, **facts: Any) -> Scene:
        """A comment; `edited` and `bot` as they say."""
        at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=len(self.comments))
        account = Account(self.connector, login, login, bot=facts.get("bot", False))
        edited = at if facts.get("edited") else None
        number = str(len(self.comments) + 1)
        self.comments.append(Comment(number, f"https://tracker.example/{number}", account, body, at, edited, account))
        return self

    def delete(self) -> Scene:
        """The last comment is deleted."""
        del self.comments[-1]
        return self

    def answer(self, login: str, answer: str) -> Scene:
        """An approver answers in Jira, and a run sees it."""
        now = self._run()
        account = Account(JIRA, login, login)
        version = record("jira:API#7", "v1.0")
        self.approvers = [each for each in self.approvers if each[1].account != account]
        self.approvers.append((version, Approver(account, answer)))
        who = (
            somebody(f"{PERSON}:{login.removesuffix('-j')}")
            if login.removesuffix("-j") in PEOPLE
            else somebody(f"account:jira:{login}")
        )
        self.ledger = replace(self.ledger, answers={**self.ledger.answers, who: (answer, now)})
        return self

    def run(self, **changes: Any) -> Scene:
        """A run notes a change: `due`, `added` or `removed` issues, another `owner`."""
        now = self._run()
        scope = dict(self.ledger.scope)
        for number in changes.get("added", ()):
            scope[issue_print(GITHUB, "acme/api", number)] = now
        for number in changes.get("removed", ()):
            del scope[issue_print(GITHUB, "acme/api", number)]
        dues = (*self.ledger.dues, Planned(changes["due"], now, TODAY)) if "due" in changes else self.ledger.dues
        owners = (
            (*self.ledger.owners, somebody(f"{PERSON}:{changes['owner']}"))
            if "owner" in changes
            else (self.ledger.owners)
        )
        self.ledger = replace(self.ledger, scope=scope, dues=dues, owners=owners)
        return self

    def _run(self) -> Since:
        moment = self.comments[-1].created_at if self.comments else START
        self.ledger = replace(self.ledger, writing=self.ledger.writing + 1)
        return Since(self.ledger.writing, moment)

    def judged(self, of: Milestone, tables: Settings, teams: Teams) -> Judged:
        """What it comes to."""
        issue = Issue(
            Ref(HOME, "issue-9"), "uid", "https://x.example/9", "t", self.markup, None, comments=tuple(self.comments)
        )
        gates = frozenset(gate_print(gate.name, gate.match) for gate in gates_for(of, tables))
        owners = (*self.ledger.owners, somebody(f"{PERSON}:olga"))
        ledger = replace(self.ledger, owners=owners, gates=gates)
        heard = Heard(issue, frozenset(), ledger, approvers=tuple(self.approvers))
        return judged(of, heard, ledger, Bench(tables, teams, HOME, TODAY))


def github() -> Scene:
    return Scene()


def in_jira() -> Scene:
    return Scene(markup=Markup.LINE, connector=JIRA)


def approve(scene: Scene, *who: str) -> Scene:
    """Everybody named approves."""
    suffix = "gh" if scene.connector == GITHUB else "j"
    for each in who:
        scene.say(f"{each}-{suffix}", "/approve review")
    return scene


def standing(
    scene: Scene,
    gate: dict[str, Any],
    of: Record = DONE,
    teams: Teams | None = None,
    tables: dict[str, Any] | None = None,
) -> Standing:
    found = settings(people=PEOPLE, gates=[{**GATE, **gate}], **(tables or {}))
    one = milestone(of, record("jira:API#7", "v1.0"), programs=[PROGRAM], people=PEOPLE)
    return scene.judged(one, found, teams or Teams()).standings[0]


PROGRAM = {"name": "p", "members": [{"ref": "github:acme/api"}, {"ref": "jira:API"}]}
ANY: dict[str, Any] = {}
ONE = {"approvals": 1}
BY_JIRA = {"reviewers": ["alice", "jira:approvers"]}
DAY = date(2027, 2, 1)

ROWS: list[tuple[str, Scene, dict[str, Any], str, str]] = [
    ("nobody spoke", github(), ANY, "pending", "2 approvals"),
    ("one of two", approve(github(), "alice"), ANY, "pending", "1 more approval"),
    ("two of two", approve(github(), "alice", "bob"), ANY, "approved", ""),
    ("three of two", approve(github(), "alice", "bob", "carol"), ANY, "approved", ""),
    ("one of one", approve(github(), "alice"), ONE, "approved", ""),
    ("the same person twice", approve(github(), "alice", "alice"), ANY, "pending", "1 more approval"),
    ("one of one in Jira", approve(in_jira(), "alice"), ONE, "approved", ""),
    ("two of two in Jira", approve(in_jira(), "alice", "bob"), ANY, "approved", ""),
    ("the same person twice in Jira", approve(in_jira(), "alice", "alice"), ANY, "pending", "1 more approval"),
    ("a stranger", github().say("mallory", "/approve review"), ONE, "pending", "1 approval"),
    ("a stranger in Jira", in_jira().say("mallory", "/approve review"), ONE, "pending", "1 approval"),
    ("the owner", approve(github(), "olga"), ONE, "pending", "1 approval"),
    ("the owner in Jira", approve(in_jira(), "olga"), ONE, "pending", "1 approval"),
    ("the owner where the gate says so", approve(github(), "olga"), {**ONE, "owner_may_approve": True}, "approved", ""),
    ("the owner and one more", approve(github(), "olga", "alice"), ANY, "pending", "1 more approval"),
    ("who has been the owner", approve(github().run(owner="bob"), "bob"), ONE, "pending", "1 approval"),
    ("who becomes the owner", approve(github(), "bob").run(owner="bob"), ONE, "pending", "1 approval"),
    ("somebody who is gone", approve(github(), "gert"), ONE, "pending", "1 approval"),
    ("a bot", github().say("alice-gh", "/approve review", bot=True), ONE, "pending", "1 approval"),
    ("a login in other case on GitHub", github().say("ALICE-GH", "/approve review"), ONE, "approved", ""),
    (
        "both cases are one person",
        github().say("ALICE-GH", "/approve review").say("alice-gh", "/approve review"),
        ANY,
        "pending",
        "1 more approval",
    ),
    (
        "a login in other case where case counts",
        in_jira().say("ALICE-J", "/approve review"),
        ONE,
        "pending",
        "1 approval",
    ),
    ("a login that folds alike", github().say("al\u0131ce-gh", "/approve review"), ONE, "pending", "1 approval"),
    ("a Kelvin sign", github().say("\u212aarol-gh", "/approve review"), ONE, "pending", "1 approval"),
    ("full-width letters", in_jira().say("\uff41lice-j", "/approve review"), ONE, "pending", "1 approval"),
    ("an edited comment", github().say("alice-gh", "/approve review", edited=True), ONE, "pending", "1 approval"),
    (
        "an edited comment in Jira",
        in_jira().say("alice-j", "/approve review", edited=True),
        ONE,
        "pending",
        "1 approval",
    ),
    ("a deleted comment", approve(github(), "alice").delete(), ONE, "pending", "1 approval"),
    ("withdrawn", approve(github(), "alice").say("alice-gh", "/withdraw review"), ONE, "pending", "1 approval"),
    (
        "withdrawn and given again",
        approve(approve(github(), "alice").say("alice-gh", "/withdraw review"), "alice"),
        ONE,
        "approved",
        "",
    ),
    ("withdrawn by somebody else", approve(github(), "alice").say("bob-gh", "/withdraw review"), ONE, "approved", ""),
    (
        "an edited withdrawal",
        approve(github(), "alice").say("alice-gh", "/withdraw review", edited=True),
        ONE,
        "approved",
        "",
    ),
    (
        "rejected",
        approve(github(), "alice", "bob").say("carol-gh", "/reject review no notes"),
        ANY,
        "rejected",
        "a rejection to be withdrawn",
    ),
    (
        "rejected in Jira",
        approve(in_jira(), "alice", "bob").say("carol-j", "/reject review no notes"),
        ANY,
        "rejected",
        "a rejection to be withdrawn",
    ),
    ("rejected without a reason", approve(github(), "alice").say("bob-gh", "/reject review"), ONE, "approved", ""),
    ("rejected, then approved", approve(github().say("alice-gh", "/reject review no"), "alice"), ONE, "approved", ""),
    (
        "approved, then rejected",
        approve(github(), "alice").say("alice-gh", "/reject review no"),
        ONE,
        "rejected",
        "a rejection to be withdrawn",
    ),
    ("rejected by a stranger", approve(github(), "alice").say("mallory", "/reject review no"), ONE, "approved", ""),
    (
        "rejected and withdrawn",
        github().say("bob-gh", "/reject review no").say("bob-gh", "/withdraw review"),
        ONE,
        "pending",
        "1 approval",
    ),
    ("waived", github().say("carol-gh", "/waive review the notes come later"), ANY, "waived", ""),
    ("waived in Jira", in_jira().say("carol-j", "/waive review the notes come later"), ANY, "waived", ""),
    ("waived without a reason", github().say("carol-gh", "/waive review"), ANY, "pending", "2 approvals"),
    ("waived by who may not", github().say("bob-gh", "/waive review because"), ANY, "pending", "2 approvals"),
    (
        "waived where nobody may",
        github().say("carol-gh", "/waive review x"),
        {"waivers_by": []},
        "pending",
        "2 approvals",
    ),
    (
        "waived by the owner",
        github().say("olga-gh", "/waive review x"),
        {"waivers_by": ["olga"]},
        "pending",
        "2 approvals",
    ),
    (
        "a waiver withdrawn",
        github().say("carol-gh", "/waive review x").say("carol-gh", "/withdraw review"),
        ANY,
        "pending",
        "2 approvals",
    ),
    (
        "waived although rejected",
        github().say("bob-gh", "/reject review no").say("carol-gh", "/waive review x"),
        ANY,
        "waived",
        "",
    ),
    ("quoted", github().say("alice-gh", "> /approve review"), ONE, "pending", "1 approval"),
    ("quoted in Jira", in_jira().say("alice-j", "{quote}\n/approve review\n{quote}"), ONE, "pending", "1 approval"),
    ("quoted in one line in Jira", in_jira().say("alice-j", "bq. /approve review"), ONE, "pending", "1 approval"),
    ("in a code fence", github().say("alice-gh", "```\n/approve review\n```"), ONE, "pending", "1 approval"),
    ("in a fence that is not closed", github().say("alice-gh", "~~~\n/approve review"), ONE, "pending", "1 approval"),
    (
        "in a code block in Jira",
        in_jira().say("alice-j", "{code:sh}\n/approve review\n{code}"),
        ONE,
        "pending",
        "1 approval",
    ),
    (
        "preformatted in Jira",
        in_jira().say("alice-j", "{noformat}\n/approve review\n{noformat}"),
        ONE,
        "pending",
        "1 approval",
    ),
    ("in code", github().say("alice-gh", "write `/approve review`"), ONE, "pending", "1 approval"),
    ("code over two lines", github().say("alice-gh", "see `a\n/approve review`"), ONE, "pending", "1 approval"),
    ("indented", github().say("alice-gh", "    /approve review"), ONE, "pending", "1 approval"),
    ("hidden", github().say("alice-gh", "<!--\n/approve review\n-->"), ONE, "pending", "1 approval"),
    ("in a list", github().say("alice-gh", "- /approve review"), ONE, "pending", "1 approval"),
    ("within a sentence", github().say("alice-gh", "I would /approve review if"), ONE, "pending", "1 approval"),
    ("below other lines", github().say("alice-gh", "Looks good.\n/approve review\nThanks"), ONE, "approved", ""),
    ("below a quotation and a blank line", github().say("alice-gh", "> what?\n\n/approve review"), ONE, "approved", ""),
    ("below a fence", github().say("alice-gh", "```\nlog\n```\n/approve review"), ONE, "approved", ""),
    ("without a slash", github().say("alice-gh", "mdpc approve review"), ONE, "approved", ""),
    ("without a slash in Jira", in_jira().say("alice-j", "mdpc approve review"), ONE, "approved", ""),
    ("in capitals", github().say("alice-gh", "/APPROVE Review"), ONE, "approved", ""),
    ("with a remark", github().say("alice-gh", "/approve review ship it"), ONE, "approved", ""),
    ("another gate", github().say("alice-gh", "/approve preview"), ONE, "pending", "1 approval"),
    ("no gate", github().say("alice-gh", "/approve"), ONE, "pending", "1 approval"),
    ("a word that only begins so", github().say("alice-gh", "/approved review"), ONE, "pending", "1 approval"),
    ("the date moved after", approve(github(), "alice").run(due=DAY), ONE, "void", "1 approval"),
    ("the date moved before", approve(github().run(due=DAY), "alice"), ONE, "approved", ""),
    (
        "the date moved and came back",
        approve(github(), "alice").run(due=DAY).run(due=date(2027, 1, 1)),
        ONE,
        "void",
        "1 approval",
    ),
    (
        "the date moved, and the gate does not mind",
        approve(github(), "alice").run(due=DAY),
        {**ONE, "void_on": ["scope"]},
        "approved",
        "",
    ),
    ("issues added after", approve(github(), "alice").run(added=["3"]), ONE, "void", "1 approval"),
    ("issues added before", approve(github().run(added=["3"]), "alice"), ONE, "approved", ""),
    (
        "issues added after, and the gate does not mind",
        approve(github(), "alice").run(added=["3"]),
        {**ONE, "void_on": ["due"]},
        "approved",
        "",
    ),
    ("issues removed after", approve(github().run(added=["3"]), "alice").run(removed=["3"]), ONE, "approved", ""),
    (
        "issues added and removed after",
        approve(github(), "alice").run(added=["3"]).run(removed=["3"]),
        ONE,
        "approved",
        "",
    ),
    (
        "issues removed and added again",
        approve(github().run(added=["3"]), "alice").run(removed=["3"]).run(added=["3"]),
        ONE,
        "void",
        "1 approval",
    ),
    ("void, and given again", approve(approve(github(), "alice").run(added=["3"]), "alice"), ONE, "approved", ""),
    ("one void, one not", approve(approve(github(), "alice").run(added=["3"]), "bob"), ANY, "void", "1 more approval"),
    (
        "void, and withdrawn",
        approve(github(), "alice").run(added=["3"]).say("alice-gh", "/withdraw review"),
        ONE,
        "pending",
        "1 approval",
    ),
    ("void, and waived", approve(github(), "alice").run(due=DAY).say("carol-gh", "/waive review x"), ONE, "waived", ""),
    (
        "a rejection is never void",
        github().say("alice-gh", "/reject review no").run(due=DAY),
        ONE,
        "rejected",
        "a rejection to be withdrawn",
    ),
    ("void in Jira", approve(in_jira(), "alice").run(due=DAY), ONE, "void", "1 approval"),
    ("an approver in Jira", github().answer("dora-j", "approved"), {**ONE, **BY_JIRA}, "approved", ""),
    (
        "an approver in Jira who declined",
        github().answer("dora-j", "declined"),
        {**ONE, **BY_JIRA},
        "rejected",
        "a rejection to be withdrawn",
    ),
    (
        "an approver in Jira who did not answer",
        github().answer("dora-j", "pending"),
        {**ONE, **BY_JIRA},
        "pending",
        "1 approval",
    ),
    ("an approver whom the gate does not name", github().answer("dora-j", "approved"), ONE, "pending", "1 approval"),
    ("one by comment, one in Jira", approve(github(), "alice").answer("bob-j", "approved"), BY_JIRA, "approved", ""),
    (
        "one person by comment and in Jira",
        approve(github(), "alice").answer("alice-j", "approved"),
        BY_JIRA,
        "pending",
        "1 more approval",
    ),
    (
        "an approver in Jira by comment",
        approve(github().answer("bob-j", "pending"), "bob"),
        {**ONE, **BY_JIRA},
        "approved",
        "",
    ),
    (
        "the owner as approver in Jira",
        github().answer("olga-j", "approved"),
        {**ONE, **BY_JIRA},
        "pending",
        "1 approval",
    ),
    (
        "void in Jira's own answer",
        github().answer("bob-j", "approved").run(added=["3"]),
        {**ONE, **BY_JIRA},
        "void",
        "1 approval",
    ),
    (
        "Jira's answer after the change",
        github().run(added=["3"]).answer("bob-j", "approved"),
        {**ONE, **BY_JIRA},
        "approved",
        "",
    ),
    (
        "void, and only seen again",
        github().answer("bob-j", "approved").run(due=DAY).run(),
        {**ONE, **BY_JIRA},
        "void",
        "1 approval",
    ),
    (
        "void, seen otherwise, and given again",
        github().answer("bob-j", "approved").run(due=DAY).answer("bob-j", "pending").answer("bob-j", "approved"),
        {**ONE, **BY_JIRA},
        "approved",
        "",
    ),
    (
        "void in Jira, then by comment",
        approve(github().answer("bob-j", "approved").run(due=DAY), "bob"),
        {**ONE, **BY_JIRA},
        "approved",
        "",
    ),
    (
        "declined in Jira, approved by comment later",
        approve(github().answer("bob-j", "declined"), "bob"),
        {**ONE, **BY_JIRA},
        "approved",
        "",
    ),
    (
        "approved by comment, declined in Jira later",
        approve(github(), "bob").answer("bob-j", "declined"),
        {**ONE, **BY_JIRA},
        "rejected",
        "a rejection to be withdrawn",
    ),
]


@pytest.mark.parametrize(("scene", "gate", "state", "missing"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_is_said_comes_to_this(scene: Scene, gate: dict[str, Any], state: str, missing: str) -> None:
    found = standing(scene, gate)
    assert (found.state, found.missing) == (state, missing), found.votes


def test_there_are_enough_rows() -> None:
    assert len({row[0] for row in ROWS}) == len(ROWS) >= 60


@pytest.mark.parametrize(
    ("of", "requires", "state", "missing"),
    [
        (DONE, ["no-open-work"], "approved", ""),
        (OPEN_ISSUE, ["no-open-work"], "pending", "open issues to be closed"),
        (DONE, ["checklist"], "approved", ""),
        (OPEN_ISSUE, ["checklist"], "pending", "a checklist in the description"),
        (replace(DONE, description="* [x] a\n1. [ ] b"), ["checklist"], "pending", "the rest of the checklist"),
        (replace(DONE, description="<!-- - [x] a -->"), ["checklist"], "pending", "a checklist in the description"),
        (
            OPEN_ISSUE,
            ["no-open-work", "checklist"],
            "pending",
            "open issues to be closed, a checklist in the description",
        ),
    ],
)
def test_what_a_gate_requires_besides(of: Record, requires: list[str], state: str, missing: str) -> None:
    found = standing(approve(github(), "alice"), {**ONE, "requires": requires}, of)
    assert (found.state, found.missing) == (state, missing)


def test_a_gate_may_require_others_in_any_order() -> None:
    late = {**GATE, **ONE, "name": "late", "requires": ["gates:early"]}
    early = {**GATE, **ONE, "name": "early"}
    found = settings(people=PEOPLE, gates=[late, early])
    one = milestone(DONE, people=PEOPLE)
    scene = github().say("alice-gh", "/approve late")
    first = scene.judged(one, found, Teams()).standings
    assert [(each.name, each.state, each.missing) for each in first] == [
        ("late", "pending", "gate early"),
        ("early", "pending", "1 approval"),
    ]
    then = scene.say("bob-gh", "/approve early").judged(one, found, Teams()).standings
    assert [each.state for each in then] == ["approved", "approved"]


TEAM = {"reviewers": ["team:acme/leads"], "approvals": 1}


def test_a_team_that_the_tracker_tells_is_its_members() -> None:
    teams = Teams(
        {"acme/leads": (Account(GITHUB, "bob-gh"), Account(GITHUB, "zoe"), Account(GITHUB, "robot", bot=True))}
    )
    assert standing(approve(in_jira(), "bob"), TEAM, teams=teams).state == "approved"
    assert standing(github().say("zoe", "/approve review"), TEAM, teams=teams).state == "approved"
    assert standing(approve(github(), "alice"), TEAM, teams=teams).state == "pending"
    assert "account:github:robot" not in standing(github(), TEAM, teams=teams).waiting_for


def test_a_team_that_no_tracker_tells_is_what_the_configuration_says() -> None:
    tables = {"teams": {"acme/leads": ["carol", "@zoe"]}}
    for scene in (approve(github(), "carol"), github().say("zoe", "/approve review")):
        assert standing(scene, TEAM, tables=tables).state == "approved"
    told = Teams({"acme/leads": (Account(GITHUB, "bob-gh"),)})
    assert standing(approve(github(), "carol"), TEAM, teams=told, tables=tables).state == "pending"


def test_a_team_that_nobody_can_read_passes_nothing_and_is_said() -> None:
    found = standing(approve(github(), "alice"), TEAM, teams=Teams(unread={"acme/leads": "the token lacks read:org"}))
    assert found.state == "pending"
    assert found.unreadable == (("acme/leads", "the token lacks read:org"),)
    assert found.vacant


@pytest.mark.parametrize(
    ("gate", "vacant"),
    [
        ({"reviewers": ["olga"], "approvals": 1}, True),
        ({"reviewers": ["gert"], "approvals": 1}, True),
        ({"reviewers": ["alice", "olga"], "approvals": 2}, True),
        ({"reviewers": ["alice", "bob"], "approvals": 2}, False),
        ({"reviewers": ["olga"], "approvals": 1, "owner_may_approve": True}, False),
    ],
)
def test_a_gate_that_nobody_present_can_pass_is_vacant(gate: dict[str, Any], vacant: bool) -> None:
    assert standing(github(), gate).vacant is vacant


@pytest.mark.parametrize(
    ("scene", "why"),
    [
        (github().say("mallory", "/approve review"), "you are not among the reviewers of review"),
        (approve(github(), "olga"), "you are the owner, or have been, and somebody else has to look at it"),
        (github().say("bob-gh", "/reject review"), "a reason is missing. Write /reject review and why"),
        (github().say("bob-gh", "/waive review x"), "you are not among those who may waive review"),
        (
            github().say("bob-gh", "/approve nothing"),
            "it names a gate that this milestone does not have: the gates here are review",
        ),
        (github().say("bob-gh", "/approve"), "it names no gate: the gates here are review"),
        (
            github().say("bob-gh", "/approve review", edited=True),
            "the comment was edited, and edited comments do not count. Write a new one",
        ),
    ],
)
def test_what_cannot_count_is_objected_to_with_the_reason(scene: Scene, why: str) -> None:
    found = scene.judged(milestone(DONE, people=PEOPLE), settings(people=PEOPLE, gates=[GATE]), Teams())
    assert [each.why for each in found.objections] == [why]


@pytest.mark.parametrize(
    "scene",
    [
        approve(github(), "alice"),
        github().say("alice-gh", "/approve review", bot=True),
        github().say("mallory", "> /approve review"),
        approve(github(), "alice").run(due=DAY),
        approve(github(), "alice", "alice"),
    ],
)
def test_nobody_is_answered_who_counts_or_gave_no_command(scene: Scene) -> None:
    found = scene.judged(milestone(DONE, people=PEOPLE), settings(people=PEOPLE, gates=[GATE]), Teams())
    assert found.objections == ()


def test_hidden_text_within_a_line_is_left_out_of_the_reason() -> None:
    found = standing(github().say("alice-gh", "/reject review not <!-- mdpc:x --> **yet**"), ONE)
    assert [vote.why for vote in found.votes] == ["not  yet"]


def test_what_was_said_before_mdpc_began_does_not_count_and_nobody_is_told() -> None:
    scene = approve(github(), "alice", "bob").say("mallory", "/approve nothing")
    began = Since(1, scene.comments[-1].created_at)
    scene.ledger = replace(scene.ledger, dues=(replace(scene.ledger.dues[0], since=began),))
    one, tables = milestone(DONE, programs=[PROGRAM], people=PEOPLE), settings(people=PEOPLE, gates=[GATE])
    found = scene.judged(one, tables, Teams())
    assert (found.standings[0].state, found.objections) == ("pending", ())
    assert {vote.against for vote in found.standings[0].votes} == {
        "it was said before mdpc began to watch this milestone"
    }
    approve(scene, "alice", "carol")
    assert scene.judged(one, tables, Teams()).standings[0].state == "approved"


def test_after_a_lost_ledger_it_is_void_instead_since_it_once_counted() -> None:
    scene = approve(github(), "alice", "bob")
    began = Since(1, scene.comments[-1].created_at)
    scene.ledger = replace(scene.ledger, anew=True, dues=(replace(scene.ledger.dues[0], since=began),))
    assert standing(scene, {}).state == "void"


def test_an_approval_in_jira_is_not_told_as_declined() -> None:
    gate = {"reviewers": ["jira:approvers"], "approvals": 1}
    approved = standing(Scene().answer("alice-j", "approved"), gate).votes
    declined = standing(Scene().answer("alice-j", "declined"), gate).votes
    assert [(vote.word, vote.why) for vote in (*approved, *declined)] == [
        ("approve", ""),
        ("reject", "declined in Jira"),
    ]
