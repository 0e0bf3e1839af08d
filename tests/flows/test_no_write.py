"""What only looks sends no write: by the request log, and with tokens that could not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mdpc_sandbox.demo import TRACKERS
from mdpc_sandbox.seed import read_seed
from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import READ, WRITE, Rehearsal, typed

CONFIGURATION = """
[connectors.github]
url = "{github}"
repositories = ["acme/*"]
[connectors.jira]
url = "{jira}"
deployment = "cloud"
projects = ["*"]
[rules]
stale = "warn"
"""


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with Sandbox(read_seed(TRACKERS)) as sandbox:
        yield Rehearsal(sandbox, tmp_path, CONFIGURATION, now="2026-11-23")


@pytest.mark.parametrize("tokens", [WRITE, READ], ids=["write", "read-only"])
@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["plan"], 0),
        (["check", "--fail-on", "warn"], 1),
        (["explain", "github:acme/api#1"], 0),
        (["explain", "overdue"], 0),
        (["doctor"], None),
        (["check-config"], 0),
    ],
)
def test_looking_sends_no_write(
    rehearsal: Rehearsal, tokens: dict[str, str], command: list[str], status: int | None
) -> None:
    said = rehearsal.mdpc(*command, environment=tokens)
    assert status in (None, said.status)
    assert rehearsal.sandbox.log.writes() == ()


def test_the_log_would_show_a_write(rehearsal: Rehearsal) -> None:
    assert rehearsal.mdpc("sync").status == 0
    assert len(rehearsal.sandbox.log.writes()) == 12


def test_doctor_says_that_a_read_only_token_is_not_enough(rehearsal: Rehearsal) -> None:
    said = rehearsal.mdpc("doctor", environment=READ)
    assert said.status == 3
    assert "jira:API" in said.out
    assert "Administer Projects" in said.out
    assert rehearsal.mdpc("doctor").status == 0


def test_a_read_only_token_is_told_for_each_change_and_loses_nothing(rehearsal: Rehearsal) -> None:
    said = rehearsal.mdpc("sync", "--format", "json", environment=READ)
    assert said.status == 3
    assert said.outcomes() == {"failed": 10, "withheld": 2}
    assert all(change["answer"] for change in said.json["changes"])
    assert rehearsal.json("plan").outcomes() == {None: 12}


def test_reading_is_all_that_a_plan_without_a_configuration_does(rehearsal: Rehearsal) -> None:
    environment = {**WRITE, "MDPC_CONNECTORS__GITHUB__URL": rehearsal.sandbox.github_url}
    said = typed("plan", "--repo", "acme/api", "--now", "2026-11-23", environment=environment)
    assert said.status == 0
    assert "github:acme/api#1" in said.out
    assert "Without a configuration mdpc only reads." in said.out
    assert rehearsal.sandbox.log.writes() == ()
