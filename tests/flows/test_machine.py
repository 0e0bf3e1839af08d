"""The machine of `tests.flows.machine`: what must hold after every run, and that it finds faults that are planted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from mdpc.memory import Agreed
from mdpc.merge import Disputed, Held, Same, Settled, State, Verdict, aggregated, carried, equal, merged
from tests.flows.machine import Machine
from tests.flows.world import Setup

PATTERN = {"ref": "github:acme/web", "title": "^web (?P<key>.+)$"}
SETUPS = {
    "merged": Setup({"sync": {"fields": {"start": "merge"}}}),
    "created": Setup({"sync": {"create": ["jira", "github:acme/web"]}}),
    "versions-alone": Setup(
        {"sync": {"create": ["jira:WEB"], "fields": {"start": "merge"}}}, boxes=("jira:API", "jira:WEB")
    ),
    "public": Setup({"sync": {"create": ["github", "jira"]}}, public=("github:acme/api",)),
    "pattern": Setup(
        {
            "programs": [{"name": "p", "members": [{"ref": "github:acme/api"}, PATTERN, {"ref": "jira:API"}]}],
            "sync": {"create": ["github", "jira"]},
        }
    ),
    "github-closes": Setup({"sync": {"create": ["jira"], "fields": {"state": "github"}}}),
    "jira-closes": Setup({"sync": {"fields": {"state": "jira"}, "on_delete": "unlink"}}),
    "jira-leads": Setup({"sync": {"fields": {"due": "jira", "title": "github"}}}),
    "unlinked": Setup({"sync": {"create": ["jira", "github:acme/api"], "on_delete": "unlink"}}),
    "globs": Setup({"programs": [{"name": "p", "members": [{"ref": "github:acme/*"}, {"ref": "jira:API"}]}]}),
    "reported": Setup({"sync": {"fields": {"title": "report", "due": "report", "state": "report"}}}),
    "read-only": Setup({"access": {"jira": "read"}, "sync": {"fields": {"state": "github"}}}),
    "two-projects": Setup(
        {"sync": {"create": ["jira:WEB"], "fields": {"start": "jira:API"}}},
        boxes=("github:acme/api", "jira:API", "jira:WEB"),
    ),
}
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "6"))
QUICK = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    derandomize="MACHINE_EXAMPLES" not in os.environ,
    database=None,
    print_blob=False,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.long
@pytest.mark.parametrize("name", SETUPS)
def test_what_stands_there_after_each_run_is_what_it_ought_to_be(name: str) -> None:
    run_state_machine_as_test(machine(name), settings=QUICK)


def machine(name: str) -> type[Machine]:
    """The machine of one company."""
    return type("Machine", (Machine,), {"setup": SETUPS[name]})


def finds_a_fault(name: str) -> None:
    """The machine runs until it finds something; it fails the test where it does not."""
    hunt = settings(QUICK, max_examples=200, derandomize=True, phases=(Phase.generate,))
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine(name), settings=hunt)


def test_it_finds_a_date_of_a_closing_that_is_taken_for_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed_ones_too(held: Sequence[Held], base: Agreed | None, same: Same = equal) -> Verdict:
        return merged([replace(each, closed=False) for each in held], base, same)

    monkeypatch.setattr("mdpc.course.merged", closed_ones_too)
    finds_a_fault("merged")


def test_it_finds_an_edit_that_wins_over_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def last_wins(held: Sequence[Held], base: Agreed | None, same: Same = equal) -> Verdict:
        verdict = merged(held, base, same)
        return Settled(held[-1].value) if isinstance(verdict, Disputed) else verdict

    monkeypatch.setattr("mdpc.course.merged", last_wins)
    finds_a_fault("created")


def test_it_finds_that_more_is_reopened_than_was_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def whoever_leads(held: Sequence[Held], base: State | None) -> Verdict:
        verdict = carried(held, base)
        return Settled(aggregated(held)) if isinstance(verdict, Disputed) else verdict

    monkeypatch.setattr("mdpc.course.carried", whoever_leads)
    finds_a_fault("jira-closes")


def test_it_finds_that_a_start_date_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mdpc.course.VALUES", ("title", "due"))
    finds_a_fault("versions-alone")
