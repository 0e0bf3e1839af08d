from __future__ import annotations

from typing import Any

import pytest
import responses
from responses import matchers

from mdpc.connector import TrackerError
from mdpc.coordination import IssueScope
from mdpc.model import ContainerRef, Ref, Unread
from tests.jira.helpers import CLOUD, SERVER, TOKEN, calls, cloud, issue, server

API3 = f"{CLOUD}/rest/api/3"
API2 = f"{CLOUD}/rest/api/2"
DC2 = f"{SERVER}/rest/api/2"
FIELDS = "summary,description,status,assignee,labels,creator,comment"
OWN = "creator in (currentUser())"
HOME = IssueScope(homes=("API",))
API, WEB = ContainerRef("jira", "API"), ContainerRef("jira", "WEB")


def comment(identifier: str, **more: Any) -> dict[str, Any]:
    when = "2026-11-01T10:00:00.000+0000"
    said = {"author": {"accountId": "a"}, "updateAuthor": {"accountId": "a"}, "created": when, "updated": when}
    return {"id": identifier, **said, **more}


def told(key: str = "API-12", *comments: dict[str, Any], total: int | None = None, **more: Any) -> dict[str, Any]:
    page = {"comments": list(comments), "total": len(comments) if total is None else total}
    return issue("20001", key, summary="1.0", comment=page, **more)


def found(mock: responses.RequestsMock, jql: str, *issues: dict[str, Any], **answer: Any) -> None:
    query = {"jql": f"{jql} ORDER BY key", "fields": FIELDS, "maxResults": 1000}
    mock.get(
        f"{API3}/search/jql",
        match=[matchers.query_param_matcher(query)],
        **(answer or {"json": {"issues": list(issues)}}),
    )


def test_homes_are_searched_together(jira: responses.RequestsMock) -> None:
    found(jira, f'project in ("API", "WEB") AND {OWN}', told("WEB-1"), told("API-12") | {"id": "2"})
    reading = cloud().read_issues(IssueScope(homes=("API", "WEB")))
    assert [str(each.ref) for each in reading.issues] == ["jira:WEB#WEB-1", "jira:API#API-12"]
    assert (reading.connector, reading.unread) == ("jira", ())
    assert len(jira.calls) == 1


def test_further_accounts_are_quoted(jira: responses.RequestsMock) -> None:
    jql = 'creator in (currentUser(), "old\\"bot", "12")'
    found(jira, f'project in ("API") AND {jql}')
    assert cloud(accounts=['old"bot', "12"]).read_issues(HOME).issues == ()


def test_who_is_not_signed_in_made_nothing() -> None:
    assert cloud(token=None, user=None, deployment="cloud").read_issues(HOME).unread == ()


def test_known_issues_of_known_ids_are_reconciled(jira: responses.RequestsMock) -> None:
    found(jira, f'project in ("API") AND {OWN}', told())
    query = {"jql": f'project in ("API") AND {OWN} ORDER BY key', "fields": FIELDS, "maxResults": 1000}
    query["reconcileIssues"] = "20001"
    connector = cloud()
    connector.read_issues(HOME)
    jira.get(f"{API3}/search/jql", json={"issues": [told()]}, match=[matchers.query_param_matcher(query)])
    scope = IssueScope(homes=("API",), known=(Ref(API, "API-12"),))
    assert len(connector.read_issues(scope).issues) == 1


def test_where_jira_refuses_several_homes_each_is_asked_for(jira: responses.RequestsMock) -> None:
    refused = {"status": 400, "json": {"errorMessages": ["The value 'WEB' does not exist for the field 'project'."]}}
    found(jira, f'project in ("API", "WEB") AND {OWN}', **refused)
    found(jira, f'project in ("API") AND {OWN}', told())
    found(jira, f'project in ("WEB") AND {OWN}', **refused)
    reading = cloud(optional=["WEB"]).read_issues(IssueScope(homes=("API", "WEB")))
    assert [each.ref for each in reading.issues] == [Ref(API, "API-12")]
    (lost,) = reading.unread
    assert (lost.container, lost.optional, "does not exist" in lost.why) == ("jira:WEB", True, True)


def test_a_failing_server_is_not_asked_home_by_home(jira: responses.RequestsMock) -> None:
    found(jira, f'project in ("API", "WEB") AND {OWN}', status=502)
    reading = cloud().read_issues(IssueScope(homes=("API", "WEB")))
    assert [lost.container for lost in reading.unread] == ["jira:API", "jira:WEB"]
    assert len(set(calls(jira))) == 1


@pytest.mark.parametrize(
    "scope", [HOME, IssueScope(known=(Ref(API, "API-12"),)), IssueScope(contents=(Ref(API, "1"),))]
)
def test_wrong_credentials_are_an_error(jira: responses.RequestsMock, scope: IssueScope) -> None:
    for path in (f"{API3}/search/jql", f"{API2}/search/jql", f"{API3}/issue/API-12"):
        jira.get(path, status=401, json={"message": TOKEN})
    jira.assert_all_requests_are_fired = False
    with pytest.raises(TrackerError) as raised:
        cloud().read_issues(scope)
    assert (raised.value.reason, TOKEN in str(raised.value)) == ("auth", False)


