from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.changes import Change, Outcome
from mdpc.model import Scope
from mdpc_jira import JiraConnector
from tests.jira.helpers import (
    CLOUD,
    SERVER,
    STATUS,
    TOKEN,
    calls,
    change,
    cloud,
    page,
    project,
    server,
    signed_in,
    version,
)

URL = f"{CLOUD}/rest/api/2/version/10010"
DC_URL = f"{SERVER}/rest/api/2/version/10010"
NEWER = STATUS.replace("on track", "overdue since 2026-12-01")


def holds(mock: responses.RequestsMock, url: str = URL, **fields: Any) -> None:
    mock.get(url, json=version("10010", "1.0", **fields))


def puts(mock: responses.RequestsMock, body: dict[str, Any], url: str = URL, **more: Any) -> None:
    mock.put(url, match=[matchers.json_params_matcher(body)], **({"json": {}} | more))


def applied(*changes: Change, **settings: Any) -> list[tuple[str, str]]:
    return [(outcome.status, outcome.answer) for outcome in cloud(**settings).apply(changes)]


def test_nothing_to_apply(jira: responses.RequestsMock) -> None:
    assert cloud().apply([]) == []


@pytest.mark.parametrize(
    ("held", "before", "after", "sent"),
    [
        (None, None, STATUS, STATUS),
        ("", None, STATUS, STATUS),
        ("Notes", None, STATUS, f"Notes\n{STATUS}"),
        ("Notes\r\n", None, STATUS, f"Notes\r\n\n{STATUS}"),
        (f"Notes\n{STATUS}", STATUS, NEWER, f"Notes\n{NEWER}"),
        (f"Notes\n{STATUS}", STATUS, None, "Notes"),
        (STATUS, STATUS, None, ""),
    ],
)
def test_a_status_goes_after_what_people_wrote(
    jira: responses.RequestsMock, held: str | None, before: str | None, after: str | None, sent: str
) -> None:
    holds(jira, **({} if held is None else {"description": held}))
    puts(jira, {"description": sent})
    if after is None:
        holds(jira, description=sent)
    assert applied(change("status", before, after)) == [("done", "")]


def test_a_status_that_stands_there_already_is_not_written(jira: responses.RequestsMock) -> None:
    holds(jira, description=f"Notes\n{STATUS}")
    assert applied(change("status", None, STATUS)) == [("already", "")]
    assert calls(jira) == ["GET 2/version/10010"]


def test_a_status_that_somebody_changed_is_left_alone(jira: responses.RequestsMock) -> None:
    holds(jira, description="Notes")
    assert applied(change("status", STATUS, NEWER)) == [("stale", "It was changed since it was read.")]


def test_people_editing_their_own_text_meanwhile_is_no_obstacle(jira: responses.RequestsMock) -> None:
    holds(jira, description=f"Other notes\n{STATUS}")
    puts(jira, {"description": f"Other notes\n{NEWER}"})
    assert applied(change("status", STATUS, NEWER)) == [("done", "")]


@pytest.mark.parametrize(("url", "connect"), [(URL, cloud), (DC_URL, server)], ids=["cloud", "data-center"])
def test_all_fields_of_a_write_are_one_request(
    jira: responses.RequestsMock, url: str, connect: Callable[[], JiraConnector]
) -> None:
    holds(jira, url, releaseDate="2026-12-01", released=True, startDate="2026-10-01", description="Notes")
    body = {"name": "1.1", "releaseDate": "2026-12-24", "startDate": "2026-10-02", "released": False}
    puts(jira, body | {"description": f"Notes\n{STATUS}"}, url)
    outcomes = connect().apply(
        [
            change("title", "1.0", "1.1"),
            change("due", "2026-12-01", "2026-12-24"),
            change("start", "2026-10-01", "2026-10-02"),
            change("state", "closed", "open"),
            change("status", None, STATUS),
        ]
    )
    assert [outcome.status for outcome in outcomes] == ["done"] * 5


def test_what_is_there_already_is_no_part_of_the_request(jira: responses.RequestsMock) -> None:
    holds(jira, releaseDate="2026-12-24", description="Notes")
    puts(jira, {"name": "1.1"})
    wanted = [change("due", "2026-12-01", "2026-12-24"), change("title", "1.0", "1.1"), change("status", None, None)]
    assert applied(*wanted) == [("already", ""), ("done", ""), ("already", "")]


