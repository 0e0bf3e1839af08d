"""Issues, comments and teams in GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from mdpc_sandbox.github.seed import Token
from tests.sandbox.conftest import Hub
from tests.sandbox.test_github_graphql import data

ISSUES = """
query($creator: String, $labels: [String!], $states: [IssueState!], $first: Int = 10, $after: String) {
  repository(owner: "acme", name: "api") {
    issues(
      first: $first, after: $after, labels: $labels, states: $states, filterBy: {createdBy: $creator},
      orderBy: {field: CREATED_AT, direction: ASC}
    ) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes {
        id number title body state url fullDatabaseId lastEditedAt
        author { __typename login } editor { __typename login }
        assignees(first: 10) { nodes { login } } labels(first: 10) { nodes { name } }
        repository { nameWithOwner }
        comments(first: 1) {
          totalCount pageInfo { hasNextPage endCursor }
          nodes { id fullDatabaseId url body createdAt lastEditedAt author { __typename login } editor { login } }
        }
      }
    }
  }
}"""


def issues(hub: Hub, **variables: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data(hub.query(ISSUES, **variables))["repository"]["issues"]["nodes"]
    return found


def test_issues_are_chosen_by_label_state_and_creator(hub: Hub) -> None:
    assert [one["number"] for one in issues(hub)] == [1, 2, 4]  # 3 is a pull request
    assert [one["number"] for one in issues(hub, labels=["docs", "none"])] == [1]
    assert [one["number"] for one in issues(hub, states=["CLOSED"])] == [2]
    assert [one["number"] for one in issues(hub, creator="Octocat", states=["OPEN"])] == [1, 4]
    assert issues(hub, creator="nobody") == []


def test_issues_and_comments_come_page_by_page_as_rest_has_them(hub: Hub) -> None:
    answer = data(hub.query(ISSUES, first=2))["repository"]["issues"]
    assert (answer["totalCount"], answer["pageInfo"]["hasNextPage"]) == (3, True)
    (last,) = issues(hub, first=2, after=answer["pageInfo"]["endCursor"])
    rest = hub.get("/repos/acme/api/issues/4").json()
    assert (last["id"], last["number"], last["url"]) == (rest["node_id"], 4, rest["html_url"])
    assert last["comments"]["totalCount"] == 2
    shown = last["comments"]["nodes"][0]
    listed = hub.get("/repos/acme/api/issues/4/comments").json()[0]
    assert (shown["id"], shown["fullDatabaseId"]) == (listed["node_id"], str(listed["id"]))
    assert (shown["url"], shown["createdAt"]) == (listed["html_url"], listed["created_at"])
    further = "... on Issue { comments(first: 9, after: $c) { nodes { body } } }"
    cursor = last["comments"]["pageInfo"]["endCursor"]
    node = data(hub.query(f"query($id: ID!, $c: String) {{ node(id: $id) {{ {further} }} }}", id=last["id"], c=cursor))
    assert node["node"]["comments"]["nodes"] == [{"body": "two"}]


def test_authors_and_editors(hub: Hub) -> None:
    hub.ask("POST", "/repos/acme/api/issues", "actions", json={"title": "x", "body": "b"})
    hub.ask("PATCH", "/repos/acme/api/issues/5", json={"body": "c"})
    api = hub.state.repository("acme/api")
    ghostly = hub.state.add_comment(api.issues[5], "ghost", "boo")
    hub.state.edit_comment(ghostly, "hoo", "alice")
    found = issues(hub)[-1]
    assert found["author"] == {"__typename": "Bot", "login": "github-actions"}
    assert (found["editor"]["login"], found["lastEditedAt"]) == ("mdpc-bot", api.issues[5].edited_at)
    (comment,) = found["comments"]["nodes"]
    assert (comment["author"], comment["editor"]) == (None, {"login": "alice"})
    node = "query($id: ID!) { node(id: $id) { __typename ... on IssueComment { body } } }"
    assert data(hub.query(node, id=comment["id"]))["node"] == {"__typename": "IssueComment", "body": "hoo"}
    assert hub.query(node, id="IC_none").json()["errors"][0]["type"] == "NOT_FOUND"


@pytest.mark.parametrize("number", [3, 7])
def test_what_is_no_issue_is_not_found_and_its_repository_is_there(hub: Hub, number: int) -> None:
    text = (
        """query($number: Int!) { repository(owner: "acme", name: "api") { name issue(number: $number) { title } } }"""
    )
    assert data(hub.query(text, number=4))["repository"]["issue"]["title"] == "Loose"
    missing = hub.query(text, number=number).json()
    assert missing["data"]["repository"] == {"name": "api", "issue": None}
    assert (missing["errors"][0]["type"], missing["errors"][0]["path"]) == ("NOT_FOUND", ["repository", "issue"])


def test_a_milestone_by_its_number(hub: Hub) -> None:
    text = """query($number: Int!) { repository(owner: "acme", name: "api") {
      milestone(number: $number) { title issues(first: 3) { nodes { number } } } } }"""
    held = data(hub.query(text, number=1))["repository"]["milestone"]
    assert (held["title"], [one["number"] for one in held["issues"]["nodes"]][:2]) == ("v1.0", [1, 2])
    assert data(hub.query(text, number=77))["repository"]["milestone"] is None


TEAM = """query($org: String!, $slug: String!) { organization(login: $org) { team(slug: $slug) {
  slug members(first: 1) { totalCount nodes { login } } } } }"""


def test_teams(hub: Hub) -> None:
    team = data(hub.query(TEAM, org="acme", slug="leads"))["organization"]["team"]
    assert team == {"slug": "leads", "members": {"totalCount": 2, "nodes": [{"login": "alice"}]}}
    assert data(hub.query(TEAM, org="acme", slug="none"))["organization"]["team"] is None
    hub.state.access.add(Token(value="blind", login="alice", kind="classic", teams=False))
    for token, kind in (("actions", "FORBIDDEN"), ("blind", "INSUFFICIENT_SCOPES")):
        assert hub.query(TEAM, token, org="acme", slug="leads").json()["errors"][0]["type"] == kind
