"""Plans that are kept in a file: what comes back is what was saved, and what is no plan is said to be none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from mdpc import run
from mdpc.changes import Plan
from mdpc.saved import SavedPlanError, as_saved, from_saved
from mdpc.settings import Sync
from tests.core.test_in_step import Company, killed_at


def company() -> Company:
    made = Company(sync={"create": ["jira"]})
    made.github.add("acme/api", "v2.0", due=date(2026, 12, 1), description="Owner: @alice\n\ud83d")
    made.github.add("acme/web", "v3.0 \u202e ##[error]x\x7f")
    return made


def applied_later(made: Company, saved: str) -> Plan:
    """What `mdpc sync --plan` does."""
    plan = run.renew(from_saved(saved, ["github", "jira"]), made.settings, made.connectors)
    return run.sync(plan, made.connectors, lambda _: None)


def test_what_was_saved_comes_back_but_for_descriptions() -> None:
    planned = company().plan()
    text = as_saved(planned)
    found = from_saved(text, ["github", "jira"])
    assert found.changes == planned.changes
    assert (found.now, found.findings, found.stats) == (planned.now, planned.findings, planned.stats)
    assert [each.key for each in found.milestones] == [each.key for each in planned.milestones]
    assert "Owner: @alice" not in text
    assert text.isascii()
    assert "##[" not in text
    assert "\x7f" not in text


def test_a_saved_plan_is_applied_exactly_and_what_was_edited_meanwhile_is_left_alone() -> None:
    made = company()
    (api,) = made.github.boxes["acme/api"].records.values()
    (web,) = made.github.boxes["acme/web"].records.values()
    made.settled()
    api.due, web.title = date(2026, 12, 24), "v3.1"
    saved = as_saved(made.plan())
    versions = {held.title: held for held in made.jira.boxes["API"].records.values()}
    versions["v2.0"].due = date(2027, 1, 1)
    applied = applied_later(made, saved)
    assert versions["v2.0"].due == date(2027, 1, 1)
    assert sorted(held.title for held in versions.values()) == ["v2.0", "v3.1"]
    outcomes = {(change.milestone, change.field): change.outcome for change in applied.changes}
    assert outcomes["platform/2.0", "due"] == "stale"
    assert outcomes["platform/3.1", "title"] == "done"


def test_applied_twice_it_writes_nothing_more() -> None:
    made = company()
    saved = as_saved(made.plan())
    first = applied_later(made, saved)
    assert {change.outcome for change in first.changes} == {"done", "already"}
    writes = len(made.github.writes) + len(made.jira.writes)
    again = applied_later(made, saved)
    assert {change.outcome for change in again.changes} == {"already"}
    assert len(made.github.writes) + len(made.jira.writes) == writes


def edited(made: Company, how: str) -> None:
    """What people do to the milestone v2.0 between a plan and its application."""
    records = made.github.boxes["acme/api"].records
    (api,) = records.values()
    if how == "deleted":
        records.clear()
    elif how == "no longer asked for":
        made.settings = made.settings.model_copy(update={"sync": Sync()})
    else:
        changed = {"renamed": ("title", "v2.1"), "moved": ("due", date(2026, 12, 24)), "closed": ("closed", True)}
        setattr(api, *changed[how])


@pytest.mark.parametrize("how", ["renamed", "moved", "closed", "deleted", "no longer asked for"])
def test_nothing_is_created_from_what_was_edited_meanwhile(how: str) -> None:
    made = company()
    made.github.boxes["acme/web"].records.clear()
    saved = as_saved(made.plan())
    edited(made, how)
    applied = applied_later(made, saved)
    assert made.jira.boxes["API"].records == {}
    assert {change.outcome for change in applied.changes} == {"stale"}
    assert all("since the plan was made" in change.answer for change in applied.changes)
    assert made.github.writes == made.jira.writes == []


def test_what_was_created_and_deleted_is_not_created_again() -> None:
    made = company()
    saved = as_saved(made.plan())
    applied_later(made, saved)
    made.jira.boxes["API"].records.clear()
    applied = applied_later(made, saved)
    assert made.jira.boxes["API"].records == {}
    assert {change.outcome for change in applied.changes if change.kind == "create"} == {"stale"}


def test_the_rest_is_done_and_remembered_and_nothing_else() -> None:
    made = company()
    made.github.boxes["acme/api"].public = made.github.boxes["acme/web"].public = True  # remembered in notes
    made.jira.add("API", "v2.0", due=date(2026, 12, 1))
    made.jira.add("API", "v3.0 \u202e ##[error]x\x7f")
    saved = as_saved(made.plan())
    (web,) = made.github.boxes["acme/web"].records.values()
    web.due = date(2026, 12, 5)
    applied = applied_later(made, saved)
    assert {change.outcome for change in applied.changes if change.milestone == "platform/2.0"} == {"done", "already"}
    assert web.description is None
    (page,) = made.jira.boxes["API"].notes.values()
    assert len(json.loads(page)["milestones"]) == 1
    made.settled()


@pytest.mark.parametrize("number", range(5))
def test_one_that_was_killed_is_finished_when_it_is_applied_again(number: int) -> None:
    made = company()
    saved = as_saved(made.plan())
    killed_at(number, made, lambda: applied_later(made, saved))
    applied_later(made, saved)
    assert made.plan().changes == ()
    assert len(made.jira.boxes["API"].records) == 2


def test_what_cannot_be_read_again_is_withheld() -> None:
    made = company()
    saved = as_saved(made.plan())
    made.github.boxes["acme/web"].readable = False
    applied = applied_later(made, saved)
    assert {change.outcome for change in applied.changes} == {"withheld"}
    assert [each.container for each in applied.unread] == ["github:acme/web"]
    assert made.github.writes == made.jira.writes == []


def test_a_plan_that_was_narrowed_is_compared_with_one_as_narrow() -> None:
    made = company()
    saved = as_saved(made.plan(only=("platform/2.0",)))
    applied = applied_later(made, saved)
    assert {change.outcome for change in applied.changes} <= {"done", "already"}
    assert [held.title for held in made.jira.boxes["API"].records.values()] == ["v2.0"]
    (api,) = made.github.boxes["acme/api"].records.values()
    api.title = "v2.1"
    assert {change.outcome for change in applied_later(made, saved).changes} <= {"stale"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this is no saved plan"),
        ("[]", "this is no saved plan. Make one"),
        ('{"schema": "mdpc/1"}', "`--format json` writes a report"),
        ('{"schema": "mdpc/plan/1"}', "the saved plan is damaged"),
        ('{"schema": "mdpc/plan/1", "plan": {"command": 7}}', "the saved plan is damaged (at command)"),
        ("[" * 100_000, "this is no saved plan"),
    ],
)
def test_what_is_no_saved_plan_is_said_to_be_none(text: str, said: str) -> None:
    with pytest.raises(SavedPlanError) as raised:
        from_saved(text, ["github"])
    assert said in str(raised.value)
    assert "mdpc plan --save" in str(raised.value)


def test_a_plan_of_another_configuration_is_refused() -> None:
    text = as_saved(company().plan())
    with pytest.raises(SavedPlanError, match="writes to jira, which this configuration does not have"):
        from_saved(text, ["github"])


def test_an_unknown_key_in_a_plan_is_no_reason_to_write_something_else() -> None:
    saved = json.loads(as_saved(company().plan()))
    saved["plan"]["changes"][0]["kind"] = "delete"
    with pytest.raises(SavedPlanError, match="damaged"):
        from_saved(json.dumps(saved), ["github", "jira"])


def test_an_empty_plan_can_be_saved() -> None:
    empty = replace(company().plan(), milestones=(), findings=(), changes=())
    assert isinstance(from_saved(as_saved(empty), []), Plan)
