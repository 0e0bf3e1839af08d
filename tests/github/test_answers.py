from __future__ import annotations

from typing import Any

import pytest

from mdpc.connector import Reason, TrackerError
from mdpc_github.answers import Request, failure, graphql_answer, graphql_error, plain

NOW = 1_800_000_000.0
REQUEST = Request("GET", "/repos/acme/api", "MDPC_CONNECTORS__GITHUB__TOKEN")


def error(status: int, body: Any = None, **headers: str) -> TrackerError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = failure(REQUEST, status, named, body, NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "reason", "step"),
    [
        (301, "missing", "Check the name"),
        (307, "missing", "Check the name"),
        (401, "auth", "Set MDPC_CONNECTORS__GITHUB__TOKEN (or GITHUB_TOKEN)"),
        (403, "forbidden", "access to Issues"),
        (404, "missing", "give the token access"),
        (410, "missing", "Check the name"),
        (422, "refused", ""),
        (429, "limited", "Run again after"),
        (500, "server", "Run again later"),
        (502, "server", "Run again later"),
        (504, "server", "Run again later"),
    ],
)
def test_what_a_status_means(status: int, reason: Reason, step: str) -> None:
    found = error(status, {"message": "Said so."})
    assert found.reason == reason
    assert found.status == status
    assert step in found.next_step
    assert f"GET /repos/acme/api: {status}" in str(found)
    assert str(found).endswith(".")
    assert ".." not in str(found)


def test_success_is_no_error() -> None:
    assert failure(REQUEST, 200, {}, {}, NOW) is None
    assert failure(REQUEST, 201, {}, {}, NOW) is None


@pytest.mark.parametrize("status", [403, 429])
def test_how_long_a_limit_asks_to_wait(status: int) -> None:
    assert error(status, retry_after="7").retry_after == 7
    used_up = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) + 40)}
    assert error(status, **used_up).retry_after == 40
    assert error(status, retry_after="7", **used_up).retry_after == 7
    secondary = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
    assert error(status, secondary).retry_after == 60
    assert error(status, secondary, retry_after="soon").retry_after == 60


def test_a_limit_that_is_over_asks_for_no_wait() -> None:
    past = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) - 40)}
    assert error(429, **past).retry_after == 0


def test_a_403_with_requests_left_is_a_missing_right() -> None:
    found = error(
        403,
        {"message": "Resource not accessible by integration"},
        x_ratelimit_remaining="4999",
        x_ratelimit_reset=str(int(NOW)),
    )
    assert found.reason == "forbidden"
    assert "permissions:" in found.next_step


@pytest.mark.parametrize(
    ("message", "step"),
    [
        ("Resource protected by organization SAML enforcement.", "single sign-on"),
        ("Although you appear to have the correct authorization, the organization has an IP allow list", "address"),
        ("Resource not accessible by personal access token", "Give the token access to Issues"),
    ],
)
def test_the_next_step_fits_what_is_missing(message: str, step: str) -> None:
    assert step in error(403, {"message": message}).next_step


def test_a_refusal_names_the_field() -> None:
    body = {
        "message": "Validation Failed",
        "errors": [{"resource": "Milestone", "code": "already_exists", "field": "title"}, "and more"],
    }
    assert "Validation Failed; Milestone title already_exists; and more" in str(error(422, body))


@pytest.mark.parametrize("body", [None, [], "text", {}, {"message": None, "errors": None}])
def test_any_body_will_do(body: Any) -> None:
    assert error(500, body).reason == "server"


def test_a_servers_words_are_made_plain() -> None:
    assert plain("::error::a\r\n\x1b[31mb\u2028 c.") == "::error::a [31mb c"
    assert len(plain("x" * 900)) == 200


def graphql(body: Any, **headers: str) -> Any:
    return graphql_answer(REQUEST, {name.replace("_", "-"): value for name, value in headers.items()}, body, NOW)


def test_errors_belong_to_their_path() -> None:
    answer = graphql(
        {
            "data": {"r0": None, "r1": {"id": "R"}},
            "errors": [{"type": "NOT_FOUND", "path": ["r0"], "message": "Could not resolve to a Repository."}],
        }
    )
    assert answer.error_at("r0").reason == "missing"
    assert answer.error_at("r1") is None
    assert answer.data["r1"] == {"id": "R"}


