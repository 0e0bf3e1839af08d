"""What a configuration has mdpc do in each container, and the rights that come of it."""

from __future__ import annotations

from typing import Any

import pytest

from mdpc.model import ContainerRef
from mdpc.rights import Use
from mdpc.settings.file import from_tables
from mdpc.uses import teams_of, uses_of

API, WEB, JIRA = "github:acme/api", "github:acme/web", "jira:API"
PROGRAM = [{"name": "platform", "members": [API, JIRA]}]
QUIET = {"title": "report", "due": "report"}
BARE = {Use.READ, Use.WRITE}
GATE = {"name": "release", "reviewers": ["team:acme/leads", "carol"]}


def uses(container: str = API, **tables: Any) -> set[Use]:
    connectors = {
        "github": {"repositories": ["acme/*"]} | tables.pop("github", {}),
        "jira": {"url": "https://jira.acme.example"} | tables.pop("jira", {}),
    }
    people = {"carol": {"github": "carol-gh"}}
    settings = from_tables({"connectors": connectors, "people": people, **tables}, {})
    return set(uses_of(settings, ContainerRef.parse(container)))


@pytest.mark.parametrize("tables", [{}, {"gates": [GATE]}, {"programs": PROGRAM}])
def test_a_connector_that_only_reads_is_read_and_no_more(tables: dict[str, Any]) -> None:
    assert uses(github={"access": "read"}, **tables) == {Use.READ}


def test_a_container_that_no_program_names_is_its_own_home() -> None:
    assert uses() == BARE | {Use.MEMORY}
    assert uses(gates=[GATE]) == BARE | {Use.MEMORY, Use.ISSUES}


def test_records_that_may_conflict_are_talked_about_at_home_alone() -> None:
    assert uses(programs=PROGRAM) == BARE | {Use.MEMORY, Use.LINKS, Use.ISSUES}
    assert uses(JIRA, programs=PROGRAM) == BARE | {Use.MEMORY, Use.LINKS}
    assert Use.ISSUES not in uses(programs=PROGRAM, sync={"fields": QUIET})
    assert Use.ISSUES not in uses(programs=PROGRAM, writeback={"issue": "never"})


@pytest.mark.parametrize(
    "tables",
    [
        {"gates": [GATE | {"match": "platform/*"}]},
        {"gates": [GATE | {"match": f"{API}#v1"}]},
        {"gates": [GATE | {"match": f"{JIRA}"}]},
        {"escalation": {"steps": [{"at": "+1d", "to": ["owner"]}]}},
        {"celebrate": {}},
        {"writeback": {"issue": "always"}},
        {"writeback": {"issue": "never", "dashboard": True}},
    ],
)
def test_what_is_written_on_issues_of_the_home(tables: dict[str, Any]) -> None:
    quiet: dict[str, Any] = {"programs": PROGRAM, "sync": {"fields": QUIET}}
    assert Use.ISSUES in uses(**quiet, **tables)
    assert Use.ISSUES not in uses(JIRA, **quiet, **tables)


def test_a_gate_of_another_program_asks_for_nothing_here() -> None:
    programs = [*PROGRAM, {"name": "shop", "members": [WEB]}]
    gates = [GATE | {"match": "shop/*", "on_bypass": "reopen"}]
    tables: dict[str, Any] = {"programs": programs, "sync": {"fields": QUIET}, "gates": gates}
    assert uses(**tables) == BARE | {Use.MEMORY, Use.LINKS}
    assert uses(WEB, **tables) == BARE | {Use.MEMORY, Use.STATES, Use.ISSUES}


def test_one_container_of_each_tracker_keeps_what_no_record_may_hold() -> None:
    members = ["github:acme/*", JIRA, "jira:WEB"]
    for home, keeper in ((None, JIRA), ("jira:WEB", "jira:WEB")):
        programs = [{"name": "platform", "members": members} | ({"home": home} if home else {})]
        keeping = {name for name in (API, JIRA, "jira:WEB") if Use.MEMORY in uses(name, programs=programs)}
        assert keeping == {keeper}
    assert Use.MEMORY in uses("jira:api", programs=PROGRAM)


def test_the_home_may_be_named() -> None:
    programs = [PROGRAM[0] | {"home": JIRA}]
    assert Use.ISSUES in uses(JIRA, programs=programs)
    assert Use.ISSUES not in uses(programs=programs)
    globbed = [{"name": "platform", "members": ["github:acme/*"]}]
    assert Use.ISSUES in uses(WEB, programs=globbed)  # wherever a milestone's holder is


def test_states_are_changed_where_another_side_leads() -> None:
    led: dict[str, Any] = {"programs": PROGRAM, "sync": {"fields": {"state": "github"}}}
    assert Use.STATES in uses(JIRA, **led)
    assert Use.STATES not in uses(**led)
    assert Use.STATES not in uses(programs=PROGRAM)


def test_records_are_made_where_create_says() -> None:
    for create in (["jira"], [JIRA]):
        assert Use.CREATE in uses(JIRA, programs=PROGRAM, sync={"create": create})
        assert Use.CREATE not in uses(programs=PROGRAM, sync={"create": create})


def test_teams_that_the_configuration_lists_are_not_asked_for() -> None:
    def asked(**tables: Any) -> tuple[str, ...]:
        people = {"carol": {"github": "carol-gh"}}
        return teams_of(from_tables({"connectors": {"github": {}}, "people": people, **tables}, {}))

    assert asked() == ()
    assert asked(gates=[GATE]) == ("acme/leads",)
    assert asked(gates=[GATE], teams={"acme/leads": ["carol"]}) == ()
