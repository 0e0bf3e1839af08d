"""How a milestone is named on the command line."""

from __future__ import annotations

import pytest

from mdpc.matching import AmbiguousError, named
from tests.core.build import plan, record

MILESTONES = plan(
    record("github:acme/api#1", "v2.0"),
    record("jira:API#10001", "2.0"),
    record("github:acme/api#2", "Data  centre move"),
    record("github:acme/docs#1", "v3.0"),
    record("github:acme/docs#2", "Handbook"),
    record("github:acme/web#1", "v3.0"),
    record("github:acme/web#2", "handbook", closed=True),
    record("github:acme/web#3", "Old", closed=True),
    record("github:acme/web#4", ""),
    record("github:acme/web#5", "stale"),
    record("github:acme/web#6", "[Q1] Launch"),
    programs=[{"name": "platform", "members": [{"ref": "github:acme/api"}, {"ref": "jira:API"}]}],
).milestones


def keys(text: str) -> list[str]:
    return sorted(each.key for each in named(text, MILESTONES))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("platform/2.0", "platform/2.0"),
        ("Platform/v2.0", "platform/2.0"),
        ("v2.0", "platform/2.0"),
        ("V2.0 ", "platform/2.0"),
        ("2.0", "platform/2.0"),
        ("github:acme/api#v2.0", "platform/2.0"),
        ("jira:API#2.0", "platform/2.0"),
        ("jira:API#10001", "platform/2.0"),
        ("github:acme/docs/v3.0", "github:acme/docs/3.0"),
        ("github:acme/web#v3.*", "github:acme/web/3.0"),
        ("data centre move", "platform/data centre move"),
        ("platform/Data*", "platform/data centre move"),
        ("Handbook", "github:acme/docs/handbook"),
        ("Old", "github:acme/web/old"),
        ("[Q1] Launch", "github:acme/web/[q1] launch"),
    ],
)
def test_a_milestone_is_found_by_what_people_see(text: str, key: str) -> None:
    assert keys(text) == [key]


def test_a_program_or_a_glob_names_several() -> None:
    assert keys("platform") == ["platform/2.0", "platform/data centre move"]
    assert keys("github:acme/*/3.0") == ["github:acme/docs/3.0", "github:acme/web/3.0"]
    assert keys("*#v3.0") == ["github:acme/docs/3.0", "github:acme/web/3.0"]


@pytest.mark.parametrize("text", ["v4.0", "", " ", "acme", "platform/", "api#v2.0"])
def test_what_nothing_is_called(text: str) -> None:
    assert keys(text) == []


def test_a_title_that_several_have_names_none_of_them() -> None:
    with pytest.raises(AmbiguousError) as caught:
        named("v3.0", MILESTONES)
    assert str(caught.value) == (
        "'v3.0' is the title of several milestones: github:acme/docs/3.0, github:acme/web/3.0. Name one by its key"
    )


def test_of_very_many_only_some_are_told() -> None:
    many = plan(*(record(f"github:acme/r{number}#1", "v1") for number in range(9))).milestones
    with pytest.raises(AmbiguousError, match=r"r4/1 and 4 more\. Name one by its key$"):
        named("v1", many)
