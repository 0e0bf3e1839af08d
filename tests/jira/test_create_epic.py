from __future__ import annotations

from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.changes import Created, Outcome, Value
from mdpc_jira import adf
from tests.jira.creations import creation, only
from tests.jira.helpers import CLOUD, SERVER, STATUS, TOKEN, calls, cloud, issue, server, status

V3 = f"{CLOUD}/rest/api/3"
DC = f"{SERVER}/rest/api/2"
ALL: dict[str, Value] = {"title": "Go", "due": "2026-12-01", "state": "open", "status": STATUS}
FIELDS = {"project": {"key": "API"}, "issuetype": {"name": "Epic"}, "summary": "Go", "duedate": "2026-12-01"}
ON_CLOUD = FIELDS | {"description": adf.place(None, STATUS)}
ON_SERVER = FIELDS | {"description": STATUS, "customfield_10011": "Go"}
MADE = {"id": "20001", "key": "API-12", "self": f"{V3}/issue/20001"}
CREATED = Created("API-12", "20001", f"{CLOUD}/browse/API-12")
EPIC_NAME = {"custom": "com.pyxis.greenhopper.jira:gh-epic-label", "customId": 10011}
NAMED = [{"id": "summary"}, {"id": "customfield_10011", "schema": EPIC_NAME}]


@pytest.fixture
def jira(jira: responses.RequestsMock) -> responses.RequestsMock:
    """The same, with a project that has no epics yet."""
    lists(jira)
    lists(jira, url=f"{DC}/search")
    jira.assert_all_requests_are_fired = False
    return jira


def lists(mock: responses.RequestsMock, *epics: dict[str, Any], url: str = f"{V3}/search/jql") -> None:
    """The project's epics, which are looked through before the first is made."""
    jql = 'project = "API" AND issuetype = Epic ORDER BY created'
    query: dict[str, Any] = {"jql": jql, "fields": "description,status", "maxResults": 1000}
    query |= {"startAt": 0} if url.endswith("search") else {}
    answer = {"issues": list(epics), "total": len(epics)}
    mock.upsert(responses.GET, url, json=answer, match=[matchers.query_param_matcher(query)])


def sent(mock: responses.RequestsMock) -> list[str]:
    """The requests after the look through the project's epics."""
    first, *others = calls(mock)
    assert "ORDER BY created&" in first
    return others


def posts(mock: responses.RequestsMock, fields: dict[str, Any], url: str = V3, **answer: Any) -> None:
    match = [matchers.json_params_matcher({"fields": fields})]
    mock.post(f"{url}/issue", match=match, **({"status": 201} | (answer or {"json": MADE})))


def finds(mock: responses.RequestsMock, *epics: dict[str, Any], url: str = f"{V3}/search/jql") -> None:
    jql = 'project = "API" AND issuetype = Epic ORDER BY created DESC'
    query = {"jql": jql, "fields": "description,status", "maxResults": 50}
    mock.get(url, json={"issues": list(epics)}, match=[matchers.query_param_matcher(query)])


def applied(**fields: Value) -> Outcome:
    return only(cloud(milestones="epics").apply(creation(**fields)))


def test_an_epic_on_cloud_is_one_post(jira: responses.RequestsMock) -> None:
    posts(jira, ON_CLOUD)
    outcomes = cloud(milestones="epics").apply(creation(**ALL))
    assert outcomes == [Outcome(f"c-{name}", "done", "", CREATED) for name in ALL]
    assert sent(jira) == ["POST 3/issue"]


def test_an_epic_on_data_center_has_a_name_in_a_field_of_that_site(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC}/field", json=NAMED)
    posts(jira, ON_SERVER, DC)
    other = {"title": "Go on", "status": STATUS.replace("m0", "mf")}
    named = {"summary": "Go on", "customfield_10011": "Go on", "description": other["status"]}
    posts(jira, ON_SERVER | named, DC)
    connector = server(milestones="epics")
    assert only(connector.apply(creation(**ALL))).created == Created("API-12", "20001", f"{SERVER}/browse/API-12")
    assert only(connector.apply(creation(**(ALL | other)))).status == "done"
    assert sent(jira) == ["GET 2/field", "POST 2/issue", "POST 2/issue"]


