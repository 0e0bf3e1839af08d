from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.changes import Change, Outcome, Value
from mdpc_jira import JiraConnector, adf
from tests.jira.helpers import CLOUD, SERVER, STATUS, change, cloud, server, status

V3 = f"{CLOUD}/rest/api/3/issue/20001"
V2 = f"{CLOUD}/rest/api/2/issue/20001"
DC = f"{SERVER}/rest/api/2/issue/20001"
TEXT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Go"}]}]}


def made(field: str, before: Value, after: Value) -> Change:
    return change(field, before, after, ref="API-12", uid="20001", kind="update")


def applied(*changes: Change, **settings: Any) -> list[tuple[str, str]]:
    connector = cloud(**({"milestones": "epics"} | settings))
    return [(outcome.status, outcome.answer) for outcome in connector.apply(changes)]


def holds(mock: responses.RequestsMock, url: str = V3, category: str = "new", **fields: Any) -> None:
    mock.get(url, json={"id": "20001", "key": "API-12", "fields": {"status": status(category), **fields}})


def offers(mock: responses.RequestsMock, *transitions: tuple[str, str, str]) -> None:
    shown = [{"id": number, "name": name, "to": status(category)} for number, name, category in transitions]
    mock.get(f"{V2}/transitions", json={"transitions": shown})


def moves(mock: responses.RequestsMock, number: str, **more: Any) -> None:
    match = [matchers.json_params_matcher({"transition": {"id": number}})]
    mock.post(f"{V2}/transitions", match=match, **({"status": 204} | more))


def test_the_exact_question(jira: responses.RequestsMock) -> None:
    query = {"fields": "status,summary,customfield_10015,description"}
    found = {"id": "20001", "key": "API-12", "fields": {"status": status("new"), "summary": "x"}}
    jira.get(V3, json=found, match=[matchers.query_param_matcher(query)])
    assert applied(made("title", "w", "x"), due_field="customfield_10015") == [("already", "")]


def test_a_status_on_cloud_leaves_rich_text_as_it_is(jira: responses.RequestsMock) -> None:
    holds(jira, description=TEXT)
    body = {"fields": {"description": adf.place(TEXT, STATUS)}}
    jira.put(V3, status=204, match=[matchers.json_params_matcher(body)])
    assert applied(made("status", None, STATUS)) == [("done", "")]


def test_a_status_on_cloud_is_taken_out_again(jira: responses.RequestsMock) -> None:
    holds(jira, description=adf.place(None, STATUS))
    jira.put(V3, status=204, match=[matchers.json_params_matcher({"fields": {"description": None}})])
    holds(jira, description=None)
    assert applied(made("status", STATUS, None)) == [("done", "")]


def test_a_status_on_data_center_is_a_line_of_text(jira: responses.RequestsMock) -> None:
    holds(jira, DC, description="h1. Go\r\n")
    body = {"fields": {"description": f"h1. Go\r\n\n{STATUS}"}}
    jira.put(DC, status=204, match=[matchers.json_params_matcher(body)])
    outcomes = server(milestones="epics").apply([made("status", None, STATUS)])
    assert [outcome.status for outcome in outcomes] == ["done"]


def test_title_and_date_are_one_request(jira: responses.RequestsMock) -> None:
    holds(jira, summary="Go", duedate="2026-12-01")
    body = {"fields": {"summary": "Went", "duedate": None}}
    jira.put(V3, status=204, match=[matchers.json_params_matcher(body)])
    holds(jira, summary="Went", duedate=None)
    assert applied(made("title", "Go", "Went"), made("due", "2026-12-01", None)) == [("done", "")] * 2


@pytest.mark.parametrize(
    ("category", "before", "after", "done_transition", "sent"),
    [
        ("new", "open", "closed", None, "31"),
        ("indeterminate", "open", "closed", "ship IT", "41"),
        ("done", "closed", "open", "Ship it", "11"),
    ],
)
def test_a_state_is_a_transition(
    jira: responses.RequestsMock, category: str, before: str, after: str, done_transition: str | None, sent: str
) -> None:
    holds(jira, category=category)
    offers(
        jira,
        ("11", "Back", "new"),
        ("21", "Start", "indeterminate"),
        ("31", "Close", "done"),
        ("41", "Ship it", "done"),
    )
    moves(jira, sent)
    assert applied(made("state", before, after), done_transition=done_transition) == [("done", "")]


