"""`mdpc simulate`: who would hear what on which day, without sending anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer

from mdpc import run
from mdpc.commands.errors import UsageError, told_in_words
from mdpc.commands.options import ConfigOption, Format, FormatOption, OnlyOption, OutputOption
from mdpc.commands.output import Output
from mdpc.commands.session import LONGEST, day_of, open_session
from mdpc.exits import FINE, INCOMPLETE
from mdpc.report.notices import simulation_json, simulation_markdown, simulation_text


def simulate(  # noqa: PLR0913, PLR0917 - options of a command
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day; default: today.")] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The last day; default: 90 days later.")
    ] = None,
    config: ConfigOption = None,
    only: OnlyOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
) -> None:
    """Tell who would hear what on which day, if nothing happened meanwhile. Writes and sends nothing.

    Example: mdpc simulate --from 2027-01-01 --to 2027-03-31
    """
    with told_in_words():
        out = Output(format, output)
        session = open_session(config)
        request = session.request("simulate", None, only)
        begin = day_of(first, "--from") or request.today
        end = day_of(last, "--to") or begin + timedelta(days=90)
        if not timedelta() <= end - begin <= LONGEST:
            raise UsageError("--to is before --from, or more than ten years later: name a later, or a nearer day")
        moment = request.now.replace(year=begin.year, month=begin.month, day=begin.day)
        with session.reading():
            snapshot, foreseen = run.simulate(session.settings, session.connectors, replace(request, now=moment), end)
        out.write(
            {
                Format.TEXT: lambda: simulation_text(foreseen, begin, end, out.look),
                Format.JSON: lambda: simulation_json(foreseen, begin, end),
                Format.MARKDOWN: lambda: simulation_markdown(foreseen, begin, end),
            }
        )
        unread = any(not each.optional for each in snapshot.unread)
        raise typer.Exit(INCOMPLETE if unread else FINE)