@pytest.mark.parametrize(("url", "connect"), [(URL, cloud), (DC_URL, server)], ids=["cloud", "data-center"])
@pytest.mark.parametrize("theirs", ["title", "due", "start", "state", "status"])
def test_any_stale_field_withholds_all_others(
    jira: responses.RequestsMock, url: str, connect: Callable[[], JiraConnector], theirs: str
) -> None:
    holds(jira, url, releaseDate="2026-12-01", startDate="2026-10-01")
    read = {"title": "1.0", "due": "2026-12-01", "start": "2026-10-01", "state": "open", "status": None}
    read |= {theirs: "what it was when it was read"}
    wanted = {"title": "1.1", "due": "2026-12-24", "start": "2026-10-02", "state": "closed", "status": STATUS}
    outcomes = connect().apply([change(field, read[field], wanted[field]) for field in read])
    assert {outcome.change.removeprefix("c-"): outcome.status for outcome in outcomes} == {
        field: "stale" if field == theirs else "withheld" for field in read
    }


def test_a_date_is_cleared_and_looked_at_again(jira: responses.RequestsMock) -> None:
    holds(jira, releaseDate="2026-12-01")
    puts(jira, {"releaseDate": None})
    holds(jira)
    assert applied(change("due", "2026-12-01", None)) == [("done", "")]


def test_a_date_that_jira_keeps_is_a_failure(jira: responses.RequestsMock) -> None:
    holds(jira, releaseDate="2026-12-01")
    puts(jira, {"releaseDate": None})
    ((status, answer),) = applied(change("due", "2026-12-01", None))
    assert status == "failed"
    assert "Change it by hand" in answer


def test_a_clearing_that_cannot_be_looked_at(jira: responses.RequestsMock) -> None:
    holds(jira, releaseDate="2026-12-01")
    puts(jira, {"releaseDate": None})
    jira.get(URL, status=403)
    assert applied(change("due", "2026-12-01", None))[0][0] == "unknown"


def test_one_stale_field_withholds_the_others(jira: responses.RequestsMock) -> None:
    holds(jira, releaseDate="2026-12-02")
    outcomes = applied(change("due", "2026-12-01", "2026-12-24"), change("title", "1.0", "1.1"))
    assert [status for status, _ in outcomes] == ["stale", "withheld"]


def test_limits_of_jira_are_told_before_it_refuses(jira: responses.RequestsMock) -> None:
    holds(jira, description="ü" * 8190)
    ((status, answer),) = applied(change("status", None, STATUS))
    assert status == "failed"
    assert "16,384 bytes" in answer
    assert "255 characters" in applied(change("title", "1.0", "x" * 256))[0][1]


def test_an_archived_version_is_left_as_it_is(jira: responses.RequestsMock) -> None:
    holds(jira, archived=True)
    assert "archived" in applied(change("status", None, STATUS))[0][1]


def test_a_field_that_mdpc_does_not_write(jira: responses.RequestsMock) -> None:
    holds(jira)
    assert applied(change("driver", None, "x")) == [("failed", "mdpc does not write the field 'driver' here.")]


def test_read_access_sends_nothing(jira: responses.RequestsMock) -> None:
    ((status, answer),) = applied(change("status", None, STATUS), access="read")
    assert (status, 'access = "read"' in answer) == ("failed", True)


@pytest.mark.parametrize("code", [400, 403, 404])
def test_a_missing_right_is_named_however_jira_tells_it(jira: responses.RequestsMock, code: int) -> None:
    holds(jira)
    jira.put(URL, status=code, json={"errorMessages": [f"You cannot {TOKEN}"], "errors": {}})
    ((status, answer),) = applied(change("status", None, STATUS))
    assert status == "failed"
    assert "needs Administer Projects on API" in answer
    assert TOKEN not in answer


def test_a_name_that_is_taken_is_no_missing_right(jira: responses.RequestsMock) -> None:
    holds(jira)
    jira.put(URL, status=400, json={"errors": {"name": "A version with this name already exists in this project."}})
    ((status, answer),) = applied(change("title", "1.0", "1.1"))
    assert status == "failed"
    assert "already exists" in answer
    assert "Administer" not in answer


def test_a_version_that_is_gone(jira: responses.RequestsMock) -> None:
    jira.get(URL, status=404)
    ((status, answer),) = applied(change("status", None, STATUS))
    assert (status, answer.startswith("The version is gone")) == ("failed", True)


LOST: list[dict[str, Any]] = [{"status": 502}, {"body": requests.exceptions.ReadTimeout()}]
LIMITED = {"status": 429, "headers": {"Retry-After": "120"}}


@pytest.mark.parametrize(("then", "status"), [(STATUS, "done"), (NEWER, "stale")])
@pytest.mark.parametrize("lost", LOST)
def test_after_a_lost_answer_a_look_decides(
    jira: responses.RequestsMock, then: str, status: str, lost: dict[str, Any]
) -> None:
    holds(jira)
    jira.put(URL, **lost)
    holds(jira, description=then)
    assert applied(change("status", None, STATUS))[0][0] == status
    assert [line.split()[0] for line in calls(jira)] == ["GET", "PUT", "GET"]


