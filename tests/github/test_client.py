from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
import requests
import responses
import time_machine
from responses import matchers

from mdpc.connector import TrackerError
from mdpc_github.client import Client
from tests.github.helpers import API, GRAPHQL, TOKEN, settings

NOW = 1_800_000_000
URL = f"{API}/repos/acme/api"


def make(**changed: Any) -> tuple[Client, Mock]:
    sleep = Mock()
    return Client("github", settings(**changed), sleep=sleep, now=lambda: float(NOW)), sleep


def test_constructing_sends_nothing(github: responses.RequestsMock) -> None:
    client, _ = make()
    client.close()
    assert client.requests == 0


def test_a_request_says_who_asks(github: responses.RequestsMock) -> None:
    headers = {"Authorization": f"token {TOKEN}", "User-Agent": "mdpc/0.1.0"}
    github.get(URL, json={"id": 1}, match=[matchers.header_matcher(headers), matchers.query_param_matcher({})])
    client, _ = make()
    assert client.get("/repos/acme/api")[1] == {"id": 1}
    assert client.requests == 1
    client.close()


def test_github_enterprise_server_has_its_own_addresses(github: responses.RequestsMock) -> None:
    github.post("https://ghe.acme.example:443/api/graphql", json={"data": {}})
    github.get("https://ghe.acme.example:443/api/v3/user", json={})
    client, _ = make(url="https://ghe.acme.example/api/v3")
    client.graphql("query { viewer { login } }", {})
    client.get("/user")


def test_pages_follow_the_link(github: responses.RequestsMock) -> None:
    link = '<https://api.github.com/user/repos?page=2&per_page=100>; rel="next", <https://x>; rel="last"'
    first = {"per_page": "100", "affiliation": "owner"}
    github.get(
        f"{API}/user/repos",
        json=[{"id": 1}, {"id": 2}],
        headers={"Link": link},
        match=[matchers.query_param_matcher(first)],
    )
    second = {"per_page": "100", "page": "2"}
    github.get(f"{API}/user/repos", json=[{"id": 3}], match=[matchers.query_param_matcher(second)])
    found = make()[0].pages("/user/repos", {"affiliation": "owner"})
    assert [item["id"] for item in found] == [1, 2, 3]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_server_is_asked_again_for_a_read(github: responses.RequestsMock, status: int) -> None:
    github.get(URL, status=status)
    github.get(URL, json={})
    client, sleep = make()
    client.get("/repos/acme/api")
    assert client.requests == 2
    assert sleep.call_count == 1


def test_without_patience_a_failing_server_is_not_asked_again(github: responses.RequestsMock) -> None:
    github.post(GRAPHQL, status=502)
    client, sleep = make()
    with pytest.raises(TrackerError):
        client.graphql("query", {}, patient=False)
    assert not sleep.called


def test_a_limit_is_waited_out_as_the_server_says(github: responses.RequestsMock) -> None:
    github.get(URL, status=429, headers={"Retry-After": "7"})
    used_up = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(NOW + 30)}
    github.get(URL, status=403, headers=used_up)
    github.get(URL, json={})
    client, sleep = make()
    client.get("/repos/acme/api")
    waits = [call.args[0] for call in sleep.call_args_list]
    assert 7 <= waits[0] <= 8
    assert 30 <= waits[1] <= 31


def test_a_limit_that_lasts_too_long_is_an_error_at_once(github: responses.RequestsMock) -> None:
    github.get(URL, status=403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(NOW + 1800)})
    client, sleep = make()
    with pytest.raises(TrackerError, match="Run again after 08:30 UTC"):
        client.get("/repos/acme/api")
    assert not sleep.called


@pytest.mark.parametrize(
    ("raised", "reason", "step"),
    [
        (requests.ConnectionError(f"https://x:{TOKEN}@proxy"), "network", "Check the network"),
        (requests.exceptions.SSLError(f"CERTIFICATE_VERIFY_FAILED {TOKEN}"), "network", "ca_bundle"),
        (requests.exceptions.SSLError(f"WRONG_VERSION_NUMBER {TOKEN}"), "network", "plain http"),
        (requests.exceptions.ProxyError(TOKEN), "network", "HTTPS_PROXY"),
        (requests.ConnectTimeout(TOKEN), "network", "Check the network"),
        (requests.ReadTimeout(TOKEN), "server", "Run again later"),
        (OSError(f"no such file {TOKEN}"), "network", "ca_bundle"),
    ],
)
def test_no_answer_is_an_error_without_a_secret_and_one_that_lasts_is_not_asked_for_again(
    github: responses.RequestsMock, raised: Exception, reason: str, step: str
) -> None:
    lasting = isinstance(raised, requests.exceptions.SSLError) or not isinstance(raised, requests.RequestException)
    for _ in range(1 if lasting else 5):
        github.get(URL, body=raised)
    with pytest.raises(TrackerError) as caught:
        make()[0].get("/repos/acme/api")
    assert caught.value.reason == reason
    assert step in str(caught.value)
    assert TOKEN not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500])
