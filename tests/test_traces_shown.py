"""The pages on what mdpc writes where, and on what that costs, show a real run."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

DOCS = Path(__file__).parent.parent / "docs"
TRACES = (DOCS / "traces.md").read_text(encoding="utf-8")
COST = (DOCS / "cost.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CONFIGURATION = """
timezone = "Europe/Berlin"
[connectors.github]
url = "{github}"
[connectors.jira]
url = "{jira}"
deployment = "cloud"
[[programs]]
name = "platform"
members = ["github:acme/api", "github:acme/web", "jira:API"]
[people.alice]
github = "alice-gh"
[people.carol]
github = "carol-gh"
[[gates]]
name = "release-review"
reviewers = ["carol"]
[escalation]
since = 2026-01-01
[[escalation.steps]]
at = "+5d"
to = ["owner"]
[writeback]
dashboard = true
"""
API = "The public API, second edition.\r\n\r\nOwner: @alice-gh"
DUE = {"title": "v2.0", "due": "2026-11-13"}
SEED: dict[str, Any] = {
    "github": {
        "users": ["alice-gh", "carol-gh"],
        "repositories": [
            {"name": "acme/api", "private": True, "milestones": [DUE | {"description": API, "open": 1, "closed": 2}]},
            {"name": "acme/web", "private": True, "milestones": [DUE | {"open": 1}]},
        ],
    },
    "jira": {
        "projects": [
            {
                "key": "API",
                "name": "Public API",
                "private": True,
                "versions": [
                    {
                        "name": "2.0",
                        "description": "Second edition",
                        "releaseDate": "2026-11-13",
                        "issues": {"todo": 1},
                    },
                    {"name": "2.2", "releaseDate": "2027-03-31"},
                ],
                "issues": [{"summary": "Move", "issuetype": "Epic"}],
            }
        ]
    },
}
JIRA_PATHS = ("version/10001/relatedwork", "project/API/properties/mdpc.platform.0")


@dataclass(frozen=True)
class Company:
    """What a run over everything that leaves a trace left, and what `forget` left of that."""

    traces: tuple[str, ...]
    forgotten: tuple[str, ...]
    names: tuple[str, ...]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    with Sandbox(SEED) as sandbox, time_machine.travel(NOW, tick=True):
        acme = Rehearsal(sandbox, tmp_path_factory.mktemp("acme"), CONFIGURATION, WRITE)
        assert acme.mdpc("sync").status == 0
        traces = left(sandbox)
        issues = [
            each for each in sandbox.github.repository("acme/api").issues.values() if each.labels == ["milestone"]
        ]
        names = tuple(each.title for each in issues)
        assert acme.mdpc("forget", "--yes").status == 0
        return Company(traces, left(sandbox), names)


def left(sandbox: Sandbox) -> tuple[str, ...]:
    """Every text in which mdpc may have left something, with the addresses of the pages."""
    auth = (WRITE["MDPC_CONNECTORS__JIRA__USER"], WRITE["MDPC_CONNECTORS__JIRA__TOKEN"])
    found = [version.raw.get("description", "") for version in sandbox.jira.versions.values()]
    for path in JIRA_PATHS:
        found.append(requests.get(f"{sandbox.jira_url}/rest/api/2/{path}", auth=auth, timeout=10).text)
    for repository in sandbox.github.repositories:
        found += [each.description or "" for each in repository.milestones.values()]
        for issue in repository.issues.values():
            found += [issue.body or "", *(comment.body for comment in issue.comments)]
    github = sandbox.github_url.removesuffix("/api/v3")
    public = [
        text.replace(github, "https://github.com").replace(sandbox.jira_url, "https://acme.atlassian.net")
        for text in found
    ]
    return tuple(text.replace("\r\n", "\n") for text in public)


EXAMPLES = re.findall(r"```(?:text|json)\n(.*?)\n```", TRACES, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: str(text)[:40])
def test_every_example_of_a_trace_was_left_so(company: Company, example: str) -> None:
    shown = ".*?".join(re.escape(part) for part in example.split("…"))
    assert any(re.search(shown, text, re.DOTALL) for text in company.traces), "\n".join(company.traces)


def test_the_issues_are_called_as_the_page_says(company: Company) -> None:
    assert {"Milestone: v2.0", "Milestones of platform"} <= set(company.names)
    assert all(f"`{name}`" in TRACES for name in ("Milestone: v2.0", "Milestones of platform", "milestone"))


def test_what_forget_leaves_is_what_the_page_says_that_it_leaves(company: Company) -> None:
    kept = [text for text in company.forgotten if "mdpc:" in text]
    assert API.replace("\r\n", "\n") in company.forgotten
    assert "Second edition" in company.forgotten
    marks = {name for text in kept for name in re.findall(r"<!-- mdpc:(\w+) [a-z0-9]+ -->", text)}
    assert marks == {"issue", "notice", "ledger", "dashboard", "program"}
    assert "mdpc.platform.0" not in "".join(text for text in company.forgotten if '"value"' in text)


@pytest.mark.parametrize("home", ["github:acme/api", "jira:API"])
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_a_write_costs_what_the_page_says(deployment: str, home: str, tmp_path: Path) -> None:
    rows = re.findall(r"^\| ([^|]+) \|\s*(\d*)\s*\|\s*(\d*)\s*\|$", COST.split("## A write", 1)[1], re.MULTILINE)
    assert len(rows) == 5
    price = {what.split()[1].rstrip(",:"): (int(github or 0), int(jira or 0)) for what, github, jira in rows}
    planned, synced = costs(deployment, home, tmp_path)
    writes = {change["write"]: change for change in synced["changes"]}
    assert {change["outcome"] for change in synced["changes"]} == {"done"}
    bought = Counter((change["ref"].partition(":")[0], bought_as(change)) for change in writes.values())
    for place, tracker in enumerate(("github", "jira")):
        reading = planned["stats"]["requests"][tracker]
        writing = sum(count * price[kind][place] for (where, kind), count in bought.items() if where == tracker)
        assert synced["stats"]["requests"][tracker] == reading + writing


def costs(deployment: str, home: str, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a plan and a sync say in JSON, with the coordination issues there."""
    cloud = deployment == "cloud"
    text = CONFIGURATION.replace('"jira:API"]', f'"jira:API"]\nhome = "{home}"')
    text = text if cloud else text.replace('"cloud"', '"data-center"')
    environment = {name: value for name, value in WRITE.items() if cloud or not name.endswith("USER")}
    with Sandbox({**SEED, "jira": {**SEED["jira"], "deployment": deployment}}) as sandbox:
        acme = Rehearsal(sandbox, folder, text, environment, now="2026-11-23")
        return acme.json("plan").json, acme.json("sync").json


def bought_as(change: dict[str, Any]) -> str:
    """The row of the page's table that a write is."""
    if change["field"] == "link":
        return "link"
    kinds = {"issue": "coordination", "comment": "comment", "memory": "page"}
    return kinds.get(change["kind"], "fields")


def test_reading_fifty_repositories_costs_what_the_page_says(tmp_path: Path) -> None:
    repositories = [{"name": f"acme/r{number:02}", "milestones": [DUE]} for number in range(50)]
    with Sandbox({"github": {"repositories": repositories}}) as sandbox:
        text = '[connectors.github]\nurl = "{github}"\nrepositories = ["acme/*"]\n'
        acme = Rehearsal(sandbox, tmp_path, text, WRITE, now="2026-11-23")

        def points() -> int:
            login = {"Authorization": "Bearer sandbox-write"}
            answer = requests.get(f"{sandbox.github_url}/rate_limit", headers=login, timeout=10).json()
            return int(answer["resources"]["graphql"]["remaining"])

        before = points()
        assert acme.json("plan").json["stats"]["requests"] == {"github": 2}
        assert f"50 repositories are {before - points()} points" in COST
