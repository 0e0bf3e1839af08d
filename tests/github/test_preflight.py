from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mdpc.connector import Problem
from mdpc.model import Scope
from mdpc_sandbox.server import Sandbox
from tests.github.helpers import connector

TOKENS = [
    {"value": "ghp_all", "login": "bot", "kind": "classic", "scopes": ["repo", "read:org"]},
    {"value": "ghp_public", "login": "bot", "kind": "classic", "scopes": ["public_repo"]},
    {"value": "ghp_none", "login": "bot", "kind": "classic", "scopes": ["read:org"]},
    {"value": "github_pat_fine", "login": "bot"},
    {"value": "github_pat_reader", "login": "reader", "push": []},
    {"value": "ghs_action", "login": "github-actions[bot]", "kind": "actions", "repositories": ["acme/api"]},
]
SEED = {
    "github": {
        "tokens": TOKENS,
        "repositories": [{"name": "acme/api"}, {"name": "acme/web"}, {"name": "acme/old", "archived": True}],
    }
}


@pytest.fixture(params=[True, False], ids=["graphql", "rest"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(SEED, graphql=request.param) as running:
        yield running


def check(sandbox: Sandbox, token: str | None, scope: Scope | None = None, **changed: Any) -> list[Problem]:
    given = {"url": sandbox.github_url, "token": token, "repositories": ["acme/*"]} | changed
    found = connector(**given).preflight(scope or Scope())
    assert not sandbox.log.writes()
    assert all(problem.next_step.endswith(".") for problem in found if problem.next_step)
    assert all(problem.next_step or problem.what.endswith(".") for problem in found if problem.level == "error")
    return list(found)


def said(problems: list[Problem], level: str = "info") -> str:
    return "\n".join(f"{p.where}: {p.what}. {p.next_step}" for p in problems if p.level == level)


def test_a_good_token_has_facts_alone(sandbox: Sandbox) -> None:
    found = check(sandbox, "ghp_all")
    assert {problem.level for problem in found} == {"info"}
    facts = said(found)
    assert "signed in as bot by a classic personal access token with the scopes repo, read:org" in facts
    assert "of 5000 REST requests are left until" in facts
    assert "of 5000 GraphQL points are left until" in facts
    assert "2 repositories are selected" in facts
    assert "github:acme/old: left out: archived" in facts
    assert "ghp_all" not in facts


def test_a_renamed_repository_is_to_be_written_by_its_name(sandbox: Sandbox) -> None:
    sandbox.github.rename("acme/web", "acme/shop")
    found = check(sandbox, "ghp_all", Scope(members=("acme/web",)))
    assert said(found, "warn") == "github:acme/web: renamed to acme/shop. Write acme/shop in the configuration."
    assert "2 repositories are selected" in said(found)


def test_a_wrong_token_is_the_only_problem(sandbox: Sandbox) -> None:
    (problem,) = check(sandbox, "ghp_wrong")
    assert (problem.level, problem.where) == ("error", "github")
    assert "MDPC_CONNECTORS__GITHUB__TOKEN" in problem.next_step


def test_scopes_that_do_not_write_are_an_error_only_for_a_writer(sandbox: Sandbox) -> None:
    assert "scopes do not let mdpc write" in said(check(sandbox, "ghp_none"), "error")
    assert "scopes" not in said(check(sandbox, "ghp_none", access="read"), "error")
    assert "public repositories alone" in said(check(sandbox, "ghp_public"))


def test_a_role_that_does_not_write_is_an_error_only_for_a_writer(sandbox: Sandbox) -> None:
    errors = said(check(sandbox, "github_pat_reader"), "error")
    assert "the account may not write in acme/api, acme/web. Give the account the role Write" in errors
    assert said(check(sandbox, "github_pat_reader", access="read"), "error") == ""


def test_a_fine_grained_token_is_told_what_nobody_can_ask(sandbox: Sandbox) -> None:
    assert "a fine-grained token itself may write cannot be asked" in said(check(sandbox, "github_pat_fine"))


def test_a_workflows_token(sandbox: Sandbox) -> None:
    facts = said(check(sandbox, "ghs_action"))
    assert "issues: write" in facts
    assert "GITHUB_TOKEN" in facts


def test_without_a_token(sandbox: Sandbox) -> None:
    writer = check(sandbox, None)
    assert "nothing can be written. Set MDPC_CONNECTORS__GITHUB__TOKEN" in said(writer, "error")
    assert "2 repositories are selected" in said(writer)
    reader = check(sandbox, None, access="read")
    assert said(reader, "error") == ""
    assert "only public repositories can be read" in said(reader, "warn")


@pytest.mark.parametrize("token", ["ghp_all", None])
def test_without_graphql_review_gates_are_told_not_to_work(token: str | None) -> None:
    with Sandbox(SEED, graphql=False) as running:
        facts = said(check(running, token))
    assert "does not tell who edited a comment, as review gates need" in facts


def test_few_requests_left_are_a_warning(sandbox: Sandbox) -> None:
    viewer = sandbox.github.access.viewer("ghp_all")
    assert viewer is not None
    viewer.core.used = 4900
    warned = said(check(sandbox, "ghp_all"), "warn")
    assert "of 5000 REST requests are left until" in warned
    assert "use a GitHub App" in warned


def test_what_is_not_there_is_an_error_or_a_warning_where_optional(sandbox: Sandbox) -> None:
    found = check(sandbox, "ghp_all", scope=Scope(members=("acme/nothing", "acme/maybe")), optional=["acme/may*"])
    assert "github:acme/nothing: It is not there" in said(found, "error")
    assert "github:acme/maybe: It is not there" in said(found, "warn")


def test_nothing_selected_is_a_warning(sandbox: Sandbox) -> None:
    assert "no repository is selected" in said(check(sandbox, "ghp_all", repositories=[]), "warn")


def test_a_server_that_is_down_is_told() -> None:
    with Sandbox(SEED) as gone:
        one = connector(url=gone.github_url, token="ghp_all")
    (problem,) = one.preflight(Scope())
    assert problem.level == "error"
    assert "cannot be reached" in problem.what


def test_no_milestone_is_read(sandbox: Sandbox) -> None:
    check(sandbox, "ghp_all")
    assert not any("milestones" in entry.path + entry.sent for entry in sandbox.log.entries)
