from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc_jira import JiraConnector, adf
from tests.jira.helpers import CLOUD, ME, SERVER, TOKEN, calls, change, cloud, server

V3 = f"{CLOUD}/rest/api/3/issue/API-12"
DC = f"{SERVER}/rest/api/2/issue/API-12"
TEXT = "Hello [~accountid:a],\n\nbye.\n(mdpc:say a)"
NOW = "2026-11-01T10:00:00.000+0000"
BOT, ALICE = {"accountId": ME["accountId"]}, {"accountId": "a"}


def said(identifier: str, text: str = TEXT, author: Any = BOT, editor: Any = None, **more: Any) -> dict[str, Any]:
    body = {"body": adf.written(text), "created": NOW, "updated": NOW}
    return {"id": identifier, "author": author, "updateAuthor": editor or author, **body, **more}


def holds(mock: responses.RequestsMock, *comments: dict[str, Any], url: str = V3, **more: Any) -> None:
    raw = {"id": "20001", "key": "API-12", "fields": {"comment": {"comments": comments, "total": len(comments)}}}
    mock.get(url, json=raw | more, match=[matchers.query_param_matcher({"fields": "comment"})])


def posts(mock: responses.RequestsMock, url: str = V3, body: Any = None, **answer: Any) -> None:
    match = [matchers.json_params_matcher({"body": body or adf.written(TEXT)})]
    mock.post(f"{url}/comment", match=match, **({"status": 201} | (answer or {"json": {"id": "1"}})))


def puts(mock: responses.RequestsMock, *, silent: bool = True, url: str = V3, body: Any = None, **answer: Any) -> None:
    match: list[Any] = [matchers.json_params_matcher({"body": body or adf.written(TEXT)})]
    match.append(matchers.query_param_matcher({"notifyUsers": "false"} if silent else {}))
    mock.put(f"{url}/comment/7", match=match, **({"json": {}} | answer))


def apply(
    before: str | None = None,
    ref: str = "API-12",
    seen: str = "",
    text: str = TEXT,
    connector: JiraConnector | None = None,
) -> tuple[str, str]:
    wanted = replace(change("comment", before, text, ref=ref, uid="20001", kind="comment"), seen=seen)
    (outcome,) = (connector or cloud()).apply([wanted])
    return outcome.status, outcome.answer


@pytest.fixture(autouse=True)
def me(jira: responses.RequestsMock) -> None:
    jira.get(f"{CLOUD}/rest/api/2/myself", json=ME)
    jira.get(f"{SERVER}/rest/api/2/myself", json={"name": "Bot"})
    jira.assert_all_requests_are_fired = False


def sent(jira: responses.RequestsMock) -> list[str]:
    return [line.split()[0] for line in calls(jira) if "myself" not in line]


def test_a_comment_is_looked_for_and_made(jira: responses.RequestsMock) -> None:
    holds(jira, said("1", "other (mdpc:say b)"), said("2", author=ALICE), said("3", editor=ALICE))
    posts(jira)
    assert apply() == ("done", "")
    assert sent(jira) == ["GET", "POST"]


def test_on_data_center_the_text_is_as_it_is(jira: responses.RequestsMock) -> None:
    holds(jira, url=DC)
    posts(jira, DC, TEXT)
    assert apply(connector=server()) == ("done", "")


def test_one_that_is_there_is_not_made_again(jira: responses.RequestsMock) -> None:
    holds(jira, said("1", "worded otherwise (mdpc:say a)", updated="2026-11-02T10:00:00.000+0000"))
    assert apply() == ("already", "")


def test_another_account_of_ours_counts_as_well(jira: responses.RequestsMock) -> None:
    holds(jira, said("1", author={"accountId": "Old"}))
    assert apply(connector=cloud(accounts=["old"])) == ("already", "")


LOST: list[dict[str, Any]] = [
    {"body": requests.exceptions.ReadTimeout()},
    {"status": 502},
    {"status": 201, "body": "<html>"},
    {"json": {}},
]


@pytest.mark.parametrize("lost", LOST)
def test_after_a_lost_answer_it_is_looked_for(jira: responses.RequestsMock, lost: dict[str, Any]) -> None:
    holds(jira)
    posts(jira, **lost)
    holds(jira, said("1"))
    assert apply(seen="0") == ("done", "The answer was lost, but it is written.")
    assert sent(jira) == ["GET", "POST", "GET"]


@pytest.mark.parametrize("lost", LOST)
def test_what_is_not_there_then_is_left_to_the_next_run(jira: responses.RequestsMock, lost: dict[str, Any]) -> None:
    holds(jira)
    posts(jira, **lost)
    status, answer = apply()
    assert (status, answer.startswith("It was not made")) == ("failed", True)
    assert sent(jira).count("POST") == 1


