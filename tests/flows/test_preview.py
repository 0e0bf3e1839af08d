"""`mdpc explain KEY --at DATE`: what it shows is what a sync of that day then posts, and it writes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import Rehearsal
from tests.flows.test_escalation_over_http import CONFIGURATION, seed

FIRST = date(2026, 11, 23)
DAYS = [FIRST + timedelta(days=number) for number in range(12)]


class Calendar:
    """The day in the sandbox; its clock moves a second with every look."""

    def __init__(self) -> None:
        self.day = FIRST
        self._ticks = itertools.count()

    def __call__(self) -> datetime:
        moment = datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=UTC)
        return moment + timedelta(seconds=next(self._ticks) % 3600)


@contextmanager
def company(folder: Path, home: str, more: str = "") -> Iterator[tuple[Rehearsal, Calendar]]:
    """A milestone on GitHub and in Jira that alice owns, and a ladder."""
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud").replace("HOME", home) + more
    calendar = Calendar()
    with Sandbox(seed("cloud"), clock=calendar) as sandbox:
        acme = Rehearsal(sandbox, folder, text)
        acme.now = FIRST.isoformat()
        yield acme, calendar


def previewed(acme: Rehearsal, day: date) -> dict[str, Any]:
    said = acme.json("explain", "platform/2.0", "--at", day.isoformat())
    assert said.status == 0, said.err
    (milestone,) = said.json["milestones"]
    preview: dict[str, Any] = milestone["preview"]
    return preview


@pytest.mark.parametrize("home", ["github:acme/api", "jira:API"])
@pytest.mark.parametrize("synced", [False, True])
def test_what_is_shown_is_what_is_posted_on_that_day(home: str, synced: bool, tmp_path: Path) -> None:
    with company(tmp_path, home) as (acme, calendar):
        if synced:
            assert acme.json("sync").status == 0
        shown = {day: previewed(acme, day) for day in DAYS}
        for day in DAYS:
            calendar.day, acme.now = day, day.isoformat()
            ran = acme.json("sync").json
            posted = [each["after"] for each in ran["changes"] if "mdpc:notice" in str(each["after"])]
            notice = shown[day]["notice"]
            assert posted == ([notice["text"]] if notice else [])
            assert [each["to"] for each in ran["notices"]] == ([notice["to"]] if notice else [])
        assert [day for day in DAYS if shown[day]["notice"]] == [date(2026, 11, 24), date(2026, 12, 2)]


def test_it_reads_well_and_writes_nothing(tmp_path: Path) -> None:
    with company(tmp_path, "github:acme/api") as (acme, _):
        due = acme.mdpc("explain", "platform/2.0", "--at", "2026-12-02")
        assert due.status == 0
        assert due.out.splitlines()[:3] == [
            "v2.0  platform/2.0",
            "Wed 2026-12-02: step +1d would go to bob, as a comment on a new issue in",
            "  github:acme/api",
        ]
        assert "  @bob-gh: this milestone was due on 2026-12-01 and is overdue." in due.out
        assert "mdpc:notice" not in due.out
        quoted = acme.mdpc("explain", "platform/2.0", "--at", "2026-12-02", "--format", "markdown").out
        assert "> @\u200bbob-gh: this milestone was due on 2026-12-01 and is overdue." in quoted
        assert "@bob-gh" not in quoted
        quiet = acme.mdpc("explain", "platform/2.0", "--at", "2026-11-25").out
        assert "Wed 2026-11-25: nothing is due. Next is step +1d on 2026-12-02" in quiet
        later = acme.mdpc("explain", "platform/2.0", "--at", "2026-12-03").out
        assert "nothing is due, nor within a year after it" in later
        assert not any(entry.method in ("PUT", "PATCH", "DELETE") for entry in acme.sandbox.log.entries)
        assert not any(entry.method == "POST" and "graphql" not in entry.path for entry in acme.sandbox.log.entries)


@pytest.mark.parametrize(
    ("what", "at", "said"),
    [
        ("platform/2.0", "2026-11-22", "--at 2026-11-22 is over"),
        ("platform/2.0", "2046-11-22", "more than ten years away"),
        ("platform/2.0", "soon", "--at soon is no day"),
        ("overdue", "2026-12-02", "no rule sends anything"),
    ],
)
def test_a_day_that_cannot_be_shown_is_said(what: str, at: str, said: str, tmp_path: Path) -> None:
    with company(tmp_path, "github:acme/api") as (acme, _):
        told = acme.mdpc("explain", what, "--at", at)
        assert told.status == 2
        assert said in " ".join(told.err.split())


def test_where_nothing_can_be_said_that_is_said_and_why(tmp_path: Path) -> None:
    with company(tmp_path, "github:acme/api") as (acme, _):
        acme.configuration = acme.configuration.partition("[escalation]")[0] + "[celebrate]\n"
        whole = acme.configuration
        home = whole.replace('home = "github:acme/api"', 'home = "jira:API"')
        acme.configuration = home.replace("[connectors.jira]", '[connectors.jira]\naccess = "read"')
        told = acme.mdpc("explain", "platform/2.0", "--at", "2026-12-02")
        assert 'nothing is sent: connectors.jira has access = "read"' in " ".join(told.out.split())
        acme.configuration = whole.replace('"github:acme/api", ', '"github:acme/api", "github:acme/none", ')
        lost = acme.mdpc("explain", "platform/2.0", "--at", "2026-12-02", "--format", "markdown")
        assert lost.status == 3
        assert "nothing is sent" in lost.out
        acme.configuration = whole
        github, project = acme.sandbox.github, acme.sandbox.jira.project("API")
        github.edit_milestone(github.repository("acme/api"), 1, state="closed")
        assert project is not None
        project.versions[0].raw["released"] = True
        past = acme.mdpc("explain", "github:acme/api#1", "--at", "2026-12-02")
        assert "that is history, and nothing is said of it" in " ".join(past.out.split())
