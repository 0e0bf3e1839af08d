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
