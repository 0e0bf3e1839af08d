"""Issues and comments over REST."""

from __future__ import annotations

from typing import Any

import pytest

from mdpc_sandbox.github.model import UNNAMED
from tests.sandbox.conftest import Hub

ISSUES = "/repos/acme/api/issues"


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [4, 3, 1]),
        ({"state": "all", "milestone": "1"}, [3, 2, 1]),
        ({"state": "all", "milestone": "*"}, [3, 2, 1]),
        ({"milestone": "none"}, [4]),
        ({"state": "closed"}, [2]),
        ({"labels": "docs"}, [1]),
        ({"labels": "docs,other"}, []),
        ({"state": "all", "since": "2026-11-02T00:00:00Z", "direction": "asc"}, [2, 3, 4]),
        ({"state": "all", "sort": "updated", "direction": "asc"}, [1, 2, 3, 4]),
        ({"state": "all", "milestone": "none", "per_page": "1"}, [4]),
    ],
)
def test_issues_are_filtered_and_pull_requests_are_among_them(
    hub: Hub, query: dict[str, str], numbers: list[int]
) -> None:
    found = [one["number"] for one in hub.get(ISSUES, params=query).json()]
    assert [number for number in found if number < UNNAMED] == numbers


def test_issues_that_the_seed_only_counts_are_in_lists_as_they_are_in_graphql(hub: Hub) -> None:
    listed = hub.get(ISSUES, params={"state": "all", "milestone": "1", "per_page": "100"}).json()
    issues = [one for one in listed if "pull_request" not in one]
    counted = hub.get("/repos/acme/api/milestones/1").json()
    states = [one["state"] for one in issues]
    assert (states.count("open"), states.count("closed")) == (4, 5)
    assert counted["open_issues"] + counted["closed_issues"] == len(listed)
    assert len({one["number"] for one in listed}) == len({one["id"] for one in listed}) == len(listed)
    asked = 'query { repository(owner: "acme", name: "api") { milestones(first: 1) { nodes { %s } } } }'
    fields = "issues(first: 100) { totalCount nodes { number state updatedAt } }"
    answer = hub.query(asked % fields).json()["data"]["repository"]["milestones"]["nodes"][0]["issues"]
    assert answer["totalCount"] == len(issues)
    assert {(node["number"], node["updatedAt"]) for node in answer["nodes"]} == {
        (one["number"], one["updated_at"]) for one in issues
    }


def test_an_unnamed_issue_is_not_asked_for_alone(hub: Hub) -> None:
    assert hub.get(f"{ISSUES}/{UNNAMED + 1}").status_code == 404


def test_a_pull_request_says_so(hub: Hub) -> None:
    assert "pull_request" in hub.get(f"{ISSUES}/3").json()
    assert "pull_request" not in hub.get(f"{ISSUES}/1").json()


def test_an_issue_is_created_and_changed(hub: Hub) -> None:
    body = {"title": "Talk", "body": "b", "milestone": 1, "labels": ["milestone"], "assignees": ["alice"]}
    made = hub.ask("POST", ISSUES, json=body)
    assert made.status_code == 201
    held = made.json()
    assert held["milestone"]["title"] == "v1.0"
    assert [label["name"] for label in held["labels"]] == ["milestone"]
    assert held["assignee"]["login"] == "alice"
    changes: dict[str, Any] = {"state": "closed", "milestone": None, "labels": []}
    changed = hub.ask("PATCH", f"{ISSUES}/{held['number']}", json=changes).json()
    assert (changed["state"], changed["milestone"], changed["labels"]) == ("closed", None, [])
    assert changed["closed_at"] is not None


def test_a_milestone_that_is_not_there_is_refused_and_nothing_made(hub: Hub) -> None:
    refused = hub.ask("POST", ISSUES, json={"title": "x", "milestone": 77})
    assert refused.json()["errors"] == [{"resource": "Issue", "code": "invalid", "field": "milestone"}]
    assert len(hub.state.repository("acme/api").issues) == 4


def test_without_the_right_to_push_milestone_labels_and_assignees_are_dropped(hub: Hub) -> None:
    body = {"title": "x", "milestone": 1, "labels": ["a"], "assignees": ["alice"]}
    made = hub.ask("POST", "/repos/acme/attic/issues", "classic", json=body)
    assert made.status_code == 403  # archived
    hub.state.repository("acme/attic").archived = False
    made = hub.ask("POST", "/repos/acme/attic/issues", "classic", json=body)
    assert made.status_code == 201
    held = made.json()
    assert (held["milestone"], held["labels"], held["assignees"]) == (None, [], [])


def test_comments_are_listed_written_and_edited(hub: Hub) -> None:
    one, two = hub.get(f"{ISSUES}/4/comments").json()
    assert [(one["user"]["login"], one["body"]), (two["user"]["login"], two["body"])] == [
        ("alice", "one"),
        ("mdpc-bot", "two"),
    ]
    made = hub.ask("POST", f"{ISSUES}/4/comments", json={"body": "three"})
    assert made.status_code == 201
    path = f"{ISSUES}/comments/{made.json()['id']}"
    edited = hub.ask("PATCH", path, json={"body": "3"}).json()
    assert edited["body"] == hub.get(path).json()["body"] == "3"
    assert edited["updated_at"] > edited["created_at"]
    assert hub.get(f"{ISSUES}/4").json()["comments"] == 3
    assert hub.get(f"{ISSUES}/comments/77").status_code == 404


