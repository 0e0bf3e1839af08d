"""The dashboard as people meet it: the command line, real connectors, a sandbox, days that pass."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mdpc_jira import adf
from mdpc_sandbox.jira.model import STATUSES
from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

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
[people.alice]
github = "alice-gh"
jira = "alice-j"
[[gates]]
name = "release-review"
reviewers = ["alice"]
[writeback]
dashboard = true
"""
HOSTILE = "v3 | <b>@zoe</b> {color:red} [~zoe] \u202eevil"


def seed(deployment: str) -> dict[str, Any]:
    milestones = [
        {"title": "v2.0", "due": "2026-12-01", "description": "Owner: @alice-gh"},
        {"title": HOSTILE, "due": "2026-11-01"},
    ]
    return {
        "github": {"repositories": [{"name": "acme/api", "private": True, "milestones": milestones}]},
        "jira": {
            "deployment": deployment,
            "users": [{"id": "alice-j", "rights": "read"}],
            "projects": [{"key": "API", "name": "API", "private": True, "versions": [{"name": "v2.0"}]}],
        },
    }


def texts(sandbox: Sandbox, home: str) -> list[str]:
    """The whole of every dashboard: its body and its comments."""
    found: list[Any]
    if home.startswith("github"):
        issues = sandbox.github.repository("acme/api").issues.values()
        found = [(each.title, each.body, each.comments) for each in issues]
    else:
        project = sandbox.jira.project("API")
        assert project is not None
        found = [(each.summary, each.description, each.comments) for each in project.issues]
    boards = [each for each in found if each[0] == "Milestones of platform"]
    return ["\n".join([words(body), *(words(comment.body) for comment in comments)]) for _, body, comments in boards]


def words(text: Any) -> str:
    """What people read, of Jira's documents as well."""
    return str(adf.text(text)) if isinstance(text, dict) else str(text or "")


@pytest.mark.parametrize("home", ["github:acme/api", "jira:API"])
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_it_is_made_once_and_kept_up_to_date(deployment: str, home: str, tmp_path: Path) -> None:
    cloud = deployment == "cloud"
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud" if cloud else "data-center").replace("HOME", home)
    environment = {name: value for name, value in WRITE.items() if cloud or not name.endswith("USER")}
    with Sandbox(seed(deployment)) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, text, environment, now="2026-11-22")
        for day in ("2026-11-22", "2026-11-23", "2026-12-02"):
            acme.now = day
            ran = acme.json("sync")
            assert ran.status == 0, [(each["field"], each["outcome"], each["answer"]) for each in ran.json["changes"]]
            assert acme.json("plan").json["changes"] == []
        (told,) = texts(sandbox, home)
        assert "2 milestones: 2 off track" in told
        assert "overdue since 2026-12-01" in told
        assert "release-review pending" in told
        harmful = ("@zoe", "<b>", "\u202e") if home.startswith("github") else ("{color", "[~zoe", "\u202e")
        assert [word for word in harmful if word in told] == []
        assert acme.mdpc("forget", "--yes").status == 0
        assert len(texts(sandbox, home)) == 1


@pytest.mark.parametrize("home", ["github:acme/api", "jira:API"])
def test_one_that_was_closed_long_ago_is_to_be_opened_again(home: str, tmp_path: Path) -> None:
    text = 'history = "1d"\n' + CONFIGURATION.replace("DEPLOYMENT", "cloud").replace("HOME", home)
    with Sandbox(seed("cloud"), clock=lambda: datetime(2026, 11, 1, tzinfo=UTC)) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, text, now="2026-11-22")
        assert acme.mdpc("sync").status == 0
        if home.startswith("github"):
            (issue,) = (
                each for each in sandbox.github.repository("acme/api").issues.values() if "Milestones" in each.title
            )
            sandbox.github.edit_issue(sandbox.github.repository("acme/api"), issue.number, state="closed")
        else:
            project = sandbox.jira.project("API")
            assert project is not None
            (held,) = (each for each in project.issues if "Milestones" in each.summary)
            held.status = STATUSES["Done"]
        acme.now = "2026-12-02"
        said = acme.mdpc("sync")
        assert said.status == 3
        assert "The program's dashboard was closed longer ago than `history` reaches." in " ".join(said.out.split())
        assert len(texts(sandbox, home)) == 1


def test_a_plan_tells_of_it(tmp_path: Path) -> None:
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud").replace("HOME", "github:acme/api")
    with Sandbox(seed("cloud")) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, text, now="2026-11-22")
        said = acme.mdpc("plan").out
        assert "Milestones of platform" in said
        assert "the program gets its dashboard" in said
        assert "**mdpc:**" not in said
        assert "Milestones of platform" in acme.mdpc("plan", "--format", "markdown").out
        assert acme.mdpc("plan", "--save", str(tmp_path / "plan.json")).status == 0
        acme.now = None
        assert acme.mdpc("sync", "--plan", str(tmp_path / "plan.json")).status == 0
        assert acme.mdpc("sync", "--plan", str(tmp_path / "plan.json")).status == 0
        assert len(texts(sandbox, "github:acme/api")) == 1
