"""Coordination issues over HTTP: the connector against the sandbox's GitHub, by GraphQL and by REST."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from mdpc.changes import Change, Kind, Outcome, Value
from mdpc.connector import TrackerError
from mdpc.coordination import Issue, IssueReading, IssueScope
from mdpc.model import ContainerRef, Ref
from mdpc.tokens import issue_seed, token_id, token_uid
from mdpc_github import GitHubConnector
from mdpc_sandbox.server import Sandbox
from tests.clock import Clock

API = ContainerRef("github", "acme/api")
SEED: dict[str, Any] = {
    "users": ["alice"],
    "tokens": [
        {"value": "write", "login": "mdpc-bot"},
        {"value": "app", "login": "mdpc[bot]", "kind": "app"},
        {"value": "limited", "login": "mdpc-bot", "teams": False},
    ],
    "teams": [{"name": "acme/leads", "members": ["alice", "bob"]}],
    "repositories": [
        {
            "name": "acme/api",
            "milestones": [{"title": "v1"}, {"title": "v2", "open": 3}],
            "issues": [
                {"title": "Theirs", "labels": ["milestone"], "user": "alice", "milestone": "v1"},
                {
                    "title": "v1",
                    "labels": ["milestone", "docs"],
                    "user": "mdpc-bot",
                    "body": "text",
                    "assignees": ["alice"],
                    "comments": [
                        {"user": "alice", "body": "/approve"},
                        {"user": "helper[bot]", "body": "beep", "editor": "mallory"},
                        {"user": "ghost", "body": "boo"},
                    ],
                },
                {"title": "Change", "pull_request": True, "labels": ["milestone"], "user": "mdpc-bot", "milestone": 1},
                {"title": "Other", "user": "mdpc-bot", "state": "closed", "milestone": "v1"},
                {"title": "Old", "labels": ["milestone"], "user": "mdpc-bot", "state": "closed"},
            ],
        },
        {"name": "acme/web", "private": True},
        {"name": "acme/empty"},
    ],
}


@dataclass
class Hub:
    """A sandbox, its first repository, and a way to make connectors to it."""

    sandbox: Sandbox
    make: Callable[..., GitHubConnector]
    graphql: bool

    @property
    def api(self) -> Any:
        return self.sandbox.github.repository("acme/api")

    @property
    def issue(self) -> Any:
        """mdpc's open coordination issue."""
        return self.api.issues[2]

    def read(self, token: str = "write", accounts: tuple[str, ...] = (), **scope: Any) -> IssueReading:
        return self.make(token, accounts=accounts).read_issues(IssueScope(**scope))

    def apply(self, *changes: Change, token: str = "write", **settings: Any) -> list[Outcome]:
        return list(self.make(token, **settings).apply(changes))

    def comment(self, text: str, **more: Any) -> Outcome:
        (outcome,) = self.apply(change("comment", "body", None, text, uid=self.issue.node_id, **more))
        return outcome

    def written(self) -> list[str]:
        return [f"{entry.method} {entry.path}" for entry in self.sandbox.log.writes() if 200 <= entry.status < 300]


@pytest.fixture(params=[True, False], ids=["graphql", "rest"])
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    with Sandbox({"github": SEED}, clock=Clock(), graphql=request.param) as sandbox:

        def make(
            token: str = "write", *, sleep: Callable[[float], None] = lambda _: None, **more: Any
        ) -> GitHubConnector:
            table = {"type": "github", "url": sandbox.github_url, "token": SecretStr(token)} | more
            return GitHubConnector("github", GitHubConnector.Settings.model_validate(table), sleep=sleep)

        yield Hub(sandbox, make, request.param)


def change(kind: Kind, field: str, before: Value, after: Value, *, id: str = "issue-2", **more: Any) -> Change:
    made = Change(f"c-{field}", "w1", kind, "program", Ref(API, id), "", field, before, after, "because")
    return replace(made, **more)


def numbers(reading: IssueReading) -> list[str]:
    return [str(issue.ref) for issue in reading.issues]


# ── Reading ───────────────────────────────────────────────────────────────────────────────────────


