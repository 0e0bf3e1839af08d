"""The connector against the sandbox's Jira, over real HTTP, as Cloud and as two releases of Data Center."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from mdpc import status
from mdpc.changes import Change, Kind, OutcomeStatus, Value
from mdpc.connector import Problem, TrackerError, Use
from mdpc.model import Account, ContainerRef, Record, Scope, Skipped
from mdpc_jira import JiraConnector, JiraSettings
from mdpc_sandbox.server import Sandbox
from tests.jira.helpers import STATUS
from tests.preflighted import problems_in, rights_in

READER = ("mdpc-reader@example.com", "sandbox-read")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PAYLOAD = Path(__file__).parents[3] / "shared" / "data" / "jira-versions.json"
EVERYTHING = Scope(members=("*",))
SEED: dict[str, Any] = {
    "users": [
        {
            "id": "Alice",
            "displayName": "Alice Archer",
            "emailAddress": "alice@acme.example",
            "tokens": ["alice-token"],
            "rights": "write",
        }
    ],
    "fields": [{"id": "customfield_10100", "name": "Target end", "type": "date"}],
    "projects": [
        {
            "key": "API",
            "versions": [
                {
                    "name": "1.0",
                    "id": "500",
                    "description": "first\r\n",
                    "startDate": "2026-01-01",
                    "releaseDate": "2026-12-01",
                    "driver": "Alice",
                    "issues": {"todo": 2, "in_progress": 1, "done": 3},
                },
                {"name": "0.9", "id": "501", "released": True, "releaseDate": "2026-06-01", "issues": {"done": 2}},
                {"name": '2.0 "final" \\', "id": "502"},
            ],
            "issues": [
                {
                    "summary": "Grow",
                    "key": "API-100",
                    "issuetype": "Epic",
                    "duedate": "2026-12-24",
                    "assignee": "Alice",
                },
                {"summary": "Shrink", "key": "API-102", "issuetype": "Epic", "description": "h2. Less"},
            ],
        },
        {"key": "OPS", "private": True, "versions": [{"name": "1.0", "id": "600"}]},
    ],
}


@dataclass
class Place:
    """A sandbox, and connectors to it."""

    sandbox: Sandbox
    cloud: bool

    def connector(self, user: str = "mdpc-bot@example.com", token: str = "sandbox-write", **more: Any) -> JiraConnector:
        given: dict[str, Any] = {"type": "jira", "url": self.sandbox.jira_url, "token": token}
        given |= {"user": user} if self.cloud else {}
        return JiraConnector("jira", JiraSettings.model_validate(given | more), sleep=Mock())

    def record(self, uid: str, **settings: Any) -> Record:
        """The record as it stands there now."""
        records = self.connector(**settings).read(EVERYTHING).records
        return next(record for record in records if record.uid == uid)


@pytest.fixture(params=["cloud", "9.12", "10.3"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    seed = json.loads(json.dumps(SEED)) | {"deployment": request.param}
    cloud = request.param == "cloud"
    epics = seed["projects"][0]["issues"]
    link = (lambda key: {"parent": key}) if cloud else (lambda key: {"fields": {"customfield_10014": key}})
    for number, (name, epic) in enumerate((("To Do", "API-100"), ("Done", "API-100"), ("To Do", "API-102"))):
        epics.append({"summary": "part", "key": f"API-{110 + number}", "status": name} | link(epic))
    with Sandbox({"jira": seed}, clock=lambda: NOW) as sandbox:
        yield Place(sandbox, cloud)


def write(record: Record, field: str, before: Value, after: Value, kind: Kind = "update") -> Change:
    return Change(f"c-{field}", "w1", kind, "API", record.ref, record.uid, field, before, after, "because")


def outcomes(connector: JiraConnector, *changes: Change) -> list[OutcomeStatus]:
    return [outcome.status for outcome in connector.apply(changes)]


def test_reading_versions(place: Place) -> None:
    connector = place.connector()
    reading = connector.read(EVERYTHING)
    records = {record.uid: record for record in reading.records}
    first = records["500"]
    assert (first.title, first.due, first.start) == ("1.0", date(2026, 12, 1), date(2026, 1, 1))
    assert (first.description, first.open_issues, first.closed_issues) == ("first\r\n", 3, 3)
    assert first.url == f"{place.sandbox.jira_url}/projects/API/versions/500"
    assert first.driver == (Account("jira", "Alice") if place.cloud else None)
    assert (records["501"].closed, records["501"].closed_issues) == (True, 2)
    assert (records["502"].title, records["502"].description) == ('2.0 "final" \\', None)
    assert [str(container.ref) for container in reading.containers] == ["jira:API", "jira:OPS"]
    assert reading.unread == ()
    assert reading.accounts == {"mdpc-bot"}
    assert connector.requests == place.sandbox.log.count("jira")
    assert place.sandbox.log.writes() == ()


def test_history_and_activity(place: Place) -> None:
    scope = Scope(members=("api",), closed_since=date(2026, 8, 1), activity=True)
    records = place.connector().read(scope).records
    assert [record.uid for record in records] == ["500", "502"]
    assert [record.last_activity for record in records] == [NOW, None]


def test_a_status_comes_changes_and_goes(place: Place) -> None:
    connector, record = place.connector(), place.record("500")
    assert outcomes(connector, write(record, "status", None, STATUS, "status")) == ["done"]
    assert place.record("500").description == f"first\r\n\n{STATUS}"
    assert outcomes(connector, write(record, "status", None, STATUS, "status")) == ["already"]
    newer = STATUS.replace("alice", "bob")
    assert outcomes(connector, write(record, "status", STATUS, newer, "status")) == ["done"]
    assert outcomes(connector, write(record, "status", STATUS, newer, "status")) == ["already"]
    assert outcomes(connector, write(record, "status", STATUS, None, "status")) == ["stale"]
    assert outcomes(connector, write(record, "status", newer, None, "status")) == ["done"]
    assert place.record("500") == record
    empty = place.record("502")
    assert outcomes(connector, write(empty, "status", None, STATUS, "status")) == ["done"]
    assert outcomes(connector, write(empty, "status", STATUS, None, "status")) == ["done"]
    assert place.record("502") == empty


def test_fields_of_a_version(place: Place) -> None:
    connector, record = place.connector(), place.record("500")
    changes = (
        write(record, "title", "1.0", "1.1 "),
        write(record, "due", "2026-12-01", None),
        write(record, "start", "2026-01-01", "2026-02-01"),
        write(record, "state", "open", "closed"),
    )
    place.sandbox.log.clear()
    assert outcomes(connector, *changes) == ["done"] * 4
    assert len(place.sandbox.log.writes()) == 1
    changed = place.record("500")
    assert (changed.due, changed.start, changed.closed) == (None, date(2026, 2, 1), True)
    assert outcomes(connector, write(record, "title", changed.title, "0.9")) == ["failed"]


def test_a_missing_right_is_named(place: Place) -> None:
    record = place.record("500")
    (outcome,) = place.connector(user="alice@acme.example", token="alice-token").apply(
        [write(record, "status", None, STATUS)]
    )
    assert outcome.status == "failed"
    assert "needs Administer Projects on API" in outcome.answer


def test_a_project_without_rights_is_unread_and_the_rest_is_done(place: Place) -> None:
    place.sandbox.faults.add("/rest/api/2/project/OPS/version", status=403)
    reading = place.connector().read(Scope(members=("API", "OPS", "NOPE")))
    assert [str(container.ref) for container in reading.containers] == ["jira:API"]
    assert [unread.container for unread in reading.unread] == ["jira:NOPE", "jira:OPS"]


@pytest.mark.parametrize("milestones", ["versions", "epics"])
def test_a_project_whose_key_was_changed_is_read_and_written_to_under_the_new_one(
    place: Place, milestones: str
) -> None:
    place.sandbox.jira.change_key("API", "CORE")
    connector = place.connector(milestones=milestones)
    reading = connector.read(Scope(members=("api", "OPS")))
    assert reading.renamed == ((ContainerRef("jira", "API"), ContainerRef("jira", "CORE")),)
    assert [str(container.ref) for container in reading.containers] == ["jira:CORE", "jira:OPS"]
    why = "The project's key is CORE now, and it is read as that: write CORE in the configuration."
    assert reading.skipped == (Skipped("jira:API", why),)
    assert reading.unread == ()
    record = next(record for record in reading.records if not record.closed)
    assert outcomes(connector, write(record, "status", None, STATUS, "status")) == ["done"]


def test_a_project_under_an_old_key_that_cannot_be_read_is_unread_by_both(place: Place) -> None:
    place.sandbox.jira.change_key("API", "CORE")
    place.sandbox.faults.add("/rest/api/2/project/CORE/version", status=403)
    reading = place.connector(optional=["COR*"]).read(Scope(members=("API", "OPS")))
    assert [unread.container for unread in reading.unread] == ["jira:CORE", "jira:API"]
    assert reading.unread[1].why == f"The project's key is CORE now. {reading.unread[0].why}"
    assert all(unread.optional for unread in reading.unread)
    assert (reading.renamed, reading.skipped) == ((), ())


def test_an_issue_that_was_moved_since_is_left_alone(place: Place) -> None:
    connector = place.connector(milestones="epics")
    record = next(iter(connector.read(Scope(members=("API",))).records))
    place.sandbox.jira.change_key("API", "CORE")
    assert outcomes(connector, write(record, "status", None, STATUS, "status")) == ["stale"]
    assert place.sandbox.log.writes() == ()


def test_without_a_token_what_is_public_is_read(place: Place) -> None:
    settings = {"type": "jira", "url": place.sandbox.jira_url}
    reading = JiraConnector("jira", JiraSettings.model_validate(settings)).read(Scope(members=("API", "OPS")))
    assert [str(container.ref) for container in reading.containers] == ["jira:API"]
    assert [unread.container for unread in reading.unread] == ["jira:OPS"]


def test_wrong_token(place: Place) -> None:
    with pytest.raises(TrackerError, match="did not accept the credentials") as raised:
        place.connector(token="no-such-token").read(EVERYTHING)
    assert "no-such-token" not in str(raised.value)


def test_failing_for_a_while_is_waited_out(place: Place) -> None:
    place.sandbox.faults.add("/rest/api/2/project/API/version", status=503, times=1)
    place.sandbox.faults.add("/rest/api/2/myself", status=429, retry_after=3, times=1)
    assert place.connector().read(EVERYTHING).unread == ()


@pytest.mark.parametrize(("drop", "sent"), [("before", 2), ("after", 1)])
def test_a_lost_answer_is_looked_for(place: Place, drop: str, sent: int) -> None:
    record = place.record("500")
    place.sandbox.faults.add("/rest/api/2/version/500", method="PUT", drop=drop, times=1)
    assert outcomes(place.connector(), write(record, "status", None, STATUS)) == ["done"]
    assert len(place.sandbox.log.writes()) == sent
    assert place.record("500").description == f"first\r\n\n{STATUS}"


def test_epics_with_their_children(place: Place) -> None:
    connector = place.connector(milestones="epics")
    records = {record.ref.id: record for record in connector.read(Scope(members=("API",))).records}
    assert set(records) == {"API-100", "API-102"}
    grow = records["API-100"]
    assert (grow.due, grow.open_issues, grow.closed_issues) == (date(2026, 12, 24), 1, 1)
    assert grow.assignee == Account("jira", "Alice", "Alice Archer")
    assert (records["API-102"].description, records["API-102"].open_issues) == ("h2. Less", 1)
    assert (grow.last_activity, place.sandbox.log.writes()) == (NOW, ())


def test_writing_to_an_epic(place: Place) -> None:
    connector = place.connector(milestones="epics")
    records = connector.read(Scope(members=("API",))).records
    shrink = next(record for record in records if record.ref.id == "API-102")
    changes = (
        write(shrink, "status", None, STATUS, "status"),
        write(shrink, "title", "Shrink", "Shrink more"),
        write(shrink, "due", None, "2026-12-31"),
        write(shrink, "state", "open", "closed"),
    )
    assert outcomes(connector, *changes) == ["done"] * 4
    assert outcomes(connector, *changes) == ["already"] * 4
    changed = place.record(shrink.uid, milestones="epics")
    assert (changed.title, changed.due, changed.closed) == ("Shrink more", date(2026, 12, 31), True)
    assert (changed.description, changed.closed_at) == (f"h2. Less\n{STATUS}", NOW)
    back = (
        write(shrink, "state", "closed", "open"),
        write(shrink, "status", STATUS, None),
        write(shrink, "due", "2026-12-31", None),
    )
    assert outcomes(connector, *back) == ["done"] * 3
    assert place.record(shrink.uid, milestones="epics").description == "h2. Less"


def test_issues_by_jql_with_a_due_field_of_their_own(place: Place) -> None:
    settings = {"milestones": "issues", "jql": 'key = "API-102"', "due_field": "customfield_10100"}
    connector = place.connector(**settings)
    (record,) = connector.read(Scope(members=("API",))).records
    assert outcomes(connector, write(record, "due", None, "2026-12-31")) == ["done"]
    assert place.record(record.uid, **settings).due == date(2026, 12, 31)


def test_preflight(place: Place) -> None:
    found = place.connector().preflight(EVERYTHING)
    assert {problem.level for problem in problems_in(found)} == {"info"}
    assert {one.container for one in rights_in(found).values()} == {"jira:API", "jira:OPS"}
    alice = place.connector(user="alice@acme.example", token="alice-token").preflight(Scope(members=("API",)))
    problem = problems_in(alice)[-1]
    assert (problem.level, problem.where) == ("error", "jira:API")
    assert problem.what.startswith("Administer Projects is missing")
    for milestones in ("epics", "versions"):
        reading = place.connector(*READER, access="read", milestones=milestones)
        assert {problem.level for problem in problems_in(reading.preflight(Scope(members=("API",))))} == {"info"}
    place.sandbox.jira.change_key("API", "CORE")
    assert place.connector().preflight(Scope(members=("API",)))[2:] == [
        Problem("warn", "jira:API", "the project's key is CORE now", "Write CORE in the configuration."),
        *place.connector().preflight(Scope(members=("CORE",)))[2:],
    ]
    assert place.sandbox.log.writes() == ()


@pytest.mark.parametrize(
    ("deployment", "basis"),
    [
        ("cloud", 3),
        ("10.3", 4),
    ],  # the server, the account, the projects; which deployment it is, unless its name says so
)
@pytest.mark.parametrize("homes", [0, 3])
def test_rights_cost_one_request_for_each_project_and_two_more_for_each_home(
    homes: int, deployment: str, basis: int
) -> None:
    keys = [f"P{n}" for n in range(12)]
    talks = frozenset({Use.READ, Use.WRITE, Use.ISSUES})
    scope = Scope(members=("*",), uses=lambda key: talks if key in keys[:homes] else frozenset({Use.READ, Use.WRITE}))
    projects = [{"key": key, "name": key} for key in keys]
    with Sandbox({"jira": {"deployment": deployment, "projects": projects}}) as sandbox:
        found = Place(sandbox, deployment == "cloud").connector().preflight(scope)
        assert len(rights_in(found)) == len(keys)
        assert sandbox.log.count("jira") == basis + len(keys) + 2 * homes
        assert not sandbox.log.writes()


@pytest.mark.long
@pytest.mark.skipif(not PAYLOAD.exists(), reason="the recorded versions lie beside the repository, and do not here")
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_versions_that_a_real_jira_returned(deployment: str) -> None:
    payload = json.loads(PAYLOAD.read_text(encoding="utf-8"))
    with Sandbox({"jira": {"deployment": deployment}}, clock=lambda: NOW) as sandbox:
        sandbox.jira.add_payload("SLING", payload)
        place = Place(sandbox, deployment == "cloud")
        connector = place.connector()
        records = connector.read(EVERYTHING).records
        assert [record.uid for record in records] == [raw["id"] for raw in payload]
        assert [record.description for record in records] == [raw.get("description") for raw in payload]
        assert [record.due and record.due.isoformat() for record in records] == [
            raw.get("releaseDate") for raw in payload
        ]
        assert connector.requests <= 8
        writable = [record for record in records if not record.archived]
        for record in writable:
            assert outcomes(connector, write(record, "status", None, STATUS)) == ["done"]
        for record in writable:
            assert outcomes(connector, write(record, "status", STATUS, None)) == ["done"]
        for before, after in zip(records, connector.read(EVERYTHING).records, strict=True):
            assert (after.description or "") == (before.description or "")
            assert status.find(after.description, after.markup) is None
