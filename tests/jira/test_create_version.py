from __future__ import annotations

from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.changes import Created, Outcome, Value
from mdpc.model import Scope
from mdpc_jira.creating import mark_in
from tests.jira.creations import creation, only
from tests.jira.helpers import CLOUD, SERVER, STATUS, TOKEN, calls, cloud, page, project, server, version

URL = f"{CLOUD}/rest/api/2"
DC = f"{SERVER}/rest/api/2"
ALL: dict[str, Value] = {"title": "1.0", "due": "2026-12-01", "start": "2026-10-01", "state": "open", "status": STATUS}
BODY = {
    "name": "1.0",
    "releaseDate": "2026-12-01",
    "startDate": "2026-10-01",
    "description": STATUS,
    "projectId": 10000,
}
MADE = version("10010", "1.0", description=STATUS)
CREATED = Created("10010", "10010", f"{CLOUD}/projects/API/versions/10010")
OTHER = STATUS.replace("m0123456789ab", "mffffffffffff")
TAKEN = {"errorMessages": [], "errors": {"name": "A version with this name already exists in this project."}}
LOST = [{"body": requests.exceptions.ReadTimeout()}, {"status": 502}, {"body": "<html>"}, {"json": ["surprise"]}]


def posts(mock: responses.RequestsMock, wanted: dict[str, Any] | None = None, **answer: Any) -> None:
    """Answer the POST as told, else with what was made."""
    match = [matchers.json_params_matcher(wanted or BODY)]
    mock.post(f"{URL}/version", match=match, **({"status": 201} | (answer or {"json": MADE})))


def lists(mock: responses.RequestsMock, *versions: dict[str, Any]) -> None:
    query = {"maxResults": 100, "startAt": 0}
    mock.get(f"{URL}/project/API/version", json=page(*versions), match=[matchers.query_param_matcher(query)])


@pytest.fixture
def api(jira: responses.RequestsMock) -> responses.RequestsMock:
    """A Jira that is asked for the project's id first."""
    jira.get(f"{URL}/project/API", json=project("API"))
    return jira


def applied(**fields: Value) -> Outcome:
    return only(cloud().apply(creation(**fields)))


def test_a_version_is_one_post(api: responses.RequestsMock) -> None:
    posts(api)
    assert cloud().apply(creation(**ALL)) == [Outcome(f"c-{name}", "done", "", CREATED) for name in ALL]
    assert calls(api) == ["GET 2/project/API", "POST 2/version"]


def test_a_project_that_was_read_is_not_asked_for(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC}/myself", json={"name": "bot"})
    jira.get(f"{DC}/project/API", json=project("API"))
    jira.get(f"{DC}/project/API/version", json=page())
    connector = server(projects=["API"])
    connector.read(Scope())
    jira.post(f"{DC}/version", status=201, json=MADE, match=[matchers.json_params_matcher(BODY)])
    created = only(connector.apply(creation(**ALL))).created
    assert created == Created("10010", "10010", f"{SERVER}/projects/API/versions/10010")
    assert calls(jira)[3:] == ["POST 2/version"]


def test_what_is_not_wanted_is_not_sent(api: responses.RequestsMock) -> None:
    posts(api, {"name": "1.0", "projectId": 10000})
    assert applied(title="1.0", due=None, start=None, status=None).status == "done"


def test_a_released_version(api: responses.RequestsMock) -> None:
    posts(api, {"name": "1.0", "projectId": 10000, "released": True}, json=MADE | {"released": True})
    assert applied(title="1.0", state="closed").status == "done"


def test_a_version_that_cloud_leaves_unreleased_is_released_afterwards(api: responses.RequestsMock) -> None:
    posts(api, {"name": "1.0", "projectId": 10000, "released": True}, json=MADE)
    api.get(f"{URL}/version/10010", json=MADE)
    api.put(f"{URL}/version/10010", json={}, match=[matchers.json_params_matcher({"released": True})])
    outcomes = cloud().apply(creation(title="1.0", state="closed"))
    assert outcomes == [Outcome("c-title", "done", "", CREATED), Outcome("c-state", "done", "", CREATED)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"due": "2026-12-01"}, "without a title"),
        ({"title": " "}, "without a title"),
        ({"title": "x" * 256}, "255 characters"),
        ({"title": "1.0", "status": "ü" * 8193}, "16,384 bytes"),
        ({"title": "1.0", "driver": "alice"}, "'driver'"),
    ],
)
def test_what_cannot_be_made_is_told_before_jira_refuses(
    jira: responses.RequestsMock, fields: dict[str, Value], said: str
) -> None:
    outcome = applied(**fields)
    assert (outcome.status, said in outcome.answer) == ("failed", True)


def test_read_access_sends_nothing(jira: responses.RequestsMock) -> None:
    assert only(cloud(access="read").apply(creation(**ALL))).status == "failed"


def test_issues_that_a_query_selects_cannot_be_made(jira: responses.RequestsMock) -> None:
    outcome = only(cloud(milestones="issues", jql="a = b").apply(creation(**ALL)))
    assert (outcome.status, "cannot know how to make one" in outcome.answer) == ("failed", True)


