"""Every command of the README and of the pages to start with is run, in order and in a fresh folder, as people would.

mdpc runs in this process, against the sandbox: the addresses of the pages are laid over by the environment. Other
commands run in a shell. What cannot run here is run by CI, in the very words of the page; nothing else is left out.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
import yaml

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Said, typed
from tests.shown import is_command, missing, plain, shown

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", *sorted(f"docs/start/{path.name}" for path in (ROOT / "docs" / "start").glob("*.md"))]
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
JOBS: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]

HERE = {".", "cat", "cp", "mkdir", "source"}
"""Programs that a shell may run here: they do no more than their words say."""

IN_CI = {"pip": "demo", "python3": "demo", "docker": "container", "bash": "check"}
"""Programs that cannot run within the tests, and the job of CI that runs their commands."""

SUMMED_UP = re.compile(r"Required test coverage of [\d.]+% reached\. Total coverage: [\d.]+%$|=+ \d+ passed in .* =+$")
"""What pytest says at the end of `bash scripts/check`, whose figures are those of some run of CI's."""

FILLED = {
    "OWNER/NAME": "acme/api",
    "PROGRAM": "platform",
    "COMMAND": "plan",
    "KEY": "v2.0",
    "RULE": "overdue",
    "DATE": "2026-12-24",
    "FILE": "baseline.json",
    "--adopt N": "--adopt 30",
    "mdpc sandbox --demo": "mdpc sandbox --demo --port 0",
    "github_pat_...": "sandbox-write",
    "12345": "1",
    "jira-token": WRITE["MDPC_CONNECTORS__JIRA__TOKEN"],
    "mdpc@acme.example": WRITE["MDPC_CONNECTORS__JIRA__USER"],
}
"""What people put in place of the words in capitals, and of the secrets."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    seed = tomllib.loads((ROOT / "connectors/mdpc_sandbox/demo/trackers.toml").read_text(encoding="utf-8"))
    seed["github"]["teams"] = [{"name": "acme/leads", "members": ["carol-gh"]}]
    with Sandbox(seed) as running:
        yield running


@dataclass
class Reader:
    """Somebody who follows a page: a folder of theirs, their shell's variables, and what was said so far."""

    sandbox: Sandbox
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def type(self, command: str) -> None:
        """Run a command and remember what it said since the last configuration."""
        for word, value in FILLED.items():
            command = re.sub(rf"(?<![\w/]){re.escape(word)}(?![\w])", value, command)
        inner = of_mdpc(command)
        if inner is not None:
            answer = self.mdpc(inner)
            assert answer.status == 0, f"{command}: {answer.status}\n{answer.out}{answer.err}"
            self.said += answer.out + answer.err
        elif first_word(command) == "export":
            name = command.removeprefix("export ").partition("=")[0]
            self.variables[name] = in_shell(f'{command}; printf %s "${name}"')
        elif first_word(command) not in IN_CI:
            assert first_word(command) in HERE, f"nobody runs {command}"
            self.said += in_shell(command)

    def mdpc(self, arguments: list[str]) -> Said:
        """Run mdpc with the page's variables, and the sandbox's addresses in place of the page's."""
        here = {
            "MDPC_CONNECTORS__GITHUB__URL": self.sandbox.github_url,
            "MDPC_CONNECTORS__JIRA__URL": self.sandbox.jira_url,
        }
        answer = typed(*arguments, environment={**here, **self.variables})
        return Said(answer.status, self._public(answer.out), self._public(answer.err))

    def _public(self, text: str) -> str:
        github = self.sandbox.github_url.removesuffix("/api/v3")
        return text.replace(github, "https://github.com").replace(self.sandbox.jira_url, "https://acme.atlassian.net")


def first_word(command: str) -> str:
    """Which program a command runs."""
    return command.split(maxsplit=1)[0]


