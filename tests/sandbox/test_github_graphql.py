"""GraphQL: the same state, in GitHub's words."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from mdpc_sandbox.github.seed import Token
from mdpc_sandbox.server import Sandbox
from tests.sandbox.conftest import SEED, Hub

MILESTONES = """
query($name: String!, $first: Int = 10, $after: String, $states: [MilestoneState!], $order: MilestoneOrder) {
  repository(owner: "acme", name: $name) {
    id nameWithOwner visibility isPrivate isArchived hasIssuesEnabled viewerPermission owner { login }
    repositoryTopics(first: 10) { nodes { topic { name } } }
    milestones(first: $first, after: $after, states: $states, orderBy: $order) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes {
        id number title description dueOn state closed closedAt updatedAt url creator { login __typename }
        progressPercentage
        open: issues(states: [OPEN], first: 1) { totalCount }
        all: issues(first: 5, orderBy: {field: UPDATED_AT, direction: DESC}) {
          totalCount nodes { number state updatedAt }
        }
      }
    }
  }
}"""


def data(answer: requests.Response) -> Any:
    assert answer.status_code == 200
    assert "errors" not in answer.json()
    return answer.json()["data"]


def test_a_repository_with_its_milestones(hub: Hub) -> None:
    repository = data(hub.query(MILESTONES, name="api"))["repository"]
    rest = hub.get("/repos/acme/api").json()
    assert (repository["id"], repository["nameWithOwner"]) == (rest["node_id"], rest["full_name"])
    assert (repository["visibility"], repository["viewerPermission"]) == ("PUBLIC", "WRITE")
    assert [one["topic"]["name"] for one in repository["repositoryTopics"]["nodes"]] == ["product", "python"]
    first, closed, backlog = repository["milestones"]["nodes"]
    held = hub.get("/repos/acme/api/milestones/1").json()
    assert (first["id"], first["dueOn"], first["url"]) == (held["node_id"], held["due_on"], held["html_url"])
    assert (first["description"], backlog["description"], closed["description"]) == ("one\r\ntwo", "", None)
    assert (closed["state"], closed["closed"], first["closedAt"]) == ("CLOSED", True, None)
    assert (first["creator"], backlog["creator"]) == ({"login": "octocat", "__typename": "User"}, None)


def test_issues_are_counted_without_pull_requests(hub: Hub) -> None:
    first = data(hub.query(MILESTONES, name="api"))["repository"]["milestones"]["nodes"][0]
    assert first["open"]["totalCount"] == 3 + 1
    assert first["all"]["totalCount"] == 3 + 1 + 4 + 1
    assert [one["number"] for one in first["all"]["nodes"]][:2] == [2, 1]
    assert first["progressPercentage"] == pytest.approx(100 * 5 / 9)


def test_states_order_and_pages(hub: Hub) -> None:
    order = {"field": "DUE_DATE", "direction": "DESC"}
    found = data(hub.query(MILESTONES, name="api", first=2, order=order))["repository"]["milestones"]
    assert [one["number"] for one in found["nodes"]] == [1, 2]
    assert (found["totalCount"], found["pageInfo"]["hasNextPage"]) == (3, True)
    after = found["pageInfo"]["endCursor"]
    rest = data(hub.query(MILESTONES, name="api", first=2, order=order, after=after))["repository"]["milestones"]
    assert [one["number"] for one in rest["nodes"]] == [3]
    assert rest["pageInfo"]["hasNextPage"] is False
    closed = data(hub.query(MILESTONES, name="api", states=["CLOSED"]))["repository"]["milestones"]
    assert [one["number"] for one in closed["nodes"]] == [2]
    wrong = hub.query(MILESTONES, name="api", after="nonsense").json()
    assert wrong["errors"][0]["type"] == "INVALID_CURSOR_ARGUMENTS"


OWNER = """
query($login: String!) {
  repositoryOwner(login: $login) { __typename repositories(first: 50) { nodes { name } } }
  strangers: repositoryOwner(login: $login) {
    repositories(first: 1, ownerAffiliations: [COLLABORATOR]) { totalCount }
  }
}"""


def test_owners(hub: Hub) -> None:
    acme = data(hub.query(OWNER, login="acme"))
    assert acme["repositoryOwner"]["__typename"] == "Organization"
    assert [one["name"] for one in acme["repositoryOwner"]["repositories"]["nodes"]] == [
        "api",
        "hidden",
        "attic",
        "quiet",
    ]
    assert acme["strangers"]["repositories"]["totalCount"] == 0
    assert data(hub.query(OWNER, "actions", login="acme"))["repositoryOwner"]["repositories"]["nodes"] == [
        {"name": "api"},
        {"name": "attic"},
        {"name": "quiet"},
    ]
    assert data(hub.query(OWNER, login="alice"))["repositoryOwner"]["__typename"] == "User"
    assert data(hub.query(OWNER, login="nobody")) == {"repositoryOwner": None, "strangers": None}
    missing = hub.query('{ organization(login: "alice") { login } user(login: "acme") { login } }').json()
    assert missing["data"] == {"organization": None, "user": None}
    assert [error["type"] for error in missing["errors"]] == ["NOT_FOUND", "NOT_FOUND"]


def test_the_viewers_own_repositories_are_without_the_organisations_unless_asked_for(hub: Hub) -> None:
    text = """query($own: [RepositoryAffiliation]) {
      viewer { login
        default: repositories(first: 50) { nodes { nameWithOwner } }
        all: repositories(first: 50, ownerAffiliations: $own, orderBy: {field: NAME, direction: ASC}) {
          nodes { nameWithOwner }
        }
        archived: repositories(first: 50, ownerAffiliations: $own, isArchived: true) { totalCount }
        private: repositories(first: 50, ownerAffiliations: $own, visibility: PRIVATE) { totalCount }
      }
    }"""
    viewer = data(hub.query(text, own=["OWNER", "COLLABORATOR", "ORGANIZATION_MEMBER"]))["viewer"]
    assert viewer["login"] == "mdpc-bot"
    assert [one["nameWithOwner"] for one in viewer["default"]["nodes"]] == ["alice/own"]
    assert [one["nameWithOwner"] for one in viewer["all"]["nodes"]] == [
        "acme/api",
        "acme/attic",
        "acme/hidden",
        "alice/own",
        "acme/quiet",
    ]
    assert (viewer["archived"]["totalCount"], viewer["private"]["totalCount"]) == (1, 1)


def test_what_is_not_there_is_an_error_of_its_own(hub: Hub) -> None:
    text = """{ r0: repository(owner: "acme", name: "api") { name }
      r1: repository(owner: "acme", name: "none") { name }
      r2: repository(owner: "acme", name: "hidden") { name } }"""
    answer = hub.query(text, "actions")
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"] == {"r0": {"name": "api"}, "r1": None, "r2": None}
    first, second = body["errors"]
    assert first["message"] == "Could not resolve to a Repository with the name 'acme/none'."
    assert (first["type"], first["path"], first["locations"]) == ("NOT_FOUND", ["r1"], [{"line": 2, "column": 7}])
    assert (second["type"], second["path"]) == ("NOT_FOUND", ["r2"])


def test_a_renamed_repository_is_found_by_its_old_name(hub: Hub) -> None:
    hub.state.rename("acme/api", "acme/core")
    text = """{ follow: repository(owner: "acme", name: "api") { nameWithOwner }
      strict: repository(owner: "acme", name: "api", followRenames: false) { nameWithOwner } }"""
    assert hub.query(text).json()["data"] == {"follow": {"nameWithOwner": "acme/core"}, "strict": None}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            '{ repository(owner: "acme", name: "api") { milestones(first: 101) { totalCount } } }',
            "EXCESSIVE_PAGINATION",
        ),
        ('{ repository(owner: "acme", name: "api") { milestones(first: 0) { totalCount } } }', "EXCESSIVE_PAGINATION"),
        (
            '{ repository(owner: "acme", name: "api") { milestones { nodes { id } } } }',
            "MISSING_PAGINATION_BOUNDARIES",
        ),
        (
            "{ viewer { repositories(first: 100) { nodes { milestones(first: 100) { nodes { issues(first: 100) "
            "{ nodes { id } } } } } } } }",
            "MAX_NODE_LIMIT_EXCEEDED",
        ),
        ('{ repository(owner: "acme", name: "api") { stargazerCount } }', None),
        ("{ viewer {", None),
        ('mutation { updateIssue(input: {id: "x"}) { clientMutationId } }', None),
    ],
)
def test_what_is_beyond_the_limits_or_the_schema_is_refused(hub: Hub, text: str, kind: str | None) -> None:
    answer = hub.query(text)
    assert answer.status_code == 200
    assert "data" not in answer.json()
    assert answer.json()["errors"][0].get("type") == kind


def test_a_query_costs_points(hub: Hub) -> None:
    text = """{ rateLimit { cost limit remaining used nodeCount resetAt }
      viewer { repositories(first: 50) { nodes { milestones(first: 20) { nodes {
        open: issues(states: [OPEN], first: 1) { totalCount } closed: issues(states: [CLOSED], first: 1) { totalCount }
      } } } } } }"""
    limit = data(hub.query(text))["rateLimit"]
    assert (limit["cost"], limit["nodeCount"]) == (21, 50 + 50 * 20 + 50 * 20 * 2)
    assert (limit["limit"], limit["remaining"], limit["used"]) == (5000, 4979, 21)
    hub.state.access.add(Token(value="few", login="alice", limit=20))
    spent = hub.query(text, "few")
    assert (spent.status_code, spent.json()["errors"][0]["type"]) == (200, "RATE_LIMITED")


def test_graphql_needs_a_token_and_may_be_missing(hub: Hub) -> None:
    assert hub.query("{ viewer { login } }", "").status_code == 401
    assert hub.query("{ viewer { login } }", "wrong").status_code == 401
    with Sandbox({"github": SEED}, graphql=False) as older:
        path = f"{older.url}/github/api/graphql"
        answer = requests.post(path, json={"query": "{ viewer { login } }"}, timeout=5)
        assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def test_a_failing_repository_fails_alone_or_with_its_query(hub: Hub) -> None:
    both = '{ a: repository(owner: "acme", name: "api") { name } b: repository(owner: "alice", name: "own") { name } }'
    hub.sandbox.faults.add(repository="Acme/API", status=403, times=1)
    partial = hub.query(both).json()
    assert partial["data"] == {"a": None, "b": {"name": "own"}}
    assert (partial["errors"][0]["type"], partial["errors"][0]["path"]) == ("FORBIDDEN", ["a"])
    assert data(hub.query(both))["a"] == {"name": "api"}
    hub.sandbox.faults.add(repository="acme/api", status=502)
    assert hub.query(both).status_code == 502
    assert hub.get("/repos/acme/api/milestones").status_code == 502
    hub.sandbox.faults.clear()
    hub.sandbox.faults.add(repository="acme/api", status=404)
    listed = data(hub.query(OWNER, login="acme"))["repositoryOwner"]["repositories"]["nodes"]
    assert {"name": "api"} not in listed
    assert hub.query(both).json()["errors"][0]["type"] == "NOT_FOUND"
    hub.sandbox.faults.clear()
    hub.sandbox.faults.add(repository="acme/hidden", status=403)
    within = hub.query(OWNER, login="acme").json()
    assert within["errors"][0]["path"] == ["repositoryOwner", "repositories", "nodes", 1]
    assert within["data"]["repositoryOwner"]["repositories"]["nodes"][1] is None
