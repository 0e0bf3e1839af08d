"""The sandbox's links: related work and remote links, with each deployment's rights and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.sandbox.jira_site import NOW, SEED, Site

URL = "https://github.com/acme/api/milestone/3"
WORK = {"category": "Development", "title": "acme/api", "url": URL}
OBJECT = {"object": {"url": URL, "title": "acme/api"}}


@pytest.fixture(params=["cloud", "10.3"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, request.param).login()


@pytest.fixture
def cloud() -> Iterator[Site]:
    with Sandbox({"jira": SEED}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, "cloud").login()


@pytest.fixture
def server() -> Iterator[Site]:
    with Sandbox({"jira": SEED | {"deployment": "9.12"}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, "9.12").login()


def test_related_work_is_added_each_time_and_taken_out_by_its_id(cloud: Site) -> None:
    assert cloud.get("version/500/relatedwork") == []
    first = cloud.send("POST", "version/500/relatedwork", WORK, 201)
    second = cloud.send("POST", "version/500/relatedwork", WORK, 201)
    assert first | {"relatedWorkId": ""} == WORK | {"relatedWorkId": ""}
    assert cloud.get("version/500/relatedwork") == [first, second]
    cloud.send("DELETE", f"version/500/relatedwork/{first['relatedWorkId']}", None, 204)
    cloud.send("DELETE", f"version/500/relatedwork/{first['relatedWorkId']}", None, 404)
    assert cloud.get("version/500/relatedwork") == [second]


@pytest.mark.parametrize(
    "changed",
    [{"category": None}, {"category": 3}, {"url": None}, {"url": "javascript:alert(1)"}, {"colour": "red"}],
)
def test_related_work_that_cannot_be(cloud: Site, changed: dict[str, Any]) -> None:
    cloud.send("POST", "version/500/relatedwork", WORK | changed, 400)
    assert cloud.get("version/500/relatedwork") == []


def test_related_work_needs_the_right_to_edit_issues(cloud: Site) -> None:
    assert cloud.reader().get("version/500/relatedwork") == []
    cloud.reader().send("POST", "version/500/relatedwork", WORK, 403)
    cloud.login("alice@acme.example", "alice-token").send("POST", "version/500/relatedwork", WORK, 201)


def test_each_deployment_has_its_own_way_to_link_a_version(site: Site) -> None:
    site.get("version/500/remotelink" if site.kind == "cloud" else "version/500/relatedwork", 404)


def test_a_version_link_is_made_and_replaced_by_its_global_id(server: Site) -> None:
    assert server.get("version/500/remotelink") == {"links": []}
    server.send("POST", "version/500/remotelink/mdpc-1", OBJECT, 201)
    server.send("POST", "version/500/remotelink", {"globalId": "mdpc-1", "any": ["thing"]}, 201)
    address = f"{server.sandbox.jira_url}/rest/api/2/version/500/remotelink/mdpc-1"
    shown = {"self": address, "name": "1.0", "link": {"globalId": "mdpc-1", "any": ["thing"]}}
    assert server.get("version/500/remotelink") == {"links": [shown]}
    assert server.get("version/500/remotelink/mdpc-1") == shown
    server.send("DELETE", "version/500/remotelink/mdpc-1", None, 204)
    server.send("DELETE", "version/500/remotelink/mdpc-1", None, 404)
    server.get("version/500/remotelink/mdpc-1", 404)
    server.send("POST", "version/500/remotelink", OBJECT, 201)
    assert len(server.get("version/500/remotelink")["links"]) == 1


def test_a_version_link_that_cannot_be(server: Site) -> None:
    for body in ({}, {"globalId": 3}, {"globalId": "g" * 256}, {"text": "x" * 32_768}):
        server.send("POST", "version/500/remotelink", body, 400)
    server.login(token="alice-token").send("POST", "version/500/remotelink", OBJECT, 403)
    server.login(token="alice-token").send("DELETE", "version/500/remotelink/mdpc-1", None, 403)
    assert server.get("version/500/remotelink") == {"links": []}


def test_an_issue_link_is_replaced_by_its_global_id_and_doubled_without(site: Site) -> None:
    made = 201 if site.kind == "cloud" else 200
    link = OBJECT | {"globalId": "mdpc-1", "relationship": "is in step with"}
    first = site.send("POST", "issue/API-100/remotelink", link, made)
    assert site.send("POST", "issue/API-100/remotelink", OBJECT | {"globalId": "mdpc-1"}, 200) == first
    site.send("POST", "issue/API-100/remotelink", OBJECT, made)
    shown = first | OBJECT | {"globalId": "mdpc-1"}
    assert site.get("issue/API-100/remotelink", globalId="mdpc-1") == shown
    assert [each.get("globalId") for each in site.get("issue/API-100/remotelink")] == ["mdpc-1", None]
    assert site.ask("DELETE", "issue/API-100/remotelink", globalId="mdpc-1").status_code == 204
    assert site.ask("DELETE", "issue/API-100/remotelink", globalId="mdpc-1").status_code == 404
    site.get("issue/API-100/remotelink", 404, globalId="mdpc-1")


def test_an_issue_link_that_cannot_be(site: Site) -> None:
    title = site.send("POST", "issue/API-100/remotelink", {"object": {"url": URL}}, 400)
    assert title["errors"] == {"title": "'title' is required."}
    for body in ({}, {"object": {"title": "x"}}, OBJECT | {"globalId": "g" * 256}):
        site.send("POST", "issue/API-100/remotelink", body, 400)
    site.reader().send("POST", "issue/API-100/remotelink", OBJECT, 403)
    site.send("DELETE", "issue/API-100/remotelink", None, 400)
    assert site.get("issue/API-100/remotelink") == []