def in_shell(command: str) -> str:
    """What a command says that is not mdpc's."""
    done = subprocess.run(["bash", "-euc", command], capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def of_mdpc(command: str) -> list[str] | None:
    """What is typed after `mdpc`, at the end of what installs it or in a container, too; None where it is not run."""
    words = shlex.split(command, comments=True)
    if words[:1] == ["docker"]:
        return words[words.index("mdpc") + 1 :] if words[1] == "run" else None
    names = [place for place, word in enumerate(words) if word in ("mdpc", ".venv/bin/mdpc")]
    if not names:
        return None
    assert names[0] == 0 or words[names[0] - 1] == "&&", f"a test cannot run {command}: show it so that one can"
    return words[names[0] + 1 :]


@pytest.fixture
def reader(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    sandbox.github.access.app.keep_key(tmp_path / "mdpc.private-key.pem")
    monkeypatch.setattr("mdpc.commands.forgetting.someone_answers", lambda: True)
    monkeypatch.setattr("mdpc.commands.forgetting._confirmed", lambda _: True)
    monkeypatch.setattr("mdpc_sandbox.server.Sandbox.wait", _interrupted)
    with chdir(tmp_path), time_machine.travel(NOW, tick=True):
        yield Reader(sandbox, tmp_path)


def _interrupted(_: Sandbox) -> None:
    """Somebody presses Ctrl-C at once."""
    raise KeyboardInterrupt


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_shows_runs_and_says_what_is_shown(reader: Reader, page: str) -> None:
    ran, told = 0, ""
    reader.variables |= WRITE if page == "README.md" else {}  # the pages to start with say how to log in
    for each in shown((ROOT / page).read_text(encoding="utf-8")):
        where = f"{page}:{each.line}"
        if each.kind == "configuration":
            (reader.folder / "mdpc.toml").write_text(each.text, encoding="utf-8")
        elif each.kind == "command":
            reader.type(each.text)
            ran, told = ran + 1, each.text
        elif told == "bash scripts/check":
            assert all(SUMMED_UP.match(line) for line in each.text.splitlines()), where
        else:
            assert missing(each.text, reader.said) == [], f"{where}: this is not what was said\n{reader.said}"
    assert ran


COMMANDS = [
    (page, each.text)
    for page in PAGES
    for each in shown((ROOT / page).read_text(encoding="utf-8"))
    if each.kind == "command" and first_word(each.text) in IN_CI
]


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_what_cannot_run_here_is_run_by_ci_in_the_same_words(page: str, command: str) -> None:
    job = IN_CI[first_word(command)]
    runs = [" ".join(line.split()) for step in JOBS[job]["steps"] for line in _lines(step.get("run", ""))]
    assert " ".join(command.partition("#")[0].split()) in runs, f"the job {job} does not run what {page} shows"


def _lines(script: str) -> list[str]:
    """The commands of a step, with what stands for the repository in them as pages write it."""
    joined = re.sub(r"\\\n\s*", "", script)
    return [line.replace('"$GITHUB_REPOSITORY"', "OWNER/NAME") for line in joined.splitlines()]


def test_what_is_a_command_is_known() -> None:
    page = "    mdpc plan   # look\n\n    8 open milestones\n\n`mdpc sync --adopt N`, `mdpc`, `[sync]`\n\n"
    page += "```sh\n$ a \\\n  b\n```\n"
    found = [(each.kind, each.text) for each in shown(page)]
    assert found == [
        ("command", "mdpc plan   # look"),
        ("output", "8 open milestones\n"),
        ("command", "mdpc sync --adopt N"),
        ("command", "a b"),
    ]
    assert is_command(".venv/bin/mdpc demo")
    assert is_command("TZ=UTC mdpc plan")
    assert not is_command("8 open milestones")


def test_what_was_not_said_is_found() -> None:
    assert missing("a b\n…\nd", "  **a**\n  │ b\nc\n[d](https://acme.example)\n") == []
    assert missing("d\na b", "a b\nc\nd") == ["a b"]
    assert plain("[`x`](https://acme.example/(y)) **z**") != ""


def test_a_command_that_nobody_runs_is_found(reader: Reader) -> None:
    with pytest.raises(AssertionError, match="2"):
        reader.type("mdpc plan --no-such-option")
    with pytest.raises(AssertionError, match="cp nothing"):
        reader.type("cp nothing somewhere")
    with pytest.raises(AssertionError, match="nobody runs"):
        reader.type("gh secret set JIRA_TOKEN")
    with pytest.raises(AssertionError, match="show it so"):
        reader.type("flock -n lock mdpc sync")
