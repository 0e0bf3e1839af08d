from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.changes import Change, Created, Outcome, Value
from mdpc.model import Ref
from mdpc.tokens import token_id, token_uid
from mdpc_github.creating import mark_in
from tests.github.helpers import API, TOKEN, change, connector, rest_milestone, sent

URL = f"{API}/repos/acme/api/milestones"
SEED = "n0123456789ab"


def block(mark: str = "m0123456789ab", words: str = "on track") -> str:
    memory = f'<!-- mdpc:memory {{"v":1,"id":"{mark}","uid":"{token_uid(SEED)}"}} -->'
    return f"<!-- mdpc:begin -->\n**mdpc:** {words}\n\n{memory}\n<!-- mdpc:end -->"


BLOCK = block()
ALL: dict[str, Value] = {"title": "v1", "due": "2026-12-01", "state": "open", "status": BLOCK}
BODY = {"title": "v1", "due_on": "2026-12-01T12:00:00Z", "state": "open", "description": BLOCK}
MADE = {"title": "v1", "due_on": "2026-12-01T08:00:00Z", "description": BLOCK}
CREATED = Created("7", "MI_7", "https://github.com/acme/api/milestone/7")


def creation(**fields: Value) -> list[Change]:
    """The changes that make a milestone with these fields."""
    made = change("", None, None, uid=token_uid(SEED), kind="create")
    ref = Ref(made.ref.container, token_id(SEED))
    return [replace(made, id=f"c-{name}", ref=ref, field=name, after=after) for name, after in fields.items()]


def posts(mock: responses.RequestsMock, wanted: dict[str, Any] | None = None, **answer: Any) -> None:
    mock.post(URL, match=[matchers.json_params_matcher(wanted or BODY)], **answer)


def lists(mock: responses.RequestsMock, *milestones: dict[str, Any]) -> None:
    query = {"state": "all", "per_page": "100"}
    mock.get(URL, json=list(milestones), match=[matchers.query_param_matcher(query)])


def taken(mock: responses.RequestsMock) -> None:
    errors = [{"resource": "Milestone", "code": "already_exists", "field": "title"}]
    posts(mock, status=422, json={"message": "Validation Failed", "errors": errors})


def only(outcomes: Any) -> Outcome:
    """The outcome that all changes share."""
    (first, *others) = outcomes
    assert isinstance(first, Outcome)
    assert {replace(each, change="") for each in others} <= {replace(first, change="")}
    return first


def test_a_milestone_is_one_post(github: responses.RequestsMock) -> None:
    posts(github, json=rest_milestone(7, **MADE), status=201)
    outcomes = connector().apply(creation(**ALL))
    assert outcomes == [Outcome(f"c-{name}", "done", "", CREATED) for name in ALL]


def test_without_a_due_date_none_is_sent(github: responses.RequestsMock) -> None:
    posts(github, {"title": "v1", "state": "closed"}, json=rest_milestone(7, title="v1", state="closed"), status=201)
    assert only(connector().apply(creation(title="v1", due=None, state="closed", status=None))).status == "done"


def test_what_github_makes_otherwise_is_told(github: responses.RequestsMock) -> None:
    posts(github, json=rest_milestone(7, **(MADE | {"due_on": None, "title": "V1"})), status=201)
    outcomes = {each.change: each for each in connector().apply(creation(**ALL))}
    assert {name: each.status for name, each in outcomes.items()} == {
        "c-title": "done",
        "c-due": "failed",
        "c-state": "done",
        "c-status": "done",
    }
    assert outcomes["c-due"].created == CREATED


@pytest.mark.parametrize("fields", [{"due": "2026-12-01"}, {"title": " "}, {"title": None}])
def test_a_milestone_needs_a_title(github: responses.RequestsMock, fields: dict[str, Value]) -> None:
    outcome = only(connector().apply(creation(**fields)))
    assert (outcome.status, outcome.answer) == ("failed", "A milestone cannot be made without a title.")


@pytest.mark.parametrize("field", ["start", "link", "memory"])
def test_what_milestones_have_not(github: responses.RequestsMock, field: str) -> None:
    outcome = only(connector().apply(creation(**ALL, **{field: "2026-12-01"})))
    assert (outcome.status, field in outcome.answer) == ("failed", True)


def test_read_access_and_no_token_send_nothing(github: responses.RequestsMock) -> None:
    assert only(connector(access="read").apply(creation(**ALL))).status == "failed"
    assert "set MDPC_CONNECTORS__GITHUB__TOKEN" in only(connector(token=None).apply(creation(**ALL))).answer


def test_the_title_of_this_milestone_itself_is_there_already(github: responses.RequestsMock) -> None:
    taken(github)
    own = rest_milestone(7, title="v1", description=f"People's.\r\n\r\n{block(words='late')}".replace("\n", "\r\n"))
    lists(github, rest_milestone(8, title="V1"), own)
    assert only(connector().apply(creation(**ALL))) == Outcome("c-title", "already", "", CREATED)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({}, "a milestone with this title, number 7. Run again"),
        ({"state": "closed"}, "a closed milestone with this title, number 7. Rename it"),
        ({"description": block("mffffffffffff")}, "a milestone with this title"),
        ({"title": "V1"}, "a milestone with this title"),
    ],
)
def test_the_title_of_somebody_elses_is_stale(github: responses.RequestsMock, held: dict[str, Any], said: str) -> None:
    taken(github)
    lists(github, rest_milestone(7, **({"title": "v1"} | held)))
    outcome = only(connector().apply(creation(**ALL)))
    assert (outcome.status, outcome.created) == ("stale", None)
    assert f"acme/api has {said}" in outcome.answer


