"""A running sandbox with a small GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mdpc_sandbox.server import Sandbox
from tests.clock import Clock

SEED: dict[str, Any] = {
    "users": ["alice"],
    "tokens": [
        {"value": "write", "login": "mdpc-bot"},
        {"value": "read", "login": "mdpc-reader", "write": False},
        {"value": "classic", "login": "alice", "kind": "classic", "push": ["acme/api", "alice/*"]},
        {"value": "public", "login": "alice", "kind": "classic", "scopes": ["public_repo"]},
        {"value": "actions", "login": "github-actions[bot]", "kind": "actions", "repositories": ["acme/api"]},
    ],
    "teams": [{"name": "acme/leads", "members": ["alice", "bob"]}],
    "repositories": [
        {
            "name": "acme/api",
            "topics": ["product", "python"],
            "milestones": [
                {"title": "v1.0", "due": "2026-12-01", "description": "one\r\ntwo", "open": 3, "closed": 4},
                {"title": "v0.9", "state": "closed", "due": "2026-06-01", "closed": 2},
                {"title": "Backlog", "description": "", "creator": None},
            ],
            "issues": [
                {"title": "Write", "milestone": "v1.0", "labels": ["docs"], "updated_at": "2026-11-01T10:00:00Z"},
                {"title": "Read", "milestone": 1, "state": "closed", "updated_at": "2026-11-02T10:00:00Z"},
                {"title": "Merge", "milestone": "v1.0", "pull_request": True},
                {"title": "Loose", "comments": [{"user": "alice", "body": "one"}, {"user": "mdpc-bot", "body": "two"}]},
            ],
        },
        {"name": "acme/hidden", "private": True, "milestones": [{"title": "v1.0"}]},
        {"name": "acme/attic", "archived": True, "milestones": [{"title": "v1.0"}]},
        {"name": "acme/quiet", "has_issues": False},
        {"name": "alice/own"},
    ],
}


class Hub:
    """A sandbox and a way to ask its GitHub without a client library."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.state = sandbox.github
        self._session = requests.Session()

    def close(self) -> None:
        self._session.close()
        self.sandbox.close()

    def ask(self, method: str, path: str, token: str = "write", **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = path if path.startswith("http") else self.sandbox.github_url + path
        return self._session.request(method, url, headers=headers | options.pop("headers", {}), **options)

    def get(self, path: str, token: str = "write", **options: Any) -> requests.Response:
        return self.ask("GET", path, token, **options)

    def query(self, text: str, token: str = "write", **variables: Any) -> requests.Response:
        url = f"{self.sandbox.url}/github/api/graphql"
        return self.ask("POST", url, token, json={"query": text, "variables": variables})


@pytest.fixture
def hub() -> Iterator[Hub]:
    running = Hub(Sandbox({"github": SEED}, clock=Clock()))
    yield running
    running.close()
