"""The coordination issue itself over trackers in memory: made once, kept up to date, given back to people."""

from __future__ import annotations

import os
import re
import signal
from datetime import date
from typing import Any

import pytest

from mdpc import run
from mdpc.changes import Change, Plan
from mdpc.coordination import Approver, IssueScope
from tests.core.test_gates_in_step import PEOPLE, RELEASE, company
from tests.core.test_in_step import PLATFORM, Company
from tests.memory_issues import HeldIssue
from tests.memory_tracker import Killed

DUE = date(2027, 1, 1)


def one(acme: Company) -> HeldIssue:
    return acme.github.desk.one("acme/api")


def seen_open(**tables: Any) -> Company:
    acme = company(**tables)
    acme.github.add("acme/api", "v1.0", due=DUE, description="Owner: @alice-gh")
    acme.jira.add("API", "v1.0", due=DUE)
    acme.settled()
    return acme


def test_it_says_what_is_needed_and_is_the_owners() -> None:
    issue = one(seen_open())
    assert issue.title == "Milestone: v1.0"
    assert issue.labels == ["milestone"]
    assert issue.assignees == ["alice-gh"]
    assert "/approve release-review" in issue.body
    assert "still needed: 2 approvals" in issue.body
    assert "`bob-gh`, `carol-gh`" in issue.body
    assert "@" not in re.sub(r"<!--.*?-->", "", issue.body)


def test_the_text_that_people_write_into_it_stays() -> None:
    acme = seen_open()
    issue = one(acme)
    issue.body = f"The plan is in the wiki.\n\n{issue.body}\n\nAsk Zoe."
    issue.editor = acme.github.desk.account("zoe")
    acme.github.desk.say(issue, "bob-gh", "/approve release-review")
    acme.settled()
    assert issue.body.startswith("The plan is in the wiki.\n\n")
    assert "\n\nAsk Zoe." in issue.body
    assert "approved by `bob-gh`" in issue.body


def test_only_comments_notify_and_only_when_somebody_has_to_act() -> None:
    acme = seen_open()
    before = len(one(acme).comments)
    acme.github.desk.say(one(acme), "bob-gh", "/approve release-review")
    acme.settled()
    assert len(one(acme).comments) == before + 1


def test_an_owner_who_changes_is_assigned_and_people_may_assign_somebody_else() -> None:
    acme = seen_open()
    held = next(iter(acme.github.boxes["acme/api"].records.values()))
    held.description = (held.description or "").replace("@alice-gh", "@bob-gh")
    acme.settled()
    assert one(acme).assignees == ["bob-gh"]
    one(acme).assignees = []
    acme.settled()
    assert one(acme).assignees == []


def test_a_login_that_comes_back_in_other_case_is_still_whom_mdpc_assigned() -> None:
    acme = seen_open()
    one(acme).assignees = ["Alice-GH"]
    assert acme.plan().changes == ()
    held = next(iter(acme.github.boxes["acme/api"].records.values()))
    held.description = (held.description or "").replace("Owner: @alice-gh", "")
    assert acme.plan().milestones[0].owner is None


def test_whom_people_assign_it_to_is_the_owner_where_nothing_else_names_one() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0", due=DUE)
    acme.settled()
    one(acme).assignees = ["carol-gh"]
    acme.settled()
    (found,) = acme.plan().milestones
    assert found.owner is not None
    assert (found.owner.name, found.owner.source) == ("carol", "assignee")
    assert one(acme).assignees == ["carol-gh"]


def test_one_that_is_deleted_is_said_and_made_anew_and_its_approvals_are_lost() -> None:
    acme = seen_open()
    for login in ("bob-gh", "carol-gh"):
        acme.github.desk.say(one(acme), login, "/approve release-review")
    acme.settled()
    acme.github.desk.issues.clear()
    plan = acme.plan()
    (lost,) = (finding for finding in plan.findings if finding.rule == "memory-lost")
    assert "was deleted or moved" in lost.message
    acme.settled()
    assert acme.plan().milestones[0].gates[0].state == "pending"


def rename(acme: Company, title: str) -> None:
    """Somebody calls the milestone otherwise on GitHub."""
    next(iter(acme.github.boxes["acme/api"].records.values())).title = title


def test_its_title_follows_the_milestones() -> None:
    acme = seen_open()
    for title in ("v1.1", "v2.0 _final_"):
        rename(acme, title)
        acme.settled()
        assert one(acme).title == f"Milestone: {title}"
    assert one(acme).comments[0].editor is not None


