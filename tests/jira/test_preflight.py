from __future__ import annotations

from typing import Any

import pytest
import responses
from responses import matchers

from mdpc.connector import Problem, Use
from mdpc.model import Scope
from mdpc_jira.rights import NAMES
from tests.jira.helpers import CLOUD, SERVER, TOKEN, cloud, project, server, signed_in
from tests.preflighted import names, problems_in, rights_in

API2 = f"{CLOUD}/rest/api/2"
DC2 = f"{SERVER}/rest/api/2"
SCOPE = Scope(members=("API",))
HOME = frozenset({Use.READ, Use.WRITE, Use.MEMORY, Use.ISSUES})
TALKING = Scope(members=("API",), uses=lambda _: HOME)
"""A project that is a home."""


def rights(mock: responses.RequestsMock, *held: str, site: str = API2) -> None:
    """What the account has in API: Cloud is asked for what mdpc knows of, Data Center for all."""
    body = {"permissions": {name: {"havePermission": name in held} for name in NAMES}}
    which = {"permissions": ",".join(NAMES)} if site == API2 else {}
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
    rights(jira, "BROWSE_PROJECTS", "ADMINISTER_PROJECTS")
    connection = cloud()
    found = connection.preflight(SCOPE)
    assert problems_in(found) == [
        Problem("info", "jira", "Jira Cloud, version 1001.0.0"),
        Problem("info", "jira", "signed in as The Bot (5b10:Bot)"),
    ]
    told = rights_in(found)["jira:API"]
    assert names(told.there) == ["Browse Projects", "Administer Projects"]
    assert (told.missing, told.more, told.unknown) == ((), (), ())
    assert {call.request.method for call in jira.calls} == {"GET"}
    assert connection.requests == len(jira.calls) == 4  # server, account, projects, rights


