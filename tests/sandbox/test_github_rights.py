"""Tokens: what each may see and do, and how much is left of its allowance."""

from __future__ import annotations

import time

import github
import jwt
import pytest
import requests

from mdpc_sandbox.github.seed import Token
from mdpc_sandbox.server import Sandbox
from tests.sandbox.conftest import Hub

TITLE = {"title": "new"}


@pytest.mark.parametrize(
    ("token", "status"), [("", 404), ("read", 200), ("write", 200), ("classic", 200), ("public", 404), ("actions", 404)]
)
def test_private_repositories_exist_for_those_who_have_access(hub: Hub, token: str, status: int) -> None:
    assert hub.get("/repos/acme/hidden", token).status_code == status
    assert hub.get("/repos/acme/hidden/milestones/1", token).status_code == status
    assert hub.get("/repos/acme/api", token).status_code == 200


@pytest.mark.parametrize(
    ("token", "repository", "status", "message"),
    [
        ("", "acme/api", 401, "Requires authentication"),
        ("wrong", "acme/api", 401, "Bad credentials"),
        ("read", "acme/api", 403, "Resource not accessible by personal access token"),
        ("actions", "alice/own", 403, "Resource not accessible by integration"),
        ("classic", "acme/hidden", 404, "Not Found"),
    ],
)
def test_writes_are_refused(hub: Hub, token: str, repository: str, status: int, message: str) -> None:
    refused = hub.ask("POST", f"/repos/{repository}/milestones", token, json=TITLE)
    assert (refused.status_code, refused.json()["message"]) == (status, message)
    assert all(one.title != "new" for one in hub.state.repository(repository).milestones.values())


@pytest.mark.parametrize("token", ["write", "classic", "actions"])
def test_writes_are_taken(hub: Hub, token: str) -> None:
    assert hub.ask("POST", "/repos/acme/api/milestones", token, json=TITLE).status_code == 201


def test_who_a_token_is(hub: Hub) -> None:
    assert hub.get("/user", "classic").json()["login"] == "alice"
    assert hub.get("/user", "classic").headers["X-OAuth-Scopes"] == "repo"
    assert "X-OAuth-Scopes" not in hub.get("/user").headers
    assert hub.get("/user", "").status_code == 401
    assert hub.get("/user", "actions").status_code == 403


def names(hub: Hub, path: str, token: str = "write") -> list[str]:
    listed = hub.get(path, token).json()
    return [one["full_name"] for one in (listed["repositories"] if isinstance(listed, dict) else listed)]


def test_lists_of_repositories(hub: Hub) -> None:
    acme = ["acme/api", "acme/hidden", "acme/attic", "acme/quiet"]
    assert names(hub, "/orgs/acme/repos") == acme
    assert names(hub, "/orgs/acme/repos", "") == ["acme/api", "acme/attic", "acme/quiet"]
    assert names(hub, "/users/acme/repos") == ["acme/api", "acme/attic", "acme/quiet"]
    assert names(hub, "/users/alice/repos") == ["alice/own"]
    assert names(hub, "/user/repos") == [*acme, "alice/own"]
    assert names(hub, "/user/repos?affiliation=owner", "classic") == ["alice/own"]
    assert names(hub, "/installation/repositories", "actions") == ["acme/api"]
    assert hub.get("/orgs/alice/repos").status_code == 404
    assert hub.get("/users/nobody/repos").status_code == 404
    assert hub.get("/installation/repositories").status_code == 403
    assert hub.get("/user/repos", "actions").status_code == 403


def test_the_allowance_is_counted_for_each_token(hub: Hub) -> None:
    hub.state.access.add(Token(value="few", login="alice", limit=2))
    first = hub.get("/user", "few").headers
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("2", "1")
    assert int(first["X-RateLimit-Reset"]) > time.time()
    hub.get("/user", "few")
    refused = hub.get("/user", "few")
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert refused.json()["message"].startswith("API rate limit exceeded")
    assert hub.get("/rate_limit", "few").json()["rate"]["remaining"] == 0
    assert hub.get("/user").status_code == 200
    assert hub.get("/repos/acme/api", "").headers["X-RateLimit-Limit"] == "60"


