from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unittest.mock import Mock

import pytest
import responses
from responses import matchers

from mdpc.model import ContainerRef, Reading, Scope
from mdpc.notes import note_key
from mdpc_jira.client import JiraClient
from mdpc_jira.notes import LONGEST_QUERY, Notes
from tests.jira.helpers import CLOUD, ME, SERVER, calls, cloud, cloud_settings, page, project, server

API2 = f"{CLOUD}/rest/api/2"
DC2 = f"{SERVER}/rest/api/2"
SCOPE = Scope(members=("API",), notes={"api": ("platform",)})
FIRST = {"v": 1, "pages": 1, "b": 2, "a": 1}


def on_cloud(
    mock: responses.RequestsMock, properties: str, *projects: dict[str, Any], keys: tuple[str, ...] = ("API",)
) -> None:
    """Answer the questions that a reading begins with, the listing with these properties; no project has a version."""
    mock.get(f"{API2}/myself", json=ME)
    wanted = {} if not keys else {"keys": list(keys) if len(keys) > 1 else keys[0]}
    query = {"startAt": 0, "maxResults": 100, "properties": properties} | wanted
    mock.get(f"{API2}/project/search", json=page(*projects), match=[matchers.query_param_matcher(query)])
    for each in projects:
        mock.get(f"{API2}/project/{each['key']}/version", json=page())


def on_server(mock: responses.RequestsMock, *keys: str) -> None:
    mock.get(f"{DC2}/myself", json={"name": "bot"})
    for number, key in enumerate(keys):
        mock.get(f"{DC2}/project/{key}", json=project(key, number))
        mock.get(f"{DC2}/project/{key}/version", json=page())


def holds(mock: responses.RequestsMock, name: str, value: Any, site: str = API2, key: str = "API") -> None:
    mock.get(f"{site}/project/{key}/properties/{name}", json={"key": name, "value": value})


def lacks(mock: responses.RequestsMock, name: str, site: str = API2, key: str = "API") -> None:
    said = f"The property with the key '{name}' was not found."
    mock.get(f"{site}/project/{key}/properties/{name}", status=404, json={"errorMessages": [said]})


def notes(reading: Reading) -> dict[str, Mapping[str, str]]:
    assert reading.unread == ()
    return {ref.name: held for ref, held in reading.notes.items()}


def test_on_cloud_the_listing_brings_them(jira: responses.RequestsMock) -> None:
    on_cloud(jira, "mdpc.platform.0", project("API", properties={"mdpc.platform.0": FIRST}))
    connector = cloud()
    reading = connector.read(SCOPE)
    assert reading.notes == {
        ContainerRef("jira", "API"): {"mdpc.platform.0": '{"a":1,"b":2,"pages":1,"v":1}'},
    }
    assert connector.requests == 3


def test_a_project_without_notes_has_an_empty_entry_and_one_not_asked_for_has_none(
    jira: responses.RequestsMock,
) -> None:
    listed = (project("API", 1, properties={}), project("WEB", 2, properties={"mdpc.platform.0": FIRST}))
    on_cloud(jira, "mdpc.platform.0", *listed, keys=("API", "WEB"))
    assert notes(cloud().read(Scope(members=("API", "WEB"), notes={"API": ("platform",)}))) == {"API": {}}


def test_further_pages_are_asked_for_one_by_one(jira: responses.RequestsMock) -> None:
    on_cloud(jira, "mdpc.platform.0", project("API", properties={"mdpc.platform.0": {"v": 1, "pages": 3}}))
    lacks(jira, "mdpc.platform.1")
    holds(jira, "mdpc.platform.2", ["é"])
    assert notes(cloud().read(SCOPE)) == {
        "API": {"mdpc.platform.0": '{"pages":3,"v":1}', "mdpc.platform.2": '["\\u00e9"]'}
    }


@pytest.mark.parametrize("first", [{"v": 1}, {"pages": True}, {"pages": "9"}, {"pages": -1}, {"pages": 0}, [], "x", 1])
def test_a_first_page_that_says_no_number_is_the_only_one(jira: responses.RequestsMock, first: Any) -> None:
    on_cloud(jira, "mdpc.platform.0", project("API", properties={"mdpc.platform.0": first}))
    assert list(notes(cloud().read(SCOPE))["API"]) == ["mdpc.platform.0"]


def test_a_number_that_nobody_needs_is_a_reason_to_look(jira: responses.RequestsMock) -> None:
    forged = {"v": 1, "pages": 10**9}
    jira.get(f"{API2}/myself", json=ME)
    jira.get(f"{API2}/project/search", json=page(project("API", properties={"mdpc.platform.0": forged})))
    reading = cloud().read(SCOPE)
    assert "mdpc.platform.0 of API says that mdpc's notes have 1000000000 pages" in reading.unread[0].why
    assert (reading.containers, dict(reading.notes)) == ((), {})


