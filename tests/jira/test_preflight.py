from __future__ import annotations

from typing import Any

import responses
from responses import matchers

from mdpc.connector import Problem
from mdpc.model import Scope
from tests.jira.helpers import CLOUD, SERVER, TOKEN, cloud, project, server, signed_in

API2 = f"{CLOUD}/rest/api/2"
DC2 = f"{SERVER}/rest/api/2"
SCOPE = Scope(members=("API",))


def rights(mock: responses.RequestsMock, asked: str | None, site: str = API2, **held: bool) -> None:
    body = {"permissions": {name: {"havePermission": has} for name, has in held.items()}}
    which = {"permissions": asked} if asked else {}
    match = [matchers.query_param_matcher({"projectKey": "API", **which})]
    mock.get(f"{site}/mypermissions", json=body, match=match)


def new_issues(mock: responses.RequestsMock, *needed: str, site: str = API2, kind: str = "Task") -> None:
    """What a new issue of a type needs in API."""
    values = "issueTypes" if site == API2 else "values"
    mock.get(f"{site}/issue/createmeta/API/issuetypes", json={values: [{"id": "7", "name": kind}], "total": 1})
    if kind == "Task":
        fields = [{"fieldId": name, "name": name.title(), "required": True} for name in ("summary", *needed)]
        fields += [{"fieldId": "reporter", "name": "Reporter", "required": True, "hasDefaultValue": True}]
        fields += [{"fieldId": "duedate", "name": "Due", "required": False}]
        values = "fields" if site == API2 else "values"
        mock.get(f"{site}/issue/createmeta/API/issuetypes/7", json={values: fields, "total": len(fields)})


def test_all_is_well(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={"version": "1001.0.0", "deploymentType": "Cloud"})
    signed_in(jira, project("API"))
    rights(jira, "BROWSE_PROJECTS,ADMINISTER_PROJECTS", BROWSE_PROJECTS=True, ADMINISTER_PROJECTS=True)
    new_issues(jira)
    assert cloud().preflight(SCOPE) == [
        Problem("info", "jira", "Jira Cloud, version 1001.0.0"),
        Problem("info", "jira", "signed in as The Bot (5b10:Bot)"),
        Problem("info", "jira:API", "this account has Browse Projects and Administer Projects"),
    ]
    assert {call.request.method for call in jira.calls} == {"GET"}


