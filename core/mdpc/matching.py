"""What a `match` of the configuration may name: a container, a ref, CONTAINER#TITLE or a milestone's key. Pure.

On the command line a milestone may also be named by its program, and by what people see: its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import translate
from functools import cache
from typing import Protocol, TypeVar

from mdpc.model import Milestone, Record
from mdpc.titles import normalise

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
    names = (container, str(record.ref), f"{container}#{record.title}", key, *_as_shown(record.title, key))
    return tuple(name.casefold() for name in names)


def _as_shown(title: str, key: str) -> Iterator[str]:
    """PROGRAM/TITLE with the title as people spell it, where that is the milestone's."""
    plain = normalise(title)
    if plain and key.endswith(f"/{plain}"):
        yield f"{key.removesuffix(plain)}{title}"


def means(pattern: str, names: tuple[str, ...]) -> bool:
    """Whether `match = pattern` means what is called so (`names_of`); made for many patterns on many records."""
    folded, glob = _prepared(pattern)
    return folded in names or (glob is not None and any(map(glob.match, names)))


class _Matching(Protocol):
    """An entry of the configuration that says what it is for."""

    @property
    def match(self) -> str:
        """A container, a ref, CONTAINER#TITLE or a milestone's key; globs."""


Entry = TypeVar("Entry", bound=_Matching)


def applying(entries: Sequence[Entry], records: Iterable[Record], key: str) -> tuple[Entry, ...]:
    """The entries whose `match` means a milestone with this key, or any of its records."""
    if not entries:
        return ()
    names = tuple({name for record in records for name in names_of(record, key)})
    return tuple(entry for entry in entries if entry.match == "*" or means(entry.match, names))


@cache
def _prepared(pattern: str) -> tuple[str, re.Pattern[str] | None]:
    folded = pattern.casefold()
    return folded, _compiled(folded) if is_glob(folded) else None


class AmbiguousError(ValueError):
    """A title on the command line that several milestones have; its text says which."""


def named(text: str, milestones: Iterable[Milestone]) -> tuple[Milestone, ...]:
    """The milestones that a text of the command line names, none where nothing is called so.

    That is a key, a ref or a program (or a glob of them), else CONTAINER#TITLE or PROGRAM/TITLE (or a glob), else a
    title alone, which only one milestone may have: raises AmbiguousError. Of titles, those of history count only where
    no other milestone is called so.
    """
    known = tuple(milestones)
    exact = tuple(each for each in known if any(matches(text, name) for name in _names(each)))
    if exact:
        return exact
    shown = _live_first([each for each in known if any(matches(text, name) for name in _shown(each))])
    if shown:
        return shown
    plain = _plain(text)
    titled = _live_first([each for each in known if plain in map(_plain, _titles(each))]) if plain else ()
    if len(titled) > 1:
        keys = ", ".join(each.key for each in titled[:_FEW])
        more = f" and {len(titled) - _FEW:,} more" if len(titled) > _FEW else ""
        raise AmbiguousError(f"{text!r} is the title of several milestones: {keys}{more}. Name one by its key")
    return titled


_FEW = 5


def _names(milestone: Milestone) -> Iterator[str]:
    yield from (milestone.key, milestone.program)
    yield from (str(record.ref) for record in milestone.records)
    if milestone.issue:
        yield str(milestone.issue[0])


def _shown(milestone: Milestone) -> Iterator[str]:
    """The titles as they are shown, each with where it belongs."""
    for title in _titles(milestone):
        yield f"{milestone.program}/{title}"
    for record in milestone.records:
        yield f"{record.ref.container}#{record.title}"


def _titles(milestone: Milestone) -> Iterator[str]:
    yield milestone.title
    yield from (record.title for record in milestone.records)
    yield milestone.key.removeprefix(f"{milestone.program}/")


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())


def _live_first(found: Sequence[Milestone]) -> tuple[Milestone, ...]:
    return tuple(each for each in found if not each.history) or tuple(found)
