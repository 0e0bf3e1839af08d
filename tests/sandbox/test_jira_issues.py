"""The sandbox's Jira issues: fields, comments, transitions, and properties of issues and projects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.sandbox.jira_site import NOW, SEED, Site


@pytest.fixture(params=["cloud", "10.3"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, request.param).login()


@pytest.fixture(scope="module", params=["cloud", "10.3"])
def shared(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site for tests that change nothing in it."""
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, request.param).login()


def fields_of(site: Site, key: str) -> dict[str, Any]:
    fields: dict[str, Any] = site.get(f"issue/{key}")["fields"]
    return fields


def who(site: Site, login: str) -> dict[str, str]:
    return {"accountId" if site.kind == "cloud" else "name": login}


def test_create_and_edit(site: Site) -> None:
    new: dict[str, Any] = {
        "project": {"key": "API"},
        "issuetype": {"name": "Milestone"},
        "summary": "Release 1.0",
        "description": "h1. why\r\n",
        "labels": ["milestone"],
        "fixVersions": [{"id": "500"}, {"name": "0.9"}],
        "duedate": "2026-12-01",
        "assignee": who(site, "alice"),
        "customfield_10100": "2026-12-02",
    }
    made = site.send("POST", "issue", {"fields": new}, 201)
    assert made["key"] == "API-9"
    fields = fields_of(site, made["id"])
    same = ("summary", "description", "labels", "duedate", "customfield_10100")
    assert {name: fields[name] for name in same} == {name: new[name] for name in same}
    assert [version["name"] for version in fields["fixVersions"]] == ["1.0", "0.9"]
    assert (fields["issuetype"]["name"], fields["status"]["name"]) == ("Milestone", "To Do")
    assert (fields["assignee"]["displayName"], fields["reporter"]["displayName"]) == ("Alice Archer", "mdpc")
    assert fields["created"] == fields["updated"] == "2026-11-22T09:00:00.000+0000"
    edit: dict[str, Any] = {
        "duedate": None,
        "fixVersions": [],
        "description": None,
        "summary": "R1",
        "parent": {"key": "API-100"},
    }
    site.send("PUT", f"issue/{made['key']}", {"fields": edit}, 204)
    fields = fields_of(site, made["key"])
    assert (fields["duedate"], fields["fixVersions"], fields["description"]) == (None, [], None)
    assert (fields["summary"], fields["parent"]["key"], fields["labels"]) == ("R1", "API-100", ["milestone"])
    assert site.get("version/500/relatedIssueCounts")["issuesFixedCount"] == 6


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"summary": "two\nlines"}, "summary"),
        ({"summary": "s" * 256}, "summary"),
        ({"summary": " "}, "summary"),
        ({"description": "d" * 32_768}, "description"),
        ({"description": 3}, "description"),
        ({"labels": ["a b"]}, "labels"),
        ({"labels": "a"}, "labels"),
        ({"duedate": "tomorrow"}, "duedate"),
        ({"fixVersions": [{"id": "600"}]}, "fixVersions"),
        ({"fixVersions": "1.0"}, "fixVersions"),
        ({"issuetype": {"name": "Monster"}}, "issuetype"),
        ({"assignee": {"accountId": "nobody", "name": "nobody"}}, "assignee"),
        ({"assignee": "alice"}, "assignee"),
        ({"parent": {"key": "API-999"}}, "parent"),
        ({"status": {"name": "Done"}}, "status"),
        ({"customfield_1": 1}, "customfield_1"),
    ],
)
def test_what_cannot_be_set_changes_nothing(shared: Site, fields: dict[str, Any], where: str) -> None:
    before = fields_of(shared, "API-101")
    refused = shared.send("PUT", "issue/API-101", {"fields": {"duedate": "2030-01-01"} | fields}, 400)
    assert list(refused["errors"]) == [where]
    assert fields_of(shared, "API-101") == before


def test_what_an_issue_needs(shared: Site) -> None:
    def errors(**fields: Any) -> list[str]:
        return list(shared.send("POST", "issue", {"fields": fields}, 400)["errors"])

    assert errors(summary="x") == ["project"]
    assert errors(summary="x", project={"key": "NONE"}) == ["project"]
    assert errors(summary="x", project={"key": "API"}) == ["issuetype"]
    assert errors(issuetype={"name": "Task"}, project={"key": "API"}) == ["summary"]
    shared.send("POST", "issue", {"summary": "x"}, 400)
    shared.send("PUT", "issue/API-101", {"update": {}}, 400)
    assert shared.get("issue/API-999", 404)["errors"] == {}