def test_missing_rights_and_projects(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/serverInfo", json={"version": "9.12.3", "deploymentType": "Server"})
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    jira.get(f"{DC2}/project/WEB", status=404)
    jira.get(f"{DC2}/project/OLD", json=project("OLD", archived=True))
    rights(jira, None, DC2, BROWSE_PROJECTS=True, ADMINISTER_PROJECTS=False)
    problems = server(deployment=None).preflight(Scope(members=("API", "WEB", "OLD")))
    assert [(problem.level, problem.where) for problem in problems] == [
        ("info", "jira"),
        ("info", "jira"),
        ("error", "jira:WEB"),
        ("info", "jira:OLD"),
        ("error", "jira:API"),
    ]
    assert problems[0].what == "Jira Data Center, version 9.12.3"
    assert problems[-1].what == "this account lacks Administer Projects"
    assert problems[-1].next_step == 'Give it Administer Projects on API, or set access = "read".'


def test_reading_needs_fewer_rights(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    rights(jira, "BROWSE_PROJECTS", BROWSE_PROJECTS=True)
    assert [problem.level for problem in cloud(access="read").preflight(SCOPE)] == ["info"] * 3


def test_epics_need_their_own_rights_and_a_date_field(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    jira.get(f"{API2}/field", json=[{"id": "customfield_10015", "schema": {"type": "date"}}])
    asked = "BROWSE_PROJECTS,EDIT_ISSUES,TRANSITION_ISSUES"
    rights(jira, asked, BROWSE_PROJECTS=True, EDIT_ISSUES=True, TRANSITION_ISSUES=True)
    new_issues(jira)
    problems = cloud(milestones="epics", due_field="customfield_10015").preflight(SCOPE)
    assert [problem.level for problem in problems] == ["info"] * 3


def needs_of(jira: responses.RequestsMock, *needed: str, kind: str = "Task", **settings: Any) -> list[Problem]:
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    rights(jira, "BROWSE_PROJECTS,ADMINISTER_PROJECTS", BROWSE_PROJECTS=True, ADMINISTER_PROJECTS=True)
    new_issues(jira, *needed, kind=kind)
    return list(cloud(**settings).preflight(SCOPE))[3:]


def test_a_field_that_coordination_issues_need(jira: responses.RequestsMock) -> None:
    (problem,) = needs_of(jira, "customfield_10200", "priority", issue={"fields": {"Priority": "High"}})
    assert (problem.level, problem.where) == ("warn", "jira:API")
    assert problem.what == "a new Task needs Customfield_10200 (customfield_10200)"
    assert problem.next_step == (
        "Set connectors.jira.issue.fields.customfield_10200, if coordination issues are to live in API, or make it "
        "optional in Jira."
    )


def test_an_issue_type_that_is_not_there(jira: responses.RequestsMock) -> None:
    (problem,) = needs_of(jira, kind="Bug")
    assert (problem.level, problem.what) == ("warn", "there is no issue type Task")
    assert problem.next_step == "Set connectors.jira.issue.type, if coordination issues are to live in API."


def test_data_center_tells_fields_otherwise_or_not_at_all(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/serverInfo", json={})
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    rights(jira, None, DC2, BROWSE_PROJECTS=True, ADMINISTER_PROJECTS=True)
    jira.get(f"{DC2}/issue/createmeta/API/issuetypes", status=404)
    assert [problem.level for problem in server().preflight(SCOPE)] == ["info"] * 3
    jira.remove("GET", f"{DC2}/issue/createmeta/API/issuetypes")
    new_issues(jira, "customfield_1", site=DC2)
    assert [problem.level for problem in server().preflight(SCOPE)] == ["info"] * 3 + ["warn"]


def test_a_due_field_that_is_none(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    jira.get(f"{API2}/myself", json={"accountId": "1"})
    fields: list[dict[str, Any]] = [{"id": "customfield_1", "schema": {"type": "string"}}]
    jira.get(f"{API2}/field", json=fields)
    for due_field, said in (("customfield_1", "is of the type string"), ("customfield_2", "does not exist")):
        problem = cloud(milestones="epics", due_field=due_field).preflight(SCOPE)[-1]
        assert (problem.level, said in problem.what) == ("error", True)


def test_wrong_credentials_are_said_once(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    jira.get(f"{API2}/myself", status=401, json={"message": TOKEN})
    problems = cloud().preflight(SCOPE)
    assert [problem.level for problem in problems] == ["info", "error"]
    assert problems[1].what.startswith("Jira did not accept the credentials")
    assert "MDPC_CONNECTORS__JIRA__TOKEN" in problems[1].next_step
    assert problems[1].next_step not in problems[1].what
    assert TOKEN not in repr(problems)


def test_no_token(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/serverInfo", json={})
    jira.get(f"{DC2}/project/API", json=project("API"))
    jira.get(f"{DC2}/mypermissions", status=401)
    assert [problem.level for problem in server(token=None).preflight(SCOPE)] == ["info", "warn", "error"]
    assert [problem.level for problem in server(token=None, access="read").preflight(SCOPE)] == [
        "info",
        "info",
        "error",
    ]


def test_a_listing_that_breaks_off_is_reported(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    jira.get(f"{API2}/myself", json={"accountId": "1"})
    jira.get(f"{API2}/project/search", status=401)
    assert cloud().preflight(SCOPE)[-1].level == "error"


def test_answers_of_another_shape_are_reported(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json=["surprise"])
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    jira.get(f"{API2}/mypermissions", json=["surprise"])
    for level, where in (("error", "jira"), ("error", "jira:API")):
        problem = cloud().preflight(SCOPE)[-1]
        assert (problem.level, problem.where) == (level, where)
        assert "not what its API describes" in problem.what


def test_an_open_line_is_a_warning(jira: responses.RequestsMock) -> None:
    jira.get("http://jira.acme.example/rest/api/2/serverInfo", status=404)
    problems = server(url="http://jira.acme.example").preflight(SCOPE)
    assert [problem.level for problem in problems] == ["warn", "error"]