def test_without_a_mark_nobody_can_tell(jira: responses.RequestsMock) -> None:
    holds(jira)
    posts(jira, body=adf.written("Hello"), status=502)
    assert apply(text="Hello")[0] == "unknown"
    assert sent(jira).count("POST") == 1


def test_where_jira_is_gone_after_that_it_is_unknown(jira: responses.RequestsMock) -> None:
    holds(jira)
    posts(jira, status=502)
    jira.get(V3, status=502)
    status, answer = apply()
    assert (status, "Look before you run again" in answer) == ("unknown", True)


def test_a_limit_is_waited_out_and_looked_at_again(jira: responses.RequestsMock) -> None:
    holds(jira)
    posts(jira, status=429, headers={"Retry-After": "1"})
    holds(jira, said("9", "/approve", author=ALICE))
    assert apply(seen="8") == ("stale", "Somebody wrote a comment since it was read.")


@pytest.mark.parametrize(
    ("seen", "comments", "status"),
    [
        ("1", ["1"], "done"),
        ("1", ["1", "2"], "stale"),
        ("2", ["1", "2"], "done"),
        ("2", ["1", "3"], "stale"),
        ("x", ["1"], "stale"),
        ("", ["1", "2"], "done"),
    ],
)
def test_people_wrote_meanwhile(jira: responses.RequestsMock, seen: str, comments: list[str], status: str) -> None:
    holds(jira, *(said(each, "word", author=ALICE) for each in comments), said("9", "ours"))
    posts(jira)
    assert apply(seen=seen)[0] == status


@pytest.mark.parametrize(
    ("code", "said_"), [(403, "Add Comments"), (400, "Add Comments"), (404, "is gone"), (413, "does not accept")]
)
def test_a_refusal_says_what_is_lacking(jira: responses.RequestsMock, code: int, said_: str) -> None:
    holds(jira)
    posts(jira, status=code, json={"errorMessages": [f"No, {TOKEN}"]})
    status, answer = apply()
    assert (status, said_ in answer, TOKEN in answer) == ("failed", True, False)


def test_an_issue_that_is_gone_or_elsewhere(jira: responses.RequestsMock) -> None:
    holds(jira, key="WEB-1")
    status, answer = apply()
    assert (status, "is called WEB-1 now" in answer) == ("stale", True)
    jira.replace("GET", V3, status=404)
    assert apply()[0] == "failed"


def test_a_text_beyond_jiras_limit() -> None:
    status, answer = apply(text="x" * 32_768)
    assert (status, "32,767 characters" in answer) == ("failed", True)


def test_a_comment_is_changed_without_a_notice(jira: responses.RequestsMock) -> None:
    holds(jira, said("7", "before"))
    puts(jira)
    assert apply("before", "API-12/7") == ("done", "")


def test_where_silence_is_refused_people_hear_of_it(jira: responses.RequestsMock) -> None:
    holds(jira, said("7", "before"))
    puts(jira, status=403)
    puts(jira, silent=False)
    assert apply("before", "API-12/7") == ("done", "")


def test_data_center_knows_no_silence(jira: responses.RequestsMock) -> None:
    holds(jira, said("7", body="before"), url=DC)
    puts(jira, silent=False, url=DC, body=TEXT)
    assert apply("before", "API-12/7", connector=server()) == ("done", "")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (said("7"), ("already", "")),
        (said("7", "by hand"), ("stale", "It was changed since it was read.")),
        (said("8"), ("stale", "The comment is gone.")),
    ],
)
def test_a_change_looks_first(jira: responses.RequestsMock, held: dict[str, Any], expected: tuple[str, str]) -> None:
    holds(jira, held)
    assert apply("before", "API-12/7") == expected


def test_a_change_is_sent_again_where_it_is_not_there(jira: responses.RequestsMock) -> None:
    holds(jira, said("7", "before"))
    puts(jira, status=502)
    puts(jira)
    assert apply("before", "API-12/7") == ("done", "")
    assert sent(jira) == ["GET", "PUT", "GET", "PUT"]


def test_a_change_that_jira_fails_to_take(jira: responses.RequestsMock) -> None:
    holds(jira, said("7", "before"))
    puts(jira, status=502)
    status, answer = apply("before", "API-12/7")
    assert (status, "Jira failed" in answer) == ("failed", True)


def test_a_jira_that_does_not_answer(jira: responses.RequestsMock) -> None:
    jira.get(V3, status=502)
    status, answer = apply()
    assert (status, "Jira failed" in answer) == ("failed", True)


def test_a_change_that_is_refused(jira: responses.RequestsMock) -> None:
    holds(jira, said("7", "before"))
    puts(jira, status=400)
    status, answer = apply("before", "API-12/7")
    assert (status, "Edit Own Comments" in answer) == ("failed", True)
