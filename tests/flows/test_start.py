"""The configurations that the project hands out work as they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, typed

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
NAMES = ["api", "auth", "billing", "cli", "core", "docs", "engine", "grid", "import", "jobs"]
NAMES += ["mobile", "sdk", "search", "ui", "web", "web-site"]
DUE = {"title": "v1.0", "due": "2026-12-01"}


def seed(deployment: str) -> dict[str, Any]:
    return {
        "github": {"repositories": [{"name": f"acme/{name}", "milestones": [DUE]} for name in NAMES]},
        "jira": {
            "deployment": deployment,
            "projects": [
                {"key": key, "name": key, "versions": [{"name": "1.0", "releaseDate": "2026-12-01"}]}
                for key in ("API", "WEB", "ENG")
            ],
        },
    }


def environment(sandbox: Sandbox, *, jira: bool) -> dict[str, str]:
    """Tokens as people set them, and the sandbox's addresses in place of the ones in the file."""
    found = {"GITHUB_TOKEN": "sandbox-write", "MDPC_CONNECTORS__GITHUB__URL": sandbox.github_url}
    if jira:
        found |= {"MDPC_CONNECTORS__JIRA__URL": sandbox.jira_url, "MDPC_CONNECTORS__JIRA__TOKEN": "sandbox-write"}
        if sandbox.jira.cloud:
            found["MDPC_CONNECTORS__JIRA__USER"] = WRITE["MDPC_CONNECTORS__JIRA__USER"]
    return found


@pytest.mark.parametrize(
    ("path", "deployment", "milestones", "written"),
    [
        (ROOT / "config.minimal.toml", "cloud", 16, 0),
        (EXAMPLES / "cloud.toml", "cloud", 15, 23),
        (EXAMPLES / "github-only.toml", "cloud", 1, 8),
        (EXAMPLES / "data-center.toml", "10.3", 1, 12),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else str(value),
)
def test_a_configuration_of_ten_lines_or_less_does_the_job(
    path: Path, deployment: str, milestones: int, written: int
) -> None:
    with Sandbox(seed(deployment)) as sandbox:
        run_twice(sandbox, path, milestones, written)


def run_twice(sandbox: Sandbox, path: Path, milestones: int, written: int) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 10
    variables = environment(sandbox, jira="[connectors.jira]" in lines)
    options = ["--config", str(path), "--format", "json", "--now", "2026-11-23"]
    planned = typed("plan", *options, environment=variables)
    assert (planned.status, planned.err) == (0, "")
    assert len(planned.json["milestones"]) == milestones
    synced = typed("sync", *options, environment=variables)
    assert synced.status == 0
    assert synced.outcomes() == ({"done": written} if written else {})
    assert typed("plan", *options, environment=variables).json["changes"] == []


def test_the_example_of_the_whole_format_is_valid() -> None:
    said = typed("check-config", "--config", str(ROOT / "config.example.toml"))
    assert (said.status, said.err) == (0, "")
