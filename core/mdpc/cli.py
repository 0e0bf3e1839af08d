"""The command line: `mdpc COMMAND`."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from mdpc import __version__
from mdpc.commands import (
    beginning,
    describing,
    digesting,
    forgetting,
    judging,
    looking,
    reporting,
    sending,
    simulating,
)
from mdpc.commands.errors import told_in_words
from mdpc.commands.extensions import Extensible, summary
from mdpc.commands.output import write_out

EPILOG = (
    "Exit status, the first that applies: 2 wrong usage or configuration; 4 refused by [limits]; 3 incomplete "
    "(something unread, failed or unknown; the rest was done); 1 findings at or above --fail-on; 0."
)

app = typer.Typer(
    cls=Extensible,
    name="mdpc",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        write_out(f"mdpc {__version__}\n")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Milestone-Driven Project Coordination for the trackers a team already has.

    mdpc reads GitHub milestones and Jira versions, sees which of them are one milestone, judges them by the team's
    policy and writes their status back to where people look. What it would do, `mdpc plan` shows; `mdpc sync` does it.
    """


for name, command in (
    ("init", beginning.init),
    ("plan", judging.plan),
    ("sync", judging.sync),
    ("check", judging.check),
    ("check-config", looking.check_config),
    ("doctor", looking.doctor),
    ("explain", looking.explain),
    ("simulate", simulating.simulate),
    ("digest", digesting.digest),
    ("send", sending.send),
    ("report", reporting.report),
    ("schema", describing.schema),
    ("forget", forgetting.forget),
):
    app.command(name, short_help=summary(command))(command)


def main() -> None:
    """Run mdpc with the arguments of the process; leaves with one of the exit statuses of `mdpc.exits`."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what a container or a scheduler sends ends it in order
    try:
        with told_in_words():
            app()
    except typer.Exit as left:  # raised outside of any command
        sys.exit(left.exit_code)
