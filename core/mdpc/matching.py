"""What a `match` of the configuration may name: a container, a ref, CONTAINER#TITLE or a milestone's key. Pure."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache

from mdpc.model import Record

_SET = re.compile(r"\[!?[^]]+\]")


def matches(pattern: str, text: str) -> bool:
    """Whether a name or glob of the configuration matches, in any case: trackers do not tell containers apart by case.

    A name that happens to contain a glob's signs (`[Q1] Launch`) matches itself.
    """
    pattern, text = pattern.casefold(), text.casefold()
    return pattern == text or (is_glob(pattern) and _compiled(pattern).match(text) is not None)


def is_glob(pattern: str) -> bool:
    """Whether the text may name more than one container."""
    return any(letter in pattern for letter in "*?[")


def is_unclosed(pattern: str) -> bool:
    """Whether a `[` of a glob is not closed; it would silently stand for itself."""
    return "[" in _SET.sub("", pattern)


def may_overlap(one: str, other: str) -> bool:
    """Whether two names or globs may mean the same thing; True wherever that cannot be excluded."""
    if not (is_glob(one) and is_glob(other)):
        return matches(one, other) or matches(other, one)
    (start, end), (other_start, other_end) = _ends(one), _ends(other)
    same_start = start.startswith(other_start) or other_start.startswith(start)
    return same_start and (end.endswith(other_end) or other_end.endswith(end))


def _ends(glob: str) -> tuple[str, str]:
    """What stands before the first and after the last sign of a glob."""
    parts = re.split(r"[*?\[\]]", glob.casefold())
    return parts[0], parts[-1]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def names_of(record: Record, key: str) -> tuple[str, ...]:
    """Every name by which a record of the milestone `key` can be matched, in small letters for `means`."""
    container = str(record.ref.container)
    return tuple(name.casefold() for name in (container, str(record.ref), f"{container}#{record.title}", key))


def means(pattern: str, names: tuple[str, ...]) -> bool:
    """Whether `match = pattern` means what is called so (`names_of`); made for many patterns on many records."""
    folded, glob = _prepared(pattern)
    return folded in names or (glob is not None and any(map(glob.match, names)))


@cache
def _prepared(pattern: str) -> tuple[str, re.Pattern[str] | None]:
    folded = pattern.casefold()
    return folded, _compiled(folded) if is_glob(folded) else None
