"""`mdpc digest`: who is told of whole programs, once a period."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mdpc import run
from mdpc.changes import Plan
from mdpc.commands.apply import apply
from mdpc.commands.errors import UsageError, told_in_words
from mdpc.commands.options import (
    ConfigOption,
    Format,
    FormatOption,
    MinutesOption,
    NowOption,
    OperationsOption,
    OutputOption,
    ResumeOption,
    ShardOption,
)
from mdpc.commands.output import Output
from mdpc.commands.session import Bounds, Session, open_session, shard_of
from mdpc.digest_text import Edition
from mdpc.exits import FailOn, exit_status
from mdpc.report.digests import digests_json, digests_markdown, digests_text
from mdpc.saved import as_run
from mdpc.shard import Shard


def digest(  # noqa: PLR0913, PLR0917 - options of a command
    show: Annotated[bool, typer.Option("--show", help="Show what is due, and send nothing.")] = False,
    config: ConfigOption = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep what a shard did there, for `mdpc send FILE...`.")
    ] = None,
    shard: ShardOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
    now: NowOption = None,
    operations: OperationsOption = None,
    minutes: MinutesOption = None,
    resume: ResumeOption = None,
) -> None:
    """Send the digest that is due, once a period however often it runs; nothing else sends it.

    Example: mdpc digest --show
    """
    with told_in_words():
        out = Output(format, output)
        kept = Output(Format.JSON, save, "--save") if save else None
        part = shard_of(shard)
        session = open_session(config, Bounds(operations, minutes, resume))
        if show and save:
            raise UsageError("--show sends nothing, so that there is nothing to keep: leave out --save")
        if not show:
            session.must_keep(part, save)
        plan, editions = due_digests(session, now, part)
        if not show:
            plan = apply(plan, session)
        if kept:
            kept.write({Format.JSON: lambda: as_run(plan)})
        out.write(
            {
                Format.TEXT: lambda: digests_text(plan, editions, out.look),
                Format.JSON: lambda: digests_json(plan, editions),
                Format.MARKDOWN: lambda: digests_markdown(plan, editions),
            }
        )
        raise typer.Exit(exit_status(plan, FailOn.NEVER))


def due_digests(session: Session, now: str | None, shard: Shard | None = None) -> tuple[Plan, tuple[Edition, ...]]:
    """The digests that are due, and the plan that sends them. Raises UsageError where none is configured."""
    if session.settings.digest is None:
        raise UsageError('no digest is configured: write [digest] with `every` and `to`, such as every = "monday"')
    request = session.request("digest", now, shard=shard)
    with session.reading():
        plan, editions = run.digest(session.settings, session.connectors, request)
    session.leave_word(plan, request)
    return plan, editions
