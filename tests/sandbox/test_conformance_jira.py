"""What the sandbox's Jira answers is what Atlassian's own descriptions of the API allow."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mdpc_sandbox.jira.app import served
from mdpc_sandbox.jira.site import PERMISSIONS
from mdpc_sandbox.server import Sandbox
from tests.sandbox.jira_site import NOW, SEED, Site

SPECS = Path(__file__).parents[3] / "shared" / "specs"
FILES = {"2": ("jira-dc-10.3.json.gz", "/api/2/"), "3": ("jira-cloud-v3.json.gz", "/rest/api/3/")}
NAMES = {
    "project": "projectIdOrKey",
    "issue": "issueIdOrKey",
    "version": "id",
    "comment": "id",
    "property": "propertyKey",
    "type": "issueTypeId",
}
# Paths whose parameters the descriptions name otherwise.
OTHERWISE = {
    "version/{version}/relatedwork/{work}": "version/{versionId}/relatedwork/{relatedWorkId}",
    "version/{version}/remotelink": "version/{versionId}/remotelink",
    "version/{version}/remotelink/{link}": "version/{versionId}/remotelink/{globalId}",
}

# Where the description for Data Center shows one element for a list, as that for Cloud does for remote links.
LISTS = {"2": {"project", "project/{project}/versions", "field"}, "3": {"issue/{issue}/remotelink"}}

DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}


@cache
def spec(api: str) -> dict[str, Any]:
    path = SPECS / FILES[api][0]
    if not path.is_file():
        pytest.skip(f"the description of the API is not beside the repository ({path.name})")
    described: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    if api == "2":
        # Data Center's description takes every field for an object, every property and link for a string.
        schemas = described["components"]["schemas"]
        schemas["IssueBean"]["properties"]["fields"] = {"type": "object"}
        schemas["EntityPropertyBean"]["properties"]["value"] = {}
        schemas["RemoteEntityLinkJsonBean"]["properties"]["link"] = {"type": "object"}
        del schemas["RemoteIssueLinkBean"]["type"]  # it tells no field of it, nor that it is a list
    return described


def in_their_words(path: str) -> str:
    """A path that is served as the descriptions write it."""
    if path in OTHERWISE:
        return OTHERWISE[path]
    for name, described in NAMES.items():
        path = path.replace(f"{{{name}}}", f"{{{described}}}")
    return path


@dataclass(frozen=True)
class Conformance:
    """A site whose answers are checked against the description of its API's version."""

    site: Site
    api: str

    def check(self, method: str, path: str, body: Any = None, **given: Any) -> Any:
        """Ask, check the answer, and give it; `given` fills the path, the rest is the query."""
        query = {name: value for name, value in given.items() if f"{{{name}}}" not in path}
        response = self.site.ask(method, path.format(**given), body, api=self.api, **query)
        described = self._described(method, path)["responses"]
        assert str(response.status_code) in described, f"{method} {path}: {response.status_code} {response.text}"
        answer = response.json() if response.content else None
        schema = described[str(response.status_code)].get("content", {}).get("application/json", {}).get("schema")
        if schema:
            assert answer is not None, path
            listed = path in LISTS[self.api] and isinstance(answer, list)
            for one in answer if listed else [answer]:
                self._validate(one, schema)
        return answer

    def _described(self, method: str, path: str) -> dict[str, Any]:
        operation: dict[str, Any] = spec(self.api)["paths"][FILES[self.api][1] + in_their_words(path)][method.lower()]
        return operation

    def _validate(self, answer: Any, schema: dict[str, Any]) -> None:
        Draft202012Validator(schema | {"components": spec(self.api)["components"]}).validate(answer)


@pytest.fixture(params=["2", "3"])
def jira(request: pytest.FixtureRequest) -> Iterator[Conformance]:
    deployment = {"2": "10.3", "3": "cloud"}[request.param]
    spec(request.param)
    with Sandbox({"jira": SEED | {"deployment": deployment}}, clock=lambda: NOW) as sandbox:
        yield Conformance(Site(sandbox, deployment).login(), request.param)


