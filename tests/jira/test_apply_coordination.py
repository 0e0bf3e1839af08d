from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.changes import Created, Outcome, Value
from mdpc_jira import JiraConnector, adf
from tests.jira.creations import creation, only
from tests.jira.helpers import CLOUD, SERVER, TOKEN, calls, change, cloud, issue, server, status

V3 = f"{CLOUD}/rest/api/3"
DC = f"{SERVER}/rest/api/2"
BODY = "One place.\n\n(mdpc:issue m1)"
ALL: dict[str, Value] = {"title": "Go", "body": BODY, "label": "milestone"}
FIELDS: dict[str, Any] = {
    "project": {"key": "API"},
    "issuetype": {"name": "Task"},
    "summary": "Go",
    "description": adf.written(BODY),
    "labels": ["milestone"],
}
ON_SERVER = FIELDS | {"description": BODY}
CREATED = Created("API-12", "20001", f"{CLOUD}/browse/API-12")
MADE = {"id": "20001", "key": "API-12"}
OWN = 'project = "API" AND creator in (currentUser()) ORDER BY created DESC'


def finds(mock: responses.RequestsMock, *issues: dict[str, Any], url: str = f"{V3}/search/jql", **answer: Any) -> None:
    query: dict[str, Any] = {"jql": OWN, "fields": "description,status", "maxResults": 1000}
    query |= {} if url.startswith(CLOUD) else {"startAt": 0}
    body = {"json": {"issues": list(issues), "total": len(issues)}}
    mock.get(url, match=[matchers.query_param_matcher(query)], **(answer or body))


def posts(mock: responses.RequestsMock, fields: Mapping[str, Any], url: str = V3, **answer: Any) -> None:
    match = [matchers.json_params_matcher({"fields": dict(fields)})]
    mock.post(f"{url}/issue", match=match, **({"status": 201} | (answer or {"json": MADE})))


def made(connector: JiraConnector | None = None, /, **fields: Value) -> list[Outcome]:
    changes = [replace(each, kind="issue") for each in creation(**(ALL | fields))]
    return list((connector or cloud()).apply(changes))


def there() -> dict[str, Any]:
    return issue("20001", "API-12", description=adf.written(BODY))


def test_it_is_looked_for_and_made_by_one_request(jira: responses.RequestsMock) -> None:
    other = issue("20002", "API-13", description=adf.written("x (mdpc:issue m2)"))
    finds(jira, other, issue("20003", "API-14"))
    posts(jira, FIELDS)
    assert made() == [Outcome(f"c-{name}", "done", "", CREATED) for name in ALL]


def test_on_data_center_text_and_people_are_plain(jira: responses.RequestsMock) -> None:
    finds(jira, url=f"{DC}/search")
    posts(jira, ON_SERVER | {"assignee": {"name": "alice"}}, DC)
    assert only(made(server(), assignee="alice")).created == Created("API-12", "20001", f"{SERVER}/browse/API-12")


def test_what_is_there_is_not_made_again(jira: responses.RequestsMock) -> None:
    finds(jira, there())
    outcome = only(made())
    assert (outcome.status, outcome.created) == ("already", CREATED)


def test_people_may_write_on_behind_the_mark(jira: responses.RequestsMock) -> None:
    finds(jira, issue("20001", "API-12", description=adf.written(f"{BODY}\nSee you there.")))
    assert only(made()).status == "already"


