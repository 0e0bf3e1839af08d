"""The two ends of the pipe, with connectors that live in memory."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from typing import ClassVar

import pytest

from mdpc import run
from mdpc.changes import Change, Outcome, OutcomeStatus, Plan
from mdpc.connector import ConnectorSettings, Problem, TrackerError
from mdpc.coordination import IssueReading, IssueScope
from mdpc.model import Reading, Record, Scope
from mdpc.plan import Request
from mdpc.settings import Settings
from tests.core.build import NOW, record, settings, snapshot
from tests.preflighted import problems_in

Answer = Callable[[Change], OutcomeStatus]
REQUEST = Request("sync", NOW)


class InMemory:
    """A connector that holds records, and answers every change as it is told."""

    Settings: ClassVar[type[ConnectorSettings]] = ConnectorSettings

    def __init__(self, name: str, records: Sequence[Record] = (), answer: Answer = lambda _: "done") -> None:
        self.name = name
        self.records = records
        self.answer = answer
        self.applied: list[Change] = []
        self.scopes: list[Scope] = []
        self.requests = 0

    def preflight(self, scope: Scope) -> Sequence[Problem]:
        return [Problem("info", self.name, f"members: {', '.join(scope.members)}")]

    def read(self, scope: Scope) -> Reading:
        self.requests += 1
        self.scopes.append(scope)
        return next(each for each in snapshot(self.records).readings if each.connector == self.name)

    def read_issues(self, scope: IssueScope) -> IssueReading:
        self.requests += 1
        return IssueReading(self.name, contents={ref: frozenset() for ref in scope.contents})

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        self.requests += 1
        self.applied += changes
        return [Outcome(change.id, self.answer(change)) for change in changes]


class Down(InMemory):
    """A connector whose server does not answer."""

    def read(self, scope: Scope) -> Reading:
        raise TrackerError("the server did not answer", reason="network", next_step="Look at its address")


def connectors(*, github: InMemory | None = None, jira: InMemory | None = None) -> dict[str, InMemory]:
    return {"github": github or InMemory("github"), "jira": jira or InMemory("jira")}


def planned(settings: Settings, of: dict[str, InMemory]) -> Plan:
    return run.plan(settings, of, REQUEST)


def test_planning_reads_everything_and_writes_nothing() -> None:
    of = connectors(
        github=InMemory("github", [record("github:acme/api#1")]), jira=InMemory("jira", [record("jira:API#1", "2")])
    )
    found = planned(settings(), of)
    assert len(found.changes) == 2
    assert not of["github"].applied
    assert found.stats.requests == {"github": 1, "jira": 1}
    assert found.stats.records == {"github": 1, "jira": 1}


def test_a_connector_is_asked_for_its_members_its_history_and_activity_where_a_rule_wants_it() -> None:
    of = connectors()
    programs = [{"name": "p", "members": [{"ref": "github:acme/api"}, {"ref": "jira:API"}, {"ref": "github:acme/w*"}]}]
    planned(settings(programs=programs, history="30d"), of)
    planned(settings(history="all", overrides=[{"match": "*", "rules": {"stale": "warn"}}]), of)
    first, second = of["github"].scopes
    assert (first.members, str(first.closed_since), first.activity) == (("acme/api", "acme/w*"), "2026-10-23", False)
    assert (second.members, second.closed_since, second.activity) == ((), None, True)


def test_a_connector_that_cannot_be_read_is_unread_and_the_rest_goes_on() -> None:
    of = connectors(github=InMemory("github", [record("github:acme/api#1")]), jira=Down("jira"))
    found = planned(settings(), of)
    (unread,) = found.unread
    assert unread.container == "jira:*"
    assert unread.why == "the server did not answer. Look at its address"
    assert len(found.changes) == 1


def test_syncing_applies_each_change_and_tells_each_outcome() -> None:
    answers: dict[str, OutcomeStatus] = {"github:acme/a#1": "done", "github:acme/b#1": "stale", "jira:API#1": "failed"}

    def answer(change: Change) -> OutcomeStatus:
        return answers[str(change.ref)]

    of = connectors(
        github=InMemory("github", [record("github:acme/a#1"), record("github:acme/b#1")], answer),
        jira=InMemory("jira", [record("jira:API#1")], answer),
    )
    told: list[Change] = []
    applied = run.sync(planned(settings(), of), of, told.append)
    assert {str(change.ref): change.outcome for change in applied.changes} == answers
    assert {str(change.ref): change.outcome for change in told} == answers
    assert applied.stats.requests == {"github": 3, "jira": 2}
    assert not applied.stats.truncated


def test_nothing_of_a_refused_program_is_written() -> None:
    of = connectors(github=InMemory("github", [record("github:acme/a#1"), record("github:acme/b#1")]))
    refused = planned(settings(limits={"adopt": 1}), of)
    applied = run.sync(refused, of, lambda _: None)
    assert not of["github"].applied
    assert [change.outcome for change in applied.changes] == ["withheld", "withheld"]
    once = run.plan(settings(limits={"adopt": 1}), of, Request("sync", NOW, adopt=2))
    assert [change.outcome for change in run.sync(once, of, lambda _: None).changes] == ["done", "done"]


def press_ctrl_c() -> None:
    """What a terminal does."""
    os.kill(os.getpid(), signal.SIGINT)


def interruptible(of: dict[str, InMemory], *, presses: int) -> tuple[Plan, threading.Event]:
    """Sync with Ctrl-C pressed during the first write, which takes until the event that comes back is set."""
    release = threading.Event()
    pressed: list[int] = []

    def answer(_: Change) -> OutcomeStatus:
        for _number in range(presses - len(pressed)):
            pressed.append(1)
            press_ctrl_c()
            release.wait(0.2)
        release.wait(5 if presses > 1 else 0)
        return "done"

    of["github"].answer = answer
    return run.sync(planned(settings(), of), of, lambda _: None), release


def three_records() -> dict[str, InMemory]:
    return connectors(github=InMemory("github", [record(f"github:acme/r{n}#1") for n in range(3)]))


def test_an_interrupted_sync_finishes_the_write_under_way_and_says_what_was_not_done() -> None:
    of = three_records()
    applied, _ = interruptible(of, presses=1)
    assert applied.stats.truncated
    assert len(of["github"].applied) == 1
    assert sorted(str(change.outcome) for change in applied.changes) == ["done", "withheld", "withheld"]


def test_interrupted_twice_it_does_not_wait_and_says_that_it_does_not_know() -> None:
    applied, release = interruptible(three_records(), presses=2)
    release.set()
    assert sorted(str(change.outcome) for change in applied.changes) == ["unknown", "withheld", "withheld"]


def test_ctrl_c_ends_a_reading_at_once() -> None:
    release = threading.Event()

    class Slow(InMemory):
        def read(self, scope: Scope) -> Reading:
            press_ctrl_c()
            release.wait(5)
            return super().read(scope)

    with pytest.raises(KeyboardInterrupt):
        planned(settings(), connectors(github=Slow("github")))
    release.set()


def test_a_connector_that_stumbles_loses_nothing_of_the_others() -> None:
    def answer(_: Change) -> OutcomeStatus:
        raise ZeroDivisionError

    of = connectors(
        github=InMemory("github", [record("github:acme/a#1"), record("github:acme/b#1")], answer),
        jira=InMemory("jira", [record("jira:API#1")]),
    )
    applied = run.sync(planned(settings(), of), of, lambda _: None)
    assert sorted(str(change.outcome) for change in applied.changes) == ["done", "unknown", "unknown"]

    class Stumbling(InMemory):
        def read(self, scope: Scope) -> Reading:
            raise ZeroDivisionError

    found = planned(settings(), connectors(github=Stumbling("github"), jira=of["jira"]))
    assert [(entry.container, "ZeroDivisionError" in entry.why) for entry in found.unread] == [("github:*", True)]
    assert len(found.changes) == 1


def test_forgetting_reads_all_of_history() -> None:
    of = connectors(github=InMemory("github", [record("github:acme/api#1")]))
    assert not run.forget(settings(history="1d"), of, Request("forget", NOW)).changes
    assert of["github"].scopes[0].closed_since is None


@pytest.mark.parametrize("what", ["github:acme/api/1.0", "github:acme/api#1"])
def test_explaining_says_which_rules_apply_and_on_whose_word(what: str) -> None:
    of = connectors(github=InMemory("github", [record("github:acme/api#1")]))
    told = run.explain(settings(rules={"owner-required": "error"}), of, REQUEST, what)
    (explanation,) = told.explanations
    assert told.plan.unread == ()
    said = {each.rule: (each.level.value, each.source, len(each.breaches)) for each in explanation.verdicts}
    assert said["owner-required"] == ("error", "[rules]", 1)
    assert said["due-date-required"] == ("warn", "the default", 1)
    assert said["title-format"] == ("off", "the default", 0)
    assert [each.rule for each in explanation.findings] == ["due-date-required", "owner-required"]
    assert len(explanation.changes) == 1


def test_preflight_asks_every_connector() -> None:
    programs = [{"name": "p", "members": [{"ref": "jira:API"}]}]
    said = problems_in(run.preflight(settings(programs=programs), connectors(), {}))
    assert [(each.where, each.what) for each in said[:-1]] == [("github", "members: "), ("jira", "members: API")]
    assert (said[-1].level, said[-1].where) == ("info", "writeback.heartbeat_url")
