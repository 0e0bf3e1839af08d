"""Notes, memory and links against the sandbox's Jira, over real HTTP: they come, are read, and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock

import pytest

from mdpc.changes import Change, Value
from mdpc.model import ContainerRef, Reading, Record, Ref, Scope
from mdpc.notes import OWN, canonical, note_key
from mdpc_jira import JiraConnector, JiraSettings
from mdpc_sandbox.server import Sandbox

API = ContainerRef("jira", "API")
THERE = "https://github.com/acme/api/milestone/3"
SEED: dict[str, Any] = {
    "projects": [
        {
            "key": "API",
            "versions": [{"name": "1.0", "id": "500"}, {"name": "0.9", "id": "501"}],
            "issues": [{"summary": "Grow", "key": "API-100", "issuetype": "Epic"}],
        },
        {"key": "WEB", "versions": [{"name": "1.0", "id": "600"}]},
    ]
}
NOTED = Scope(members=("api", "WEB"), notes={"API": ("platform",)})


@dataclass
class Place:
    """A sandbox, and what is a milestone in its Jira."""

    sandbox: Sandbox
    milestones: str

    def connector(self) -> JiraConnector:
        """A connector of its own, which waits for nothing."""
        state = self.sandbox.jira
        table = {"type": "jira", "url": self.sandbox.jira_url, "token": "sandbox-write", "milestones": self.milestones}
        table |= {"user": "mdpc-bot@example.com"} if state.cloud else {"deployment": "data-center"}
        return JiraConnector("jira", JiraSettings.model_validate(table), sleep=Mock())

    def read(self, scope: Scope = NOTED) -> tuple[Reading, int]:
        """A reading, and what it cost."""
        connector = self.connector()
        before = self.sandbox.log.count("jira")
        reading = connector.read(scope)
        assert connector.requests == self.sandbox.log.count("jira") - before
        return reading, connector.requests

    def record(self) -> Record:
        """The first record of jira:API."""
        return next(record for record in self.read()[0].records if record.ref.container == API)

    def apply(self, change: Change) -> str:
        """What a change came to."""
        (outcome,) = self.connector().apply([change])
        return outcome.status

    def links(self) -> list[Any]:
        """What the first record links to."""
        if self.milestones == "epics":
            return [link["object"]["url"] for link in self.sandbox.jira.issues["API-100"].links.values()]
        version = self.sandbox.jira.versions["500"]
        return [work["url"] for work in version.work.values()] + [
            link["object"]["url"] for link in version.links.values()
        ]


@pytest.fixture(params=["cloud", "9.12", "10.3"])
def deployment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["versions", "epics"])
def place(request: pytest.FixtureRequest, deployment: str) -> Iterator[Place]:
    with Sandbox({"jira": SEED | {"deployment": deployment}}) as sandbox:
        yield Place(sandbox, request.param)


def noted(page: int, before: Value, after: Value, program: str = "platform") -> Change:
    key = note_key(program, page)
    return Change("c1", "w1", "memory", program, Ref(API, key), key, "memory", before, after, "because")


def of(record: Record, field: str, before: Value, after: Value) -> Change:
    return Change("c1", "w1", "memory", "platform", record.ref, record.uid, field, before, after, "because")


def test_notes_come_and_go(place: Place) -> None:
    first, second = canonical({"v": 1, "pages": 2}), canonical({"text": "é" * 20})
    nothing, plain = place.read()
    assert dict(nothing.notes) == {API: {}}
    assert place.apply(noted(0, None, first)) == "done"
    assert place.apply(noted(1, None, second)) == "done"
    assert place.apply(noted(1, None, second)) == "already"
    reading, cost = place.read()
    assert dict(reading.notes) == {API: {"mdpc.platform.0": first, "mdpc.platform.1": second}}
    assert cost == plain + 1, "the second page"
    assert place.apply(noted(1, second, None)) == "done"
    assert place.apply(noted(0, "theirs", None)) == "stale"
    assert place.apply(noted(0, first, None)) == "done"
    assert place.apply(noted(0, first, None)) == "already"
    assert place.read()[0] == nothing


def test_what_notes_cost(place: Place) -> None:
    plain = place.read(Scope(members=("API", "WEB")))[1]
    one_each = 0 if place.sandbox.jira.cloud else 1
    assert place.read()[1] == plain + one_each
    both = {"API": ("platform", "other"), "web": ("platform",)}
    assert place.read(Scope(members=("API", "WEB"), notes=both))[1] == plain + 3 * one_each
    every = place.read(Scope(members=("API", "*")))[1]
    assert place.read(Scope(members=("API", "*"), own_notes=True))[1] == every


def test_a_container_that_nobody_names_has_notes_of_its_own(place: Place) -> None:
    assert place.apply(noted(0, None, canonical({"pages": 1}), OWN)) == "done"
    table = {"type": "jira", "url": place.sandbox.jira_url, "projects": ["*"]}
    connector = JiraConnector("jira", JiraSettings.model_validate(table))
    notes = connector.read(Scope(members=("WEB",), own_notes=True)).notes
    assert dict(notes) == {API: {"mdpc.own.0": '{"pages":1}'}}


def test_an_unreadable_note_makes_its_project_unread_alone(place: Place) -> None:
    place.sandbox.faults.add("/rest/api/2/project/API/properties/*", status=403)
    if place.sandbox.jira.cloud:
        place.sandbox.jira.projects["API"].properties["mdpc.platform.0"] = {"pages": 2}
    reading = place.read()[0]
    assert [unread.container for unread in reading.unread] == ["jira:API"]
    assert {record.ref.container.name for record in reading.records} <= {"WEB"}
    assert dict(reading.notes) == {}


def test_memory_of_an_issue_comes_and_goes(deployment: str) -> None:
    with Sandbox({"jira": SEED | {"deployment": deployment}}) as sandbox:
        place = Place(sandbox, "epics")
        record, text = place.record(), canonical({"v": 1, "id": "m0123456789ab"})
        assert place.apply(of(record, "memory", None, text)) == "done"
        assert place.apply(of(record, "memory", None, text)) == "already"
        assert place.record().memory == (text if sandbox.jira.cloud else None)
        assert place.apply(of(record, "memory", text, None)) == "done"
        assert place.apply(of(record, "memory", text, None)) == "already"
        assert place.record() == record


def test_a_link_comes_and_goes(place: Place) -> None:
    record = place.record()
    assert place.apply(of(record, "link", None, THERE)) == "done"
    assert place.apply(of(record, "link", None, THERE)) == "already"
    assert place.links() == [THERE]
    assert place.apply(of(record, "link", THERE, None)) == "done"
    assert place.apply(of(record, "link", THERE, None)) == "already"
    assert place.links() == []


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_link_whose_answer_was_lost_is_there_once_at_most(place: Place, drop: str) -> None:
    record = place.record()
    place.sandbox.faults.add("*", tracker="jira", method="POST", drop=drop, times=1)
    status = place.apply(of(record, "link", None, THERE))
    assert len(place.links()) == (status == "done")
    assert status == "done" or (drop == "before" and place.sandbox.jira.cloud and place.milestones == "versions")


def test_notes_need_the_right_to_administer(place: Place) -> None:
    place.sandbox.jira.users["mdpc-bot"].rights = "write"
    (outcome,) = place.connector().apply([noted(0, None, "{}")])
    assert (outcome.status, "need Administer Projects on API" in outcome.answer) == ("failed", True)


def test_a_rename_to_a_name_that_is_taken_says_so(deployment: str) -> None:
    with Sandbox({"jira": SEED | {"deployment": deployment}}) as sandbox:
        place = Place(sandbox, "versions")
        (outcome,) = place.connector().apply([of(place.record(), "title", "1.0", "0.9")])
    assert outcome.status == "failed"
    assert outcome.answer.startswith("Another version of API may have this name: rename one of them, or merge them.")
