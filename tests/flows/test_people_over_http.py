"""People as they meet mdpc: a list of them in a spreadsheet, and an owner who hands a milestone over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.clock import Clock
from tests.flows.rehearsal import WRITE, Rehearsal
from tests.flows.test_gates_over_http import HOMES, milestones, settled

CONFIGURATION = """
people_file = "people.csv"
[connectors.github]
url = "{github}"
[connectors.jira]
url = "{jira}"
deployment = "DEPLOYMENT"
[[programs]]
name = "platform"
members = ["github:acme/api", "jira:API"]
home = "HOME"
[[gates]]
name = "release-review"
reviewers = ["alice", "bob", "carol"]
[[escalation.steps]]
at = "-7d"
to = ["owner"]
"""
PEOPLE = """name;github;jira
alice;Alice-GH;ALICE
bob;bob-gh;BOB
carol;carol-gh;carol-j
"""


@contextmanager
def company(deployment: str, folder: Path, home: str) -> Iterator[Rehearsal]:
    """A milestone of alice's; on Data Center the list has logins in other case than Jira has them."""
    cloud = deployment == "cloud"
    milestone = {"title": "v2.0", "due": "2026-12-01", "description": "Owner: @alice-gh"}
    project = {"key": "API", "name": "API", "private": True, "versions": [{"name": "v2.0"}]}
    users = [{"id": name, "rights": "read"} for name in ("alice-j", "bob-j", "carol-j")]
    seed: dict[str, Any] = {
        "github": {"repositories": [{"name": "acme/api", "private": True, "milestones": [milestone]}]},
        "jira": {"deployment": deployment, "users": users, "projects": [project]},
    }
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud" if cloud else "data-center").replace("HOME", home)
    people = PEOPLE.replace("ALICE", "alice-j" if cloud else "Alice-J").replace("BOB", "bob-j" if cloud else "BOB-J")
    (folder / "people.csv").write_text(people, encoding="utf-8-sig")
    environment = {name: value for name, value in WRITE.items() if cloud or not name.endswith("USER")}
    with Sandbox(seed, clock=Clock(datetime(2026, 11, 20, tzinfo=UTC))) as sandbox:
        yield Rehearsal(sandbox, folder, text, environment, now="2026-11-20")


def assigned(issue: Any) -> list[str]:
    """The logins that an issue is assigned to, on GitHub or in Jira."""
    return list(issue.assignees) if hasattr(issue, "assignees") else [issue.assignee.id] if issue.assignee else []


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_an_owner_hands_a_milestone_over(deployment: str, home: str, tmp_path: Path) -> None:
    suffix = "gh" if home == "github" else "j"
    with company(deployment, tmp_path, HOMES[home].ref) as acme:
        assert settled(acme)["owner"] == "alice"
        place = HOMES[home](acme.sandbox)
        assert [each.lower() for each in assigned(place.issue)] == [f"alice-{suffix}"]
        place.say("carol", "/owner carol")
        place.say("alice", "/owner bob" if home == "github" else "/owner [~bob-j]")
        assert settled(acme)["owner"] == "bob"
        assert assigned(place.issue) == [f"bob-{suffix}"]
        assert sum("you did not own it" in comment for comment in place.comments()) == 1
        place.approve("alice")
        place.approve("bob")
        assert settled(acme)["gates"][0]["approved_by"] == []
        place.approve("carol")
        assert settled(acme)["gates"][0]["approved_by"] == ["carol"]
        acme.now = "2026-11-24"
        assert [each["to"] for each in acme.json("sync").json["notices"]] == [["bob"]]
        (milestone,) = milestones(acme.sandbox, "api")
        assert "owner bob" in milestone.description
        explained = acme.mdpc("explain", "v2.0").out
        assert "bob, handed over by /owner on its coordination issue" in " ".join(explained.split())
        github = acme.sandbox.github
        told = milestone.description.replace("Owner: @alice-gh", "Owner: @carol-gh")
        github.edit_milestone(github.repository("acme/api"), 1, description=told)
        assert settled(acme)["owner"] == "carol"
        assert assigned(place.issue) == [f"carol-{suffix}"]


def test_a_mistake_in_the_list_is_told_where_it_stands(tmp_path: Path) -> None:
    with company("cloud", tmp_path, "github:acme/api") as acme:
        (tmp_path / "people.csv").write_text(PEOPLE + "dora;bob-gh;\nCAROL;;\n", encoding="utf-8")
        said = acme.mdpc("plan")
        assert said.status == 2
        told = said.err.replace(f"{tmp_path}/", "").splitlines()[1:]
        assert [each.partition(";")[0].strip() for each in told] == [
            'people.csv:5: people.dora.github: "bob-gh" is the login of "bob" already',
            'people.csv:6: people.CAROL: "CAROL" differs from "carol" in case alone, and an owner\'s name has none',
        ]
