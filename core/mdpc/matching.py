"""What a `match` of the configuration may name: a container, a ref, CONTAINER#TITLE or a milestone's key. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from mdpc.model import Record


def matches(pattern: str, text: str) -> bool:
    """Whether a glob of the configuration matches, in any case: trackers do not tell containers apart by case."""
    if not is_glob(pattern):  # a regular expression for each of many containers' names takes seconds
        return text.casefold() == pattern.casefold()
    return fnmatchcase(text.casefold(), pattern.casefold())


def is_glob(pattern: str) -> bool:
    """Whether the text may name more than one container."""
    return any(letter in pattern for letter in "*?[")


def names_of(record: Record, key: str) -> tuple[str, ...]:
    """Every name by which a record of the milestone `key` can be matched."""
    container = str(record.ref.container)
    return (container, str(record.ref), f"{container}#{record.title}", key)


def names_record(pattern: str, record: Record, key: str) -> bool:
    """Whether `match = pattern` means this record."""
    return any(matches(pattern, name) for name in names_of(record, key))
