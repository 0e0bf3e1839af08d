"""What the GitHub connector's tests share: a connector that never sleeps, and GitHub's answers as it shapes them."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import Mock

import responses

from mdpc.changes import Change, Kind, Value
from mdpc.model import ContainerRef, Ref
from mdpc_github import GitHubConnector, GitHubSettings

API = "https://api.github.com:443"
GRAPHQL = f"{API}/graphql"
TOKEN = "ghp_s3cretTokenOfAcme"
STATUS = "<!-- mdpc:begin -->\nOwner: alice\n<!-- mdpc:end -->"


def settings(**changed: Any) -> GitHubSettings:
    return GitHubSettings.model_validate({"type": "github", "token": TOKEN, "pace": 0} | changed)


def connector(**changed: Any) -> GitHubConnector:
    return GitHubConnector("github", settings(**changed), sleep=Mock())


def account(mock: responses.RequestsMock, login: str = "mdpc-bot") -> None:
    """Answer the first query of a run."""
    mock.post(GRAPHQL, json={"data": {"viewer": {"login": login}, "rateLimit": {}}})


def page(*nodes: Any, after: str | None = None) -> dict[str, Any]:
    """A connection; with `after` it goes on."""
    return {"pageInfo": {"hasNextPage": after is not None, "endCursor": after}, "nodes": list(nodes)}


def milestone_node(number: int, **changed: Any) -> dict[str, Any]:
    """GraphQL's Milestone."""
    counted = {"totalCount": 0, "nodes": []}
    return {
        "id": f"MI_{number}",
        "number": number,
        "title": f"m{number}",
        "description": None,
        "dueOn": None,
        "state": "OPEN",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "closedAt": None,
        "url": f"https://github.com/acme/api/milestone/{number}",
        "open": counted,
        "closed": counted,
    } | changed


def repository_node(name: str = "acme/api", **changed: Any) -> dict[str, Any]:
    """GraphQL's Repository; its milestones come in `every`, `open` or `closed`."""
    return {
        "id": f"R_{name}",
        "nameWithOwner": name,
        "url": f"https://github.com/{name}",
        "isArchived": False,
        "hasIssuesEnabled": True,
        "visibility": "PRIVATE",
        "viewerPermission": "WRITE",
    } | changed


def rest_milestone(number: int = 3, **changed: Any) -> dict[str, Any]:
    """The REST API's milestone."""
    return {
        "number": number,
        "node_id": f"MI_{number}",
        "title": f"m{number}",
        "description": None,
        "state": "open",
        "due_on": None,
        "created_at": "2026-01-01T00:00:00Z",
        "closed_at": None,
        "html_url": f"https://github.com/acme/api/milestone/{number}",
    } | changed


def change(field: str, before: Value, after: Value, *, uid: str = "MI_3", kind: Kind = "status") -> Change:
    return Change(
        id=f"c-{field}",
        write="w1",
        program="acme/api",
        kind=kind,
        ref=Ref(ContainerRef("github", "acme/api"), "3"),
        uid=uid,
        field=field,
        before=before,
        after=after,
        why="because",
    )


def sent(mock: responses.RequestsMock) -> list[str]:
    """The requests so far: method and path with its query."""
    return [f"{call.request.method} {str(call.request.url).removeprefix(API)}" for call in mock.calls]


def variables(mock: responses.RequestsMock, index: int) -> dict[str, Any]:
    """The variables of the GraphQL request at that place."""
    body = mock.calls[index].request.body
    loaded: dict[str, Any] = json.loads(body if body is not None else "{}")["variables"]
    return loaded
