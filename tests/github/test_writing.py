from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from unittest.mock import Mock

import pytest
import requests
import responses
from responses import matchers

from mdpc import status
from mdpc.changes import Change, Outcome, Value
from mdpc.model import Markup, Record, Scope
from mdpc_github import GitHubConnector
from mdpc_sandbox.server import Sandbox
from tests.github.helpers import API, STATUS, TOKEN, change, connector, rest_milestone, sent, settings

PATH = f"{API}/repos/acme/api/milestones/3"


def one(outcomes: Any) -> Outcome:
    (outcome,) = outcomes
    assert isinstance(outcome, Outcome)
    return outcome


def writes(mock: responses.RequestsMock, body: dict[str, Any], **held: Any) -> None:
    """Expect this PATCH, and answer it with what GitHub then holds."""
    mock.patch(PATH, json=rest_milestone(**(body | held)), match=[matchers.json_params_matcher(body)])


@pytest.mark.parametrize(
    ("field", "before", "after", "held", "body", "then"),
    [
        ("status", None, STATUS, {"description": "Ours.\r\n"}, {"description": f"Ours.\r\n\n\n{STATUS}"}, {}),
        ("status", None, STATUS, {"description": None}, {"description": STATUS}, {}),
        ("status", STATUS, None, {"description": STATUS}, {"description": None}, {}),
        ("status", STATUS, None, {"description": f"\n\n{STATUS}"}, {"description": ""}, {}),
        ("title", "m3", "M3", {}, {"title": "M3"}, {}),
        ("due", None, "2026-03-08", {}, {"due_on": "2026-03-08T12:00:00Z"}, {"due_on": "2026-03-08T08:00:00Z"}),
        ("due", "2026-03-08", None, {"due_on": "2026-03-08T08:00:00Z"}, {"due_on": None}, {}),
        ("state", "open", "closed", {}, {"state": "closed"}, {}),
        ("description", None, "new", {}, {"description": "new"}, {}),
    ],
)
def test_a_field_is_one_patch(
    github: responses.RequestsMock,
    field: str,
    before: Value,
    after: Value,
    held: dict[str, Any],
    body: dict[str, Any],
    then: dict[str, Any],
) -> None:
    github.get(PATH, json=rest_milestone(**held))
    writes(github, body, **then)
    assert one(connector().apply([change(field, before, after)])) == Outcome(f"c-{field}", "done")


def test_a_description_that_null_does_not_clear_is_emptied(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone(description=STATUS))
    writes(github, {"description": None}, description=STATUS)
    writes(github, {"description": ""})
    assert one(connector().apply([change("status", STATUS, None)])) == Outcome("c-status", "done")


def test_a_limit_in_between_does_not_make_what_was_written_somebody_elses(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone(description=STATUS))
    writes(github, {"title": "M", "description": None}, description=STATUS)
    github.patch(PATH, status=429, headers={"Retry-After": "9"})
    github.get(PATH, json=rest_milestone(description=STATUS, title="M"))
    writes(github, {"description": None}, title="M", description=STATUS)
    writes(github, {"description": ""}, title="M")
    outcomes = connector().apply([change("status", STATUS, None), change("title", "m3", "M")])
    assert [outcome.status for outcome in outcomes] == ["done", "done"]


def test_the_changes_of_one_write_are_one_patch(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone(description="old"))
    body = {"description": f"new\n\n{STATUS}", "due_on": "2026-12-01T12:00:00Z", "title": "M"}
    writes(github, body)
    changes = [
        change("status", None, STATUS),
        change("due", None, "2026-12-01"),
        change("title", "m3", "M"),
        change("state", "closed", "open"),
        change("description", "old", f"new\n\n{STATUS}"),
    ]
    outcomes = connector().apply(changes)
    assert [(outcome.change, outcome.status) for outcome in outcomes] == [
        ("c-status", "done"),
        ("c-due", "done"),
        ("c-title", "done"),
        ("c-state", "already"),
        ("c-description", "done"),
    ]
    assert sent(github) == ["GET /repos/acme/api/milestones/3", "PATCH /repos/acme/api/milestones/3"]


def test_what_is_there_already_is_not_written(github: responses.RequestsMock) -> None:
    windows = f"Ours.\r\n\r\n{STATUS}".replace("\n", "\r\n").replace("\r\r", "\r")
    github.get(PATH, json=rest_milestone(description=windows))
    assert one(connector().apply([change("status", None, STATUS)])).status == "already"


def test_what_somebody_changed_is_stale_and_the_rest_withheld(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone(title="theirs", state="closed"))
    outcomes = connector().apply(
        [change("title", "m3", "M"), change("status", None, STATUS), change("state", "open", "closed")]
    )
    assert [outcome.status for outcome in outcomes] == ["stale", "withheld", "already"]