def test_assignee(site: Site) -> None:
    site.send("PUT", "issue/API-101/assignee", who(site, "alice"), 204)
    assert fields_of(site, "API-101")["assignee"]["displayName"] == "Alice Archer"
    site.send("PUT", "issue/API-101/assignee", {next(iter(who(site, ""))): None}, 204)
    assert fields_of(site, "API-101")["assignee"] is None
    site.send("PUT", "issue/API-101/assignee", who(site, "nobody"), 400)


def test_accounts_are_shown_as_the_deployment_does(shared: Site) -> None:
    author = shared.get("issue/API-101/comment")["comments"][0]["author"]
    if shared.kind == "cloud":
        assert (author["accountId"], author.keys().isdisjoint({"name", "key", "emailAddress"})) == ("alice", True)
    else:
        assert (author["name"], author["emailAddress"], "accountId" in author) == ("alice", "alice@acme.example", False)


def test_comments(site: Site) -> None:
    made = site.send("POST", "issue/API-101/comment", {"body": "second\n{code}x{code}"}, 201)
    listed = site.get("issue/API-101/comment")
    assert (listed["total"], [comment["body"] for comment in listed["comments"]]) == (2, ["said", made["body"]])
    assert made["body"] == "second\n{code}x{code}"
    page = site.get("issue/API-101/comment", orderBy="-created", maxResults=1)
    assert [comment["id"] for comment in page["comments"]] == [made["id"]]
    changed = site.send("PUT", f"issue/API-101/comment/{made['id']}", {"body": "edited"}, 200)
    assert changed == site.get(f"issue/API-101/comment/{made['id']}")
    assert (changed["body"], changed["updateAuthor"]["displayName"]) == ("edited", "mdpc")
    assert fields_of(site, "API-101")["updated"] == changed["updated"]
    for body in ("", " ", None, {"type": "doc"}, "c" * 32_768):
        assert list(site.send("POST", "issue/API-101/comment", {"body": body}, 400)["errors"]) == ["comment"]
    site.send("POST", "issue/API-101/comment", {"body": "x", "visible": True}, 400)
    site.get("issue/API-101/comment/1", 404)


def test_only_administrators_edit_the_comments_of_others(site: Site) -> None:
    theirs = site.send("POST", "issue/API-101/comment", {"body": "mine"}, 201)["id"]
    alice = site.login("alice@acme.example", "alice-token")
    alice.send("PUT", f"issue/API-101/comment/{theirs}", {"body": "hers"}, 400)
    own = alice.get("issue/API-101/comment")["comments"][0]["id"]
    alice.send("PUT", f"issue/API-101/comment/{own}", {"body": "hers"}, 200)
    assert (
        site.send("PUT", f"issue/API-101/comment/{own}", {"body": "his"}, 200)["author"]["displayName"]
        == "Alice Archer"
    )


def test_transitions(site: Site) -> None:
    offered = site.get("issue/API-101/transitions")["transitions"]
    assert [(step["name"], step["to"]["statusCategory"]["key"]) for step in offered] == [
        ("In Progress", "indeterminate"),
        ("Done", "done"),
    ]
    site.send("POST", "issue/API-101/transitions", {"transition": {"id": offered[1]["id"]}}, 204)
    fields = fields_of(site, "API-101")
    assert (fields["status"]["name"], fields["resolution"]["name"]) == ("Done", "Done")
    assert fields["resolutiondate"] == "2026-11-22T09:00:00.000+0000"
    assert site.get("version/502/unresolvedIssueCount")["issuesUnresolvedCount"] == 0
    site.send("POST", "issue/API-101/transitions", {"transition": {"id": offered[1]["id"]}}, 400)
    site.send("POST", "issue/API-101/transitions", {"transition": {"name": "To Do"}}, 400)
    site.send("POST", "issue/API-101/transitions", {"transition": {"id": "11"}, "fields": {"summary": "x"}}, 400)
    site.send("POST", "issue/API-101/transitions", {"transition": {"id": "11"}, "fields": {}}, 204)
    assert fields_of(site, "API-101")["resolution"] is None


