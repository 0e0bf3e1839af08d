"""The marks by which mdpc knows what it wrote on coordination issues. Pure.

On GitHub a hidden comment at the end of a text, in Jira a last line in parentheses. A mark says what a text was for;
that mdpc wrote it is known from its author and its last editor alone.
"""

from __future__ import annotations

import re

from mdpc.model import Markup

_MARK = re.compile(r"(?:<!-- |\()mdpc:([a-z]+) ([^<>()\s]+)(?: -->|\))\s*\Z")


NOTICE = "notice"
"""The kind of the mark of a notice; its name is the notice's id."""


def mark(kind: str, name: str, markup: Markup) -> str:
    """The mark of a text of a kind, such as `answer`; `name` tells it from others of its kind and has no blanks."""
    return f"<!-- mdpc:{kind} {name} -->" if markup is Markup.BLOCK else f"(mdpc:{kind} {name})"


def without_mark(text: str) -> str:
    """The text without the mark that it ends in."""
    return _MARK.sub("", text).rstrip()


def mark_at_end(text: str | None) -> tuple[str, str] | None:
    """The kind and the name of the mark that a text ends in; None where it ends in none."""
    found = _MARK.search(text or "")
    return (found[1], found[2]) if found else None
