"""The home is changed in the configuration: the issue stays where it was made, and what guards it is never given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mdpc import run
from mdpc.changes import Plan
from mdpc.coordination import IssueReading, IssueScope
from mdpc.exits import FINE, INCOMPLETE, FailOn, exit_status
from mdpc.model import Unread
from mdpc.plan import Request
from tests.core.build import NOW
from tests.core.test_gates_in_step import RELEASE, company
from tests.core.test_in_step import Company
from tests.memory_issues import HeldIssue
from tests.memory_tracker import Held

DUE = date(2027, 1, 1)
ALL = ("github:acme/api", "github:acme/web", "jira:API")
WITHOUT_WEB = ("github:acme/api", "jira:API")


def program(home: str, members: tuple[str, ...] = ALL) -> dict[str, Any]:
    return {"name": "platform", "members": [{"ref": ref} for ref in members], "home": home}


class Move:
    """A milestone in acme/api and API whose issue is in acme/web, where bob has approved it."""

    def __init__(self) -> None:
        self.gates = [{**RELEASE, "approvals": 1, "reviewers": ["bob", "@carol-gh"], "waivers_by": []}]
        self.acme: Company = company(programs=[program("github:acme/web")], gates=self.gates)
        self.held: Held = self.acme.github.add("acme/api", "v1.0", due=DUE)
        self.acme.jira.add("API", "v1.0", due=DUE)
        self.acme.settled()
        self.issue: HeldIssue = self.acme.github.desk.one("acme/web")
        self.acme.github.desk.say(self.issue, "bob-gh", "/approve release-review")
        self.acme.settled()

    def to(self, home: str, members: tuple[str, ...] = ALL) -> None:
        """The configuration says another home."""
        self.acme.settings = company(programs=[program(home, members)], gates=self.gates).settings

    def issues(self) -> list[str]:
        """Where there are issues."""
        desks = (self.acme.github.desk, self.acme.jira.desk)
        return [name for desk in desks for name, held in desk.issues.items() for _ in held]

    def state(self, plan: Plan) -> str:
        (milestone,) = plan.milestones
        return milestone.gates[0].state

    def forget(self) -> None:
        acme = self.acme
        found = run.forget(acme.settings, acme.connectors, Request("forget", NOW, ("platform/1.0",)))
        run.sync(found, acme.connectors, lambda _: None)


@pytest.mark.parametrize("home", ["github:acme/api", "jira:API"])
def test_an_issue_that_can_be_read_stays_and_that_is_said(home: str) -> None:
    move = Move()
    move.to(home)
    plan = move.acme.settled()
    assert (move.state(plan), move.issues()) == ("approved", ["acme/web"])
    (said,) = plan.withheld
    assert said.what == "a coordination issue of platform/1.0 in its home"
    assert said.why.startswith(f"github:acme/web#issue-{move.issue.number} is its issue, from when the home was there")
    assert f"to have one in {home} instead, delete" in said.why
    assert exit_status(plan, FailOn.NEVER) == FINE


def test_logins_are_still_those_of_where_the_issue_is() -> None:
    move = Move()
    move.to("jira:API")
    move.acme.github.desk.say(move.issue, "carol-gh", "/reject release-review not yet")
    assert move.state(move.acme.settled()) == "rejected"


def test_with_the_home_where_the_issue_is_nothing_is_said() -> None:
    move = Move()
    move.to("github:acme/api")
    move.acme.settled()
    move.to("github:acme/web")
    assert move.acme.settled().withheld == ()


def test_one_that_is_deleted_is_made_in_the_new_home() -> None:
    move = Move()
    move.to("github:acme/api")
    move.acme.settled()
    move.acme.github.desk.issues.clear()
    plan = move.acme.sync()
    assert "memory-lost" in [finding.rule for finding in plan.findings]
    assert (move.issues(), move.acme.plan().withheld) == (["acme/api"], ())


def not_listed(acme: Company) -> Callable[[], None]:
    acme.github.boxes["acme/web"].listed = False

    def repair() -> None:
        acme.github.boxes["acme/web"].listed = True

    return repair


def not_readable(acme: Company) -> Callable[[], None]:
    acme.github.boxes["acme/web"].readable = False

    def repair() -> None:
        acme.github.boxes["acme/web"].readable = True

    return repair


def without_issues(acme: Company) -> Callable[[], None]:
    read = acme.github.read_issues

    def broken(scope: IssueScope) -> IssueReading:
        kept = replace(scope, known=tuple(ref for ref in scope.known if ref.container.name != "acme/web"))
        return replace(read(kept), unread=(Unread("github:acme/web", "it was down"),))

    acme.github.read_issues = broken  # type: ignore[method-assign]

    def repair() -> None:
        acme.github.read_issues = read  # type: ignore[method-assign]

    return repair


HINDRANCES = [not_listed, not_readable, without_issues]


@pytest.mark.parametrize("hinder", HINDRANCES)
def test_while_the_old_home_is_not_read_nothing_is_made_in_the_new_one(
    hinder: Callable[[Company], Callable[[], None]],
) -> None:
    move = Move()
    repair = hinder(move.acme)
    move.to("github:acme/api", WITHOUT_WEB)
    move.held.closed = True
    for _ in range(2):
        plan = move.acme.sync()
        assert plan.changes == ()
        assert "github:acme/web" in [entry.container for entry in plan.unread]
        assert exit_status(plan, FailOn.NEVER) == INCOMPLETE
    assert move.issues() == ["acme/web"]
    repair()
    assert move.state(move.acme.settled()) == "approved"
    assert move.issues() == ["acme/web"]
    assert move.held.closed


def test_what_to_do_is_said_and_works() -> None:
    move = Move()
    not_listed(move.acme)
    move.to("github:acme/api", WITHOUT_WEB)
    (said,) = move.acme.plan().unread
    assert f"its coordination issue github:acme/web#issue-{move.issue.number} was not read" in said.why
    assert "run `mdpc forget --only 'platform/1.0'` and then `mdpc sync`" in said.why
    move.forget()
    assert move.state(move.acme.settled()) == "pending"
    assert sorted(move.issues()) == ["acme/api", "acme/web"]


def test_without_coordination_issues_nobody_misses_one() -> None:
    move = Move()
    not_listed(move.acme)
    tables = {"programs": [program("github:acme/api", WITHOUT_WEB)], "gates": [], "writeback": {"issue": "never"}}
    move.acme.settings = company(**tables).settings
    assert move.acme.settled().unread == ()
