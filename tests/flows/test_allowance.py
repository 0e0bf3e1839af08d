"""Runs that may use only so much: they stop early, say so, and together come to the same end as one without limit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

TEAMS = [f"team-{letter}" for letter in "abcdefgh"]
SEED: dict[str, Any] = {
    "github": {
        "repositories": [
            {"name": f"acme/{team}", "milestones": [{"title": "v1", "due": "2026-12-01"}, {"title": "v2"}]}
            for team in TEAMS
        ]
    },
    "jira": {"projects": [{"key": f"P{number}", "versions": [{"name": "v1"}]} for number in range(len(TEAMS))]},
}


@pytest.fixture(params=["cloud", "10.3"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox({**SEED, "jira": {**SEED["jira"], "deployment": request.param}}) as running:
        yield running


CONFIGURATION = "\n".join(
    [
        '[connectors.github]\nurl = "{github}"\nrepositories = ["acme/*"]',
        '[connectors.jira]\nurl = "{jira}"',
        *(
            f'[[programs]]\nname = "{team}"\nmembers = ["github:acme/{team}", "jira:P{number}"]\npublic = true'
            for number, team in enumerate(TEAMS)
        ),
        '[sync]\ncreate = ["jira"]',
        '[[gates]]\nname = "review"\nreviewers = ["@carol-gh"]',
        "[writeback]\ndashboard = true",
        "[limits]\nadopt = 100",
    ]
)


def acme(sandbox: Sandbox, folder: Path) -> Rehearsal:
    by_token_alone = {name: value for name, value in WRITE.items() if sandbox.jira.cloud or "USER" not in name}
    return Rehearsal(sandbox, folder, CONFIGURATION, by_token_alone, now="2026-11-23")


def allowed(runs: Rehearsal, operations: int) -> dict[str, str]:
    return {**runs.environment, "MDPC_LIMITS__OPERATIONS": str(operations)}


def held(sandbox: Sandbox) -> dict[str, tuple[list[str], list[tuple[str, int]]]]:
    """Every container's records and issues by title, with the number of comments."""
    repositories = {
        each.name: (
            sorted(str(milestone.title) for milestone in each.milestones.values()),
            sorted((str(issue.title), len(issue.comments)) for issue in each.issues.values()),
        )
        for each in map(sandbox.github.repository, (f"acme/{team}" for team in TEAMS))
    }
    for project in sandbox.jira.projects.values():
        repositories[project.key] = (sorted(version.name for version in project.versions), [])
    return repositories


def test_runs_that_may_use_little_come_together_to_the_same_end(sandbox: Sandbox, tmp_path: Path) -> None:
    limited, resume = acme(sandbox, tmp_path), tmp_path / "resume.json"
    most = 40 if sandbox.jira.cloud else 80
    statuses: list[int] = []
    sent: list[int] = []
    while not statuses or statuses[-1] == 3:
        before = len(sandbox.log.entries)
        said = limited.mdpc("sync", "--resume", str(resume), environment=allowed(limited, most))
        statuses.append(said.status)
        sent.append(len(sandbox.log.entries) - before)
        assert len(statuses) < 40, said.out
        assert (f"[limits] operations = {most} is used up" in said.out) is (said.status == 3)
        findings = limited.json("check").json["findings"]
        assert "memory-lost" not in {each["rule"] for each in findings}, "no milestone is left half done"
    assert len(statuses) > 2
    assert max(sent) < most + 30, "a milestone that was begun is ended, and no more"
    assert limited.json("plan").json["changes"] == []
    with Sandbox({**SEED, "jira": {**SEED["jira"], "deployment": sandbox.jira.deployment}}) as other:
        assert acme(other, tmp_path).mdpc("sync").status == 0
        assert held(sandbox) == held(other)


DIGEST = """
[digest]
every = "daily"
to = ["@dana-gh"]
"""


