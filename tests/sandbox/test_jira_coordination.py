"""What coordination issues need of the sandbox's Jira: creators, labels, required fields, groups, and comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.sandbox.jira_site import NOW, SEED, Site

TEAM = {"id": "customfield_10200", "name": "Team", "required": ["Task"]}
NEW: dict[str, Any] = {"project": {"key": "API"}, "issuetype": {"name": "Task"}, "summary": "x"}


@pytest.fixture(params=["cloud", "10.3"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, request.param).login()


def found(site: Site, jql: str, **query: Any) -> list[dict[str, Any]]:
    path = "search/jql" if site.kind == "cloud" else "search"
    issues: list[dict[str, Any]] = site.get(path, jql=jql, **({"fields": "summary"} | query))["issues"]
    return issues


def who(site: Site, login: str) -> dict[str, str]:
    return {"accountId" if site.kind == "cloud" else "name": login}


def test_who_made_an_issue_is_found_by_that(site: Site) -> None:
    key = site.send("POST", "issue", {"fields": NEW | {"labels": ["milestone"]}}, 201)["key"]
    site.send("PUT", f"issue/{key}", {"fields": {"reporter": who(site, "alice")}}, 204)
    fields = site.get(f"issue/{key}")["fields"]
    assert (fields["creator"]["displayName"], fields["reporter"]["displayName"]) == ("mdpc", "Alice Archer")
    for jql in ("creator = currentUser()", 'creator in (currentUser(), "alice")', 'creator in ("mdpc-bot")'):
        assert [issue["key"] for issue in found(site, f"labels = milestone AND {jql}")] == [key]
    assert found(site.login("alice@acme.example", "alice-token"), "creator = currentUser()") == []
    path = "search/jql" if site.kind == "cloud" else "search"
    site.get(path, 400, jql="creator = nobody")


def test_labels_come_and_go_without_the_others(site: Site) -> None:
    def labels(*steps: Any, status: int = 204) -> Any:
        site.send("PUT", "issue/API-101", {"update": {"labels": list(steps)}}, status)
        return site.get("issue/API-101")["fields"]["labels"]

    assert labels({"add": "docs"}) == ["milestone", "docs"]
    assert labels({"add": "docs"}, {"remove": "milestone"}) == ["docs"]
    assert labels({"set": "x"}, status=400) == labels("x", status=400) == labels({"add": "a b"}, status=400) == ["docs"]
    site.send("PUT", "issue/API-101", {"update": {"summary": []}}, 400)
    both = {"fields": {"summary": "Sown", "priority": {"name": "High"}}, "update": {"labels": [{"add": "x"}]}}
    site.send("PUT", "issue/API-101", both, 204)
    fields = site.get("issue/API-101")["fields"]
    assert (fields["summary"], fields["priority"]["name"], fields["labels"]) == ("Sown", "High", ["docs", "x"])
    site.send("PUT", "issue/API-101", {"fields": {"priority": {"name": "Utmost"}}}, 400)


def test_not_everybody_can_be_assigned_issues(site: Site) -> None:
    refused = site.send("POST", "issue", {"fields": NEW | {"assignee": who(site, "robot")}}, 400)
    assert list(refused["errors"]) == ["assignee"]


@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_a_required_field(deployment: str) -> None:
    with Sandbox({"jira": SEED | {"deployment": deployment, "fields": [TEAM]}}, clock=lambda: NOW) as sandbox:
        site = Site(sandbox, deployment).login()
        refused = site.send("POST", "issue", {"fields": NEW}, 400)
        assert refused["errors"] == {"customfield_10200": "Team is required."}
        site.send("POST", "issue", {"fields": NEW | {"customfield_10200": "Core"}}, 201)
        site.send("POST", "issue", {"fields": NEW | {"issuetype": {"name": "Story"}}}, 201)
        page = site.get("issue/createmeta/API/issuetypes/10002")
        fields = {each["fieldId"]: each for each in page["fields" if deployment == "cloud" else "values"]}
        assert [name for name, each in fields.items() if each["required"]] == [
            "summary",
            "issuetype",
            "project",
            "reporter",
            "customfield_10200",
        ]
        site.reader().get("issue/createmeta/API/issuetypes", 400)


def test_groups_are_for_administrators(site: Site) -> None:
    page = site.get("group/member", groupname="leads", maxResults=1)
    assert (page["isLast"], [user["displayName"] for user in page["values"]]) == (False, ["Alice Archer"])
    (last,) = site.get("group/member", groupname="leads", startAt=1)["values"]
    assert last.get("accountType") == ("app" if site.kind == "cloud" else None)
    site.get("group/member", 404, groupname="nobody")
    site.reader().get("group/member", 403, groupname="leads")
    Site(site.sandbox, site.kind).get("group/member", 401, groupname="leads")


def test_comments_are_deleted_by_their_authors_and_administrators(site: Site) -> None:
    alice = site.login("alice@acme.example", "alice-token")
    own = alice.send("POST", "issue/API-101/comment", {"body": "x"}, 201)["id"]
    bots = site.send("POST", "issue/API-101/comment", {"body": "y"}, 201)["id"]
    alice.send("DELETE", f"issue/API-101/comment/{bots}", None, 400)
    alice.send("DELETE", f"issue/API-101/comment/{own}", None, 204)
    site.send("DELETE", f"issue/API-101/comment/{own}", None, 404)
    assert site.get("issue/API-101/comment")["total"] == 2


def test_a_search_on_cloud_brings_only_some_comments(site: Site) -> None:
    for _ in range(24):
        site.send("POST", "issue/API-101/comment", {"body": "x"}, 201)
    page = found(site, "key = API-101", fields="comment")[0]["fields"]["comment"]
    assert (page["total"], len(page["comments"])) == (25, 20 if site.kind == "cloud" else 25)


def test_a_search_on_cloud_may_lag_behind() -> None:
    with Sandbox({"jira": SEED}, clock=lambda: NOW) as sandbox:
        site = Site(sandbox, "cloud").login()
        issue = sandbox.jira.issues["API-101"]
        sandbox.jira.unindexed.add(issue.id)
        assert found(site, "key = API-101") == []
        assert len(found(site, "key = API-101", reconcileIssues=issue.id)) == 1
        body = {"jql": "key = API-101", "reconcileIssues": [int(issue.id)]}
        assert len(site.send("POST", "search/jql", body, 200)["issues"]) == 1


def test_mentions_say_names_on_cloud() -> None:
    with Sandbox({"jira": SEED}, clock=lambda: NOW) as sandbox:
        site = Site(sandbox, "cloud").login()
        mention = {"type": "mention", "attrs": {"id": "alice"}}
        document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [mention]}]}
        made = site.send("POST", "issue/API-101/comment", {"body": document}, 201, api="3")
        (node,) = made["body"]["content"][0]["content"]
        assert node["attrs"] == {"id": "alice", "text": "@Alice Archer"}
        assert site.get(f"issue/API-101/comment/{made['id']}")["body"] == "[~accountid:alice]"


def test_a_seed_may_tell_who_made_and_changed_what() -> None:
    seed: dict[str, Any] = {
        "projects": [
            {
                "key": "API",
                "issues": [
                    {
                        "summary": "x",
                        "creator": "mdpc-bot",
                        "comments": [{"author": "mdpc-bot", "body": "x", "updateAuthor": "mdpc-reader"}],
                    }
                ],
            }
        ]
    }
    with Sandbox({"jira": seed}, clock=lambda: NOW) as sandbox:
        (issue,) = sandbox.jira.issues.values()
        assert issue.creator is sandbox.jira.users["mdpc-bot"]
        assert issue.comments[0].update_author is sandbox.jira.users["mdpc-reader"]