def test_the_name_of_this_milestones_own_version_is_there_already(api: responses.RequestsMock) -> None:
    posts(api, status=400, json=TAKEN)
    lists(api, version("1", "0.9"), MADE | {"description": f"People's\r\n{STATUS.replace('alice', 'bob')}\r\nmore"})
    assert applied(**ALL) == Outcome("c-title", "already", "", CREATED)


@pytest.mark.parametrize(
    ("held", "status", "said"),
    [
        ({}, "stale", "API has a version with this name, id 10010. Run again"),
        ({"description": OTHER}, "stale", "API has a version with this name"),
        ({"name": " 1.0"}, "stale", "API has a version with this name"),
        ({"released": True}, "stale", "API has a released version with this name, id 10010. Rename it"),
        ({"archived": True, "description": STATUS}, "failed", "API has an archived version with this name, id 10010"),
    ],
)
def test_the_name_of_another_version(api: responses.RequestsMock, held: dict[str, Any], status: str, said: str) -> None:
    posts(api, status=400, json=TAKEN)
    lists(api, version("10010", "1.0") | held)
    outcome = applied(**ALL)
    assert (outcome.status, outcome.created) == (status, None)
    assert outcome.answer.startswith(said)


def test_the_very_name_counts_before_one_that_is_alike(api: responses.RequestsMock) -> None:
    posts(api, BODY | {"name": "A"}, status=400, json=TAKEN)
    lists(api, version("1", "a"), version("10010", "A", description=STATUS))
    assert applied(**(ALL | {"title": "A"})).created == CREATED


def test_a_name_that_jira_does_not_take_for_another_reason(api: responses.RequestsMock) -> None:
    posts(api, status=400, json={"errors": {"name": "You must specify a valid version name"}})
    lists(api)
    outcome = applied(**ALL)
    assert (outcome.status, "You must specify a valid version name" in outcome.answer) == ("failed", True)
    assert "Administer" not in outcome.answer


@pytest.mark.parametrize("code", [400, 403, 404])
def test_a_missing_right_is_named_however_jira_tells_it(api: responses.RequestsMock, code: int) -> None:
    posts(api, status=code, json={"errorMessages": [f"You cannot {TOKEN}"], "errors": {}})
    outcome = applied(**ALL)
    assert (outcome.status, "needs Administer Projects on API" in outcome.answer) == ("failed", True)
    assert TOKEN not in outcome.answer


def test_a_date_that_jira_refuses(api: responses.RequestsMock) -> None:
    posts(api, status=400, json={"errors": {"startDate": "The start date must not be after the release date."}})
    outcome = applied(**ALL)
    assert ("must not be after" in outcome.answer, "Administer" in outcome.answer) == (True, False)


def test_a_project_that_is_gone(jira: responses.RequestsMock) -> None:
    jira.get(f"{URL}/project/API", status=404)
    outcome = applied(**ALL)
    assert (outcome.status, "404" in outcome.answer) == ("failed", True)


@pytest.mark.parametrize("lost", LOST)
def test_after_a_lost_answer_it_is_looked_for_and_not_sent_again(
    api: responses.RequestsMock, lost: dict[str, Any]
) -> None:
    posts(api, **lost)
    lists(api, version("10009", "x", description=STATUS), MADE, version("10011", "1.0", description=OTHER))
    outcome = applied(**ALL)
    assert (outcome.status, outcome.answer, outcome.created) == (
        "done",
        "The answer was lost, but it is there.",
        CREATED,
    )
    assert [line.split()[0] for line in calls(api)] == ["GET", "POST", "GET"]


@pytest.mark.parametrize("lost", LOST)
def test_what_was_lost_and_is_not_there_has_failed(api: responses.RequestsMock, lost: dict[str, Any]) -> None:
    posts(api, **lost)
    lists(api, version("10009", "1.0"))
    outcome = applied(**ALL)
    assert (outcome.status, outcome.answer.startswith("It was not made: ")) == ("failed", True)


def test_what_cannot_be_looked_for_is_unknown(api: responses.RequestsMock) -> None:
    posts(api, status=502)
    api.get(f"{URL}/project/API/version", status=502)
    outcome = applied(**ALL)
    assert (outcome.status, "Whether it was made is not known" in outcome.answer) == ("unknown", True)


def test_without_a_mark_nobody_can_tell(api: responses.RequestsMock) -> None:
    posts(api, {"name": "1.0", "projectId": 10000}, status=502)
    assert applied(title="1.0").status == "unknown"


def test_a_limit_is_waited_out_and_it_is_sent_again(api: responses.RequestsMock) -> None:
    posts(api, status=429, headers={"Retry-After": "3"})
    posts(api)
    assert applied(**ALL).status == "done"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        (None, None),
        ("see [m0123456789ab]", None),
        (STATUS, "m0123456789ab"),
        (f"People's\r\n{STATUS}\r\nmore", "m0123456789ab"),
        (f"{OTHER}\n{STATUS}", "m0123456789ab"),
        (STATUS.replace("alice", "[mffffffffffff]"), "m0123456789ab"),
    ],
)
def test_the_mark_is_at_the_end_of_a_status(text: str | None, mark: str | None) -> None:
    assert mark_in(text) == mark
