"""JQL put together so that no name, key or date can break out of its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)


def jql_quote(text: str) -> str:
    """A JQL string. Always quoted, which also covers reserved words (`empty`, `order`).

    Backslashes are doubled first: an unescaped last one would swallow the next clause. Control characters do not
    survive Jira's own parser and raise ValueError.
    """
    if any(ord(character) < 32 for character in text):
        raise ValueError(f"{text!r} holds a control character, which JQL cannot")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def in_project(key: str, *clauses: str) -> str:
    """The issues of one project for which every clause holds."""
    return " AND ".join((f"project = {jql_quote(key)}", *clauses))


def any_of(field: str, values: Iterable[str]) -> str:
    """`field in (...)`; whole numbers, which are ids, stay bare since Jira takes quoted ones for names first."""
    listed = ", ".join(value if value.isdecimal() and value.isascii() else jql_quote(value) for value in values)
    return f"{field} in ({listed})"


def open_or_changed_since(day: date) -> str:
    """What is not done, or changed since `day`; one day more, since JQL reads days in the zone of the account."""
    return f'(statusCategory != Done OR updated >= "{day - timedelta(days=1):%Y-%m-%d}")'


def clause_problem(clause: str) -> str | None:
    """Why a clause of the configuration cannot stand in parentheses, None if it can."""
    bare = _QUOTED.sub("", clause)
    if '"' in bare or "'" in bare:
        return "a quotation mark is not closed; close it"
    if _ORDER.search(bare):
        return "mdpc orders milestones itself; leave ORDER BY out"
    depth = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
    return "the parentheses do not match; close each that is opened" if depth else None
