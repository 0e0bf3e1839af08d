"""Escalation as people meet it: the command line, real connectors, a sandbox, days that pass."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
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
[[programs]]
name = "platform"
members = ["github:acme/api", "jira:API"]
home = "HOME"
stakeholders = ["bob"]
[people.alice]
github = "alice-gh"
jira = "alice-j"
manager = "bob"
[people.bob]
github = "bob-gh"
jira = "bob-j"
[escalation]
workdays = true
[[escalation.steps]]
at = "-5wd"
to = ["owner"]
[[escalation.steps]]
at = "+1d"
to = ["owner.manager", "stakeholders"]
"""
FIRST = date(2026, 11, 23)
EXPECTED = [("2026-11-24", "-5wd", "alice"), ("2026-12-02", "+1d", "bob")]


def seed(deployment: str) -> dict[str, Any]:
    milestone = {"title": "v2.0", "due": "2026-12-01", "description": "Owner: @alice-gh"}
    users = [{"id": name, "rights": "read"} for name in ("alice-j", "bob-j")]
    versions = [{"name": "v2.0", "releaseDate": "2026-12-01"}]
    return {
        "github": {"repositories": [{"name": "acme/api", "private": True, "milestones": [milestone]}]},
        "jira": {
            "deployment": deployment,
            "users": users,
            "projects": [{"key": "API", "name": "API", "private": True, "versions": versions}],
        },
    }


@pytest.mark.parametrize("home", ["github:acme/api", "jira:API"])
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_the_days_pass_as_the_simulation_says(deployment: str, home: str, tmp_path: Path) -> None:
    cloud = deployment == "cloud"
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud" if cloud else "data-center").replace("HOME", home)
    environment = {name: value for name, value in WRITE.items() if cloud or not name.endswith("USER")}
    now, ticks = [FIRST], itertools.count()

    def clock() -> datetime:
        return datetime(now[0].year, now[0].month, now[0].day, 9, tzinfo=UTC) + timedelta(seconds=next(ticks) % 3600)

    with Sandbox(seed(deployment), clock=clock) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, text, environment)
        told = acme.mdpc("simulate", "--from", "2026-11-23", "--to", "2026-12-20", "--format", "json").json
        assert [(each["sent"], each["step"], *each["to"]) for each in told["notices"]] == EXPECTED
        said: list[tuple[str, str, str]] = []
        for number in range(12):
            now[0] = FIRST + timedelta(days=number)
            acme.now = now[0].isoformat()
            ran = acme.json("sync")
            assert ran.status == 0, [(each["field"], each["answer"]) for each in ran.json["changes"]]
            said += [(acme.now, each["step"], *each["to"]) for each in ran.json["notices"]]
            assert all(each["outcome"] == "done" for each in ran.json["notices"])
            assert acme.json("plan").json["changes"] == []
        assert said == EXPECTED


def test_the_simulation_reads_well_and_writes_nothing(tmp_path: Path) -> None:
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud").replace("HOME", "github:acme/api")
    with Sandbox(seed("cloud")) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, text)
        told = acme.mdpc("simulate", "--from", "2026-11-23", "--to", "2026-12-20")
        assert told.status == 0
        assert told.out.splitlines()[0] == "2 notices from 2026-11-23 to 2026-12-20, if nothing else happens."
        assert "Tue 2026-11-24" in told.out
        assert "  platform/2.0  -5wd  to alice" in told.out
        table = acme.mdpc("simulate", "--from", "2026-11-23", "--to", "2026-12-20", "--format", "markdown").out
        assert "| 2026-12-02 | `platform/2.0` | `+1d` | bob |" in table
        explained = acme.mdpc("explain", "v2.0", "--now", "2026-11-23").out
        assert "2026-12-02     +1d  bob" in explained
        assert acme.mdpc("simulate", "--from", "2026-12-02", "--to", "2026-12-01").status == 2
        assert acme.mdpc("simulate", "--to", "someday").status == 2
        assert not any(entry.method in ("PUT", "PATCH", "DELETE") for entry in sandbox.log.entries)
