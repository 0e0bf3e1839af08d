"""Real milestones and versions kept in step: what has no version gets one, once, and a rename renames it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mdpc.titles import normalise
from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import SHARED, WRITE, Rehearsal

MILESTONES, VERSIONS = (SHARED / "data" / f"{name}.json" for name in ("github-milestones", "jira-versions"))
CONFIGURATION = """
history = "all"
[connectors.github]
url = "{github}"
[connectors.jira]
url = "{jira}"
deployment = "DEPLOYMENT"
[[programs]]
name = "all"
members = MEMBERS
[sync]
create = ["jira"]
[limits]
adopt = 500
changes = 500
share = 1.0
"""

pytestmark = pytest.mark.skipif(not MILESTONES.exists(), reason="the recorded payloads do not lie beside the checkout")


def loaded(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(params=["cloud", "10.3"])
def rehearsal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rehearsal]:
    milestones = loaded(MILESTONES)
    names = sorted({each["url"].split("/repos/")[1].split("/milestones/")[0] for each in milestones})
    members = json.dumps([*(f"github:{name}" for name in names), "jira:SLING"])
    kind = "cloud" if request.param == "cloud" else "data-center"
    environment = (
        WRITE if kind == "cloud" else {name: text for name, text in WRITE.items() if not name.endswith("USER")}
    )
    text = CONFIGURATION.replace("MEMBERS", members).replace("DEPLOYMENT", kind)
    with Sandbox({"jira": {"deployment": request.param}}) as sandbox:
        sandbox.github.add_payload(milestones)
        sandbox.jira.add_payload("SLING", loaded(VERSIONS))
        yield Rehearsal(sandbox, tmp_path, text, environment, now="2012-06-10")


def versions(sandbox: Sandbox) -> dict[str, str | None]:
    """Every version's date by its name."""
    return {each.name: each.raw.get("releaseDate") for each in sandbox.jira.versions.values()}


@pytest.mark.long
def test_each_open_milestone_gets_a_version_once_and_renames_are_carried(rehearsal: Rehearsal) -> None:
    sandbox, before = rehearsal.sandbox, versions(rehearsal.sandbox)
    still_open = [each for each in loaded(MILESTONES) if each["state"] == "open"]
    expected = {
        normalise(each["title"]): each["due_on"] and datetime.fromisoformat(each["due_on"]).date().isoformat()
        for each in still_open
    }
    assert (len(still_open), len(expected)) == (27, 25), "two titles stand in two repositories"

    assert rehearsal.json("sync").status == 0
    created = {name: due for name, due in versions(sandbox).items() if name not in before}
    assert {normalise(name): due for name, due in created.items()} == expected
    assert rehearsal.json("plan").json["changes"] == []

    alone = [
        each for each in _open(sandbox) if sum(normalise(o.title) == normalise(each.title) for o in _open(sandbox)) == 1
    ]
    names = [each.title for each in alone[:10]]
    for each in alone[:10]:
        each.title = f"{each.title} (renamed)"
    changed = rehearsal.json("sync")
    assert changed.status == 0
    assert not any(change["kind"] == "create" for change in changed.json["changes"])
    after = versions(sandbox)
    assert len(after) == len(before) + 25
    titles = {normalise(name) for name in after}
    assert len(names) == 10
    assert all(normalise(f"{name} (renamed)") in titles and normalise(name) not in titles for name in names)
    assert rehearsal.json("plan").json["changes"] == []


def _open(sandbox: Sandbox) -> list[Any]:
    found = (each for repository in sandbox.github.repositories for each in repository.milestones.values())
    return [each for each in found if each.state == "open"]