def test_digests_go_on_where_the_last_run_ended_until_each_is_sent_once(sandbox: Sandbox, tmp_path: Path) -> None:
    runs, resume = acme(sandbox, tmp_path), tmp_path / "resume.json"
    runs.configuration += DIGEST
    assert runs.mdpc("sync").status == 0
    most = "30" if sandbox.jira.cloud else "60"
    sent: list[int] = []
    for _ in range(len(TEAMS)):
        said = runs.mdpc("digest", "--now", "2026-11-23", "--operations", most, "--resume", str(resume))
        assert said.status == 3, "all cannot be read in one run"
        sent = [_digests_of(sandbox, team) for team in TEAMS]
        if 0 not in sent:
            break
    assert 0 not in sent
    assert runs.mdpc("digest", "--now", "2026-11-23", "--resume", str(resume)).status == 0
    assert [_digests_of(sandbox, team) for team in TEAMS] == [1] * len(TEAMS)


def _digests_of(sandbox: Sandbox, team: str) -> int:
    issues = sandbox.github.repository(f"acme/{team}").issues.values()
    return sum("mdpc:digest" in comment.body for issue in issues for comment in issue.comments)


@pytest.mark.parametrize("option", ["--operations", "--minutes"])
def test_a_bound_of_one_run_takes_the_place_of_the_configurations(
    sandbox: Sandbox, tmp_path: Path, option: str
) -> None:
    runs = acme(sandbox, tmp_path)
    strict = {**runs.environment, "MDPC_LIMITS__OPERATIONS": "1"}
    assert runs.mdpc("check", environment=strict).status == 3
    for command in ("plan", "check"):
        assert runs.mdpc(command, "--operations", "500", "--fail-on", "never", environment=strict).status == 0
    refused = runs.mdpc("plan", option, "0")
    assert (refused.status, option in refused.err) == (2, True)


def test_a_run_that_is_narrowed_begins_with_what_it_is_about(sandbox: Sandbox, tmp_path: Path) -> None:
    runs, resume = acme(sandbox, tmp_path), tmp_path / "resume.json"
    most = "28" if sandbox.jira.cloud else "50"
    bounded = ("--operations", most, "--resume", str(resume))
    for team in TEAMS[::3]:
        assert runs.mdpc("sync", *bounded, "--only", f"github:acme/{team}#1").status in (0, 3)
        titles = {str(each.title) for each in sandbox.github.repository(f"acme/{team}").issues.values()}
        assert titles == {"Milestone: v1"}, f"{team} was not come to"
    assert not resume.exists(), "it began where it liked, and says nothing of where others ended"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "mdpc/resume/2", "first": 1}', '{"first": -1}', "\udc80"])
def test_a_file_that_says_nothing_is_told_and_the_run_begins_anywhere(tmp_path: Path, text: str) -> None:
    resume = tmp_path / "resume.json"
    resume.write_bytes(text.encode("utf-8", "surrogatepass"))
    with Sandbox(SEED) as running:
        said = acme(running, tmp_path).mdpc("plan", "--operations", "500", "--resume", str(resume))
    assert said.status == 0
    assert "does not say where the last run ended: this one begins anywhere" in " ".join(said.err.split())
    assert not resume.exists()


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Sandbox(SEED) as running:
        resume = tmp_path / "file" / "resume.json"
        said = acme(running, tmp_path).mdpc("plan", "--operations", "12", "--resume", str(resume))
    assert said.status == 3
    assert "cannot be written (" in " ".join(said.err.split())


def test_the_next_run_reads_on_where_the_last_one_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    runs, resume = acme(sandbox, tmp_path), tmp_path / "resume.json"
    most = 28 if sandbox.jira.cloud else 50
    seen: list[set[str]] = []
    for _ in range(6):
        said = runs.mdpc("plan", "--format", "json", "--resume", str(resume), environment=allowed(runs, most))
        assert said.status == 3
        assert said.json["stats"]["truncated"] is True
        assert said.json["stats"]["stopped"] == f"[limits] operations = {most} is used up"
        unread = {each["container"] for each in said.json["unread"]}
        seen.append({team for team in TEAMS if f"jira:P{TEAMS.index(team)}" not in unread})
    assert all(seen)
    assert set().union(*seen) == set(TEAMS)
    assert seen[0] != seen[1]
    assert json.loads(resume.read_text())["schema"] == "mdpc/resume/1"
    assert runs.mdpc("plan", "--resume", str(resume), environment=allowed(runs, 500)).status == 0
    assert not resume.exists()
