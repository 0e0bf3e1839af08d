"""`mdpc report`: what saved runs tell together."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mdpc.commands.errors import UsageError, told_in_words
from mdpc.commands.options import Format, FormatOption, OutputOption
from mdpc.commands.output import Output
from mdpc.report.noise import NotARunError, SavedRun, noise_json, noise_markdown, noise_of, noise_text, run_of


class What(StrEnum):
    """What is counted."""

    NOISE = "noise"


def report(
    what: Annotated[What, typer.Argument(metavar="noise", help="Notices sent against findings fixed.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Runs that `mdpc sync --format json --output FILE` wrote.")
    ],
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
) -> None:
    """Count over saved runs whether notices were heeded, by step and by person. Asks nobody.

    Example: mdpc report noise runs/*.json
    """
    with told_in_words():
        out = Output(format, output)
        del what  # there is one kind so far
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
        return run_of(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "this is not text in UTF-8"
        raise UsageError(f"{path} cannot be read ({reason})") from None
    except NotARunError as error:
        raise UsageError(f"{path}: {error}") from None