def test_missing_rights_and_projects(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/serverInfo", json={"version": "9.12.3", "deploymentType": "Server"})
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    jira.get(f"{DC2}/project/WEB", status=404)
    jira.get(f"{DC2}/project/OLD", json=project("OLD", archived=True))
    rights(jira, "BROWSE_PROJECTS", site=DC2)
    problems = problems_in(server(deployment=None).preflight(Scope(members=("API", "WEB", "OLD"))))
    assert [(problem.level, problem.where) for problem in problems] == [
        ("info", "jira"),
        ("info", "jira"),
        ("error", "jira:WEB"),
        ("info", "jira:OLD"),
        ("error", "jira:API"),
    ]
    assert problems[0].what == "Jira Data Center, version 9.12.3"
    assert problems[-1].what == "Administer Projects is missing (versions: status, title, dates, release)"
    assert problems[-1].next_step.endswith('or set access = "read".')


def test_reading_needs_fewer_rights_and_others_are_more_than_needed(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    rights(jira, "BROWSE_PROJECTS", "ADMINISTER_PROJECTS", "EDIT_ISSUES")
    found = cloud(access="read").preflight(TALKING)
    told = rights_in(found)["jira:API"]
    assert names(told.there) == ["Browse Projects"]
    assert [(right.name, right.level) for right in told.more] == [
        ("Administer Projects", "warn"),
        ("Edit Issues", "info"),
    ]
    warned = problems_in(found)[-1]
    assert (warned.level, warned.what) == ("warn", "Administer Projects is more than needed")


@pytest.mark.parametrize(
    ("held", "who"),
    [
        ("DELETE_ISSUES", "deletes issues"),
        ("EDIT_ALL_COMMENTS", "rewrites other people's comments"),
        ("DELETE_ALL_COMMENTS", "deletes other people's comments"),
        ("ADMINISTER", "everything in every project"),
        ("SYSTEM_ADMIN", "everything on the server"),
    ],
)
@pytest.mark.parametrize("site", [API2, DC2])
def test_what_does_harm_in_the_wrong_hands_is_a_warning(
    jira: responses.RequestsMock, site: str, held: str, who: str
) -> None:
    jira.get(f"{site}/serverInfo", json={})
    signed_in(jira, project("API")) if site == API2 else jira.get(f"{site}/myself", json={"name": "bot"})
    if site == DC2:
        jira.get(f"{site}/project/API", json=project("API"))
    rights(jira, "BROWSE_PROJECTS", "ADMINISTER_PROJECTS", held, site=site)
    found = (cloud() if site == API2 else server()).preflight(SCOPE)
    (right,) = rights_in(found)["jira:API"].more
    assert (right.level, who in right.why) == ("warn", True)
    assert [problem.level for problem in problems_in(found)] == ["info", "info", "warn"]


def test_epics_need_their_own_rights_and_a_date_field(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    jira.get(f"{API2}/field", json=[{"id": "customfield_10015", "schema": {"type": "date"}}])
    rights(jira, "BROWSE_PROJECTS", "EDIT_ISSUES")
    scope = Scope(members=("API",), uses=lambda _: frozenset({Use.READ, Use.WRITE, Use.STATES, Use.LINKS}))
    found = cloud(milestones="epics", due_field="customfield_10015").preflight(scope)
    told = rights_in(found)["jira:API"]
    assert names(told.there) == ["Browse Projects", "Edit Issues"]
    assert names(told.missing) == ["Transition Issues", "Link Issues"]
    assert problems_in(found)[-1].what == "Transition Issues and Link Issues are missing"


@pytest.mark.parametrize(("due_field", "needed"), [("duedate", True), ("customfield_10015", False)])
def test_jiras_own_due_date_has_a_right_of_its_own(jira: responses.RequestsMock, due_field: str, needed: bool) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    jira.get(f"{API2}/field", json=[{"id": due_field, "schema": {"type": "date"}}])
    rights(jira, "BROWSE_PROJECTS", "EDIT_ISSUES")
    found = cloud(milestones="epics", due_field=due_field).preflight(SCOPE)
    missing = rights_in(found)["jira:API"].missing
    assert [(right.name, right.level) for right in missing] == ([("Schedule Issues", "error")] if needed else [])
    if needed:
        assert problems_in(found)[-1].next_step.endswith("or set due_field to a date field of its own.")


def test_the_scopes_of_a_token_are_told_as_unknown(jira: responses.RequestsMock) -> None:
    gateway = "https://api.atlassian.com/ex/jira/11-22"
    api = f"{gateway}/rest/api/2"
    jira.get(f"{api}/serverInfo", json={})
    signed_in(jira, project("API"), site=gateway)
    held = ("BROWSE_PROJECTS", "ADMINISTER_PROJECTS", "USER_PICKER")
    jira.get(f"{api}/mypermissions", json={"permissions": {name: {"havePermission": True} for name in held}})
    groups = Scope(members=("API",), teams=("leads",))
    told = rights_in(cloud(api_url=gateway).preflight(groups))["jira:API"]
    assert names(told.unknown) == [
        "scope read:jira-work",
        "scope read:jira-user",
        "scope manage:jira-project",
        "scope read:group:jira",
        "scope read:user:jira",
        "scope read:avatar:jira",
    ]
    found = cloud(api_url=gateway, access="read").preflight(SCOPE)
    assert names(rights_in(found)["jira:API"].unknown) == ["scope read:jira-work", "scope read:jira-user"]
    assert "Jira does not tell which scopes this token has" in problems_in(found)[2].what


def test_a_home_is_asked_for_more_and_what_mdpc_does_without_is_a_warning(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    rights(jira, "BROWSE_PROJECTS", "ADMINISTER_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES")
    found = cloud().preflight(Scope(members=("API",), uses=lambda _: HOME, teams=("leads", "acme/leads")))
    assert [(each.level, each.what.partition(" (")[0]) for each in problems_in(found)[2:]] == [
        ("error", "Add Comments and Edit Own Comments are missing"),
        ("warn", "Assign Issues is missing"),
        ("warn", "Browse users and groups is missing"),
    ]
    assert problems_in(found)[-1].next_step == "Give it to the account, or list the people of groups in [teams]."


def test_groups_on_data_center_are_to_be_listed_and_nobody_is_made_an_administrator(
    jira: responses.RequestsMock,
) -> None:
    jira.get(f"{DC2}/serverInfo", json={})
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    rights(jira, "BROWSE_PROJECTS", "ADMINISTER_PROJECTS", site=DC2)
    found = server().preflight(Scope(members=("API",), teams=("leads",)))
    assert rights_in(found)["jira:API"].missing == ()
    assert "in [teams]" in problems_in(found)[2].next_step


def needs_of(jira: responses.RequestsMock, *needed: str, kind: str = "Task", **settings: Any) -> list[Problem]:
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    rights(jira, *NAMES)
    new_issues(jira, *needed, kind=kind)
    found = problems_in(cloud(**settings).preflight(TALKING))
    return [each for each in found[2:] if "more than needed" not in each.what]


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
    rights(jira, *(set(NAMES) - {"DELETE_ISSUES", "EDIT_ALL_COMMENTS", "DELETE_ALL_COMMENTS"}), site=DC2)
    jira.get(f"{DC2}/issue/createmeta/API/issuetypes", status=404)
    assert [problem.where for problem in problems_in(server().preflight(TALKING)) if "new" in problem.what] == []
    jira.remove("GET", f"{DC2}/issue/createmeta/API/issuetypes")
    new_issues(jira, "customfield_1", site=DC2)
    (lacking,) = [problem for problem in problems_in(server().preflight(TALKING)) if "a new Task" in problem.what]
    assert lacking.level == "warn"


def test_a_due_field_that_is_none(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    jira.get(f"{API2}/myself", json={"accountId": "1"})
    fields: list[dict[str, Any]] = [{"id": "customfield_1", "schema": {"type": "string"}}]
    jira.get(f"{API2}/field", json=fields)
    for due_field, said in (("customfield_1", "is of the type string"), ("customfield_2", "does not exist")):
        problem = problems_in(cloud(milestones="epics", due_field=due_field).preflight(SCOPE))[-1]
        assert (problem.level, said in problem.what) == ("error", True)


def test_wrong_credentials_are_said_once(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    jira.get(f"{API2}/myself", status=401, json={"message": TOKEN})
    problems = problems_in(cloud().preflight(SCOPE))
    assert [problem.level for problem in problems] == ["info", "error"]
    assert problems[1].what.startswith("Jira did not accept the credentials")
    assert "MDPC_CONNECTORS__JIRA__TOKEN" in problems[1].next_step
    assert problems[1].next_step not in problems[1].what
    assert TOKEN not in repr(problems)


def test_no_token(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/serverInfo", json={})
    jira.get(f"{DC2}/project/API", json=project("API"))
    jira.get(f"{DC2}/mypermissions", status=401)
    assert [problem.level for problem in problems_in(server(token=None).preflight(SCOPE))] == ["info", "warn", "error"]
    assert [problem.level for problem in problems_in(server(token=None, access="read").preflight(SCOPE))] == [
        "info",
        "info",
        "error",
    ]


def test_a_listing_that_breaks_off_is_reported(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json={})
    jira.get(f"{API2}/myself", json={"accountId": "1"})
    jira.get(f"{API2}/project/search", status=401)
    assert problems_in(cloud().preflight(SCOPE))[-1].level == "error"


def test_answers_of_another_shape_are_reported(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/serverInfo", json=["surprise"])
    jira.get(f"{API2}/serverInfo", json={})
    signed_in(jira, project("API"))
    jira.get(f"{API2}/mypermissions", json=["surprise"])
    for level, where in (("error", "jira"), ("error", "jira:API")):
        problem = problems_in(cloud().preflight(SCOPE))[-1]
        assert (problem.level, problem.where) == (level, where)
        assert "not what its API describes" in problem.what


def test_an_open_line_is_a_warning(jira: responses.RequestsMock) -> None:
    jira.get("http://jira.acme.example/rest/api/2/serverInfo", status=404)
    problems = problems_in(server(url="http://jira.acme.example").preflight(SCOPE))
    assert [problem.level for problem in problems] == ["warn", "error"]