def test_comments_that_did_not_come_along_are_asked_for(jira: responses.RequestsMock) -> None:
    early = {"created": "2026-10-01T10:00:00.000+0000", "updated": "2026-10-01T10:00:00.000+0000"}
    found(jira, f'project in ("API") AND {OWN}', told("API-12", comment("3"), total=3))
    path = f"{API3}/issue/20001/comment"
    for start, page in ((0, [comment("1", **early), comment("2")]), (2, [comment("3")])):
        query = {"startAt": start, "maxResults": 100, "orderBy": "created"}
        jira.get(path, json={"comments": page, "total": 3}, match=[matchers.query_param_matcher(query)])
    (read,) = cloud().read_issues(HOME).issues
    assert [each.id for each in read.comments] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ([{"comments": [], "total": 3}], "fewer comments"),
        ([{"comments": [comment("1"), comment("1")], "total": 2}], "changed while"),
        ([{"surprise": 1}], "not what its API describes"),
        ([{"comments": [{"id": "1"}], "total": 1}], "not what its API describes"),
        ([{"comments": [comment("1", created=None)], "total": 1}], "not what its API describes"),
    ],
)
def test_comments_that_are_not_whole_leave_the_container_unread(
    jira: responses.RequestsMock, pages: list[dict[str, Any]], said: str
) -> None:
    found(jira, f'project in ("API") AND {OWN}', told("API-12", total=3), told("API-13") | {"id": "2"})
    for page in pages:
        jira.get(f"{API3}/issue/20001/comment", json=page)
    reading = cloud().read_issues(HOME)
    assert reading.issues == ()
    assert [(lost.container, said in lost.why) for lost in reading.unread] == [("jira:API", True)]


@pytest.mark.parametrize(
    ("more", "edited", "editor"),
    [
        ({}, False, None),
        ({"updateAuthor": None}, False, None),
        ({"updated": "2026-11-01T10:00:00.001+0000"}, True, "a"),
        ({"updateAuthor": {"accountId": "b"}}, True, "b"),
        ({"author": None, "updateAuthor": None}, False, None),
        ({"author": None}, True, "a"),
        ({"updated": None}, False, None),
    ],
)
def test_who_changed_a_comment(
    jira: responses.RequestsMock, more: dict[str, Any], edited: bool, editor: str | None
) -> None:
    found(jira, f'project in ("API") AND {OWN}', told("API-12", comment("1", **more)))
    (read,) = cloud().read_issues(HOME).issues
    (one,) = read.comments
    assert (one.edited_at is not None, one.editor and one.editor.login) == (edited, editor)
    assert one.url == f"{CLOUD}/browse/API-12?focusedCommentId=1"


def test_a_known_issue_that_is_not_found_is_asked_for(jira: responses.RequestsMock) -> None:
    refs = [Ref(API, f"API-{number}") for number in (12, 13, 14)]
    unlabelled: dict[str, Any] = {"json": told("API-12", labels=[])}
    moved: dict[str, Any] = {"json": told("WEB-7")}
    for ref, answer in zip(refs, (unlabelled, {"status": 404}, moved), strict=True):
        jira.get(f"{API3}/issue/{ref.id}", match=[matchers.query_param_matcher({"fields": FIELDS})], **answer)
    reading = cloud().read_issues(IssueScope(known=tuple(refs)))
    assert ([each.ref for each in reading.issues], reading.missing) == (refs[:1], tuple(refs[1:]))
    assert reading.unread == ()


def test_what_is_not_certain_is_not_missing(jira: responses.RequestsMock) -> None:
    refs = (Ref(API, "API-12"), Ref(API, "API-13"), Ref(WEB, "WEB-1"))
    for ref, status in zip(refs, (404, 403, 404), strict=True):
        jira.get(f"{API3}/issue/{ref.id}", status=status)
    reading = cloud().read_issues(IssueScope(known=refs))
    assert reading.missing == refs[2:]
    assert [lost.container for lost in reading.unread] == ["jira:API"]


def test_teams_that_cannot_be_read(jira: responses.RequestsMock) -> None:
    for name, answer in (
        ("a", {"status": 403}),
        ("b", {"status": 503}),
        ("c", {"json": {"values": [], "isLast": False}}),
        ("d", {"json": {"values": [{"name": "Alice"}, {"displayName": "nobody"}]}}),
    ):
        query = {"groupname": name, "startAt": 0, "maxResults": 50}
        jira.get(f"{DC2}/group/member", match=[matchers.query_param_matcher(query)], **answer)
    reading = server().read_issues(IssueScope(teams=("a", "b", "c", "d")))
    assert "Jira Administrators" in reading.teamless["a"]
    assert "Jira failed" in reading.teamless["b"]
    assert "fewer members" in reading.teamless["c"]
    assert [member.login for member in reading.teams["d"]] == ["Alice"]
    assert reading.unread == ()


def test_approvers_that_cannot_be_read(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/project/API/version", status=403)
    reading = cloud().read_issues(IssueScope(approvers=(Ref(API, "500"),)))
    assert reading.approvers == {}
    assert [(lost.container, lost.optional) for lost in reading.unread] == [("jira:API", False)]
    assert isinstance(reading.unread[0], Unread)
