from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mdpc.connector import Problem, Rights, Use
from mdpc.model import Scope
from mdpc_github.rights import is_called_a_bot
from mdpc_sandbox.server import Sandbox
from tests.github.helpers import connector
from tests.preflighted import names, problems_in, rights_in

TOKENS = [
    {"value": "ghp_all", "login": "bot", "kind": "classic", "scopes": ["repo", "read:org"]},
    {"value": "ghp_public", "login": "bot", "kind": "classic", "scopes": ["public_repo"]},
    {"value": "ghp_poor", "login": "bot", "kind": "classic", "scopes": ["read:org"], "push": []},
    {"value": "github_pat_fine", "login": "bot"},
    {"value": "github_pat_reader", "login": "reader", "push": []},
    {"value": "ghp_much", "login": "acme-bot", "kind": "classic", "scopes": ["repo", "delete_repo", "user:email"]},
    {"value": "ghp_admin", "login": "alice", "kind": "classic", "role": "admin"},
    {"value": "ghp_admin_bot", "login": "acme-bot", "kind": "classic", "role": "admin"},
    {"value": "ghp_triage", "login": "alice", "kind": "classic", "role": "triage"},
    {"value": "ghs_action", "login": "github-actions[bot]", "kind": "actions", "repositories": ["acme/api"]},
]
SEED = {
    "github": {
        "tokens": TOKENS,
        "repositories": [
            {"name": "acme/api", "private": True},
            {"name": "acme/web"},
            {"name": "acme/old", "archived": True},
        ],
    }
}


