from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest
import responses
from responses import matchers

from mdpc.connector import TrackerError
from mdpc_jira.client import JiraClient
from mdpc_jira.projects import Found, Wanted, find
from tests.jira.helpers import CLOUD, SERVER, calls, cloud_settings, page, project, server_settings

API2 = f"{CLOUD}/rest/api/2"
DC2 = f"{SERVER}/rest/api/2"


def on_cloud(*names: str, projects: tuple[str, ...] = ()) -> Found:
    return find(JiraClient("jira", cloud_settings(), sleep=Mock()), Wanted.of(projects, names))


def on_server(*names: str, projects: tuple[str, ...] = ()) -> Found:
    return find(JiraClient("jira", server_settings(), sleep=Mock()), Wanted.of(projects, names))


def asking(start: int) -> list[Any]:
    return [matchers.query_param_matcher({"startAt": start, "maxResults": 100})]


def keys(found: Found) -> list[str]:
    return [each.key for each in found.projects]


@pytest.mark.parametrize(
    ("projects", "members", "wanted"),
    [
        (["API", "web"], ["api", "OPS"], Wanted(("API", "WEB", "OPS"), (), ())),
        (["W*", "!web-*"], ["x?"], Wanted((), ("W*", "X?"), ("WEB-*",))),
        (["API", "!API"], [], Wanted((), (), ("API",))),
        (["!API"], ["API"], Wanted(("API",), (), ("API",))),
        ([], [], Wanted((), (), ())),
    ],
)
def test_what_is_wanted(projects: list[str], members: list[str], wanted: Wanted) -> None:
    assert Wanted.of(projects, members) == wanted


def test_nothing_wanted_asks_nothing(jira: responses.RequestsMock) -> None:
    assert on_cloud() == Found()
    assert on_server() == Found()


def test_cloud_is_asked_for_fifty_keys_at_once(jira: responses.RequestsMock) -> None:
    names = [f"P{number}" for number in range(60)]
    for chunk in (names[:50], names[50:]):
        match = [matchers.query_param_matcher({"keys": chunk, "startAt": 0, "maxResults": 100})]
        jira.get(
            f"{API2}/project/search", json=page(*map(project, chunk, map(int, (n[1:] for n in chunk)))), match=match
        )
    assert keys(on_cloud(*names)) == names


def test_old_keys_and_other_spellings_lead_to_the_current_key(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/project/search", json=page(project("API")))
    jira.get(f"{API2}/project/OLD", json=project("API"))
    found = on_cloud("api", "OLD")
    assert keys(found) == ["API"]
    assert found.renamed == {"OLD": "API"}
    assert found.names("API") == ["API", "OLD"]


@pytest.mark.parametrize("others", [(), ("A", "B", "C")])
def test_data_center_knows_a_project_by_its_old_key(jira: responses.RequestsMock, others: tuple[str, ...]) -> None:
    jira.get(f"{DC2}/project/OLD", json=project("API"))
    if others:
        jira.get(f"{DC2}/project", json=[project("API"), *(project(key, ord(key)) for key in others)])
    found = on_server("OLD", *others)
    assert keys(found) == ["API", *others]
    assert found.renamed == {"OLD": "API"}


def test_a_project_that_is_not_shown_is_unread(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/project/search", json=page(project("API")))
    jira.get(f"{API2}/project/WEB", status=404, json={"errorMessages": ["No project could be found with key 'WEB'."]})
    found = on_cloud("API", "WEB")
    assert keys(found) == ["API"]
    assert found.unread == {
        "WEB": "There is no project WEB, or this account may not see it (404). "
        "Check the key, and give the account Browse Projects on WEB."
    }


def test_a_name_cannot_leave_its_place_in_the_address(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/project/API%2F..%2FMYSELF%23X", status=404)
    assert list(on_server("API/../myself#x").unread) == ["API/../MYSELF#X"]


def test_an_archived_project_is_left_out_and_said_so(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/project/search", json=page())
    jira.get(f"{API2}/project/OLD", json=project("OLD", archived=True))
    assert on_cloud("OLD").skipped == {"OLD": "The project is archived."}
    jira.get(f"{API2}/project/OLDER", json=project("OLD", archived=True))
    assert set(on_cloud("OLDER").skipped) == {"OLD", "OLDER"}


def test_globs_are_listed_page_by_page(jira: responses.RequestsMock) -> None:
    first = page(project("WEB", 1), project("WEBX", 2), last=False, total=4)
    jira.get(
        f"{API2}/project/search", json=first, match=[matchers.query_param_matcher({"startAt": 0, "maxResults": 100})]
    )
    last = page(project("API", 3), project("WEB-OLD", 4), start=2, total=4)
    jira.get(
        f"{API2}/project/search", json=last, match=[matchers.query_param_matcher({"startAt": 2, "maxResults": 100})]
    )
    found = on_cloud("API", "X*", projects=("web*", "!*-old"))
    assert keys(found) == ["API", "WEB", "WEBX"]
    assert list(found.unread) == ["X*"]
    assert "No project whose key matches" in found.unread["X*"]


def test_a_failing_listing_leaves_globs_unread_and_asks_for_keys(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/project/search", status=403)
    jira.get(f"{API2}/project/API", json=project("API"))
    found = on_cloud("API", "W*")
    assert keys(found) == ["API"]
    assert "(GET /rest/api/2/project/search: 403)" in found.unread["W*"]


def test_wrong_credentials_end_it(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/project/search", status=401)
    with pytest.raises(TrackerError, match="did not accept the credentials"):
        on_cloud("API")


def test_data_center_is_asked_for_few_keys_one_by_one(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/project/API", json=project("API"))
    jira.get(f"{DC2}/project/WEB", status=500)
    found = on_server("API", "WEB")
    assert keys(found) == ["API"]
    assert "Jira failed" in found.unread["WEB"]


def test_data_center_lists_everything_for_many_keys_and_for_globs(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/project", json=[project(key, number) for number, key in enumerate("ABCDE")])
    assert keys(on_server("A", "B", "C", "D")) == ["A", "B", "C", "D"]
    assert keys(on_server("[AE]")) == ["A", "E"]
    assert calls(jira) == ["GET 2/project"] * 2


def test_a_project_known_to_be_private(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/project/search", json=page(project("API", isPrivate=True)))
    assert [each.private for each in on_cloud("API").projects] == [True]
