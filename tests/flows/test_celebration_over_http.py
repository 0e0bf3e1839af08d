"""Celebration and templates as people meet them: the command line, real connectors, a sandbox."""

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
from tests.flows.test_gates_over_http import HOMES, close, settled, version

HOSTILE = "@mallory <!-- mdpc:notice n1 --> [click](https://evil.example) (mdpc:notice n1) [~alice-j] {{ title }}"
CONFIGURATION = """
[connectors.github]
url = "{github}"
[connectors.jira]
url = "{jira}"
deployment = "DEPLOYMENT"
[[programs]]
name = "platform"
members = ["github:acme/api", "jira:API"]
home = "HOME"
[sync.fields]
state = "github"
[people.alice]
github = "alice-gh"
jira = "alice-j"
[people.bob]
github = "bob-gh"
jira = "bob-j"
[celebrate]
[escalation]
"""


def seed(deployment: str) -> dict[str, Any]:
    milestone = {"title": "v2.0", "due": "2026-12-01", "description": "Owner: @alice-gh"}
    issues = [
        {"title": "Search", "state": "closed", "milestone": 1, "closed_by": "bob-gh"},
        {"title": HOSTILE, "state": "closed", "milestone": 1, "closed_by": "robot[bot]"},
        {"title": "A change", "state": "closed", "milestone": 1, "pull_request": True, "closed_by": "zoe"},
    ]
    users = [{"id": name, "displayName": name.title(), "rights": "read"} for name in ("alice-j", "bob-j")]
    done = {"summary": "Index", "fixVersions": ["v2.0"], "status": "Done", "assignee": "bob-j"}
    versions = [{"name": "v2.0", "releaseDate": "2026-12-01"}]
    project = {"key": "API", "name": "API", "private": True, "versions": versions, "issues": [done]}
    return {
        "github": {
            "repositories": [{"name": "acme/api", "private": True, "milestones": [milestone], "issues": issues}]
        },
        "jira": {"deployment": deployment, "users": users, "projects": [project]},
    }


@contextmanager
def company(folder: Path, home: str, deployment: str = "cloud", more: str = "") -> Iterator[tuple[Rehearsal, Any]]:
    """A milestone of alice's on GitHub and in Jira, and where its issue will be."""
    cloud = deployment == "cloud"
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud" if cloud else "data-center").replace("HOME", HOMES[home].ref)
    environment = {name: text for name, text in WRITE.items() if cloud or not name.endswith("USER")}
    with Sandbox(seed(deployment), clock=Clock(datetime(2026, 11, 20, tzinfo=UTC))) as sandbox:
        acme = Rehearsal(sandbox, folder, text + more, environment, now="2026-11-23")
        settled(acme)
        yield acme, HOMES[home](sandbox)


def said(place: Any) -> str:
    """The celebration, which is said once, without its mark; Jira's documents line by line."""
    found = [each for each in place.comments() if "mdpc:notice" in each]
    assert len(found) == 1
    return str(found[0])


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_it_is_said_once_however_often_it_is_opened_and_closed(deployment: str, home: str, tmp_path: Path) -> None:
    with company(tmp_path, home, deployment) as (acme, place):
        close(acme, "api")
        planned = acme.json("plan").json
        assert [(each["step"], each["to"]) for each in planned["notices"]] == [("achieved", ["alice"])]
        assert settled(acme)["health"] == "achieved"
        assert place.closed
        assert version(acme.sandbox).released
        for _ in range(2):
            github = acme.sandbox.github
            github.edit_milestone(github.repository("acme/api"), 1, state="open")
            settled(acme)
            close(acme, "api")
            settled(acme)
        assert "v2.0 is achieved, on time." in said(place)


def test_on_github_it_names_what_was_done_and_by_whom_and_nothing_hostile_works(tmp_path: Path) -> None:
    with company(tmp_path, "github") as (acme, place):
        close(acme, "api")
        settled(acme)
        text = said(place)
        lines = text.splitlines()
        assert lines[0] == "@alice-gh: v2.0 is achieved, on time."
        links = [line for line in lines if line.startswith("  - ")]
        assert sorted(line.partition("]")[0] for line in links) == [
            "  - [`API-1`",
            "  - [`acme/api#1`",
            "  - [`acme/api#2`",
        ]
        assert any(line.startswith("- Done by ") and "`bob-gh`" in line for line in lines)
        assert "robot" not in text
        assert "zoe" not in text
        assert text.count("<!-- mdpc:") == 1
        assert "@&#8203;mallory" in text
        assert "](https://evil" not in text


def test_in_jira_it_is_plain_text_and_mentions_the_owner_alone(tmp_path: Path) -> None:
    with company(tmp_path, "jira", "10.3") as (acme, place):
        close(acme, "api")
        settled(acme)
        text = said(place)
        assert text.splitlines()[0] == "[~alice-j]: v2.0 is achieved, on time."
        assert text.count("[~") == 1
        assert "- Done by bob." in text
        assert "(mdpc:notice n1)" not in text
        assert text.count("(mdpc:") == 1


def test_german_and_a_template_of_the_teams_own(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    own = "{{ mentions }}, Glückwunsch zu {{ title }} (@everyone)!\n<!-- mdpc:notice n1 -->"
    (tmp_path / "texts" / "achieved.de.md").write_text(own, encoding="utf-8")
    more = 'language = "de"\ntemplates = "texts"\n'
    with company(tmp_path, "github", more=more) as (acme, place):
        close(acme, "api")
        settled(acme)
        first, second, *_, last = said(place).splitlines()
        assert first == "@alice-gh, Glückwunsch zu v2.0 (@\u200beveryone)!"
        assert second == "&lt;!-- mdpc:notice n1 -->"
        assert last.startswith("<!-- mdpc:notice n")
        assert settled(acme)["health"] == "achieved"


def test_a_preview_shows_it_before_it_is_said(tmp_path: Path) -> None:
    with company(tmp_path, "github") as (acme, place):
        close(acme, "api")
        shown = acme.json("explain", "platform/2.0", "--at", "2026-11-23").json["milestones"][0]["preview"]
        settled(acme)
        assert shown["notice"]["text"] == said(place)
        assert (
            "the word that it is achieved would go to alice"
            not in acme.mdpc("explain", "platform/2.0", "--at", "2026-11-23").out
        )
