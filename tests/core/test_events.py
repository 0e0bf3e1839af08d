"""What GitHub's events are about, in the shapes that GitHub documents for each of them."""

from __future__ import annotations

from typing import Any

import pytest

from mdpc.events import EVERYTHING, meant_by

ACME = {"full_name": "acme/api"}
THREE, FOUR = {"number": 3, "title": "v1.0"}, {"number": 4, "title": "v2.0"}
OURS = "<!-- mdpc:begin -->\n<!-- mdpc:issue m0123456789ab -->\n<!-- mdpc:end -->"


def meant(name: str, event: object) -> tuple[str, ...] | None:
    refs = meant_by(name, event, ["github"]).refs
    return refs if refs is None else tuple(ref.removeprefix("github:acme/api#") for ref in refs)


def issue(**fields: Any) -> dict[str, Any]:
    return {"number": 9, "body": None, "milestone": None, **fields}


@pytest.mark.parametrize(
    ("event", "ids"),
    [
        ({"action": "opened", "issue": issue(milestone=THREE)}, ("3",)),
        ({"action": "closed", "issue": issue(milestone=THREE)}, ("3",)),
        ({"action": "assigned", "issue": issue(milestone=THREE), "assignee": {"login": "x"}}, ("3",)),
        ({"action": "milestoned", "issue": issue(milestone=THREE), "milestone": THREE}, ("3",)),
        ({"action": "demilestoned", "issue": issue(), "milestone": FOUR}, ("4",)),
        ({"action": "demilestoned", "issue": issue(milestone=THREE), "milestone": FOUR}, ("3", "4")),
        ({"action": "reopened", "issue": issue(body=OURS)}, ("issue-9",)),
        ({"action": "assigned", "issue": issue(body=OURS)}, ("issue-9",)),
        ({"action": "edited", "issue": issue(body=""), "changes": {"body": {"from": OURS}}}, ("issue-9",)),
        ({"action": "edited", "issue": issue(), "changes": {"title": {"from": "x"}}}, ()),
        ({"action": "labeled", "issue": issue(body="mdpc:issue of another kind")}, ()),
        ({"action": "transferred", "issue": issue(milestone=THREE), "changes": {"new_issue": issue()}}, ("3",)),
    ],
)
def test_an_event_of_issues_is_about_their_milestones(event: dict[str, Any], ids: tuple[str, ...]) -> None:
    assert meant("issues", {**event, "repository": ACME}) == ids


@pytest.mark.parametrize("action", ["created", "edited", "deleted"])
def test_a_comment_is_about_the_milestone_that_its_issue_is_for(action: str) -> None:
    said = {"action": action, "repository": ACME, "comment": {"body": "/approve"}}
    assert meant("issue_comment", {**said, "issue": issue(body=OURS)}) == ("issue-9",)
    assert meant("issue_comment", {**said, "issue": issue(milestone=THREE)}) == ("3",)
    assert meant("issue_comment", {**said, "issue": issue(body=OURS, pull_request={"url": "x"})}) == ()


@pytest.mark.parametrize("action", ["created", "opened", "edited", "closed"])
def test_a_milestone_is_what_its_events_are_about(action: str) -> None:
    event = {"action": action, "repository": ACME, "milestone": THREE, "changes": {"title": {"from": "x"}}}
    assert meant("milestone", event) == ("3",)
    assert meant_by("milestone", event, ["github", "other"]).refs == ("github:acme/api#3", "other:acme/api#3")


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("schedule", {"schedule": "17 7 * * *"}),
        ("workflow_dispatch", {"repository": ACME, "inputs": None}),
        ("pull_request", {"action": "milestoned", "repository": ACME, "milestone": THREE}),
        ("milestone", {"action": "deleted", "repository": ACME, "milestone": THREE}),
        ("milestone", {"action": "edited", "milestone": THREE}),
        ("milestone", {"action": "edited", "milestone": THREE, "repository": {"full_name": 7}}),
        ("issues", []),
        ("issues", None),
    ],
)
def test_on_everything_else_a_run_looks_at_everything(name: str, event: object) -> None:
    assert meant_by(name, event, ["github"]) == EVERYTHING


@pytest.mark.parametrize("odd", [None, [], "x", 3, {"number": "3"}, {"number": True}, {"number": {}}])
def test_what_is_of_another_shape_is_passed_over(odd: object) -> None:
    assert meant("milestone", {"repository": ACME, "milestone": odd}) == ()
    assert meant("issues", {"repository": ACME, "issue": odd, "milestone": odd, "changes": odd}) == ()
