"""The GitHub Action as a workflow runs it: its own steps, in a fresh directory, against the sandbox."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import yaml
from markdown_it import MarkdownIt
from pydantic import SecretStr

from mdpc.connector import ConnectorSettings
from mdpc.settings import masking
from mdpc_sandbox.server import Sandbox
from tests.action.runner import ROOT, Runner

CONFIGURATION = """
[connectors.github]
url = "GITHUB"
repositories = ["acme/*"]
[people.bob]
github = "bob-gh"
[rules]
owner-required = "error"
[[gates]]
name = "release-review"
reviewers = ["bob"]
on_bypass = "reopen"
"""
MILESTONES = [{"title": "v1.0", "due": "2026-12-01"}, {"title": "v2.0", "due": "2027-03-01"}]
SEED: dict[str, Any] = {
    "github": {
        "repositories": [
            {"name": "acme/api", "private": True, "milestones": MILESTONES},
            {"name": "acme/web", "private": True, "milestones": [{"title": "launch"}]},
        ]
    }
}
REPOSITORY = {"full_name": "acme/api"}
WRITE = {"MDPC_CONNECTORS__GITHUB__TOKEN": "sandbox-write", "INPUT_NOW": "2026-11-23"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SEED) as running:
        yield running


def runner(sandbox: Sandbox, folder: Path, **environment: str) -> Runner:
    return Runner(folder, CONFIGURATION.replace("GITHUB", sandbox.github_url), {**WRITE, **environment})


def is_markdown(text: str) -> bool:
    """Whether a summary is Markdown with a table and no HTML but line breaks."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    html = {child.content for token in tokens for child in token.children or () if child.type == "html_inline"}
    return any(token.type == "table_open" for token in tokens) and html <= {"<br>"}


@pytest.mark.long
def test_on_schedule_it_looks_at_everything(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = runner(sandbox, tmp_path).run("schedule", {"schedule": "0 6 * * *"})
    assert ran.status == 0, ran.log
    assert set(ran.outputs) == {
        *("findings", "changes", "notices", "unread", "problems", "truncated", "plan-file", "run-file", "report-file")
    }
    assert {each["milestone"] for each in ran.outputs["findings"]} >= {"github:acme/api/1.0", "github:acme/web/launch"}
    assert ran.outputs["truncated"] is False
    assert Path(ran.outputs["plan-file"]).is_file()
    assert Path(ran.outputs["report-file"]).read_text(encoding="utf-8") == ran.summary
    assert is_markdown(ran.summary)
    assert "::add-mask::sandbox-write\n" in ran.log
    assert "::group::mdpc plan\n" in ran.log
    assert "::error title=owner-required::github%3Aacme/api/1.0" not in ran.log
    assert "::error title=owner-required::github:acme/api/1.0: nobody owns it." in ran.log
    assert not sandbox.log.writes()


@pytest.mark.long
def test_on_a_milestone_it_looks_at_that_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    event = {"action": "edited", "repository": REPOSITORY, "milestone": {"number": 2, "title": "$(touch x)"}}
    ran = runner(sandbox, tmp_path).run("milestone", event, command="check")
    assert ran.status == 1
    assert {each["milestone"] for each in ran.outputs["findings"]} == {"github:acme/api/2.0"}
    assert not list((tmp_path / "workspace").glob("x"))


@pytest.mark.long
def test_an_approval_by_comment_is_answered_within_one_run(sandbox: Sandbox, tmp_path: Path) -> None:
    acme = runner(sandbox, tmp_path)
    assert acme.run("schedule", {}, command="sync").status == 0
    repository = sandbox.github.repository("acme/api")
    issue = next(each for each in repository.issues.values() if each.title == "Milestone: v1.0")
    sandbox.github.add_comment(issue, "mallory", "/approve release-review")
    event = {
        "action": "created",
        "repository": REPOSITORY,
        "issue": {"number": issue.number, "body": issue.body, "milestone": None},
        "comment": {"body": "/approve release-review; rm -rf /"},
    }
    ran = acme.run("issue_comment", event, command="sync")
    assert ran.status == 0, ran.log
    assert "you are not among the reviewers of release-review" in issue.comments[-1].body
    assert {each["ref"] for each in ran.outputs["changes"]} == {f"github:acme/api#issue-{issue.number}"}
    sandbox.github.add_comment(issue, "bob-gh", "/approve release-review")
    acme.run("issue_comment", event, command="sync")
    assert "approved by `bob-gh`" in str(issue.body)


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("issues", {"action": "opened", "repository": REPOSITORY, "issue": {"number": 99, "milestone": None}}),
        (
            "issue_comment",
            {"repository": REPOSITORY, "issue": {"number": 1, "pull_request": {}, "milestone": {"number": 1}}},
        ),
        ("issues", {"repository": REPOSITORY, "issue": {"number": 7, "body": "mdpc:issue m000000000000"}}),
        ("milestone", {"repository": {"full_name": "acme/unheard-of"}, "milestone": {"number": 1}}),
    ],
)
def test_what_is_about_no_milestone_of_ours_costs_nothing_and_fails_nothing(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: str, payload: object
) -> None:
    ran = runner(sandbox, tmp_path).call(monkeypatch, event, payload, command="sync")
    assert ran.status == 0, ran.log
    assert ran.outputs["changes"] == ran.outputs["findings"] == []
    assert not sandbox.log.writes()


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ({"command": "sync; rm"}, "the input command is 'sync; rm': write plan, sync, check, digest, doctor or send"),
        ({"dry_run": "maybe"}, "the input dry-run is 'maybe': write true or false"),
        ({"shard": "3/2; rm"}, "the input shard is wrong: '3/2; rm' is no shard: write I/N"),
        ({"command": "send"}, "there is no saved run: name the files"),
        ({"command": "send", "runs": "nothing.json"}, "nothing.json cannot be read"),
        ({"command": "send", "runs": "mdpc.toml"}, "mdpc.toml: this is no saved run"),
        ({"command": "send", "dry_run": "true"}, "a dry run leaves nothing to send"),
        ({"operations_per_run": "0"}, "the input operations-per-run is '0': write a whole number from 1 on"),
        ({"minutes": "1.5; rm"}, "the input minutes is '1.5; rm': write a whole number from 1 on, or nothing"),
        ({"fail_on": "always"}, "the input fail-on is 'always': write error, warn or never"),
        ({"command": "doctor", "only": "v1.0"}, "the input only is none of doctor: leave it out"),
        ({"command": "digest", "fail_on": "warn"}, "the input fail-on is none of digest: leave it out"),
        ({"command": "digest"}, "no digest is configured"),
        ({"config": "none.toml"}, "there is no such file"),
        ({"only": "nothing such"}, "nothing that was read is called 'nothing such'"),
    ],
)
def test_a_wrong_input_is_said(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inputs: dict[str, str], complaint: str
) -> None:
    ran = runner(sandbox, tmp_path).call(monkeypatch, "schedule", {}, **inputs)
    assert ran.status == 2
    (annotation,) = (line for line in ran.log.splitlines() if line.startswith("::error"))
    assert complaint in annotation
    assert not sandbox.log.writes()


