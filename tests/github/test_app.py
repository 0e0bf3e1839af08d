"""A GitHub App: signed with its key, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
import time_machine

from mdpc.connector import Problem, Rights, TrackerError, Use
from mdpc.model import Scope
from mdpc_github import GitHubConnector
from mdpc_sandbox.github.seed import AppSeed
from mdpc_sandbox.github.tokens import App
from mdpc_sandbox.server import Sandbox
from tests.github.helpers import API, GRAPHQL, STATUS, change, connector, page, repository_node, settings
from tests.preflighted import names, problems_in, rights_in

SEED: dict[str, Any] = {
    "github": {
        "app": {"id": 7, "slug": "acme-mdpc", "installation": 42},
        "repositories": [{"name": "acme/api", "private": True, "milestones": [{"title": "1.0"}]}],
    }
}
KEY = App(AppSeed()).private_key


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SEED) as running:
        yield running


def app(sandbox: Sandbox, **changed: Any) -> GitHubConnector:
    key = sandbox.github.access.app.private_key
    given = {"url": sandbox.github_url, "token": None, "app_id": 7, "private_key": key, "repositories": ["acme/*"]}
    return connector(**(given | changed))


@pytest.mark.parametrize("installation", [42, None])
def test_an_app_reads_and_writes(sandbox: Sandbox, installation: int | None) -> None:
    connection = app(sandbox, installation_id=installation)
    assert connection.requests == 0
    reading = connection.read(Scope())
    assert reading.accounts == {"acme-mdpc[bot]"}
    (record,) = reading.records
    wanted = replace(change("status", None, STATUS, uid=record.uid), ref=record.ref)
    assert [outcome.status for outcome in connection.apply([wanted])] == ["done"]
    assert connection.requests == sandbox.log.count("github")
    paths = [entry.path for entry in sandbox.log.entries]
    assert paths.count("/app/installations/42/access_tokens") == 1
    assert ("/app/installations?per_page=100" in paths) == (installation is None)


def test_an_app_sees_all_that_it_was_given(sandbox: Sandbox) -> None:
    assert len(app(sandbox, repositories=["*/*"]).read(Scope()).records) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"app_id": 8},
        {"private_key": KEY},
        {"installation_id": 9},
        {"private_key": "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----"},
    ],
)
@pytest.mark.parametrize("installation", [{"installation_id": 42}, {}])
def test_a_wrong_app_is_one_error(sandbox: Sandbox, wrong: dict[str, Any], installation: dict[str, Any]) -> None:
    with pytest.raises(TrackerError) as caught:
        app(sandbox, **(installation | wrong)).read(Scope())
    assert caught.value.reason == "auth"
    assert "app_id" in str(caught.value)
    assert "BEGIN" not in str(caught.value)
    assert "c2VjcmV0" not in str(caught.value)


def test_a_token_is_renewed_before_it_expires(github: responses.RequestsMock) -> None:
    repository = repository_node(every=page())
    start = datetime(2026, 11, 22, 9, tzinfo=UTC)
    for hours in (1, 2):
        token = {"token": f"ghs_{hours}", "expires_at": f"{start + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"}
        github.post(f"{API}/app/installations/42/access_tokens", json=token | {"permissions": {"issues": "write"}})
        github.post(GRAPHQL, json={"data": {"viewer": {"login": "acme-mdpc[bot]"}, "r0": repository}})
    given = settings(app_id=7, private_key=KEY, installation_id=42, token=None)
    with time_machine.travel(start, tick=False) as clock:
        connection = GitHubConnector("github", given)
        connection.read(Scope())
        clock.shift(timedelta(minutes=59, seconds=50))
        connection.read(Scope(members=("acme/api",)))
    assert connection.requests == 4
    tokens = [call.request.headers["Authorization"] for call in github.calls]
    assert [tokens[1], tokens[3]] == ["token ghs_1", "token ghs_2"]


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        ([("Acme", 1), ("bob", 2)], 1),
        ([("bob", 2)], 2),
        ([("bob", 2), ("eve", 3)], None),
        ([], None),
    ],
)
def test_of_several_installations_it_is_the_one_at_a_named_owner(
    github: responses.RequestsMock, installed: list[tuple[str, int]], chosen: int | None
) -> None:
    github.get(f"{API}/app/installations", json=[{"id": i, "account": {"login": login}} for login, i in installed])
    connection = connector(app_id=7, private_key=KEY, token=None, repositories=["acme/*"])
    if chosen is None:
        with pytest.raises(TrackerError, match="set installation_id") as caught:
            connection.read(Scope())
        assert all(login in str(caught.value) for login, _ in installed)
        return
    for _ in range(5):
        github.post(f"{API}/app/installations/{chosen}/access_tokens", status=500, json={"message": "no"})
    with pytest.raises(TrackerError) as caught:
        connection.read(Scope())
    assert caught.value.reason == "server"


def test_preflight_says_what_the_app_may_do(sandbox: Sandbox) -> None:
    found = app(sandbox).preflight(Scope())
    assert {problem.level for problem in problems_in(found)} == {"info"}
    assert any(problem.what == "signed in as acme-mdpc[bot] by a GitHub App" for problem in problems_in(found))
    (told, *others) = rights_in(found).values()
    assert names(told.there) == ["Metadata: read", "Issues: write"]
    assert names(told.more) == ["Members: read"]
    assert {one.there for one in others} <= {told.there}


def test_preflight_of_an_app_that_may_only_read() -> None:
    seed: dict[str, Any] = {"github": {**SEED["github"], "app": {"id": 7, "installation": 42, "write": False}}}
    with Sandbox(seed) as sandbox:
        found = app(sandbox).preflight(Scope())
    (error,) = [problem for problem in problems_in(found) if problem.level == "error"]
    assert error.what.startswith("Issues: write is missing")
    assert error.next_step.startswith("Give the App what is missing, and accept that in the installation")


def app_of(sandbox: Sandbox, **changed: Any) -> list[Problem | Rights]:
    return list(app(sandbox, **changed).preflight(HOME))


HOME = Scope(uses=lambda _: frozenset({Use.READ, Use.WRITE, Use.ISSUES}), teams=("acme/leads",))


def seeded(app: dict[str, Any], *public: str) -> Sandbox:
    github = SEED["github"]
    repositories = [*github["repositories"], *({"name": name} for name in public)]
    return Sandbox({"github": {"app": {**github["app"], **app}, "repositories": repositories}})


def test_what_an_app_may_do_beyond_need_is_told_and_what_is_dangerous_is_a_warning() -> None:
    extra = {"contents": "write", "actions": "read", "administration": "write", "members": "write"}
    with seeded({"permissions": extra}) as sandbox:
        found = app_of(sandbox)
    (told,) = rights_in(found).values()
    assert names(told.there) == ["Metadata: read", "Issues: write", "Members: read"]
    assert [(right.name, right.level) for right in told.more] == [
        ("Actions: read", "info"),
        ("Administration: write", "warn"),
        ("Contents: write", "warn"),
        ("Members: write", "warn"),
    ]
    (warned,) = [problem for problem in problems_in(found) if problem.level == "warn"]
    assert warned.what == "Administration: write, Contents: write and Members: write are more than needed"


def test_pull_requests_stand_in_for_issues_but_where_one_is_opened() -> None:
    with seeded({"write": False, "permissions": {"pull_requests": "write"}}) as sandbox:
        (plain,) = rights_in(app(sandbox).preflight(Scope())).values()
        (home,) = rights_in(app_of(sandbox)).values()
    assert names(plain.there) == ["Metadata: read", "Issues: read", "Pull requests: write"]
    assert names(home.missing) == ["Issues: write"]


def test_an_app_does_not_write_where_it_is_not_installed() -> None:
    with seeded({"repositories": ["acme/api"]}, "acme/web") as sandbox:
        found = app_of(sandbox)
        assert any("/installation/repositories" in entry.path for entry in sandbox.log.entries)
    told = rights_in(found)
    assert told["github:acme/api"].missing == ()
    assert "the App is not installed there" in told["github:acme/web"].missing[0].why


@pytest.mark.parametrize(("named", "said"), [("acme/api", True), ("acme/*", False)])
def test_an_app_that_is_installed_everywhere_need_not_be_where_repositories_are_named(named: str, said: bool) -> None:
    with seeded({}) as sandbox:
        found = problems_in(app_of(sandbox, repositories=[named]))
        lists = [entry for entry in sandbox.log.entries if "/installation/repositories" in entry.path]
    assert any("installed on all repositories of its owner" in problem.what for problem in found) is said
    assert lists == []  # a private repository that it sees is one of its own


@pytest.mark.parametrize(
    ("public", "installation", "requests"),
    [
        ([], 42, 4),  # the token, the account, the limits, the repositories
        ([], None, 5),  # its installation besides
        (["acme/web"], 42, 5),  # whether it is installed there, too
        ([f"acme/r{n}" for n in range(99)], 42, 5),  # a hundred repositories are no more
    ],
)
def test_an_apps_rights_come_with_its_token(public: list[str], installation: int | None, requests: int) -> None:
    with seeded({}, *public) as sandbox:
        found = app_of(sandbox, installation_id=installation)
        assert len(rights_in(found)) == 1 + len(public)
        assert sandbox.log.count("github") == requests
