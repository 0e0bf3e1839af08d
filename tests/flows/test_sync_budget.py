"""What keeping in step costs where there is nothing to do: at most one request more for each program."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

TEAMS = 8


def seed(deployment: str) -> dict[str, Any]:
    names = [f"{number:02}" for number in range(TEAMS)]
    milestones = [{"title": f"{version}.0", "due": "2026-12-01"} for version in range(1, 6)]
    versions = [{"name": f"{version}.0", "releaseDate": "2026-12-01"} for version in range(1, 6)]
    return {
        "github": {"repositories": [{"name": f"acme/t{name}", "milestones": milestones} for name in names]},
        "jira": {
            "deployment": deployment,
            "projects": [{"key": f"T{name}", "name": name, "versions": versions} for name in names],
        },
    }


def configuration(deployment: str, *, programs: bool) -> str:
    kind = "cloud" if deployment == "cloud" else "data-center"
    projects = ", ".join(f'"T{number:02}"' for number in range(TEAMS))
    text = f"""
[connectors.github]
url = "{{github}}"
repositories = ["acme/*"]
[connectors.jira]
url = "{{jira}}"
deployment = "{kind}"
projects = [{projects}]
[limits]
adopt = 500
"""
    for number in range(TEAMS) if programs else ():
        members = f'["github:acme/t{number:02}", "jira:T{number:02}"]'
        text += f'[[programs]]\nname = "team{number}"\nmembers = {members}\n'
    return text + ('[sync]\ncreate = ["jira"]\n' if programs else "")


@pytest.mark.parametrize("deployment", ["cloud", "9.12", "10.3"])
def test_a_run_with_nothing_to_do_costs_one_request_a_program_at_most(deployment: str, tmp_path: Path) -> None:
    environment = {name: text for name, text in WRITE.items() if deployment == "cloud" or not name.endswith("USER")}
    found: dict[bool, Counter[str]] = {}  # without programs nothing is remembered of several, so notes do not count
    for programs in (False, True):
        with Sandbox(seed(deployment)) as sandbox:
            text = configuration(deployment, programs=programs)
            rehearsal = Rehearsal(sandbox, tmp_path, text, environment, now="2026-11-23")
            assert rehearsal.json("sync").status == 0
            sandbox.log.clear()
            assert rehearsal.json("sync").json["changes"] == []
            asked = [entry for entry in sandbox.log.entries if programs or "/properties/" not in entry.path]
            found[programs] = Counter(entry.tracker for entry in asked)
    assert found[True]["github"] == found[False]["github"]
    assert found[True]["jira"] <= found[False]["jira"] + TEAMS
