"""Review gates over trackers in memory: closing, reopening, approving, and nothing in between."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.core.test_in_step import PLATFORM, ROOMY, Company
from tests.memory_tracker import Held

PEOPLE = {
    "alice": {"logins": {"github": "alice-gh", "jira": "alice-j"}},
    "bob": {"logins": {"github": "bob-gh", "jira": "bob-j"}},
    "carol": {"logins": {"github": "carol-gh", "jira": "carol-j"}},
}
RELEASE = {
    "name": "release-review",
    "reviewers": ["alice", "bob", "carol"],
    "approvals": 2,
    "on_bypass": "reopen",
    "waivers_by": ["carol"],
}


def company(**tables: Any) -> Company:
    """One program of two repositories and a Jira project, GitHub leading, with a gate at the close."""
    defaults: dict[str, Any] = {
        "programs": [{**PLATFORM, "home": "github:acme/api"}],
        "sync": {"fields": {"state": "github"}},
        "people": PEOPLE,
        "gates": [RELEASE],
    }
    return Company(**{**defaults, "limits": ROOMY, **tables})


def test_what_is_closed_without_review_is_opened_again_and_carried_once_it_is_approved() -> None:
    acme = company()
    held = acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    version = acme.jira.add("API", "v1.0", due=date(2027, 1, 1))
    acme.settled()
    issue = acme.github.desk.one("acme/api")
    assert len(issue.comments) == 1
    held.closed = True
    plan = acme.plan()
    assert [m.bypass.gates for m in plan.milestones if m.bypass] == [("release-review",)]
    acme.settled()
    assert not held.closed
    assert not version.closed
    assert len(issue.comments) == 2, [c.body for c in issue.comments]
    for _ in range(3):
        assert acme.sync().changes == ()
    acme.github.desk.say(issue, "bob-gh", "/approve release-review")
    acme.github.desk.say(issue, "carol-gh", "/approve release-review")
    acme.settled()
    held.closed = True
    acme.settled()
    assert held.closed
    assert version.closed
    assert issue.closed
    assert len(issue.comments) == 4
    held.closed = False
    acme.settled()
    assert not issue.closed
    assert not version.closed


def approved() -> tuple[Company, Held, Held]:
    """A company whose milestone, on GitHub and in Jira, has passed its gate."""
    acme = company()
    held = acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    version = acme.jira.add("API", "v1.0", due=date(2027, 1, 1))
    acme.settled()
    issue = acme.github.desk.one("acme/api")
    for login in ("bob-gh", "carol-gh"):
        acme.github.desk.say(issue, login, "/approve release-review")
    return acme, held, version


def test_a_date_that_is_changed_together_with_the_closing_is_the_actual_one_and_voids_nothing() -> None:
    acme, held, version = approved()
    held.due, held.closed = date(2026, 12, 30), True
    acme.settled()
    assert held.closed
    assert version.closed
    assert version.due == date(2027, 1, 1)


def test_a_date_that_a_run_saw_moved_before_the_closing_voids_what_was_approved() -> None:
    acme, held, version = approved()
    held.due = date(2026, 12, 30)
    acme.settled()
    held.closed = True
    acme.settled()
    assert not held.closed
    assert not version.closed


def test_closing_the_record_with_the_earlier_date_is_no_replan() -> None:
    acme = company(
        sync={"fields": {"due": "report", "state": "report"}}, gates=[{**RELEASE, "void_on": ["due"], "approvals": 1}]
    )
    api = acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    web = acme.github.add("acme/web", "v1.0", due=date(2027, 2, 1))
    acme.settled()
    acme.github.desk.say(acme.github.desk.one("acme/api"), "bob-gh", "/approve release-review")
    api.closed = True
    acme.settled()
    assert [gate.state for gate in acme.plan().milestones[0].gates] == ["approved"]
    web.closed = True
    acme.settled()
    assert web.closed
    assert api.closed


def test_closing_a_record_does_not_hide_that_the_other_date_was_moved() -> None:
    acme = company(
        sync={"fields": {"due": "report", "state": "report"}}, gates=[{**RELEASE, "void_on": ["due"], "approvals": 1}]
    )
    api = acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    web = acme.github.add("acme/web", "v1.0", due=date(2027, 2, 1))
    acme.settled()
    acme.github.desk.say(acme.github.desk.one("acme/api"), "bob-gh", "/approve release-review")
    api.closed, web.due = True, date(2027, 9, 1)
    acme.settled()
    assert [gate.state for gate in acme.plan().milestones[0].gates] == ["void"]


def test_what_was_closed_while_nothing_was_opened_again_stays_closed() -> None:
    acme = company(gates=[{**RELEASE, "on_bypass": "report"}])
    held = acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    acme.settled()
    held.closed = True
    acme.settled()
    acme.settings = company().settings
    found = acme.settled()
    assert held.closed
    assert [each.bypass.gates for each in found.milestones if each.bypass] == [("release-review",)]
    held.closed = False
    acme.settled()
    held.closed = True
    acme.settled()
    assert not held.closed


def test_a_gate_that_comes_later_says_nothing_of_what_was_accepted() -> None:
    acme = company(gates=[{**RELEASE, "approvals": 1}])
    held = acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    acme.settled()
    acme.github.desk.say(acme.github.desk.one("acme/api"), "bob-gh", "/approve release-review")
    held.closed = True
    acme.settled()
    acme.settings = company(gates=[{**RELEASE, "approvals": 1}, {**RELEASE, "name": "security"}]).settings
    assert acme.plan().changes == ()
    held.closed = False
    acme.settled()
    assert [gate.name for gate in acme.plan().milestones[0].gates] == ["release-review", "security"]