def test_reading(jira: Conformance) -> None:
    jira.check("GET", "serverInfo")
    jira.check("GET", "myself")
    told = jira.check("GET", "mypermissions", permissions=",".join(PERMISSIONS), projectKey="API")["permissions"]
    assert set(told) == set(PERMISSIONS)
    jira.check("GET", "mypermissions", permissions="FLY")
    jira.check("GET", "field")
    jira.check("GET", "project/{project}", project="API")
    jira.check("GET", "project/{project}", project="NONE")
    jira.check("GET", "project/{project}/versions", project="API")
    page = jira.check(
        "GET", "project/{project}/version", project="API", maxResults=1, expand="issuesstatus,driver,approvers"
    )
    assert len(page["values"]) == 1
    jira.check("GET", "version/{version}", version="500")
    jira.check("GET", "version/{version}", version="1")
    jira.check("GET", "version/{version}/relatedIssueCounts", version="500")
    jira.check("GET", "version/{version}/unresolvedIssueCount", version="500")


def test_searching(jira: Conformance) -> None:
    query = {"jql": "project = API", "fields": "*all", "maxResults": 2}
    if jira.api == "2":
        assert len(jira.check("GET", "project")) == 2
        assert jira.check("GET", "search", **query)["total"] == 8
        jira.check("GET", "search", jql="nonsense")
        jira.check("POST", "search", {"jql": "project = API", "fields": ["summary"], "maxResults": 1})
    else:
        assert jira.check("GET", "project/search", maxResults=1)["total"] == 2
        jira.check("PUT", "project/{project}/properties/{property}", {"v": 1}, project="API", property="mdpc.api.0")
        (found,) = jira.check("GET", "project/search", keys="API", properties="mdpc.api.0,mdpc.own.0")["values"]
        assert found["properties"] == {"mdpc.api.0": {"v": 1}}
        found = jira.check("GET", "search/jql", jql="key = API-101", fields="summary", properties="mdpc")["issues"][0]
        assert found["properties"] == {"mdpc": {"v": 1}}
        assert jira.check("GET", "search/jql", **query)["nextPageToken"]
        jira.check("GET", "search/jql", jql="nonsense")
        jira.check("POST", "search/jql", {"jql": "project = API"})
        assert jira.check("POST", "search/approximate-count", {"jql": "project = API"}) == {"count": 8}


def test_writing_versions(jira: Conformance) -> None:
    project = int(jira.site.get("project/API")["id"])
    made = jira.check("POST", "version", {"name": "3.0", "projectId": project, "releaseDate": "2027-01-01"})
    jira.check("POST", "version", {"name": "3.0", "projectId": project})
    changed = jira.check("PUT", "version/{version}", {"releaseDate": None, "released": True}, version=made["id"])
    assert changed["released"] is True
    reading = Conformance(jira.site.reader(), jira.api)
    reading.check("POST", "version", {"name": "4.0", "projectId": project})
    reading.check("PUT", "version/{version}", {"name": "4.0"}, version=made["id"])


def test_issues(jira: Conformance) -> None:
    rich: Any = "x" if jira.api == "2" else DOCUMENT
    fields = {"project": {"key": "API"}, "issuetype": {"name": "Task"}, "summary": "x", "description": rich}
    key = jira.check("POST", "issue", {"fields": fields})["key"]
    jira.check("POST", "issue", {"fields": {}})
    assert jira.check("GET", "issue/{issue}", issue=key)["fields"]["description"] == rich
    jira.check("GET", "issue/{issue}", issue="API-999")
    jira.check("PUT", "issue/{issue}", {"fields": {"summary": "y"}}, issue=key)
    jira.check("PUT", "issue/{issue}", {"fields": {"colour": "red"}}, issue=key)
    jira.check("PUT", "issue/{issue}/assignee", {"name" if jira.api == "2" else "accountId": "alice"}, issue=key)
    comment = jira.check("POST", "issue/{issue}/comment", {"body": rich}, issue=key)["id"]
    jira.check("PUT", "issue/{issue}/comment/{comment}", {"body": rich}, issue=key, comment=comment)
    jira.check("GET", "issue/{issue}/comment/{comment}", issue=key, comment=comment)
    assert jira.check("GET", "issue/{issue}/comment", issue=key)["total"] == 1
    jira.check("DELETE", "issue/{issue}/comment/{comment}", issue=key, comment=comment)
    jira.check("PUT", "issue/{issue}", {"update": {"labels": [{"add": "milestone"}]}}, issue=key)
    transitions = jira.check("GET", "issue/{issue}/transitions", issue=key)["transitions"]
    jira.check("POST", "issue/{issue}/transitions", {"transition": {"id": transitions[0]["id"]}}, issue=key)
    jira.check("POST", "issue/{issue}/transitions", {"transition": {"id": "0"}}, issue=key)


