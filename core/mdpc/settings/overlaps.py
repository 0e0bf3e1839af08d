"""Whether two matches of a configuration may mean the same milestone. Pure.

A milestone of several records is meant by whatever means one of them, so two containers of one program may be one
milestone's, and so may a container and the program's key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdpc.matching import is_glob, may_overlap
from mdpc.settings.home_checks import programs_with


def spellings(pattern: str, tables: Mapping[str, Any]) -> tuple[str, ...]:
    """A match as globs of `CONTAINER#TITLE` and of keys, so that it can be compared with others."""
    head, colon, rest = pattern.partition(":")
    if not colon or "/" in head or is_glob(head):
        return (pattern,)
    container, _, title = rest.partition("#")
    named = (str(raw.get("name")) for raw in programs_with(f"{head}:{container}", tables))
    return (f"{head}:{container}#{title or '*'}", *(f"{name}/{title or '*'}" for name in named))


def overlap(one: str, other: str, tables: Mapping[str, Any]) -> bool:
    """Whether some milestone may be meant by both; True wherever that cannot be excluded."""
    others = spellings(other, tables)
    return any(may_overlap(each, another) for each in spellings(one, tables) for another in others)
