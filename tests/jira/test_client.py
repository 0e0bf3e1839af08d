from __future__ import annotations

import base64
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import Mock

import pytest
import requests
import responses
import time_machine
from responses import matchers

from mdpc.connector import TrackerError
from mdpc_jira.client import JiraClient
from mdpc_jira.errors import JiraAnswerError
from tests.jira.helpers import CLOUD, SERVER, TOKEN, cloud_settings, server_settings

URL = f"{CLOUD}/rest/api/2/version/1"


def make(**changed: Any) -> tuple[JiraClient, Mock]:
    sleep = Mock()
    return JiraClient("jira", cloud_settings(**changed), sleep=sleep), sleep


def test_constructing_sends_nothing(jira: responses.RequestsMock) -> None:
    client, _ = make()
    assert client.cloud
    assert client.requests == 0


def test_cloud_signs_in_with_address_and_token(jira: responses.RequestsMock) -> None:
    basic = base64.b64encode(f"bot@acme.example:{TOKEN}".encode()).decode()
    jira.get(URL, json={"id": "1"}, match=[matchers.header_matcher({"Authorization": f"Basic {basic}"})])
    assert make()[0].get("version/1") == {"id": "1"}


def test_data_center_signs_in_with_a_personal_access_token(jira: responses.RequestsMock) -> None:
    jira.get(f"{SERVER}/rest/api/2/myself", json={})
    JiraClient("jira", server_settings()).get("myself")
    assert jira.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_without_a_token_nothing_is_sent_along(jira: responses.RequestsMock) -> None:
    jira.get(URL, json={})
    make(user=None, token=None)[0].get("version/1")
    assert "Authorization" not in jira.calls[0].request.headers


def test_scoped_tokens_go_through_the_gateway(jira: responses.RequestsMock) -> None:
    gateway = "https://api.atlassian.com/ex/jira/11-22"
    jira.put(f"{gateway}/rest/api/2/version/1", json={}, match=[matchers.json_params_matcher({"releaseDate": None})])
    make(api_url=gateway)[0].put("version/1", {"releaseDate": None})


def test_the_server_is_asked_once_what_it_is(jira: responses.RequestsMock) -> None:
    jira.get(f"{SERVER}/rest/api/2/serverInfo", json={"deploymentType": "Server", "version": "9.12.3"})
    client = JiraClient("jira", server_settings(deployment=None))
    assert [client.cloud, client.cloud, client.deployment] == [False, False, "data-center"]
    assert client.requests == 1


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (400, "refused", "does not accept"),
        (401, "auth", "MDPC_CONNECTORS__JIRA__USER and MDPC_CONNECTORS__JIRA__TOKEN"),
        (403, "forbidden", "Ask an administrator"),
        (404, "missing", "Check the key and the rights"),
        (410, "refused", "no longer offers"),
        (302, "refused", "address that a browser ends at"),
    ],
)
def test_refusals_are_sentences_and_not_repeated(
    jira: responses.RequestsMock, status: int, reason: str, said: str
) -> None:
    body = {"errorMessages": [f"Said by\x1b Jira to {TOKEN}"], "errors": {}}
    jira.get(URL, json=body, status=status, headers={"Location": "https://evil.example"})
    client, sleep = make()
    with pytest.raises(TrackerError) as raised:
        client.get("version/1")
    error = raised.value
    assert (error.reason, error.status, error.method) == (reason, status, "GET")
    assert said in str(error)
    assert "/rest/api/2/version/1" in str(error)
    assert TOKEN not in str(error) + repr(vars(error))
    assert "\x1b" not in str(error)
    assert not sleep.called
    assert client.requests == 1


def test_errors_by_field_are_kept(jira: responses.RequestsMock) -> None:
    jira.put(URL, json={"errorMessages": [], "errors": {"name": "A version with this name exists."}}, status=400)
    with pytest.raises(JiraAnswerError, match=r"A version with this name exists \(PUT") as raised:
        make()[0].put("version/1", {"name": "1.0"})
    assert raised.value.fields == {"name": "A version with this name exists."}


def test_long_and_html_answers_are_not_quoted(jira: responses.RequestsMock) -> None:
    jira.get(URL, json={"errorMessages": ["x" * 5000]}, status=400)
    jira.get(URL, body="<html>" + "y" * 5000, status=400)
    for _ in range(2):
        with pytest.raises(TrackerError) as raised:
            make()[0].get("version/1")
        assert len(str(raised.value)) < 500
        assert "html" not in str(raised.value)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_reading_is_repeated_while_jira_fails(jira: responses.RequestsMock, status: int) -> None:
    jira.get(URL, status=status)
    jira.get(URL, json={"id": "1"})
    client, sleep = make()
    assert client.get("version/1") == {"id": "1"}
    assert (client.requests, sleep.call_count) == (2, 1)


@pytest.mark.parametrize(("status", "reason"), [(500, "server"), (503, "server"), (429, "limited")])
def test_a_write_by_itself_is_sent_once(jira: responses.RequestsMock, status: int, reason: str) -> None:
    jira.put(URL, status=status)
    client, sleep = make()
    with pytest.raises(TrackerError) as raised:
        client.put("version/1", {"name": "x"})
    assert raised.value.reason == reason
    assert client.requests == 1
    assert not sleep.called


