"""Commands in comments: lines such as `/approve release-review` that people wrote themselves. Pure.

What is quoted, shown as code or hidden is no command, and a line is one only where it begins with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import cast

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mdpc.model import Markup
from mdpc.standing import Word

LONGEST_WHY = 500
"""Characters of a reason that are kept."""

_COMMAND = re.compile(
    r"(?:/|mdpc )(?P<word>approve|reject|withdraw|waive)(?:[ \t]+(?P<gate>\S+)(?:[ \t]+(?P<why>.*))?)?", re.IGNORECASE
)
_SNOOZE = re.compile(r"(?:/|mdpc )snooze[ \t]+(?P<day>\d{4}-\d{2}-\d{2})[ \t]+(?P<why>\S.*)", re.IGNORECASE)
_OWNER = re.compile(r"(?:/|mdpc )owner(?:[ \t]+(?P<name>.*))?", re.IGNORECASE)
_NO_COMMAND = "\0"
_FENCE = re.compile(r"\{(code|noformat|quote)(?::[^}]*)?\}")
_HINT = re.compile(r"(?:/|mdpc )(?:approve|reject|withdraw|waive)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants said of a gate; `gate` is as they wrote it, empty where they named none."""

    word: Word
    gate: str
    why: str = ""


def commands_in(text: str, markup: Markup) -> tuple[Command, ...]:
    """The commands in a comment, in its order: of Markdown (`BLOCK`) or of Jira's text (`LINE`)."""
    if not _HINT.search(text):
        return ()
    lines = _markdown_lines(text) if markup is Markup.BLOCK else _jira_lines(text)
    return tuple(_commands(lines))


def snoozes_in(text: str, markup: Markup) -> tuple[date, ...]:
    """The days until which a comment asks for quiet, with a reason: `/snooze 2027-01-10 why`."""
    if "snooze" not in text.lower():
        return ()
    lines = _markdown_lines(text) if markup is Markup.BLOCK else _jira_lines(text)
    return tuple(_snoozes(lines))


def owners_in(text: str, markup: Markup) -> tuple[str, ...]:
    """Whom a comment hands a milestone over to, as they are written there: `/owner NAME`; "" where nobody is named."""
    if "owner" not in text.lower():
        return ()
    lines = _markdown_lines(text) if markup is Markup.BLOCK else _jira_lines(text)
    found = (_OWNER.fullmatch(line.strip()) for line in lines)
    return tuple((each["name"] or "").strip() for each in found if each)


def _snoozes(lines: Iterable[str]) -> Iterator[date]:
    for line in lines:
        found = _SNOOZE.fullmatch(line.strip())
        if found:
            with suppress(ValueError):
                yield date.fromisoformat(found["day"])


def _commands(lines: Iterable[str]) -> Iterator[Command]:
    for line in lines:
        found = _COMMAND.fullmatch(line.strip())
        if found:
            why = (found["why"] or "").strip()[:LONGEST_WHY]
            yield Command(cast(Word, found["word"].lower()), found["gate"] or "", why)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark")


def _markdown_lines(text: str) -> Iterator[str]:
    """The lines of paragraphs that stand by themselves: not in a quotation, a list, code or HTML."""
    for token in _parser().parse(text):
        if token.type == "inline" and token.level == 1:
            yield from _plain_lines(token.children or ())


def _plain_lines(children: Iterable[Token]) -> Iterator[str]:
    """The lines of a paragraph; one that begins inside a code span or hidden text is none."""
    line: list[str] = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield "".join(line)
            line = []
        elif child.type == "text":
            line.append(child.content)
        elif not line:
            line.append(_NO_COMMAND)  # it begins with what a reader does not see as plain text
        elif child.type != "html_inline":
            line.append(child.content)
    yield "".join(line)


def _jira_lines(text: str) -> Iterator[str]:
    """The lines that stand outside code, preformatted text and quotations."""
    inside = ""
    for line in text.splitlines():
        fences = _FENCE.findall(line)
        if not inside and not fences and not line.lstrip().startswith(("bq.", ">")):
            yield line
        for fence in fences:
            inside = fence if not inside else "" if fence == inside else inside