def test_a_title_that_people_gave_it_stays() -> None:
    acme = seen_open()
    one(acme).title = "Talk about the release"
    acme.settled()
    rename(acme, "v1.1")
    acme.settled()
    assert one(acme).title == "Talk about the release"


def test_a_title_that_people_put_back_stays_until_they_give_mdpcs_again() -> None:
    acme = seen_open()
    rename(acme, "v1.1")
    acme.settled()
    one(acme).title = "Milestone: v1.0"
    rename(acme, "v1.2")
    acme.settled()
    assert one(acme).title == "Milestone: v1.0"
    one(acme).title = "Milestone: v1.2"
    acme.settled()
    rename(acme, "v1.3")
    acme.settled()
    assert one(acme).title == "Milestone: v1.3"


def test_a_title_that_people_change_meanwhile_is_theirs() -> None:
    acme = seen_open()
    rename(acme, "v1.1")

    def people() -> None:
        acme.github.desk.before_write = lambda: None
        one(acme).title = "Ours"

    plan = acme.plan()
    acme.github.before_write = people
    run.sync(plan, acme.connectors, lambda _: None)
    acme.github.before_write = lambda: None
    acme.settled()
    assert one(acme).title == "Ours"


@pytest.mark.parametrize("moment", range(1, 6))
def test_killed_while_it_is_renamed_its_title_is_still_mdpcs(moment: int) -> None:
    acme = seen_open()
    rename(acme, "v1.1")
    left = [moment]

    def count() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    acme.github.after_write = acme.jira.after_write = count
    _until_done(acme)
    rename(acme, "v1.2")
    _until_done(acme)
    assert one(acme).title == "Milestone: v1.2"


def test_one_that_lost_its_label_gets_it_back() -> None:
    acme = seen_open()
    one(acme).labels.clear()
    acme.settled()
    assert one(acme).labels == ["milestone"]


def test_a_conflict_needs_one_and_shows_it() -> None:
    acme = Company(programs=[PLATFORM])
    api = acme.github.add("acme/api", "v1.0", due=DUE)
    acme.jira.add("API", "v1.0", due=DUE)
    acme.settled()
    assert not acme.github.desk.issues
    api.due = date(2027, 2, 1)
    version = next(iter(acme.jira.boxes["API"].records.values()))
    version.due = date(2027, 3, 1)
    acme.settled()
    assert "`drift`" in one(acme).body
    assert (api.due, version.due) == (date(2027, 2, 1), date(2027, 3, 1))


@pytest.mark.parametrize(("wanted", "count"), [("never", 0), ("when-needed", 0), ("always", 1)])
def test_when_there_is_one_is_configured(wanted: str, count: int) -> None:
    acme = Company(programs=[PLATFORM], writeback={"issue": wanted})
    acme.github.add("acme/api", "v1.0", due=DUE)
    acme.settled()
    assert len(acme.github.desk.issues.get("acme/api", {})) == count


def test_a_public_home_tells_nothing_of_what_is_private() -> None:
    acme = company(
        programs=[{**PLATFORM, "home": "github:acme/api"}], people={**PEOPLE, "zoe": {"logins": {"jira": "z"}}}
    )
    acme.github.boxes["acme/api"].public = True
    acme.github.add("acme/api", "v1.0", due=DUE)
    acme.jira.add("API", "v1.0", due=DUE, description="Owner: zoe")
    acme.settled()
    issue = one(acme)
    told = "\n".join([issue.body, *(comment.body for comment in issue.comments)])
    assert "jira" not in told.lower()
    assert "zoe" not in told


def test_in_public_nobody_is_named_for_being_in_a_team_or_asked_in_jira() -> None:
    acme = company(gates=[{**RELEASE, "reviewers": ["alice", "team:acme/leads", "jira:approvers"]}])
    acme.github.boxes["acme/api"].public = True
    acme.github.desk.teams["acme/leads"] = ["bob-gh", "dave"]
    acme.github.add("acme/api", "v1.0", due=DUE)
    acme.jira.add("API", "v1.0", due=DUE)
    version = next(
        record.ref for record in acme.plan().milestones[0].records if record.ref.container.connector == "jira"
    )
    acme.settled()
    acme.jira.desk.approvers[version] = [Approver(acme.jira.desk.account("carol-j"), "approved")]
    acme.settled()
    assert "may approve: `alice-gh`, `acme/leads`\n" in one(acme).body
    assert "approved by somebody" in one(acme).body
    acme.github.desk.say(one(acme), "bob-gh", "/approve release-review")
    acme.settled()
    assert "approved by" in one(acme).body
    assert "`bob-gh`" in one(acme).body
    acme.github.desk.contents[acme.plan().milestones[0].records[0].ref] = {"90"}
    acme.settled()
    told = "\n".join([one(acme).body, *(comment.body for comment in one(acme).comments)])
    assert "no longer count" in told
    for name in ("carol", "dave"):
        assert name not in told


