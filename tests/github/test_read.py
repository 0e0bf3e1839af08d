"""Reading over real HTTP from the sandbox, by GraphQL and by REST alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import Mock

import pytest
import requests

from mdpc.connector import TrackerError
from mdpc.model import Carrier, ContainerRef, Markup, Nature, Reading, Scope
from mdpc_github import GitHubConnector
from mdpc_sandbox.server import Sandbox
from tests.github.helpers import settings

ISSUES = [
    {"title": "one", "milestone": 1, "updated_at": "2026-11-01T00:00:00Z"},
    {"title": "two", "milestone": 1, "state": "closed", "updated_at": "2026-11-05T10:00:00Z"},
    {"title": "three", "milestone": 1, "pull_request": True, "updated_at": "2026-11-20T00:00:00Z"},
    {"title": "four", "updated_at": "2026-11-21T00:00:00Z"},
]
MILESTONES = [
    {"title": "1.0", "description": "first\r\nline", "due": date(2026, 12, 1)},
    {"title": " 0.9", "state": "closed", "closed_at": "2026-10-01T08:00:00Z", "updated_at": "2026-11-10T00:00:00Z"},
    {"title": "0.8", "state": "closed", "closed_at": "2024-10-01T08:00:00Z", "updated_at": "2024-10-01T08:00:00Z"},
]
REPOSITORIES: list[dict[str, Any]] = [
    {"name": "acme/api", "milestones": MILESTONES, "issues": ISSUES, "topics": ["product"]},
    {"name": "acme/web", "private": True, "milestones": [{"title": "1.0", "description": ""}]},
    {"name": "acme/old", "archived": True, "milestones": [{"title": "9"}]},
    {"name": "acme/wiki", "has_issues": False},
    {"name": "bob/tool", "milestones": [{"title": "t"}]},
]
TOKENS = [
    {"value": "good", "login": "Mdpc-Bot"},
    {"value": "ghs_few", "login": "mdpc[bot]", "kind": "app", "repositories": ["acme/api"]},
    {"value": "poor", "login": "mdpc-bot", "limit": 1},
]
SEED = {"github": {"repositories": REPOSITORIES, "tokens": TOKENS, "users": ["bob"]}}


@pytest.fixture(params=[True, False], ids=["graphql", "rest"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(SEED, graphql=request.param) as running:
        yield running


@pytest.fixture
def graphql() -> Iterator[Sandbox]:
    with Sandbox(SEED) as running:
        yield running


def connect(sandbox: Sandbox, *repositories: str, **changed: Any) -> GitHubConnector:
    given = {"url": sandbox.github_url, "token": "good", "repositories": repositories, "pace": None} | changed
    return GitHubConnector("github", settings(**given), sleep=Mock())


def read(sandbox: Sandbox, *repositories: str, scope: Scope | None = None, **changed: Any) -> Reading:
    connector = connect(sandbox, *repositories, **changed)
    reading = connector.read(scope or Scope())
    assert connector.requests == sum(entry.status != 301 for entry in sandbox.log.entries)
    assert not sandbox.log.writes()
    connector.close()
    return reading


def refs(reading: Reading) -> list[str]:
    return [str(record.ref) for record in reading.records]


def test_a_record_is_as_the_tracker_has_it(sandbox: Sandbox) -> None:
    reading = read(sandbox, "acme/api")
    first, second, third = reading.records
    held = sandbox.github.repository("acme/api")
    assert first.title == "1.0"
    assert first.description == "first\r\nline"
    assert first.due == date(2026, 12, 1)
    assert (first.open_issues, first.closed_issues) == (1, 1)
    assert first.last_activity == datetime(2026, 11, 5, 10, tzinfo=UTC)
    assert first.uid == held.milestones[1].node_id
    assert first.url.endswith("/acme/api/milestone/1")
    assert not first.closed
    assert second.title == " 0.9"
    assert second.closed_at == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert second.closed
    assert second.last_activity is None
    assert third.due is None
    (container,) = reading.containers
    assert (str(container.ref), container.public, container.uid) == ("github:acme/api", True, held.node_id)
    assert (container.created, container.cannot_create) == (Nature(Markup.BLOCK, Carrier.BLOCK), "")
    assert container.mention.format("alice") == "@alice"
    assert {(record.carrier, record.starts, record.memory) for record in reading.records} == {
        (Carrier.BLOCK, False, None)
    }
    assert reading.accounts == {"mdpc-bot"}
    assert not reading.unread
    assert not reading.skipped


def test_an_empty_description_is_not_no_description(sandbox: Sandbox) -> None:
    assert read(sandbox, "acme/web").records[0].description == ""


def test_a_glob_reads_an_owner_and_says_what_it_left_out(sandbox: Sandbox) -> None:
    reading = read(sandbox, "acme/*")
    assert [container.ref.name for container in reading.containers] == ["acme/api", "acme/web"]
    assert refs(reading) == ["github:acme/api#1", "github:acme/api#2", "github:acme/api#3", "github:acme/web#1"]
    assert {skipped.container: skipped.why for skipped in reading.skipped} == {
        "github:acme/old": "archived: nothing in it can change",
        "github:acme/wiki": "has issues switched off",
    }


def test_closed_ones_back_to_a_day(sandbox: Sandbox) -> None:
    for since, numbers in ((date(2026, 10, 1), "12"), (date(2026, 10, 2), "1"), (date(2020, 1, 1), "123")):
        sandbox.log.clear()
        reading = read(sandbox, "acme/api", scope=Scope(closed_since=since))
        assert "".join(record.ref.id for record in reading.records) == numbers


def test_members_are_read_besides_the_selection(sandbox: Sandbox) -> None:
    reading = read(sandbox, "acme/*", "topic:product", scope=Scope(members=("bob/*", "acme/web", "no repository")))
    assert [container.ref.name for container in reading.containers] == ["acme/api", "acme/web", "bob/tool"]
    (unread,) = reading.unread
    assert unread.container == "github:no repository"
    assert "write OWNER/NAME" in unread.why


def test_everything_that_the_token_can_see(sandbox: Sandbox) -> None:
    reading = read(sandbox, "public", "!acme/old")
    assert all(container.public for container in reading.containers)
    assert "github:acme/web#1" not in refs(reading)
    assert "github:acme/api#1" in refs(reading)


def test_what_is_not_there_is_unread_and_the_rest_is_read(sandbox: Sandbox) -> None:
    reading = read(sandbox, "acme/api", "acme/nothing", "nobody/*", "acme/x-*", optional=["nobody/*"])
    assert [container.ref.name for container in reading.containers] == ["acme/api"]
    assert [(unread.container, unread.optional) for unread in reading.unread] == [
        ("github:acme/nothing", False),
        ("github:nobody/*", True),
    ]
    assert all("Check the name, or give the token access." in unread.why for unread in reading.unread)
    assert [skipped.container for skipped in reading.skipped] == ["github:acme/x-*"]


@pytest.mark.parametrize("status", [403, 404, 500, 502])
@pytest.mark.parametrize("entries", [("acme/api", "acme/web", "bob/tool"), ("acme/*", "acme/api", "bob/*")])
def test_one_failing_repository_costs_no_other(sandbox: Sandbox, status: int, entries: tuple[str, ...]) -> None:
    sandbox.faults.add(repository="acme/api", status=status)
    reading = read(sandbox, *entries)
    assert [container.ref.name for container in reading.containers] == ["acme/web", "bob/tool"]
    assert [unread.container for unread in reading.unread] == ["github:acme/api"]
    assert reading.unread[0].why.endswith(".")


@pytest.mark.parametrize("entries", [("acme/*",), ("acme/*", "topic:product"), ("*/*",)])
def test_a_forbidden_repository_that_no_list_names_makes_the_listing_incomplete(
    graphql: Sandbox, entries: tuple[str, ...]
) -> None:
    for path in ("/orgs/acme/repos", "/user/repos"):
        headers = {"Authorization": "token good"}
        whole = requests.get(
            f"{graphql.github_url}{path}", params={"per_page": 100}, headers=headers, timeout=10
        ).json()
        cut = [each for each in whole if each["full_name"] != "acme/web"]
        assert len(cut) == len(whole) - 1
        graphql.faults.add(path, status=200, body=cut)
    graphql.faults.add(repository="acme/web", status=403)
    graphql.log.clear()
    reading = read(graphql, *entries)
    assert str(reading.containers[0].ref) == "github:acme/api"
    assert [unread.container for unread in reading.unread] == [f"github:{entries[0]}"]


def test_a_server_that_fails_now_and_then_is_asked_again(sandbox: Sandbox) -> None:
    sandbox.faults.add("/user", status=502, times=2)
    sandbox.faults.add("/graphql", status=502, times=2)
    assert len(read(sandbox, "acme/api").records) == 3


def test_a_rate_limit_is_waited_out(sandbox: Sandbox) -> None:
    for path in ("/graphql", "/repos/*"):
        sandbox.faults.add(path, status=429, retry_after=3, times=1)
    sleep = Mock()
    connector = GitHubConnector(
        "github", settings(url=sandbox.github_url, token="good", repositories=["acme/api"]), sleep=sleep
    )
    assert len(connector.read(Scope()).records) == 3
    assert 3 <= sleep.call_args.args[0] < 4


def test_a_wrong_token_is_one_error(sandbox: Sandbox) -> None:
    with pytest.raises(TrackerError) as caught:
        connect(sandbox, "acme/*", token="wrong-s3cret").read(Scope())
    assert caught.value.reason == "auth"
    assert "MDPC_CONNECTORS__GITHUB__TOKEN" in caught.value.next_step
    assert "wrong-s3cret" not in str(caught.value)


def test_a_server_that_is_down_is_one_error() -> None:
    with Sandbox({}) as gone:
        connector = connect(gone, "acme/*")
    with pytest.raises(TrackerError) as caught:
        connector.read(Scope())
    assert caught.value.reason == "network"


def test_renamed_repositories_are_read_once_under_their_name(sandbox: Sandbox) -> None:
    sandbox.github.rename("acme/api", "acme/service")
    reading = read(sandbox, "acme/api", "acme/service")
    assert refs(reading) == [f"github:acme/service#{number}" for number in (1, 2, 3)]
    (skipped,) = reading.skipped
    assert skipped.container == "github:acme/api"
    assert skipped.why == "renamed to acme/service, and read as that: write acme/service in the configuration"
    assert reading.unread == ()
    assert reading.renamed == ((ContainerRef("github", "acme/api"), ContainerRef("github", "acme/service")),)


def test_a_repository_that_went_to_another_owner_is_read_where_it_is(sandbox: Sandbox) -> None:
    sandbox.github.rename("acme/api", "bob/api")
    for entries, scope in ((("acme/api",), Scope()), (("acme/*", "bob/*"), Scope(members=("acme/api",)))):
        sandbox.log.clear()
        reading = read(sandbox, *entries, scope=scope)
        assert "github:bob/api#1" in refs(reading)
        assert reading.renamed == ((ContainerRef("github", "acme/api"), ContainerRef("github", "bob/api")),)


@pytest.mark.parametrize("entries", [("bob/tool",), ("acme/*", "bob/tool")])
def test_a_renamed_repository_that_cannot_be_read_is_unread_by_both_names(entries: tuple[str, ...]) -> None:
    with Sandbox(SEED, graphql=False) as sandbox:
        sandbox.github.rename("acme/api", "acme/service")
        sandbox.faults.add("/repos/acme/service/milestones", status=403)
        reading = read(sandbox, *entries, scope=Scope(members=("acme/api",)), optional=["*/service"])
    assert [unread.container for unread in reading.unread] == ["github:acme/api", "github:acme/service"]
    assert reading.unread[0].why == f"Renamed to acme/service. {reading.unread[1].why}"
    assert all(unread.optional for unread in reading.unread)
    assert reading.renamed == ()
    assert all("acme/api" not in skipped.container for skipped in reading.skipped)


def test_a_renamed_repository_that_is_left_out_says_so_by_both_names(sandbox: Sandbox) -> None:
    sandbox.github.rename("acme/old", "acme/older")
    reading = read(sandbox, "acme/old")
    why = "archived: nothing in it can change"
    assert [(skipped.container, skipped.why) for skipped in reading.skipped] == [
        ("github:acme/old", f"renamed to acme/older, and left out: {why}"),
        ("github:acme/older", why),
    ]
    assert reading.renamed == ()


def test_a_name_in_another_case_is_no_rename(sandbox: Sandbox) -> None:
    reading = read(sandbox, "ACME/Api")
    assert refs(reading)[0] == "github:acme/api#1"
    assert reading.skipped == ()
    assert reading.renamed == ()


def test_an_installations_token_sees_what_it_was_given(sandbox: Sandbox) -> None:
    reading = read(sandbox, "*/*", token="ghs_few")
    assert [container.ref.name for container in reading.containers] == ["acme/api"]


def test_an_app_is_no_person_of_its_name(graphql: Sandbox) -> None:
    assert read(graphql, "acme/api", token="ghs_few", accounts=["Old-Bot[bot]", "Other"]).accounts == {
        "mdpc[bot]",
        "old-bot[bot]",
        "other",
    }


def test_without_a_token_public_repositories_are_read_by_rest(graphql: Sandbox) -> None:
    reading = read(graphql, "acme/*", "acme/web", token=None)
    assert [container.ref.name for container in reading.containers] == ["acme/api"]
    assert [unread.container for unread in reading.unread] == ["github:acme/web"]
    assert reading.accounts == frozenset()
    assert all("graphql" not in entry.path for entry in graphql.log.entries)


def test_without_a_token_nobody_knows_what_everything_is(graphql: Sandbox) -> None:
    with pytest.raises(TrackerError, match=r"name owners: OWNER/\*"):
        connect(graphql, "*/*", token=None).read(Scope())


def test_nothing_named_is_nothing_read(sandbox: Sandbox) -> None:
    reading = read(sandbox)
    assert not reading.containers
    assert not reading.unread
    assert reading.accounts == {"mdpc-bot"}


def test_two_hundred_repositories_take_five_requests() -> None:
    many = [{"name": f"acme/r{i}", "milestones": [{"title": f"m{n}"} for n in range(5)]} for i in range(200)]
    with Sandbox({"github": {"repositories": many, "tokens": TOKENS}}) as sandbox:
        reading = read(sandbox, "acme/*", scope=Scope(closed_since=date(2026, 1, 1)))
        assert len(reading.records) == 1000
        assert sandbox.log.count("github") == 5


def test_only_what_is_chosen_is_read_with_milestones() -> None:
    many = [{"name": f"acme/r{i}", "topics": ["x"] if i < 3 else []} for i in range(150)]
    with Sandbox({"github": {"repositories": many, "tokens": TOKENS}}) as sandbox:
        reading = read(sandbox, "acme/*", "topic:x")
        assert len(reading.containers) == 3
        assert sandbox.log.count("github") == 1 + 2 + 1
        assert sum("milestones(" in entry.sent for entry in sandbox.log.entries) == 1


@pytest.mark.parametrize("since", [None, date(2026, 1, 1)])
@pytest.mark.parametrize("entries", [("acme/*",), ("acme/r0", "acme/r1", "acme/r2")])
def test_more_milestones_than_a_page_are_all_read(since: date | None, entries: tuple[str, ...]) -> None:
    old = {"state": "closed", "closed_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"}
    new = {"state": "closed", "closed_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z"}
    milestones = [
        *({"title": f"open {i}"} for i in range(130)),
        *({"title": f"new {i}"} | new for i in range(25)),
        *({"title": f"old {i}"} | old for i in range(25)),
    ]
    many = [{"name": f"acme/r{i}", "milestones": milestones} for i in range(3)]
    with Sandbox({"github": {"repositories": many, "tokens": TOKENS}}) as sandbox:
        reading = read(sandbox, *entries, scope=Scope(closed_since=since))
        titles = [record.title for record in reading.records if record.ref.container.name == "acme/r1"]
        assert titles == [m["title"] for m in milestones[: 180 if since is None else 155]]
        assert len(reading.records) == 3 * len(titles)


DAYS = [date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9), date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)]


def test_a_due_date_is_the_same_day_in_every_season(sandbox: Sandbox) -> None:
    held = sandbox.github.repository("acme/web")
    for day in DAYS:
        sandbox.github.create_milestone(held, "octocat", str(day), due_on=f"{day}T12:00:00Z")
    records = read(sandbox, "acme/web").records[1:]
    assert [record.due for record in records] == DAYS
    assert [record.title for record in records] == [str(day) for day in DAYS]
