"""The noise budget as people meet it: the command line, real connectors, a sandbox, two weeks that pass."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal, typed
from tests.flows.test_dashboard_over_http import words

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
manager = "bob"
[people.bob]
github = "bob-gh"
jira = "bob-j"
[escalation]
per_person_per_week = 2
[[escalation.steps]]
at = "+1d"
to = ["owner"]
[[escalation.steps]]
at = "+3d"
to = ["owner", "owner.manager"]
[digest]
every = "monday"
to = ["bob"]
[writeback]
dashboard = true
"""
FIRST = date(2026, 11, 23)


def seed(deployment: str) -> dict[str, Any]:
    milestones = [
        {"title": f"v{number}.0", "due": "2026-11-23", "description": "Owner: @alice-gh"} for number in range(5)
    ]
    users = [{"id": name, "rights": "read"} for name in ("alice-j", "bob-j")]
    return {
        "github": {"repositories": [{"name": "acme/api", "private": True, "milestones": milestones}]},
        "jira": {
            "deployment": deployment,
            "users": users,
            "projects": [{"key": "API", "name": "API", "private": True, "versions": []}],
        },
    }


def comments(sandbox: Sandbox, home: str) -> list[str]:
    """The comments of all issues of the home."""
    found: list[Any]
    if home.startswith("github"):
        found = [each for issue in sandbox.github.repository("acme/api").issues.values() for each in issue.comments]
    else:
        project = sandbox.jira.project("API")
        assert project is not None
        found = [each for issue in project.issues for each in issue.comments]
    return [words(each.body) for each in found]


@pytest.mark.parametrize("home", ["github:acme/api", "jira:API"])
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_two_weeks_pass_and_nobody_hears_more_than_they_can_bear(deployment: str, home: str, tmp_path: Path) -> None:
    cloud = deployment == "cloud"
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud" if cloud else "data-center").replace("HOME", home)
    environment = {name: value for name, value in WRITE.items() if cloud or not name.endswith("USER")}
    now, ticks = [FIRST], itertools.count()

    def clock() -> datetime:
        return datetime(now[0].year, now[0].month, now[0].day, 9, tzinfo=UTC) + timedelta(seconds=next(ticks) % 3600)

    with Sandbox(seed(deployment), clock=clock) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, text, environment)
        acme.now = FIRST.isoformat()
        assert acme.json("sync").status == 0
        foreseen = acme.json("simulate", "--from", "2026-11-24", "--to", "2026-12-04").json["notices"]
        said: list[tuple[str, str, list[str]]] = []
        mentioned: Counter[tuple[str, int]] = Counter()
        held: list[str] = []
        for day in (1, 2, 3, 7):
            now[0] = FIRST + timedelta(days=day)
            acme.now = now[0].isoformat()
            ran = acme.json("sync")
            (tmp_path / f"run{day}.json").write_text(ran.out, encoding="utf-8")
            assert ran.status == 0, ran.json["changes"]
            assert acme.json("plan").json["changes"] == []
            assert acme.json("digest", "--now", acme.now).status == 0
            said += [(acme.now, each["step"], each["to"]) for each in ran.json["notices"]]
            held += [each["what"] for each in ran.json["withheld"]]
            mentioned.update((who, now[0].isocalendar().week) for each in ran.json["notices"] for who in each["to"])
        assert max(mentioned.values()) == 2
        assert said == [(each["sent"], each["step"], each["to"]) for each in foreseen if each["to"]]
        assert len(held) == sum(bool(each["digest"]) for each in foreseen) > 3
        told = "\n".join(each for each in comments(sandbox, home) if "mdpc:digest" in each)
        left = re.findall(r"step `?(\+\dd)`? of .*?(v\d\.0)", told.replace("[", ""))
        assert Counter(step for step, _ in left) == Counter(what.split()[1] for what in held)
        noise = acme_report(tmp_path)
        assert noise["notices"] == len(said)


def acme_report(folder: Path) -> dict[str, Any]:
    """What `mdpc report noise` counts over the runs that were saved in a folder."""
    return typed("report", "noise", *map(str, sorted(folder.glob("run*.json"))), "--format", "json").json


def test_a_plan_says_what_it_holds_back(tmp_path: Path) -> None:
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud").replace("HOME", "github:acme/api")
    with Sandbox(seed("cloud")) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, text, now="2026-11-23")
        assert acme.mdpc("sync").status == 0
        acme.now = "2026-11-24"
        said = acme.mdpc("plan").out
        assert "NOTICES  2" in said
        assert "WITHHELD  3" in said
        assert "step +1d of platform/2.0 for alice" in said
        assert "per_person_per_week = 2 is reached in this week. The next digest tells" in " ".join(said.split())
        shown = acme.mdpc("simulate", "--from", "2026-11-24", "--to", "2026-11-24").out
        assert shown.startswith("2 notices from 2026-11-24")
        assert "platform/4.0  +1d  to alice in the next digest" in shown
