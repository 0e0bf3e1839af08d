"""Tables of a configuration as they are written: what is not of the right kind is passed over here. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def table_of(tables: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The table at a key; an empty one where there is none."""
    table = tables.get(key)
    return table if isinstance(table, Mapping) else {}


def tables_of(tables: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The tables of a list of them, each with its position."""
    entries = tables.get(key)
    for index, raw in enumerate(entries if isinstance(entries, list | tuple) else ()):
        if isinstance(raw, Mapping):
            yield index, raw


def texts_of(table: Mapping[str, Any], key: str) -> Iterator[tuple[int, str]]:
    """The texts of a list of them, each with its position."""
    entries = table.get(key)
    for index, text in enumerate(entries if isinstance(entries, list | tuple) else ()):
        if isinstance(text, str):
            yield index, text
