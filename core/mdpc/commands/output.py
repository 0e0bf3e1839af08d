"""Where a result goes: stdout or a file, in colour only where somebody looks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from mdpc.changes import Plan
from mdpc.commands.errors import OutputError, UsageError, full, hush
from mdpc.commands.options import Format
from mdpc.report.as_json import as_json
from mdpc.report.markdown import as_markdown
from mdpc.report.page import Look
from mdpc.report.text import as_text
from mdpc.report.without_file import without_file


@dataclass(frozen=True, slots=True)
class Output:
    """How a result is written, and where: a file, or stdout where `path` is None."""

    format: Format
    path: Path | None
    option: str = "--output"

    def __post_init__(self) -> None:
        """Raise UsageError now rather than lose a result later."""
        if self.path is None:
            return
        if self.path.is_dir():
            raise UsageError(f"{self.option} {self.path} is a folder: name a file in it")
        if not self.path.parent.is_dir():
            raise UsageError(f"{self.option} {self.path}: there is no folder {self.path.parent}; make it first")

    @property
    def look(self) -> Look:
        """The width and colours of where the text goes."""
        return Look() if self.path else look_of(sys.stdout, os.environ)

    def write(self, texts: Mapping[Format, Callable[[], str]]) -> None:
        """Write the result in the format that was asked for; the others are not made. Raises OutputError."""
        text = texts[self.format]()
        if self.path is None:
            write_out(text)
            return
        try:
            self.path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        except OSError as error:
            raise OutputError(f"{self.path} could not be written ({error.strerror})") from error

    def write_plan(self, plan: Plan, *, configured: bool = True) -> None:
        """Write a plan, or what became of it; without a configuration it advises nothing that needs one."""
        told = plan if configured else without_file(plan)
        self.write(
            {
                Format.TEXT: lambda: as_text(told, self.look, configured=configured),
                Format.JSON: lambda: as_json(told),
                Format.MARKDOWN: lambda: as_markdown(told, configured=configured),
            }
        )


def look_of(stream: TextIO, environ: Mapping[str, str]) -> Look:
    """80 columns unless the terminal, or `COLUMNS`, says otherwise; colours on a terminal that wants them."""
    colour = stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Look(shutil.get_terminal_size((80, 24)).columns, colour)


def write_out(text: str) -> None:
    """Text to stdout, whatever its encoding; a reader that has gone away (`| head`) is no error.

    Raises OutputError where stdout takes no more.
    """
    try:
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        hush()
    except OSError as error:
        hush()
        raise OutputError(full(error)) from error
