"""Markdown that mdpc wrote as a reader of it sees it: text without escapes, marks and addresses. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_BREAK = "\u200b"
"""What `mdpc.escape` puts where GitHub would see a mention or a link."""


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark")


def read_lines(markdown: str) -> list[str]:
    """The lines that somebody reads, without blank ones: what is hidden or HTML is none of them."""
    return [line for line in _lines(markdown) if line.strip()]


def _lines(markdown: str) -> Iterator[str]:
    bullet = ""
    for token in _parser().parse(markdown):
        if token.type == "list_item_open":
            bullet = f"{'  ' * (token.level // 2)}- "
        elif token.type in ("code_block", "fence"):
            yield from token.content.splitlines()
        elif token.type == "inline":
            first, *others = "".join(_texts(token.children or ())).replace(_BREAK, "").split("\n")
            yield f"{bullet}{first}"
            yield from others
            bullet = ""


def _texts(children: Iterable[Token]) -> Iterator[str]:
    """Text as it is read; what is code keeps its backquotes, since that is how a terminal shows what to type."""
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif child.type == "code_inline":
            yield f"`{child.content}`"
        elif child.type == "text":
            yield child.content