@pytest.mark.parametrize(
    ("kind", "message", "reason"),
    [
        ("FORBIDDEN", "no", "forbidden"),
        ("INSUFFICIENT_SCOPES", "no", "forbidden"),
        ("SERVICE_UNAVAILABLE", "no", "server"),
        ("RESOURCE_LIMITS_EXCEEDED", "no", "server"),
        (None, "Something went wrong while executing your query.", "server"),
        (None, "Field 'x' doesn't exist on type 'y'", "refused"),
    ],
)
def test_what_a_graphql_error_means(kind: str | None, message: str, reason: Reason) -> None:
    answer = graphql({"data": {"r0": None}, "errors": [{"type": kind, "path": ["r0"], "message": message}]})
    assert answer.error_at("r0").reason == reason


@pytest.mark.parametrize("data", [None, {"r0": None}, {"r0": {"id": "R"}}])
def test_a_graphql_limit_comes_with_status_200(data: Any) -> None:
    limit = {"data": data, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded", "path": ["r0"]}]}
    with pytest.raises(TrackerError) as caught:
        graphql(limit, x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) + 12))
    assert caught.value.reason == "limited"
    assert caught.value.retry_after == 12


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"data": None, "errors": [{"message": "Something went wrong"}]}, "server"),
        ({"data": {"r0": {}}, "errors": [{"type": "RESOURCE_LIMITS_EXCEEDED", "message": "partial"}]}, "server"),
        ({"errors": [{"message": "Parse error on }"}]}, "refused"),
        ({}, "server"),
        ([], "refused"),
    ],
)
def test_an_answer_that_is_of_no_use_is_an_error(body: Any, reason: Reason) -> None:
    with pytest.raises(TrackerError) as caught:
        graphql(body)
    assert caught.value.reason == reason


ANONYMOUS = Request("GET", "/repos/acme/api", "MDPC_CONNECTORS__GITHUB__TOKEN", signed_in=False)
OWN_HOST = Request("GET", "/user", "MDPC_CONNECTORS__GITHUB__TOKEN", "https://ghe.acme.example/api/v3")


def test_without_a_token_a_404_and_a_limit_say_that_there_is_none() -> None:
    missing = failure(ANONYMOUS, 404, {}, {"message": "Not Found"}, NOW)
    assert str(missing) == (
        "It is not there, or not public, and there is no token (GET /repos/acme/api: 404). "
        "Check the name, or set MDPC_CONNECTORS__GITHUB__TOKEN (or GITHUB_TOKEN) to a token that may see it."
    )
    limited = failure(ANONYMOUS, 403, {"x-ratelimit-remaining": "0"}, {}, NOW)
    assert "or set MDPC_CONNECTORS__GITHUB__TOKEN (or GITHUB_TOKEN): without a token" in str(limited)
    assert "there is no token" not in str(failure(REQUEST, 404, {}, {"message": "Not Found"}, NOW))


@pytest.mark.parametrize("body", [None, {"errorMessages": ["Not Found"], "errors": {}}, ["x"]])
def test_a_404_that_is_not_githubs_means_that_there_is_no_api(body: Any) -> None:
    assert str(failure(OWN_HOST, 404, {}, body, NOW)) == (
        "There is no GitHub API at https://ghe.acme.example/api/v3 (GET /user: 404). "
        "Set `url` to the address of the API: https://HOST/api/v3 on GitHub Enterprise Server."
    )
    assert "not there" in str(failure(OWN_HOST, 404, {"x-github-request-id": "1"}, body, NOW))


def test_only_github_com_has_a_public_status_page() -> None:
    assert "www.githubstatus.com" in str(failure(REQUEST, 500, {}, {}, NOW))
    own = failure(OWN_HOST, 500, {}, {}, NOW)
    assert str(own) == "GitHub failed (GET /user: 500). Run again later."
    assert "www.githubstatus.com" not in str(graphql_error(OWN_HOST, {"type": "INTERNAL", "message": "x"}))
