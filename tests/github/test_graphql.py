"""What is asked of GraphQL, request by request, when GitHub answers badly."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.connector import TrackerError
from mdpc.model import Reading, Scope
from tests.github.helpers import (
    API,
    GRAPHQL,
    TOKEN,
    account,
    connector,
    milestone_node,
    page,
    repository_node,
    sent,
    variables,
)


def repository(name: str, *milestones: Any, **more: Any) -> dict[str, Any]:
    return repository_node(name, every=page(*milestones), **more)


def answer(mock: responses.RequestsMock, data: Any, *errors: dict[str, Any]) -> None:
    mock.post(GRAPHQL, json={"data": data, "errors": list(errors)} if errors else {"data": data})


def overload(mock: responses.RequestsMock, status: int = 502) -> None:
    mock.post(GRAPHQL, body="<html>Unicorn!</html>", status=status)


def owner(*nodes: Any, after: str | None = None) -> dict[str, Any]:
    return {"owner": {"repositories": page(*nodes, after=after)}}


def queries_of(mock: responses.RequestsMock) -> list[str]:
    return [json.loads(call.request.body or "{}")["query"] for call in mock.calls]


def names(reading: Reading) -> list[str]:
    return [container.ref.name for container in reading.containers]


def test_the_first_query_asks_who_the_token_is(github: responses.RequestsMock) -> None:
    github.post(
        GRAPHQL,
        json={"data": {"viewer": {"login": "Mdpc-Bot"}, "rateLimit": {}}},
        match=[matchers.header_matcher({"Authorization": f"token {TOKEN}"})],
    )
    one = connector()
    assert one.requests == 0
    assert one.read(Scope()).accounts == {"mdpc-bot"}
    assert one.requests == 1


def test_names_and_cursors_are_variables(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, {"r0": repository_node("acme/api", every=page(milestone_node(1), after="c1"))})
    answer(github, {"r0": {"every": page(milestone_node(2))}})
    reading = connector(repositories=["acme/api"]).read(Scope())
    assert [record.ref.id for record in reading.records] == ["1", "2"]
    assert variables(github, 1) == {"o0": "acme", "n0": "api"}
    assert variables(github, 2) == {"o0": "acme", "n0": "api", "c0": "c1"}
    assert not any("acme" in query for query in queries_of(github))


def test_closed_ones_are_paged_only_while_they_changed_since(github: responses.RequestsMock) -> None:
    new = milestone_node(2, state="CLOSED", closedAt="2026-05-01T00:00:00Z", updatedAt="2026-05-02T00:00:00Z")
    edited = milestone_node(3, state="CLOSED", closedAt="2026-03-31T23:59:59Z", updatedAt="2026-05-01T00:00:00Z")
    old = milestone_node(4, state="CLOSED", closedAt="2026-03-31T00:00:00Z", updatedAt="2026-03-31T00:00:00Z")
    account(github)
    answer(github, {"r0": repository_node(open=page(milestone_node(1)), closed=page(new, after="c1"))})
    answer(github, {"r0": {"closed": page(edited, old, after="c2")}})
    reading = connector(repositories=["acme/api"]).read(Scope(closed_since=date(2026, 4, 1)))
    assert [record.ref.id for record in reading.records] == ["1", "2"]
    assert len(github.calls) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_overloaded_server_is_asked_for_less(github: responses.RequestsMock, status: int) -> None:
    account(github)
    overload(github, status)
    answer(github, owner(repository("acme/a"), after="c1"))
    answer(github, owner(repository("acme/b")))
    assert names(connector(repositories=["acme/*"]).read(Scope())) == ["acme/a", "acme/b"]
    assert [variables(github, index)["first"] for index in (1, 2, 3)] == [50, 25, 25]
    assert [variables(github, index)["after"] for index in (1, 2, 3)] == [None, None, "c1"]


def test_a_timeout_told_in_the_answer_counts_as_overload(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, None, {"message": "Something went wrong while executing your query. This may be a timeout"})
    answer(
        github, {"r0": repository("acme/a"), "r1": None}, {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "too much"}
    )
    answer(github, {"r0": repository("acme/a")})
    answer(github, {"r0": repository("acme/b")})
    assert names(connector(repositories=["acme/a", "acme/b"]).read(Scope())) == ["acme/a", "acme/b"]
    assert [len(variables(github, index)) // 2 for index in range(1, 5)] == [2, 1, 1, 1]


def test_a_batch_is_halved_down_to_the_one_that_fails(github: responses.RequestsMock) -> None:
    account(github)
    overload(github)  # a, b, c, d
    answer(github, {"r0": repository("acme/a"), "r1": repository("acme/b")})
    overload(github)  # c, d
    for _ in range(5):
        overload(github)  # c alone, with patience
    answer(github, {"r0": repository("acme/d")})
    reading = connector(repositories=["acme/a", "acme/b", "acme/c", "acme/d"]).read(Scope())
    assert names(reading) == ["acme/a", "acme/b", "acme/d"]
    assert unread(reading) == ["github:acme/c"]
    assert "502" in reading.unread[0].why


def test_partial_errors_cost_only_what_they_name(github: responses.RequestsMock) -> None:
    account(github)
    broken = repository_node("acme/b", every=None)
    answer(
        github,
        {"r0": repository("acme/a", milestone_node(1)), "r1": broken, "r2": None, "r3": repository("acme/d")},
        {"type": "FORBIDDEN", "path": ["r1", "every"], "message": "Resource not accessible by integration"},
        {"type": "NOT_FOUND", "path": ["r2"], "message": "Could not resolve to a Repository with the name 'acme/c'."},
    )
    reading = connector(repositories=["acme/a", "acme/b", "acme/c", "acme/d"]).read(Scope())
    assert names(reading) == ["acme/a", "acme/d"]
    assert unread(reading) == ["github:acme/b", "github:acme/c"]
    assert "not accessible by integration" in reading.unread[0].why
    assert "It is not there, or the token may not see it" in reading.unread[1].why


def test_a_renamed_repository_that_cannot_be_read_is_unread_by_both_names(github: responses.RequestsMock) -> None:
    account(github)
    broken = repository_node("acme/service", every=None)
    error = {"type": "FORBIDDEN", "path": ["r0", "every"], "message": "Resource not accessible by integration"}
    answer(github, {"r0": broken, "r1": repository("acme/web")}, error)
    reading = connector(repositories=["acme/api", "acme/web"]).read(Scope())
    assert unread(reading) == ["github:acme/api", "github:acme/service"]
    assert (reading.renamed, reading.skipped) == ((), ())


def test_where_only_a_renamed_repository_is_asked_for_a_server_that_is_away_is_one_error(
    github: responses.RequestsMock,
) -> None:
    account(github)
    error = {"message": "Something went wrong", "path": ["r0", "every"]}
    answer(github, {"r0": repository_node("acme/service", every=None)}, error)
    with pytest.raises(TrackerError, match="Something went wrong"):
        connector(repositories=["acme/api"]).read(Scope())


def test_an_error_below_a_milestone_makes_its_repository_unread(github: responses.RequestsMock) -> None:
    account(github)
    answer(
        github,
        {"r0": repository("acme/a", milestone_node(1), None)},
        {"message": "Something went wrong", "path": ["r0", "every", "nodes", 1]},
    )
    reading = connector(repositories=["acme/a"], accounts=["x"])
    with pytest.raises(TrackerError, match="Something went wrong"):
        reading.read(Scope())


def test_a_failing_further_page_makes_its_repository_unread(github: responses.RequestsMock) -> None:
    account(github)
    first = {f"r{i}": repository_node(f"acme/{name}", every=page(after=f"c{i}")) for i, name in enumerate("ab")}
    answer(github, first)
    answer(
        github,
        {"r0": {"every": page(milestone_node(5))}, "r1": None},
        {"type": "FORBIDDEN", "path": ["r1"], "message": "No."},
    )
    reading = connector(repositories=["acme/a", "acme/b"]).read(Scope())
    assert names(reading) == ["acme/a"]
    assert [record.ref.id for record in reading.records] == ["5"]
    assert unread(reading) == ["github:acme/b"]


def test_a_used_up_limit_ends_the_questions(github: responses.RequestsMock) -> None:
    account(github)
    found = [repository(f"acme/r{i}") for i in range(50)]
    answer(github, {f"r{i}": node for i, node in enumerate(found)})
    github.post(
        GRAPHQL,
        json={"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]},
        headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"},
    )
    reading = connector(repositories=[f"acme/r{i}" for i in range(120)]).read(Scope())
    assert len(reading.containers) == 50
    assert len(reading.unread) == 70
    assert all("rate limit is used up" in unread.why for unread in reading.unread)


def test_a_listing_that_breaks_off_keeps_what_it_had(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, owner(repository("acme/a"), after="c1"))
    for _ in range(5):
        github.post(GRAPHQL, body=requests.ConnectionError("gone"))
    reading = connector(repositories=["acme/*"]).read(Scope())
    assert names(reading) == ["acme/a"]
    assert unread(reading) == ["github:acme/*"]


FORBIDDEN = {"type": "FORBIDDEN", "message": "SAML enforcement"}
AT_SECOND = {"path": ["owner", "repositories", "nodes", 1]}
LEAVES_OUT = {"X-GitHub-SSO": "partial-results; organizations=21955855,20582480"}


def listed_by_rest(mock: responses.RequestsMock, *names: str, **more: Any) -> None:
    shown = {"html_url": "https://github.com", "private": True}
    listed = [{"full_name": f"acme/{name}", "node_id": f"R_acme/{name}", **shown} for name in names]
    mock.get(f"{API}/orgs/acme/repos", json=listed, **more)


def unread(reading: Reading) -> list[str]:
    return [unread.container for unread in reading.unread]


@pytest.mark.parametrize(
    "errors",
    [
        [FORBIDDEN | AT_SECOND],
        [{**FORBIDDEN, "type": "NOT_FOUND"} | AT_SECOND],
        [{"message": "Something went wrong"} | AT_SECOND],
        [{"message": "No."} | AT_SECOND],
        [],
    ],
    ids=["forbidden", "not-found", "server", "refused", "no-error"],
)
def test_what_a_listing_withholds_is_found_by_rest(
    github: responses.RequestsMock, errors: list[dict[str, Any]]
) -> None:
    account(github)
    answer(github, owner(repository("acme/a"), None), *errors)
    listed_by_rest(github, "a", "b")
    answer(github, {"r0": None}, FORBIDDEN | {"path": ["r0"]})
    reading = connector(repositories=["acme/*"]).read(Scope())
    assert names(reading) == ["acme/a"]
    assert unread(reading) == ["github:acme/b"]
    assert "single sign-on" in reading.unread[0].why
    assert sent(github)[2] == "GET /orgs/acme/repos?per_page=100&type=all"


@pytest.mark.parametrize(
    "errors",
    [[FORBIDDEN | AT_SECOND], [FORBIDDEN], [{**FORBIDDEN, "type": "NOT_FOUND"} | AT_SECOND], []],
    ids=["forbidden", "no-path", "not-found", "no-error"],
)
def test_where_rest_lacks_it_as_well_the_listing_is_not_complete(
    github: responses.RequestsMock, errors: list[dict[str, Any]]
) -> None:
    account(github)
    answer(github, owner(repository("acme/a"), None), *errors)
    listed_by_rest(github, "a")
    if FORBIDDEN in errors:
        answer(github, {"r0": repository("acme/a")})
    reading = connector(repositories=["acme/*"]).read(Scope())
    assert names(reading) == ["acme/a"]
    assert unread(reading) == ["github:acme/*"]
    assert reading.unread[0].why.endswith(".")


def test_as_many_as_were_withheld_have_to_be_found(github: responses.RequestsMock) -> None:
    account(github)
    at_first = {"path": ["owner", "repositories", "nodes", 0]}
    answer(github, owner(repository("acme/a"), None, after="c1"), FORBIDDEN | AT_SECOND)
    answer(github, owner(None, repository("acme/d")), FORBIDDEN | at_first)
    listed_by_rest(github, "a", "b", "d")
    answer(github, {"r0": repository("acme/b")})
    reading = connector(repositories=["acme/*"]).read(Scope())
    assert names(reading) == ["acme/a", "acme/b", "acme/d"]
    assert unread(reading) == ["github:acme/*"]


def test_a_rest_that_lists_less_makes_nothing_whole(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, owner(repository("acme/a"), None), FORBIDDEN | AT_SECOND)
    listed_by_rest(github, "new")
    answer(github, {"r0": repository("acme/new")})
    reading = connector(repositories=["acme/*"]).read(Scope())
    assert names(reading) == ["acme/a", "acme/new"]
    assert unread(reading) == ["github:acme/*"]


def test_what_rest_lists_is_read_though_it_does_not_make_the_listing_whole(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, owner(repository("acme/a"), None), FORBIDDEN | AT_SECOND)
    listed_by_rest(github, "a", "b", headers=LEAVES_OUT)
    answer(github, {"r0": repository("acme/b")})
    reading = connector(repositories=["acme/*"]).read(Scope())
    assert names(reading) == ["acme/a", "acme/b"]
    assert unread(reading) == ["github:acme/*"]


def test_an_error_without_a_place_makes_its_page_doubtful(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, owner(repository("acme/a"), repository_node("acme/c", every=None), None, after="c1"), FORBIDDEN)
    answer(github, owner(repository("acme/d", milestone_node(4))))
    listed_by_rest(github, "a", "b", "c", "d")
    found = {"r0": repository("acme/a", milestone_node(1)), "r1": repository("acme/c"), "r2": None}
    answer(github, found, FORBIDDEN | {"path": ["r2"]})
    reading = connector(repositories=["acme/*"]).read(Scope())
    assert names(reading) == ["acme/a", "acme/c", "acme/d"]
    assert [record.ref.id for record in reading.records] == ["1", "4"]
    assert unread(reading) == ["github:acme/b"]
    assert variables(github, 4) == {"o0": "acme", "n0": "a", "o1": "acme", "n1": "c", "o2": "acme", "n2": "b"}


def test_an_error_without_a_place_makes_all_that_was_asked_for_by_name_unread(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, {"r0": repository("acme/a"), "r1": None}, FORBIDDEN)
    reading = connector(repositories=["acme/a", "acme/b"]).read(Scope())
    assert unread(reading) == ["github:acme/a", "github:acme/b"]


@pytest.mark.parametrize("errors", [[{**FORBIDDEN, "path": ["owner", "repositories", "nodes"]}], []])
def test_a_page_without_any_nodes_is_no_empty_page(
    github: responses.RequestsMock, errors: list[dict[str, Any]]
) -> None:
    account(github)
    answer(github, {"owner": {"repositories": page() | {"nodes": None}}}, *errors)
    listed_by_rest(github, "a", status=403)
    answer(github, {"r0": repository("bob/x")})
    reading = connector(repositories=["acme/*", "bob/x"]).read(Scope())
    assert (names(reading), unread(reading)) == (["bob/x"], ["github:acme/*"])


def test_a_repository_without_a_list_of_milestones_is_not_one_without_milestones(
    github: responses.RequestsMock,
) -> None:
    account(github)
    nothing = page() | {"nodes": None}
    first = {f"r{i}": repository(f"acme/{name}") for i, name in enumerate("ab")}
    first["r1"]["every"] = nothing
    first["r2"] = repository_node("acme/c", every=page(after="c1"))
    answer(github, first)
    answer(github, {"r0": {"every": nothing}})
    reading = connector(repositories=["acme/a", "acme/b", "acme/c"]).read(Scope())
    assert names(reading) == ["acme/a"]
    assert unread(reading) == ["github:acme/b", "github:acme/c"]


@pytest.mark.parametrize(("by_rest", "expected"), [(["a"], ["github:acme/*"]), (["a", "b"], ["github:acme/b"])])
def test_an_owners_listing_that_single_sign_on_cuts_is_not_complete(
    github: responses.RequestsMock, by_rest: list[str], expected: list[str]
) -> None:
    account(github)
    github.post(GRAPHQL, json={"data": owner(repository("acme/a"))}, headers=LEAVES_OUT)
    listed_by_rest(github, *by_rest)
    if "b" in by_rest:
        answer(github, {"r0": None}, FORBIDDEN | {"path": ["r0"]})
    reading = connector(repositories=["acme/*"]).read(Scope())
    assert names(reading) == ["acme/a"]
    assert unread(reading) == expected
    assert "Authorise the token for the organisation's single sign-on." in reading.unread[0].why


def test_all_that_the_token_can_see_is_not_cut_by_what_it_cannot(github: responses.RequestsMock) -> None:
    account(github)
    github.post(GRAPHQL, json={"data": owner(repository("acme/a"))}, headers=LEAVES_OUT)
    reading = connector(repositories=["*/*"]).read(Scope())
    assert (names(reading), unread(reading)) == (["acme/a"], [])


def test_where_a_viewer_has_no_name_the_rest_is_read(github: responses.RequestsMock) -> None:
    answer(github, None, {"type": "FORBIDDEN", "path": ["viewer"], "message": "Resource not accessible by integration"})
    answer(github, {"r0": repository("acme/a")})
    reading = connector(repositories=["acme/a"], token="ghs_1").read(Scope())
    assert names(reading) == ["acme/a"]
    assert reading.accounts == frozenset()


def test_an_organisation_that_forbids_is_unread(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, {"owner": None}, {"type": "FORBIDDEN", "path": ["owner"], "message": "IP allow list enabled"})
    github.get(f"{API}/orgs/acme/repos", json={"message": "IP allow list enabled"}, status=403)
    answer(github, {"r0": repository("bob/x")})
    reading = connector(repositories=["acme/*", "bob/x"]).read(Scope())
    assert names(reading) == ["bob/x"]
    assert "IP allow list" in reading.unread[0].why
