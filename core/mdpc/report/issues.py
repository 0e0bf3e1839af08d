"""Coordination issues in the words of all reports: what is made, edited and said there. Pure.

Texts are as they will be written, so whoever shows them escapes them.
"""

from __future__ import annotations

import re

from mdpc.changes import Change
from mdpc.report.plain import read_lines
from mdpc.report.words import ref_words
from mdpc.tokens import seeds_in

LEDGER, BODY, NEW = "ledger", "body", "new issue"
"""What a reader hears of mdpc's own parts, and of an issue that is made."""

MADE_WITH = ("body", "label")
"""Fields of a new issue that are the same for all, or mdpc's own, and that need no word."""

_MARKED = re.compile(r"^<!-- mdpc:[a-z]+(?: [^<>]*)? -->\s*\Z", re.MULTILINE)
"""How what mdpc writes in Markdown ends; in Jira it is plain text."""

_BLANK = re.compile(r"^\s*(?:<!-- mdpc:.*-->|\(mdpc:[a-z]+ .*\))?\s*$")


def makes_issue(change: Change) -> bool:
    """Whether a change is part of making an issue, also once that is made."""
    return change.kind == "issue" and bool(seeds_in(change.write))


def sort_of(change: Change) -> str:
    """What sort of change one of kind `issue` or `comment` is, as a list is headed."""
    if change.kind == "comment":
        return LEDGER if change.field == "ledger" else "comment"
    if makes_issue(change):
        return NEW
    return BODY if change.field == "body" else "issue"


def names_new(change: Change) -> bool:
    """Whether a change is the title of a new issue, by which that is listed."""
    return makes_issue(change) and change.field == "title"


def goes_without_saying(change: Change) -> bool:
    """Whether a change is a part of a new issue that is the same for all, or mdpc's own."""
    return makes_issue(change) and change.field in MADE_WITH


def name_of(change: Change) -> str:
    """What a change is about: a field, or for the whole of a new issue that."""
    return NEW if makes_issue(change) else change.field


def place_of(change: Change) -> str:
    """The ref of the issue that a change is about; a comment's own number says nobody anything."""
    words = ref_words(change.ref)
    return words.rpartition("/")[0] if change.kind == "comment" and "/" in change.ref.id else words


def lines_of(text: object) -> list[str]:
    """The lines of a text on an issue as people see them: no blank ones, no marks, and no escapes of Markdown."""
    if _MARKED.search(str(text or "")):
        return read_lines(str(text))
    return [line for line in str(text or "").splitlines() if not _BLANK.match(line)]


def said_in(change: Change) -> str:
    """How a comment begins, and whether it is an old one that is edited."""
    first = next(iter(lines_of(change.after)), "")
    return f"edited: {first}" if change.before is not None else first
