from __future__ import annotations

from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.changes import Change, Outcome, Value
from mdpc.notes import canonical
from tests.jira.helpers import CLOUD, SERVER, STATUS, TOKEN, calls, change, cloud, issue, server, status

PAGE = f"{CLOUD}/rest/api/2/project/API/properties/mdpc.platform.0"
V3 = f"{CLOUD}/rest/api/3/issue/20001"
V2 = f"{CLOUD}/rest/api/2/issue/20001"
DC = f"{SERVER}/rest/api/2/issue/20001"
OLD: dict[str, Any] = {"v": 1, "pages": 1, "m": ["é"]}
NEW: dict[str, Any] = {"v": 1, "pages": 2}
GONE = {"status": 404, "json": {"errorMessages": ["The property with the key 'mdpc.platform.0' was not found."]}}


def noted(before: Value, after: Value) -> Change:
    """A change of a page of notes."""
    return change("memory", before, after, ref="mdpc.platform.0", uid="mdpc.platform.0", kind="memory")


def remembered(before: Value, after: Value) -> Change:
    """A change of an issue's memory."""
    return change("memory", before, after, ref="API-12", uid="20001", kind="memory")


def one(outcomes: Any) -> Outcome:
    (outcome,) = outcomes
    assert isinstance(outcome, Outcome)
    return outcome


def holds(mock: responses.RequestsMock, value: Any, url: str = PAGE) -> None:
    mock.get(url, json={"key": "mdpc.platform.0", "value": value})


def puts(mock: responses.RequestsMock, value: Any, url: str = PAGE, **answer: Any) -> None:
    mock.put(url, match=[matchers.json_params_matcher(value)], **({"status": 201} | answer))


def test_a_page_is_put_where_none_is(jira: responses.RequestsMock) -> None:
    jira.get(PAGE, **GONE)
    puts(jira, NEW)
    assert one(cloud().apply([noted(None, canonical(NEW))])) == Outcome("c-memory", "done")
    assert calls(jira) == [f"{verb} 2/project/API/properties/mdpc.platform.0" for verb in ("GET", "PUT")]


def test_a_page_is_replaced(jira: responses.RequestsMock) -> None:
    holds(jira, OLD)
    puts(jira, NEW, status=200)
    assert one(cloud().apply([noted(canonical(OLD), canonical(NEW))])).status == "done"


def test_data_center_takes_the_same_requests(jira: responses.RequestsMock) -> None:
    url = PAGE.replace(CLOUD, SERVER)
    holds(jira, OLD, url)
    puts(jira, NEW, url)
    assert one(server().apply([noted(canonical(OLD), canonical(NEW))])).status == "done"


def test_texts_are_compared_by_what_they_say(jira: responses.RequestsMock) -> None:
    holds(jira, {"pages": 2, "v": 1})
    assert one(cloud().apply([noted(canonical(OLD), '{ "v": 1,\n "pages": 2 }')])).status == "already"
    holds(jira, OLD)
    puts(jira, NEW)
    assert one(cloud().apply([noted('{"pages":1,"m":["é"],"v":1}', canonical(NEW))])).status == "done"


@pytest.mark.parametrize("before", [None, canonical(OLD)])
def test_a_page_that_somebody_changed_is_left_alone(jira: responses.RequestsMock, before: Value) -> None:
    holds(jira, "theirs")
    assert one(cloud().apply([noted(before, canonical(NEW))])).status == "stale"


def test_a_page_that_somebody_took_away_is_stale(jira: responses.RequestsMock) -> None:
    jira.get(PAGE, **GONE)
    assert one(cloud().apply([noted(canonical(OLD), canonical(NEW))])).status == "stale"


def test_a_page_is_taken_out(jira: responses.RequestsMock) -> None:
    holds(jira, OLD)
    jira.delete(PAGE, status=204)
    jira.get(PAGE, **GONE)
    assert one(cloud().apply([noted(canonical(OLD), None)])) == Outcome("c-memory", "done")
    assert [line.split()[0] for line in calls(jira)] == ["GET", "DELETE", "GET"]


def test_a_page_that_is_gone_needs_no_taking_out(jira: responses.RequestsMock) -> None:
    jira.get(PAGE, **GONE)
    assert one(cloud().apply([noted(canonical(OLD), None)])).status == "already"


def test_a_page_that_goes_at_the_same_time_is_gone(jira: responses.RequestsMock) -> None:
    holds(jira, OLD)
    jira.delete(PAGE, **GONE)
    jira.get(PAGE, **GONE)
    assert one(cloud().apply([noted(canonical(OLD), None)])).status == "done"


@pytest.mark.parametrize("code", [403, 404])
def test_a_missing_right_is_named(jira: responses.RequestsMock, code: int) -> None:
    holds(jira, OLD)
    jira.put(PAGE, status=code, json={"errorMessages": [f"No, {TOKEN}"]})
    outcome = one(cloud().apply([noted(canonical(OLD), canonical(NEW))]))
    assert (outcome.status, "need Administer Projects on API" in outcome.answer) == ("failed", True)
    assert TOKEN not in outcome.answer


def test_a_page_that_cannot_be_looked_at_is_not_written(jira: responses.RequestsMock) -> None:
    jira.get(PAGE, status=403)
    assert one(cloud().apply([noted(None, canonical(NEW))])).status == "failed"


