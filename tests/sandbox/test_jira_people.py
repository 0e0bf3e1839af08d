"""What people do to the sandbox's Jira behind mdpc's back: merging, deleting, renaming."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mdpc_sandbox.server import Sandbox
from tests.sandbox.jira_site import NOW, SEED, Site


@pytest.fixture(params=["cloud", "10.3"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, request.param).login()


def test_a_merged_version_is_gone_and_its_issues_are_in_the_other(site: Site) -> None:
    state = site.sandbox.jira
    both = state.issues["API-1"]
    both.set_versions([state.versions["500"], state.versions["501"]])
    state.merge_version(state.versions["500"], state.versions["501"])
    site.get("version/500", 404)
    assert site.get("version/501/relatedIssueCounts")["issuesFixedCount"] == 6
    assert [version["id"] for version in site.get("issue/API-1")["fields"]["fixVersions"]] == ["501"]
    assert [version["id"] for version in site.get("project/API/versions")] == ["501", "502"]


def test_a_deleted_version_leaves_its_issues(site: Site) -> None:
    state = site.sandbox.jira
    state.delete_version(state.versions["500"])
    site.get("version/500", 404)
    assert site.get("issue/API-1")["fields"]["fixVersions"] == []


def test_a_renamed_project_is_found_by_its_old_key(site: Site) -> None:
    state = site.sandbox.jira
    identifier = site.get("project/API")["id"]
    assert state.change_key("API", "CORE").key == "CORE"
    for key in ("API", "CORE"):
        assert (site.get(f"project/{key}")["key"], site.get(f"project/{key}")["id"]) == ("CORE", identifier)
    assert site.get("issue/API-101")["key"] == site.get("issue/CORE-101")["key"] == "CORE-101"
    found = site.get("search/jql" if site.kind == "cloud" else "search", jql="project = CORE", fields="key")["issues"]
    assert len(found) == 8
    children = "parent = CORE-100" if site.kind == "cloud" else "cf[10014] = CORE-100"
    listed = site.get("search/jql" if site.kind == "cloud" else "search", jql=children, fields="key")["issues"]
    assert [issue["key"] for issue in listed] == ["CORE-101"]


def test_rights_follow_a_renamed_project(site: Site) -> None:
    site.sandbox.jira.change_key("OPS", "RUN")
    site.login("alice@acme.example", "alice-token").get("project/RUN", 404)


def test_a_moved_issue_gets_another_key_and_its_old_one_leads_to_it(site: Site) -> None:
    state = site.sandbox.jira
    state.move_issue(state.issues["API-101"], state.projects["OPS"])
    assert site.get("issue/API-101")["key"] == site.get("issue/OPS-1")["key"] == "OPS-1"
    assert site.get("issue/API-101")["fields"]["fixVersions"] == []
    assert state.add_issue(state.projects["API"], "next").key != "API-101"


def test_a_deleted_issue_is_gone(site: Site) -> None:
    state = site.sandbox.jira
    state.delete_issue(state.issues["API-101"])
    site.get("issue/API-101", 404)


def test_somebody_changes_a_comment(site: Site) -> None:
    state = site.sandbox.jira
    issue = state.issues["API-101"]
    state.edit_comment(issue, issue.comments[0], state.users["mdpc-bot"], "hushed")
    (comment,) = site.get("issue/API-101/comment")["comments"]
    who = [comment[name]["displayName"] for name in ("author", "updateAuthor")]
    assert (who, comment["body"], comment["updated"]) == (["Alice Archer", "mdpc"], "hushed", f"{NOW:%FT%T}.000+0000")