def test_coordination_issues_are_those_with_the_label_that_mdpc_opened(hub: Hub) -> None:
    reading = hub.read(homes=("acme/api", "acme/empty"))
    assert numbers(reading) == ["github:acme/api#issue-2", "github:acme/api#issue-5"]
    assert (reading.unread, reading.missing, reading.connector) == ((), (), "github")
    first, old = reading.issues
    assert (first.title, first.body, first.closed, old.closed) == ("v1", "text", False, True)
    assert (first.uid, first.url) == (hub.issue.node_id, f"{hub.sandbox.url}/github/acme/api/issues/2")
    assert first.author is not None
    assert (first.author.login, first.author.bot) == ("mdpc-bot", False)
    assert [each.login for each in first.assignees] == ["alice"]
    assert first.labels == ("milestone", "docs")
    assert (first.edited_at, first.editor) == (None, None)
    assert not hub.sandbox.log.writes()


def test_comments_are_told_with_their_authors_and_editors(hub: Hub) -> None:
    (issue, _) = hub.read(homes=("acme/api",)).issues
    first, second, third = issue.comments
    held = hub.issue.comments
    assert [each.id for each in issue.comments] == [str(each.id) for each in held]
    assert first.url.endswith(f"/acme/api/issues/2#issuecomment-{held[0].id}")
    assert (first.body, first.created_at.isoformat()) == ("/approve", held[0].created_at.replace("Z", "+00:00"))
    assert (first.edited_at, first.editor) == (None, None)
    assert first.author is not None
    assert second.author is not None
    assert (first.author.login, first.author.bot) == ("alice", False)
    assert (second.author.login, second.author.name, second.author.bot) == ("helper", "helper[bot]", True)
    assert second.edited_at == datetime.fromisoformat(held[1].updated_at)
    assert (second.editor and second.editor.login) == ("mallory" if hub.graphql else None)
    assert third.author is None


def test_both_ways_of_reading_name_the_same_comments(hub: Hub) -> None:
    found = hub.read(homes=("acme/api",)).issues[0]
    made = hub.sandbox.github.add_comment(hub.issue, "alice", "more")
    again = hub.read(homes=("acme/api",)).issues[0]
    assert [each.id for each in again.comments] == [*(each.id for each in found.comments), str(made.id)]


def test_further_accounts_are_mdpcs_own_as_well(hub: Hub) -> None:
    assert "github:acme/api#issue-1" in numbers(hub.read(homes=("acme/api",), accounts=("Alice",)))


COORDINATES = "Words.\n\n<!-- mdpc:issue m0123456789ab -->"


@pytest.mark.parametrize(
    ("token", "accounts", "by"),
    [
        ("write", (), "mdpc-bot"),
        ("app", ("mdpc[bot]",), "mdpc[bot]"),
        ("write", ("old-bot",), "mdpc-bot"),
        ("write", ("old-bot",), "old-bot"),
        ("write", ("old-bot",), "old-bot[bot]"),
    ],
)
def test_an_issue_whose_label_was_taken_off_is_found(hub: Hub, token: str, accounts: tuple[str, ...], by: str) -> None:
    state, empty = hub.sandbox.github, hub.sandbox.github.repository("acme/empty")
    for title, body in (("v3", COORDINATES), ("Another matter", "words")):
        state.add_comment(state.create_issue(empty, by, title, body=body), "alice", "/approve")
    state.create_issue(empty, "mallory", "v3", body=COORDINATES)
    (issue,) = hub.read(token, accounts, homes=("acme/empty",)).issues
    assert (issue.ref.id, issue.labels) == ("issue-1", ())
    assert [each.body for each in issue.comments] == ["/approve"]


def test_closed_issues_that_changed_before_a_day_are_left_out(hub: Hub) -> None:
    day = date(2026, 11, 20)
    for title, state, changed in (
        ("open and old", "open", "2026-01-01T00:00:00Z"),
        ("that day", "closed", "2026-11-20T00:00:00Z"),
        ("the day before", "closed", "2026-11-19T23:59:59Z"),
    ):
        issue = hub.sandbox.github.create_issue(hub.api, "mdpc-bot", title, labels=["milestone"], state=state)
        issue.updated_at = changed
    found = {each.title for each in hub.read(homes=("acme/api",), closed_since=day).issues}
    assert {"open and old", "that day", "the day before"} - found == {"the day before"}
    assert len(hub.read(homes=("acme/api",)).issues) == 5


