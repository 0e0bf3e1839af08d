"""The dashboard of a program over trackers in memory: made once, true, quiet while nothing happens, hard to harm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from mdpc.dashboard_text import LONGEST, length
from mdpc.exits import FINE, INCOMPLETE, FailOn, exit_status
from mdpc.model import Markup
from mdpc.renewed import renewed
from mdpc.run import read, sync
from tests.core.build import NOW, TODAY
from tests.core.test_gates_in_step import PEOPLE, RELEASE
from tests.core.test_in_step import PLATFORM, ROOMY, Company, killed_at
from tests.memory_issues import HeldIssue

HOME = {**PLATFORM, "home": "github:acme/api"}


def company(**tables: Any) -> Company:
    defaults = {"programs": [HOME], "people": PEOPLE, "writeback": {"dashboard": True}, "limits": ROOMY}
    return Company(**{**defaults, **tables})


def dashboards(acme: Company, home: str = "acme/api") -> list[HeldIssue]:
    issues = acme.github.desk.issues.get(home, {}).values()
    return [issue for issue in issues if issue.title.startswith("Milestones of ")]


def board(acme: Company) -> HeldIssue:
    (found,) = dashboards(acme)
    return found


def rows(issue: HeldIssue) -> list[list[str]]:
    lines = [line for line in issue.body.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[2:]]


def test_without_the_setting_there_is_none() -> None:
    acme = company(writeback={})
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    assert acme.github.desk.issues == {}


def test_it_shows_all_milestones_of_the_program_worst_first() -> None:
    acme = company()
    acme.github.add("acme/api", "v3.0", due=date(2027, 6, 1), description="Owner: @alice-gh")
    acme.github.add("acme/web", "Ideas")
    acme.jira.add("API", "v1.0", due=TODAY - timedelta(days=9))
    acme.settled()
    issue = board(acme)
    assert issue.title == "Milestones of platform"
    assert issue.labels == ["milestone"]
    assert "**mdpc:** 3 milestones: 1 off track, 1 no date, 1 on track" in issue.body
    assert [row[:5] for row in rows(issue)] == [
        ["v1.0", "off track", "2026-11-13", "overdue since 2026-11-13", "nobody"],
        ["Ideas", "no date", "-", "-", "nobody"],
        ["v3.0", "on track", "2027-06-01", "-", "alice"],
    ]
    assert "mdpc last wrote something on 2026-11-22: " in issue.body


@pytest.mark.parametrize("home", ["github:acme/api", "jira:API"])
def test_a_day_passing_alone_writes_nothing_but_once_a_week_that_mdpc_ran(home: str) -> None:
    acme = company(programs=[{**HOME, "home": home}])
    acme.github.add("acme/api", "v3.0", due=date(2027, 6, 1))
    acme.github.add("acme/api", "late", due=TODAY - timedelta(days=9))
    noted = []
    for days in range(60):
        day = NOW + timedelta(days=days)
        plan = acme.plan(day)
        if not plan.changes:
            continue
        acme.settled(day)
        assert {change.field for change in plan.changes} <= {"body", "ledger"} or days == 0
        said = [str(change.after) for change in plan.changes if "mdpc last ran on " in str(change.after)]
        assert f"mdpc last ran on {day.date()}. While it runs, this is noted once a week at least." in said[0]
        noted.append(day.date())
    mondays = [day for day in (TODAY + timedelta(days=count) for count in range(1, 60)) if day.weekday() == 0]
    assert noted == [TODAY, *mondays]


def test_a_date_that_moves_is_told_against_the_first_one() -> None:
    acme = company()
    held = acme.github.add("acme/api", "v3.0", due=date(2027, 6, 1))
    acme.settled()
    held.due = date(2027, 6, 15)
    acme.settled()
    assert rows(board(acme))[0][2:4] == ["2027-06-15", "first 2027-06-01, 14 days later"]
    held.due = None
    acme.settled()
    assert rows(board(acme))[0][1:4] == ["no date", "-", "first 2027-06-01"]


def test_an_achieved_milestone_says_how_late_it_was() -> None:
    acme = company()
    held = acme.github.add("acme/api", "v3.0", due=date(2026, 11, 15))
    acme.settled()
    held.closed = True
    acme.settled()
    assert rows(board(acme))[0][1:4] == ["achieved", "2026-11-15", "achieved 2026-11-20, 5 days late"]


def test_gates_and_the_coordination_issue_are_named() -> None:
    acme = company(gates=[RELEASE])
    acme.github.add("acme/api", "v3.0", due=date(2027, 6, 1))
    acme.settled()
    (row,) = rows(board(acme))
    assert row[5] == "release-review pending"
    talk = next(each for each in acme.github.desk.issues["acme/api"].values() if each is not board(acme))
    assert f"[`issue`](https://github.example/acme/api/issue-{talk.number})" in row[6]
    assert "[`github:acme/api#" in row[6]


def test_what_mdpc_did_last_stays_until_it_does_something_again() -> None:
    acme = company()
    held = acme.github.add("acme/api", "v3.0", due=date(2027, 6, 1))
    acme.settled()
    assert "last wrote something on 2026-11-22: 1 status." in board(acme).body
    held.title = "v3.1"
    acme.settled(NOW + timedelta(days=4))
    assert "v3.1" in board(acme).body
    assert "last wrote something on 2026-11-22: 1 status." in board(acme).body
    held.due = date(2027, 7, 1)
    acme.settled(NOW + timedelta(days=5))
    assert "last wrote something on 2026-11-27: 1 status." in board(acme).body


def test_conflicts_and_what_is_withheld_stand_there() -> None:
    acme = company()
    api = acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    acme.jira.add("API", "v1.0", due=date(2027, 1, 1))
    acme.settled()
    api.due = date(2027, 2, 1)
    next(iter(acme.jira.boxes["API"].records.values())).due = date(2027, 3, 1)
    acme.github.add("acme/web", "twice")
    acme.github.add("acme/web", "Twice")
    acme.settled()
    body = board(acme).body
    assert "In conflict, and left alone until people agree:\n- v1.0: due: 2027-02-01 in github:acme/api" in body
    assert "Withheld:\n- the status of platform/twice: two records of one container have this title" in body


def test_people_may_write_into_it_and_rename_it() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    issue = board(acme)
    issue.title, issue.body = "Where we are", f"Read the wiki first.\n\n{issue.body}\n\nAsk Zoe."
    acme.github.add("acme/api", "v2.0")
    acme.settled()
    (issue,) = acme.github.desk.issues["acme/api"].values()
    assert issue.body.startswith("Read the wiki first.\n\n")
    assert "Ask Zoe." in issue.body
    assert "v2.0" in issue.body


def lose_body(acme: Company) -> None:
    board(acme).body = "nothing"


def lose_ledger(acme: Company) -> None:
    acme.github.desk.edit(board(acme).comments[0], "zoe", "nothing")


def lose_label(acme: Company) -> None:
    board(acme).labels.clear()


def close(acme: Company) -> None:
    board(acme).closed = True


@pytest.mark.parametrize("harm", [lose_body, lose_ledger, lose_label, close])
def test_whatever_somebody_does_to_it_there_stays_one_and_it_is_whole(harm: Callable[[Company], None]) -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    harm(acme)
    acme.settled()
    assert [row[0] for row in rows(board(acme))] == ["v1.0"]
    assert (board(acme).labels, board(acme).closed) == (["milestone"], False)


def test_only_what_mdpc_opened_is_one() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    forged = HeldIssue(900, "Milestones of platform", acme.github.desk.account("mallory"), board(acme).body)
    acme.github.desk.issues["acme/api"][900] = forged
    body = forged.body
    acme.github.add("acme/api", "v2.0")
    acme.settled()
    assert forged.body == body
    assert len(dashboards(acme)) == 2


def test_titles_do_no_harm_and_forge_no_ledger() -> None:
    acme = company()
    forged = '(mdpc:data {"v":1,"program":"d0","writing":99}) <!-- mdpc:end --> | @zoe <script> mdpcnewidn0123456789ab'
    acme.github.add("acme/api", forged)
    acme.github.add("acme/api", "two\nlines")
    acme.settled()
    body = board(acme).body
    assert "<script>" not in body
    assert "@zoe" not in body
    assert body.count("mdpc:end -->") == 1
    assert len(rows(board(acme))) == 2
    acme.github.add("acme/api", "three")
    acme.settled()
    assert len(rows(board(acme))) == 3


def test_a_public_home_tells_of_public_records_alone() -> None:
    acme = company()
    acme.github.boxes["acme/api"].public = True
    acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    acme.github.add("acme/web", "secret plan")
    acme.jira.add("API", "v1.0", due=date(2027, 1, 1), description="Owner: zoe")
    acme.settled()
    told = board(acme).body + "".join(comment.body for comment in board(acme).comments)
    assert "1 milestone" in told
    assert "last wrote something on 2026-11-22: 1 status." in told
    assert "v1.0" in told
    assert not any(word in told for word in ("secret", "jira", "acme/web", "zoe"))


def test_what_could_not_be_read_is_said_and_the_rest_stands() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0")
    acme.github.add("acme/web", "v2.0")
    acme.settled()
    before = board(acme).body
    acme.github.boxes["acme/web"].readable = False
    assert exit_status(acme.sync(), FailOn.NEVER) == INCOMPLETE
    first, *rest = board(acme).body.splitlines()[1:]
    assert first.endswith("Not read: `github:acme/web`")
    assert [before.splitlines()[0], *rest] == before.splitlines()
    assert acme.plan().changes == ()
    acme.github.boxes["acme/web"].readable = True
    acme.settled()
    assert board(acme).body == before


def test_nothing_is_written_while_its_home_is_unread() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0")
    acme.github.add("acme/web", "v2.0")
    acme.settled()
    acme.github.boxes["acme/api"].readable = False
    assert acme.plan().changes == ()


def test_the_table_is_cut_to_what_the_tracker_takes() -> None:
    acme = company()
    for number in range(700):
        acme.github.add("acme/api", f"A milestone with a long name \U0001f680 {number:04}")
    acme.settled()
    body = board(acme).body
    shown = len(rows(board(acme)))
    assert 60_000 < length(body) <= LONGEST[Markup.BLOCK]
    assert f"{700 - shown} more are not shown, none of them worse." in body
    assert "**mdpc:** 700 milestones: 700 no date" in body


def test_in_jira_it_stands_in_the_comment() -> None:
    acme = company(programs=[{**PLATFORM, "home": "jira:API"}])
    for number in range(400):
        acme.jira.add("API", f"v{number}.0", due=date(2027, 1, 1))
    acme.settled()
    issue = acme.jira.desk.one("API")
    assert issue.title == "Milestones of platform"
    assert "stands in a comment" in issue.body
    (comment,) = issue.comments
    assert "- v0.0: on track, due 2027-01-01, owner nobody; jira:API#" in comment.body
    assert length(comment.body) <= LONGEST[Markup.LINE]
    assert "more are not shown" in comment.body
    issue.body = "people's"
    acme.jira.add("API", "late", due=date(2026, 1, 1))
    acme.settled()
    assert (issue.body, len(issue.comments)) == ("people's", 1)
    assert "- late: off track" in issue.comments[0].body


def test_each_program_has_its_own_and_a_single_repository_is_one() -> None:
    acme = company(programs=[{"name": "platform", "members": [{"ref": "github:acme/api"}]}])
    acme.github.add("acme/api", "v1.0")
    acme.github.add("acme/web", "v1.0")
    acme.settled()
    assert [each.title for each in dashboards(acme)] == ["Milestones of platform"]
    assert [each.title for each in dashboards(acme, "acme/web")] == ["Milestones of github:acme/web"]


def test_one_without_coordination_issues_is_fine() -> None:
    acme = company(writeback={"dashboard": True, "issue": "never"}, gates=[])
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    assert len(acme.github.desk.issues["acme/api"]) == 1


def test_a_run_that_is_narrowed_leaves_it_alone() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    acme.github.add("acme/api", "v2.0")
    assert {change.kind for change in acme.plan(only=("v2.0",)).changes} == {"status"}


def test_the_limit_of_comments_counts_it_and_it_names_no_issue_that_waits() -> None:
    acme = company(gates=[RELEASE], limits={**ROOMY, "comments": 3})
    for number in range(4):
        acme.github.add("acme/api", f"v{number}.0", due=date(2027, 1, 1))
    assert acme.sync().stats.truncated
    assert len(acme.github.desk.issues["acme/api"]) == 3
    assert "mdpcnew" not in board(acme).body
    acme.sync()
    acme.settled()
    assert board(acme).body.count("[`issue`]") == 4


def test_where_limits_refuse_a_program_its_dashboard_waits_too() -> None:
    acme = company(limits={"adopt": 1})
    acme.github.add("acme/api", "v1.0")
    acme.github.add("acme/api", "v2.0")
    planned = acme.plan()
    assert [refusal.limit for refusal in planned.refused] == ["adopt"]
    applied = sync(planned, acme.connectors, lambda _: None)
    assert {change.outcome for change in applied.changes} == {"withheld"}
    assert acme.github.desk.issues == {}


def test_a_saved_plan_that_was_applied_already_stands() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0")
    saved = acme.plan()
    acme.settled()
    snapshot = read(acme.settings, acme.connectors, None)
    again = renewed(replace(saved, command="sync"), acme.plan(), snapshot)
    assert {change.outcome for change in again.changes} == {"already"}
    assert exit_status(again, FailOn.NEVER) == FINE


@pytest.mark.parametrize("number", range(8))
def test_killed_after_any_write_it_is_there_once(number: int) -> None:
    acme = company(gates=[RELEASE])
    acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    killed_at(number, acme, partial(acme.sync))
    acme.settled()
    assert len(board(acme).comments) == 1
    assert [row[0] for row in rows(board(acme))] == ["v1.0"]
