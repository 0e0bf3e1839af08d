"""What a member's record is called when the milestone is renamed: `title` patterns turned around."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mdpc.join import same_title, shared_title
from mdpc.retitle import retitled, titled
from mdpc.settings import Member


def member(pattern: str | None) -> Member:
    return Member(ref="jira:WEB", title=pattern)


@pytest.mark.parametrize(
    ("pattern", "shared", "whole"),
    [
        (None, "v2.1", "v2.1"),
        ("^web (?P<key>.+)", "v2.1", "web v2.1"),
        ("^web (?P<key>.+)$", "v2.1", "web v2.1"),
        ("(?P<key>.+) web$", "v2.1", "v2.1 web"),
        (r"\Aweb (?P<key>.+)\Z", "v2.1", "web v2.1"),
        (r"^\[web\] (?P<key>.+) \(x\)$", "v2.1", "[web] v2.1 (x)"),
        (r"^web (?P<key>v?\d+\.\d+)$", "2.1", "web 2.1"),
        (r"^a\.b (?P<key>[^/]+)$", "2.1", "a.b 2.1"),
        ("^(?P<key>.+)$", "2.1", "2.1"),
        ("(?P<key>.+)", "2.1", "2.1"),
        (r"^v\d", "v2.1", "v2.1"),
        ("", "v2.1", "v2.1"),
    ],
)
def test_a_pattern_of_plain_text_around_its_key_is_turned_around(pattern: str | None, shared: str, whole: str) -> None:
    assert titled(shared, member(pattern)) == whole


@pytest.mark.parametrize(
    ("pattern", "shared"),
    [
        (r"^web \d (?P<key>.+)", "v2.1"),
        ("^(?:web|app) (?P<key>.+)", "v2.1"),
        ("^web ?(?P<key>.+)", "v2.1"),
        ("^web.(?P<key>.+)", "v2.1"),
        ("(?i)^web (?P<key>.+)", "v2.1"),
        (r"^web\s(?P<key>.+)", "v2.1"),
        (r"^web (?P<key>(\d+\.)+\d)$", "2.1"),
        ("^web (?P<key>.+)|app", "2.1"),
        ("^web", "v2.1"),
        (r"^web (?P<key>\d+)$", "Launch"),
        ("^web (?P<key>[a-z]+)", "2.1"),
        ("^(?P<key>.+?) web", "a web b"),
        (r"(?P<key>.+) \$", "2.1"),
        (r"^web (?P<key>[^()]+)$", "2.1"),
    ],
)
def test_what_cannot_be_turned_around_for_sure_is_left_to_people(pattern: str, shared: str) -> None:
    assert titled(shared, member(pattern)) is None


@pytest.mark.parametrize(
    ("pattern", "title", "old", "shared", "whole"),
    [
        (None, "v2.0", "v2.0", "v2.1", "v2.1"),
        ("^web (?P<key>.+)", "web v2.0", "v2.0", "2.1", "web 2.1"),
        ("(?i)^web (?P<key>.+)", "Web v2.0", "v2.0", "2.1", "Web 2.1"),
        (r"^(?:web|app) +(?P<key>.+?)( \(.*\))?$", "app  v2.0 (beta)", "v2.0", "v2.1", "app  v2.1 (beta)"),
        (r"(?P<key>v\d+\.\d+)", "Release v2.0 of all", "v2.0", "v2.1", "Release v2.1 of all"),
        (r"^v\d", "v2.0", "v2.0", "v3.0", "v3.0"),
        ("^web (?P<key>.+)", "app v2.0", "v2.0", "2.1", "web 2.1"),
        ("^web (?P<key>.+)", "web v1.9", "v2.0", "2.1", "web 2.1"),
    ],
)
def test_what_stands_around_the_shared_part_stays(
    pattern: str | None, title: str, old: str, shared: str, whole: str
) -> None:
    assert retitled(title, old, shared, member(pattern)) == whole


@pytest.mark.parametrize(
    ("pattern", "title", "old", "shared"),
    [
        (r"^web (?P<key>\d+\.\d+)$", "web 2.0", "2.0", "Launch"),
        (r"^v\d", "v2.0", "v2.0", "Launch"),
        (r"(?i)^web (?P<key>\d.*)", "Web 2.0", "2.0", "Launch"),
        ("(?i)^web (?P<key>.+)", "app 2.0", "2.0", "2.1"),
    ],
)
def test_a_record_that_would_no_longer_belong_is_not_renamed(pattern: str, title: str, old: str, shared: str) -> None:
    assert retitled(title, old, shared, member(pattern)) is None


PATTERNS = [
    "^web (?P<key>.+)",
    "(?P<key>.+) web$",
    "(?P<key>.+)",
    r"^\[web\] (?P<key>[^)]+)$",
    r"^(?P<key>\S+)",
    "web (?P<key>.+?)( |$)",
    "(?i)^web:? *(?P<key>.*)$",
    r"^v\d",
    r"(?P<key>v?\d+(?:\.\d+)*)",
]
TITLES = st.text(st.sampled_from("webv.12 [](:\\$^\u00e9\u0130A"), max_size=12)


@given(pattern=st.sampled_from(PATTERNS), shared=TITLES)
def test_whatever_is_made_joins_under_the_shared_title(pattern: str, shared: str) -> None:
    whole = titled(shared, member(pattern))
    assert whole is None or same_title(shared_title(whole, member(pattern)), shared)


@given(pattern=st.sampled_from(PATTERNS), title=TITLES, shared=TITLES)
def test_whatever_is_renamed_joins_under_the_shared_title(pattern: str, title: str, shared: str) -> None:
    old = shared_title(title, member(pattern))
    assume(old is not None)
    whole = retitled(title, old or "", shared, member(pattern))
    assert whole is None or same_title(shared_title(whole, member(pattern)), shared)


@given(pattern=st.sampled_from(PATTERNS), title=TITLES)
def test_what_keeps_its_shared_part_keeps_its_title(pattern: str, title: str) -> None:
    found = re.search(pattern, title)
    assume(found is not None and found.groupdict().get("key"))
    old = shared_title(title, member(pattern)) or ""
    assert retitled(title, old, old, member(pattern)) == title