@pytest.fixture(params=[True, False], ids=["graphql", "rest"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(SEED, graphql=request.param) as running:
        yield running


def check(sandbox: Sandbox, token: str | None, scope: Scope | None = None, **changed: Any) -> list[Problem]:
    return problems_in(found_by(sandbox, token, scope, **changed))


def found_by(sandbox: Sandbox, token: str | None, scope: Scope | None = None, **changed: Any) -> list[Problem | Rights]:
    """What preflight found, held to what it always keeps: no write, and a next step for each error."""
    given = {"url": sandbox.github_url, "token": token, "repositories": ["acme/*"]} | changed
    found = connector(**given).preflight(scope or Scope())
    problems = problems_in(found)
    assert not sandbox.log.writes()
    assert all(problem.next_step.endswith(".") for problem in problems if problem.next_step)
    assert all(problem.next_step or problem.what.endswith(".") for problem in problems if problem.level == "error")
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


HOME = Scope(uses=lambda _: frozenset({Use.READ, Use.WRITE, Use.ISSUES}), teams=("acme/leads",))
"""Where every repository is a home, and a team reviews."""


def rights_of(sandbox: Sandbox, token: str | None, scope: Scope | None = None, **changed: Any) -> dict[str, Rights]:
    return rights_in(found_by(sandbox, token, scope, **changed))


def test_scopes_that_do_not_write_are_an_error_only_for_a_writer(sandbox: Sandbox) -> None:
    assert "scope public_repo and role Write are missing" in said(check(sandbox, "ghp_poor"), "error")
    assert said(check(sandbox, "ghp_poor", access="read"), "error") == ""
    assert names(rights_of(sandbox, "ghp_public")["github:acme/web"].there) == ["scope public_repo", "role Write"]


def test_a_scope_for_private_repositories_is_too_much_where_all_are_public(sandbox: Sandbox) -> None:
    assert rights_of(sandbox, "ghp_all")["github:acme/api"].dangerous == ()
    found = found_by(sandbox, "ghp_all", repositories=["acme/web"])
    told = rights_in(found)["github:acme/web"]
    assert names(told.there) == ["scope public_repo", "role Write"]
    assert names(told.dangerous) == ["scope repo"]
    assert "scope repo is more than needed" in said(problems_in(found), "warn")


def test_dangerous_scopes_are_a_warning_and_others_a_fact(sandbox: Sandbox) -> None:
    more = rights_of(sandbox, "ghp_much")["github:acme/api"].more
    assert [(right.name, right.level) for right in more] == [
        ("scope delete_repo", "warn"),
        ("scope user:email", "info"),
    ]
    found = check(sandbox, "ghp_much")
    assert said(found, "error") == ""
    assert "scope delete_repo is more than needed. Take away what is not needed" in said(found, "warn")


def test_a_team_that_reviews_asks_for_its_own_scope(sandbox: Sandbox) -> None:
    assert "scope read:org" in names(rights_of(sandbox, "ghp_all", HOME)["github:acme/api"].there)
    assert names(rights_of(sandbox, "ghp_all")["github:acme/api"].more) == ["scope read:org"]
    warned = said(check(sandbox, "ghp_admin", HOME), "warn")
    assert "scope read:org is missing (who is in a team that reviews). Give it to the token, or list" in warned


def test_a_role_that_does_not_write_is_an_error_only_for_a_writer(sandbox: Sandbox) -> None:
    errors = said(check(sandbox, "github_pat_reader"), "error")
    assert errors.startswith("github:acme/api and 1 more: role Write is missing (milestones: status, title, due date).")
    assert "Give the account the role Write, or set access" in errors
    assert said(check(sandbox, "github_pat_reader", access="read"), "error") == ""


def test_triage_closes_issues_and_writes_no_milestone(sandbox: Sandbox) -> None:
    told = rights_of(sandbox, "ghp_triage")["github:acme/api"]
    assert (names(told.missing), names(told.unknown)) == (["role Write"], [])
    assert told.missing[0].level == "error"
    reading = rights_of(sandbox, "ghp_triage", access="read")["github:acme/api"]
    assert (names(reading.there)[-1], reading.missing) == ("role Read", ())


def test_whoever_only_reads_needs_no_role_that_writes(sandbox: Sandbox) -> None:
    more = rights_of(sandbox, "github_pat_fine", access="read")["github:acme/api"].more
    assert [(right.name, right.level) for right in more] == [("role Write", "info")]
    persons = rights_of(sandbox, "ghp_admin", access="read")["github:acme/web"].more
    assert ("role Admin", "info") in [(right.name, right.level) for right in persons]


def test_a_role_above_is_a_fact_of_a_person_and_a_warning_of_a_bot(sandbox: Sandbox) -> None:
    (persons,) = rights_of(sandbox, "ghp_admin")["github:acme/api"].more
    (bots,) = rights_of(sandbox, "ghp_admin_bot")["github:acme/api"].more
    assert (persons.name, persons.level) == ("role Admin", "info")
    assert (bots.name, bots.level) == ("role Admin", "warn")


@pytest.mark.parametrize(
    ("login", "bot"),
    [
        ("acme-bot", True),
        ("bot", True),
        ("mdpc[bot]", True),
        ("robot-7", True),
        ("abbott", False),
        ("botticelli", False),
        ("alice", False),
    ],
)
def test_whose_name_is_a_bots(login: str, bot: bool) -> None:
    assert is_called_a_bot(login) is bot


def test_a_person_hears_nothing_of_what_is_written_as_them(sandbox: Sandbox) -> None:
    assert "writes as alice, whom GitHub notifies of nothing" in said(check(sandbox, "ghp_admin"))
    assert "notifies" not in said(check(sandbox, "ghp_admin", access="read"))
    assert "notifies" not in said(check(sandbox, "ghp_all"))  # called bot


def test_a_fine_grained_token_is_told_what_nobody_can_ask(sandbox: Sandbox) -> None:
    told = rights_of(sandbox, "github_pat_fine", HOME)["github:acme/api"]
    assert names(told.unknown) == ["Metadata: read", "Issues: write", "Members: read"]
    assert names(told.there) == ["role Write"]
    assert (told.missing, told.more) == ((), ())
    reading = rights_of(sandbox, "github_pat_fine", access="read")["github:acme/api"]
    assert names(reading.unknown) == ["Metadata: read", "Issues: read"]


@pytest.mark.parametrize(("token", "told"), [("github_pat_fine", True), ("ghs_action", True), ("ghp_all", False)])
def test_that_github_does_not_tell_rights_is_said(sandbox: Sandbox, token: str, told: bool) -> None:
    assert ("GitHub does not tell what this token may do" in said(check(sandbox, token))) is told


def test_a_workflows_token(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")  # REST alone does not tell whose token it is
    found = found_by(sandbox, "ghs_action", HOME)
    problems, told = problems_in(found), rights_in(found)
    facts = said(problems)
    assert "by a workflow's token (GITHUB_TOKEN)" in facts
    own = told["github:acme/api"]
    assert names(own.unknown) == ["issues: write in `permissions:`"]
    assert names(own.missing) == ["Members: read"]
    beyond = told["github:acme/web"]
    assert names(beyond.missing) == ["Issues: write"]
    assert "reaches its own repository alone" in beyond.missing[0].why
    assert "github:acme/web: Issues: write is missing" in said(problems, "error")
    for limit in ("every workflow of the repository writes as this account", "starts no workflow", "1,000 REST"):
        assert limit in facts
    assert "a workflow's token reaches its own repository alone, and therefore not acme/web. Use a GitHub App" in facts
    reading = found_by(sandbox, "ghs_action", access="read")
    assert said(problems_in(reading), "error") == ""
    assert "starts no workflow" not in said(problems_in(reading))


def test_what_a_workflows_token_does_not_reach_is_named(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    hidden = [f"acme/hidden-{n}" for n in range(4)]
    problems = check(sandbox, "ghs_action", Scope(members=tuple(hidden)), access="read", repositories=["acme/api"])
    lost = [problem for problem in problems if problem.level == "error"]
    assert [problem.where for problem in lost] == [f"github:{name}" for name in hidden]
    assert "the token may not see it" in lost[0].what
    assert {problem.next_step for problem in lost} == {
        "Check the name, or use a GitHub App: a workflow's token reaches its own repository alone."
    }
    assert "and therefore not acme/hidden-0, acme/hidden-1, acme/hidden-2 and 1 more" in said(problems)
    own = check(sandbox, "ghs_action", repositories=["acme/api"])
    assert "reaches its own repository alone. " in said(own)


def test_without_a_token(sandbox: Sandbox) -> None:
    writer = check(sandbox, None)
    assert "github:acme/web: a token is missing" in said(writer, "error")
    assert "Set MDPC_CONNECTORS__GITHUB__TOKEN or GITHUB_TOKEN, or set access" in said(writer, "error")
    assert "1 repository is selected" in said(writer)
    reader = check(sandbox, None, access="read")
    assert said(reader, "error") == ""
    assert "only public repositories can be read" in said(reader, "warn")


@pytest.mark.parametrize(
    ("token", "requests"),
    [
        ("ghp_all", 3),  # the account, the limits with the scopes, the repositories
        ("github_pat_fine", 3),
        ("ghs_action", 4),  # which of the public repositories is its own, besides
    ],
)
def test_rights_cost_no_request_but_where_nothing_else_tells(token: str, requests: int) -> None:
    with Sandbox(SEED) as running:
        found_by(running, token, HOME)
        assert running.log.count("github") == requests


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
    (problem,) = problems_in(one.preflight(Scope()))
    assert problem.level == "error"
    assert "cannot be reached" in problem.what


def test_no_milestone_is_read(sandbox: Sandbox) -> None:
    check(sandbox, "ghp_all")
    assert not any("milestones" in entry.path + entry.sent for entry in sandbox.log.entries)
