"""The whole pipe on milestones and versions that real trackers held, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import SHARED, WRITE, Rehearsal, typed

DATA = SHARED / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real trackers' payloads are not beside this checkout")

PACIFIC = ZoneInfo("America/Los_Angeles")
NOTES = 1
"""Pages of notes: what is remembered of 10 open versions fits on one."""


def payload(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def milestones() -> list[dict[str, Any]]:
    return payload("github-milestones.json")


@pytest.fixture(scope="module")
def versions() -> list[dict[str, Any]]:
    return payload("jira-versions.json")


@pytest.fixture(params=["cloud", "9.12", "10.3"])
def rehearsal(
    request: pytest.FixtureRequest, tmp_path: Path, milestones: list[dict[str, Any]], versions: list[dict[str, Any]]
) -> Iterator[Rehearsal]:
    owners = sorted({each["url"].split("/repos/")[1].split("/")[0] for each in milestones})
    cloud = request.param == "cloud"
    configuration = f"""
history = "all"
[connectors.github]
url = "{{github}}"
repositories = {json.dumps([f"{owner}/*" for owner in owners])}
[connectors.jira]
url = "{{jira}}"
deployment = "{"cloud" if cloud else "data-center"}"
projects = ["SLING"]
[limits]
adopt = 250
"""
    environment = WRITE if cloud else {name: value for name, value in WRITE.items() if not name.endswith("USER")}
    with Sandbox({"jira": {"deployment": request.param}}) as sandbox:
        sandbox.github.add_payload(milestones)
        sandbox.jira.add_payload("SLING", versions)
        yield Rehearsal(sandbox, tmp_path, configuration, environment, now="2012-06-10")


def day_people_saw(due_on: str | None) -> str | None:
    """GitHub's site shows the day that it is at US-Pacific midnight."""
    if due_on is None:
        return None
    return datetime.fromisoformat(due_on).astimezone(PACIFIC).date().isoformat()


def test_a_plan_reads_all_and_names_what_is_late_or_has_no_date(
    rehearsal: Rehearsal, milestones: list[dict[str, Any]], versions: list[dict[str, Any]]
) -> None:
    said = rehearsal.json("plan")
    assert said.status == 0
    plan = said.json
    records = {record["ref"]: record for each in plan["milestones"] for record in each["records"]}
    assert len(records) == len(milestones) + len(versions) == 250
    assert plan["stats"]["containers"] == {"github": 14, "jira": 1}

    expected: dict[str, str] = {}
    for each in milestones:
        repository, number = each["url"].split("/repos/")[1].split("/milestones/")
        ref, due = f"github:{repository}#{number}", day_people_saw(each["due_on"])
        assert records[ref]["due"] == due
        if each["state"] == "open" and due is None:
            expected[ref] = "due-date-required"
        elif each["state"] == "open" and due is not None and due < "2012-06-10":
            expected[ref] = "overdue"
    for each in versions:
        ref = f"jira:SLING#{each['id']}"
        assert records[ref]["due"] == each.get("releaseDate")
        if not each["released"]:
            expected[ref] = "due-date-required" if each.get("releaseDate") is None else "overdue"
    assert len(expected) == 28

    by_key = {each["key"]: each for each in plan["milestones"]}
    found = {
        record["ref"]: finding["rule"]
        for finding in plan["findings"]
        if finding["rule"] in ("due-date-required", "overdue")
        for record in by_key[finding["milestone"]]["records"]
    }
    assert found == expected
    text = rehearsal.mdpc("plan").out
    words = text.split()
    assert all(ref in words for ref in expected)


def test_sync_writes_the_open_ones_once_and_forget_leaves_no_trace(
    rehearsal: Rehearsal, milestones: list[dict[str, Any]], versions: list[dict[str, Any]]
) -> None:
    still_open = sum(each["state"] == "open" for each in milestones) + sum(not each["released"] for each in versions)
    synced = rehearsal.json("sync")
    assert (synced.status, synced.outcomes()) == (0, {"done": still_open + NOTES})
    written = descriptions(rehearsal)
    assert sum("mdpc:" in str(text) for text in written.values()) == still_open == 37

    for day in ("2012-06-10", "2012-06-11"):
        rehearsal.now = day
        again = rehearsal.json("plan")
        assert (again.status, again.json["changes"], again.json["withheld"]) == (0, [], [])

    forgotten = rehearsal.json("forget", "--yes")
    assert (forgotten.status, forgotten.outcomes()) == (0, {"done": still_open + NOTES})
    assert rehearsal.sandbox.jira.projects["SLING"].properties == {}
    before = {each["url"]: each["description"] for each in milestones}
    before |= {each["id"]: each.get("description") for each in versions}
    assert descriptions(rehearsal) == before
    assert len(before) == 250


def descriptions(rehearsal: Rehearsal) -> dict[str, str | None]:
    """Every description as the two services return it now, by the payloads' own names."""
    sandbox = rehearsal.sandbox
    token = {"Authorization": "Bearer sandbox-write"}
    found: dict[str, str | None] = {}
    with requests.Session() as web:
        for repository in sandbox.github.repositories:
            address = f"{sandbox.github_url}/repos/{repository.full_name}/milestones"
            answer = web.get(address, params={"state": "all", "per_page": "100"}, headers=token, timeout=10)
            for each in answer.json():
                url = each["url"].replace(sandbox.github_url, "https://api.github.com")
                found[url] = each["description"]
        basic = ("mdpc-bot@example.com", "sandbox-write") if sandbox.jira.cloud else None
        address = f"{sandbox.jira_url}/rest/api/2/project/SLING/versions"
        for each in web.get(address, auth=basic, headers=None if basic else token, timeout=10).json():
            found[each["id"]] = each.get("description")
    return found


def test_a_first_configuration_for_real_trackers_can_be_used_as_it_stands(
    tmp_path: Path, milestones: list[dict[str, Any]], versions: list[dict[str, Any]]
) -> None:
    owners = sorted({each["url"].split("/repos/")[1].split("/")[0] for each in milestones})
    path = tmp_path / "first.toml"
    with Sandbox({"jira": {"deployment": "cloud"}}) as sandbox:
        sandbox.github.add_payload(milestones)
        sandbox.jira.add_payload("SLING", versions)
        named = [part for owner in owners for part in ("--github", f"{owner}/*")]
        where = ("--github-url", sandbox.github_url, "--jira", sandbox.jira_url, "--project", "SLING")
        said = typed("init", *named, *where, "--output", str(path), environment=WRITE)
        assert said.status == 0, said.err
        assert typed("check-config", "--config", str(path), environment=WRITE).status == 0
        planned = typed("plan", "--config", str(path), "--now", "2026-11-23", environment=WRITE)
        assert planned.status == 0, planned.err
        assert not sandbox.log.writes()
