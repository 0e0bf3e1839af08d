"""The ladder over trackers in memory: who hears what on which day, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from mdpc import run
from mdpc.plan import Request
from tests.core.test_gates_in_step import PEOPLE
from tests.core.test_in_step import PLATFORM, ROOMY, Company, killed_at
from tests.memory_issues import HeldIssue

TEAM: dict[str, dict[str, Any]] = {
    "alice": {**PEOPLE["alice"], "manager": "carol"},
    "bob": PEOPLE["bob"],
    "carol": PEOPLE["carol"],
}
STEPS = [
    {"at": "-7d", "to": ["owner"]},
    {"at": "+1d", "to": ["owner"]},
    {"at": "+5d", "to": ["owner.manager"]},
    {"at": "+10d", "to": ["owner.manager", "stakeholders"]},
]
DUE = date(2026, 12, 10)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


class Office:
    """A milestone that alice owns, on GitHub alone, and a ladder."""

    def __init__(self, *, due: date | None = DUE, **tables: Any) -> None:
        defaults: dict[str, Any] = {
            "programs": [{**PLATFORM, "home": "github:acme/api", "stakeholders": ["bob"]}],
            "people": TEAM,
            "escalation": {"steps": STEPS},
            "limits": ROOMY,
        }
        self.acme = Company(**{**defaults, **tables})
        self.held = self.acme.github.add("acme/api", "v1.0", due=due, description="Owner: @alice-gh")

    @property
    def issue(self) -> HeldIssue | None:
        return next(iter(self.acme.github.desk.issues.get("acme/api", {}).values()), None)

    def notices(self) -> list[str]:
        """The first line of every notice so far."""
        comments = self.issue.comments if self.issue else []
        return [each.body.splitlines()[0] for each in comments if "mdpc:notice" in each.body]

    def run(self, day: date, times: int = 1) -> None:
        for _ in range(times):
            self.acme.github.desk.clock = max(self.acme.github.desk.clock, at(day))
            self.acme.settled(at(day))

    def days(self, first: date, count: int, times: int = 1) -> list[tuple[int, str]]:
        """Run on so many days; what was said, with the days from the due date on which it was."""
        said: list[tuple[int, str]] = []
        for number in range(count):
            day = first + timedelta(days=number)
            before = len(self.notices())
            self.run(day, times)
            said += [((day - DUE).days, line.partition(":")[0]) for line in self.notices()[before:]]
        return said


WHOLE = [(-7, "@alice-gh"), (1, "@alice-gh"), (5, "@carol-gh"), (10, "@carol-gh, @bob-gh")]


@pytest.mark.parametrize("times", [1, 3])
def test_each_step_is_sent_once_on_its_day(times: int) -> None:
    assert Office().days(date(2026, 11, 25), 30, times) == WHOLE


def test_without_a_step_there_is_no_issue() -> None:
    office = Office()
    office.run(date(2026, 11, 25))
    assert office.issue is None


def test_of_steps_that_were_missed_only_the_latest_is_sent() -> None:
    office = Office()
    office.run(date(2026, 11, 25))
    assert office.days(DUE + timedelta(days=7), 5) == [(7, "@carol-gh"), (10, "@carol-gh, @bob-gh")]


def test_a_first_run_over_an_old_backlog_is_quiet() -> None:
    office = Office()
    assert office.days(DUE + timedelta(days=20), 30) == []


def test_since_says_from_when_on() -> None:
    office = Office(escalation={"steps": STEPS, "since": date(2026, 12, 1)})
    assert office.days(DUE + timedelta(days=20), 3) == [(20, "@carol-gh, @bob-gh")]


def test_a_closed_milestone_is_left_in_peace() -> None:
    office = Office()
    office.days(date(2026, 12, 1), 10)
    office.held.closed = True
    assert office.days(DUE + timedelta(days=1), 20) == []


def test_a_date_that_is_moved_in_time_begins_anew() -> None:
    office = Office()
    assert office.days(DUE - timedelta(days=8), 3) == [(-7, "@alice-gh")]
    office.held.due = DUE + timedelta(days=30)
    assert office.days(DUE - timedelta(days=5), 40) == [(23, "@alice-gh"), (31, "@alice-gh")]


@pytest.mark.parametrize("moved", [date(2027, 2, 1), None])
def test_a_date_that_is_moved_once_it_has_passed_stops_nothing(moved: date | None) -> None:
    office = Office()
    office.days(DUE - timedelta(days=8), 10)
    office.held.due = moved
    assert office.days(DUE + timedelta(days=2), 20) == [(5, "@carol-gh"), (10, "@carol-gh, @bob-gh")]


LATE = {"steps": [{"at": "+5d", "to": ["owner"]}]}


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        ([(-3, None)], []),
        ([(2, None)], [(5, "@alice-gh")]),
        ([(2, DUE + timedelta(days=3))], [(5, "@alice-gh")]),
        ([(-3, None), (2, DUE + timedelta(days=4))], [(9, "@alice-gh")]),
        ([(-3, None), (-1, DUE)], [(5, "@alice-gh")]),
        ([(-3, None), (-1, DUE), (2, None)], [(5, "@alice-gh")]),
        ([(-3, None), (-2, DUE + timedelta(days=1)), (0, None)], []),
    ],
)
def test_before_there_is_an_issue_memory_knows_when_a_date_was_taken_away(
    moves: list[tuple[int, date | None]], said: list[tuple[int, str]]
) -> None:
    office = Office(escalation=LATE)
    found: list[tuple[int, str]] = []
    for number in range(-5, 20):
        for when, due in moves:
            if when == number:
                office.held.due = due
        found += office.days(DUE + timedelta(days=number), 1)
    assert found == said


@pytest.mark.parametrize(("until", "said"), [(2, [(25, "@alice-gh")]), (1, [(5, "@alice-gh")])])
def test_what_was_waived_when_a_date_was_moved_stays_accepted(until: int, said: list[tuple[int, str]]) -> None:
    last = DUE + timedelta(days=until)
    waiver = {"match": "*", "rules": ["overdue"], "until": last, "reason": "a new date is agreed"}
    office = Office(escalation=LATE, waivers=[waiver])
    office.days(DUE - timedelta(days=2), 4)
    office.held.due = DUE + timedelta(days=20)
    assert office.days(DUE + timedelta(days=2), 30) == said


def test_a_review_of_the_new_date_begins_anew() -> None:
    gate = {"name": "plan-review", "by": "-1d", "reviewers": ["bob"], "void_on": ["due"]}
    office = Office(gates=[gate])
    office.days(DUE - timedelta(days=8), 10)
    office.held.due = DUE + timedelta(days=40)
    office.run(DUE + timedelta(days=2))
    assert office.issue is not None
    office.acme.github.desk.say(office.issue, "bob-gh", "/approve plan-review")
    assert office.days(DUE + timedelta(days=3), 40) == [(33, "@alice-gh"), (41, "@alice-gh")]


def test_the_owner_may_ask_for_quiet_once() -> None:
    office = Office()
    office.days(DUE - timedelta(days=8), 10)
    assert office.issue is not None
    say = office.acme.github.desk.say
    say(office.issue, "mallory", "/snooze 2027-06-01 never mind")
    say(office.issue, "alice-gh", "/snooze 2026-12-24 on holiday")
    say(office.issue, "alice-gh", "/snooze 2027-06-01 longer")
    assert office.days(DUE + timedelta(days=2), 20) == [(14, "@carol-gh, @bob-gh")]


def test_asking_for_quiet_is_answered_where_it_gets_none_and_shown_where_it_does() -> None:
    office = Office()
    office.days(DUE - timedelta(days=8), 10)
    assert office.issue is not None
    say = office.acme.github.desk.say
    say(office.issue, "mallory", "/snooze 2027-06-01 never mind")
    say(office.issue, "alice-gh", "/snooze tomorrow")
    say(office.issue, "alice-gh", "/snooze 2026-12-24 on holiday")
    say(office.issue, "alice-gh", "> /snooze 2027-06-01 quoted")
    say(office.issue, "alice-gh", "/snooze 2027-06-01 longer")
    for days in (2, 3, 4):
        office.run(DUE + timedelta(days=days))
    answers = [each.body.partition("\n")[0] for each in office.issue.comments if "does not count" in each.body]
    assert answers == [
        "@mallory: this does not count, since only the owner of the milestone may ask for quiet.",
        "@alice-gh: this does not count, since it names no day, or no reason. "
        "Write /snooze, a day such as 2027-01-10, and why.",
        "@alice-gh: this does not count, since it is quiet until 2026-12-24 already, and once for each due date.",
    ]
    assert "The next reminder waits until 2026-12-24, as its owner asked." in office.issue.body
    assert office.days(DUE + timedelta(days=5), 20) == [(14, "@carol-gh, @bob-gh")]
    assert len([each for each in office.issue.comments if "does not count" in each.body]) == 3


def test_weekends_and_holidays_push_a_step_to_the_next_working_day() -> None:
    office = Office(escalation={"steps": [{"at": "+2d", "to": ["owner"]}], "workdays": True})
    assert office.days(DUE - timedelta(days=1), 10) == [(4, "@alice-gh")]  # Saturday becomes Monday
    table = {"steps": [{"at": "+15d", "to": ["owner"]}], "workdays": True, "holidays": "DE"}
    assert Office(escalation=table).days(DUE - timedelta(days=1), 30) == [(18, "@alice-gh")]  # 25 December


def test_who_is_away_is_stood_in_for() -> None:
    away = {**TEAM, "alice": {**TEAM["alice"], "away": ["2026-12-01/2026-12-31"], "delegate": "bob"}}
    assert Office(people=away).days(DUE - timedelta(days=8), 10) == [(-7, "@bob-gh"), (1, "@bob-gh")]


@pytest.mark.parametrize(
    ("erin", "told"),
    [
        ({"delegate": "bob"}, ["@bob-gh", "@bob-gh", "@carol-gh", "@carol-gh, @bob-gh"]),
        ({}, ["@carol-gh", "@carol-gh", "@carol-gh", "@carol-gh, @bob-gh"]),
    ],
)
def test_for_an_owner_who_has_left_their_delegate_hears(erin: dict[str, Any], told: list[str]) -> None:
    office = Office(people={**TEAM, "erin": {"logins": {"github": "erin-gh"}, "gone": True, "manager": "carol"} | erin})
    office.held.description = "Owner: @erin-gh"
    assert [who for _, who in office.days(DUE - timedelta(days=8), 20)] == told
    assert office.acme.plan(at(DUE)).milestones[0].owner is None


def test_whoever_owns_it_instead_hears_before_a_delegate() -> None:
    erin = {"logins": {"github": "erin-gh"}, "gone": True, "delegate": "bob"}
    office = Office(people={**TEAM, "erin": erin}, owners={"map": {"*": "alice"}})
    office.held.description = "Owner: @erin-gh"
    assert office.days(DUE - timedelta(days=8), 3) == [(-7, "@alice-gh")]


def test_two_people_may_stand_in_for_each_other_day_by_day() -> None:
    alice = {**TEAM["alice"], "away": ["2026-12-01/2026-12-31"], "delegate": "bob"}
    bob = {**TEAM["bob"], "away": ["2026-12-11/2026-12-31"], "delegate": "alice"}
    office = Office(people={**TEAM, "alice": alice, "bob": bob})
    assert office.days(DUE - timedelta(days=8), 10) == [(-7, "@bob-gh"), (1, "@carol-gh")]


def test_of_a_role_that_is_nobody_the_next_steps_people_hear() -> None:
    office = Office(people={**TEAM, "alice": {**TEAM["alice"], "away": ["2026-12-01/2026-12-31"]}})
    assert office.days(DUE - timedelta(days=8), 3) == [(-7, "@carol-gh")]


def simulate(office: Office, first: date, last: date) -> list[tuple[date, str, str]]:
    """Who would hear what, as `mdpc simulate` tells it."""
    request = Request("simulate", at(first))
    _, heard = run.simulate(office.acme.settings, office.acme.connectors, request, last)
    return [(each.day, each.notice.milestone, each.notice.step) for each in heard]


@pytest.mark.parametrize("table", [{"workdays": True, "holidays": "DE"}])
def test_ninety_runs_say_what_the_simulation_says(table: dict[str, Any]) -> None:
    office = Office(escalation={"steps": STEPS, **table})
    for number in range(12):
        office.acme.github.add("acme/api", f"v2.{number}", due=DUE + timedelta(days=9 * number - 30))
    first = date(2026, 11, 20)
    office.run(first - timedelta(days=1))
    expected = simulate(office, first, first + timedelta(days=89))
    assert len(expected) > 15
    said: list[tuple[date, str, str]] = []
    for number in range(90):
        day = first + timedelta(days=number)
        office.acme.github.desk.clock = max(office.acme.github.desk.clock, at(day))
        plan = office.acme.settled(at(day))
        said += sorted((day, notice.milestone, notice.step) for notice in plan.notices)
    assert said == expected


@pytest.mark.parametrize("number", range(8))
def test_killed_after_any_write_every_notice_stands_there_once(number: int) -> None:
    office = Office()
    office.run(date(2026, 11, 25))
    for day in (DUE - timedelta(days=7), DUE + timedelta(days=1)):
        office.acme.github.desk.clock = at(day)
        killed_at(number, office.acme, partial(office.acme.sync, at(day)))
        office.acme.settled(at(day))
    assert office.notices() == [
        "@alice-gh: this milestone is due on 2026-12-10.",
        "@alice-gh: this milestone was due on 2026-12-10 and is overdue.",
    ]


def test_in_public_the_date_of_a_private_record_starts_no_ladder_and_is_not_told() -> None:
    office = Office(due=None, sync={"fields": {"due": "report"}})
    office.acme.github.boxes["acme/api"].public = True
    office.acme.github.add("acme/web", "v1.0", due=DUE, description="Owner: @alice-gh")
    for days in (-8, -7, 1, 10):
        office.run(DUE + timedelta(days=days))
    told = [each.body for each in office.issue.comments] if office.issue else []
    assert not any(DUE.isoformat() in body for body in told)
    assert not office.notices()
    assert simulate(office, DUE - timedelta(days=8), DUE + timedelta(days=30)) == []


def test_nothing_is_foreseen_where_nothing_may_be_told() -> None:
    office = Office()
    office.acme.github.boxes["acme/api"].public = True
    office.held.closed = True
    office.acme.github.add("acme/web", "secret", due=DUE, description="Owner: @alice-gh")
    assert simulate(office, DUE - timedelta(days=8), DUE + timedelta(days=30)) == []