@pytest.mark.parametrize("hub", [False], indirect=True, ids=["rest"])
def test_without_graphql_nobody_knows_who_edited_what_mdpc_wrote(hub: Hub) -> None:
    hub.comment(SAID)
    assert hub.read(homes=("acme/api",)).unread == ()
    hub.sandbox.github.edit_comment(hub.issue.comments[-1], SAID + "\n", "mdpc-bot")
    for scope in (IssueScope(homes=("acme/api",)), IssueScope(known=(Ref(API, "issue-2"),))):
        (lost,) = hub.make().read_issues(scope).unread
        assert (lost.container, "GraphQL" in lost.why) == ("github:acme/api", True)


def test_an_apps_issues_are_found_whatever_it_is_called(hub: Hub) -> None:
    hub.sandbox.github.create_issue(hub.api, "mdpc[bot]", "by the App", labels=["milestone"])
    reading = hub.read("app", homes=("acme/api",), accounts=() if hub.graphql else ("mdpc[bot]",))
    assert numbers(reading) == ["github:acme/api#issue-6"]


def test_known_issues_are_looked_up_and_what_is_gone_is_missing(hub: Hub) -> None:
    state = hub.sandbox.github
    for title in ("moved", "deleted", "unlabelled"):
        state.create_issue(hub.api, "mdpc-bot", title)
    state.transfer_issue(hub.api, 6, state.repository("acme/empty"))
    state.delete_issue(hub.api, 7)
    state.add_comment(hub.api.issues[8], "alice", "still here")
    known = tuple(Ref(API, f"issue-{number}") for number in (2, 3, 6, 7, 8, 99))
    reading = hub.read(homes=("acme/api",), known=known)
    assert numbers(reading) == ["github:acme/api#issue-2", "github:acme/api#issue-5", "github:acme/api#issue-8"]
    assert [ref.id for ref in reading.missing] == ["issue-3", "issue-6", "issue-7", "issue-99"]
    assert [each.body for each in reading.issues[-1].comments] == ["still here"]
    assert reading.unread == ()


def test_a_known_issue_of_a_renamed_repository_is_not_missing(hub: Hub) -> None:
    hub.sandbox.github.rename("acme/api", "acme/service")
    reading = hub.read(known=(Ref(API, "issue-2"),))
    assert (numbers(reading), reading.missing) == (["github:acme/api#issue-2"], ())


def test_an_issue_in_a_repository_that_cannot_be_read_is_not_missing(hub: Hub) -> None:
    hub.sandbox.github.remove_repository("acme/web")
    web = Ref(ContainerRef("github", "acme/web"), "issue-1")
    reading = hub.read(homes=("acme/api",), known=(web,))
    assert (reading.missing, [each.container for each in reading.unread]) == ((), ["github:acme/web"])


def test_the_contents_of_milestones_are_their_issues(hub: Hub) -> None:
    hub.sandbox.github.create_milestone(hub.api, "alice", "v3")
    first, second, none = Ref(API, "1"), Ref(API, "2"), Ref(API, "3")
    reading = hub.read(contents=(first, second, none))
    assert reading.contents[none] == frozenset()
    assert reading.contents[first] == {"1", "4"}
    assert len(reading.contents[second]) == 3


def test_what_a_milestone_delivered_is_its_closed_issues_and_who_closed_them(hub: Hub) -> None:
    first, gone = Ref(API, "1"), Ref(API, "77")
    hub.sandbox.github.edit_issue(hub.api, 1, "alice", title="Tests & docs", milestone=1, state="closed")
    reading = hub.read(delivered=(first, gone))
    (one,) = [each for each in reading.delivered[first] if each.title == "Tests & docs"]
    assert (one.record, one.name) == (first, "acme/api#1")
    assert one.url == f"{hub.sandbox.url}/github/acme/api/issues/1"
    assert one.by is not None
    assert (one.by.login, one.by.bot) == ("alice", False)
    assert one.closed_at is not None
    assert (reading.delivered.get(gone, ()), reading.unread) == ((), ())


