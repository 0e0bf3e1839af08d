"""The lines of a comment that a reader sees as plain text of whoever wrote it. Pure.

What is quoted, listed, shown as code, struck through, coloured or inside HTML is none of them: that may be hidden, or
somebody else's. In doubt a line is left out, since a command that nobody saw is worse than one to be written again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mdpc.model import Markup

NO_COMMAND = "\0"
"""What a line begins with that a reader does not see as plain text."""

_FENCE = re.compile(r"\{(code|noformat|quote|panel|color)(:[^{}]*)?\}", re.IGNORECASE)
_TILDES = re.compile(r"~+")
_HYPHENS = re.compile(r"(?<!\w)-+|-+(?!\w)")

_VOID = frozenset(("area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
"""Elements that nothing stands inside of."""

_CLOSES_ITSELF = "p"
"""An element that ends where the next paragraph begins."""


def plain_lines(text: str, markup: Markup) -> Iterator[str]:
    """The lines of a comment in Markdown (`BLOCK`), or in Jira's text (`LINE`), that may be commands."""
    return _markdown_lines(text) if markup is Markup.BLOCK else _jira_lines(text)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark")


class _Elements(HTMLParser):
    """The elements of HTML that are open, told from its tags one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.unclosed: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - HTMLParser calls it so
        """Open an element that something can stand inside of."""
        if tag not in _VOID and tag != _CLOSES_ITSELF:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """Open it as well: in HTML the slash of `<div/>` means nothing."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close the element with all that is open within it."""
        if tag in self.unclosed:
            del self.unclosed[len(self.unclosed) - 1 - self.unclosed[::-1].index(tag) :]

    def take(self, html: str) -> None:
        """Read a piece of HTML; a tag that does not end in it stays open for good."""
        self.feed(html)
        if html.rfind("<") > html.rfind(">"):
            self.unclosed.insert(0, "")
        self.reset()


def _markdown_lines(text: str) -> Iterator[str]:
    """The lines of paragraphs that stand by themselves: not in a quotation, a list, code or HTML."""
    elements = _Elements()
    for token in _parser().parse(text):
        if token.type == "html_block" and token.level == 0:
            elements.take(token.content)
        elif token.type == "inline" and token.level == 1:
            lines = list(_lines_of(token.children or (), elements))
            struck = _struck(lines, _TILDES)
            yield from (line for number, line in enumerate(lines) if number not in struck)


def _lines_of(children: Iterable[Token], elements: _Elements) -> Iterator[str]:
    """The lines of a paragraph; one that begins inside a code span or an element is no command."""
    line = [NO_COMMAND] if elements.unclosed else []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield "".join(line)
            line = [NO_COMMAND] if elements.unclosed else []
        elif child.type == "text":
            line.append(child.content)
        else:
            if child.type == "html_inline":
                elements.take(child.content)
            if not line:
                line.append(NO_COMMAND)
            elif child.type != "html_inline":
                line.append(child.content)
    yield "".join(line)


def _jira_lines(text: str) -> Iterator[str]:
    """The lines that stand outside code, preformatted text, quotations, panels and colours."""
    lines = text.splitlines()
    struck = _struck(lines, _HYPHENS)
    inside = ""
    for number, line in enumerate(lines):
        fences = [(name.lower(), begins) for name, begins in _FENCE.findall(line)]
        apart = inside or line.lstrip().startswith(("bq.", ">")) or any(name != "color" for name, _ in fences)
        if not apart and number not in struck:
            yield line
        for name, begins in fences:
            inside = name if not inside else "" if name == inside and not begins else inside


def _struck(lines: Sequence[str], marks: re.Pattern[str]) -> frozenset[int]:
    """The numbers of the lines that begin inside text that is struck through, by the marks around it.

    A pair of marks stands around text without blanks at its ends, and within one paragraph.
    """
    found: set[int] = set()
    begun: dict[str, int] = {}
    for number, line in enumerate(lines):
        if not line.strip():
            begun.clear()
        for mark in marks.finditer(line):
            before, after = line[: mark.start()][-1:].strip(), line[mark.end() :][:1].strip()
            if before and mark[0] in begun:
                found.update(range(begun.pop(mark[0]) + 1, number + 1))
            elif after:
                begun.setdefault(mark[0], number)
    return frozenset(found)
