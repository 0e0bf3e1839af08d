"""Plans that are kept in a file: what comes back is what was saved, and what is no plan is said to be none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from mdpc import run
from mdpc.changes import Plan
from mdpc.saved import SavedPlanError, as_saved, from_saved
from tests.core.test_in_step import Company


def company() -> Company:
    made = Company(sync={"create": ["jira"]})
    made.github.add("acme/api", "v2.0", due=date(2026, 12, 1), description="Owner: @alice\n\ud83d")
    made.github.add("acme/web", "v3.0 \u202e")
    return made


def test_what_was_saved_comes_back_but_for_descriptions() -> None:
    planned = company().plan()
    text = as_saved(planned)
    found = from_saved(text, ["github", "jira"])
    assert found.changes == planned.changes
    assert (found.now, found.findings, found.stats) == (planned.now, planned.findings, planned.stats)
    assert [each.key for each in found.milestones] == [each.key for each in planned.milestones]
    assert "Owner: @alice" not in text
    assert text.isascii()


def test_a_saved_plan_is_applied_exactly_and_what_was_edited_meanwhile_is_left_alone() -> None:
    made = company()
    (api,) = made.github.boxes["acme/api"].records.values()
    (web,) = made.github.boxes["acme/web"].records.values()
    made.settled()
    api.due, web.title = date(2026, 12, 24), "v3.1"
    saved = as_saved(made.plan())
    versions = {held.title: held for held in made.jira.boxes["API"].records.values()}
    versions["v2.0"].due = date(2027, 1, 1)
    applied = run.sync(from_saved(saved, ["github", "jira"]), made.connectors, lambda _: None)
    assert versions["v2.0"].due == date(2027, 1, 1)
    assert sorted(held.title for held in versions.values()) == ["v2.0", "v3.1"]
    outcomes = {(change.milestone, change.field): change.outcome for change in applied.changes}
    assert outcomes["platform/2.0", "due"] == "stale"
    assert outcomes["platform/3.1", "title"] == "done"


def test_applied_twice_it_writes_nothing_more() -> None:
    made = company()
    saved = as_saved(made.plan())
    first = run.sync(from_saved(saved, ["github", "jira"]), made.connectors, lambda _: None)
    assert {change.outcome for change in first.changes} == {"done", "already"}
    writes = len(made.github.writes) + len(made.jira.writes)
    again = run.sync(from_saved(saved, ["github", "jira"]), made.connectors, lambda _: None)
    assert {change.outcome for change in again.changes} == {"already"}
    assert len(made.github.writes) + len(made.jira.writes) == writes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this is no saved plan"),
        ("[]", "this is no saved plan of this version"),
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