def test_a_milestone_that_is_gone_makes_its_repository_unread(hub: Hub) -> None:
    reading = hub.read(homes=("acme/api",), contents=(Ref(API, "77"),))
    assert [each.container for each in reading.unread] == ["github:acme/api"]
    assert (reading.issues, dict(reading.contents)) == ((), {})


def test_teams_and_what_is_none(hub: Hub) -> None:
    reading = hub.read(homes=("acme/api",), teams=("acme/leads", "acme/none", "leads", "nobody/x"))
    assert {name: [each.login for each in team] for name, team in reading.teams.items()} == {
        "acme/leads": ["alice", "bob"]
    }
    assert set(reading.teamless) == {"acme/none", "leads", "nobody/x"}
    assert "acme/leads" in reading.teamless["leads"]
    assert "read:org" in reading.teamless["acme/none"]
    assert reading.unread == ()


def test_teams_that_the_token_may_not_see(hub: Hub) -> None:
    reading = hub.read("limited", homes=("acme/api",), teams=("acme/leads",))
    assert "Members: read" in reading.teamless["acme/leads"]
    assert len(reading.issues) == 2


def test_a_home_that_fails_leaves_the_others(hub: Hub) -> None:
    hub.sandbox.faults.add(repository="acme/api", status=403)
    reading = hub.make(optional=["acme/ap*"]).read_issues(IssueScope(homes=("acme/api", "acme/web")))
    (lost,) = reading.unread
    assert (lost.container, lost.optional, reading.issues) == ("github:acme/api", True, ())
    assert "not accessible" in lost.why


@pytest.mark.parametrize("hub", [False], indirect=True, ids=["rest"])
def test_comments_that_cannot_be_read_make_their_home_unread(hub: Hub) -> None:
    hub.sandbox.faults.add("/repos/acme/api/issues/2/comments*", status=500)
    reading = hub.read(homes=("acme/api", "acme/web"), known=(Ref(API, "issue-5"),))
    assert ([each.container for each in reading.unread], reading.issues) == (["github:acme/api"], ())


def test_where_the_server_is_away_that_is_the_one_thing_to_say(hub: Hub) -> None:
    connector = hub.make()
    connector.read_issues(IssueScope(homes=("acme/empty",)))
    hub.sandbox.faults.add("*", tracker="github", status=500)
    with pytest.raises(TrackerError, match="failed"):
        connector.read_issues(IssueScope(homes=("acme/api",), contents=(Ref(API, "1"),)))


def test_a_wrong_token_is_an_error(hub: Hub) -> None:
    with pytest.raises(TrackerError) as raised:
        hub.read("wrong", homes=("acme/api",))
    assert raised.value.reason == "auth"


@pytest.mark.parametrize("hub", [True], indirect=True, ids=["graphql"])
@pytest.mark.parametrize(("token", "by"), [("write", "mdpc-bot"), ("app", "mdpc[bot]")])
def test_two_hundred_issues_with_comments_take_ten_requests_at_most(hub: Hub, token: str, by: str) -> None:
    state = hub.sandbox.github
    web = state.repository("acme/web")
    for count in range(200):
        issue = state.create_issue(web, by, f"m{count}", labels=["milestone"])
        for reply in range(150 if count % 50 == 0 else 5):
            state.add_comment(issue, "alice", f"{reply}")
    for count in range(300):
        closed = state.create_issue(web, by, f"old {count}", labels=["milestone"], state="closed")
        for reply in range(150 if count % 50 == 0 else 5):
            state.add_comment(closed, "alice", f"{reply}")
        closed.updated_at = "2026-01-01T09:00:00Z"
    connector = hub.make(token)
    reading = connector.read_issues(IssueScope(homes=("acme/web",), closed_since=date(2026, 8, 1)))
    assert len(reading.issues) == 200
    assert [len(issue.comments) for issue in reading.issues] == [150 if count % 50 == 0 else 5 for count in range(200)]
    assert [each.body for each in reading.issues[50].comments] == [str(reply) for reply in range(150)]
    assert connector.requests == hub.sandbox.log.count("github") <= 10


