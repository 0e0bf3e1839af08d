"""The options that commands have in common, each declared once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mdpc.exits import FailOn

DEFAULT_CONFIG = Path("mdpc.toml")


class Format(StrEnum):
    """How the result is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help=f"The configuration (default {DEFAULT_CONFIG}).")
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="KEY|REF|PROGRAM",
        help="Only these milestones, by key, title, ref or program; repeatable, globs are fine.",
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is written.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Write the result there instead of to stdout.")
]
FailOnOption = Annotated[
    FailOn, typer.Option("--fail-on", help="From which level on a finding makes the exit status 1.")
]
OperationsOption = Annotated[
    int | None,
    typer.Option("--operations", min=1, metavar="N", help="Requests of this run, instead of [limits] operations."),
]
MinutesOption = Annotated[
    int | None,
    typer.Option("--minutes", min=1, metavar="N", help="Minutes of this run, instead of [limits] minutes."),
]
ResumeOption = Annotated[
    Path | None,
    typer.Option(
        "--resume",
        metavar="FILE",
        help="Where a run that operations or minutes ended early leaves word for the next one to go on.",
    ),
]
ShardOption = Annotated[
    str | None,
    typer.Option("--shard", metavar="I/N", help="Only the programs of shard I of N: one of N jobs that share a run."),
]
NowOption = Annotated[
    str | None,
    typer.Option(
        "--now", metavar="ISO-DATETIME", help="Judge as of this moment: 2026-11-22 or 2026-11-22T09:00+01:00."
    ),
]
