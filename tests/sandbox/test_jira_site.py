"""The sandbox's Jira: who is let in, what a site says of itself, and what it does not know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from jira import JIRA
from pydantic import ValidationError

from mdpc_jira.rights import NAMES
from mdpc_sandbox.jira import JiraState
from mdpc_sandbox.jira.model import EPIC_LINK
from mdpc_sandbox.jira.site import PERMISSIONS
from mdpc_sandbox.server import Sandbox
from tests.sandbox.jira_site import NOW, SEED, Site


@pytest.fixture(scope="module", params=["cloud", "9.12", "10.3"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, request.param).login()


def test_the_jira_library_finds_out_what_it_talks_to(site: Site) -> None:
    cloud = site.kind == "cloud"
    login = {"basic_auth": ("mdpc-bot@example.com", "sandbox-write")} if cloud else {"token_auth": "sandbox-write"}
    client = JIRA(site.sandbox.jira_url, max_retries=0, timeout=10, **login)
    assert client._is_cloud is cloud
    assert client._version == ((1001, 0, 0) if cloud else tuple(map(int, f"{site.kind}.0".split("."))))
    assert client.myself()["accountId" if cloud else "name"] == "mdpc-bot"
    versions = client.project_versions("API")
    assert [version.name for version in versions] == ["1.0", "0.9", '2.0 "final" \\']
    versions[1].update(releaseDate="2026-06-02")
    assert client.version("501").releaseDate == "2026-06-02"
    assert client.project("API").name == "Public API"


@pytest.mark.parametrize("kind", ["cloud", "10.3"])
def test_a_project_whose_key_was_changed_leads_on(kind: str) -> None:
    with Sandbox({"jira": SEED | {"deployment": kind}}, clock=lambda: NOW) as sandbox:
        here = Site(sandbox, kind).login()
        before = here.get("project/API")
        if kind != "cloud":
            sandbox.jira.issues["API-101"].custom[EPIC_LINK] = "API-100"
        sandbox.jira.change_key("API", "CORE")
        assert [here.get(f"project/{key}")["key"] for key in ("API", "CORE", before["id"])] == ["CORE"] * 3
        assert here.get("project/API")["id"] == before["id"]
        assert [here.get(f"issue/{key}")["key"] for key in ("API-100", "CORE-100")] == ["CORE-100"] * 2
        if kind != "cloud":
            assert here.get("issue/CORE-101")["fields"][EPIC_LINK] == "CORE-100"
        here.get("project/NONE", 404)
        here.get("issue/NONE-1", 404)


def test_credentials_that_are_wrong_are_401_everywhere(site: Site) -> None:
    for stranger in (site.login(token="nobody's"), site.login(token="")):
        for path in ("serverInfo", "myself", "project/API"):
            answer = stranger.ask("GET", path)
            assert answer.status_code == 401
            assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    other_way = Site(site.sandbox, site.kind)
    other_way.session.headers["Authorization"] = "Bearer sandbox-write" if site.kind == "cloud" else "Basic !"
    other_way.get("serverInfo", 401)


@pytest.mark.parametrize("site", ["cloud"], indirect=True)
def test_a_cloud_token_needs_its_own_address(site: Site) -> None:
    site.login("alice@acme.example").get("myself", 401)
    assert site.login("Alice@acme.example", "alice-token").get("myself")["displayName"] == "Alice Archer"


def test_without_a_token_public_projects_are_readable_and_nothing_is_writable(site: Site) -> None:
    anybody = Site(site.sandbox, site.kind)
    assert anybody.get("project/API/version")["total"] == 3
    anybody.get("myself", 401)
    refused = anybody.get("project/OPS", 404)
    assert refused == {"errorMessages": ["No project could be found with key 'OPS'."], "errors": {}}
    anybody.send("PUT", "version/500", {"name": "2"}, 401)
    anybody.send("POST", "issue/API-101/comment", {"body": "hello"}, 401)


def test_an_account_without_browse_rights_does_not_see_the_project(site: Site) -> None:
    alice = site.login("alice@acme.example", "alice-token")
    for path in ("project/OPS", "project/OPS/version", "project/OPS/versions", "project/OPS/properties"):
        assert alice.get(path, 404)["errorMessages"] == ["No project could be found with key 'OPS'."]
    assert alice.get("version/600", 404)["errorMessages"] == ["Could not find version for id '600'."]
    assert [project["key"] for project in _projects(alice)] == ["API"]
    assert [project["key"] for project in _projects(site)] == ["API", "OPS"]


def _projects(site: Site) -> list[dict[str, str]]:
    return list(site.get("project/search")["values"] if site.kind == "cloud" else site.get("project"))


@pytest.mark.parametrize(
    ("who", "held"),
    [("bot", [True, True, True]), ("reader", [True, False, False]), ("alice", [True, True, False])],
)
def test_rights_are_told(site: Site, who: str, held: list[bool]) -> None:
    asking = {"bot": site, "reader": site.reader(), "alice": site.login("alice@acme.example", "alice-token")}[who]
    names = ["BROWSE_PROJECTS", "EDIT_ISSUES", "ADMINISTER_PROJECTS"]
    told = asking.get("mypermissions", projectKey="API", permissions=",".join(names))["permissions"]
    assert [told[name]["havePermission"] for name in names] == held


def test_the_sandbox_knows_every_right_that_mdpc_asks_for() -> None:
    assert set(NAMES) <= set(PERMISSIONS)


def test_rights_beyond_are_told_and_hold() -> None:
    users = [
        {"id": "boss", "emailAddress": "boss@acme.example", "tokens": ["boss"], "more": ["EDIT_ALL_COMMENTS"]},
        {"id": "mate", "emailAddress": "mate@acme.example", "tokens": ["mate"], "rights": "write"},
    ]
    issue = {"summary": "Talk", "key": "API-1", "comments": [{"author": "mdpc-bot", "body": "said"}]}
    with Sandbox({"jira": {"users": users, "projects": [{"key": "API", "name": "A", "issues": [issue]}]}}) as sandbox:
        comment = next(iter(sandbox.jira.issues["API-1"].comments)).id
        held = {}
        for who in ("boss", "mate"):
            asking = requests.Session()
            asking.auth = (f"{who}@acme.example", who)
            url = f"{sandbox.jira_url}/rest/api/2"
            query = {"projectKey": "API", "permissions": "EDIT_ALL_COMMENTS,DELETE_ISSUES"}
            told = asking.get(f"{url}/mypermissions", params=query).json()["permissions"]
            edited = asking.put(f"{url}/issue/API-1/comment/{comment}", json={"body": "no"})
            held[who] = [*(each["havePermission"] for each in told.values()), edited.status_code]
    assert held == {"boss": [True, False, 200], "mate": [False, False, 400]}


def test_cloud_must_be_told_which_rights_and_data_center_tells_all(site: Site) -> None:
    if site.kind == "cloud":
        site.get("mypermissions", 400)
    else:
        assert "ADMINISTER_PROJECTS" in site.get("mypermissions")["permissions"]
    site.get("mypermissions", 400, permissions="FLY")
    site.get("mypermissions", 404, projectKey="NONE", permissions="EDIT_ISSUES")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nonsense", 404),
        ("GET", "version/500/properties", 404),
        ("GET", "user/search", 404),
        ("DELETE", "version/500", 405),
        ("POST", "myself", 405),
    ],
)
def test_what_it_does_not_speak_is_refused_in_jiras_shape(site: Site, method: str, path: str, status: int) -> None:
    answer = site.ask(method, path)
    assert answer.status_code == status
    assert answer.json().keys() == {"message", "status-code"}


def test_each_deployment_lacks_what_the_other_has(site: Site) -> None:
    if site.kind == "cloud":
        assert "CHANGE-2046" in site.get("search", 410)["errorMessages"][0]
        site.get("project", 404)
        assert site.get("issue/API-101", api="3")["key"] == "API-101"
    else:
        assert "search/jql" in site.get("search/jql", 404)["message"]
        site.get("project/search", 404)
        site.get("issue/API-101", 404, api="3")


def test_a_body_must_be_json(site: Site) -> None:
    url = f"{site.sandbox.jira_url}/rest/api/2/version/500"
    for data, kind, status in (
        ("name=1", "text/plain", 415),
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
    ):
        answer = site.session.put(url, data=data, headers={"Content-Type": kind}, timeout=10)
        assert (answer.status_code, "name=1" in answer.text) == (status, False)


def test_fields_are_listed_with_their_kind(site: Site) -> None:
    fields = {field["id"]: field for field in site.get("field")}
    assert fields["duedate"]["schema"] == {"type": "date", "system": "duedate"}
    assert fields["customfield_10100"]["schema"]["type"] == "date"
    assert fields["customfield_10100"]["clauseNames"] == ["cf[10100]", "Target end"]
    own = {field["schema"].get("custom"): id_ for id_, field in fields.items()}
    epic = {"com.pyxis.greenhopper.jira:gh-epic-link", "com.pyxis.greenhopper.jira:gh-epic-label"}
    assert epic & own.keys() == (set() if site.kind == "cloud" else epic)


@pytest.mark.parametrize("site", ["cloud"], indirect=True)
def test_projects_come_with_those_of_their_properties_that_are_asked_for(site: Site) -> None:
    state = site.sandbox.jira
    state.projects["API"].properties |= {"mdpc.a.0": {"v": 1}, "other": 1}
    state.projects["OPS"].properties |= {"mdpc.b.0": [], "mdpc.b.1": []}
    shown = site.get("project/search", properties="mdpc.a.0,mdpc.b.0")["values"]
    assert [project["properties"] for project in shown] == [{"mdpc.a.0": {"v": 1}}, {"mdpc.b.0": []}]
    assert all("properties" not in project for project in site.get("project/search")["values"])


def test_projects_are_found_by_key_page_by_page() -> None:
    projects = [{"key": f"P{number}"} for number in range(120)]
    with Sandbox({"jira": {"projects": projects}}, clock=lambda: NOW) as sandbox:
        site = Site(sandbox, "cloud").login()
        first = site.get("project/search", maxResults=500)
        assert (first["maxResults"], len(first["values"]), first["isLast"]) == (100, 100, False)
        rest: requests.Response = site.session.get(first["nextPage"], timeout=10)
        assert (len(rest.json()["values"]), rest.json()["isLast"]) == (20, True)
        found = site.get("project/search", keys=["P7", "P9", "NONE"])
        assert [project["key"] for project in found["values"]] == ["P7", "P9"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"deployment": "8.0"}, "deployment"),
        ({"projects": [{"key": "A B"}]}, "key"),
        ({"projects": [{"key": "AB", "versons": []}]}, "versons"),
        ({"projects": [{"key": "AB", "versions": [{"name": "1", "start_date": "2026-01-01"}]}]}, "start_date"),
    ],
)
def test_a_wrong_seed_is_an_error(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        JiraState.from_seed(wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"projects": [{"key": "AB"}, {"key": "AB"}]}, "AB twice"),
        ({"projects": [{"key": "AB", "issues": [{"summary": "x", "fixVersions": ["9"]}]}]}, "version of AB '9'"),
        ({"projects": [{"key": "AB", "issues": [{"summary": "x", "assignee": "nobody"}]}]}, "user 'nobody'"),
        ({"projects": [{"key": "AB", "versions": [{"name": "1", "id": "5"}, {"name": "2", "id": "5"}]}]}, "the id 5"),
    ],
)
def test_a_seed_that_contradicts_itself_is_an_error(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        JiraState.from_seed(wrong)