def test_another_milestone_under_the_number_is_stale(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone())
    outcome = one(connector().apply([change("status", None, STATUS, uid="MI_other")]))
    assert outcome.status == "stale"
    assert "github:acme/api#3" in outcome.answer


def test_an_answer_that_does_not_hold_it_is_a_failure(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone())
    github.patch(PATH, json=rest_milestone())
    assert one(connector().apply([change("title", "m3", "M")])).status == "failed"


@pytest.mark.parametrize(
    ("code", "body", "step"),
    [
        (403, {"message": "Resource not accessible by personal access token"}, "Give the token access to Issues"),
        (404, {"message": "Not Found"}, "Give it write access to Issues"),
        (401, {"message": "Bad credentials"}, "Set MDPC_CONNECTORS__GITHUB__TOKEN"),
        (
            422,
            {"message": "Validation Failed", "errors": [{"resource": "Milestone", "code": "already_exists"}]},
            "already_exists",
        ),
    ],
)
def test_a_refused_write_fails_with_the_next_step(
    github: responses.RequestsMock, code: int, body: dict[str, Any], step: str
) -> None:
    github.get(PATH, json=rest_milestone())
    github.patch(PATH, json=body, status=code)
    outcome = one(connector().apply([change("title", "m3", "M")]))
    assert outcome.status == "failed"
    assert step in outcome.answer
    assert TOKEN not in outcome.answer


@pytest.mark.parametrize("code", [401, 403, 404])
def test_what_cannot_be_looked_at_is_not_written(github: responses.RequestsMock, code: int) -> None:
    github.get(PATH, json={"message": "no"}, status=code)
    outcome = one(connector().apply([change("title", "m3", "M")]))
    assert outcome.status == "failed"
    assert str(code) in outcome.answer


@pytest.mark.parametrize(
    ("then", "expected"),
    [({"title": "M"}, "done"), ({"title": "theirs"}, "stale"), ({"node_id": "MI_4"}, "stale")],
)
@pytest.mark.parametrize("lost", [{"body": requests.ConnectionError("gone")}, {"status": 502}])
def test_after_a_lost_answer_a_look_decides(
    github: responses.RequestsMock, then: dict[str, Any], expected: str, lost: dict[str, Any]
) -> None:
    github.get(PATH, json=rest_milestone())
    github.patch(PATH, **lost)
    github.get(PATH, json=rest_milestone(**then))
    assert one(connector().apply([change("title", "m3", "M")])).status == expected


def test_what_was_lost_and_is_not_there_is_written_after_a_look(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone(description="old"))
    github.patch(PATH, status=502)
    github.get(PATH, json=rest_milestone(description="new"))
    writes(github, {"description": f"new\n\n{STATUS}"})
    assert one(connector().apply([change("status", None, STATUS)])) == Outcome("c-status", "done")


@pytest.mark.parametrize(
    ("then", "expected"),
    [({"title": "M"}, "done"), ({"title": "m3"}, "failed"), ({"title": "theirs"}, "stale"), (None, "unknown")],
)
def test_where_every_answer_is_lost_a_last_look_decides(
    github: responses.RequestsMock, then: dict[str, Any] | None, expected: str
) -> None:
    for _ in range(5):
        github.get(PATH, json=rest_milestone())
        github.patch(PATH, body=requests.ConnectionError("gone"))
    if then is None:
        for _ in range(5):
            github.get(PATH, body=requests.ConnectionError("gone"))
    else:
        github.get(PATH, json=rest_milestone(**then))
    assert one(connector().apply([change("title", "m3", "M")])).status == expected


def test_a_limit_that_lasts_is_a_failure_of_what_was_to_be_written(github: responses.RequestsMock) -> None:
    for _ in range(5):
        github.get(PATH, json=rest_milestone())
        github.patch(PATH, status=429, headers={"Retry-After": "9"})
    outcomes = connector().apply([change("title", "m3", "M"), change("state", "closed", "open")])
    assert [outcome.status for outcome in outcomes] == ["failed", "already"]
    assert "rate limit is used up" in outcomes[0].answer


def test_what_is_refused_after_a_wait_is_not_looked_for(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone())
    github.patch(PATH, status=429, headers={"Retry-After": "9"})
    github.get(PATH, json={"message": "Not Found"}, status=404)
    outcome = one(connector().apply([change("title", "m3", "M")]))
    assert (outcome.status, "write access" in outcome.answer) == ("failed", False)


def test_one_field_that_somebody_changed_during_a_wait_withholds_the_others(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone())
    github.patch(PATH, status=429, headers={"Retry-After": "9"})
    github.get(PATH, json=rest_milestone(title="theirs"))
    changes = [change("title", "m3", "M"), change("due", None, "2026-12-01"), change("status", None, STATUS)]
    assert [outcome.status for outcome in connector().apply(changes)] == ["stale", "withheld", "withheld"]


