from __future__ import annotations

from typing import Any

import pytest
import responses
from responses import matchers

from mdpc.changes import Change, Outcome, Value
from mdpc_jira.links import RELATIONSHIP, global_id, is_address, link_title
from tests.jira.helpers import CLOUD, SERVER, STATUS, TOKEN, calls, change, cloud, issue, server, version

THERE = "https://github.com/acme/api/milestone/3"
TITLE = "acme/api milestone 3"
VERSION = f"{CLOUD}/rest/api/2/version/10010"
WORK = f"{VERSION}/relatedwork"
MADE = {"category": "Development", "title": TITLE, "url": THERE}
NOTE = {"category": "Communication", "title": "Release notes"}
DC = f"{SERVER}/rest/api/2/version/10010"
ISSUE = f"{CLOUD}/rest/api/2/issue/20001"
GLOBAL = global_id(THERE)
REMOTE = {"globalId": GLOBAL, "relationship": RELATIONSHIP, "object": {"url": THERE, "title": TITLE}}


def link(after: Value = THERE, before: Value = None) -> Change:
    return change("link", before, after)


def at_issue(after: Value = THERE, before: Value = None) -> Change:
    return change("link", before, after, ref="API-12", uid="20001")


def one(outcomes: Any) -> Outcome:
    (outcome,) = outcomes
    assert isinstance(outcome, Outcome)
    return outcome


def works(mock: responses.RequestsMock, *work: dict[str, Any]) -> None:
    """A version on Cloud with this related work."""
    mock.get(VERSION, json=version("10010", "1.0"))
    mock.get(WORK, json=list(work))


def links(mock: responses.RequestsMock, *held: Any) -> None:
    """A version on Data Center with these remote links."""
    mock.get(DC, json=version("10010", "1.0"))
    shown = [{"self": f"{DC}/remotelink/x", "name": "1.0", "link": each} for each in held]
    mock.get(f"{DC}/remotelink", json={"links": shown})


def shows(mock: responses.RequestsMock, *held: dict[str, Any]) -> None:
    """An issue with these remote links."""
    mock.get(f"{CLOUD}/rest/api/3/issue/20001", json=issue("20001", "API-12", summary="Go"))
    mock.get(f"{ISSUE}/remotelink", json=list(held))


def test_a_version_on_cloud_has_related_work(jira: responses.RequestsMock) -> None:
    works(jira, NOTE, MADE | {"url": "https://acme.example", "relatedWorkId": "1"})
    jira.post(WORK, status=201, json=MADE, match=[matchers.json_params_matcher(MADE)])
    assert one(cloud().apply([link()])) == Outcome("c-link", "done")
    assert calls(jira) == ["GET 2/version/10010", "GET 2/version/10010/relatedwork", "POST 2/version/10010/relatedwork"]


def test_a_link_that_people_made_is_enough(jira: responses.RequestsMock) -> None:
    works(jira, {"category": "Design", "title": "Ours", "url": THERE, "relatedWorkId": "1"})
    assert one(cloud().apply([link()])).status == "already"


def test_the_links_of_one_write_come_after_its_other_fields(jira: responses.RequestsMock) -> None:
    works(jira, MADE)
    jira.put(VERSION, json={}, match=[matchers.json_params_matcher({"description": STATUS})])
    jira.post(WORK, status=201)
    other = change("link", None, "https://github.com/acme/web/milestone/1", identifier="c-other")
    outcomes = cloud().apply([other, link(), change("status", None, STATUS)])
    assert [(each.change, each.status) for each in outcomes] == [
        ("c-other", "done"),
        ("c-link", "already"),
        ("c-status", "done"),
    ]
    assert [line.split()[0] for line in calls(jira)] == ["GET", "GET", "PUT", "POST"]


@pytest.mark.parametrize(("then", "expected"), [([MADE], "done"), ([], "failed")])
def test_related_work_is_sent_once_at_most(
    jira: responses.RequestsMock, then: list[dict[str, Any]], expected: str
) -> None:
    works(jira)
    jira.post(WORK, status=502)
    works(jira, *then)
    assert one(cloud().apply([link()])).status == expected
    assert sum(line.startswith("POST") for line in calls(jira)) == 1


def test_a_limit_is_waited_out(jira: responses.RequestsMock) -> None:
    works(jira)
    jira.post(WORK, status=429, headers={"Retry-After": "3"})
    jira.post(WORK, status=201)
    assert one(cloud().apply([link()])).status == "done"


def test_mdpcs_own_work_is_taken_out_and_no_other(jira: responses.RequestsMock) -> None:
    own = MADE | {"relatedWorkId": "a-1"}
    theirs = {"category": "Design", "title": "Ours", "url": THERE, "relatedWorkId": "b-2"}
    works(jira, theirs, own)
    jira.delete(f"{WORK}/a-1", status=204)
    works(jira, theirs)
    assert one(cloud().apply([link(None, THERE)])).status == "done"
    works(jira, theirs)
    assert one(cloud().apply([link(None, THERE)])).status == "already"


