"""Commands in comments: lines such as `/approve release-review` that people wrote themselves. Pure.

What is quoted, shown as code or hidden is no command (`mdpc.comment_lines`), and a line is one only where it begins
with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import cast

from mdpc.comment_lines import plain_lines
from mdpc.model import Markup
from mdpc.standing import Word

LONGEST_WHY = 500
"""Characters of a reason that are kept."""

_COMMAND = re.compile(
    r"(?:/|mdpc )(?P<word>approve|reject|withdraw|waive)(?:[ \t]+(?P<gate>\S+)(?:[ \t]+(?P<why>.*))?)?", re.IGNORECASE
)
_SNOOZE = re.compile(r"(?:/|mdpc )snooze[ \t]+(?P<day>\d{4}-\d{2}-\d{2})[ \t]+(?P<why>\S.*)", re.IGNORECASE)
_WANTS_QUIET = re.compile(r"(?:/|mdpc )snooze(?:[ \t].*)?", re.IGNORECASE)
_OWNER = re.compile(r"(?:/|mdpc )owner(?:[ \t]+(?P<name>.*))?", re.IGNORECASE)
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
    return tuple(_commands(plain_lines(text, markup)))


def snoozes_in(text: str, markup: Markup) -> tuple[date, ...]:
    """The days until which a comment asks for quiet, with a reason: `/snooze 2027-01-10 why`."""
    if "snooze" not in text.lower():
        return ()
    return tuple(_snoozes(plain_lines(text, markup)))


def wants_quiet(text: str, markup: Markup) -> bool:
    """Whether a comment asks for quiet, in whatever words."""
    if "snooze" not in text.lower():
        return False
    return any(_WANTS_QUIET.fullmatch(line.strip()) for line in plain_lines(text, markup))


def owners_in(text: str, markup: Markup) -> tuple[str, ...]:
    """Whom a comment hands a milestone over to, as they are written there: `/owner NAME`; "" where nobody is named."""
    if "owner" not in text.lower():
        return ()
    found = (_OWNER.fullmatch(line.strip()) for line in plain_lines(text, markup))
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
