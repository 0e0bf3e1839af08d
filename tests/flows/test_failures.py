"""What cannot be read is unread, never empty; the rest is done, and the exit status says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

SEED: dict[str, Any] = {
    "github": {
        "repositories": [
            {"name": f"acme/{name}", "milestones": [{"title": "v1", "due": "2026-12-01", "description": "text"}]}
            for name in ("api", "web", "docs")
        ]
    },
    "jira": {
        "projects": [
            {"key": key, "name": key, "private": True, "versions": [{"name": "1", "releaseDate": "2026-12-01"}]}
            for key in ("API", "OPS")
        ]
    },
}
CONFIGURATION = """
[connectors.github]
url = "{github}"
repositories = REPOSITORIES
[connectors.jira]
url = "{jira}"
deployment = "cloud"
projects = ["API", "OPS"]
"""
NAMED = CONFIGURATION.replace("REPOSITORIES", '["acme/api", "acme/web", "acme/docs"]')
LISTED = CONFIGURATION.replace("REPOSITORIES", '["acme/*"]')
PROGRAM = """
[[programs]]
name = "platform"
members = ["github:acme/*", "jira:API"]
"""
MEMBERS = """
[[programs]]
name = "platform"
members = ["github:acme/api", "jira:API"]
"""


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with Sandbox(SEED) as sandbox:
        yield Rehearsal(sandbox, tmp_path, NAMED, now="2026-11-23")


def unread(said: dict[str, Any]) -> list[str]:
    return [entry["container"] for entry in said["unread"]]


@pytest.mark.usefixtures("nothing_is_waited_for")
@pytest.mark.parametrize("status", [404, 403, 500])
@pytest.mark.parametrize("configuration", [NAMED, LISTED], ids=["named", "listed"])
def test_one_repository_fails_and_the_others_are_done(rehearsal: Rehearsal, status: int, configuration: str) -> None:
    rehearsal.configuration = configuration
    rehearsal.sandbox.faults.add(repository="acme/web", status=status)
    said = rehearsal.json("sync")
    written = {each["ref"] for each in said.json["changes"] if each["outcome"] == "done" and each["field"] == "status"}
    assert {"github:acme/api#1", "github:acme/docs#1"} <= written
    assert len(written) == 4
    if (configuration, status) == (LISTED, 404):
        assert said.status == 0  # no listing ever named it
        return
    assert said.status == 3
    assert unread(said.json) == ["github:acme/web"]
    assert said.json["unread"][0]["why"].endswith(".")
    assert "v1" not in str([each for each in said.json["milestones"] if "web" in each["key"]])


def test_a_repository_that_vanished_from_the_listing_is_unread(rehearsal: Rehearsal) -> None:
    rehearsal.configuration = LISTED + PROGRAM
    assert rehearsal.json("sync").status == 0
    rehearsal.sandbox.faults.add(repository="acme/web", status=404)
    rehearsal.sandbox.log.clear()
    said = rehearsal.json("sync")
    assert said.status == 3
    assert unread(said.json) == ["github:acme/web"]
    assert not rehearsal.sandbox.log.writes()


def test_a_project_without_rights_is_unread_and_the_rest_is_done(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.jira.users["mdpc-bot"].projects = {"OPS": "none"}
    said = rehearsal.json("sync")
    assert said.status == 3
    assert unread(said.json) == ["jira:OPS"]
    assert said.outcomes() == {"done": 5}


def test_a_wrong_token_is_one_clear_sentence_and_the_other_tracker_is_done(rehearsal: Rehearsal) -> None:
    said = rehearsal.mdpc("sync", "--format", "json", environment={**WRITE, "MDPC_CONNECTORS__GITHUB__TOKEN": "wrong"})
    assert said.status == 3
    (entry,) = said.json["unread"]
    assert entry["container"] == "github:*"
    assert "MDPC_CONNECTORS__GITHUB__TOKEN" in entry["why"]
    assert "wrong" not in entry["why"].replace("wrong or", "")
    assert said.outcomes() == {"done": 4}


def test_an_optional_container_does_not_make_a_run_incomplete(rehearsal: Rehearsal) -> None:
    rehearsal.configuration = NAMED.replace("[connectors.jira]", 'optional = ["acme/web"]\n[connectors.jira]')
    rehearsal.sandbox.faults.add(repository="acme/web", status=404)
    said = rehearsal.json("sync")
    assert said.status == 0
    assert [(entry["container"], entry["optional"]) for entry in said.json["unread"]] == [("github:acme/web", True)]


@pytest.mark.usefixtures("nothing_is_waited_for")
def test_a_server_that_is_down_is_said_once(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.faults.add("*", tracker="jira", drop="before")
    said = rehearsal.json("plan")
    assert said.status == 3
    assert unread(said.json) == ["jira:*"]


def test_a_lost_answer_is_looked_for_and_nothing_is_written_twice(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.faults.add("/repos/acme/api/milestones/1", method="PATCH", drop="after", times=1)
    assert rehearsal.json("sync").outcomes() == {"done": 7}
    assert rehearsal.json("plan").json["changes"] == []


def test_what_somebody_changed_meanwhile_is_not_lost(rehearsal: Rehearsal) -> None:
    rehearsal.json("sync")
    milestone = rehearsal.sandbox.github.get("acme/api").milestones[1]  # type: ignore[union-attr]
    milestone.description = f"{milestone.description}".replace("text", "other text", 1)
    assert rehearsal.json("sync").status == 0
    assert f"{milestone.description}".startswith("other text\n\n<!-- mdpc:begin -->")


def test_members_that_were_renamed_at_their_trackers_stay_what_they_are(rehearsal: Rehearsal) -> None:
    rehearsal.configuration = NAMED + MEMBERS
    before = rehearsal.json("sync")
    rehearsal.sandbox.github.rename("acme/api", "acme/service")
    rehearsal.sandbox.jira.change_key("API", "CORE")
    said = rehearsal.json("sync")
    assert (said.status, unread(said.json)) == (0, [])
    assert [each["key"] for each in said.json["milestones"]] == [each["key"] for each in before.json["milestones"]]
    assert {"github:acme/api", "jira:API"} <= {each["container"] for each in said.json["skipped"]}
    assert rehearsal.json("plan").json["changes"] == []


def test_a_renamed_member_that_cannot_be_read_withholds_its_program(rehearsal: Rehearsal) -> None:
    rehearsal.configuration = NAMED + MEMBERS
    rehearsal.sandbox.github.rename("acme/api", "acme/service")
    rehearsal.sandbox.jira.change_key("API", "CORE")
    rehearsal.sandbox.faults.add("/rest/api/2/project/CORE/version", tracker="jira", status=403)
    said = rehearsal.json("sync")
    assert said.status == 3
    assert unread(said.json) == ["jira:CORE", "jira:API"]
    written = {change["ref"] for change in said.json["changes"]}
    assert "github:acme/service#1" not in written
    assert "github:acme/web#1" in written
