"""A page of text for a terminal: headings, lines that are never broken, and paragraphs that are. Pure.

Whoever adds text from a tracker escapes it with `mdpc.escape.terminal`; the page only lays out. Nothing is wider than
the page but addresses on the web, which are never broken by us, so that they can be followed and copied.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from mdpc.escape import guard, web_address

Piece = str | Text | tuple[str, str | Style]
"""Text, or text with a style of rich."""

DIM = "dim"
LEVEL_STYLES = {"error": "bold red", "warn": "yellow", "info": "cyan", "off": "dim", "ok": "green"}


@dataclass(frozen=True, slots=True)
class Look:
    """How wide the page is, in columns, and whether it may use colours (and links, where the terminal has them)."""

    width: int = 80
    colour: bool = False

    @property
    def measure(self) -> int:
        """The width to lay out for: very long lines are no pleasure to read."""
        return max(20, min(self.width, 132))


def link(url: str, style: str = "") -> Style:
    """A style that makes text clickable where terminals can; only addresses on the web are linked."""
    return Style.parse(style or "none") + Style(link=web_address(url))


class Page:
    """Collects lines; `text` is the whole page."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._lines: list[Text] = []
        self._console = Console(
            file=io.StringIO(),
            width=look.width,
            force_terminal=look.colour,
            color_system="standard" if look.colour else None,
            legacy_windows=False,
            _environ={},
        )

    def blank(self) -> None:
        """An empty line, never two in a row and none at the top."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Text())

    def heading(self, *pieces: Piece) -> None:
        """A heading, after an empty line."""
        self.blank()
        self.line(*pieces)

    def line(self, *pieces: Piece, indent: int = 0) -> None:
        """One line as it is, however long."""
        self._lines.append(Text.assemble(" " * indent, *pieces))

    def paragraph(self, *pieces: Piece, indent: int = 0, hang: int = 0, label: Sequence[Piece] = ()) -> None:
        """Text broken between words; lines after the first are indented by `hang` more.

        `label` stands before the first line, inside the indentation.
        """
        room = max(12, self.look.measure - indent - hang)
        first, *rest = Text.assemble(*pieces).wrap(self._console, room) or [Text()]
        lead = Text.assemble(*label)
        lead.append(" " * (indent - lead.cell_len))
        self._lines.append(lead + first)
        self._lines += [Text(" " * (indent + hang)) + line for line in rest]

    def columns(self, left: Sequence[Piece], right: Sequence[Piece]) -> None:
        """Pieces at both ends of a line; where there is no room, the right ones below, and both broken if need be."""
        start, end = Text.assemble(*left), Text.assemble(*right)
        gap = self.look.measure - start.cell_len - end.cell_len
        if gap >= 2:
            self._lines.append(start + Text(" " * gap) + end)
            return
        self.paragraph(start, hang=2)
        below = self.look.measure - end.cell_len
        if below >= 2:
            self._lines.append(Text(" " * below) + end)
        else:
            self.paragraph(end, indent=2)

    @property
    def text(self) -> str:
        """Everything so far, with a line end at its end, and no line that a CI service takes for a command."""
        lines = [*self._lines]
        for line in lines:
            line.rstrip()
        whole = Text("\n").join(lines)
        if not self.look.colour:
            return guard(whole.plain) + "\n"
        with self._console.capture() as capture:
            self._console.print(whole, soft_wrap=True)
        return guard(capture.get())


def width_of(text: str) -> int:
    """How many columns a text takes in a terminal."""
    return cell_len(text)
