"""What every request passes: the log, faults, latency; and the server itself."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from pydantic import ValidationError

from mdpc_sandbox.faults import Faults
from mdpc_sandbox.log import is_write
from mdpc_sandbox.server import Sandbox
from tests.sandbox.conftest import SEED, Hub


def test_the_log_tells_writes_from_reads(hub: Hub) -> None:
    hub.get("/repos/acme/api/milestones?state=all")
    hub.query("{ viewer { login } }")
    hub.ask("PATCH", "/repos/acme/api/milestones/1", "read", json={"title": "x"})
    requests.get(f"{hub.sandbox.jira_url}/rest/api/2/serverInfo", timeout=5)
    log = hub.sandbox.log
    assert [str(entry) for entry in log.entries] == [
        "github GET /repos/acme/api/milestones?state=all 200",
        "github POST /graphql 200",
        "github PATCH /repos/acme/api/milestones/1 403",
        "jira GET /rest/api/2/serverInfo 200",
    ]
    assert [entry.sent for entry in log.writes()] == ['{"title": "x"}']
    assert (log.count(), log.count("github"), log.count("jira")) == (4, 3, 1)
    assert (len(log.writes("github")), len(log.writes("jira"))) == (1, 0)


@pytest.mark.parametrize(
    ("method", "path", "write"),
    [
        ("GET", "/repos/acme/api", False),
        ("POST", "/repos/acme/api/issues", True),
        ("POST", "/graphql", False),
        ("POST", "/app/installations/1/access_tokens", False),
        ("POST", "/rest/api/2/search/jql", False),
        ("POST", "/rest/api/2/search?x=1", False),
        ("POST", "/rest/api/2/version", True),
        ("PUT", "/rest/api/2/search", True),
        ("DELETE", "/rest/api/2/issue/1/properties/mdpc", True),
    ],
)
def test_what_counts_as_a_write(method: str, path: str, write: bool) -> None:
    assert is_write(method, path) is write


def test_the_log_can_be_asked_for_and_cleared(hub: Hub) -> None:
    hub.ask("POST", "/repos/acme/api/issues", json={"title": "x"})
    url = f"{hub.sandbox.url}/_log"
    entry = {"tracker": "github", "method": "POST", "path": "/repos/acme/api/issues", "status": 201, "write": True}
    assert requests.get(url, timeout=5).json() == [entry]
    assert requests.delete(url, timeout=5).status_code == 204
    assert requests.get(url, timeout=5).json() == []


def test_a_fault_answers_for_a_while(hub: Hub) -> None:
    hub.sandbox.faults.add("/repos/acme/api/milestones*", status=500, times=2)
    statuses = [hub.get("/repos/acme/api/milestones/1").status_code for _ in range(3)]
    assert statuses == [500, 500, 200]
    assert hub.get("/repos/acme/api").status_code == 200


def test_faults_come_and_go_over_http(hub: Hub) -> None:
    url = f"{hub.sandbox.url}/_faults"
    rule = {"path": "/user", "status": 429, "retry_after": 7, "headers": {"X-RateLimit-Remaining": "0"}}
    assert requests.post(url, json=rule, timeout=5).json()[0]["status"] == 429
    limited = hub.get("/user")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert limited.headers["X-RateLimit-Remaining"] == "0"
    assert "rate limit" in limited.json()["message"]
    assert requests.post(url, json={"stats": 1}, timeout=5).status_code == 422
    assert len(requests.get(url, timeout=5).json()) == 1
    requests.delete(url, timeout=5)
    assert hub.get("/user").status_code == 200


def test_a_fault_may_say_anything_in_the_trackers_own_shape(hub: Hub) -> None:
    hub.sandbox.faults.add("/graphql", status=200, body={"errors": [{"type": "RATE_LIMITED", "message": "m"}]})
    assert hub.query("{ viewer { login } }").json()["errors"][0]["type"] == "RATE_LIMITED"
    hub.sandbox.faults.add(tracker="jira", method="GET", status=503)
    answer = requests.get(f"{hub.sandbox.jira_url}/rest/api/2/myself", timeout=5)
    assert (answer.status_code, answer.json()["errors"]) == (503, {})
    with pytest.raises(ValidationError):
        Faults().add("/x", status=99)


@pytest.mark.parametrize(("drop", "title"), [("before", "v1.0"), ("after", "lost")])
def test_a_connection_is_dropped_before_or_after_the_change(hub: Hub, drop: str, title: str) -> None:
    hub.sandbox.faults.add("/repos/acme/api/milestones/1", drop=drop, times=1)
    with pytest.raises(requests.ConnectionError):
        hub.ask("PATCH", "/repos/acme/api/milestones/1", json={"title": "lost"})
    assert hub.get("/repos/acme/api/milestones/1").json()["title"] == title
    assert [(entry.status, entry.write) for entry in hub.sandbox.log.entries] == [(0, True), (200, False)]


def test_latency_is_added_to_each_request_side_by_side(hub: Hub) -> None:
    hub.sandbox.latency = 0.1
    begin = time.monotonic()
    url = f"{hub.sandbox.github_url}/repos/acme/api"
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: requests.get(url, timeout=5).status_code, range(10)))
    taken = time.monotonic() - begin
    assert statuses == [200] * 10
    assert taken >= 0.1
    assert hub.sandbox.log.count() == 10


def test_a_taken_port_and_a_wrong_seed_leave_nothing_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Sandbox(port=taken.getsockname()[1])
    with pytest.raises(ValidationError):
        Sandbox({"github": {"repositories": [{"name": "no owner"}]}})


def test_closing_twice_is_fine_and_nothing_answers_then() -> None:
    running = Sandbox({"github": SEED})
    running.close()
    running.close()
    with pytest.raises(requests.ConnectionError):
        requests.get(running.github_url, timeout=5)
