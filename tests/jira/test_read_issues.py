from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import responses
from responses import matchers

from mdpc.model import Account, Carrier, ContainerRef, Markup, Nature, Record, Ref, Scope
from tests.jira.helpers import CLOUD, SERVER, cloud, issue, project, server, signed_in, status

API2 = f"{CLOUD}/rest/api/2"
API3 = f"{CLOUD}/rest/api/3"
DC2 = f"{SERVER}/rest/api/2"
API = ContainerRef("jira", "API")
FIELDS = "summary,description,status,assignee,created,resolutiondate,duedate"
SCOPE = Scope(members=("API",), closed_since=date(2026, 8, 1))


def on_cloud(mock: responses.RequestsMock, jql: str, *issues: dict[str, Any], fields: str, api: str = API2) -> None:
    """Answer a search; that for milestones speaks of documents (version 3) and brings mdpc's property."""
    query = {"jql": jql, "fields": fields, "maxResults": 1000} | ({"properties": "mdpc"} if api == API3 else {})
    mock.get(f"{api}/search/jql", json={"issues": issues}, match=[matchers.query_param_matcher(query)])


def on_server(mock: responses.RequestsMock, jql: str, *issues: dict[str, Any], fields: str) -> None:
    query = {"jql": jql, "fields": fields, "maxResults": 1000, "startAt": 0}
    body = {"issues": issues, "total": len(issues), "startAt": 0}
    mock.get(f"{DC2}/search", json=body, match=[matchers.query_param_matcher(query)])


def test_epics_on_cloud_with_their_children(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    epic = issue(
        "20001",
        "API-12",
        summary="Launch",
        description={"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Go"}]}]},
        assignee={"accountId": "5b10:Alice", "displayName": "Alice A."},
        created="2026-01-10T12:34:56.000+0100",
        duedate="2026-12-01",
    )
    done = {"status": status("done"), "summary": "x", "created": "2026-01-10T12:34:56.000+0000"}
    epic["properties"] = {"mdpc": {"v": 1, "a": ["é"]}}
    recent = issue("20002", "API-13", **done, resolutiondate="2026-08-01T00:00:00.000+0000")
    old = issue("20003", "API-14", **done, resolutiondate="2026-07-31T23:59:59.000+0000")
    unknown = issue("20004", "API-15", **done)
    jql = 'project = "API" AND issuetype = Epic AND (statusCategory != Done OR updated >= "2026-07-31") ORDER BY key'
    on_cloud(jira, jql, epic, recent, old, unknown, fields=FIELDS, api=API3)
    children = [
        issue("1", "API-1", parent={"key": "API-12"}, updated="2026-11-01T10:00:00.000+0000"),
        issue("2", "WEB-2", parent={"key": "API-12"}, status=status("done"), updated="2026-10-01T10:00:00.000+0000"),
    ]
    on_cloud(jira, 'parent in ("API-12", "API-13") ORDER BY key', *children, fields="parent,status,updated")
    connector = cloud(milestones="epics")
    records = connector.read(SCOPE).records
    assert records[0] == Record(
        ref=Ref(API, "API-12"),
        uid="20001",
        title="Launch",
        url=f"{CLOUD}/browse/API-12",
        markup=Markup.LINE,
        description="Go",
        due=date(2026, 12, 1),
        open_issues=1,
        closed_issues=1,
        last_activity=datetime(2026, 11, 1, 10, tzinfo=UTC),
        created_at=datetime(2026, 1, 10, 11, 34, 56, tzinfo=UTC),
        assignee=Account("jira", "5b10:Alice", "Alice A."),
        carrier=Carrier.PROPERTY,
        memory='{"a":["\\u00e9"],"v":1}',
        is_issue=True,
    )
    assert [record.memory for record in records[1:]] == [None]
    assert [(record.ref.id, record.closed) for record in records] == [("API-12", False), ("API-13", True)]
    assert records[1].closed_at == datetime(2026, 8, 1, tzinfo=UTC)


def test_issues_that_the_configuration_selects(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    selected = issue("20001", "API-12", summary="Launch", customfield_10015="2026-12-01T23:00:00.000+0000")
    jql = 'project = "API" AND (issuetype = Milestone OR labels = ms) ORDER BY key'
    on_cloud(jira, jql, selected, fields=FIELDS.replace("duedate", "customfield_10015"), api=API3)
    on_cloud(jira, 'parent in ("API-12") ORDER BY key', fields="parent,status,updated")
    connector = cloud(milestones="issues", jql="issuetype = Milestone OR labels = ms", due_field="customfield_10015")
    reading = connector.read(Scope(members=("API",)))
    (record,) = reading.records
    assert (record.due, record.open_issues, record.last_activity) == (date(2026, 12, 1), 0, None)
    assert reading.containers[0].created is None
    assert "cannot know how to make one" in reading.containers[0].cannot_create


def test_epics_on_data_center_are_linked_by_a_field_of_that_site(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    epic = issue("20001", "API-12", summary="Launch", description="h1. *As is*\r\n", assignee={"name": "alice"})
    on_server(jira, 'project = "API" AND issuetype = Epic ORDER BY key', epic, fields=FIELDS)
    link = {"custom": "com.pyxis.greenhopper.jira:gh-epic-link", "customId": 10008}
    jira.get(f"{DC2}/field", json=[{"id": "summary"}, {"id": "customfield_10008", "schema": link}])
    child = issue("1", "API-1", customfield_10008="API-12", updated="2026-11-01T10:00:00.000+0000")
    on_server(jira, 'cf[10008] in ("API-12") ORDER BY key', child, fields="customfield_10008,status,updated")
    reading = server(milestones="epics").read(Scope(members=("API",)))
    (record,) = reading.records
    assert (record.carrier, record.memory) == (Carrier.NOTES, None)
    assert reading.containers[0].created == Nature(Markup.LINE, Carrier.NOTES)
    assert record.description == "h1. *As is*\r\n"
    assert (record.open_issues, record.assignee) == (1, Account("jira", "alice"))


def test_sub_tasks_count_on_data_center(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    on_server(jira, 'project = "API" AND (a = b) ORDER BY key', issue("1", "API-1", summary="x"), fields=FIELDS)
    on_server(
        jira,
        'parent in ("API-1") ORDER BY key',
        issue("2", "API-2", parent={"key": "API-1"}, status=status("done")),
        issue("3", "API-3", parent=None),
        fields="parent,status,updated",
    )
    (record,) = server(milestones="issues", jql="a = b").read(Scope(members=("API",))).records
    assert (record.open_issues, record.closed_issues) == (0, 1)


def test_no_milestones_need_no_search_for_children(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    on_cloud(jira, 'project = "API" AND issuetype = Epic ORDER BY key', fields=FIELDS, api=API3)
    reading = cloud(milestones="epics").read(Scope(members=("API",)))
    assert (len(reading.containers), reading.records) == (1, ())
    assert reading.containers[0].created == Nature(Markup.LINE, Carrier.PROPERTY)


def test_jql_that_jira_refuses_is_unread_with_its_words(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    said = "Field 'colour' does not exist."
    jira.get(f"{API3}/search/jql", status=400, json={"errorMessages": [said], "errors": {}})
    reading = cloud(milestones="issues", jql="colour = red").read(SCOPE)
    assert "Field 'colour' does not exist" in reading.unread[0].why