@pytest.mark.parametrize(
    ("after", "said"), [('"' + "x" * 32_767 + '"', "32,768 characters"), ("{", "no JSON"), ("null", "no JSON")]
)
def test_what_jira_would_not_take(jira: responses.RequestsMock, after: str, said: str) -> None:
    jira.get(PAGE, **GONE)
    outcome = one(cloud().apply([noted(None, after)]))
    assert (outcome.status, said in outcome.answer) == ("failed", True)


def test_a_page_has_no_other_field(jira: responses.RequestsMock) -> None:
    jira.get(PAGE, **GONE)
    made = change("title", None, "x", ref="mdpc.platform.0", uid="mdpc.platform.0")
    assert one(cloud().apply([made])).answer == "mdpc does not write the field 'title' here."


@pytest.mark.parametrize(("then", "expected"), [(NEW, "done"), (OLD, "done"), ("theirs", "stale")])
@pytest.mark.parametrize("lost", [{"status": 502}, {"body": requests.exceptions.ReadTimeout()}])
def test_after_a_lost_answer_a_look_decides(
    jira: responses.RequestsMock, then: Any, expected: str, lost: dict[str, Any]
) -> None:
    holds(jira, OLD)
    jira.put(PAGE, **lost)
    holds(jira, then)
    if then is OLD:
        puts(jira, NEW)
    assert one(cloud().apply([noted(canonical(OLD), canonical(NEW))])).status == expected


def test_a_version_has_no_memory_of_its_own(jira: responses.RequestsMock) -> None:
    jira.get(f"{CLOUD}/rest/api/2/version/10010", json={"id": "10010", "name": "1.0"})
    outcome = one(cloud().apply([change("memory", None, "{}")]))
    assert outcome.answer == "mdpc does not write the field 'memory' here."


def shows(mock: responses.RequestsMock, url: str = V3, properties: Any = None, **fields: Any) -> None:
    """An issue as it is asked for where memory is to be written."""
    query = {"fields": "status,summary,duedate,description", "properties": "mdpc"}
    found = issue("20001", "API-12", **fields) | {"properties": properties or {}}
    mock.get(url, json=found, match=[matchers.query_param_matcher(query)])


@pytest.mark.parametrize("on_cloud", [True, False])
def test_an_issue_remembers_in_a_property(jira: responses.RequestsMock, on_cloud: bool) -> None:
    shows(jira, V3 if on_cloud else DC)
    puts(jira, NEW, f"{V2 if on_cloud else DC}/properties/mdpc")
    connector = (cloud if on_cloud else server)(milestones="epics")
    assert one(connector.apply([remembered(None, canonical(NEW))])).status == "done"


def test_an_issue_forgets(jira: responses.RequestsMock) -> None:
    shows(jira, properties={"mdpc": OLD})
    jira.delete(f"{V2}/properties/mdpc", status=204)
    shows(jira)
    assert one(cloud(milestones="epics").apply([remembered(canonical(OLD), None)])).status == "done"


@pytest.mark.parametrize(
    ("held", "before", "expected"), [(NEW, OLD, "already"), ("theirs", OLD, "stale"), (OLD, None, "stale")]
)
def test_an_issues_memory_is_looked_at_first(
    jira: responses.RequestsMock, held: Any, before: Any, expected: str
) -> None:
    shows(jira, properties={"mdpc": held})
    planned = remembered(before and canonical(before), canonical(NEW))
    assert one(cloud(milestones="epics").apply([planned])).status == expected


def test_memory_is_written_after_all_that_it_tells_of(jira: responses.RequestsMock) -> None:
    shows(jira, summary="Go")
    jira.put(V3, status=204)
    jira.get(f"{V2}/transitions", json={"transitions": [{"id": "31", "name": "Close", "to": status("done")}]})
    jira.post(f"{V2}/transitions", status=204)
    puts(jira, NEW, f"{V2}/properties/mdpc")
    changes = [
        remembered(None, canonical(NEW)),
        change("state", "open", "closed", ref="API-12", uid="20001"),
        change("status", None, STATUS, ref="API-12", uid="20001"),
    ]
    assert [each.status for each in cloud(milestones="epics").apply(changes)] == ["done"] * 3
    assert [line.split()[0] for line in calls(jira)] == ["GET", "GET", "PUT", "POST", "PUT"]


def test_memory_waits_where_something_failed(jira: responses.RequestsMock) -> None:
    shows(jira, summary="Go")
    jira.put(V3, status=400, json={"errors": {"description": "Not on the screen."}})
    changes = [remembered(None, canonical(NEW)), change("status", None, STATUS, ref="API-12", uid="20001")]
    assert [each.status for each in cloud(milestones="epics").apply(changes)] == ["withheld", "failed"]


def test_a_missing_right_to_take_out_is_named(jira: responses.RequestsMock) -> None:
    holds(jira, OLD)
    jira.delete(PAGE, status=403)
    outcome = one(cloud().apply([noted(canonical(OLD), None)]))
    assert (outcome.status, "need Administer Projects on API" in outcome.answer) == ("failed", True)


def test_what_says_404_and_stays_is_a_failure(jira: responses.RequestsMock) -> None:
    holds(jira, OLD)
    jira.delete(PAGE, status=404)
    holds(jira, OLD)
    assert one(cloud().apply([noted(canonical(OLD), None)])).status == "failed"
