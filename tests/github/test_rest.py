"""What is asked of REST where a server has no GraphQL, request by request."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import responses

from mdpc.connector import TrackerError
from mdpc.model import Scope
from tests.github.helpers import API, GRAPHQL, connector, rest_milestone, sent


@pytest.fixture
def rest(github: responses.RequestsMock) -> responses.RequestsMock:
    """A server without GraphQL that knows the token."""
    github.post(GRAPHQL, json={"message": "Not Found"}, status=404)
    github.get(f"{API}/user", json={"login": "bob"})
    return github


def repository(name: str, **changed: Any) -> dict[str, Any]:
    return {
        "full_name": name,
        "node_id": f"R_{name}",
        "html_url": f"https://github.com/{name}",
        "private": False,
    } | changed


def issue(number: int, state: str, milestone: int, updated: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "state": state, "milestone": {"number": milestone}, "updated_at": updated} | more


def test_a_repository_takes_three_requests(rest: responses.RequestsMock) -> None:
    rest.get(f"{API}/repos/acme/api", json=repository("acme/api"))
    rest.get(f"{API}/repos/acme/api/milestones", json=[rest_milestone(2), rest_milestone(1)])
    rest.get(
        f"{API}/repos/acme/api/issues",
        json=[
            issue(1, "open", 1, "2026-11-01T00:00:00Z"),
            issue(2, "closed", 1, "2026-11-03T00:00:00Z"),
            issue(3, "open", 1, "2026-11-09T00:00:00Z", pull_request={}),
        ],
    )
    reading = connector(repositories=["acme/api"]).read(Scope())
    assert [record.ref.id for record in reading.records] == ["1", "2"]
    first = reading.records[0]
    assert (first.open_issues, first.closed_issues) == (1, 1)
    assert first.last_activity == datetime(2026, 11, 3, tzinfo=UTC)
    assert sent(rest)[2:] == [
        "GET /repos/acme/api",
        "GET /repos/acme/api/milestones?direction=asc&per_page=100&sort=due_on&state=all",
        "GET /repos/acme/api/issues?milestone=%2A&per_page=100&state=all",
    ]


def test_an_owners_listing_that_single_sign_on_cuts_is_not_complete(rest: responses.RequestsMock) -> None:
    leaves_out = {"X-GitHub-SSO": "partial-results; organizations=21955855"}
    link = {"Link": f'<{API}/orgs/acme/repos?page=2>; rel="next"'}
    rest.get(f"{API}/orgs/acme/repos", json=[repository("acme/a", archived=True)], headers=leaves_out | link)
    rest.get(f"{API}/orgs/acme/repos", json=[repository("acme/b", archived=True)])
    reading = connector(repositories=["acme/*"]).read(Scope())
    assert [skipped.container for skipped in reading.skipped] == ["github:acme/a", "github:acme/b"]
    assert [unread.container for unread in reading.unread] == ["github:acme/*"]
    assert "Authorise the token for the organisation's single sign-on." in reading.unread[0].why


def test_issues_are_not_read_for_milestones_that_nobody_wants(rest: responses.RequestsMock) -> None:
    rest.get(f"{API}/repos/acme/api", json=repository("acme/api"))
    closed = rest_milestone(1, state="closed", closed_at="2020-01-01T00:00:00Z")
    rest.get(f"{API}/repos/acme/api/milestones", json=[closed])
    reading = connector(repositories=["acme/api"]).read(Scope(closed_since=date(2026, 1, 1)))
    assert reading.records == ()
    assert len(reading.containers) == 1


def test_a_persons_own_repositories_come_with_the_private_ones(rest: responses.RequestsMock) -> None:
    rest.get(f"{API}/orgs/bob/repos", json={"message": "Not Found"}, status=404)
    rest.get(f"{API}/user/repos", json=[repository("bob/x", archived=True)])
    reading = connector(repositories=["bob/*"]).read(Scope())
    assert [skipped.container for skipped in reading.skipped] == ["github:bob/x"]
    assert sent(rest)[3] == "GET /user/repos?affiliation=owner&per_page=100"


def test_somebody_elses_are_the_public_ones(rest: responses.RequestsMock) -> None:
    rest.get(f"{API}/orgs/eve/repos", json={"message": "Not Found"}, status=404)
    rest.get(f"{API}/users/eve/repos", json=[repository("eve/x", has_issues=False)])
    reading = connector(repositories=["eve/*"]).read(Scope())
    assert [skipped.why for skipped in reading.skipped] == ["has issues switched off"]


def test_a_used_up_limit_ends_the_questions(rest: responses.RequestsMock) -> None:
    rest.get(f"{API}/repos/acme/a", json=repository("acme/a", archived=True))
    used_up = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"}
    rest.get(f"{API}/repos/acme/b", json={"message": "API rate limit exceeded"}, status=403, headers=used_up)
    reading = connector(repositories=["acme/a", "acme/b", "acme/c"]).read(Scope())
    assert [unread.container for unread in reading.unread] == ["github:acme/b", "github:acme/c"]
    assert all("rate limit is used up" in unread.why for unread in reading.unread)


def test_a_token_that_is_revoked_meanwhile_ends_the_reading(rest: responses.RequestsMock) -> None:
    rest.get(f"{API}/repos/acme/a", json={"message": "Bad credentials"}, status=401)
    with pytest.raises(TrackerError) as caught:
        connector(repositories=["acme/a", "acme/b"]).read(Scope())
    assert caught.value.reason == "auth"


def test_an_installation_has_no_user(github: responses.RequestsMock) -> None:
    github.post(GRAPHQL, json={"message": "Not Found"}, status=404)
    github.get(f"{API}/user", json={"message": "Resource not accessible by integration"}, status=403)
    github.get(f"{API}/repos/acme/a", json=repository("acme/a", archived=True))
    assert connector(repositories=["acme/a"], token="ghs_1").read(Scope()).accounts == frozenset()


def test_a_member_that_is_no_name_reaches_no_path(rest: responses.RequestsMock) -> None:
    members = ("acme/../../user", "acme/..", "acme/a#b", "acme/a%2Fb", "acme/a b", "acme/a\r\nb")
    assert len(connector().read(Scope(members=members)).unread) == len(members)
    assert sent(rest) == ["POST /graphql", "GET /user"]
