from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mdpc_github.selection import Pattern, Repository, Selection
from tests.github.helpers import settings


def repository(name: str, *, public: bool = False, topics: tuple[str, ...] = ()) -> Repository:
    return Repository(name, f"R_{name}", f"https://github.com/{name}", public, topics=frozenset(topics))


def chosen(entries: list[str], *found: Repository, members: tuple[str, ...] = ()) -> list[str]:
    selection = Selection.of(entries, [Pattern.parse(member) for member in members])
    return [one.name for one in found if selection.refusal(one, frozenset({one.name})) is None]


def test_names_and_globs_say_which_and_excludes_take_away() -> None:
    found = [repository(f"acme/{name}") for name in ("api", "web-shop", "web-attic")]
    assert chosen(["acme/api", "acme/web-*", "!acme/*-attic"], *found) == ["acme/api", "acme/web-shop"]


def test_names_are_matched_without_regard_to_case() -> None:
    assert chosen(["Acme/API", "ACME/web-*"], repository("acme/api"), repository("acme/Web-Shop")) == [
        "acme/api",
        "acme/Web-Shop",
    ]


def test_topics_narrow_to_one_of_those_named() -> None:
    found = [repository("a/x", topics=("one",)), repository("a/y", topics=("two",)), repository("a/z")]
    assert chosen(["a/*", "topic:one", "topic:TWO"], *found) == ["a/x", "a/y"]
    assert chosen(["a/*", "!topic:one"], *found) == ["a/y", "a/z"]


def test_visibility_narrows() -> None:
    found = [repository("a/x", public=True), repository("a/y")]
    assert chosen(["a/*", "public"], *found) == ["a/x"]
    assert chosen(["a/*", "!public"], *found) == ["a/y"]
    assert chosen(["a/*", "private"], *found) == ["a/y"]
    assert chosen(["a/*", "public", "private"], *found) == ["a/x", "a/y"]


@pytest.mark.parametrize("entries", [["public"], ["!private"], ["*/*", "public"]])
def test_a_list_without_globs_selects_from_all(entries: list[str]) -> None:
    assert chosen(entries, repository("a/x", public=True), repository("b/y")) == ["a/x"]
    assert [glob.text for glob in Selection.of(entries, []).globs] == ["*/*"]


def test_an_empty_list_selects_nothing() -> None:
    assert chosen([], repository("a/x")) == []
    assert Selection.of([], []).patterns == ()


def test_members_come_on_top_and_are_not_narrowed() -> None:
    found = [repository("a/x", public=True), repository("b/y"), repository("b/z")]
    assert chosen(["a/*", "public"], *found, members=("b/y",)) == ["a/x", "b/y"]


def test_excludes_take_away_from_members_globs_but_not_from_their_names() -> None:
    found = [repository("a/x"), repository("a/y"), repository("a/z")]
    assert chosen(["!a/x", "!a/y"], *found, members=("a/*", "a/x")) == ["a/x", "a/z"]


def test_a_refusal_says_why() -> None:
    one = repository("a/x")
    assert Selection.of(["a/x", "!a/*"], []).refusal(one, frozenset({"a/x"})) == "taken away by !a/*"
    assert Selection.of(["a/x", "topic:t"], []).refusal(one, frozenset({"a/x"})) == "has no topic t"
    assert Selection.of(["a/x", "public"], []).refusal(one, frozenset({"a/x"})) == "is private"


@pytest.mark.parametrize(
    ("entry", "advice"),
    [
        ("acme", "write OWNER/NAME"),
        ("acme/", "write OWNER/NAME"),
        ("acme/a b", "write OWNER/NAME"),
        ("acme/a/b", "write OWNER/NAME"),
        ("https://github.com/acme/api", "web address"),
        ("ac*/api", "one entry for each owner"),
        ("*/api", "one entry for each owner"),
        ("tag:product", "write topic:NAME"),
        ("topic:", "write topic:NAME"),
        ("internal", "write OWNER/NAME"),
        ("", "write OWNER/NAME"),
        ("!", "write OWNER/NAME"),
    ],
)
def test_a_bad_entry_says_what_to_write(entry: str, advice: str) -> None:
    with pytest.raises(ValidationError, match=advice) as caught:
        settings(repositories=["acme/ok", entry])
    assert caught.value.errors()[0]["loc"] == ("repositories", 1)


@pytest.mark.parametrize("entry", ["acme/*", "*/*", "!*/attic", "!topic:x", "!private", "acme/[ab]?", "a_b/c.d-e"])
def test_good_entries(entry: str) -> None:
    assert settings(repositories=[entry]).repositories == (entry,)


_NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,8}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,7}", fullmatch=True)


@given(_NAMES)
def test_a_name_matches_itself_in_any_case_and_its_owners_glob(name: str) -> None:
    owner = name.partition("/")[0]
    assert Pattern.parse(name).literal
    assert Pattern.parse(name.upper()).matches(name.lower())
    assert Pattern.parse(f"{owner}/*").matches(name)
    assert Pattern.parse("*/*").matches(name)
