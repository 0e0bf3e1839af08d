"""`mdpc init`: a first configuration from what the tokens can see."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from mdpc import run
from mdpc.commands.errors import OutputError, UsageError, note, say, told_in_words
from mdpc.commands.options import DEFAULT_CONFIG, Format
from mdpc.commands.output import Output, write_out
from mdpc.commands.questions import Given, wishes_of
from mdpc.commands.session import connected, environment
from mdpc.exits import FINE, INCOMPLETE
from mdpc.model import Skipped, Unread
from mdpc.proposing import Wishes, proposal
from mdpc.report.words import counted
from mdpc.settings.file import from_tables
from mdpc.snapshot import Snapshot

_THERE = "{} is there already, and stays: move it, or name another with --output"


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
            raise UsageError(_THERE.format(output))
        Output(Format.TEXT, output)
        wishes = _wishes(Given(github, github_url, jira, project, timezone, enforce_after, write), output)
        session = connected(from_tables({"connectors": wishes.connectors, "timezone": wishes.timezone}, environment()))
        with session.reading():
            snapshot = run.read(session.settings, session.connectors, None)
        if not snapshot.containers:
            _nothing_read(snapshot, output)
        text = proposal(snapshot, session.settings, wishes)
        from_tables(tomllib.loads(text), environment(), file=str(output))
        _write(text, output)
        _said(snapshot, output)
        raise typer.Exit(INCOMPLETE if snapshot.unread else FINE)


def _nothing_read(snapshot: Snapshot, output: Path) -> NoReturn:
    """Say why nothing was read, and end without a file that would be in the way of the next try."""
    lost: list[Unread | Skipped] = [*snapshot.unread, *snapshot.skipped]
    for entry in lost:
        say(f"{entry.container}: {entry.why}")
    say(f"Nothing was read, so {output} is not written. Correct the names, or the token's rights, and run it again")
    raise typer.Exit(INCOMPLETE)


def _wishes(given: Given, output: Path) -> Wishes:
    try:
        return wishes_of(given)
    except (typer.Abort, KeyboardInterrupt):
        note("")  # the question stands in a line of its own
        say(f"Broken off; {output} is not written")
        raise typer.Exit(INCOMPLETE) from None


def _write(text: str, output: Path) -> None:
    """Write the file, which nobody may have made meanwhile. Raises UsageError and OutputError."""
    try:
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(_THERE.format(output)) from None
    except OSError as error:
        raise OutputError(f"{output} could not be written ({error.strerror})") from error


def _said(snapshot: Any, output: Path) -> None:
    for entry in snapshot.unread:
        say(f"{entry.container} could not be read: {entry.why}")
    records = counted(len(snapshot.records), "milestone")
    containers = counted(len(snapshot.containers), "container")
    write_out(f"{output} is written, from {records} in {containers}.\nRead it, then run `mdpc plan`.\n")
