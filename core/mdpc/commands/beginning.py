"""`mdpc init`: a first configuration from what the tokens can see."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from mdpc import run
from mdpc.commands.errors import UsageError, say, told_in_words
from mdpc.commands.options import DEFAULT_CONFIG, Format
from mdpc.commands.output import Output, write_out
from mdpc.commands.session import connected, environment
from mdpc.exits import FINE, INCOMPLETE
from mdpc.proposing import Wishes, proposal
from mdpc.report.words import counted
from mdpc.settings.file import from_tables


def init(  # noqa: PLR0913, PLR0917 - options of a command
    github: Annotated[
        list[str] | None,
        typer.Option("--github", metavar="OWNER/NAME", help="Repositories to begin with; globs, repeatable."),
    ] = None,
    github_url: Annotated[
        str | None, typer.Option(metavar="URL", help="GitHub Enterprise Server's API, such as https://HOST/api/v3.")
    ] = None,
    jira: Annotated[str | None, typer.Option("--jira", metavar="URL", help="The Jira to begin with.")] = None,
    project: Annotated[
        list[str] | None, typer.Option("--project", metavar="KEY", help="Its projects; globs, repeatable.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help='Where "today" is, such as Europe/Berlin.')
    ] = None,
    enforce_after: Annotated[
        str | None, typer.Option(metavar="DATE", help="Until this day every error is a warning.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Let mdpc write from the start (default: it reads).")] = False,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="Where to write it; nothing is overwritten.")
    ] = DEFAULT_CONFIG,
) -> None:
    """Write a first configuration from what the tokens can see; it asks for what no option says. Writes to no tracker.

    Example: mdpc init --github 'acme/*' --jira https://acme.atlassian.net --project API
    """
    with told_in_words():
        if output.exists():
            raise UsageError(f"{output} is there already, and stays: move it, or name another with --output")
        out = Output(Format.TEXT, output)
        wishes = _wishes(_Answers(github, github_url, jira, project, timezone, enforce_after, write))
        session = connected(from_tables({"connectors": wishes.connectors, "timezone": wishes.timezone}, environment()))
        with session.reading():
            snapshot = run.read(session.settings, session.connectors, None)
        text = proposal(snapshot, session.settings, wishes)
        from_tables(tomllib.loads(text), environment(), file=str(output))
        out.write({Format.TEXT: lambda: text})
        _said(snapshot, output)
        raise typer.Exit(INCOMPLETE if snapshot.unread else FINE)


def _said(snapshot: Any, output: Path) -> None:
    for entry in snapshot.unread:
        say(f"{entry.container} could not be read: {entry.why}")
    records = counted(len(snapshot.records), "milestone")
    containers = counted(len(snapshot.containers), "container")
    write_out(f"{output} is written, from {records} in {containers}. Read it, then run `mdpc plan`.\n")


class _Answers:
    """What the options say, and questions for the rest where somebody is there to answer."""

    def __init__(  # noqa: PLR0913, PLR0917 - the options of a command
        self,
        github: list[str] | None,
        github_url: str | None,
        jira: str | None,
        project: list[str] | None,
        timezone: str | None,
        enforce_after: str | None,
        write: bool,
    ) -> None:
        self.github, self.github_url, self.jira, self.project = github, github_url, jira, project
        self.timezone, self.enforce_after, self.write = timezone, enforce_after, write
        self.asks = not (github or jira) and sys.stdin.isatty()

    def ask(self, question: str, default: str) -> str:
        """The answer to a question; the default where nobody is asked."""
        return (
            str(typer.prompt(question, default=default, show_default=bool(default), err=True)) if self.asks else default
        )


def _wishes(answers: _Answers) -> Wishes:
    github = answers.github or _words(answers.ask("GitHub repositories, such as acme/* (none: leave it empty)", ""))
    jira = answers.jira or answers.ask("Jira's address (none: leave it empty)", "")
    if not (github or jira):
        raise UsageError("name a tracker: --github 'OWNER/*', or --jira URL with --project KEY")
    projects = answers.project or (_words(answers.ask("Jira projects, by their keys", "*")) if jira else [])
    zone = answers.timezone or answers.ask('The time zone in which "today" is', os.environ.get("TZ") or "UTC")
    day = answers.enforce_after or answers.ask("From which day on errors count (empty: from the start)", "")
    tables: dict[str, Mapping[str, object]] = {}
    if github:
        tables["github"] = {
            **({"url": answers.github_url} if answers.github_url else {}),
            "repositories": github,
            "access": "read",
        }
    if jira:
        tables["jira"] = {"url": jira, "projects": projects, "access": "read"}
    return Wishes(tables, zone, _day(day), answers.write)


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--enforce-after {text!r} is no day: write one such as 2027-02-01") from None
