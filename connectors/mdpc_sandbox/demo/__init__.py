"""`mdpc demo`: the main job on sample data, over real HTTP, and what to make of it.

It runs the very commands that people type, against a sandbox of its own in this process, on a fixed day, so that it
says the same whenever it is run. It needs no account and no token, and leaves nothing behind.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mdpc_sandbox.extra import require_extra
from mdpc_sandbox.seed import read_seed

if TYPE_CHECKING:
    from mdpc_sandbox.server import Sandbox

DAY = "2026-11-23"
MILESTONE = ("acme/api", 1)
VERSION = "2.0"

TRACKERS = Path(__file__).with_name("trackers.toml")
CONFIGURATION = Path(__file__).with_name("mdpc.toml")


_NEXT = """\
mdpc plan --repo OWNER/NAME   look at a repository: no configuration, no write
mdpc explain overdue          what a rule wants, and why
mdpc sandbox                  a GitHub and a Jira to rehearse a policy against
config.example.toml           everything that a configuration can say"""


@dataclass(frozen=True, slots=True)
class _Stage:
    """The demo under way: its sandbox, and the configuration that points at it."""

    sandbox: Sandbox
    config: Path

    def run(self, command: str, *options: str) -> None:
        """Run a command of mdpc as if it had been typed; what it prints is seen."""
        from mdpc.cli import app  # noqa: PLC0415 - the command line is what imports this module

        status = app([command, "--config", str(self.config), *options], standalone_mode=False)
        if status:
            raise typer.Exit(status)

    def result(self, command: str, *options: str) -> dict[str, Any]:
        """Run a command of mdpc out of sight, for its JSON."""
        output = self.config.with_name("result.json")
        self.run(command, "--format", "json", "--output", str(output), *options)
        result: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
        return result

    def descriptions(self) -> list[str | None]:
        """Every description in both trackers, as they hold it."""
        milestones = (
            each for repository in self.sandbox.github.repositories for each in repository.milestones.values()
        )
        versions = self.sandbox.jira.versions.values()
        return [each.description for each in milestones] + [each.raw.get("description") for each in versions]


def play(sandbox: Sandbox, config: Path) -> None:
    """The whole demo, on a sandbox that holds the sample data."""
    stage = _Stage(sandbox, config)
    before = stage.descriptions()
    _say(
        "mdpc reads the milestones of all your trackers, sees which of them are one, and holds them to your policy. "
        f"This demo runs it against a GitHub and a Jira that live in this process until it ends ({sandbox.url}): no "
        "account, no token, nothing leaves this machine. It plays on Monday, 23 November 2026."
    )
    _head("1. The team's policy, mdpc.toml")
    typer.echo(f"\n{config.read_text(encoding='utf-8').rstrip()}")
    _head("2. mdpc plan: what is wrong, and what would be written")
    typer.echo()
    stage.run("plan", "--now", DAY)
    writes = len(sandbox.log.writes())
    _say(
        f"That took {sandbox.log.count()} requests, {writes} of them a write: a plan only looks. The GitHub milestones "
        "v2.0 and V2.0 and the Jira version 2.0 are one milestone to mdpc, since one program names their repositories "
        "and their project."
    )
    _head("3. mdpc sync: do it")
    outcome = stage.result("sync", "--now", DAY)
    done = sum(change["outcome"] == "done" for change in outcome["changes"])
    _say(f"{done} of {len(outcome['changes'])} changes done. In the GitHub milestone v2.0 of acme/api it now says:")
    _quote(_milestone(sandbox).description or "")
    _say("What stands between <!-- and --> is hidden on GitHub's pages. The Jira version 2.0 of API has one line more:")
    _quote(_version(sandbox).raw["description"])
    _head("4. The next run, and the one of tomorrow")
    typer.echo()
    for day in (DAY, "2026-11-24"):
        again = stage.result("plan", "--now", day)
        typer.echo(f"mdpc plan on {day}: {len(again['findings'])} findings, {len(again['changes'])} changes.")
    _say("Statuses name dates, not days left, so a day that passes writes nothing.")
    _kept_in_step(sandbox, stage)
    _head("6. mdpc forget: take it all out again")
    outcome = stage.result("forget", "--yes")
    same = "byte for byte what it was" if stage.descriptions() == before else "NOT what it was"
    _say(f"{len(outcome['changes'])} marks taken out; every description is {same}.")
    _head("Your own trackers")
    typer.echo(f"\n{_NEXT}")


def _kept_in_step(sandbox: Sandbox, stage: _Stage) -> None:
    """Two people change one milestone in two trackers, and neither change is lost."""
    _head("5. People change it in two places")
    _say(
        "Somebody moves the release of 2.0 to 4 December in Jira, and somebody else renames the milestone on GitHub to "
        "v2.0.1. Both were one milestone, so they stay one, and each change reaches the others:"
    )
    _version(sandbox).raw["releaseDate"] = "2026-12-04"
    _milestone(sandbox).title = "v2.0.1"
    typer.echo()
    for change in stage.result("sync", "--now", DAY)["changes"]:
        if change["field"] in ("title", "due"):
            what = f"{change['ref']}  {change['field']}: {change['before']} → {change['after']}"
            typer.echo(f"  {what}")
    _say(f"mdpc plan: {len(stage.result('plan', '--now', DAY)['changes'])} changes.")


@contextmanager
def _stage_environment(sandbox: Sandbox) -> Iterator[None]:
    """The sandbox's tokens, and none of the user's own settings, as long as the demo runs."""
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("MDPC_") or name == "GITHUB_TOKEN"]:
        del os.environ[name]
    token, bot = next(iter(sandbox.jira.tokens.items()))
    os.environ |= {
        "MDPC_CONNECTORS__GITHUB__TOKEN": sandbox.github.access.tokens[0].value,
        "MDPC_CONNECTORS__JIRA__USER": bot.email,
        "MDPC_CONNECTORS__JIRA__TOKEN": token,
        "NO_PROXY": "127.0.0.1",
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= kept


def demo() -> None:
    """Show mdpc at work on sample data: plan, sync, plan again, forget; no account, no token.

    Example: mdpc demo
    """
    require_extra()
    from mdpc_sandbox.server import Sandbox  # noqa: PLC0415 - needs the extra

    with (
        tempfile.TemporaryDirectory(prefix="mdpc-demo-") as folder,
        Sandbox(read_seed(TRACKERS)) as sandbox,
        _stage_environment(sandbox),
    ):
        config = Path(folder, "mdpc.toml")
        text = CONFIGURATION.read_text(encoding="utf-8")
        config.write_text(text.format(github=sandbox.github_url, jira=sandbox.jira_url), encoding="utf-8")
        play(sandbox, config)


def _milestone(sandbox: Sandbox) -> Any:
    name, number = MILESTONE
    repository = next(each for each in sandbox.github.repositories if each.full_name == name)
    return repository.milestones[number]


def _version(sandbox: Sandbox) -> Any:
    return next(each for each in sandbox.jira.versions.values() if each.name == VERSION)


def _width() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, 100)


def _head(text: str) -> None:
    typer.secho(f"\n── {text} {'─' * max(0, _width() - len(text) - 4)}", bold=True)


def _say(text: str) -> None:
    typer.echo(f"\n{textwrap.fill(text, _width(), break_on_hyphens=False)}")


def _quote(text: str) -> None:
    typer.echo()
    for line in text.splitlines():
        for part in textwrap.wrap(line, _width() - 4, break_on_hyphens=False) or [""]:
            typer.echo(f"  │ {part}")