def test_a_version_on_data_center_has_a_remote_link(jira: responses.RequestsMock) -> None:
    links(jira, {"globalId": "x", "colors": ["red"]}, "text")
    jira.post(f"{DC}/remotelink/{GLOBAL}", status=201, match=[matchers.json_params_matcher(REMOTE)])
    assert one(server().apply([link()])).status == "done"
    assert [line.split()[0] for line in calls(jira)] == ["GET", "GET", "POST"]


@pytest.mark.parametrize("held", [{"globalId": GLOBAL}, {"globalId": "x", "object": {"url": THERE}}])
def test_a_remote_link_that_is_there(jira: responses.RequestsMock, held: dict[str, Any]) -> None:
    links(jira, held)
    assert one(server().apply([link()])).status == "already"


def test_a_remote_link_may_be_sent_twice(jira: responses.RequestsMock) -> None:
    links(jira)
    jira.post(f"{DC}/remotelink/{GLOBAL}", status=502)
    links(jira)
    jira.post(f"{DC}/remotelink/{GLOBAL}", status=201)
    assert one(server().apply([link()])).status == "done"


def test_a_remote_link_of_a_version_is_taken_out(jira: responses.RequestsMock) -> None:
    links(jira, REMOTE)
    jira.delete(f"{DC}/remotelink/{GLOBAL}", status=204)
    links(jira, {"globalId": "x", "object": {"url": THERE}})
    assert one(server().apply([link(None, THERE)])).status == "done"


def test_an_issue_has_a_remote_link(jira: responses.RequestsMock) -> None:
    shows(jira, {"id": 1, "object": {"url": "https://acme.example"}})
    jira.post(f"{ISSUE}/remotelink", status=201, match=[matchers.json_params_matcher(REMOTE)])
    assert one(cloud(milestones="epics").apply([at_issue()])).status == "done"
    shows(jira, {"id": 1, "object": {"url": THERE}})
    assert one(cloud(milestones="epics").apply([at_issue()])).status == "already"


def test_a_remote_link_of_an_issue_is_taken_out(jira: responses.RequestsMock) -> None:
    shows(jira, REMOTE)
    query = [matchers.query_param_matcher({"globalId": GLOBAL})]
    jira.delete(f"{ISSUE}/remotelink", status=204, match=query)
    shows(jira)
    assert one(cloud(milestones="epics").apply([at_issue(None, THERE)])).status == "done"


def test_an_archived_version_is_not_linked(jira: responses.RequestsMock) -> None:
    jira.get(VERSION, json=version("10010", "1.0", archived=True))
    jira.get(WORK, json=[])
    assert "archived" in one(cloud().apply([link()])).answer


@pytest.mark.parametrize("code", [403, 404])
def test_missing_rights_are_named(jira: responses.RequestsMock, code: int) -> None:
    refused = {"status": code, "json": {"errorMessages": [f"No, {TOKEN}"]}}
    works(jira)
    jira.post(WORK, **refused)
    links(jira)
    jira.post(f"{DC}/remotelink/{GLOBAL}", **refused)
    shows(jira)
    jira.post(f"{ISSUE}/remotelink", **refused)
    said = [
        one(cloud().apply([link()])),
        one(server().apply([link()])),
        one(cloud(milestones="epics").apply([at_issue()])),
    ]
    assert {each.status for each in said} == {"failed"}
    rights = ("Resolve Issues and Edit Issues", "Administer Projects", "Link Issues")
    assert all(f"needs {right} on API" in each.answer for right, each in zip(rights, said, strict=True))
    assert not any(TOKEN in each.answer for each in said)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://", "data:text/html,x", "https://acme.example/\n", "http://[", ""]
)
def test_nobody_is_led_to_what_is_no_address(jira: responses.RequestsMock, url: str) -> None:
    works(jira)
    outcome = one(cloud().apply([link(url)]))
    assert (outcome.status, "addresses of the web alone" in outcome.answer) == ("failed", True)


@pytest.mark.parametrize(
    ("url", "title"),
    [
        (THERE, TITLE),
        ("https://ghe.acme.example/acme/api.x/milestone/12", "acme/api.x milestone 12"),
        ("https://acme.atlassian.net/projects/API/versions/10010", "API version 10010"),
        ("https://jira.acme.example/jira/projects/API/versions/10010", "API version 10010"),
        ("https://acme.atlassian.net/browse/API-12", "API-12"),
        ("https://user@acme.example:8443/a/b?c=d#e", "acme.example/a/b"),
        ("https://acme.example/<b>@alice[x](y)|z", "acme.example/-b-alice-x-y-z"),
        ("https://acme.example/" + "x" * 300, "acme.example/" + "x" * 242),
    ],
)
def test_a_title_is_made_of_the_address_and_harmless(url: str, title: str) -> None:
    assert link_title(url) == title


def test_addresses() -> None:
    assert is_address(THERE)
    assert is_address("http://127.0.0.1:8040/x")
    assert not is_address("https://acme.example/ü")
    assert not is_address("https://user:secret@acme.example/")
