"""Who answers for a milestone."""

from typing import Any

import pytest

from mdpc.model import Account, Owner
from tests.core.build import milestone, record

PEOPLE = {
    "alice": {"logins": {"github": "alice-gh", "jira": "acc-1"}},
    "bob": {"logins": {"github": "Bob-GH"}},
    "erin": {"logins": {"github": "erin"}, "gone": True},
}


def owner(*records: object, **tables: object) -> tuple[str, str, bool] | None:
    found: Owner | None = milestone(*records, **{"people": PEOPLE, **tables}).owner  # type: ignore[arg-type]
    return (found.name, found.source, found.known) if found else None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Owner: @alice-gh", ("alice", True)),
        ("owner: @ALICE-gh, please ask him", ("alice", True)),
        ("Owner: @bob-gh", ("bob", True)),
        ("Owner: alice", ("alice", True)),
        ("Owner: Alice", ("alice", True)),
        ("**Owner:** @stranger", ("stranger", False)),
        ("- Owner: Zoe Miller", ("Zoe Miller", False)),
        ("> Owner : @stranger.", ("stranger", False)),
        ("Some text\r\nOwner: @alice-gh\r\nmore", ("alice", True)),
        ("Owner: TBD\nOwner: @alice-gh", ("alice", True)),
        ("Owner: Alice (@alice-gh)", ("alice", True)),
        ("Owner: [@alice-gh](https://github.com/alice-gh)", ("alice", True)),
        ("Owner: Alice, until March", ("alice", True)),
        ("Owner: @acme/team", ("acme/team", False)),
        ("Owner: zoe@acme.example", ("zoe@acme.example", False)),
        ("Owner: @erin\nOwner: @alice-gh", ("alice", True)),
    ],
)
def test_a_line_in_the_description_names_the_owner(line: str, expected: tuple[str, bool]) -> None:
    assert owner(record("github:acme/api#1", description=line)) == (expected[0], "description", expected[1])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Owner: @TBD",
        "Owner: TBD (soon)",
        "Owner:",
        "Owner: TBD",
        "Owner: ???",
        "Owner: n/a",
        "Owner: @erin",
        "<!-- Owner: @alice -->",
        "The co-owner is @x",
    ],
)
def test_nobody_is_named(line: str) -> None:
    assert owner(record("github:acme/api#1", description=line)) is None


def test_what_mdpc_wrote_itself_names_nobody() -> None:
    block = "<!-- mdpc:begin -->\nOwner: @alice-gh\n<!-- mdpc:end -->"
    assert owner(record("github:acme/api#1", description=block)) is None


def test_the_holder_is_asked_first_then_member_order() -> None:
    programs = [{"name": "p", "members": [{"ref": "jira:API"}, {"ref": "github:acme/*"}], "home": "github:acme/b"}]
    records = [
        record("jira:API#1", "1.0", description="Owner: @first"),
        record("github:acme/a#1", description="Owner: @second"),
        record("github:acme/b#1", description="Owner: @home"),
    ]
    assert owner(*records, programs=programs) == ("home", "description", False)
    assert owner(*records[:2], programs=programs) == ("first", "description", False)


def test_the_sources_are_asked_in_the_configured_order() -> None:
    facts: dict[str, Any] = {
        "description": "Owner: @x",
        "driver": Account("jira", "acc-1", "Alice A."),
        "assignee": Account("jira", "acc-9", "Zoe"),
    }
    version = record("jira:API#1", **facts)
    owners_map = {"jira:*": "bob"}
    orders = {
        ("description", "driver"): ("x", "description", False),
        ("driver", "description"): ("alice", "driver", True),
        ("assignee",): ("Zoe", "assignee", False),
        ("map",): ("bob", "map", True),
    }
    for sources, expected in orders.items():
        assert owner(version, owners={"sources": sources, "map": owners_map}) == expected


def test_of_the_map_the_last_match_wins() -> None:
    owners = {
        "map": {"github:acme/*": "alice", "github:acme/api": "@stranger", "github:acme/api#1": "bob", "jira:*": "alice"}
    }
    assert owner(record("github:acme/api#1"), owners=owners) == ("bob", "map", True)
    assert owner(record("github:acme/api#2"), owners=owners) == ("stranger", "map", False)
    assert owner(record("github:acme/web#2"), owners=owners) == ("alice", "map", True)
