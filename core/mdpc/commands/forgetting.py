"""`mdpc forget`: takes everything that mdpc wrote out of descriptions again."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mdpc import run
from mdpc.commands.apply import apply
from mdpc.commands.errors import UsageError, note, told_in_words
from mdpc.commands.options import ConfigOption, Format, FormatOption, OnlyOption, OutputOption
from mdpc.commands.output import Output
from mdpc.commands.session import open_session
from mdpc.exits import FailOn, exit_status
from mdpc.report.page import Look
from mdpc.report.summary import descriptions
from mdpc.report.text import as_text
from mdpc.report.words import counted


def forget(
    config: ConfigOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    only: OnlyOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
) -> None:
    """Take mdpc's status out of every description, after asking; people's own text stays as it is.

    Example: mdpc forget --only platform
    """
    with told_in_words():
        out = Output(format, output)
        if not (yes or someone_answers()):
            raise UsageError(
                "`mdpc forget` asks before it writes, and nobody is there to answer: add --yes if you mean it"
            )
        session = open_session(config)
        request = session.request("forget", None, only)
        with session.reading():
            plan = run.forget(session.settings, session.connectors, request)
        if plan.changes and not yes:
            note(as_text(plan, Look()))
            if not _confirmed(f"Take mdpc out of {counted(descriptions(plan.changes), 'description')}?"):
                note("Nothing was taken out.")
                return
        plan = apply(plan, session)
        out.write_plan(plan)
        raise typer.Exit(exit_status(plan, FailOn.NEVER))


def someone_answers() -> bool:
    """Whether a question would reach a person."""
    return sys.stdin is not None and sys.stdin.isatty()


def _confirmed(question: str) -> bool:
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C, or the end of input, is a no
        note("")
        return False
