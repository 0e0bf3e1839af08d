"""The noise budget over trackers in memory: nobody is mentioned too often in a week, and nothing is lost."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from mdpc import run
from mdpc.changes import Plan
from mdpc.plan import Request
from tests.core.test_digest import planned, send
from tests.core.test_in_step import ROOMY, Company, killed_at
from tests.memory_issues import HeldComment, HeldIssue

MONDAY = date(2026, 11, 23)
STEPS = [
    {"at": "+1d", "to": ["owner"]},
    {"at": "+3d", "to": ["owner", "owner.manager"]},
    {"at": "+8d", "to": ["owner.manager", "stakeholders"]},
]
TEAM = [f"p{number:02}" for number in range(30)]
PEOPLE: dict[str, dict[str, Any]] = {
    name: {"logins": {"github": f"{name}-gh"}, "manager": TEAM[number // 6]}
    if number >= 5
    else {"logins": {"github": f"{name}-gh"}}
    for number, name in enumerate(TEAM)
}
PROGRAMS = [
    {"name": name, "members": [{"ref": f"github:acme/{name}"}], "stakeholders": ["p01", "p02"]}
    for name in ("api", "web")
]
TITLE = re.compile(r"\[(v\d+)\]\(")


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


class Department:
    """Two programs of one department, a ladder, a digest on Mondays, and a noise budget."""

    def __init__(self, most: int | None, **tables: Any) -> None:
        budget = {} if most is None else {"per_person_per_week": most}
        defaults: dict[str, Any] = {
            "programs": PROGRAMS,
            "people": PEOPLE,
            "escalation": {"steps": STEPS, **budget},
            "digest": {"every": "monday", "to": ["stakeholders"]},
            "writeback": {"dashboard": True},
            "limits": {**ROOMY, "comments": 1000},
        }
        self.acme = Company(**{**defaults, **tables})
        self.day = MONDAY - timedelta(days=3)

    def add(self, count: int) -> None:
        """So many milestones of both programs, owned in turn, due around the first Monday."""
        for number in range(count):
            due = MONDAY + timedelta(days=number % 3)
            owner = TEAM[5 + number % 25]
            self.acme.github.add(
                f"acme/{('api', 'web')[number % 2]}", f"v{number}", due=due, description=f"Owner: @{owner}-gh"
            )

    def begin(self, day: date) -> datetime:
        """A day begins."""
        self.day = day
        self.acme.github.desk.clock = max(self.acme.github.desk.clock, at(day))
        return at(day)

    def pass_(self, days: int, first: date = MONDAY - timedelta(days=3)) -> list[Plan]:
        """So many days with a run on each, and the digest on Mondays."""
        plans = []
        for number in range(days):
            now = self.begin(first + timedelta(days=number))
            plans.append(self.acme.settled(now))
            send(self.acme, now)
        return plans

    @property
    def issues(self) -> list[HeldIssue]:
        """All issues of both programs."""
        return [issue for box in self.acme.github.desk.issues.values() for issue in box.values()]

    def notices(self) -> list[tuple[HeldIssue, HeldComment]]:
        """Every notice so far."""
        return [(issue, each) for issue in self.issues for each in issue.comments if "mdpc:notice" in each.body]

    def mentions(self) -> Counter[tuple[str, int]]:
        """How many notices mention whom in which week."""
        return Counter(
            (login, comment.at.isocalendar().week)
            for _, comment in self.notices()
            for login in re.findall(r"@([\w-]+)", comment.body.partition(": ")[0])
        )

    def told(self) -> set[tuple[str, str]]:
        """Who heard of which milestone by a notice, once for each."""
        return {
            (issue.title.removeprefix("Milestone: "), login)
            for issue, comment in self.notices()
            for login in re.findall(r"@([\w-]+)", comment.body.partition(": ")[0])
        }

    def left_to_digests(self) -> Counter[tuple[str, str, str]]:
        """Which step of which milestone a digest told whom instead."""
        found: Counter[tuple[str, str, str]] = Counter()
        for text in (each.body for issue in self.issues for each in issue.comments if "mdpc:digest" in each.body):
            for line in text.partition("Not told at the time")[2].splitlines():
                if (title := TITLE.search(line)) and (step := re.search(r"step `(\+\d+d)`", line)):
                    who = line.removeprefix("- ").partition(": step")[0]
                    found.update((title[1], step[1], login) for login in re.findall(r"`([\w-]+)`", who))
        return found

    def sent(self, plans: list[Plan]) -> Counter[tuple[str, str, str]]:
        """Which step of which milestone mentioned whom, as the plans say."""
        return Counter(
            (each.milestone.partition("/")[2], each.step, f"{who.removeprefix('person:')}-gh")
            for plan in plans
            for each in plan.notices
            for who in each.to
        )


def versions(found: Counter[tuple[str, str, str]]) -> Counter[tuple[str, str, str]]:
    """The same with keys for titles."""
    return Counter({(title.removeprefix("v"), step, who): count for (title, step, who), count in found.items()})


@pytest.mark.long
@pytest.mark.parametrize("most", [2])
def test_a_team_of_thirty_with_sixty_overdue_milestones_is_not_flooded_and_nothing_is_lost(most: int) -> None:
    free, tight = Department(None), Department(most)
    for department in (free, tight):
        department.add(60)
    expected = free.sent(free.pass_(25))
    assert max(free.mentions().values()) > 2 * most
    sent = tight.sent(tight.pass_(25))
    assert max(tight.mentions().values()) == most
    assert sum(sent.values()) == sum(tight.mentions().values())
    later = versions(tight.left_to_digests())
    assert set(later.values()) == {1}
    assert sent + later == expected


def test_the_most_urgent_notices_of_everybody_go_through() -> None:
    office = Department(1)
    api = office.acme.github
    for name, due in (("younger", MONDAY), ("older", MONDAY - timedelta(days=7)), ("oldest", MONDAY)):
        api.add("acme/api", name, due=due, description="Owner: @p05-gh")
    first = office.begin(MONDAY - timedelta(days=8))
    office.acme.settled(first)
    (plan,) = office.pass_(1, MONDAY + timedelta(days=1))
    assert [(each.milestone, each.step, each.to) for each in plan.notices] == [
        ("api/older", "+8d", ("person:p00", "person:p01", "person:p02")),
        ("api/oldest", "+1d", ("person:p05",)),
    ]
    assert [entry.what for entry in plan.withheld] == ["step +1d of api/younger for p05"]
    assert "per_person_per_week = 1 is reached in this week. The next digest tells of it" in plan.withheld[0].why


def test_what_is_held_back_wholly_makes_no_issue_and_is_not_sent_later() -> None:
    office = Department(1)
    for name in ("one", "two"):
        office.acme.github.add("acme/api", name, due=MONDAY, description="Owner: @p05-gh")
    office.pass_(5)
    assert [issue.title for issue, _ in office.notices()] == ["Milestone: one"]
    assert {issue.title for issue in office.issues} == {"Milestones of api", "Milestone: one"}
    plans = office.pass_(4, MONDAY + timedelta(days=2))
    assert [(each.milestone, each.step, each.to) for plan in plans for each in plan.notices] == [
        ("api/one", "+3d", ("person:p00",))
    ]


def test_of_a_notice_only_those_are_mentioned_who_can_bear_it() -> None:
    office = Department(1)
    office.acme.github.add("acme/api", "one", due=MONDAY, description="Owner: @p05-gh")
    office.acme.github.add("acme/web", "two", due=MONDAY - timedelta(days=2), description="Owner: @p05-gh")
    office.pass_(5)
    found = {issue.title: comment.body.partition(":")[0] for issue, comment in office.notices()}
    assert found == {"Milestone: two": "@p05-gh, @p00-gh"}


def test_the_next_week_has_a_budget_of_its_own() -> None:
    office = Department(1)
    for number, name in enumerate(("one", "two")):
        due = MONDAY + timedelta(days=7 * number)
        office.acme.github.add("acme/api", name, due=due, description="Owner: @p05-gh")
    office.pass_(13)
    first = [(issue.title, comment.at.date()) for issue, comment in office.notices()]
    assert ("Milestone: one", MONDAY + timedelta(days=1)) in first
    assert ("Milestone: two", MONDAY + timedelta(days=8)) in first


def test_a_milestone_that_is_done_meanwhile_is_told_of_all_the_same() -> None:
    office = Department(1)
    office.acme.github.add("acme/api", "v1", due=MONDAY, description="Owner: @p05-gh")
    second = office.acme.github.add("acme/api", "v2", due=MONDAY, description="Owner: @p05-gh")
    office.pass_(5)
    second.closed = True
    office.pass_(9, MONDAY + timedelta(days=2))
    assert office.left_to_digests()["v2", "+1d", "p05-gh"] == 1


@pytest.mark.parametrize("number", range(8))
def test_killed_after_any_write_nothing_is_lost_and_nobody_hears_too_much(number: int) -> None:
    office = Department(1, programs=[PROGRAMS[0]])
    for name in ("v1", "v2"):
        office.acme.github.add("acme/api", name, due=MONDAY - timedelta(days=2), description="Owner: @p05-gh")
    office.acme.github.add("acme/api", "v3", due=MONDAY, description="Owner: @p05-gh")
    office.acme.settled(office.begin(MONDAY - timedelta(days=2)))
    now = office.begin(MONDAY + timedelta(days=1))
    killed_at(number, office.acme, partial(office.acme.sync, now))
    office.acme.settled(now)
    office.pass_(6, MONDAY + timedelta(days=1))
    send(office.acme, office.begin(MONDAY + timedelta(days=7)))
    assert max(office.mentions().values()) == 1
    both = {(title, who) for title, _, who in office.left_to_digests()} | office.told()
    assert {(title, "p05-gh") for title in ("v1", "v2", "v3")} <= both
    assert {("v1", "p00-gh"), ("v2", "p00-gh")} <= both


def test_while_it_cannot_be_noted_nothing_is_sent_and_it_is_due_again() -> None:
    office = Department(1)
    for name in ("one", "two"):
        office.acme.github.add("acme/api", name, due=MONDAY, description="Owner: @p05-gh")
    office.acme.settled(office.begin(MONDAY - timedelta(days=2)))
    for issue in office.issues:
        office.acme.github.desk.issues["acme/api"].pop(issue.number)
    now = office.begin(MONDAY + timedelta(days=1))
    narrow = office.acme.plan(now, only=("api/one", "api/two"))
    assert [entry.why.rpartition(", ")[2] for entry in narrow.withheld] == ["and its dashboard cannot note it"]
    assert [each.milestone for each in narrow.notices] == ["api/one"]


def test_a_run_that_is_narrowed_notes_it_too() -> None:
    office = Department(1)
    for name in ("one", "two"):
        office.acme.github.add("acme/api", name, due=MONDAY, description="Owner: @p05-gh")
    office.acme.settled(office.begin(MONDAY - timedelta(days=2)))
    now = office.begin(MONDAY + timedelta(days=1))
    plan = run.plan(office.acme.settings, office.acme.connectors, Request("sync", now, ("api/*",)))
    run.sync(plan, office.acme.connectors, lambda _: None)
    assert [each.what for each in plan.withheld] == ["step +1d of api/two for p05"]
    assert office.acme.plan(now, only=("api/*",)).changes == ()
    assert office.acme.plan(now).notices == ()


def test_a_run_that_is_narrowed_forgets_nothing_of_the_others() -> None:
    office = Department(1)
    for name in ("one", "two", "three"):
        due = MONDAY + timedelta(days=name == "three")
        office.acme.github.add("acme/api", name, due=due, description="Owner: @p05-gh")
    office.pass_(5)
    now = office.begin(MONDAY + timedelta(days=2))
    plan = run.plan(office.acme.settings, office.acme.connectors, Request("sync", now, ("three",)))
    assert [each.what for each in plan.withheld] == ["step +1d of api/three for p05"]
    run.sync(plan, office.acme.connectors, lambda _: None)
    again = office.acme.plan(now)
    assert (again.notices, again.withheld) == ((), ())


@pytest.mark.parametrize("most", [1])
def test_the_simulation_foresees_the_same(most: int | None) -> None:
    office = Department(most)
    office.add(20)
    office.acme.settled(office.begin(MONDAY - timedelta(days=3)))
    first = MONDAY - timedelta(days=2)
    request = Request("simulate", at(first))
    _, foreseen = run.simulate(office.acme.settings, office.acme.connectors, request, first + timedelta(days=20))
    plans = office.pass_(21, first)
    said = sorted((plan.now.date(), each.milestone, each.step, each.to) for plan in plans for each in plan.notices)
    assert said == [
        (each.day, each.notice.milestone, each.notice.step, each.notice.to) for each in foreseen if each.notice.to
    ]
    held = [entry.what for plan in plans for entry in plan.withheld]
    assert len(held) == sum(bool(each.later) for each in foreseen)


def test_the_budget_counts_what_was_sent_before_it_was_set() -> None:
    office = Department(None)
    for name, due in (("one", MONDAY), ("two", MONDAY + timedelta(days=1))):
        office.acme.github.add("acme/api", name, due=due, description="Owner: @p05-gh")
    office.pass_(5)
    budgeted = office.acme.settings.escalation.model_copy(update={"per_person_per_week": 1})
    office.acme.settings = office.acme.settings.model_copy(update={"escalation": budgeted})
    (plan,) = office.pass_(1, MONDAY + timedelta(days=2))
    assert plan.notices == ()
    assert planned(office.acme, at(MONDAY + timedelta(days=2))).changes == ()
