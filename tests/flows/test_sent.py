"""What mdpc sends is what the services' own descriptions allow: every path, method, parameter, body and query."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from jsonschema import Draft4Validator

from mdpc.changes import Change, Kind, Value
from mdpc.connector import Connector
from mdpc.model import ContainerRef, Record, Ref, Scope
from mdpc.notes import note_key
from mdpc_github import GitHubConnector
from mdpc_jira import JiraConnector
from mdpc_sandbox.demo import TRACKERS
from mdpc_sandbox.log import Entry
from mdpc_sandbox.seed import read_seed
from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import SHARED, WRITE, Rehearsal

SPECS = SHARED / "specs"
pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason="the services' descriptions are not beside this checkout")

FILES = {
    "github": ("github-openapi.json.gz", ""),
    "cloud": ("jira-cloud-v3.json.gz", "/rest/api/3"),
    "data-center": ("jira-dc-10.3.json.gz", "/api/2"),
}
CONFIGURATION = """
[connectors.github]
url = "{github}"
repositories = ["acme/*"]
[connectors.jira]
url = "{jira}"
deployment = "DEPLOYMENT"
projects = ["*"]
milestones = "MILESTONES"
[rules]
stale = "warn"
"""


@cache
def described(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((SPECS / FILES[name][0]).read_bytes()))
    if name == "data-center":  # its description takes every field of an issue for an object, which few are ...
        found["components"]["schemas"]["IssueUpdateBean"]["properties"]["fields"] = {"type": "object"}
        value = found["paths"]["/api/2/issue/{issueIdOrKey}/properties/{propertyKey}"]["put"]["requestBody"]
        value["content"]["application/json"]["schema"] = {}  # ... and an issue's property for a string: it is any JSON
    return found


@cache
def components(name: str) -> Any:
    return nullable(described(name)["components"])


@cache
def schema() -> GraphQLSchema:
    text = gzip.decompress((SPECS / "github-schema.graphql.gz").read_bytes()).decode()
    return build_schema(
        text,
        assume_valid=True,
        assume_valid_sdl=True,
    )


def check(name: str, entry: Entry) -> None:
    """Assert that a request is one that the description knows.

    GitHub takes null to clear a milestone's field (octokit/octokit.js#1404), and its description does not say so.
    """
    address = urlsplit(entry.path)
    if address.path == "/graphql" and entry.status == 404:
        return  # a server without GraphQL does not look at what it was sent
    if address.path == "/graphql":
        query = json.loads(entry.sent)["query"]
        assert validate(schema(), parse(query)) == []
        return
    document, base = described(name), FILES[name][1]
    path = re.sub(r"^/rest/api/[23]", base, address.path)
    template = next((each for each in document["paths"] if fits(each, path)), None)
    assert template is not None, f"{name} knows no {path}"
    item = document["paths"][template]
    assert entry.method.lower() in item, f"{name} knows no {entry.method} {path}"
    operation = item[entry.method.lower()]
    parameters = [resolved(document, each) for each in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    known = {each["name"] for each in parameters if each["in"] == "query"}
    assert set(parse_qs(address.query)) <= known, f"{entry.method} {entry.path}: {known} is all that is known"
    if entry.sent:
        body = resolved(document, operation["requestBody"])["content"]["application/json"]["schema"]
        whole = {"allOf": [nullable(body)], "components": components(name)}
        sent = {key: value for key, value in json.loads(entry.sent).items() if not (name == "github" and value is None)}
        assert [error.message for error in Draft4Validator(whole).iter_errors(sent)] == []


def fits(template: str, path: str) -> bool:
    """Whether a path is an instance of a template, and not of a literal that looks like it."""
    pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template))
    return re.fullmatch(pattern, unquote(path)) is not None


def resolved(document: Any, part: Any) -> Any:
    """A part with its `$ref` followed."""
    while "$ref" in part:
        found = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def nullable(part: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(part, list):
        return [nullable(each) for each in part]
    if not isinstance(part, dict):
        return part
    turned = {name: nullable(value) for name, value in part.items()}
    return {"anyOf": [turned, {"enum": [None]}]} if turned.pop("nullable", False) is True else turned


@pytest.mark.parametrize("graphql", [True, False], ids=["graphql", "rest"])
@pytest.mark.parametrize("milestones", ["versions", "epics"])
@pytest.mark.parametrize("deployment", ["cloud", "data-center"])
def test_every_request_is_one_that_the_service_describes(
    tmp_path: Path, deployment: str, milestones: str, graphql: bool
) -> None:
    seed = read_seed(TRACKERS)
    seed["jira"]["deployment"] = "cloud" if deployment == "cloud" else "10.3"
    seed["jira"]["projects"][0]["issues"] = [
        {"summary": "Grow", "issuetype": "Epic", "duedate": "2026-12-24"},
        {"summary": "Seed", "parent": "API-1", "fixVersions": ["2.0"]},
    ]
    environment = {name: value for name, value in WRITE.items() if deployment == "cloud" or not name.endswith("USER")}
    configuration = CONFIGURATION.replace("DEPLOYMENT", deployment).replace("MILESTONES", milestones)
    with Sandbox(seed, graphql=graphql) as sandbox:
        rehearsal = Rehearsal(sandbox, tmp_path, configuration, environment, now="2026-11-23")
        assert rehearsal.mdpc("doctor").status == 0
        assert rehearsal.mdpc("sync").status == 0
        assert rehearsal.mdpc("forget", "--yes").status == 0
        entries = sandbox.log.entries
        writes = sandbox.log.writes()
    assert len(writes) >= 16
    for entry in entries:
        check("github" if entry.tracker == "github" else deployment, entry)


PROGRAM = "platform"
LINK = "https://github.com/acme/api/milestone/3"


def write(ref: Ref, uid: str, field: str, after: Value, before: Value = None, kind: Kind = "update") -> Change:
    return Change(field, "w1", kind, PROGRAM, ref, uid, field, before, after, "because")


def creation(container: ContainerRef, status: str) -> list[Change]:
    ref = Ref(container, "mdpcnewidn0123456789ab")
    afters = {"title": "9.9", "due": "2027-03-14", "state": "closed", "status": status}
    return [write(ref, "mdpcnewuidn0123456789ab", name, after, kind="create") for name, after in afters.items()]


def created_twice(connector: Connector, changes: list[Change], sandbox: Sandbox) -> Record:
    """Make a record, lose the answer of the next attempt, and read what is there."""
    assert {each.status for each in connector.apply(changes)} == {"done"}
    connector.apply(changes)
    sandbox.faults.add("*", method="POST", drop="before", times=1)
    connector.apply(changes)
    records = connector.read(Scope(members=("API",))).records
    return next(record for record in records if record.title == "9.9")


@pytest.mark.parametrize("graphql", [True, False], ids=["graphql", "rest"])
def test_what_is_created_on_github_is_as_it_describes(graphql: bool) -> None:
    with Sandbox(read_seed(TRACKERS), graphql=graphql) as sandbox:
        table = {"type": "github", "url": sandbox.github_url, "token": "sandbox-write", "repositories": ["acme/api"]}
        connector = GitHubConnector("github", GitHubConnector.Settings.model_validate(table), sleep=Mock())
        created_twice(connector, creation(ContainerRef("github", "acme/api"), "text"), sandbox)
        connector.close()
        for entry in sandbox.log.entries:
            check("github", entry)
        assert {entry.status for entry in sandbox.log.writes()} == {201, 422, 0}


@pytest.mark.parametrize("milestones", ["versions", "epics"])
@pytest.mark.parametrize("deployment", ["cloud", "data-center"])
def test_what_is_created_remembered_and_linked_on_jira_is_as_it_describes(deployment: str, milestones: str) -> None:
    jira = {"deployment": "cloud" if deployment == "cloud" else "10.3", "projects": [{"key": "API"}]}
    with Sandbox({"jira": jira}) as sandbox:
        table = {"type": "jira", "url": sandbox.jira_url, "token": "sandbox-write", "milestones": milestones}
        table |= {"user": "mdpc-bot@example.com"} if deployment == "cloud" else {"deployment": deployment}
        connector = JiraConnector("jira", JiraConnector.Settings.model_validate(table), sleep=Mock())
        container = ContainerRef("jira", "API")
        record = created_twice(connector, creation(container, "mdpc: on track [m0123456789ab]"), sandbox)
        page = Ref(container, note_key(PROGRAM, 0))
        written = [write(page, page.id, "memory", '{"v":1,"pages":2}'), write(record.ref, record.uid, "link", LINK)]
        if milestones == "epics":
            written.append(write(record.ref, record.uid, "memory", '{"v":1,"id":"m0123456789ab"}'))
        for change in written:
            assert [each.status for each in connector.apply([change])] == ["done"]
        reading = connector.read(Scope(members=("API",), notes={"API": (PROGRAM,)}))
        assert list(reading.notes[container]) == [page.id]
        for change in written:
            undone = replace(change, before=change.after, after=None)
            assert [each.status for each in connector.apply([undone])] == ["done"]
        for entry in sandbox.log.entries:
            check(deployment, entry)
        methods = {entry.method for entry in sandbox.log.writes()}
        assert {"POST", "PUT", "DELETE"} <= methods


def test_a_request_that_is_not_described_would_be_seen() -> None:
    for sent in ('{"due": "2026-12-01"}', ""):
        entry = Entry("jira", "PUT", "/rest/api/2/version/1" if sent else "/rest/api/2/versions/1", 200, True, sent)
        with pytest.raises(AssertionError):
            check("cloud", entry)
