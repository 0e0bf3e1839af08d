"""The machine of `tests.flows.people`: what it shows of mdpc, and that it finds faults that are planted."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from mdpc import identity, memory, run, staging
from mdpc.changes import Change
from mdpc.merge import Held, Settled, Verdict
from mdpc.messages import Message
from mdpc.model import Reading, Record, Ref, Scope
from mdpc.settings.file import from_tables
from mdpc_sandbox.server import Sandbox
from tests.core.build import NOW
from tests.flows.people import People
from tests.flows.rehearsal import WRITE
from tests.flows.sandbox_tracker import SandboxTracker
from tests.memory_tracker import MemoryTracker

EXAMPLES = int(os.environ.get("PEOPLE_EXAMPLES", "120"))
QUICK = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    derandomize="PEOPLE_EXAMPLES" not in os.environ,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.long
def test_whatever_people_do_and_wherever_runs_die_no_edit_is_lost() -> None:
    run_state_machine_as_test(People, settings=QUICK)


class PeopleOverHTTP(People):
    """The same, over real connectors and a sandbox."""

    deployment = "cloud"

    def connect(self, tables: dict[str, Any]) -> dict[str, Any]:
        """A sandbox of its own for each example."""
        self.sandbox = Sandbox({"jira": {"deployment": self.deployment}}, clock=lambda: NOW)
        cloud = self.deployment == "cloud"
        jira = {"url": self.sandbox.jira_url, "deployment": "cloud" if cloud else "data-center"}
        connectors = {"github": {"url": self.sandbox.github_url}, "jira": jira}
        environment = {name: text for name, text in WRITE.items() if cloud or not name.endswith("USER")}
        self.settings = from_tables({"connectors": connectors, **tables}, environment)
        return {
            name: SandboxTracker(self.sandbox, connector, jira=name == "jira")
            for name, connector in run.connect(self.settings).items()
        }

    def teardown(self) -> None:
        """Close the sandbox as well."""
        try:
            super().teardown()
        finally:
            if hasattr(self, "sandbox"):
                self.sandbox.close()


class PeopleOverDataCenter(PeopleOverHTTP):
    """The same with Jira Data Center."""

    deployment = "10.3"


@pytest.mark.long
@pytest.mark.parametrize("machine", [PeopleOverHTTP, PeopleOverDataCenter])
def test_the_same_over_http(machine: type[People]) -> None:
    few = settings(QUICK, max_examples=EXAMPLES // 10, stateful_step_count=25)
    run_state_machine_as_test(machine, settings=few)


def finds_a_fault() -> None:
    """The machine runs until it finds something; it fails the test where it does not."""
    hunt = settings(QUICK, max_examples=2_000, phases=(Phase.generate,), report_multiple_bugs=False)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(People, settings=hunt)


@pytest.mark.long
def test_it_finds_a_merge_without_a_base(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_wins(held: Sequence[Held], *_: object) -> Verdict:
        return Settled(next((each.value for each in held if not each.closed), None))

    monkeypatch.setattr("mdpc.course.merged", first_wins)
    finds_a_fault()


@pytest.mark.long
def test_it_finds_memory_that_is_written_before_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = staging.stages

    def keeper_first(
        changes: Sequence[Change], messages: Sequence[Message]
    ) -> list[tuple[list[Change], list[Message]]]:
        free = [replace(change, needs=(), follows=()) for change in changes]
        created = any(change.kind == "create" for change in changes)
        return stages(free, messages) if created else list(reversed(stages(changes, messages)))

    monkeypatch.setattr(staging, "stages", keeper_first)
    finds_a_fault()


@pytest.mark.long
def test_it_finds_a_lost_right_that_is_taken_for_emptiness(monkeypatch: pytest.MonkeyPatch) -> None:
    read = MemoryTracker.read

    def all_is_well(self: MemoryTracker, scope: Scope) -> Reading:
        lost = [box for box in self.boxes.values() if not box.readable]
        kept = {box.name: box.records for box in lost}
        for box in lost:
            box.readable, box.records = True, {}
        try:
            return read(self, scope)
        finally:
            for box in lost:
                box.readable, box.records = False, kept[box.name]

    monkeypatch.setattr(MemoryTracker, "read", all_is_well)
    finds_a_fault()


@pytest.mark.long
def test_it_finds_memory_that_is_believed_on_a_copied_description(monkeypatch: pytest.MonkeyPatch) -> None:
    read = memory._read

    def believing(text: str, uid: str) -> Any:
        mark = read(text, uid)
        if mark.trouble != "its mark was copied from another milestone":
            return mark
        return memory.Mark(replace(memory.from_object(json.loads(text)), uid=uid))

    def own_word(ids: Any, records: Sequence[Record], marks: Mapping[Ref, memory.Mark], authority: Any) -> Any:
        named = {record.ref: identity._named(marks[record.ref]) for record in records}
        return {**ids, **{ref: name for ref, name in named.items() if name in authority}}

    # Either alone does no harm: a milestone's own memory has to know the record, too.
    monkeypatch.setattr(memory, "_read", believing)
    monkeypatch.setattr(identity, "_by_own_word", own_word)
    memory._mark.cache_clear()
    try:
        finds_a_fault()
    finally:
        memory._mark.cache_clear()