def test_no_transition_leads_there(jira: responses.RequestsMock) -> None:
    holds(jira)
    offers(jira, ("11", "Back", "new"), ("31", "Close", "done"))
    ((status_, answer),) = applied(made("state", "open", "closed"), done_transition="Ship it")
    assert status_ == "failed"
    assert "no transition named 'Ship it' into a status that is closed" in answer
    assert "done_transition" in answer


def test_a_transition_that_somebody_else_makes_at_the_same_time(jira: responses.RequestsMock) -> None:
    holds(jira)
    offers(jira, ("31", "Close", "done"))
    moves(jira, "31", status=409)
    assert applied(made("state", "open", "closed"))[0][0] == "stale"


def test_the_state_waits_for_the_other_fields(jira: responses.RequestsMock) -> None:
    holds(jira, summary="Go")
    offers(jira, ("31", "Close", "done"))
    jira.put(V3, status=400, json={"errors": {"summary": "Not on the screen."}})
    outcomes = applied(made("state", "open", "closed"), made("title", "Go", "Went"))
    assert [status_ for status_, _ in outcomes] == ["withheld", "failed"]
    assert "needs Edit Issues, Transition Issues and, for due dates, Schedule Issues on API" in outcomes[1][1]


def test_an_issue_that_is_gone(jira: responses.RequestsMock) -> None:
    jira.get(V3, status=404)
    assert applied(made("title", "Go", "Went"))[0][1].startswith("The issue is gone")


LIMITED = {"status": 429, "headers": {"Retry-After": "120"}}
LOST: list[dict[str, Any]] = [{"status": 502}, {"body": requests.exceptions.ReadTimeout()}]
CLOSE = ("31", "Close", "done")
BACK = ("11", "Back", "new")
MORE = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "More"}]}]}


def puts(mock: responses.RequestsMock, fields: dict[str, Any], url: str = V3) -> None:
    mock.put(url, status=204, match=[matchers.json_params_matcher({"fields": fields})])


@pytest.mark.parametrize(
    ("url", "old", "new", "sent", "connect"),
    [
        (V3, TEXT, MORE, adf.place(MORE, STATUS), lambda: cloud(milestones="epics")),
        (DC, "old", "new\r\n", f"new\r\n\n{STATUS}", lambda: server(milestones="epics")),
    ],
    ids=["cloud", "data-center"],
)
@pytest.mark.parametrize("first", [LIMITED, *LOST])
def test_what_people_write_while_it_waits_is_kept(
    jira: responses.RequestsMock,
    url: str,
    old: Any,
    new: Any,
    sent: Any,
    connect: Callable[[], JiraConnector],
    first: dict[str, Any],
) -> None:
    holds(jira, url, description=old)
    jira.put(url, **first)
    holds(jira, url, description=new)
    puts(jira, {"description": sent}, url)
    assert connect().apply([made("status", None, STATUS)]) == [Outcome("c-status", "done")]


@pytest.mark.parametrize("first", [LIMITED, *LOST])
def test_a_transition_is_sent_again_only_after_a_look(jira: responses.RequestsMock, first: dict[str, Any]) -> None:
    holds(jira)
    offers(jira, CLOSE)
    moves(jira, "31", **first)
    holds(jira, category="indeterminate")
    offers(jira, BACK, ("41", "Finish", "done"))
    moves(jira, "41")
    assert applied(made("state", "open", "closed")) == [("done", "")]


@pytest.mark.parametrize(("first", "status_"), [(LIMITED, "already"), *((lost, "done") for lost in LOST)])
def test_a_transition_that_stands_there_is_not_sent_again(
    jira: responses.RequestsMock, first: dict[str, Any], status_: str
) -> None:
    holds(jira)
    offers(jira, CLOSE)
    moves(jira, "31", **first)
    holds(jira, category="done")
    assert applied(made("state", "open", "closed"))[0][0] == status_


def test_what_was_written_before_a_limited_transition_is_not_written_again(jira: responses.RequestsMock) -> None:
    holds(jira, summary="Go", description=TEXT)
    offers(jira, CLOSE)
    puts(jira, {"summary": "Went", "description": adf.place(TEXT, STATUS)})
    moves(jira, "31", **LIMITED)
    holds(jira, summary="Gone", description=MORE)  # people changed it again meanwhile
    offers(jira, CLOSE)
    moves(jira, "31")
    wanted = [made("status", None, STATUS), made("title", "Go", "Went"), made("state", "open", "closed")]
    assert applied(*wanted) == [("done", "")] * 3
    assert sum(call.request.method == "PUT" for call in jira.calls) == 1