def test_the_configuration_says_what_else_is_set(jira: responses.RequestsMock) -> None:
    given = {
        "priority": "High",
        "Parts": ["core", "web"],
        "team": "Core",
        "customfield_9": {"id": "7"},
        "Who": "a",
        "Why": "so",
        "customfield_0": 3,
    }
    schemas: dict[str, dict[str, str]] = {
        "priority": {"type": "priority"},
        "parts": {"type": "array", "items": "component"},
        "team": {"type": "option"},
        "who": {"type": "user"},
        "why": {"type": "string", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:textarea"},
    }
    fields = [
        {"fieldId": name if name == "priority" else f"customfield_{place}", "name": name.title(), "schema": schema}
        for place, (name, schema) in enumerate(schemas.items(), 1)
    ]
    types = [{"id": "1", "name": "Task"}, {"id": "2", "name": "Decision"}]
    meta = f"{CLOUD}/rest/api/2/issue/createmeta/API/issuetypes"
    jira.get(meta, json={"issueTypes": types[:1], "total": 2})
    jira.get(meta, json={"issueTypes": types[1:], "total": 2})
    jira.get(f"{meta}/2", json={"fields": fields, "total": len(fields)})
    finds(jira)
    sent = FIELDS | {
        "issuetype": {"name": "decision"},
        "priority": {"name": "High"},
        "customfield_2": [{"name": "core"}, {"name": "web"}],
        "customfield_3": {"value": "Core"},
        "customfield_9": {"id": "7"},
        "customfield_4": {"accountId": "a"},
        "customfield_5": adf.written("so"),
        "customfield_0": 3,
    }
    posts(jira, sent)
    connector = cloud(issue={"type": "decision", "fields": given})
    assert only(made(connector)).status == "done"
    assert only(made(connector)).status == "done"
    assert sum("createmeta" in line for line in calls(jira)) == 3


def test_a_jira_that_does_not_tell_its_fields(jira: responses.RequestsMock) -> None:
    jira.get(f"{CLOUD}/rest/api/2/issue/createmeta/API/issuetypes", status=404)
    finds(jira)
    posts(jira, FIELDS | {"priority": {"name": "High"}, "components": [{"name": "core"}], "customfield_1": "x"})
    fields = {"priority": "High", "components": "core", "customfield_1": "x"}
    assert only(made(cloud(issue={"fields": fields}))).status == "done"


def test_a_jira_that_fails_to_tell_its_fields(jira: responses.RequestsMock) -> None:
    jira.get(f"{CLOUD}/rest/api/2/issue/createmeta/API/issuetypes", status=503)
    finds(jira)
    assert only(made(cloud(issue={"fields": {"priority": "High"}}))).status == "failed"
    assert not any(line.startswith("POST") for line in calls(jira))


NOT_ASSIGNABLE: dict[str, Any] = {
    "status": 400,
    "json": {"errors": {"assignee": "User 'a' cannot be assigned issues."}},
}


def test_without_an_assignee_whom_jira_does_not_take(jira: responses.RequestsMock) -> None:
    finds(jira)
    posts(jira, FIELDS | {"assignee": {"accountId": "a"}}, **NOT_ASSIGNABLE)
    posts(jira, FIELDS)
    outcomes = {each.change: each for each in made(assignee="a")}
    assert {each.status for each in outcomes.values()} == {"done"}
    assert outcomes["c-title"].answer == ""
    assert outcomes["c-assignee"].answer == (
        "Jira does not take a as the assignee: User 'a' cannot be assigned issues."
    )
    assert outcomes["c-assignee"].created == CREATED


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            {"status": 400, "json": {"errors": {"customfield_1": "Team is required."}}},
            "Set connectors.jira.issue.fields.customfield_1, or make it optional in Jira.",
        ),
        (
            {"status": 400, "json": {"errors": {"issuetype": "valid issue type is required"}}},
            "Set connectors.jira.issue.type",
        ),
        ({"status": 400, "json": {"errors": {"labels": "It is not on the screen."}}}, "Put labels on the screen"),
        ({"status": 400, "json": {"errors": {"project": "valid project is required"}}}, "Create Issues on API"),
        ({"status": 403, "json": {"errorMessages": [f"No, {TOKEN}"]}}, "Create Issues on API"),
        ({"status": 400, "json": {"errorMessages": ["No."]}}, "Create Issues on API"),
        ({"status": 422, "json": {"errorMessages": ["A configuration problem"]}}, "A configuration problem"),
    ],
)
def test_a_refusal_says_what_to_do(jira: responses.RequestsMock, answer: dict[str, Any], said: str) -> None:
    finds(jira)
    posts(jira, FIELDS, **answer)
    outcome = only(made())
    assert (outcome.status, outcome.created, said in outcome.answer) == ("failed", None, True)
    assert TOKEN not in outcome.answer


def test_without_its_table_no_field_is_set_and_none_is_asked_for(jira: responses.RequestsMock) -> None:
    finds(jira)
    posts(jira, {name: value for name, value in FIELDS.items() if name not in ("labels",)})
    changes = [replace(each, kind="issue") for each in creation(title="Go", body=BODY)]
    assert only(cloud().apply(changes)).status == "done"
    assert len(jira.calls) == 2


def test_a_search_that_is_refused_makes_nothing(jira: responses.RequestsMock) -> None:
    finds(jira, status=400, json={"errorMessages": ["No such user."]})
    outcome = only(made())
    assert (outcome.status, "No such user" in outcome.answer) == ("failed", True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "x" * 256}, "255 characters"),
        ({"body": "x" * 32_768}, "32,767 characters"),
        ({"state": "closed"}, "'state'"),
        ({"title": " "}, "without a title"),
        ({"body": "no mark"}, "Nothing tells it from others"),
    ],
)
def test_what_cannot_be_made_is_told_before(fields: dict[str, Value], said: str) -> None:
    outcome = only(made(**fields))
    assert (outcome.status, said in outcome.answer) == ("failed", True)