def test_a_data_center_without_that_field(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC}/field", json=NAMED[:1])
    posts(jira, {name: value for name, value in ON_SERVER.items() if name != "customfield_10011"}, DC)
    assert only(server(milestones="epics").apply(creation(**ALL))).status == "done"


def test_the_due_date_goes_where_the_configuration_says(jira: responses.RequestsMock) -> None:
    fields = {name: value for name, value in ON_CLOUD.items() if name != "duedate"}
    posts(jira, fields | {"customfield_10015": "2026-12-01"})
    connector = cloud(milestones="epics", due_field="customfield_10015")
    assert only(connector.apply(creation(**ALL))).status == "done"


def test_a_closed_epic_is_made_and_then_moved(jira: responses.RequestsMock) -> None:
    posts(jira, ON_CLOUD)
    jira.get(f"{V3}/issue/20001", json=issue("20001", "API-12"))
    offered = [{"id": "31", "name": "Close", "to": status("done")}]
    jira.get(f"{CLOUD}/rest/api/2/issue/20001/transitions", json={"transitions": offered})
    jira.post(f"{CLOUD}/rest/api/2/issue/20001/transitions", status=204)
    outcomes = cloud(milestones="epics").apply(creation(**(ALL | {"state": "closed"})))
    assert outcomes == [Outcome(f"c-{name}", "done", "", CREATED) for name in ALL]


def test_an_epic_that_cannot_be_closed_is_there_all_the_same(jira: responses.RequestsMock) -> None:
    posts(jira, ON_CLOUD)
    jira.get(f"{V3}/issue/20001", json=issue("20001", "API-12"))
    jira.get(f"{CLOUD}/rest/api/2/issue/20001/transitions", json={"transitions": []})
    outcomes = {each.change: each for each in cloud(milestones="epics").apply(creation(**(ALL | {"state": "closed"})))}
    assert {name: each.status for name, each in outcomes.items()} == {
        "c-title": "done",
        "c-due": "done",
        "c-state": "failed",
        "c-status": "done",
    }
    assert all(each.created == CREATED for each in outcomes.values())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": STATUS}, "without a title"),
        ({"title": "x" * 256}, "255 characters"),
        ({"title": "Go", "start": "2026-10-01"}, "'start'"),
    ],
)
def test_what_cannot_be_made_is_told_before_jira_refuses(
    jira: responses.RequestsMock, fields: dict[str, Value], said: str
) -> None:
    outcome = applied(**fields)
    assert (outcome.status, said in outcome.answer) == ("failed", True)


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        (400, {"errors": {"customfield_10200": "Team is required."}}, "Team is required"),
        (
            400,
            {"errors": {"customfield_10200": "Team is required."}},
            "It is about customfield_10200: make it optional",
        ),
        (400, {"errors": {"project": "You do not have permission."}}, "Create Issues, on API"),
        (400, {"errors": {"issuetype": "valid issue type is required"}}, "needs the issue type Epic"),
        (403, {"errorMessages": [f"No, {TOKEN}"]}, "Create Issues, on API"),
        (422, {"errorMessages": ["A configuration problem"]}, "A configuration problem"),
    ],
)
def test_a_refusal_fails_with_jiras_words_and_the_next_step(
    jira: responses.RequestsMock, code: int, body: dict[str, Any], said: str
) -> None:
    posts(jira, ON_CLOUD, status=code, json=body)
    outcome = applied(**ALL)
    assert (outcome.status, outcome.created) == ("failed", None)
    assert said in outcome.answer
    assert TOKEN not in outcome.answer


LOST = [{"body": requests.exceptions.ReadTimeout()}, {"status": 502}, {"body": "<html>"}, {"json": {}}]


@pytest.mark.parametrize("lost", LOST)
def test_after_a_lost_answer_it_is_looked_for_and_not_sent_again(
    jira: responses.RequestsMock, lost: dict[str, Any]
) -> None:
    posts(jira, ON_CLOUD, **lost)
    other = issue("20002", "API-13", description=adf.place(None, STATUS.replace("m0", "mf")))
    finds(jira, other, issue("20003", "API-14"), issue("20001", "API-12", description=adf.place(None, STATUS)))
    outcome = applied(**ALL)
    assert (outcome.status, outcome.created) == ("done", CREATED)
    assert [line.split()[0] for line in sent(jira)] == ["POST", "GET"]