# ── Issues are made and changed ───────────────────────────────────────────────────────────────────

ISSUE = issue_seed("m0123456789ab", API)
BLOCK = "<!-- mdpc:begin -->\nWords.\n\n<!-- mdpc:issue m0123456789ab -->\n<!-- mdpc:end -->"
ALL: dict[str, Value] = {"title": "v3", "body": BLOCK, "assignee": "alice", "label": "milestone"}


def creation(**fields: Value) -> list[Change]:
    return [
        change("issue", name, None, after, id=token_id(ISSUE), uid=token_uid(ISSUE)) for name, after in fields.items()
    ]


def there(hub: Hub, title: str = "v3") -> list[Any]:
    return [each for each in hub.api.issues.values() if each.title == title]


def read_back(hub: Hub, number: int) -> Issue:
    (issue,) = (each for each in hub.read(homes=("acme/api",)).issues if each.ref.id == f"issue-{number}")
    return issue


def test_an_issue_is_made_once_and_read_as_it_was_wanted(hub: Hub) -> None:
    outcomes = hub.apply(*creation(**ALL))
    issue = read_back(hub, 6)
    assert {each.status for each in outcomes} == {"done"}
    (created,) = {each.created for each in outcomes}
    assert created is not None
    assert (created.id, created.uid, created.url) == ("issue-6", issue.uid, issue.url)
    assert (issue.title, issue.body, issue.labels) == ("v3", BLOCK, ("milestone",))
    assert [each.login for each in issue.assignees] == ["alice"]
    again = hub.apply(*creation(**ALL))
    assert {(each.status, each.created) for each in again} == {("already", created)}
    assert hub.written() == ["POST /repos/acme/api/issues"]


def test_the_same_mark_by_somebody_else_does_not_count(hub: Hub) -> None:
    hub.sandbox.github.create_issue(hub.api, "mallory", "v3", body=BLOCK, labels=["milestone"])
    assert {each.status for each in hub.apply(*creation(**ALL))} == {"done"}
    assert len(there(hub)) == 2


@pytest.mark.parametrize("lost", [{"drop": "before"}, {"drop": "after"}, {"status": 502}])
def test_an_answer_lost_while_making_an_issue_never_makes_two(hub: Hub, lost: dict[str, Any]) -> None:
    hub.sandbox.faults.add("/repos/acme/api/issues", method="POST", times=1, **lost)
    outcomes = hub.apply(*creation(**ALL))
    made = lost.get("drop") == "after"
    assert {each.status for each in outcomes} == {"done" if made else "failed"}
    assert len(there(hub)) == made
    assert {each.created is not None for each in outcomes} == {made}


def test_an_assignee_whom_github_drops_is_told(hub: Hub) -> None:
    hub.api.assignable = ("bob",)
    outcomes = {each.change: each for each in hub.apply(*creation(**ALL))}
    assert {each.status for each in outcomes.values()} == {"done"}
    assert "did not assign alice" in outcomes["c-assignee"].answer
    assert outcomes["c-title"].answer == ""
    moved = change("issue", "assignee", "alice", "mallory", uid=hub.issue.node_id)
    (outcome,) = hub.apply(moved)
    assert (outcome.status, "mallory" in outcome.answer, hub.issue.assignees) == ("done", True, [])


def test_without_the_right_to_push_the_missing_label_is_told(hub: Hub) -> None:
    token = hub.sandbox.github.access.tokens[0].model_copy(update={"value": "outsider", "push": ()})
    hub.sandbox.github.access.add(token)
    outcomes = {each.change: each for each in hub.apply(*creation(**ALL), token="outsider")}
    assert (outcomes["c-label"].status, "Triage" in outcomes["c-label"].answer) == ("failed", True)
    assert outcomes["c-label"].created == outcomes["c-title"].created