def test_a_cloud_that_does_not_bring_them_is_asked_one_by_one(jira: responses.RequestsMock) -> None:
    on_cloud(jira, "mdpc.platform.0", project("API"))
    holds(jira, "mdpc.platform.0", FIRST)
    assert list(notes(cloud().read(SCOPE))["API"]) == ["mdpc.platform.0"]


def test_a_container_that_no_member_covers_has_its_own(jira: responses.RequestsMock) -> None:
    names = ("API", "WEB-X", "OPS")
    listed = [project(key, n, properties={"mdpc.own.0": {"of": key}}) for n, key in enumerate(names)]
    on_cloud(jira, "mdpc.own.0", *listed, keys=())
    connector = cloud(projects=["*"])
    reading = connector.read(Scope(members=("web-?", "api"), own_notes=True))
    assert notes(reading) == {"OPS": {"mdpc.own.0": '{"of":"OPS"}'}}


def test_what_title_patterns_leave_over_has_notes_of_its_own(jira: responses.RequestsMock) -> None:
    held = {"mdpc.own.0": 1, "mdpc.platform.0": 2}
    on_cloud(jira, "mdpc.own.0,mdpc.platform.0", project("API", properties=held))
    scope = Scope(members=("API",), notes={"API": ("platform",)}, own_notes=True, partial=("API",))
    assert notes(cloud().read(scope)) == {"API": {"mdpc.platform.0": "2", "mdpc.own.0": "1"}}


def test_several_programs_of_one_project(jira: responses.RequestsMock) -> None:
    held = {"mdpc.a.0": 1, "mdpc.b.0": 2, "mdpc.own.0": 3}
    on_cloud(jira, "mdpc.own.0,mdpc.a.0,mdpc.b.0", project("API", properties=held))
    scope = Scope(members=("API",), notes={"API": ("b", "a")}, own_notes=True)
    assert notes(cloud().read(scope)) == {"API": {"mdpc.b.0": "2", "mdpc.a.0": "1"}}


def test_a_project_under_an_old_key_has_the_notes_of_that_name(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/myself", json=ME)
    jira.get(f"{API2}/project/search", json=page())
    jira.get(f"{API2}/project/OLD", json=project("API"))
    jira.get(f"{API2}/project/API/version", json=page())
    holds(jira, "mdpc.platform.0", FIRST)
    reading = cloud().read(Scope(members=("OLD",), notes={"OLD": ("platform",)}, own_notes=True))
    assert {ref.name: list(held) for ref, held in reading.notes.items()} == {"API": ["mdpc.platform.0"]}


def test_data_center_is_asked_once_for_each_program(jira: responses.RequestsMock) -> None:
    on_server(jira, "API", "WEB")
    holds(jira, "mdpc.a.0", FIRST, DC2)
    lacks(jira, "mdpc.b.0", DC2)
    lacks(jira, "mdpc.a.0", DC2, "WEB")
    reading = server().read(Scope(members=("API", "WEB"), notes={"API": ("a", "b"), "web": ("a",)}))
    assert {key: list(held) for key, held in notes(reading).items()} == {"API": ["mdpc.a.0"], "WEB": []}


@pytest.mark.parametrize("code", [400, 403, 500])
def test_notes_that_cannot_be_read_make_the_project_unread(jira: responses.RequestsMock, code: int) -> None:
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    jira.get(f"{DC2}/project/API/properties/mdpc.platform.0", status=code)
    reading = server().read(SCOPE)
    assert [unread.container for unread in reading.unread] == ["jira:API"]
    assert str(code) in reading.unread[0].why
    assert (reading.containers, dict(reading.notes)) == ((), {})


def test_a_lost_right_is_no_absence_of_notes(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    lacks(jira, "mdpc.platform.0", DC2)
    jira.get(f"{DC2}/project/API/version", status=404)
    assert dict(server().read(SCOPE).notes) == {}


def test_nothing_asked_costs_nothing(jira: responses.RequestsMock) -> None:
    on_server(jira, "API")
    reading = server().read(Scope(members=("API",), own_notes=True))
    assert dict(reading.notes) == {}
    assert calls(jira) == ["GET 2/myself", "GET 2/project/API", calls(jira)[2]]


def test_more_programs_than_an_address_holds_are_asked_for_one_by_one() -> None:
    programs = tuple(f"program-{number:03}-{'x' * 40}" for number in range(80))
    client = Mock(spec=JiraClient("jira", cloud_settings()))
    client.get.return_value = {"value": 1}
    scope = Scope(members=("API",), notes={"API": programs})
    asked = Notes(client, scope)
    assert 20 < len(asked.listed) < 80
    assert len(",".join(asked.listed)) < LONGEST_QUERY + len(asked.listed)
    brought = dict.fromkeys(asked.listed, 1)
    found = asked.read(Mock(key="API", properties=brought), ["API"])
    assert found is not None
    assert set(found) == {note_key(program, 0) for program in programs}
    assert client.get.call_count == 80 - len(asked.listed)