def test_cloud_shows_a_new_epic_a_little_later(jira: responses.RequestsMock) -> None:
    posts(jira, ON_CLOUD, status=502)
    finds(jira)
    finds(jira)
    finds(jira, issue("20001", "API-12", description=adf.place(None, STATUS)))
    assert applied(**ALL).created == CREATED
    assert [line.split()[0] for line in sent(jira)] == ["POST", "GET", "GET", "GET"]


def test_what_cloud_does_not_show_is_unknown_and_never_made_twice(jira: responses.RequestsMock) -> None:
    posts(jira, ON_CLOUD, status=502)
    finds(jira)
    outcome = applied(**ALL)
    assert (outcome.status, "Look before you run again" in outcome.answer) == ("unknown", True)
    assert sum(line.startswith("POST") for line in sent(jira)) == 1


def test_data_center_shows_at_once_what_is_there(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC}/field", json=NAMED)
    posts(jira, ON_SERVER, DC, status=502)
    finds(jira, issue("20001", "API-12", description="People's"), url=f"{DC}/search")
    outcome = only(server(milestones="epics").apply(creation(**ALL)))
    assert (outcome.status, outcome.answer.startswith("It was not made")) == ("failed", True)
    assert [line.split()[0] for line in sent(jira)] == ["GET", "POST", "GET"]


def test_a_closed_epic_whose_answer_was_lost_is_moved_all_the_same(jira: responses.RequestsMock) -> None:
    posts(jira, ON_CLOUD, status=502)
    found = issue("20001", "API-12", description=adf.place(None, STATUS))
    found["fields"]["status"] = status("done")
    finds(jira, found)
    assert applied(**(ALL | {"state": "closed"})).status == "done"


def test_fields_that_cannot_be_asked_for(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC}/field", status=403)
    outcome = only(server(milestones="epics").apply(creation(**ALL)))
    assert (outcome.status, "403" in outcome.answer) == ("failed", True)


def test_an_answer_of_another_shape_is_no_crash(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC}/field", json={"surprise": 1})
    assert only(server(milestones="epics").apply(creation(**ALL))).status == "failed"


def test_without_a_mark_nobody_can_tell(jira: responses.RequestsMock) -> None:
    fields = {"project": {"key": "API"}, "issuetype": {"name": "Epic"}, "summary": "Go"}
    posts(jira, fields, status=502)
    assert applied(title="Go").status == "unknown"
    assert len(calls(jira)) == 1


@pytest.mark.parametrize("place", ["cloud", "server"])
def test_an_epic_that_was_made_before_is_not_made_again(jira: responses.RequestsMock, place: str) -> None:
    on_cloud = place == "cloud"
    text = adf.place(None, STATUS) if on_cloud else STATUS
    copied = issue("20009", "API-19", description=text)
    people = issue("20002", "API-2", description=None)
    there = [people, issue("20001", "API-12", description=text), copied]
    lists(jira, *there, url=f"{V3}/search/jql" if on_cloud else f"{DC}/search")
    outcome = only((cloud if on_cloud else server)(milestones="epics").apply(creation(**ALL)))
    site = CLOUD if on_cloud else SERVER
    assert (outcome.status, outcome.created) == ("already", Created("API-12", "20001", f"{site}/browse/API-12"))
    assert sent(jira) == []


def test_what_was_just_made_is_known_without_another_look(jira: responses.RequestsMock) -> None:
    posts(jira, ON_CLOUD)
    connector = cloud(milestones="epics")
    assert [only(connector.apply(creation(**ALL))).status for _ in range(2)] == ["done", "already"]
    assert sent(jira) == ["POST 3/issue"]


def test_where_epics_cannot_be_looked_through_none_is_made(jira: responses.RequestsMock) -> None:
    jira.upsert(responses.GET, f"{V3}/search/jql", status=403, json={"errorMessages": ["No"]})
    outcome = applied(**ALL)
    assert (outcome.status, "403" in outcome.answer) == ("failed", True)
