"""mdpc as it is typed, on connectors that live in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mdpc import run
from mdpc.cli import app
from mdpc.connector import Connector
from mdpc.model import Record
from mdpc.settings import Settings
from tests.core.build import record
from tests.core.test_run import InMemory

CONFIG = """
timezone = "Europe/Berlin"
[connectors.github]
repositories = ["acme/*"]
[connectors.jira]
url = "https://jira.example"
projects = ["API"]
"""

RECORDS = (
    record("github:acme/api#1", "v1.0", due="2026-11-02", description="What we want\n\nOwner: @bob"),
    record("github:acme/api#2", "v1.1", due="2027-03-01"),
    record("jira:API#10010", "v2.0"),
)


class Typed:
    """A folder with a configuration, connectors in memory, and mdpc to be called there."""

    def __init__(self, connectors: Mapping[str, InMemory]) -> None:
        self.connectors = dict(connectors)
        self.seen: list[Settings] = []

    def connect(self, settings: Settings) -> dict[str, Connector]:
        """What `run.connect` does, without the trackers."""
        self.seen.append(settings)
        return {name: self.connectors[name] for name in settings.connectors}

    def __call__(self, *words: str, answer: str | None = None) -> Result:
        """Call mdpc; the result has exit_code, stdout and stderr."""
        return CliRunner().invoke(app, list(words), input=answer)

    @property
    def writes(self) -> int:
        """How many changes reached a connector."""
        return sum(len(connector.applied) for connector in self.connectors.values())


def in_memory(records: Sequence[Record] = RECORDS) -> dict[str, InMemory]:
    """A connector for GitHub and one for Jira."""
    return {name: InMemory(name, records) for name in ("github", "jira")}


@pytest.fixture
def mdpc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """mdpc in a folder with `mdpc.toml`, and nothing of mdpc in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "COLUMNS", "GITHUB_TOKEN", "MDPC_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    Path("mdpc.toml").write_text(CONFIG, encoding="utf-8")
    typed = Typed(in_memory())
    monkeypatch.setattr(run, "connect", typed.connect)
    return typed
