"""In which line of a TOML file a key stands.

`tomllib` gives values without places, so the text is parsed a second time with tree-sitter, for places alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value is: `("programs", 0, "members", 2)`; lists are counted from 0."""

_KEYS = ("bare_key", "quoted_key", "dotted_key")


class Places:
    """The lines of every key, table and list item of a TOML text that `tomllib` can read."""

    def __init__(self, text: str) -> None:
        self._lines: dict[KeyPath, tuple[int, int]] = {}
        self._lengths: dict[KeyPath, int] = {}
        for node in _parser().parse(text.encode()).root_node.named_children:
            self._read_top(node)

    def line(self, path: KeyPath) -> int | None:
        """The first line of what stands at `path`, else of the nearest table around it; None where neither is."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._lines:
                return self._lines[path[:end]][0]
        return None

    def at(self, line: int) -> KeyPath:
        """The innermost key path whose value covers a line; () where there is none (a comment, an empty line)."""
        covering = [path for path, (first, last) in self._lines.items() if first <= line <= last]
        return max(covering, key=len, default=())

    def _read_top(self, node: Node) -> None:
        if node.type == "pair":
            self._read_pair(node, ())
        elif node.type in ("table", "table_array_element"):
            self._read_table(node)

    def _read_table(self, node: Node) -> None:
        header = next(child for child in node.named_children if child.type in _KEYS)
        *parents, last = _keys(header)
        path: KeyPath = ()
        for key in parents:
            path = (*path, key)
            self._note(path, header, header)
            path = self._inside(path)
        path = (*path, last)
        if node.type == "table_array_element":
            self._lengths[path] = self._lengths.get(path, 0) + 1
            self._note(path, header, header)
            path = self._inside(path)
        self._note(path, header, header)
        for pair in node.named_children:
            if pair.type == "pair":
                self._read_pair(pair, path)

    def _inside(self, path: KeyPath) -> KeyPath:
        """The path of a table, or of the last item so far where it is an array of tables."""
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _read_pair(self, node: Node, table: KeyPath) -> None:
        if node.has_error:
            return  # tomllib reads it and this grammar does not: the line of the table around it will do
        key, value = (child for child in node.named_children if child.type != "comment")
        path = table
        for part in _keys(key):
            path = (*path, part)
            self._note(path, node, node)
        self._read_value(value, path)

    def _read_value(self, node: Node, path: KeyPath) -> None:
        children = [child for child in node.named_children if child.type != "comment"]
        if node.type == "array":
            for index, item in enumerate(children):
                self._note((*path, index), item, item)
                self._read_value(item, (*path, index))
        elif node.type == "inline_table":
            for pair in children:
                self._read_pair(pair, path)

    def _note(self, path: KeyPath, first: Node, last: Node) -> None:
        self._lines.setdefault(path, (first.start_point.row + 1, last.end_point.row + 1))


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_toml.language()))


def _keys(node: Node) -> Iterator[str]:
    """The parts of a key, as `tomllib` reads their quotes and escapes."""
    if node.type == "dotted_key":
        for child in node.named_children:
            if child.type in _KEYS:
                yield from _keys(child)
    else:
        yield from tomllib.loads(f"{(node.text or b'').decode()} = 0")
