"""Ninety days as `mdpc simulate` foretells them, and as ninety runs over HTTP make them: the same notices."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import Rehearsal

FIRST = date(2026, 11, 30)
DAYS = 90
CONFIGURATION = """
[connectors.github]
url = "{github}"
[connectors.jira]
url = "{jira}"
deployment = "cloud"
[[programs]]
name = "platform"
members = ["github:acme/api", "jira:API"]
home = "github:acme/api"
stakeholders = ["dora"]
[people.alice]
github = "alice-gh"
manager = "carol"
away = ["2026-12-08/2026-12-25", "2027-01-14"]
delegate = "bob"
[people.bob]
github = "bob-gh"
manager = "carol"
away = ["2026-12-14/2026-12-17"]
delegate = "alice"
[people.carol]
github = "carol-gh"
away = ["2026-12-10/2026-12-21"]
[people.dora]
github = "dora-gh"
[people.erin]
github = "erin-gh"
gone = true
delegate = "dora"
manager = "carol"
[[waivers]]
match = "platform/1.3"
rules = ["overdue"]
until = 2026-12-04
reason = "The new date is agreed"
[[gates]]
name = "scope-review"
match = "platform/1.8"
by = "-3d"
reviewers = ["carol"]
[escalation]
workdays = true
holidays = "DE"
[[escalation.steps]]
at = "-5wd"
to = ["owner"]
[[escalation.steps]]
at = "+1d"
to = ["owner"]
[[escalation.steps]]
at = "+5d"
to = ["owner.manager"]
match = "platform/1.*"
[[escalation.steps]]
at = "+10d"
to = ["owner.manager", "stakeholders", "@zoe"]
[limits]
adopt = 100
comments = 500
"""


def day(number: int) -> date:
    """The day so many days after the first."""
    return FIRST + timedelta(days=number)


MILESTONES = [
    ("1.0", 10, "Owner: @alice-gh"),  # in both trackers
    ("1.10", 10, "Owner: @alice-gh"),  # without a date since it was taken away
    ("1.1", -12, "Owner: @alice-gh"),  # moved in time
    ("1.2", -6, "Owner: @bob-gh"),  # moved once it had passed
    ("1.3", -6, "Owner: @bob-gh"),  # the same, and accepted
    ("1.4", -6, "Owner: @alice-gh"),  # quiet was asked for
    ("1.5", 15, "Owner: @erin-gh"),  # gone
    ("1.6", 3, "nobody yet"),
    ("1.7", -4, "Owner: @carol-gh"),  # handed over
    ("1.8", -4, "Owner: @alice-gh"),  # moved late, and its gate is passed
    ("1.9", None, "Owner: @alice-gh"),
    ("0.9", -60, "Owner: @alice-gh"),  # an old backlog
    *((f"2.{number}", 5 + 7 * number, f"Owner: @{who}-gh") for number, who in enumerate(("alice", "bob", "dora") * 3)),
]
MOVED = {"1.10": (-15, None), "1.1": (-14, 40), "1.2": (-3, 30), "1.3": (-3, 30), "1.8": (-2, 25)}


def seed() -> dict[str, Any]:
    milestones = [
        {"title": f"v{title}", "description": text, **({"due": day(due).isoformat()} if due is not None else {})}
        for title, due, text in MILESTONES
    ]
    versions = [
        {"name": "1.0", "releaseDate": day(10).isoformat()},
        {"name": "3.0", "releaseDate": day(33).isoformat(), "driver": None},
    ]
    project = {"key": "API", "name": "API", "private": True, "versions": versions}
    return {
        "github": {"repositories": [{"name": "acme/api", "private": True, "milestones": milestones}]},
        "jira": {"deployment": "cloud", "projects": [project]},
    }


class Year:
    """A sandbox whose clock is at nine on the day that mdpc is told."""

    def __init__(self, folder: Path) -> None:
        self.today = day(-20)
        ticks = itertools.count()

        def clock() -> datetime:
            return datetime.combine(self.today, time(9), UTC) + timedelta(seconds=next(ticks) % 3600)

        self.sandbox = Sandbox(seed(), clock=clock)
        self.folder = folder

    def runs(self, acme: Rehearsal, number: int) -> list[tuple[str, str, str, tuple[str, ...]]]:
        """What a run on a day says to whom."""
        self.today = day(number)
        acme.now = f"{self.today}T09:30:00+00:00"
        ran = acme.json("sync")
        assert ran.status == 0, ran.out
        assert all(each["outcome"] == "done" for each in ran.json["notices"])
        return sorted(told(each, self.today.isoformat()) for each in ran.json["notices"])

    def move(self, title: str, due: date | None) -> None:
        github = self.sandbox.github
        repository = github.repository("acme/api")
        assert repository is not None
        number = next(each.number for each in repository.milestones.values() if each.title == f"v{title}")
        github.edit_milestone(repository, number, due_on=f"{due.isoformat()}T12:00:00Z" if due else None)

    def say(self, title: str, login: str, words: str) -> None:
        self.sandbox.github.add_comment(self.issues()[title], login, words)

    def issues(self) -> dict[str, Any]:
        repository = self.sandbox.github.repository("acme/api")
        assert repository is not None
        return {each.title.removeprefix("Milestone: v"): each for each in repository.issues.values()}


def told(notice: dict[str, Any], sent: str) -> tuple[str, str, str, tuple[str, ...]]:
    return sent, notice["milestone"], notice["id"], tuple(notice["to"])


@pytest.mark.long
@pytest.mark.parametrize("issue", ["always", "when-needed"])
def test_ninety_runs_over_http_say_what_the_simulation_says(issue: str, tmp_path: Path) -> None:
    year = Year(tmp_path)
    with year.sandbox as sandbox:
        acme = Rehearsal(sandbox, tmp_path, f'{CONFIGURATION}[writeback]\nissue = "{issue}"\n')
        before: list[Any] = []
        for number in range(-20, 0):
            for title, (when, due) in MOVED.items():
                if when == number:
                    year.move(title, None if due is None else day(due))
            if number == -2:
                year.say("1.4", "alice-gh", f"/snooze {day(11).isoformat()} the build is broken")
                year.say("1.7", "carol-gh", "/owner bob")
                year.say("1.8", "carol-gh", "/approve scope-review")
            before += year.runs(acme, number)
        year.today = day(0)
        foretold = acme.json("simulate", "--from", day(0).isoformat(), "--to", day(DAYS - 1).isoformat())
        expected = sorted(told(each, each["sent"]) for each in foretold.json["notices"])
        said = [each for number in range(DAYS) for each in year.runs(acme, number)]
        assert said == expected
        assert len({each[2] for each in [*before, *said]}) == len([*before, *said])
        comments = [each.body for issue in year.issues().values() for each in issue.comments]
        assert sum("mdpc:notice " in each for each in comments) == len([*before, *said])
    whose = {who for each in said for who in each[3]}
    assert whose == {"alice", "bob", "carol", "dora", "@zoe"}
    assert {each[1] for each in said} >= {f"platform/1.{number}" for number in (0, 1, 2, 3, 4, 5, 6, 7, 8)}
    assert not {each[1] for each in [*before, *said]} & {"platform/0.9", "platform/1.9", "platform/1.10"}
    assert len(said) > 50