def test_only_authors_and_those_who_may_push_edit_a_comment(hub: Hub) -> None:
    one, two = hub.get(f"{ISSUES}/4/comments").json()
    hub.state.access.add(
        next(t for t in hub.state.access.tokens if t.value == "classic").model_copy(
            update={"value": "outsider", "push": ()}
        )
    )
    own, other = f"{ISSUES}/comments/{one['id']}", f"{ISSUES}/comments/{two['id']}"
    assert hub.ask("PATCH", own, "outsider", json={"body": "x"}).status_code == 200
    assert hub.ask("PATCH", other, "outsider", json={"body": "x"}).status_code == 404


def test_labels_are_made_on_the_fly_and_creators_are_told_apart(hub: Hub) -> None:
    hub.ask("POST", ISSUES, json={"title": "x", "labels": ["milestone"]})
    hub.ask("POST", ISSUES, "classic", json={"title": "y", "labels": ["milestone"]})
    found = hub.get(ISSUES, params={"labels": "milestone", "creator": "mdpc-bot"}).json()
    assert [one["title"] for one in found] == ["x"]


def test_who_cannot_be_assigned_is_silently_dropped(hub: Hub) -> None:
    hub.state.repository("acme/api").assignable = ("Alice",)
    made = hub.ask("POST", ISSUES, json={"title": "x", "assignees": ["mallory", "alice"]}).json()
    assert [one["login"] for one in made["assignees"]] == ["alice"]
    path = f"{ISSUES}/{made['number']}"
    changed = hub.ask("PATCH", path, json={"assignees": ["mallory"]})
    assert (changed.status_code, changed.json()["assignees"]) == (200, [])


def test_who_edited_what_is_noted(hub: Hub) -> None:
    one, two = hub.get(f"{ISSUES}/4/comments").json()
    hub.ask("PATCH", f"{ISSUES}/comments/{two['id']}", "classic", json={"body": "2"})
    hub.ask("PATCH", f"{ISSUES}/4", json={"body": "b"})
    hub.ask("PATCH", f"{ISSUES}/4", json={"state": "closed"})
    issue = hub.state.repository("acme/api").issues[4]
    first, second = issue.comments
    assert (first.id, first.editor, first.edited_at) == (one["id"], None, None)
    assert (second.editor, second.edited_at) == ("alice", second.updated_at)
    assert (issue.editor, issue.edited_at is not None) == ("mdpc-bot", True)


def test_an_issue_that_is_made_or_closed_is_not_edited(hub: Hub) -> None:
    made = hub.ask("POST", ISSUES, json={"title": "x", "body": "b"}).json()
    hub.ask("PATCH", f"{ISSUES}/{made['number']}", json={"state": "closed"})
    assert hub.state.repository("acme/api").issues[made["number"]].edited_at is None


def test_comments_are_deleted_by_their_authors_and_who_may_push(hub: Hub) -> None:
    one, two = hub.get(f"{ISSUES}/4/comments").json()
    assert hub.ask("DELETE", f"{ISSUES}/comments/{two['id']}", "read").status_code == 403
    assert hub.ask("DELETE", f"{ISSUES}/comments/{two['id']}").status_code == 204
    assert [each["id"] for each in hub.get(f"{ISSUES}/4/comments").json()] == [one["id"]]


def test_a_transferred_issue_leads_on_and_nothing_below_it_does(hub: Hub) -> None:
    own = hub.state.repository("alice/own")
    hub.state.transfer_issue(hub.state.repository("acme/api"), 4, own)
    moved = hub.get(f"{ISSUES}/4").json()
    assert (moved["number"], moved["repository_url"].split("/repos/")[1]) == (1, "alice/own")
    assert hub.get(f"{ISSUES}/4/comments").status_code == 404
    assert hub.get("/repos/alice/own/issues/1/comments").json()[0]["body"] == "one"
    assert hub.get(f"{ISSUES}/4", "").status_code == 200
    own.private = True
    assert hub.get(f"{ISSUES}/4", "").status_code == 404


def test_a_deleted_issue_says_so_and_its_number_is_not_given_again(hub: Hub) -> None:
    api = hub.state.repository("acme/api")
    hub.state.delete_issue(api, 4)
    gone = hub.get(f"{ISSUES}/4")
    assert (gone.status_code, gone.json()["message"]) == (410, "This issue was deleted")
    assert hub.ask("POST", ISSUES, json={"title": "x"}).json()["number"] == 5


def test_teams_are_shown_to_who_may_see_them(hub: Hub) -> None:
    path = "/orgs/acme/teams/leads/members"
    assert [one["login"] for one in hub.get(path).json()] == ["alice", "bob"]
    assert hub.get("/orgs/acme/teams/none/members").status_code == 404
    assert hub.get(path, "actions").status_code == 403
