"""Keeping in step as people see it: the command line, real connectors, a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

CONFIGURATION = """
[connectors.github]
url = "{github}"
[connectors.jira]
url = "{jira}"
deployment = "DEPLOYMENT"
milestones = "KIND"
[[programs]]
name = "platform"
members = ["github:acme/api", "jira:API"]
[sync]
create = ["jira"]
[sync.fields]
state = "github"
"""


def seed(deployment: str) -> dict[str, Any]:
    milestones = [{"title": "v2.0", "due": "2026-12-01"}, {"title": "v3.0"}]
    return {
        "github": {"repositories": [{"name": "acme/api", "private": True, "milestones": milestones}]},
        "jira": {"deployment": deployment, "projects": [{"key": "API", "name": "API", "private": True}]},
    }


@pytest.fixture(params=["cloud-versions", "10.3-versions", "cloud-epics", "10.3-epics"])
def rehearsal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rehearsal]:
    with Sandbox(seed(request.param.split("-")[0])) as sandbox:
        yield rehearsed(sandbox, tmp_path, request.param)


def rehearsed(sandbox: Sandbox, folder: Path, param: str) -> Rehearsal:
    """mdpc, configured for a sandbox with this deployment of Jira and for records of this kind."""
    deployment, kind = param.split("-")
    cloud = deployment == "cloud"
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud" if cloud else "data-center").replace("KIND", kind)
    environment = {name: text for name, text in WRITE.items() if cloud or not name.endswith("USER")}
    return Rehearsal(sandbox, folder, text, environment, now="2026-11-23")


def settled(rehearsal: Rehearsal) -> list[dict[str, Any]]:
    """The milestones after a sync after which nothing is left to do."""
    said = rehearsal.json("sync")
    assert said.status == 0, [change["answer"] for change in said.json["changes"]]
    again = rehearsal.json("plan")
    assert again.json["changes"] == []
    found: list[dict[str, Any]] = again.json["milestones"]
    return found


def records(milestones: list[dict[str, Any]], title: str) -> list[dict[str, Any]]:
    """What the records of a milestone hold, without what tells them apart."""
    (found,) = (each for each in milestones if each["title"] == title)
    return [{name: record[name] for name in ("title", "due", "state")} for record in found["records"]]


def test_versions_and_epics_are_created_renamed_moved_closed_and_reopened(rehearsal: Rehearsal) -> None:
    whole = {"title": "v2.0", "due": "2026-12-01", "state": "open"}
    assert records(settled(rehearsal), "v2.0") == [whole, whole]
    milestone = rehearsal.sandbox.github.repository("acme/api").milestones[1]
    milestone.title, milestone.due_on = "v2.1", "2026-12-24T08:00:00Z"
    moved = {"title": "v2.1", "due": "2026-12-24", "state": "open"}
    assert records(settled(rehearsal), "v2.1") == [moved, moved]
    rehearsal.sandbox.github.edit_milestone(rehearsal.sandbox.github.repository("acme/api"), 1, state="closed")
    closed = {**moved, "state": "closed"}
    assert records(settled(rehearsal), "v2.1") == [closed, closed]
    rehearsal.sandbox.github.edit_milestone(rehearsal.sandbox.github.repository("acme/api"), 1, state="open")
    assert records(settled(rehearsal), "v2.1") == [moved, moved]
    assert rehearsal.json("forget", "--yes").status == 0
    assert rehearsal.sandbox.jira.projects["API"].properties == {}


def test_jira_links_to_the_milestone_on_github_once(rehearsal: Rehearsal) -> None:
    settled(rehearsal)
    paths = [entry.path for entry in rehearsal.sandbox.log.writes()]
    assert sum("relatedwork" in path or "remotelink" in path for path in paths) == 2
    settled(rehearsal)
    assert len(rehearsal.sandbox.log.writes()) == len(paths)


def test_a_saved_plan_is_applied_and_what_was_edited_meanwhile_is_left(rehearsal: Rehearsal) -> None:
    settled(rehearsal)
    github = rehearsal.sandbox.github.repository("acme/api")
    github.milestones[1].due_on, github.milestones[2].title = "2026-12-24T08:00:00Z", "v3.1"
    saved = rehearsal.folder / "plan.json"
    assert rehearsal.mdpc("plan", "--save", str(saved)).status == 0
    github.milestones[2].title = "v3.2"
    rehearsal.now = None
    applied = rehearsal.json("sync", "--plan", str(saved))
    outcomes = {(each["milestone"], each["field"]): each["outcome"] for each in applied.json["changes"]}
    assert outcomes["platform/2.0", "due"] == "done"
    assert github.milestones[2].title == "v3.2"
    rehearsal.now = "2026-11-23"
    assert {each["title"] for each in settled(rehearsal)} == {"v2.0", "v3.2"}


def test_what_is_no_plan_is_refused_before_anything_is_read(rehearsal: Rehearsal) -> None:
    rehearsal.now = None
    said = rehearsal.mdpc("sync", "--plan", str(rehearsal.folder / "nothing.json"))
    assert said.status == 2
    assert "cannot be read" in said.err
    assert "mdpc plan --save" in said.err
    assert rehearsal.sandbox.log.count() == 0


@pytest.mark.parametrize("on_delete", ["report", "unlink"])
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_a_version_that_was_merged_into_another_has_vanished(deployment: str, on_delete: str, tmp_path: Path) -> None:
    with Sandbox(seed(deployment)) as sandbox:
        rehearsal = rehearsed(sandbox, tmp_path, f"{deployment}-versions")
        rehearsal.configuration = rehearsal.configuration.replace("[sync]\n", f'[sync]\non_delete = "{on_delete}"\n')
        settled(rehearsal)
        there = {each.name: each for each in sandbox.jira.versions.values()}
        sandbox.jira.merge_version(there["v2.0"], into=there["v3.0"])
        github = sandbox.github.repository("acme/api").milestones
        people = [(each.title, each.due_on, each.state) for each in github.values()]

        said = rehearsal.json("sync")
        assert {change["kind"] for change in said.json["changes"]} <= {"status", "memory"}
        assert {change["milestone"] for change in said.json["changes"]} <= {"platform/2.0", ""}
        missing = [each for each in said.json["findings"] if each["rule"] == "missing-counterpart"]
        assert [each["milestone"] for each in missing] == (["platform/2.0"] if on_delete == "report" else [])
        assert [(each.title, each.due_on, each.state) for each in github.values()] == people
        (kept,) = sandbox.jira.versions.values()
        assert (kept.name, kept.raw.get("releaseDate")) == ("v3.0", None)
        assert rehearsal.json("plan").json["changes"] == []

        github[1].title = "v2.1"  # what is left of it is kept in step, and still nothing takes the version's place
        settled(rehearsal)
        assert [each.name for each in sandbox.jira.versions.values()] == ["v3.0"]


def test_a_saved_plan_that_is_applied_twice_makes_each_record_once(rehearsal: Rehearsal) -> None:
    saved = rehearsal.folder / "plan.json"
    assert rehearsal.mdpc("plan", "--save", str(saved)).status == 0
    rehearsal.now = None
    first, second = (rehearsal.json("sync", "--plan", str(saved)) for _ in range(2))
    made = {each["id"]: each["ref"] for each in first.json["changes"] if each["kind"] == "create"}
    again = {each["id"]: each["ref"] for each in second.json["changes"] if each["kind"] == "create"}
    assert made == again
    assert second.outcomes() == {"already": len(second.json["changes"])}
    assert (len(sandbox_records(rehearsal.sandbox)), len(set(made.values()))) == (2, 2)
    rehearsal.now = "2026-11-23"
    settled(rehearsal)


def sandbox_records(sandbox: Sandbox) -> list[str]:
    """What the versions and epics in the sandbox are called."""
    return [each.name for each in sandbox.jira.versions.values()] + [
        each.summary for each in sandbox.jira.issues.values()
    ]