def test_no_answer_of_the_server_leaks_the_token(
    github: responses.RequestsMock, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for _ in range(5 if status == 500 else 1):
        github.get(URL, json={"message": "no"}, status=status)
    with pytest.raises(TrackerError) as caught:
        make()[0].get("/repos/acme/api")
    assert TOKEN not in repr(caught.value) + str(caught.value) + caplog.text


def test_a_page_of_a_proxy_is_no_answer(github: responses.RequestsMock) -> None:
    github.get(URL, body="<html>Please sign in</html>", status=200)
    with pytest.raises(TrackerError, match="no JSON"):
        make()[0].get("/repos/acme/api")


def test_a_redirect_to_another_host_is_not_followed(github: responses.RequestsMock) -> None:
    github.get(URL, status=301, headers={"Location": "https://evil.example/steal"})
    with pytest.raises(TrackerError, match="redirects elsewhere"):
        make()[0].get("/repos/acme/api")
    assert len(github.calls) == 1


@pytest.mark.parametrize(
    ("url", "pace", "waits"),
    [
        ("https://api.github.com", None, 1),
        ("https://api.github.com", 0, 0),
        ("http://127.0.0.1:1/api/v3", None, 0),
        ("http://127.0.0.1:1/api/v3", 3, 1),
    ],
)
def test_writes_are_paced_but_not_on_this_machine(
    github: responses.RequestsMock, url: str, pace: float | None, waits: int
) -> None:
    base = API if "github.com" in url else url
    for _ in range(2):
        github.patch(f"{base}/x", json={})
    client, sleep = make(url=url, pace=pace)
    with time_machine.travel(0, tick=False):
        client.attempt(lambda: client.patch("/x", {}))
        client.attempt(lambda: client.patch("/x", {}))
    assert sleep.call_count == waits


def test_a_turn_is_waited_for_before_the_look(github: responses.RequestsMock) -> None:
    done: list[str] = []
    client = Client("github", settings(pace=5), sleep=lambda _: done.append("wait"))
    for _ in range(2):
        github.get(URL, json={})
        github.patch(URL, json={})

    def attempt() -> None:
        done.append("look")
        client.look("/repos/acme/api")
        client.patch("/repos/acme/api", {})

    client.attempt(attempt)
    client.attempt(attempt)
    assert done == ["look", "wait", "look"]


@pytest.mark.parametrize("answer", [{"status": 502}, {"status": 429, "headers": {"Retry-After": "9"}}])
def test_a_write_by_itself_is_sent_once(github: responses.RequestsMock, answer: dict[str, Any]) -> None:
    github.patch(URL, **answer)
    client, sleep = make()
    with pytest.raises(TrackerError):
        client.patch("/repos/acme/api", {})
    assert not sleep.called


def test_a_server_that_stays_away_costs_one_budget_of_waiting() -> None:
    client, sleep = make()
    requests_: list[Callable[[], Any]] = [
        lambda: client.get("/repos/acme/api"),
        lambda: client.graphql("query", {}),
        lambda: client.attempt(lambda: client.patch("/repos/acme/api", {})),
    ]
    with responses.RequestsMock() as away:
        for method, url in (("GET", URL), ("POST", GRAPHQL), ("PATCH", URL)):
            away.add(method, url, status=429, headers={"Retry-After": "70"})
        for request in requests_ * 10:
            with pytest.raises(TrackerError):
                request()
        assert 280 <= sum(call.args[0] for call in sleep.call_args_list) <= 300
        assert client.requests == len(requests_) * 10 + 4
    with responses.RequestsMock() as back:
        back.get(URL, json={})
        client.get("/repos/acme/api")
        back.get(URL, status=429, headers={"Retry-After": "70"})
        back.get(URL, json={})
        client.get("/repos/acme/api")


def test_it_runs_in_a_thread_of_its_own(github: responses.RequestsMock) -> None:
    github.get(URL, json={"id": 1})
    found: list[Any] = []
    client, _ = make()
    thread = threading.Thread(target=lambda: found.append(client.get("/repos/acme/api")[1]))
    thread.start()
    thread.join()
    assert found == [{"id": 1}]
