"""What is sent to write issues and comments, request by request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.changes import Change, Created, Kind, Outcome, Value
from mdpc.model import Ref
from mdpc.tokens import token_id, token_uid
from mdpc_github.issue_creating import marks_in
from tests.github.helpers import API, GRAPHQL, TOKEN, account, change, connector, sent, variables

ISSUES = f"{API}/repos/acme/api/issues"
SEED = "n0123456789ab"
MARK = "<!-- mdpc:issue m0123456789ab -->"
BLOCK = f"<!-- mdpc:begin -->\nWords.\n\n{MARK}\n<!-- mdpc:end -->"
SAID = "Approved.\n\n<!-- mdpc:answer a1 -->"
BODY = {"title": "v1", "body": BLOCK, "labels": ["milestone"], "assignees": ["alice"]}
CREATED = Created("issue-12", "I_12", "https://github.com/acme/api/issues/12")
UNASSIGNABLE = {
    "message": "Validation Failed",
    "errors": [
        {
            "message": "assignees alice cannot be assigned to this issue",
            "value": ["alice"],
            "resource": "Issue",
            "field": "assignees",
            "code": "invalid",
        }
    ],
}


def rest_issue(number: int = 12, **changed: Any) -> dict[str, Any]:
    return {
        "number": number,
        "node_id": f"I_{number}",
        "html_url": f"https://github.com/acme/api/issues/{number}",
        "title": "v1",
        "body": None,
        "state": "open",
        "user": {"login": "mdpc-bot"},
        "labels": [{"name": "milestone"}],
        "assignees": [],
        "comments": 0,
    } | changed


def rest_comment(number: int = 5, **changed: Any) -> dict[str, Any]:
    moment = "2026-11-01T10:00:00Z"
    return {
        "id": number,
        "node_id": f"IC_{number}",
        "issue_url": f"{ISSUES}/12",
        "user": {"login": "mdpc-bot"},
        "body": SAID,
        "created_at": moment,
        "updated_at": moment,
    } | changed


def asked(kind: Kind, field: str, before: Value, after: Value, id: str = "issue-12", **more: Any) -> Change:
    made = change(field, before, after, uid="I_12", kind=kind)
    return replace(made, ref=Ref(made.ref.container, id), **more)


def creation(**fields: Value) -> list[Change]:
    wanted = {"title": "v1", "body": BLOCK, "assignee": "alice", "label": "milestone"} | fields
    return [asked("issue", name, None, after, token_id(SEED), uid=token_uid(SEED)) for name, after in wanted.items()]


def lists(mock: responses.RequestsMock, *issues: dict[str, Any], **more: str) -> None:
    query = {"labels": "milestone", "state": "all", "direction": "asc", "per_page": "100", "creator": "mdpc-bot"}
    mock.get(ISSUES, json=list(issues), match=[matchers.query_param_matcher({**query, **more})])


def lists_unlabelled(mock: responses.RequestsMock, *issues: dict[str, Any], by: str = "mdpc-bot") -> None:
    """Where no issue with the label was the right one, the open ones that changed last are looked through."""
    query = {"state": "open", "sort": "updated", "per_page": "100", "creator": by}
    mock.get(ISSUES, json=list(issues), match=[matchers.query_param_matcher(query)])


def posts(mock: responses.RequestsMock, wanted: dict[str, Any], **answer: Any) -> None:
    mock.post(ISSUES, match=[matchers.json_params_matcher(wanted)], **answer)


def patches(mock: responses.RequestsMock, body: dict[str, Any], **answer: Any) -> None:
    mock.patch(f"{ISSUES}/12", match=[matchers.json_params_matcher(body)], **answer)


def status_of(outcomes: Any) -> str:
    (said,) = {each.status for each in outcomes}
    return str(said)


# ── Making issues ─────────────────────────────────────────────────────────────────────────────────


def test_an_issue_is_looked_for_and_then_one_post(github: responses.RequestsMock) -> None:
    account(github)
    lists(github, rest_issue(11, body=BLOCK.replace("m01", "m99")))
    lists_unlabelled(github)
    posts(github, BODY, json=rest_issue(assignees=[{"login": "Alice"}]), status=201)
    outcomes = connector().apply(creation())
    assert outcomes == [Outcome(f"c-{name}", "done", "", CREATED) for name in ("title", "body", "assignee", "label")]


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        ({"body": f"People's.\r\n\r\n{BLOCK}".replace("\n", "\r\n")}, "already"),
        ({"body": f"no block\n\n{MARK}\n"}, "already"),
        ({"body": BLOCK, "state": "closed"}, "already"),
        ({"body": BLOCK, "user": {"login": "mallory"}}, "done"),
        ({"body": BLOCK, "user": None}, "done"),
        ({"body": BLOCK, "pull_request": {}}, "done"),
        ({"body": f"quoted: {MARK} in between"}, "done"),
        ({"body": None}, "done"),
    ],
)
def test_an_issue_of_mdpcs_own_with_the_same_mark_is_there(
    github: responses.RequestsMock, held: dict[str, Any], verdict: str
) -> None:
    account(github)
    lists(github, rest_issue(**held))
    if verdict == "done":
        lists_unlabelled(github)
        posts(github, BODY, json=rest_issue(12), status=201)
    outcomes = connector().apply(creation())
    assert (status_of(outcomes), {each.created for each in outcomes}) == (verdict, {CREATED})


def test_a_dashboard_that_was_closed_too_long_ago_to_be_read_is_to_be_opened_first(
    github: responses.RequestsMock,
) -> None:
    account(github)
    block = BLOCK.replace(MARK, "<!-- mdpc:dashboard d0123456789ab -->")
    lists(github, rest_issue(body=block, state="closed"))
    changes = [replace(each, after=block) if each.field == "body" else each for each in creation()]
    outcomes = connector().apply(changes)
    assert status_of(outcomes) == "failed"
    assert "Open https://github.com/acme/api/issues/12 again, or delete it." in outcomes[0].answer


def test_a_dashboard_whose_label_was_taken_off_is_not_made_again(github: responses.RequestsMock) -> None:
    account(github)
    block = BLOCK.replace(MARK, "<!-- mdpc:dashboard d0123456789ab -->")
    lists(github)
    lists_unlabelled(github, rest_issue(body=block, labels=[]))
    changes = [replace(each, after=block) if each.field == "body" else each for each in creation()]
    assert status_of(connector().apply(changes)) == "already"


@pytest.mark.parametrize("labelled", [True, False])
def test_an_app_looks_by_the_label_and_then_for_its_own(github: responses.RequestsMock, labelled: bool) -> None:
    account(github, "mdpc[bot]")
    query = {"labels": "milestone", "state": "all", "direction": "asc", "per_page": "100"}
    own = rest_issue(body=BLOCK, user={"login": "mdpc[bot]", "type": "Bot"})
    github.get(ISSUES, json=[own] if labelled else [], match=[matchers.query_param_matcher(query)])
    if not labelled:
        lists_unlabelled(github, own | {"labels": []}, by="mdpc[bot]")
    assert status_of(connector(token="ghs_1").apply(creation())) == "already"


def test_an_issue_whose_label_was_taken_off_is_not_made_again(github: responses.RequestsMock) -> None:
    account(github)
    lists(github)
    lists_unlabelled(github, rest_issue(body=BLOCK, labels=[]))
    assert status_of(connector().apply(creation())) == "already"


def test_further_labels_and_no_assignee(github: responses.RequestsMock) -> None:
    account(github)
    lists(github)
    lists_unlabelled(github)
    made = rest_issue(labels=["milestone", "docs"])
    posts(github, {"title": "v1", "body": BLOCK, "labels": ["milestone", "docs"]}, json=made, status=201)
    assert status_of(connector().apply(creation(label="docs", assignee=None))) == "done"


def test_who_cannot_be_assigned_is_left_out_and_told(github: responses.RequestsMock) -> None:
    account(github)
    lists(github)
    lists_unlabelled(github)
    posts(github, BODY, status=422, json=UNASSIGNABLE)
    posts(github, {name: value for name, value in BODY.items() if name != "assignees"}, json=rest_issue(), status=201)
    outcomes = {each.change: each for each in connector().apply(creation())}
    assert {each.status for each in outcomes.values()} == {"done"}
    assert "did not assign alice" in outcomes["c-assignee"].answer


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": " "}, "without a title"),
        ({"title": None}, "without a title"),
        ({"body": "no mark"}, "without a mark"),
        ({"body": None}, "without a mark"),
        ({"state": "open"}, "no state that mdpc can write"),
    ],
)
def test_what_no_issue_can_be_made_of(github: responses.RequestsMock, fields: dict[str, Value], said: str) -> None:
    account(github)
    outcomes = connector().apply(creation(**fields))
    assert status_of(outcomes) == "failed"
    assert all(said in each.answer for each in outcomes)


@pytest.mark.parametrize("kind", ["issue", "comment"])
def test_without_knowing_its_own_account_nothing_is_made(github: responses.RequestsMock, kind: Kind) -> None:
    error = {"type": "FORBIDDEN", "path": ["viewer"], "message": "Resource not accessible by integration"}
    github.post(GRAPHQL, json={"data": None, "errors": [error]})
    changes = creation() if kind == "issue" else [asked("comment", "body", None, SAID)]
    outcomes = connector(token="ghs_1").apply(changes)
    assert status_of(outcomes) == "failed"
    assert "`accounts`" in outcomes[0].answer


@pytest.mark.parametrize("kind", ["issue", "comment"])
def test_a_server_that_does_not_say_who_mdpc_is_fails_it(github: responses.RequestsMock, kind: Kind) -> None:
    github.post(GRAPHQL, status=401, json={"message": "Bad credentials"})
    changes = creation() if kind == "issue" else [asked("comment", "body", None, SAID)]
    outcomes = connector().apply(changes)
    assert status_of(outcomes) == "failed"
    assert TOKEN not in str(outcomes)


def test_without_a_token_nothing_is_written(github: responses.RequestsMock) -> None:
    for changes in (creation(), [asked("comment", "body", None, SAID)], [asked("issue", "state", "open", "closed")]):
        outcomes = connector(token=None, accounts=["mdpc-bot"]).apply(changes)
        assert "set MDPC_CONNECTORS__GITHUB__TOKEN" in outcomes[0].answer


LOST = [{"body": requests.ConnectionError("gone")}, {"status": 502}, {"status": 201, "body": "<html>"}]


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("there", [True, False])
def test_after_a_lost_answer_an_issue_is_looked_for_and_not_sent_again(
    github: responses.RequestsMock, lost: dict[str, Any], there: bool
) -> None:
    account(github)
    lists(github)
    lists_unlabelled(github)
    posts(github, BODY, **lost)
    lists(github, *([rest_issue(body=BLOCK)] if there else []))
    if not there:
        lists_unlabelled(github)
    outcomes = connector().apply(creation())
    assert status_of(outcomes) == ("done" if there else "failed")
    assert {each.created for each in outcomes} == {CREATED if there else None}


def test_an_issue_that_cannot_be_looked_for_is_not_made(github: responses.RequestsMock) -> None:
    account(github)
    for _ in range(5):
        github.get(ISSUES, status=502)
    assert status_of(connector().apply(creation())) == "failed"


def test_after_a_limit_it_is_looked_for_again(github: responses.RequestsMock) -> None:
    account(github)
    lists(github)
    lists_unlabelled(github)
    posts(github, BODY, status=429, headers={"Retry-After": "7"})
    lists(github, rest_issue(body=BLOCK))
    assert status_of(connector().apply(creation())) == "already"


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        (None, []),
        ("text", []),
        (BLOCK, [("issue", "m0123456789ab")]),
        (f"{BLOCK}\n\nPeople wrote on.", [("issue", "m0123456789ab")]),
        (f"text\n\n{MARK}\n", [("issue", "m0123456789ab")]),
        ('<!-- mdpc:begin -->\nx\n\n<!-- mdpc:memory {"v":1} -->\n<!-- mdpc:end -->', []),
        (
            f"<!-- mdpc:begin -->\n<!-- mdpc:gate g1 -->\n{MARK}\n<!-- mdpc:end -->",
            [("issue", "m0123456789ab"), ("gate", "g1")],
        ),
    ],
)
def test_marks_are_at_the_end_and_in_the_block(text: str | None, marks: list[tuple[str, str]]) -> None:
    assert marks_in(text) == marks


# ── Changing issues ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "before", "after", "held", "body"),
    [
        ("body", None, BLOCK, {"body": "Ours.\r\n"}, {"body": f"Ours.\r\n\n\n{BLOCK}"}),
        ("body", BLOCK, None, {"body": f"Ours.\n\n{BLOCK}"}, {"body": "Ours."}),
        ("body", BLOCK, None, {"body": BLOCK}, {"body": None}),
        ("state", "open", "closed", {}, {"state": "closed"}),
        ("assignee", None, "alice", {"assignees": [{"login": "bob"}]}, {"assignees": ["bob", "alice"]}),
        ("assignee", "Bob", None, {"assignees": [{"login": "bob"}, {"login": "eve"}]}, {"assignees": ["eve"]}),
        ("label", None, "milestone", {"labels": [{"name": "x"}, "y"]}, {"labels": ["x", "y", "milestone"]}),
    ],
)
def test_a_field_of_an_issue_is_one_patch(
    github: responses.RequestsMock, field: str, before: Value, after: Value, held: dict[str, Any], body: dict[str, Any]
) -> None:
    then = {**held, **body}
    then["assignees"] = [{"login": each} if isinstance(each, str) else each for each in then.get("assignees", ())]
    github.get(f"{ISSUES}/12", json=rest_issue(**held))
    patches(github, body, json=rest_issue(**then))
    assert connector().apply([asked("issue", field, before, after)]) == [Outcome(f"c-{field}", "done")]


@pytest.mark.parametrize("held", [{"node_id": "I_99"}, {"number": 99}])
def test_another_issue_there_is_stale(github: responses.RequestsMock, held: dict[str, Any]) -> None:
    github.get(f"{ISSUES}/12", json=rest_issue(**held))
    (outcome,) = connector().apply([asked("issue", "state", "open", "closed")])
    assert (outcome.status, "another issue now" in outcome.answer) == ("stale", True)


def test_who_cannot_be_assigned_costs_the_other_fields_nothing(github: responses.RequestsMock) -> None:
    github.get(f"{ISSUES}/12", json=rest_issue(assignees=[{"login": "bob"}]))
    patches(github, {"assignees": ["alice"], "state": "closed"}, status=422, json=UNASSIGNABLE)
    patches(github, {"assignees": [], "state": "closed"}, json=rest_issue(state="closed"))
    one, two = connector().apply(
        [asked("issue", "assignee", "bob", "alice"), asked("issue", "state", "open", "closed")]
    )
    assert (one.status, "did not assign alice" in one.answer, two.status) == ("done", True, "done")


def test_who_alone_cannot_be_assigned_is_told(github: responses.RequestsMock) -> None:
    github.get(f"{ISSUES}/12", json=rest_issue())
    patches(github, {"assignees": ["alice"]}, status=422, json=UNASSIGNABLE)
    (outcome,) = connector().apply([asked("issue", "assignee", None, "alice")])
    assert (outcome.status, "did not assign alice" in outcome.answer) == ("done", True)
    assert len(github.calls) == 2


def test_another_refusal_fails(github: responses.RequestsMock) -> None:
    github.get(f"{ISSUES}/12", json=rest_issue())
    patches(github, {"assignees": ["alice"]}, status=422, json={"message": "Validation Failed"})
    (outcome,) = connector().apply([asked("issue", "assignee", None, "alice")])
    assert outcome.status == "failed"


def test_a_label_or_a_body_that_github_does_not_take_has_failed(github: responses.RequestsMock) -> None:
    github.get(f"{ISSUES}/12", json=rest_issue(labels=[]))
    patches(github, {"labels": ["milestone"], "body": BLOCK}, json=rest_issue(labels=[]))
    label, body = connector().apply([asked("issue", "label", None, "milestone"), asked("issue", "body", None, BLOCK)])
    assert (label.status, "Triage" in label.answer, body.status) == ("failed", True, "failed")


@pytest.mark.parametrize(
    ("id", "field", "said"),
    [("12", "state", "no issue's address"), ("issue-012", "state", "no issue's"), ("issue-12", "due", "have no due")],
)
def test_what_is_no_issues_is_not_written(github: responses.RequestsMock, id: str, field: str, said: str) -> None:
    (outcome,) = connector().apply([asked("issue", field, None, "x", id)])
    assert (outcome.status, said in outcome.answer) == ("failed", True)


# ── Comments ──────────────────────────────────────────────────────────────────────────────────────


def talk(mock: responses.RequestsMock, *comments: dict[str, Any]) -> None:
    """An issue and its comments are looked at."""
    mock.get(f"{ISSUES}/12", json=rest_issue())
    mock.get(f"{ISSUES}/12/comments", json=list(comments))


def editor(mock: responses.RequestsMock, login: str | None = None, *, edited: bool = True) -> None:
    """GitHub is asked who edited a comment."""
    node = {
        "lastEditedAt": "2026-11-02T10:00:00Z" if edited else None,
        "editor": login and {"__typename": "User", "login": login},
    }
    mock.post(GRAPHQL, json={"data": {"node": node}})


def test_a_comment_is_looked_for_and_then_one_post(github: responses.RequestsMock) -> None:
    account(github)
    talk(github, rest_comment(1, body=SAID, user={"login": "mallory"}), rest_comment(2, body=f"{SAID}\n\nmore"))
    github.post(
        f"{ISSUES}/12/comments", json=rest_comment(), status=201, match=[matchers.json_params_matcher({"body": SAID})]
    )
    made = Created("5", "5", "")
    assert connector().apply([asked("comment", "body", None, SAID)]) == [Outcome("c-body", "done", created=made)]
    assert sent(github)[1:] == [
        "GET /repos/acme/api/issues/12",
        "GET /repos/acme/api/issues/12/comments?per_page=100",
        "POST /repos/acme/api/issues/12/comments",
    ]


@pytest.mark.parametrize(
    ("login", "edited", "verdict"),
    [(None, False, "already"), ("Mdpc-Bot", True, "already"), ("mallory", True, "done"), (None, True, "done")],
)
def test_who_edited_a_comment_decides_whether_it_counts(
    github: responses.RequestsMock, login: str | None, edited: bool, verdict: str
) -> None:
    account(github)
    talk(github, rest_comment(5))
    editor(github, login, edited=edited)
    if verdict == "done":
        github.post(f"{ISSUES}/12/comments", json=rest_comment(), status=201)
    assert status_of(connector().apply([asked("comment", "body", None, SAID)])) == verdict
    assert variables(github, 3) == {"id": "IC_5"}


@pytest.mark.parametrize(
    "data", [{"data": {"node": None}}, {"data": {"node": None}, "errors": [{"type": "NOT_FOUND", "path": ["node"]}]}]
)
def test_where_github_does_not_tell_who_edited_it_nothing_is_sent(github: responses.RequestsMock, data: Any) -> None:
    account(github)
    for _ in range(1 if "errors" in data else 5):
        talk(github, rest_comment(5))
        github.post(GRAPHQL, json=data)
    assert status_of(connector().apply([asked("comment", "body", None, SAID)])) == "failed"


@pytest.mark.parametrize(
    ("comments", "verdict"),
    [
        ([rest_comment(9, user={"login": "alice"}, body="x")], "done"),
        ([rest_comment(10, user={"login": "alice"}, body="x")], "stale"),
        ([rest_comment(10, user=None, body="x")], "stale"),
        ([rest_comment(10, body="mdpc's own")], "done"),
        ([], "done"),
    ],
)
def test_a_comment_knows_what_was_seen(
    github: responses.RequestsMock, comments: list[dict[str, Any]], verdict: str
) -> None:
    account(github)
    talk(github, *comments)
    if verdict == "done":
        github.post(f"{ISSUES}/12/comments", json=rest_comment(), status=201)
    assert status_of(connector().apply([asked("comment", "body", None, SAID, seen="9")])) == verdict


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("there", [True, False])
def test_after_a_lost_answer_a_comment_is_looked_for_and_not_sent_again(
    github: responses.RequestsMock, lost: dict[str, Any], there: bool
) -> None:
    account(github)
    talk(github)
    github.post(f"{ISSUES}/12/comments", **lost)
    github.get(f"{ISSUES}/12/comments", json=[rest_comment()] if there else [])
    if there:
        editor(github, edited=False)
    outcomes = connector().apply([asked("comment", "body", None, SAID)])
    assert status_of(outcomes) == ("done" if there else "failed")


def test_a_comment_without_a_mark_is_not_made(github: responses.RequestsMock) -> None:
    account(github)
    (outcome,) = connector().apply([asked("comment", "body", None, "text")])
    assert (outcome.status, "without a mark" in outcome.answer) == ("failed", True)


@pytest.mark.parametrize("id", ["12", "issue-12/x", "mdpcnewid", "issue-12/"])
def test_what_is_no_comments_address_is_not_written(github: responses.RequestsMock, id: str) -> None:
    account(github)
    (outcome,) = connector().apply([asked("comment", "body", None, SAID, id)])
    assert (outcome.status, "address" in outcome.answer) == ("failed", True)


def test_a_locked_issue_says_so(github: responses.RequestsMock) -> None:
    account(github)
    talk(github)
    locked = {"message": "Unable to create comment because issue is locked."}
    github.post(f"{ISSUES}/12/comments", status=403, json=locked)
    (outcome,) = connector().apply([asked("comment", "body", None, SAID)])
    assert (outcome.status, "issue is locked" in outcome.answer) == ("failed", True)


def test_an_edit_is_one_patch(github: responses.RequestsMock) -> None:
    account(github)
    path = f"{ISSUES}/comments/5"
    github.get(path, json=rest_comment())
    github.patch(path, json=rest_comment(body="new"), match=[matchers.json_params_matcher({"body": "new"})])
    outcomes = connector().apply([asked("comment", "body", SAID, "new", "issue-12/5")])
    assert outcomes == [Outcome("c-body", "done")]


def test_one_write_is_one_comment(github: responses.RequestsMock) -> None:
    account(github)
    with pytest.raises(ValueError, match="too many"):
        connector().apply([asked("comment", "body", None, SAID)] * 2)