def test_a_dry_run_writes_nothing_and_is_a_plan(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = runner(sandbox, tmp_path).call(monkeypatch, "workflow_dispatch", {}, command="sync", dry_run="true")
    assert ran.status == 0
    assert ran.outputs["changes"]
    assert not sandbox.log.writes()


@pytest.mark.parametrize("command", ["sync", "plan", "check"])
def test_a_run_that_may_use_too_little_says_what_is_left_and_keeps_where_it_ended(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    acme = runner(sandbox, tmp_path)
    ran = acme.call(monkeypatch, "schedule", {}, command=command, operations_per_run="2")
    assert (ran.status, ran.outputs["truncated"]) == (3, True)
    assert ran.outputs["unread"]
    assert "The run stopped early: \\[limits\\] operations = 2 is used up, before" in ran.summary
    kept = tmp_path / "temp" / "mdpc-resume" / f"{command}.json"
    assert kept.is_file()
    ran = acme.call(
        monkeypatch, "schedule", {}, command=command, operations_per_run="200", minutes="5", fail_on="never"
    )
    assert (ran.status, ran.outputs["truncated"]) == (0, False)
    assert not kept.exists()
    assert kept.parent.is_dir(), "the cache keeps that there is nothing to go on with"


def test_where_a_run_ended_is_kept_although_its_step_fails() -> None:
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    places = [
        (index, each) for index, each in enumerate(steps) if "mdpc-resume" in each.get("with", {}).get("path", "")
    ]
    (before, restoring), (after, saving) = places
    (runs,) = (index for index, each in enumerate(steps) if each.get("id") == "mdpc")
    assert before < runs < after
    assert "actions/cache/restore@" in restoring["uses"]
    assert "actions/cache/save@" in saving["uses"]
    assert saving["if"] == f"always() && ({restoring['if']})"
    assert {name: restoring["with"][name] for name in saving["with"]} == saving["with"]
    assert restoring["with"]["key"].startswith(restoring["with"]["restore-keys"])


# ── The other commands ────────────────────────────────────────────────────────────────────────────

DIGEST = """
[digest]
every = "daily"
to = ["@bob-gh"]
[writeback]
dashboard = true
[channels.team]
type = "apprise"
"""
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\n==\n-----END PRIVATE KEY-----\n"


def test_a_digest_is_shown_by_a_dry_run_and_sent_by_any_other(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = runner(sandbox, tmp_path, MDPC_CHANNELS__TEAM__URL="json://127.0.0.1:9")
    acme.configuration += DIGEST
    acme.call(monkeypatch, "schedule", {}, command="sync")
    written = len(sandbox.log.writes())
    event = {"repository": REPOSITORY, "milestone": {"number": 2}}
    shown = acme.call(monkeypatch, "milestone", event, command="digest", dry_run="true")
    assert shown.status == 0, shown.log
    assert len(sandbox.log.writes()) == written
    assert "2 digests for 2026-11-23." in shown.log
    assert "### the digest of github:acme/api for 2026-11-23" in shown.summary
    assert Path(shown.outputs["report-file"]).read_text(encoding="utf-8") == shown.summary
    assert [each["outcome"] for each in shown.outputs["changes"] if each["field"] == "comment"] == [None, None]
    sent = acme.call(monkeypatch, "schedule", {}, command="digest")
    assert sent.status == 0, sent.log
    assert [each["outcome"] for each in sent.outputs["changes"] if each["field"] == "comment"] == ["done", "done"]
    again = acme.call(monkeypatch, "schedule", {}, command="digest")
    assert (again.status, again.outputs["changes"]) == (0, [])
    assert "No digest is due." in again.log


def test_doctor_says_what_is_missing(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fine = runner(sandbox, tmp_path).call(monkeypatch, "schedule", {}, command="doctor")
    assert fine.status == 0, fine.log
    assert "All is well with github." in fine.summary
    assert not any(line.startswith(("::error", "::warning")) for line in fine.log.splitlines())
    acme = runner(sandbox, tmp_path, MDPC_CONNECTORS__GITHUB__TOKEN="sandbox-read")
    ran = acme.call(monkeypatch, "schedule", {}, command="doctor")
    assert ran.status == 3
    assert {each["level"] for each in ran.outputs["problems"]} >= {"error"}
    annotation = next(line for line in ran.log.splitlines() if line.startswith("::error title=doctor::"))
    assert "github:acme/api" in annotation
    assert "Role Write is missing" in annotation
    assert is_markdown(ran.summary)
    assert ran.outputs["findings"] == ran.outputs["changes"] == []
    assert not sandbox.log.writes()


@pytest.mark.parametrize("config", ["mdpc.toml", "none.toml"])
def test_every_secret_is_masked_first_line_by_line(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str
) -> None:
    secrets = {
        "MDPC_CONNECTORS__GITHUB__PRIVATE_KEY": KEY.replace("\n", "\\n"),
        "MDPC_CONNECTORS__ACME_JIRA__TOKEN": "of-a-jira",
        "MDPC_CHANNELS__MAIL__USER": "milestones",
        "MDPC_CHANNELS__MAIL__PASSWORD": "correct horse",
        "MDPC_CHANNELS__BOARD__SECRET": "whsec_x\r\n",
        "MDPC_CHANNELS": '{"team": {"type": "apprise", "url": "slack://a/b"}}',
        "MDPC_CHANNELS__OTHER__PASSWORD": "abc",
        "MDPC_CHANNELS__EMPTY__SECRET": "",
        "MDPC_CONNECTORS__GITHUB__APP_ID": "123456",
        "MDPC_TIMEZONE": "Europe/Berlin",
        "MDPC_WRITEBACK__HEARTBEAT_URL": "https://alarm.example/ping/me",
        "MDPC_WRITEBACK__ISSUE": "never",
    }
    ran = runner(sandbox, tmp_path, **secrets).call(monkeypatch, "schedule", {}, config=config)
    assert ran.status == 2
    lines = ran.log.splitlines()
    masks = [line.removeprefix("::add-mask::") for line in lines if line.startswith("::add-mask::")]
    assert lines[: len(masks)] == [f"::add-mask::{each}" for each in masks]
    keys = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "MIIEvQIBADANBg", "kqhkiG9w0BAQ"]
    expected = [*keys, "of-a-jira", "milestones", "correct horse", "whsec_x", "slack://a/b", "sandbox-write"]
    expected.append("https://alarm.example/ping/me")
    assert sorted(masks) == sorted(expected)


def test_a_third_partys_secret_is_masked_by_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    class Settings(ConnectorSettings):
        passphrase: SecretStr | None = None
        colour: str = ""
        env_fallback: ClassVar[Mapping[str, str]] = {"passphrase": "THEIR_PASSPHRASE"}

    theirs = SimpleNamespace(Settings=Settings)
    monkeypatch.setattr(masking, "connector_types", lambda: ("theirs", "broken"))
    monkeypatch.setattr(masking, "connector_class", {"theirs": theirs}.__getitem__)
    environ = {
        "MDPC_CONNECTORS__A__PASSPHRASE": "open sesame",
        "THEIR_PASSPHRASE": "sesame",
        "MDPC_CONNECTORS__A__COLOUR": "green",
        "MDPC_CONNECTORS__A": '{"passphrase": "in a table", "colour": "blue"}',
    }
    assert masking.secrets_in(environ) == ("open sesame", "in a table", "sesame")


def test_jobs_share_a_run_and_a_last_one_reports_it_as_one(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = runner(sandbox, tmp_path)
    runs = tmp_path / "workspace" / "runs"
    told: list[str] = []
    for number in (1, 2, 3):
        ran = acme.call(monkeypatch, "schedule", {}, command="sync", shard=f"{number}/3")
        assert (ran.status, ran.outputs["plan-file"]) == (0, ""), ran.log
        kept = Path(ran.outputs["run-file"])
        assert kept.name == f"mdpc-run-{number}-of-3.json"
        runs.mkdir(exist_ok=True)
        kept.rename(runs / kept.name)
        told += [each["milestone"] for each in ran.outputs["findings"]]
    last = acme.call(monkeypatch, "schedule", {}, command="send", runs="runs\n")
    assert (last.status, last.outputs["run-file"]) == (0, ""), last.log
    assert sorted(each["milestone"] for each in last.outputs["findings"]) == sorted(told)
    assert "::group::mdpc send\n" in last.log
    assert is_markdown(last.summary)
    assert acme.call(monkeypatch, "schedule", {}, command="plan").outputs["changes"] == []
    next(iter(sorted(runs.iterdir()))).unlink()
    part = acme.call(monkeypatch, "schedule", {}, command="send", runs="runs")
    assert part.status == 3
    assert "Shard 1/3 is missing" in part.summary
    assert "::error title=missing::shard 1/3: there is no result of it" in part.log


HOSTILE = [
    "::error::x",
    "##[add-mask]x",
    "$(touch x)",
    "`touch x`",
    '"; touch x; "',
    "@everyone <!channel>",
    "x" * 300_000,
    "\u202eright to left\u2066",
    "a\r\n::stop-commands::token",
    "| a | b |\n[click](javascript:alert(1)) <img src=x onerror=alert(1)>",
]


@pytest.mark.long
def test_hostile_titles_do_nothing(tmp_path: Path) -> None:
    milestones = [{"title": title} for title in HOSTILE]
    seed = {"github": {"repositories": [{"name": "acme/api", "milestones": milestones}]}}
    with Sandbox(seed) as hostile:
        ran = runner(hostile, tmp_path).run("schedule", {}, fail_on="never")
    assert ran.status == 0, ran.log[-2000:]
    known = ("::add-mask::", "::group::", "::endgroup::", "::error title=", "::warning title=")
    for line in ran.log.splitlines():
        assert not line.lstrip().startswith("::") or line.startswith(known), line[:200]
        assert "##[" not in line
    assert sum(line.startswith("::error") for line in ran.log.splitlines()) <= 10
    assert len(ran.summary.encode()) < 1024 * 1024
    assert is_markdown(ran.summary)
    assert not {"\u202e", "\u2066"} & set(ran.summary + ran.log)
    assert "@everyone" not in ran.summary
    assert len({each["milestone"] for each in ran.outputs["findings"]}) == len(HOSTILE) - 1  # but for the longest
    assert not list((tmp_path / "workspace").glob("x"))


# ── The workflows themselves ──────────────────────────────────────────────────────────────────────


def test_no_input_reaches_a_shell() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert len(step["uses"].partition("@")[2]) == 40, "an action is named by its commit"
    assert all("description" in each for each in (*action["inputs"].values(), *action["outputs"].values()))


def workflows() -> list[str]:
    return [str(path) for folder in (".github/workflows", "docs/workflows") for path in (ROOT / folder).glob("*.yml")]


@pytest.mark.long
def test_every_workflow_passes_actionlint_and_zizmor() -> None:
    tools = Path(sys.executable).parent
    assert workflows()
    commands: tuple[list[str | Path], ...] = (
        [tools / "actionlint", *workflows()],
        [tools / "zizmor", "--offline", "--quiet", "--persona", "pedantic", *workflows(), str(ROOT / "action.yml")],
    )
    for command in commands:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr


def test_an_event_that_cannot_be_read_is_said(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = runner(sandbox, tmp_path).call(monkeypatch, "milestone", ["no object"], command="plan")
    assert ran.status == 0
    assert "::warning title=mdpc::the event cannot be read, so the run is about everything" in ran.log


def test_what_cannot_be_written_for_the_runner_is_said_and_takes_nothing_back(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = runner(sandbox, tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path / "none" / "summary"))
    ran = acme.call(monkeypatch, "schedule", {}, command="plan")
    assert ran.status == 0
    assert ran.outputs["truncated"] is False
    assert (
        "::warning title=mdpc::the file of GITHUB_STEP_SUMMARY cannot be written (No such file or directory)" in ran.log
    )
