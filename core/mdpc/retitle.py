"""Turning a milestone's shared title into what a member's record is called, by the member's `title` pattern. Pure."""

from __future__ import annotations

import re

from mdpc.join import same_title, shared_title
from mdpc.settings import Member

LONGEST_TITLE = 255
"""Characters that Jira allows in a version's name and a summary; what is longer cannot be kept in step with it."""

_GROUP = re.compile(r"\(\?P<key>(?:[^()\\]|\\.)*\)")
_ANCHORS = re.compile(r"^(?:\^|\\A)|(?:\$|\\Z)$")
_LITERAL = re.compile(r"(?:[^\\.^$*+?{}\[\]|()]|\\[^a-zA-Z0-9])*")


def titled(shared: str, member: Member) -> str | None:
    """A record's whole title in a member, as `shared` asks for; None where the pattern cannot be turned around.

    That takes a pattern of plain text around its group `key`; the result must match the pattern and have that key.
    """
    if member.title is None:
        return shared
    if _GROUP.search(member.title) is None:
        return shared if shared_title(shared, member) == shared else None
    before, _, after = _parted(_ANCHORS.sub("", _ANCHORS.sub("", member.title)))
    if not (_LITERAL.fullmatch(before) and _LITERAL.fullmatch(after)):
        return None
    whole = f"{_unescaped(before)}{shared}{_unescaped(after)}"
    return whole if same_title(shared_title(whole, member), shared) else None


def retitled(title: str, old: str, shared: str, member: Member) -> str | None:
    """A record's title with its shared part `old` replaced; None where the result would no longer belong."""
    if member.title is None:
        return shared
    found = re.search(member.title, title)
    if found is None or found.groupdict().get("key") != old:
        return titled(shared, member)
    start, end = found.span("key")
    whole = title[:start] + shared + title[end:]
    return whole if same_title(shared_title(whole, member), shared) else titled(shared, member)


def _parted(pattern: str) -> tuple[str, str, str]:
    found = _GROUP.search(pattern)
    return (pattern[: found.start()], found[0], pattern[found.end() :]) if found else (pattern, "", "")


def _unescaped(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal)