def test_a_limit_on_the_transitions_is_waited_out_before_anything_is_sent(jira: responses.RequestsMock) -> None:
    holds(jira, summary="Go")
    jira.get(f"{V2}/transitions", **LIMITED)
    holds(jira, summary="theirs")
    outcomes = applied(made("title", "Go", "Went"), made("state", "open", "closed"))
    assert [status_ for status_, _ in outcomes] == ["stale", "withheld"]


def test_a_transition_whose_answers_are_all_lost(jira: responses.RequestsMock) -> None:
    for _ in range(5):
        holds(jira)
        offers(jira, CLOSE)
        moves(jira, "31", status=502)
    holds(jira, category="done")
    outcomes = applied(made("state", "open", "closed"))
    assert outcomes == [("done", "The answer was lost, but it is written.")]


def test_a_clearing_that_nobody_can_look_at_is_unknown(jira: responses.RequestsMock) -> None:
    holds(jira, summary="Go", duedate="2026-12-01")
    offers(jira, CLOSE)
    puts(jira, {"duedate": None})
    jira.get(V3, status=403)
    outcomes = applied(made("due", "2026-12-01", None), made("state", "open", "closed"))
    assert [status_ for status_, _ in outcomes] == ["unknown", "failed"]


def test_a_due_date_that_jira_keeps_withholds_the_transition(jira: responses.RequestsMock) -> None:
    holds(jira, duedate="2026-12-01")
    offers(jira, CLOSE)
    puts(jira, {"duedate": None})
    holds(jira, duedate="2026-12-01")
    outcomes = applied(made("due", "2026-12-01", None), made("state", "open", "closed"))
    assert [status_ for status_, _ in outcomes] == ["failed", "withheld"]


@pytest.mark.parametrize("theirs", ["title", "due", "state", "status"])
@pytest.mark.parametrize(("url", "connect"), [(V3, cloud), (DC, server)], ids=["cloud", "data-center"])
def test_any_stale_field_withholds_all_others(
    jira: responses.RequestsMock, url: str, connect: Callable[..., JiraConnector], theirs: str
) -> None:
    holds(jira, url, summary="Go", duedate="2026-12-01")
    read = {"title": "Go", "due": "2026-12-01", "state": "open", "status": None}
    read |= {theirs: "what it was when it was read"}
    wanted = {"title": "Went", "due": "2026-12-24", "state": "closed", "status": STATUS}
    outcomes = connect(milestones="epics").apply([made(field, read[field], wanted[field]) for field in read])
    assert {outcome.change.removeprefix("c-"): outcome.status for outcome in outcomes} == {
        field: "stale" if field == theirs else "withheld" for field in read
    }


@pytest.mark.parametrize("found", [{"id": "20002"}, {"key": "OPS-7"}])
def test_an_issue_that_was_moved_or_is_another_is_not_written_to(
    jira: responses.RequestsMock, found: dict[str, str]
) -> None:
    fields = {"status": status("new"), "summary": "Go"}
    jira.get(V3, json={"id": "20001", "key": "API-12", "fields": fields} | found)
    ((status_, answer),) = applied(made("title", "Go", "Went"))
    assert (status_, "jira:API#API-12" in answer) == ("stale", True)


def test_an_issue_cannot_be_written_where_nobody_knows_what_the_site_is(jira: responses.RequestsMock) -> None:
    jira.get(f"{SERVER}/rest/api/2/serverInfo", status=403)
    (outcome,) = server(deployment=None, milestones="epics").apply([made("title", "Go", "Went")])
    assert outcome.status == "failed"


def test_a_title_that_is_too_long(jira: responses.RequestsMock) -> None:
    holds(jira, summary="Go")
    assert "255 characters" in applied(made("title", "Go", "x" * 256))[0][1]


def test_a_field_that_issues_do_not_have(jira: responses.RequestsMock) -> None:
    holds(jira)
    assert applied(made("start", None, "2026-12-01"))[0][0] == "failed"