def test_who_may_only_read_cannot_write_and_is_offered_no_transition(shared: Site) -> None:
    reader = shared.reader()
    assert reader.get("issue/API-101/transitions")["transitions"] == []
    new = {"project": {"key": "API"}, "issuetype": {"name": "Task"}, "summary": "x"}
    reader.send("POST", "issue", {"fields": new}, 400)
    reader.send("PUT", "issue/API-101", {"fields": {"summary": "x"}}, 403)
    reader.send("PUT", "issue/API-101/assignee", who(shared, "alice"), 403)
    reader.send("POST", "issue/API-101/comment", {"body": "x"}, 403)
    reader.send("POST", "issue/API-101/transitions", {"transition": {"id": "31"}}, 400)
    reader.send("PUT", "issue/API-101/properties/x", 1, 403)
    reader.send("PUT", "project/API/properties/x", 1, 403)
    assert fields_of(shared, "API-101")["summary"] == "Seed"


@pytest.mark.parametrize("where", ["issue/API-100", "project/API"])
def test_properties(site: Site, where: str) -> None:
    assert site.get(f"{where}/properties") == {"keys": []}
    value = {"v": 1, "text": "ünï\U0001f600", "list": [None, {}]}
    site.send("PUT", f"{where}/properties/mdpc.platform.0", value, 201)
    site.send("PUT", f"{where}/properties/mdpc.platform.0", value, 200)
    assert site.get(f"{where}/properties/mdpc.platform.0") == {"key": "mdpc.platform.0", "value": value}
    assert [held["key"] for held in site.get(f"{where}/properties")["keys"]] == ["mdpc.platform.0"]
    site.send("PUT", f"{where}/properties/big", "x" * 32_766, 201)
    site.send("PUT", f"{where}/properties/bigger", "x" * 32_767, 400)
    site.send("PUT", f"{where}/properties/{'k' * 256}", 1, 400)
    site.send("PUT", f"{where}/properties/none", None, 400)
    site.send("DELETE", f"{where}/properties/big", None, 204)
    site.send("DELETE", f"{where}/properties/big", None, 404)
    site.get(f"{where}/properties/big", 404)


def test_an_epic_on_data_center_needs_a_name_of_its_own(shared: Site) -> None:
    fields = {"project": {"key": "API"}, "issuetype": {"name": "Epic"}, "summary": "Grow"}
    if shared.kind == "cloud":
        assert shared.send("POST", "issue", {"fields": fields}, 201)["key"]
    else:
        refused = shared.send("POST", "issue", {"fields": fields}, 400)
        assert refused["errors"] == {"customfield_10011": "Epic Name is required."}
        assert shared.send("POST", "issue", {"fields": fields | {"customfield_10011": "Grow"}}, 201)["key"]


def test_properties_with_an_issue(shared: Site) -> None:
    assert shared.get("issue/API-101", properties="mdpc")["properties"] == {"mdpc": {"v": 1}}
    assert "properties" not in shared.get("issue/API-101", fields="summary")


def test_cloud_version_3_speaks_documents() -> None:
    with Sandbox({"jira": SEED}, clock=lambda: NOW) as sandbox:
        site = Site(sandbox, "cloud").login()
        text = {"type": "text", "text": "one"}
        brk = {"type": "hardBreak"}
        document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [text, brk, text]}]}
        site.send("PUT", "issue/API-101", {"fields": {"description": document}}, 204, api="3")
        assert site.get("issue/API-101", api="3")["fields"]["description"] == document
        assert fields_of(site, "API-101")["description"] == "one\none"
        site.send("PUT", "issue/API-101", {"fields": {"description": "a\n\nb"}}, 204)
        shown = site.get("search/jql", jql="key = API-101", fields="description", api="3")["issues"][0]["fields"]
        assert [node["content"] for node in shown["description"]["content"]] == [
            [{"type": "text", "text": "a"}],
            [],
            [{"type": "text", "text": "b"}],
        ]
        site.send("PUT", "issue/API-101", {"fields": {"description": "wiki"}}, 400, api="3")
        site.send("POST", "issue/API-101/comment", {"body": document}, 201, api="3")
        assert site.get("issue/API-101/comment")["comments"][-1]["body"] == "one\none"