def test_an_issue_is_changed_by_one_request(hub: Hub) -> None:
    hub.issue.labels = ["docs"]
    uid = hub.issue.node_id
    changes = [
        change("issue", "body", None, BLOCK, uid=uid),
        change("issue", "state", "open", "closed", uid=uid),
        change("issue", "assignee", "Alice", "bob", uid=uid),
        change("issue", "label", None, "milestone", uid=uid),
    ]
    assert [each.status for each in hub.apply(*changes)] == ["done"] * 4
    held = hub.issue
    assert (held.body, held.state, held.assignees, held.labels) == (
        f"text\n\n{BLOCK}",
        "closed",
        ["bob"],
        ["docs", "milestone"],
    )
    assert [each.status for each in hub.apply(*changes)] == ["already"] * 4
    assert hub.written() == ["PATCH /repos/acme/api/issues/2"]


def test_what_people_did_meanwhile_is_kept_or_stale(hub: Hub) -> None:
    uid = hub.issue.node_id
    hub.sandbox.github.edit_issue(hub.api, 2, body="rewritten", assignees=["alice", "carol"], labels=["x"])
    add = change("issue", "assignee", "alice", "bob", uid=uid), change("issue", "label", None, "milestone", uid=uid)
    assert [each.status for each in hub.apply(*add, change("issue", "body", None, BLOCK, uid=uid))] == ["done"] * 3
    assert (hub.issue.assignees, hub.issue.labels) == (["carol", "bob"], ["x", "milestone"])
    assert hub.issue.body == f"rewritten\n\n{BLOCK}"
    other = BLOCK.replace("Words", "Others")
    stale = [change("issue", "body", None, other, uid=uid), change("issue", "state", "open", "closed", uid=uid)]
    assert [each.status for each in hub.apply(*stale)] == ["stale", "withheld"]
    assert hub.apply(change("issue", "assignee", "alice", "dora", uid=uid))[0].status == "stale"


@pytest.mark.parametrize("kind", ["issue", "comment"])
def test_an_issue_that_was_transferred_is_not_written_to(hub: Hub, kind: Kind) -> None:
    uid = hub.issue.node_id
    target = hub.sandbox.github.repository("acme/empty")
    hub.sandbox.github.transfer_issue(hub.api, 2, target)
    text = BLOCK if kind == "issue" else "x <!-- mdpc:answer a1 -->"
    (outcome,) = hub.apply(change(kind, "body", None, text, uid=uid))
    assert outcome.status in ("stale", "failed")
    assert outcome.answer
    assert not hub.written()


# ── Comments ──────────────────────────────────────────────────────────────────────────────────────

SAID = "Approved, @alice.\n\n<!-- mdpc:answer a1 -->"


def test_a_comment_is_made_once(hub: Hub) -> None:
    made = hub.comment(SAID)
    (comment,) = (each for each in hub.issue.comments if each.body == SAID)
    assert (made.status, made.created and made.created.id) == ("done", str(comment.id))
    assert hub.comment(SAID) == replace(made, status="already")
    assert [each.body for each in hub.issue.comments].count(SAID) == 1
    assert hub.written() == ["POST /repos/acme/api/issues/2/comments"]


def test_an_answer_that_names_no_comment_is_not_believed(hub: Hub) -> None:
    hub.sandbox.faults.add("*/comments", method="POST", status=201, body={"message": "created"})
    said = hub.comment(SAID)
    assert (said.status, said.created) == ("failed", None)
    assert "names no comment" in said.answer


def test_a_comment_that_people_edited_or_wrote_themselves_does_not_count(hub: Hub) -> None:
    state = hub.sandbox.github
    state.add_comment(hub.issue, "mallory", SAID)
    assert hub.comment(SAID).status == "done"
    state.edit_comment(hub.issue.comments[-1], SAID.replace("Approved", "Refused"), "mallory")
    assert hub.comment(SAID).status == "done"
    assert hub.comment(SAID).status == "already"


def test_what_mdpc_edited_itself_counts_where_the_server_tells(hub: Hub) -> None:
    hub.comment(SAID)
    hub.sandbox.github.edit_comment(hub.issue.comments[-1], SAID + "\n", "mdpc-bot")
    assert hub.comment(SAID).status == ("already" if hub.graphql else "done")