def test_what_new_issues_need(jira: Conformance) -> None:
    types = "issue/createmeta/{project}/issuetypes"
    name = "issueTypes" if jira.api == "3" else "values"
    first = jira.check("GET", types, project="API", maxResults=1)[name][0]
    jira.check("GET", types, project="NONE")
    fields = jira.check("GET", f"{types}/{{type}}", project="API", type=first["id"])
    assert fields["fields" if jira.api == "3" else "values"]
    jira.check("GET", f"{types}/{{type}}", project="API", type="1")


def test_groups(jira: Conformance) -> None:
    jira.check("GET", "group/member", groupname="leads", maxResults=1)
    jira.check("GET", "group/member", groupname="nobody")
    jira.check("GET", "group/member")
    Conformance(jira.site.reader(), jira.api).check("GET", "group/member", groupname="leads")


def test_links_of_versions(jira: Conformance) -> None:
    reading = Conformance(jira.site.reader(), jira.api)
    if jira.api == "3":
        work = {"category": "Development", "title": "acme/api", "url": "https://acme.example/1"}
        made = jira.check("POST", "version/{version}/relatedwork", work, version="500")
        assert jira.check("GET", "version/{version}/relatedwork", version="500") == [made]
        jira.check("POST", "version/{version}/relatedwork", {}, version="500")
        reading.check("POST", "version/{version}/relatedwork", work, version="500")
        path, given = "version/{version}/relatedwork/{work}", {"version": "500", "work": made["relatedWorkId"]}
    else:
        link = {"globalId": "mdpc-1", "object": {"title": "acme/api", "url": "https://acme.example/1"}}
        path, given = "version/{version}/remotelink/{link}", {"version": "500", "link": "mdpc-1"}
        jira.check("POST", path, link, **given)
        jira.check("POST", "version/{version}/remotelink", link, version="500")
        assert jira.check("GET", "version/{version}/remotelink", version="500")["links"][0]["link"] == link
        assert jira.check("GET", path, **given)["name"] == "1.0"
        reading.check("POST", path, link, **given)
    jira.check("DELETE", path, **given)
    jira.check("DELETE", path, **given)


def test_links_of_issues(jira: Conformance) -> None:
    link = {"globalId": "mdpc-1", "object": {"title": "acme/api", "url": "https://acme.example/1"}}
    path = "issue/{issue}/remotelink"
    jira.check("POST", path, link, issue="API-100")
    jira.check("POST", path, link, issue="API-100")
    jira.check("POST", path, {"object": {}}, issue="API-100")
    assert len(jira.check("GET", path, issue="API-100")) == 1
    assert jira.check("GET", path, issue="API-100", globalId="mdpc-1")["object"] == link["object"]
    Conformance(jira.site.reader(), jira.api).check("POST", path, link, issue="API-100")
    jira.check("DELETE", path, issue="API-100", globalId="mdpc-1")
    jira.check("GET", path, issue="API-100", globalId="mdpc-1")


@pytest.mark.parametrize("where", ["issue/{issue}", "project/{project}"])
def test_properties(jira: Conformance, where: str) -> None:
    given = {"issue": "API-100"} if "issue" in where else {"project": "API"}
    jira.check("PUT", f"{where}/properties/{{property}}", {"v": 1}, property="mdpc", **given)
    jira.check("PUT", f"{where}/properties/{{property}}", {"v": 2}, property="mdpc", **given)
    assert jira.check("GET", f"{where}/properties/{{property}}", property="mdpc", **given)["value"] == {"v": 2}
    assert jira.check("GET", f"{where}/properties", **given)["keys"]
    jira.check("DELETE", f"{where}/properties/{{property}}", property="mdpc", **given)
    jira.check("GET", f"{where}/properties/{{property}}", property="mdpc", **given)


@pytest.mark.parametrize("api", ["2", "3"])
def test_every_path_that_is_served_exists(api: str) -> None:
    described = {path.partition(FILES[api][1])[2]: set(methods) for path, methods in spec(api)["paths"].items()}
    for path, handlers in served(cloud=api == "3").items():
        assert {method.lower() for method in handlers} <= described[in_their_words(path)], path
