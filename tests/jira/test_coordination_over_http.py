"""Coordination issues on the sandbox's Jira, over real HTTP, as Cloud and as Data Center."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest

from mdpc.changes import Change, Kind, Outcome, Value
from mdpc.coordination import Approver, Issue, IssueScope
from mdpc.model import Account, ContainerRef, Ref, Scope
from mdpc.tokens import token_id, token_uid
from mdpc_jira import JiraConnector, JiraSettings
from mdpc_sandbox.jira.model import STATUSES
from mdpc_sandbox.server import Sandbox
from tests.clock import Clock

API, OPS = ContainerRef("jira", "API"), ContainerRef("jira", "OPS")
NEW = Ref(API, token_id("n0123456789ab"))
BODY = "One place for 1.0.\n\nSee https://acme.example/1.0.\n(mdpc:issue m0123456789ab)"
SEED: dict[str, Any] = {
    "users": [
        {"id": "Alice", "displayName": "Alice Archer", "emailAddress": "a@acme.example", "tokens": ["alice-token"]},
        {"id": "robot", "displayName": "Robot", "app": True, "assignable": False},
    ],
    "groups": [{"name": "leads", "members": ["Alice", "robot"]}],
    "fields": [{"id": "customfield_10200", "name": "Team", "type": "option", "required": ["Task"]}],
    "projects": [
        {
            "key": "API",
            "versions": [
                {
                    "name": "1.0",
                    "id": "500",
                    "approvers": [
                        {"accountId": "Alice", "status": "DECLINED", "declineReason": "Not yet"},
                        {"accountId": "robot", "description": "The logs"},
                    ],
                    "issues": {"todo": 2},
                },
                {"name": "2.0", "id": "501"},
            ],
            "issues": [{"summary": "Grow", "key": "API-100", "issuetype": "Epic"}],
        },
        {"key": "OPS", "private": True},
    ],
}


@dataclass
class Place:
    """A sandbox, and connectors to it."""

    sandbox: Sandbox
    cloud: bool

    def connector(self, user: str = "mdpc-bot@example.com", token: str = "sandbox-write", **more: Any) -> JiraConnector:
        given: dict[str, Any] = {"type": "jira", "url": self.sandbox.jira_url, "token": token}
        given |= {"user": user} if self.cloud else {}
        given |= {"issue": {"fields": {"team": "Core", "priority": "High"}}}
        return JiraConnector("jira", JiraSettings.model_validate(given | more), sleep=Mock())

    def apply(self, *changes: Change, **settings: Any) -> list[Outcome]:
        return list(self.connector(**settings).apply(changes))

    def make(self, **fields: Value) -> Outcome:
        given: dict[str, Value] = {"title": "1.0", "body": BODY, "assignee": "Alice", "label": "milestone"}
        outcomes = self.apply(*(change(NEW, name, None, value) for name, value in (given | fields).items()))
        assert len({outcome.status for outcome in outcomes}) == 1
        return next(outcome for outcome in outcomes if outcome.change == "c-assignee")

    def issue(self, **settings: Any) -> Issue:
        (issue,) = self.connector(**settings).read_issues(IssueScope(homes=("API",))).issues
        return issue

    def comment(self, ref: Ref, before: str | None, after: str, seen: str = "", **settings: Any) -> str:
        said = replace(change(ref, "comment", before, after, "comment"), seen=seen)
        (outcome,) = self.apply(said, **settings)
        return outcome.status


def change(ref: Ref, field: str, before: Value, after: Value, kind: Kind = "issue", uid: str = "") -> Change:
    uid = uid or token_uid("n0123456789ab")
    return Change(f"c-{field}", "w1", kind, "API", ref, uid, field, before, after, "because")


@pytest.fixture(params=["cloud", "9.12", "10.3"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=Clock()) as sandbox:
        yield Place(sandbox, request.param == "cloud")


def test_an_issue_is_made_once_and_read_as_it_was_written(place: Place) -> None:
    outcome = place.make()
    assert (outcome.status, outcome.answer) == ("done", "")
    assert outcome.created is not None
    issue = place.issue()
    assert issue.ref == Ref(API, outcome.created.id)
    assert (issue.uid, issue.url) == (outcome.created.uid, outcome.created.url)
    assert (issue.title, issue.body, issue.closed, issue.labels) == ("1.0", BODY, False, ("milestone",))
    assert issue.author == Account("jira", "mdpc-bot", "mdpc")
    assert issue.assignees == (Account("jira", "Alice", "Alice Archer"),)
    assert (issue.edited_at, issue.editor, issue.comments) == (None, None, ())
    held = place.sandbox.jira.issues[issue.ref.id]
    assert (held.priority, held.custom, held.type) == ("High", {"customfield_10200": {"value": "Core"}}, "Task")
    again = place.make()
    assert (again.status, again.created) == ("already", outcome.created)
    assert len(place.sandbox.log.writes()) == 1


def test_a_required_field_is_named_with_its_key(place: Place) -> None:
    (outcome, *_) = place.apply(change(NEW, "title", None, "1.0"), change(NEW, "body", None, BODY), issue={})
    assert outcome.status == "failed"
    assert "Team is required" in outcome.answer
    assert "Set connectors.jira.issue.fields.customfield_10200, or make it optional" in outcome.answer


def test_who_cannot_be_assigned_is_left_out(place: Place) -> None:
    outcome = place.make(assignee="robot")
    assert (outcome.status, outcome.answer.startswith("Jira does not take robot as the assignee")) == ("done", True)
    issue = place.issue()
    assert issue.assignees == ()
    both = [change(issue.ref, "assignee", None, "robot"), change(issue.ref, "label", None, "docs")]
    outcomes = place.apply(*(replace(each, uid=issue.uid) for each in both))
    assert [(each.status, bool(each.answer)) for each in outcomes] == [("done", True), ("done", False)]
    assert place.issue().labels == ("milestone", "docs")


def test_an_issue_is_changed(place: Place) -> None:
    place.make()
    issue = place.issue()

    def apply(*given: tuple[str, Value, Value]) -> list[str]:
        return [each.status for each in place.apply(*(change(issue.ref, *each, uid=issue.uid) for each in given))]

    assert apply(("state", "open", "closed"), ("label", None, "done"), ("assignee", "Alice", None)) == ["done"] * 3
    after = place.issue()
    assert (after.closed, after.labels, after.assignees) == (True, ("milestone", "done"), ())
    assert apply(("state", "open", "closed"), ("label", None, "done"), ("assignee", "Alice", None)) == ["already"] * 3
    assert apply(("assignee", "Alice", "mdpc-bot"), ("label", None, "x")) == ["stale", "withheld"]
    assert apply(("assignee", None, "mdpc-bot"), ("state", "closed", "open")) == ["done", "done"]
    assert apply(("body", None, "x")) == ["failed"]


def test_an_issue_that_was_moved_is_missing_and_not_written_to(place: Place) -> None:
    place.make()
    issue = place.issue()
    state = place.sandbox.jira
    gone = state.add_issue(state.projects["API"], "gone")
    state.delete_issue(gone)
    plain = Ref(API, "API-100")
    state.move_issue(state.issues[issue.ref.id], state.projects["OPS"])
    known = (issue.ref, Ref(API, gone.key), plain)
    reading = place.connector().read_issues(IssueScope(homes=("API",), known=known))
    assert (reading.missing, reading.unread) == ((issue.ref, Ref(API, gone.key)), ())
    assert [each.ref for each in reading.issues] == [plain]
    (outcome,) = place.apply(change(issue.ref, "state", "open", "closed", uid=issue.uid))
    assert outcome.status == "stale"
    assert place.comment(issue.ref, None, "Hello (mdpc:say a)") == "stale"


def test_an_issue_of_a_renamed_project_is_not_missing(place: Place) -> None:
    place.make()
    issue = place.issue()
    place.sandbox.jira.change_key("API", "CORE")
    connector = place.connector()
    connector.read(Scope(members=("API",)))
    reading = connector.read_issues(IssueScope(known=(issue.ref,)))
    assert (reading.missing, [str(each.ref) for each in reading.issues]) == ((), [f"jira:CORE#CORE-{issue.ref.id[4:]}"])


def test_only_what_mdpc_made_counts_in_a_home(place: Place) -> None:
    state = place.sandbox.jira
    theirs = state.add_issue(state.projects["API"], "mine")
    theirs.creator, theirs.labels = state.users["Alice"], ("milestone",)
    assert place.connector().read_issues(IssueScope(homes=("API",))).issues == ()
    assert place.issue(accounts=["Alice"]).ref.id == theirs.key
    reading = place.connector(accounts=["Nobody"]).read_issues(IssueScope(homes=("API", "OPS")))
    assert [unread.container for unread in reading.unread] == ["jira:API", "jira:OPS"]


def test_a_home_that_fails_leaves_the_others(place: Place) -> None:
    place.make()
    reading = place.connector(optional=["NO*"]).read_issues(IssueScope(homes=("API", "NONE")))
    assert [issue.title for issue in reading.issues] == ["1.0"]
    assert [(unread.container, unread.optional) for unread in reading.unread] == [("jira:NONE", True)]


SAY = "Hello [~accountid:Alice],\n\nsee https://acme.example.\n(mdpc:say a)"


def test_a_comment_is_made_once_and_changed_where_it_is_as_planned(place: Place) -> None:
    place.make()
    issue = place.issue()
    assert place.comment(issue.ref, None, SAY) == "done"
    assert place.comment(issue.ref, None, SAY) == "already"
    (made,) = place.issue().comments
    assert (made.body, made.author, made.edited_at) == (SAY, Account("jira", "mdpc-bot", "mdpc"), None)
    assert made.url.endswith(f"/browse/{issue.ref.id}?focusedCommentId={made.id}")
    ref = Ref(API, f"{issue.ref.id}/{made.id}")
    assert place.comment(ref, SAY, "Bye\n(mdpc:say a)") == "done"
    assert place.comment(ref, SAY, "Bye\n(mdpc:say a)") == "already"
    assert place.comment(ref, SAY, "See you\n(mdpc:say a)") == "stale"
    (edited,) = place.issue().comments
    assert (edited.body, edited.editor) == ("Bye\n(mdpc:say a)", edited.author)
    assert edited.edited_at is not None
    assert edited.edited_at > edited.created_at
    held = place.sandbox.jira.issues[issue.ref.id]
    held.comments.clear()
    assert place.comment(ref, "Bye\n(mdpc:say a)", "x") == "stale"


def test_a_comment_that_somebody_changed_counts_no_more(place: Place) -> None:
    place.make()
    issue = place.issue()
    assert place.comment(issue.ref, None, SAY) == "done"
    state = place.sandbox.jira
    held = state.issues[issue.ref.id]
    state.edit_comment(held, held.comments[0], state.users["Alice"], "I approve.\n(mdpc:say a)")
    (edited,) = place.issue().comments
    assert (edited.author, edited.editor) == (issue.author, Account("jira", "Alice", "Alice Archer"))
    assert place.comment(issue.ref, None, SAY) == "done"
    assert len(place.issue().comments) == 2


def test_a_comment_is_stale_where_people_wrote_since(place: Place) -> None:
    place.make()
    issue = place.issue()
    state = place.sandbox.jira
    held = state.issues[issue.ref.id]
    first = state.add_comment(held, state.users["Alice"], "/approve")
    assert place.comment(issue.ref, None, "A (mdpc:say 1)", first.id) == "done"
    assert place.comment(issue.ref, None, "B (mdpc:say 2)", first.id) == "done"
    second = state.add_comment(held, state.users["Alice"], "/withdraw")
    assert place.comment(issue.ref, None, "C (mdpc:say 3)", first.id) == "stale"
    assert place.comment(issue.ref, None, "C (mdpc:say 3)", second.id) == "done"
    held.comments.remove(second)
    state.add_comment(held, state.users["Alice"], "still here")
    assert place.comment(issue.ref, None, "D (mdpc:say 4)", second.id) == "stale"
    assert place.comment(issue.ref, None, "D (mdpc:say 4)") == "done"


def test_many_comments_are_all_read_in_their_order(place: Place) -> None:
    place.make()
    issue = place.issue()
    state = place.sandbox.jira
    said = [f"number {number}" for number in range(105)]
    for text in said:
        state.add_comment(state.issues[issue.ref.id], state.users["robot"], text)
    comments = place.issue().comments
    assert [comment.body for comment in comments] == said
    assert comments[0].author == Account("jira", "robot", "Robot", bot=place.cloud)
    assert place.comment(issue.ref, None, "Hello (mdpc:say a)", comments[-1].id) == "done"


def test_epics_speak_for_themselves(place: Place) -> None:
    state = place.sandbox.jira
    epic = Ref(API, "API-100")
    state.add_comment(state.issues["API-100"], state.users["Alice"], "/approve")
    child = state.add_issue(state.projects["API"], "part")
    if place.cloud:
        child.parent = state.issues["API-100"]
    else:
        child.custom["customfield_10014"] = "API-100"
    connector = place.connector(milestones="epics")
    (record,) = connector.read(Scope(members=("API",))).records
    assert record.is_issue
    state.unindexed.add(record.uid)
    gone = Ref(OPS, "OPS-7")
    reading = connector.read_issues(IssueScope(own=(epic, gone), contents=(epic,), approvers=(epic,)))
    assert [(issue.ref, [each.body for each in issue.comments]) for issue in reading.issues] == [(epic, ["/approve"])]
    assert reading.contents == {epic: frozenset([child.key])}
    assert reading.approvers == {epic: ()}
    assert [unread.container for unread in reading.unread] == ["jira:OPS"]


def test_a_search_that_lags_behind_is_helped(place: Place) -> None:
    connector = place.connector()
    changes = [
        change(NEW, name, None, text) for name, text in (("title", "1.0"), ("body", BODY), ("label", "milestone"))
    ]
    (made, *_) = connector.apply(changes)
    assert made.created is not None
    place.sandbox.jira.unindexed.add(made.created.uid)
    before = place.sandbox.log.count("jira")
    scope = IssueScope(homes=("API",), known=(Ref(API, made.created.id),))
    assert [issue.uid for issue in connector.read_issues(scope).issues] == [made.created.uid]
    assert place.sandbox.log.count("jira") == before + 1


def test_what_versions_have_and_who_approves_them(place: Place) -> None:
    first, second = Ref(API, "500"), Ref(API, "501")
    other = Ref(ContainerRef("jira", "NONE"), "1")
    scope = IssueScope(contents=(first, second, other), approvers=(first, second))
    reading = place.connector().read_issues(scope)
    assert reading.contents == {first: frozenset(["API-1", "API-2"]), second: frozenset()}
    asked = (
        Approver(Account("jira", "Alice"), "declined", "Not yet"),
        Approver(Account("jira", "robot"), "pending", "The logs"),
    )
    assert reading.approvers == {first: asked if place.cloud else (), second: ()}
    assert [unread.container for unread in reading.unread] == ["jira:NONE"]


def test_what_versions_delivered_and_whom_that_was_assigned_to(place: Place) -> None:
    first, second = Ref(API, "500"), Ref(API, "501")
    other = Ref(ContainerRef("jira", "NONE"), "1")
    done = place.sandbox.jira.issue("API-1")
    assert done is not None
    done.summary, done.assignee = "Tests & docs", place.sandbox.jira.users["Alice"]
    done.move(STATUSES["Done"], datetime(2026, 12, 1, tzinfo=UTC))
    reading = place.connector().read_issues(IssueScope(delivered=(first, second, other)))
    (one,) = reading.delivered[first]
    assert (one.name, one.title, one.url) == ("API-1", "Tests & docs", f"{place.sandbox.jira_url}/browse/API-1")
    assert one.by == Account("jira", "Alice", "Alice Archer")
    assert one.closed_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert reading.delivered[second] == ()
    assert reading.unread == ()


def test_who_is_in_a_team(place: Place) -> None:
    alice, robot = Account("jira", "Alice", "Alice Archer"), Account("jira", "robot", "Robot", bot=place.cloud)
    scope = IssueScope(teams=("leads", "acme/nobody"))
    reading = place.connector().read_issues(scope)
    assert reading.teams == {"leads": (alice, robot)}
    assert "there is none, or it is not shown (404)" in reading.teamless["acme/nobody"]
    reader = place.connector("mdpc-reader@example.com", "sandbox-read").read_issues(scope)
    assert reader.teams == {}
    assert "Browse users and groups" in reader.teamless["leads"]