def test_a_jira_that_stays_away_costs_one_budget_of_waiting(jira: responses.RequestsMock) -> None:
    jira.get(URL, status=429, headers={"Retry-After": "70"})
    jira.put(URL, status=429, headers={"Retry-After": "70"})
    client, sleep = make()
    for _ in range(10):
        with pytest.raises(TrackerError):
            client.get("version/1")
        with pytest.raises(TrackerError):
            client.attempt(lambda: client.put("version/1", {}))
    assert 280 <= sum(call.args[0] for call in sleep.call_args_list) <= 300
    assert client.requests == 20 + 4


def test_what_threads_wait_side_by_side_is_waited_once(jira: responses.RequestsMock) -> None:
    urls = [f"{CLOUD}/rest/api/2/version/{number}" for number in range(8)]
    for url in urls:
        jira.get(url, status=429, headers={"Retry-After": "100"})
        jira.get(url, json={})
    together = threading.Barrier(len(urls), timeout=30)

    def sleep(_: float) -> None:
        together.wait()

    client = JiraClient("jira", cloud_settings(), sleep=sleep)
    with ThreadPoolExecutor(len(urls)) as pool:
        assert list(pool.map(lambda number: client.get(f"version/{number}"), range(8))) == [{}] * 8


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"X-RateLimit-Reset": "2026-11-22T10:01Z"}, 60.0),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "2026-11-22T10:00:05+00:00"}, 5.0),
        ({"Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT"}, 0.0),
    ],
)
def test_limits_are_waited_out_as_the_server_says(
    jira: responses.RequestsMock, headers: dict[str, str], seconds: float
) -> None:
    jira.put(URL, status=429, headers=headers)
    jira.put(URL, json={})
    client, sleep = make()
    with time_machine.travel("2026-11-22T10:00:00+00:00", tick=False):
        client.attempt(lambda: client.put("version/1", {"name": "x"}))
    assert seconds <= sleep.call_args.args[0] <= seconds + 1
    assert client.requests == 2


def test_a_limit_that_does_not_say_how_long(jira: responses.RequestsMock) -> None:
    jira.get(URL, status=429, headers={"X-RateLimit-Reset": "1700000000"})
    jira.get(URL, json={})
    client, sleep = make()
    client.get("version/1")
    assert sleep.call_count == 1


@pytest.mark.parametrize(
    ("raised_by_requests", "reason", "said"),
    [
        (requests.exceptions.ConnectionError(f"refused {TOKEN}"), "network", "did not answer"),
        (requests.exceptions.ReadTimeout("slow"), "network", "in time"),
        (requests.exceptions.SSLError("self-signed"), "network", "ca_bundle"),
        (requests.exceptions.ProxyError("407"), "network", "HTTPS_PROXY"),
        (OSError("no such file"), "network", "ca_bundle"),
    ],
)
def test_no_answer(jira: responses.RequestsMock, raised_by_requests: Exception, reason: str, said: str) -> None:
    jira.put(URL, body=raised_by_requests)
    with pytest.raises(TrackerError, match=said) as raised:
        make()[0].put("version/1", {})
    assert raised.value.reason == reason
    assert TOKEN not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("token", ["s3cret…", "s3cret\nand more"])
def test_a_token_that_no_header_can_hold(jira: responses.RequestsMock, token: str) -> None:
    client, _ = make(token=token, user=None)
    with pytest.raises(TrackerError, match="credentials") as raised:
        client.get("version/1")
    assert "s3cret" not in str(raised.value)
    assert client.requests == 0


def test_white_space_around_a_token_is_no_part_of_it(jira: responses.RequestsMock) -> None:
    jira.get(URL, json={})
    make(token=f" {TOKEN}\n", user=None)[0].get("version/1")
    assert jira.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_wrong_credentials_that_jira_answers_as_anonymous(jira: responses.RequestsMock) -> None:
    jira.get(URL, json={"values": []}, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    with pytest.raises(TrackerError) as raised:
        make()[0].get("version/1")
    assert raised.value.reason == "auth"


def test_a_captcha_is_no_missing_right(jira: responses.RequestsMock) -> None:
    jira.get(URL, status=403, headers={"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE"})
    with pytest.raises(TrackerError) as raised:
        make()[0].get("version/1")
    assert raised.value.reason == "auth"


def test_a_login_page_is_no_answer(jira: responses.RequestsMock) -> None:
    jira.get(URL, body="<html>Log in")
    with pytest.raises(TrackerError, match="no answer of Jira's REST API"):
        make()[0].get("version/1")


def test_writes_keep_their_distance_and_loopback_needs_none(jira: responses.RequestsMock) -> None:
    jira.put(URL, json={})
    client, sleep = make(pace=None)
    client.attempt(lambda: client.put("version/1", {}))
    client.attempt(lambda: client.put("version/1", {}))
    assert 0 < sleep.call_args.args[0] <= 0.2
    jira.put("http://127.0.0.1:9/rest/api/2/version/1", json={})
    local, sleep = make(pace=None, url="http://127.0.0.1:9")
    local.attempt(lambda: local.put("version/1", {}))
    local.attempt(lambda: local.put("version/1", {}))
    assert not sleep.called


def test_logs_hold_no_secret(jira: responses.RequestsMock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    jira.get(URL, status=429, headers={"Retry-After": "1"}, json={"message": TOKEN})
    jira.get(URL, status=403, json={"message": TOKEN})
    with pytest.raises(TrackerError):
        make()[0].get("version/1")
    assert TOKEN not in caplog.text


def test_answers_without_a_body(jira: responses.RequestsMock) -> None:
    jira.post(f"{CLOUD}/rest/api/2/issue/1/transitions", status=204)
    assert make()[0].post("issue/1/transitions", {}) is None
