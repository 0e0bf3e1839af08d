"""What the Jira connector's tests share: a connector that never sleeps, and Jira's answers as it shapes them."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock
from urllib.parse import unquote_plus

import responses

from mdpc.changes import Change, Kind, Value
from mdpc.model import ContainerRef, Ref
from mdpc_jira import JiraConnector, JiraSettings

CLOUD = "https://acme.atlassian.net"
SERVER = "https://jira.acme.example/jira"
TOKEN = "s3cret-token-of-acme"
ME = {"accountId": "5b10:Bot", "displayName": "The Bot"}
STATUS = "mdpc: owner alice, on track, due 2026-12-01 [m0123456789ab]"


def cloud_settings(**changed: Any) -> JiraSettings:
    given: dict[str, Any] = {"type": "jira", "url": CLOUD, "user": "bot@acme.example", "token": TOKEN, "pace": 0}
    return JiraSettings.model_validate(given | changed)


def server_settings(**changed: Any) -> JiraSettings:
    given: dict[str, Any] = {"type": "jira", "url": SERVER, "token": TOKEN, "deployment": "data-center", "pace": 0}
    return JiraSettings.model_validate(given | changed)


def cloud(**changed: Any) -> JiraConnector:
    return JiraConnector("jira", cloud_settings(**changed), sleep=Mock())


def server(**changed: Any) -> JiraConnector:
    return JiraConnector("jira", server_settings(**changed), sleep=Mock())


def project(key: str, number: int = 10000, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "key": key, "name": f"The {key}", **more}


def page(*values: dict[str, Any], start: int = 0, total: int | None = None, last: bool = True) -> dict[str, Any]:
    return {"startAt": start, "maxResults": 100, "total": len(values) if total is None else total, "isLast": last} | {
        "values": list(values)
    }


def version(identifier: str, name: str, **more: Any) -> dict[str, Any]:
    base = {
        "self": f"{CLOUD}/rest/api/2/version/{identifier}",
        "projectId": 10000,
        "archived": False,
        "released": False,
    }
    return base | {"id": identifier, "name": name, **more}


def status(category: str) -> dict[str, Any]:
    return {"name": category, "statusCategory": {"key": category}}


def issue(identifier: str, key: str, **fields: Any) -> dict[str, Any]:
    return {"id": identifier, "key": key, "fields": {"status": status("new"), **fields}}


def change(
    field: str,
    before: Value,
    after: Value,
    *,
    ref: str = "10010",
    uid: str = "10010",
    kind: Kind = "status",
    identifier: str | None = None,
) -> Change:
    return Change(
        id=identifier or f"c-{field}",
        write="w1",
        program="API",
        kind=kind,
        ref=Ref(ContainerRef("jira", "API"), ref),
        uid=uid,
        field=field,
        before=before,
        after=after,
        why="because",
    )


def signed_in(mock: responses.RequestsMock, *projects: dict[str, Any], site: str = CLOUD) -> None:
    """Let Cloud know the account and the projects."""
    mock.get(f"{site}/rest/api/2/myself", json=ME)
    mock.get(f"{site}/rest/api/2/project/search", json=page(*projects))


def calls(mock: responses.RequestsMock) -> list[str]:
    """The requests so far: method and path with its query, below the REST root, queries as people read them."""
    said = [f"{call.request.method} {unquote_plus(str(call.request.url))}" for call in mock.calls]
    return [line.replace(f"{CLOUD}/rest/api/", "").replace(f"{SERVER}/rest/api/", "") for line in said]
