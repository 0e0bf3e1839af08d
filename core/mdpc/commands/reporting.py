"""`mdpc report`: what saved runs tell together."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mdpc.commands.errors import UsageError, told_in_words
from mdpc.commands.options import FailOnOption, Format, FormatOption, OutputOption
from mdpc.commands.output import Output
from mdpc.commands.parts import parts_of
from mdpc.exits import FailOn, exit_status
from mdpc.gathering import gathered
from mdpc.report.as_json import as_json
from mdpc.report.noise import NotARunError, SavedRun, noise_json, noise_markdown, noise_of, noise_text, run_of
from mdpc.saved import SavedPlanError, is_run, part_from, run_from


class What(StrEnum):
    """What is told of saved runs."""

    NOISE = "noise"
    SHARDS = "shards"


def report(
    what: Annotated[
        What,
        typer.Argument(
            metavar="noise|shards",
            help="noise: notices sent against findings fixed; shards: a divided run as the one that it is.",
        ),
    ],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="noise: runs, by `mdpc sync --format json --output FILE` or by --save; shards: what those of one run "
            "kept by --save, or folders of it.",
        ),
    ],
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
    fail_on: FailOnOption = FailOn.NEVER,
) -> None:
    """Tell what saved runs say together: whether notices were heeded, or what the shards of one run did. Asks nobody.

    Example: mdpc report noise runs/*.json
    """
    with told_in_words():
        out = Output(format, output)
        if what is What.SHARDS:
            whole = gathered(parts_of(files, part_from))
            out.write_plan(whole)
            raise typer.Exit(exit_status(whole, fail_on))
        noise = noise_of(map(_run, files))
        out.write(
            {
                Format.TEXT: lambda: noise_text(noise, out.look),
                Format.JSON: lambda: noise_json(noise),
                Format.MARKDOWN: lambda: noise_markdown(noise),
            }
        )


def _run(path: Path) -> SavedRun:
    try:
        text = path.read_text(encoding="utf-8")
        return run_of(as_json(run_from(text)) if is_run(text) else text)
    except SavedPlanError as error:
        raise UsageError(f"{path}: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "this is not text in UTF-8"
        raise UsageError(f"{path} cannot be read ({reason})") from None
    except NotARunError as error:
        raise UsageError(f"{path}: {error}") from None
