from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdpc.settings.places import KeyPath, Places

TEXT = """\
timezone = "UTC" # one
[connectors.github]
repositories = [
  "acme/*",
  # no item
  "ümläut/x", { x = 1 },
]
issue = { type = "Task", "q.r".s = 2 }

[[programs]]
name = "a"
[programs.sub]
z = 1
[[programs]]
name = 'b'
members = ["x"]
  [[programs.steps]]
  at = 1
  [[programs.steps]]
  at = 2
[people."a \\u0062"]
x.y = \"\"\"
two
lines\"\"\"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("timezone",), 1),
        (("connectors",), 2),
        (("connectors", "github"), 2),
        (("connectors", "github", "repositories"), 3),
        (("connectors", "github", "repositories", 0), 4),
        (("connectors", "github", "repositories", 1), 6),
        (("connectors", "github", "repositories", 2, "x"), 6),
        (("connectors", "github", "issue", "q.r", "s"), 8),
        (("programs", 0, "name"), 11),
        (("programs", 0, "sub", "z"), 13),
        (("programs", 1), 14),
        (("programs", 1, "members", 0), 16),
        (("programs", 1, "steps", 1, "at"), 20),
        (("people", "a b", "x", "y"), 22),
        (("people", "a b", "missing"), 21),
        (("programs", 0, "missing", 3), 10),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_the_line_of_a_key_or_of_what_is_around_it(path: KeyPath, line: int | None) -> None:
    assert Places(TEXT).line(path) == line


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (4, ("connectors", "github", "repositories", 0)),
        (5, ("connectors", "github", "repositories")),
        (24, ("people", "a b", "x", "y")),
        (9, ()),
    ],
)
def test_the_innermost_key_of_a_line(line: int, path: KeyPath) -> None:
    assert Places(TEXT).at(line) == path


def test_text_that_only_tomllib_can_read_costs_the_line_at_most() -> None:
    assert Places("a = = 1\n[b]\nc = 1\n").line(("b", "c")) in (None, 2, 3)


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=6)
VALUES = st.recursive(
    st.integers() | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def spell(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{spell(key)} = {spell(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(spell, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def paths(value: object, path: KeyPath) -> Iterator[KeyPath]:
    yield path
    entries: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from paths(inner, (*path, key))


@settings(max_examples=40)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_everything_that_tomllib_reads_has_its_line(tables: dict[str, Any]) -> None:
    text = "".join(f"{spell(key)} = {spell(value)}\n" for key, value in tables.items())
    assert tomllib.loads(text) == tables
    places = Places(text)
    for number, (key, value) in enumerate(tables.items(), start=1):
        assert {places.line(path) for path in paths(value, (key,))} == {number}
