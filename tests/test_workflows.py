"""The workflows that the page on unattended runs shows: what they may, and that their own steps do it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE

ROOT = Path(__file__).parent.parent
WORKFLOWS = {path.stem: path.read_text(encoding="utf-8") for path in ROOT.glob("docs/workflows/*.yml")}
CONFIGURATION = '[connectors.github]\nurl = "{github}"\nrepositories = ["acme/*"]\n'
HOSTILE = '::error::x ##[add-mask]x $(touch x) `touch x` "; touch x #'
SEED = {
    "github": {
        "repositories": [
            {"name": "acme/api", "milestones": [{"title": HOSTILE, "due": "2026-12-01"}, {"title": "v2.0"}]}
        ]
    }
}


def steps(text: str) -> list[str]:
    """What a workflow's steps run, but for installing."""
    return re.findall(r"^        run: ([^|\n].*)$", text, re.MULTILINE)


def test_there_are_some() -> None:
    assert set(WORKFLOWS) == {"one-repository", "organisation", "reusable"}


@pytest.mark.parametrize("text", WORKFLOWS.values(), ids=list(WORKFLOWS))
def test_a_workflow_may_as_little_as_it_needs(text: str) -> None:
    assert "\npermissions: {}\n" in text
    assert "cancel-in-progress: false" in text
    assert set(re.findall(r"^      (\w[\w-]*): (?:read|write)\b", text, re.MULTILINE)) <= {"contents", "issues"}
    assert "contents: write" not in text


@pytest.mark.parametrize("text", WORKFLOWS.values(), ids=list(WORKFLOWS))
def test_nothing_of_an_event_reaches_a_shell_and_actions_are_named_by_their_commit(text: str) -> None:
    scripts = re.findall(r"^        run: (?:\|\n((?:          .*\n)+)|(.+)\n)", text, re.MULTILINE)
    assert len(scripts) == 3
    assert not any("${{" in script for several in scripts for script in several)
    uses = re.findall(r"^      - uses: \S+@(\S+)", text, re.MULTILINE)
    assert len(uses) == 3
    assert all(re.fullmatch("[0-9a-f]{40}", each) for each in uses)


@pytest.mark.parametrize("text", WORKFLOWS.values(), ids=list(WORKFLOWS))
def test_its_steps_write_the_status_and_a_summary(text: str, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    with Sandbox(SEED) as sandbox:
        (tmp_path / "mdpc.toml").write_text(CONFIGURATION.format(github=sandbox.github_url), encoding="utf-8")
        for script in steps(text):
            ran = subprocess.run(
                ["bash", "-e", "-c", script],
                cwd=tmp_path,
                env={
                    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                    "GITHUB_STEP_SUMMARY": str(summary),
                    **WRITE,
                },
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert ran.returncode == 0, ran.stderr
            assert not re.search(r"^\s*::|##\w*\[", ran.stdout, re.MULTILINE)
        assert sandbox.log.writes()
    told = summary.read_text(encoding="utf-8")
    assert told.startswith("### 2 open milestones")
    assert len(told.encode()) < 1024 * 1024
    assert not re.search(r"^\s*::|##\w*\[", told, re.MULTILINE)
    assert {path.name for path in tmp_path.iterdir()} == {"mdpc.toml", "mdpc.md", "summary.md"}
