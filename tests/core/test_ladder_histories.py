"""The ladder while people move dates, close, approve, hand over, ask for quiet and are away, and runs are left out.

What is checked is what people see: the comments that stand there in the end, and when and to whom they were written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mdpc.escalation import notice_id
from mdpc.model import Milestone
from mdpc.workdays import is_workday
from tests.core.test_in_step import PLATFORM, ROOMY, Company
from tests.memory_issues import HeldIssue
from tests.memory_tracker import Held

FIRST = date(2026, 12, 1)
DAYS = 45
TEAM: dict[str, Any] = {
    "alice": {
        "logins": {"github": "alice-gh"},
        "manager": "carol",
        "delegate": "bob",
        "away": ["2026-12-07/2026-12-20", "2027-01-04"],
    },
    "bob": {
        "logins": {"github": "bob-gh"},
        "manager": "carol",
        "delegate": "alice",
        "away": ["2026-12-14/2026-12-16", "2027-01-04"],
    },
    "carol": {"logins": {"github": "carol-gh"}, "away": ["2026-12-09/2026-12-11"]},
    "erin": {"logins": {"github": "erin-gh"}, "gone": True, "delegate": "alice", "manager": "carol"},
}
STEPS = [
    {"at": "-5wd", "to": ["owner"]},
    {"at": "-2d", "to": ["owner"]},
    {"at": "+1d", "to": ["owner"]},
    {"at": "+3d", "to": ["owner.manager"]},
    {"at": "+8d", "to": ["owner.manager", "bob"]},
]
GATE = {"name": "plan-review", "match": "platform/1.*", "by": "-1d", "reviewers": ["carol"], "void_on": ["due"]}
TITLES = ("v1.0", "v1.1", "v2.0", "v2.1")
OWNERS = ("alice", "bob", "erin", "alice")


@dataclass(frozen=True)
class Act:
    """What somebody does on a day to one of the milestones."""

    day: int
    which: int
    what: str
    due: date | None = None

    def __str__(self) -> str:
        return f"{self.what} {self.due or ''}".strip()


DATES = st.dates(FIRST - timedelta(days=3), FIRST + timedelta(days=DAYS))
ACTS = st.builds(
    Act,
    st.integers(0, DAYS - 1),
    st.integers(0, len(TITLES) - 1),
    st.sampled_from(
        ["move", "move", "move", "take away", "move in Jira", "close", "open", "snooze", "hand over", "approve"]
    ),
    DATES,
)
RUNS = st.dictionaries(st.integers(0, DAYS - 1), st.integers(1, 3), min_size=10, max_size=25)


@dataclass
class Story:
    """A company whose days pass, and what was said on them."""

    dues: tuple[date, ...]
    acme: Company = field(init=False)
    held: list[Held] = field(init=False)
    ladders: dict[str, date | None] = field(default_factory=dict)
    said: list[tuple[date, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.acme = Company(
            programs=[{**PLATFORM, "home": "github:acme/api"}],
            people=TEAM,
            gates=[GATE],
            escalation={"steps": STEPS, "workdays": True, "holidays": "DE"},
            limits=ROOMY,
        )
        self.held = [
            self.acme.github.add("acme/api", title, due=due, description=f"Owner: @{owner}-gh")
            for title, due, owner in zip(TITLES, self.dues, OWNERS, strict=True)
        ]
        self.version = self.acme.jira.add("API", TITLES[0], due=self.dues[0])

    def issue(self, which: int) -> HeldIssue | None:
        """The coordination issue of a milestone, if there is one yet."""
        issues = self.acme.github.desk.issues.get("acme/api", {}).values()
        return next((each for each in issues if each.title == f"Milestone: {TITLES[which]}"), None)

    def act(self, act: Act) -> None:
        held, issue, desk = self.held[act.which], self.issue(act.which), self.acme.github.desk
        words = {"snooze": f"/snooze {act.due} busy", "hand over": "/owner bob", "approve": "/approve plan-review"}
        match act.what:
            case "move":
                held.due = act.due
            case "take away":
                held.due = None
            case "move in Jira":
                self.version.due = act.due
            case "close" | "open":
                held.closed = act.what == "close"
            case _ if issue is not None:
                desk.say(issue, "carol-gh" if act.what == "approve" else f"{OWNERS[act.which]}-gh", words[act.what])

    def run(self, today: date) -> None:
        """A run of mdpc, and that it sends nothing else than it may."""
        now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
        desk = self.acme.github.desk
        desk.clock = max(desk.clock, now)
        plan = self.acme.sync(now)
        for milestone in plan.milestones:
            ladder = self.ladder(milestone, today)
            if milestone.notice is not None:
                assert ladder is not None
                allowed = {notice_id(milestone.id, each, ladder): each for each in self.acme.settings.escalation.steps}
                assert milestone.notice.id in allowed, "a step of a date that is not the ladder's"
                self.said.append((today, milestone.key, milestone.notice.id))
                self.heard(milestone, today)

    def ladder(self, milestone: Milestone, today: date) -> date | None:
        """The date that the ladder may be for: another one only before it has passed, or once that is accepted."""
        known = self.ladders.get(milestone.key)
        open_ones = [each.due for each in self._records(milestone) if not each.closed]
        settled = len(set(open_ones)) == 1 or all(each.closed for each in self._records(milestone))
        if settled and not milestone.closed:
            agreed = any(gate.state == "approved" for gate in milestone.gates)
            due = open_ones[0] if open_ones else known
            if known is None or today <= known or agreed:
                self.ladders[milestone.key] = due
        return self.ladders.get(milestone.key)

    def _records(self, milestone: Milestone) -> list[Held]:
        named = [each for each in self.held if each.title.removeprefix("v") in milestone.key]
        return [*named, *([self.version] if "/1.0" in milestone.key else [])]

    def heard(self, milestone: Milestone, today: date) -> None:
        """Whoever hears of a notice is there."""
        assert milestone.notice is not None
        people = self.acme.settings.people
        assert milestone.notice.to
        for who in milestone.notice.to:
            person = people[who.removeprefix("person:")]
            assert not person.gone
            assert not person.is_away(today)

    def comments(self) -> list[tuple[str, str]]:
        """The notices that stand there: the issue's title and the notice's id."""
        issues = self.acme.github.desk.issues.get("acme/api", {}).values()
        found = ((each.title, re.findall(r"mdpc:notice (\w+)", c.body)) for each in issues for c in each.comments)
        return [(title, each) for title, ids in found for each in ids]

    def told(self, acts: list[Act], runs: dict[int, int]) -> Story:
        """What becomes of it."""
        self.run(FIRST - timedelta(days=4))
        for number in range(DAYS):
            for act in acts:
                if act.day == number:
                    self.act(act)
            for _ in range(runs.get(number, 0)):
                self.run(FIRST + timedelta(days=number))
        return self


QUICK = (Phase.explicit, Phase.generate)
"""A story is too long to be made shorter again and again."""

STORIES = st.tuples(*(DATES for _ in TITLES))


@pytest.mark.long
@settings(max_examples=15, phases=QUICK)
@given(dues=STORIES, acts=st.lists(ACTS, max_size=14), runs=RUNS)
def test_whatever_people_do_each_notice_is_sent_once_on_a_working_day_to_who_is_there(
    dues: tuple[date, ...], acts: list[Act], runs: dict[int, int]
) -> None:
    story = Story(dues).told(acts, runs)
    standing = story.comments()
    assert len({each for _, each in standing}) == len(standing)
    assert {each for _, each in standing} == {each for _, _, each in story.said}
    table = story.acme.settings.escalation
    assert all(is_workday(day, table) for day, _, _ in story.said)


@pytest.mark.long
@settings(max_examples=6, phases=QUICK)
@given(dues=STORIES, acts=st.lists(ACTS, max_size=8))
def test_five_runs_a_day_say_what_one_says(dues: tuple[date, ...], acts: list[Act]) -> None:
    days = range(0, DAYS, 2)
    once, often = (Story(dues).told(acts, dict.fromkeys(days, times)) for times in (1, 5))
    assert often.said == once.said
    assert often.comments() == once.comments()


@pytest.mark.long
@settings(max_examples=7, phases=QUICK)
@given(dues=STORIES, runs=RUNS)
def test_days_that_are_left_out_send_no_step_twice_and_no_two_on_one_day(
    dues: tuple[date, ...], runs: dict[int, int]
) -> None:
    story = Story(dues).told([], runs)
    by_day: dict[tuple[date, str], int] = defaultdict(int)
    for day, key, _ in story.said:
        by_day[day, key] += 1
    assert set(by_day.values()) <= {1}
    whole = Story(dues).told([], dict.fromkeys(range(DAYS), 1))
    assert len(story.said) <= len(whole.said)