def test_a_comment_decided_on_before_people_wrote_more_is_stale(hub: Hub) -> None:
    seen = str(hub.issue.comments[-1].id)
    hub.comment("Other.\n<!-- mdpc:answer a0 -->", seen=seen)
    hub.sandbox.github.add_comment(hub.issue, "alice", "/reject")
    outcome = hub.comment(SAID, seen=seen)
    assert (outcome.status, bool(outcome.answer)) == ("stale", True)
    assert hub.comment(SAID, seen=str(hub.issue.comments[-1].id)).status == "done"


def test_what_people_write_while_a_comment_waits_makes_it_stale(hub: Hub) -> None:
    hub.sandbox.faults.add("/repos/acme/api/issues/2/comments", method="POST", status=429, retry_after=9, times=1)
    seen = str(hub.issue.comments[-1].id)
    asked = change("comment", "body", None, SAID, uid=hub.issue.node_id, seen=seen)
    connector = hub.make(sleep=lambda _: hub.sandbox.github.add_comment(hub.issue, "alice", "wait"))
    assert [each.status for each in connector.apply([asked])] == ["stale"]


@pytest.mark.parametrize("lost", [{"drop": "before"}, {"drop": "after"}, {"status": 502}])
def test_a_lost_answer_never_makes_two_comments(hub: Hub, lost: dict[str, Any]) -> None:
    hub.sandbox.faults.add("/repos/acme/api/issues/2/comments", method="POST", times=1, **lost)
    outcome = hub.comment(SAID)
    made = [each.body for each in hub.issue.comments].count(SAID)
    assert (made, outcome.status) == ((1, "done") if lost.get("drop") == "after" else (0, "failed"))


def test_a_comment_is_edited_where_it_says_what_it_said(hub: Hub) -> None:
    hub.comment(SAID)
    held = hub.issue.comments[-1]
    later = SAID.replace("Approved", "Withdrawn")
    edit = change("comment", "body", SAID, later, id=f"issue-2/{held.id}", uid=hub.issue.node_id)
    assert [each.status for each in hub.apply(edit)] == ["done"]
    assert held.body == later
    assert [each.status for each in hub.apply(edit)] == ["already"]
    hub.sandbox.github.edit_comment(held, "mine now", "mallory")
    assert [each.status for each in hub.apply(edit)] == ["stale"]


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_to_an_edit_is_looked_after(hub: Hub, drop: str) -> None:
    hub.comment(SAID)
    held = hub.issue.comments[-1]
    hub.sandbox.faults.add("/repos/acme/api/issues/comments/*", method="PATCH", drop=drop, times=1)
    edit = change("comment", "body", SAID, "x", id=f"issue-2/{held.id}", uid=hub.issue.node_id)
    assert [each.status for each in hub.apply(edit)] == ["done"]
    assert held.body == "x"


def test_only_mdpcs_own_comments_on_that_very_issue_are_edited(hub: Hub) -> None:
    theirs = hub.issue.comments[0]
    edit = change("comment", "body", theirs.body, "x", id=f"issue-2/{theirs.id}", uid=hub.issue.node_id)
    (outcome,) = hub.apply(edit)
    assert (outcome.status, "somebody else's" in outcome.answer) == ("stale", True)
    hub.comment(SAID)
    elsewhere = replace(edit, ref=Ref(API, f"issue-5/{hub.issue.comments[-1].id}"), before=SAID)
    assert [each.status for each in hub.apply(elsewhere)] == ["stale"]
    gone = replace(edit, ref=Ref(API, "issue-2/999999"))
    assert [each.status for each in hub.apply(gone)] == ["failed"]


def test_who_may_not_write_is_told(hub: Hub) -> None:
    reader = hub.sandbox.github.access.tokens[0].model_copy(update={"value": "reader", "write": False})
    hub.sandbox.github.access.add(reader)
    uid = hub.issue.node_id
    for asked in (
        creation(**ALL),
        [change("issue", "body", None, BLOCK, uid=uid)],
        [change("comment", "body", None, SAID, uid=uid)],
    ):
        outcomes = hub.apply(*asked, token="reader")
        assert {each.status for each in outcomes} == {"failed"}
        assert all("access to Issues" in each.answer for each in outcomes)
        assert {each.status for each in hub.apply(*asked, access="read")} == {"failed"}
    assert not hub.written()