def test_a_title_that_nobody_has_after_all(github: responses.RequestsMock) -> None:
    taken(github)
    lists(github, rest_milestone(7, title="v2"))
    outcome = only(connector().apply(creation(**ALL)))
    assert (outcome.status, "already_exists" in outcome.answer) == ("failed", True)


def test_a_rename_to_a_title_that_is_taken_says_so(github: responses.RequestsMock) -> None:
    github.get(f"{URL}/3", json=rest_milestone())
    errors = [{"resource": "Milestone", "code": "already_exists", "field": "title"}]
    github.patch(f"{URL}/3", status=422, json={"message": "Validation Failed", "errors": errors})
    outcome = only(connector().apply([change("title", "m3", "v1")]))
    assert outcome.status == "failed"
    assert outcome.answer.startswith("Another milestone there has this title, open or closed. Rename one of them.")


@pytest.mark.parametrize(
    ("code", "message", "step"),
    [
        (403, "Resource not accessible by personal access token", "Give the token access to Issues"),
        (404, "Not Found", "Give it write access to Issues"),
        (410, "Issues has been disabled in this repository.", "not there"),
        (422, "Validation Failed", "Validation Failed"),
    ],
)
def test_a_refusal_fails_with_the_next_step(github: responses.RequestsMock, code: int, message: str, step: str) -> None:
    posts(github, status=code, json={"message": message})
    outcome = only(connector().apply(creation(**ALL)))
    assert (outcome.status, outcome.created) == ("failed", None)
    assert step in outcome.answer
    assert TOKEN not in outcome.answer


LOST = [{"body": requests.ConnectionError("gone")}, {"status": 502}, {"status": 201, "body": "<html>"}]


@pytest.mark.parametrize("lost", LOST)
def test_after_a_lost_answer_it_is_looked_for_and_not_sent_again(
    github: responses.RequestsMock, lost: dict[str, Any]
) -> None:
    posts(github, **lost)
    lists(github, rest_milestone(6, title="v1", description=block("mffffffffffff")), rest_milestone(7, **MADE))
    outcome = only(connector().apply(creation(**ALL)))
    assert (outcome.status, outcome.created) == ("done", CREATED)


@pytest.mark.parametrize("lost", LOST)
def test_what_was_lost_and_is_not_there_has_failed(github: responses.RequestsMock, lost: dict[str, Any]) -> None:
    posts(github, **lost)
    lists(github, rest_milestone(6, title="v1"))
    outcome = only(connector().apply(creation(**ALL)))
    assert (outcome.status, outcome.answer.startswith("It was not made: ")) == ("failed", True)


def test_all_pages_are_looked_at(github: responses.RequestsMock) -> None:
    posts(github, status=502)
    following = {"Link": f'<{URL}?page=2>; rel="next"'}
    github.get(URL, json=[rest_milestone(6)], headers=following)
    github.get(f"{URL}?page=2", json=[rest_milestone(7, **MADE)])
    assert only(connector().apply(creation(**ALL))).created == CREATED


def test_a_look_that_fails_for_a_while_is_repeated(github: responses.RequestsMock) -> None:
    posts(github, status=502)
    github.get(URL, status=502)
    lists(github, rest_milestone(7, **MADE))
    assert only(connector().apply(creation(**ALL))).status == "done"
    assert [line.split()[0] for line in sent(github)] == ["POST", "GET", "GET"]


def test_what_cannot_be_looked_for_is_unknown(github: responses.RequestsMock) -> None:
    posts(github, status=502)
    for _ in range(9):
        github.get(URL, status=502)
    outcome = only(connector().apply(creation(**ALL)))
    assert (outcome.status, "run again" in outcome.answer) == ("unknown", True)


def test_without_a_mark_nobody_can_tell(github: responses.RequestsMock) -> None:
    posts(github, {"title": "v1"}, status=502)
    assert only(connector().apply(creation(title="v1"))).status == "unknown"
    assert len(github.calls) == 1


def test_an_answer_lost_at_the_last_attempt_is_looked_for(github: responses.RequestsMock) -> None:
    for _ in range(4):
        posts(github, status=403, json={"message": "secondary rate limit"}, headers={"Retry-After": "1"})
    posts(github, status=502)
    lists(github, rest_milestone(7, **MADE))
    assert only(connector().apply(creation(**ALL))).status == "done"


def test_a_limit_is_waited_out_and_it_is_sent_again(github: responses.RequestsMock) -> None:
    posts(github, status=403, json={"message": "secondary rate limit"}, headers={"Retry-After": "1"})
    posts(github, json=rest_milestone(7, **MADE), status=201)
    assert only(connector().apply(creation(**ALL))).status == "done"


def test_a_limit_without_end_has_failed(github: responses.RequestsMock) -> None:
    for _ in range(5):
        posts(github, status=429)
    outcome = only(connector().apply(creation(**ALL)))
    assert (outcome.status, "rate limit" in outcome.answer) == ("failed", True)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        (None, None),
        ("m0123456789ab", None),
        (BLOCK, "m0123456789ab"),
        (block(words="owner mffffffffffff"), "m0123456789ab"),
        ("<!-- mdpc:begin -->\n**mdpc:** on track m0123456789ab\n<!-- mdpc:end -->", "m0123456789ab"),
        ("<!-- mdpc:begin -->\n**mdpc:** on track\n<!-- mdpc:end -->", None),
    ],
)
def test_the_mark_is_in_a_status_alone_and_there_in_its_memory(text: str | None, mark: str | None) -> None:
    assert mark_in(text) == mark