@pytest.mark.parametrize("first", [LIMITED, *LOST])
def test_what_people_write_while_it_waits_is_kept(jira: responses.RequestsMock, first: dict[str, Any]) -> None:
    holds(jira, description="old")
    jira.put(URL, **first)
    holds(jira, description="new\r\n")
    puts(jira, {"description": f"new\r\n\n{STATUS}"})
    assert applied(change("status", None, STATUS)) == [("done", "")]


def test_one_field_that_people_change_while_it_waits_withholds_the_others(jira: responses.RequestsMock) -> None:
    holds(jira, releaseDate="2026-12-01")
    jira.put(URL, **LIMITED)
    holds(jira, releaseDate="2026-12-02")
    outcomes = applied(
        change("due", "2026-12-01", "2026-12-24"), change("title", "1.0", "1.1"), change("state", "open", "closed")
    )
    assert [status for status, _ in outcomes] == ["stale", "withheld", "withheld"]


@pytest.mark.parametrize(
    ("then", "status"),
    [
        ({"json": version("10010", "1.0", description=STATUS)}, "done"),
        ({"json": version("10010", "1.0")}, "failed"),
        ({"json": version("10010", "1.0", description=NEWER)}, "stale"),
        ({"status": 404}, "unknown"),
        ({"json": ["surprise"]}, "unknown"),
    ],
)
def test_where_every_answer_is_lost_a_last_look_decides(
    jira: responses.RequestsMock, then: dict[str, Any], status: str
) -> None:
    for _ in range(5):
        holds(jira)
        jira.put(URL, status=502)
    jira.get(URL, **then)
    assert applied(change("status", None, STATUS))[0][0] == status
    assert [line.split()[0] for line in calls(jira)] == ["GET", "PUT"] * 5 + ["GET"]


def test_what_was_accepted_is_not_sent_again_for_want_of_a_look(jira: responses.RequestsMock) -> None:
    holds(jira, releaseDate="2026-12-01")
    puts(jira, {"releaseDate": None})
    jira.get(URL, **LIMITED)
    holds(jira)
    assert applied(change("due", "2026-12-01", None)) == [("done", "")]
    assert [line.split()[0] for line in calls(jira)] == ["GET", "PUT", "GET", "GET"]


def test_a_limit_that_lasts_is_a_failure(jira: responses.RequestsMock) -> None:
    for _ in range(3):
        holds(jira)
        jira.put(URL, **LIMITED)
    ((status, answer),) = applied(change("status", None, STATUS))
    assert (status, "slow down" in answer) == ("failed", True)


def test_a_version_of_another_project_is_not_written_to(jira: responses.RequestsMock) -> None:
    connector = cloud()
    signed_in(jira, project("API", 10000))
    jira.get(f"{CLOUD}/rest/api/2/project/API/version", json=page(version("10010", "1.0")))
    connector.read(Scope(members=("API",)))
    holds(jira, projectId=10001)
    (outcome,) = connector.apply([change("status", None, STATUS)])
    assert outcome.status == "stale"
    assert "another project" in outcome.answer
    holds(jira, projectId=10000)
    puts(jira, {"description": STATUS})
    assert [outcome.status for outcome in connector.apply([change("status", None, STATUS)])] == ["done"]


def test_a_version_under_another_id_is_not_written_to(jira: responses.RequestsMock) -> None:
    jira.get(URL, json=version("10011", "1.0"))
    assert applied(change("status", None, STATUS))[0][0] == "stale"
    jira.get(f"{CLOUD}/rest/api/2/version/10012", json=version("10012", "1.0"))
    assert applied(change("status", None, STATUS, uid="10012"))[0][0] == "stale"


def test_changes_of_two_records_are_not_one_write() -> None:
    with pytest.raises(ValueError, match="one record"):
        cloud().apply([change("title", "a", "b"), change("due", None, None, uid="9")])


def test_data_center_takes_the_same_requests(jira: responses.RequestsMock) -> None:
    holds(jira, DC_URL, description=STATUS)
    puts(jira, {"description": ""}, DC_URL)
    holds(jira, DC_URL)
    assert server().apply([change("status", STATUS, None)]) == [Outcome("c-status", "done")]


def test_an_answer_of_another_shape_is_no_crash(jira: responses.RequestsMock) -> None:
    jira.get(URL, json=["surprise"])
    assert applied(change("status", None, STATUS))[0][0] == "failed"


def test_the_gateway_keeps_the_clouds_id(jira: responses.RequestsMock) -> None:
    gateway = "https://api.atlassian.com/ex/jira/11-22"
    holds(jira, f"{gateway}/rest/api/2/version/10010")
    puts(jira, {"description": STATUS}, f"{gateway}/rest/api/2/version/10010")
    assert applied(change("status", None, STATUS), api_url=gateway) == [("done", "")]
