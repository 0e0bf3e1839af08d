"""A sandbox with a small Jira, and a way to ask it without a client library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from mdpc_sandbox.server import Sandbox

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

SEED: dict[str, Any] = {
    "users": [
        {
            "id": "alice",
            "displayName": "Alice Archer",
            "emailAddress": "alice@acme.example",
            "tokens": ["alice-token"],
            "rights": "write",
            "projects": {"OPS": "none"},
        },
        {"id": "robot", "displayName": "Robot", "app": True, "assignable": False},
    ],
    "groups": [{"name": "leads", "members": ["alice", "robot"]}],
    "fields": [{"id": "customfield_10100", "name": "Target end", "type": "date"}],
    "projects": [
        {
            "key": "API",
            "name": "Public API",
            "versions": [
                {
                    "name": "1.0",
                    "id": "500",
                    "description": "first",
                    "startDate": "2026-01-01",
                    "releaseDate": "2026-11-21",
                    "driver": "alice",
                    "approvers": [{"accountId": "alice", "status": "APPROVED"}],
                    "issues": {"todo": 2, "in_progress": 1, "done": 3},
                },
                {"name": "0.9", "id": "501", "released": True, "releaseDate": "2026-06-01"},
                {"name": '2.0 "final" \\', "id": "502", "releaseDate": "2026-11-22"},
            ],
            "issues": [
                {"summary": "Grow", "key": "API-100", "issuetype": "Epic", "duedate": "2026-12-24"},
                {
                    "summary": "Seed",
                    "key": "API-101",
                    "parent": "API-100",
                    "fixVersions": ['2.0 "final" \\'],
                    "labels": ["milestone"],
                    "updated": "2026-01-05T10:00:00Z",
                    "comments": [{"author": "alice", "body": "said"}],
                    "properties": {"mdpc": {"v": 1}},
                },
            ],
        },
        {"key": "OPS", "name": "Operations", "private": True, "versions": [{"name": "1.0", "id": "600"}]},
    ],
}


@dataclass
class Site:
    """The sandbox's Jira as one account sees it; `kind` is cloud, 9.12 or 10.3."""

    sandbox: Sandbox
    kind: str
    session: requests.Session = field(default_factory=requests.Session)

    def login(self, user: str = "mdpc-bot@example.com", token: str = "sandbox-write") -> Site:
        """The same site as another account sees it."""
        site = Site(self.sandbox, self.kind)
        if self.kind == "cloud":
            site.session.auth = (user, token)
        else:
            site.session.headers["Authorization"] = f"Bearer {token}"
        return site

    def reader(self) -> Site:
        """The site as an account sees it that may only read."""
        return self.login("mdpc-reader@example.com", "sandbox-read")

    def ask(self, method: str, path: str, body: Any = None, *, api: str = "2", **query: Any) -> requests.Response:
        """Send a request."""
        sent: Mapping[str, Any] = {} if body is None else {"json": body}
        url = f"{self.sandbox.jira_url}/rest/api/{api}/{path}"
        return self.session.request(method, url, params=query, timeout=10, **sent)

    def get(self, path: str, expected: int = 200, *, api: str = "2", **query: Any) -> Any:
        """The JSON at a path, which must answer with the `expected` status."""
        return self.answer(self.ask("GET", path, api=api, **query), expected)

    def send(self, method: str, path: str, body: Any, status: int, *, api: str = "2") -> Any:
        """The JSON that answers a write."""
        return self.answer(self.ask(method, path, body, api=api), status)

    @staticmethod
    def answer(response: requests.Response, status: int) -> Any:
        """The JSON of an answer, None where it has no body."""
        assert response.status_code == status, response.text
        return response.json() if response.content else None
