"""What the flows share: a sandbox, a configuration that points at it, and mdpc as people type it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from mdpc.cli import app
from mdpc_sandbox.server import Sandbox

SHARED = Path(__file__).parents[3] / "shared"
WRITE = {
    "MDPC_CONNECTORS__GITHUB__TOKEN": "sandbox-write",
    "MDPC_CONNECTORS__JIRA__USER": "mdpc-bot@example.com",
    "MDPC_CONNECTORS__JIRA__TOKEN": "sandbox-write",
}
READ = {
    "MDPC_CONNECTORS__GITHUB__TOKEN": "sandbox-read",
    "MDPC_CONNECTORS__JIRA__USER": "mdpc-reader@example.com",
    "MDPC_CONNECTORS__JIRA__TOKEN": "sandbox-read",
}


@dataclass(frozen=True)
class Said:
    """What a command said, and how it left."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The result of `--format json`."""
        result: dict[str, Any] = json.loads(self.out)
        return result

    def outcomes(self) -> Counter[str | None]:
        """How many changes came to what."""
        return Counter(change["outcome"] for change in self.json["changes"])


@dataclass
class Rehearsal:
    """mdpc in a folder of its own, configured for a sandbox: `{github}` and `{jira}` stand for its addresses."""

    sandbox: Sandbox
    folder: Path
    configuration: str
    environment: Mapping[str, str] = field(default_factory=lambda: dict(WRITE))
    now: str | None = None

    def mdpc(self, command: str, *options: str, environment: Mapping[str, str] | None = None) -> Said:
        """Run `mdpc COMMAND --config ... [--now ...] OPTIONS`."""
        path = self.folder / "mdpc.toml"
        text = self.configuration.replace("{github}", self.sandbox.github_url).replace("{jira}", self.sandbox.jira_url)
        path.write_text(text, encoding="utf-8")
        timed = ["--now", self.now] if self.now and command in ("plan", "sync", "check", "explain") else []
        return typed(command, "--config", str(path), *timed, *options, environment=environment or self.environment)

    def json(self, command: str, *options: str) -> Said:
        """The same with `--format json`."""
        return self.mdpc(command, "--format", "json", *options)


def typed(*arguments: str, environment: Mapping[str, str] | None = None) -> Said:
    """Run mdpc with exactly these arguments."""
    nothing = dict.fromkeys((*WRITE, "GITHUB_TOKEN"), None)
    result = CliRunner().invoke(app, arguments, env={**nothing, "COLUMNS": "80", **(environment or {})})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)