def test_what_somebody_wrote_while_it_was_cleared_is_not_emptied(github: responses.RequestsMock) -> None:
    github.get(PATH, json=rest_milestone(description=STATUS))
    writes(github, {"description": None}, description="theirs")
    assert one(connector().apply([change("status", STATUS, None)])) == Outcome("c-status", "done")


def test_nothing_is_sent_where_nothing_may_be_written(github: responses.RequestsMock) -> None:
    wanted = [change("title", "m3", "M")]
    readonly = one(connector(access="read").apply(wanted))
    assert (readonly.status, readonly.answer) == ("failed", '[connectors.github] says access = "read".')
    anonymous = one(connector(token=None).apply(wanted))
    assert anonymous.answer == "Nothing can be written without a token: set MDPC_CONNECTORS__GITHUB__TOKEN."
    unknown = one(connector().apply([change("start", None, "2026-01-01")]))
    assert "no start" in unknown.answer
    assert connector().apply([]) == []


def test_changes_of_two_records_are_not_one_write() -> None:
    with pytest.raises(ValueError, match="one record"):
        connector().apply([change("title", "a", "b"), change("due", None, None, uid="MI_9")])


# ── Over HTTP ─────────────────────────────────────────────────────────────────────────────────────

DESCRIPTIONS: list[str | None] = [None, "", "text", "text\n", "a\r\nb\r\n", "\n\n", "x <!-- note -->\n\n"]
SEED = {
    "github": {
        "repositories": [
            {
                "name": "acme/api",
                "milestones": [{"title": f"m{i}", "description": d} for i, d in enumerate(DESCRIPTIONS)],
            }
        ]
    }
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SEED) as running:
        yield running


def at(sandbox: Sandbox, **changed: Any) -> GitHubConnector:
    given = {"url": sandbox.github_url, "token": "sandbox-write", "repositories": ["acme/api"]} | changed
    return GitHubConnector("github", settings(**given), sleep=Mock())


def on(record: Record, field: str, before: Value, after: Value) -> Change:
    return replace(change(field, before, after, uid=record.uid), ref=record.ref)


def test_the_id_that_is_read_is_the_id_that_is_written_to(sandbox: Sandbox) -> None:
    connection = at(sandbox)
    for record in connection.read(Scope()).records:
        assert one(connection.apply([on(record, "status", None, STATUS)])).status == "done"
    assert len(sandbox.log.writes()) == len(DESCRIPTIONS)


def test_a_status_comes_and_goes_without_a_trace(sandbox: Sandbox) -> None:
    connection = at(sandbox)
    for record in connection.read(Scope()).records:
        assert one(connection.apply([on(record, "status", None, STATUS)])).status == "done"
    for record in connection.read(Scope()).records:
        assert status.find(record.description, Markup.BLOCK) == STATUS
        assert one(connection.apply([on(record, "status", STATUS, None)])).status == "done"
    assert [record.description for record in connection.read(Scope()).records] == DESCRIPTIONS


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1), date(2026, 7, 4), date(2026, 12, 31)])
def test_a_due_date_comes_back_as_it_was_written(sandbox: Sandbox, day: date) -> None:
    connection = at(sandbox)
    record = connection.read(Scope()).records[0]
    assert one(connection.apply([on(record, "due", None, day.isoformat())])).status == "done"
    assert connection.read(Scope()).records[0].due == day
    assert one(connection.apply([on(record, "due", day.isoformat(), None)])).status == "done"
    assert connection.read(Scope()).records[0].due is None


def test_a_read_only_token_writes_nothing(sandbox: Sandbox) -> None:
    record = at(sandbox).read(Scope()).records[0]
    outcome = one(at(sandbox, token="sandbox-read").apply([on(record, "status", None, STATUS)]))
    assert outcome.status == "failed"
    assert "Give the token access to Issues" in outcome.answer


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_dropped_connection_writes_once(sandbox: Sandbox, drop: str) -> None:
    connection = at(sandbox)
    record = connection.read(Scope()).records[2]
    sandbox.faults.add("*/milestones/3", method="PATCH", drop=drop, times=1)
    assert one(connection.apply([on(record, "status", None, STATUS)])).status == "done"
    assert connection.read(Scope()).records[2].description == f"text\n\n{STATUS}"


def test_a_deleted_milestone_is_a_failure(sandbox: Sandbox) -> None:
    connection = at(sandbox)
    record = connection.read(Scope()).records[0]
    sandbox.github.delete_milestone(sandbox.github.repository("acme/api"), 1)
    assert one(connection.apply([on(record, "status", None, STATUS)])).status == "failed"
    assert not sandbox.log.writes()
