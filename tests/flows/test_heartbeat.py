"""The heartbeat: called once after each sync that did everything, and never else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mdpc_sandbox.server import Sandbox
from tests.action.runner import Runner
from tests.channels.receivers import web
from tests.flows.rehearsal import WRITE, Rehearsal

CONFIGURATION = """
[connectors.github]
url = "{github}"
repositories = ["acme/*"]
[rules]
owner-required = "error"
"""
SEED = {"github": {"repositories": [{"name": "acme/api", "milestones": [{"title": "v1.0", "due": "2026-12-01"}]}]}}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SEED) as running:
        yield running


def acme(sandbox: Sandbox, folder: Path, url: str) -> Rehearsal:
    environment = {**WRITE, "MDPC_WRITEBACK__HEARTBEAT_URL": url}
    return Rehearsal(sandbox, folder, CONFIGURATION, environment, now="2026-11-23")


def test_it_beats_once_after_each_sync_that_did_everything(sandbox: Sandbox, tmp_path: Path) -> None:
    with web() as alarm:
        runs = acme(sandbox, tmp_path, f"{alarm.url}/ping/secret")
        assert runs.mdpc("sync").status == 0
        assert [(each.method, each.path) for each in alarm.received] == [("GET", "/ping/secret")]
        assert runs.mdpc("sync", "--fail-on", "error").status == 1
        assert len(alarm.received) == 2


def test_what_writes_nothing_or_not_everything_beats_not(sandbox: Sandbox, tmp_path: Path) -> None:
    with web() as alarm:
        runs = acme(sandbox, tmp_path, f"{alarm.url}/ping")
        for command in ("plan", "check", "doctor", "check-config"):
            runs.mdpc(command)
        assert runs.mdpc("sync", "--only", "github:acme/api").status == 0
        refused = {**runs.environment, "MDPC_LIMITS__ADOPT": "0"}
        sandbox.github.create_milestone(sandbox.github.repository("acme/api"), "bob", "v2.0")
        assert runs.mdpc("sync", environment=refused).status == 4
        sandbox.faults.add("*", status=403)
        assert runs.mdpc("sync").status == 3
        assert alarm.received == []


def test_one_that_is_not_heard_is_told_without_its_address_and_changes_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with web() as alarm:
        alarm.status = 404
        said = acme(sandbox, tmp_path, f"{alarm.url}/ping/secret").mdpc("sync")
        assert said.status == 0
        assert "[writeback] heartbeat_url was called in vain: the answer was 404" in said.err
        assert "secret" not in said.err + said.out


def test_doctor_says_whether_there_is_one_and_neither_calls_nor_shows_it(sandbox: Sandbox, tmp_path: Path) -> None:
    with web() as alarm:
        runs = acme(sandbox, tmp_path, f"{alarm.url}/ping/secret")
        for form in ("text", "json", "markdown"):
            there = runs.mdpc("doctor", "--format", form)
            assert "is set: it is called after each sync that did everything" in " ".join(there.out.split())
            assert (there.status, "secret" in there.out + there.err) == (0, False)
        assert alarm.received == []
    without = runs.mdpc("doctor", "--format", "json", environment=WRITE)
    (told,) = [each for each in without.json["problems"] if each["where"] == "writeback.heartbeat_url"]
    assert (without.status, told["level"]) == (0, "info")
    assert told["what"].startswith("is not set: nobody is told when mdpc no longer runs")


def test_an_address_that_no_name_service_takes_changes_nothing_either(sandbox: Sandbox, tmp_path: Path) -> None:
    said = acme(sandbox, tmp_path, f"https://{'secret' * 12}.example/ping").mdpc("sync")
    assert said.status == 0
    assert "[writeback] heartbeat_url was called in vain: " in said.err
    assert "secret" not in said.err + said.out


@pytest.mark.parametrize("url", ["http://hc.example/secret", "secret", "ftp://127.0.0.1/secret"])
def test_an_address_that_others_could_read_is_a_mistake(sandbox: Sandbox, tmp_path: Path, url: str) -> None:
    said = acme(sandbox, tmp_path, url).mdpc("check-config")
    assert said.status == 2
    assert "MDPC_WRITEBACK__HEARTBEAT_URL" in said.out + said.err
    assert 'Write one that begins with "https://"' in " ".join((said.out + said.err).split())
    assert "secret" not in said.out + said.err


def test_in_a_workflow_an_event_beats_not_and_a_schedule_does(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web() as alarm:
        environment = {**WRITE, "MDPC_WRITEBACK__HEARTBEAT_URL": alarm.url, "INPUT_NOW": "2026-11-23"}
        configuration = CONFIGURATION.replace("{github}", sandbox.github_url)
        action = Runner(tmp_path, configuration, environment)
        event = {"repository": {"full_name": "acme/api"}, "issue": {"number": 99, "milestone": None}}
        assert action.call(monkeypatch, "issues", event, command="sync").status == 0
        assert alarm.received == []
        assert action.call(monkeypatch, "schedule", {}, command="sync").status == 0
        assert len(alarm.received) == 1