def test_an_issue_whose_milestone_was_deleted_is_said_and_left_to_people() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0", due=DUE)
    acme.settled()
    acme.github.boxes["acme/api"].records.clear()
    plan = acme.settled()
    assert [each.what for each in plan.withheld] == [f"the coordination issue {url_of(acme)} (Milestone: v1.0)"]
    assert "deleted" in plan.withheld[0].why
    one(acme).closed = True
    assert acme.plan().withheld == ()


def url_of(acme: Company) -> str:
    (talk,) = acme.github.read_issues(IssueScope(homes=("acme/api",))).issues
    return talk.url


def test_nothing_is_made_in_public_of_a_milestone_that_is_private() -> None:
    acme = company(programs=[{**PLATFORM, "home": "github:acme/api"}])
    acme.github.boxes["acme/api"].public = True
    acme.jira.add("API", "secret", due=DUE)
    acme.settled()
    assert not acme.github.desk.issues


def test_beyond_the_limit_of_comments_the_rest_waits_and_nothing_names_what_is_not_there() -> None:
    acme = company(limits={"adopt": 1000, "comments": 2})
    for number in range(5):
        acme.github.add("acme/api", f"v{number}.0", due=DUE)
    first = acme.sync()
    assert first.stats.truncated
    assert len(acme.github.desk.issues["acme/api"]) == 2
    assert not any("mdpcnew" in (each.description or "") for each in acme.github.boxes["acme/api"].records.values())
    acme.sync()
    last = acme.sync()
    assert not last.stats.truncated
    assert len(acme.github.desk.issues["acme/api"]) == 5
    assert acme.plan().changes == ()


def sync_or_die(acme: Company) -> Plan | None:
    try:
        return acme.sync()
    except Killed:
        return None


def test_killed_after_any_write_it_comes_to_the_same_with_nothing_twice() -> None:
    for moment in range(1, 40):
        acme = company(gates=[{**RELEASE, "approvals": 1}])
        held = acme.github.add("acme/api", "v1.0", due=DUE, description="Owner: @alice-gh")
        version = acme.jira.add("API", "v1.0", due=DUE)
        left = [moment]

        def count(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        acme.github.after_write = acme.jira.after_write = count
        _until_done(acme)
        held.closed = True
        _until_done(acme)
        acme.github.desk.say(one(acme), "mallory", "/approve release-review")
        acme.github.desk.say(one(acme), "bob-gh", "/approve release-review")
        _until_done(acme)
        held.closed = True
        _until_done(acme)
        marks = [comment.body.splitlines()[-1] for comment in one(acme).comments if comment.author.bot]
        assert sorted(re.sub(r"m[0-9a-f]{12}|\d+", "#", each) for each in marks) == [
            "<!-- mdpc:answer # -->",
            "<!-- mdpc:bypass # -->",
            "<!-- mdpc:ledger # -->",
        ]
        assert len(acme.github.desk.issues["acme/api"]) == 1
        assert held.closed
        assert version.closed
        assert one(acme).closed
        if left[0] > 0:
            return
    raise AssertionError("there are more writes than were tried")


def _until_done(acme: Company) -> None:
    while sync_or_die(acme) is None:
        pass
    acme.sync()
    assert acme.plan().changes == ()


def test_interrupted_it_still_writes_the_ledger_of_an_issue_that_it_made() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    plan = acme.plan()

    def interrupt(change: Change) -> None:
        if change.kind == "issue" and change.field == "title":
            os.kill(os.getpid(), signal.SIGINT)

    stopped = run.sync(plan, acme.connectors, interrupt)
    assert stopped.stats.truncated
    assert {change.outcome for change in stopped.changes if change.field == "ledger"} == {"done"}
    assert "withheld" in {change.outcome for change in stopped.changes}
    acme.settled()
    assert not [each for each in acme.plan().findings if each.rule == "memory-lost"]