def test_pygithub_logs_in_as_an_app(hub: Hub) -> None:
    app = github.Auth.AppAuth(1, hub.state.access.app.private_key)
    with github.GithubIntegration(auth=app, base_url=hub.sandbox.github_url) as integration:
        assert integration.get_app().slug == "mdpc"
        installation = integration.get_repo_installation("acme", "api")
        with integration.get_github_for_installation(installation.id) as gh:
            assert gh.get_repo("acme/hidden").get_milestone(1).title == "v1.0"
            gh.get_repo("acme/api").create_milestone("by the App")
    made = hub.state.repository("acme/api").milestones[4]
    assert (made.title, made.creator) == ("by the App", "mdpc[bot]")


def test_an_app_gets_no_more_than_it_asks_for(hub: Hub) -> None:
    path = "/app/installations/1/access_tokens"
    now = int(time.time())
    signed = jwt.encode({"iss": "1", "iat": now, "exp": now + 300}, hub.state.access.app.private_key, "RS256")
    given = hub.ask("POST", path, signed, json={"repositories": ["api"], "permissions": {"issues": "read"}}).json()
    assert given["permissions"] == {"metadata": "read", "issues": "read"}
    assert hub.get("/repos/acme/hidden", given["token"]).status_code == 404
    assert hub.ask("POST", "/repos/acme/api/milestones", given["token"], json=TITLE).status_code == 403
    assert hub.ask("POST", "/app/installations/2/access_tokens", signed).status_code == 404
    assert hub.ask("POST", path, "write").status_code == 401
    long = jwt.encode({"iss": "1", "iat": now, "exp": now + 3600}, hub.state.access.app.private_key, "RS256")
    assert hub.ask("POST", path, long).status_code == 401


@pytest.mark.parametrize("role", ["triage", "write", "maintain", "admin"])
def test_the_role_is_told_by_both_apis_and_triage_does_not_push(hub: Hub, role: str) -> None:
    hub.state.access.add(Token.model_validate({"value": "roled", "login": "alice", "role": role}))
    told = hub.get("/repos/acme/api", "roled").json()["permissions"]
    order = ["pull", "triage", "push", "maintain", "admin"]
    highest = order.index({"write": "push"}.get(role, role))
    assert [told[each] for each in order] == [place <= highest for place in range(5)]
    query = '{ repository(owner: "acme", name: "api") { viewerPermission } }'
    url = hub.sandbox.github_url.replace("/v3", "/graphql")
    said = requests.post(url, json={"query": query}, headers={"Authorization": "bearer roled"}, timeout=5).json()
    assert said["data"]["repository"]["viewerPermission"] == role.upper()
    written = hub.ask("POST", "/repos/acme/api/milestones", "roled", json=TITLE)
    assert written.status_code == (404 if role == "triage" else 201)


def test_an_app_has_what_the_seed_says_besides() -> None:
    seed = {"app": {"permissions": {"contents": "write"}, "teams": False}, "repositories": [{"name": "acme/api"}]}
    with Sandbox({"github": seed}) as sandbox:
        now = int(time.time())
        signed = jwt.encode({"iss": "1", "iat": now, "exp": now + 300}, sandbox.github.access.app.private_key, "RS256")
        url = f"{sandbox.github_url}/app/installations/1/access_tokens"
        given = requests.post(url, headers={"Authorization": f"Bearer {signed}"}, timeout=5).json()
        listed = requests.get(
            f"{sandbox.github_url}/installation/repositories",
            headers={"Authorization": f"Bearer {given['token']}"},
            timeout=5,
        ).json()
    assert given["permissions"] == {"metadata": "read", "issues": "write", "contents": "write"}
    assert (given["repository_selection"], listed["repository_selection"]) == ("all", "all")
