"""A due date is a calendar day: the same in every tracker, in every zone, on every day of six years."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

DAYS = [date(2024, 1, 1) + timedelta(days=number) for number in range(2192)]
ZONES = ("Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles", "Pacific/Pago_Pago")
PACIFIC = ZoneInfo("America/Los_Angeles")
CONFIGURATION = """
timezone = "ZONE"
[connectors.github]
url = "{github}"
[connectors.jira]
url = "{jira}"
deployment = "DEPLOYMENT"
[[programs]]
name = "days"
members = ["github:acme/days", "jira:DAYS"]
[limits]
adopt = 5000
changes = 5000
share = 1.0
"""


@pytest.mark.long
@pytest.mark.parametrize(("deployment", "part"), [("cloud", 0), ("10.3", 1)])
def test_every_day_is_the_same_day_everywhere(deployment: str, part: int, tmp_path: Path) -> None:
    mine = [day for number, day in enumerate(DAYS) if number // 2 % 2 == part]
    from_github = {day for number, day in enumerate(DAYS) if number % 2}
    milestones = [{"title": f"{day}", **({"due": f"{day}"} if day in from_github else {})} for day in mine]
    versions = [{"name": f"{day}", **({} if day in from_github else {"releaseDate": f"{day}"})} for day in mine]
    kind = "cloud" if deployment == "cloud" else "data-center"
    seed = {
        "github": {"repositories": [{"name": "acme/days", "private": True, "milestones": milestones}]},
        "jira": {"deployment": deployment, "projects": [{"key": "DAYS", "name": "Days", "versions": versions}]},
    }
    environment = (
        WRITE if kind == "cloud" else {name: text for name, text in WRITE.items() if not name.endswith("USER")}
    )
    with Sandbox(seed) as sandbox:
        for number in range(10):
            text = CONFIGURATION.replace("ZONE", ZONES[number % 4]).replace("DEPLOYMENT", kind)
            rehearsal = Rehearsal(sandbox, tmp_path, text, environment, now="2023-12-01T23:30:00+00:00")
            said = rehearsal.json("sync")
            assert said.status == 0
            if number:
                assert said.json["changes"] == []
                assert all(each["due"] == each["title"] for each in said.json["milestones"])
        for each in sandbox.github.repository("acme/days").milestones.values():
            assert datetime.fromisoformat(str(each.due_on)).astimezone(PACIFIC).date().isoformat() == each.title
        assert all(each.raw["releaseDate"] == each.name for each in sandbox.jira.versions.values())