LOST: list[dict[str, Any]] = [{"body": requests.exceptions.ReadTimeout()}, {"status": 502}, {"body": "<html>"}]


@pytest.mark.parametrize("lost", LOST)
def test_after_a_lost_answer_it_is_never_sent_again(jira: responses.RequestsMock, lost: dict[str, Any]) -> None:
    finds(jira)
    posts(jira, FIELDS, **lost)
    finds(jira)
    finds(jira, there())
    outcome = only(made())
    assert (outcome.status, outcome.created) == ("done", CREATED)
    assert [line.split()[0] for line in calls(jira)] == ["GET", "POST", "GET", "GET"]


def test_what_cloud_does_not_show_is_unknown(jira: responses.RequestsMock) -> None:
    finds(jira)
    posts(jira, FIELDS, status=502)
    assert only(made()).status == "unknown"
    assert sum(line.startswith("POST") for line in calls(jira)) == 1


def test_an_issue_that_may_only_be_read() -> None:
    assert only(made(cloud(access="read"))).status == "failed"


def written(*fields: tuple[str, Value, Value], connector: JiraConnector | None = None) -> list[tuple[str, str]]:
    changes = [change(*each, ref="API-12", uid="20001", kind="issue") for each in fields]
    return [(each.status, each.answer) for each in (connector or cloud()).apply(changes)]


def holds(mock: responses.RequestsMock, url: str = V3, **fields: Any) -> None:
    query = matchers.query_param_matcher({"fields": "summary,status,assignee,labels"})
    mock.get(f"{url}/issue/20001", json=issue("20001", "API-12", **fields), match=[query])


def puts(mock: responses.RequestsMock, body: dict[str, Any], url: str = V3, **answer: Any) -> None:
    mock.put(f"{url}/issue/20001", match=[matchers.json_params_matcher(body)], **({"status": 204} | answer))


ADD = {"update": {"labels": [{"add": "milestone"}]}}


def test_assignee_and_label_are_one_request_that_leaves_other_labels(jira: responses.RequestsMock) -> None:
    holds(jira, labels=["docs"], assignee={"accountId": "a"})
    puts(jira, {"fields": {"assignee": {"accountId": "b"}}} | ADD)
    assert written(("assignee", "a", "b"), ("label", None, "milestone")) == [("done", "")] * 2


def test_on_data_center_nobody_is_a_name_too(jira: responses.RequestsMock) -> None:
    holds(jira, DC, assignee={"name": "a"})
    puts(jira, {"fields": {"assignee": {"name": None}}}, DC)
    holds(jira, DC)
    assert written(("assignee", "a", None), connector=server()) == [("done", "")]


def test_an_assignee_whom_jira_does_not_take_is_done_with_an_answer(jira: responses.RequestsMock) -> None:
    holds(jira)
    puts(jira, {"fields": {"assignee": {"accountId": "a"}}}, **NOT_ASSIGNABLE)
    ((said, answer),) = written(("assignee", None, "a"))
    assert (said, "cannot be assigned" in answer) == ("done", True)


def test_another_refusal_of_the_same_request_fails(jira: responses.RequestsMock) -> None:
    holds(jira)
    puts(jira, {"fields": {"assignee": {"accountId": "a"}}}, status=403)
    ((said, answer),) = written(("assignee", None, "a"))
    assert (said, "Edit Issues" in answer) == ("failed", True)


def test_the_state_is_a_transition_of_its_own(jira: responses.RequestsMock) -> None:
    holds(jira)
    path = f"{CLOUD}/rest/api/2/issue/20001/transitions"
    jira.get(path, json={"transitions": [{"id": "31", "name": "Done", "to": status("done")}]})
    jira.post(path, status=204, match=[matchers.json_params_matcher({"transition": {"id": "31"}})])
    assert written(("state", "open", "closed")) == [("done", "")]


def test_after_a_lost_answer_it_is_looked_at_again(jira: responses.RequestsMock) -> None:
    holds(jira)
    puts(jira, ADD, status=502)
    holds(jira, labels=["milestone"])
    assert written(("label", None, "milestone")) == [("done", "The answer was lost, but it is written.")]


def test_people_s_text_is_never_written_into(jira: responses.RequestsMock) -> None:
    holds(jira)
    ((said, answer),) = written(("body", None, "x"))
    assert (said, "'body'" in answer) == ("failed", True)
