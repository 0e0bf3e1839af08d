"""What is asked of GraphQL about issues, request by request, and what badly answered questions come to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from mdpc.connector import TrackerError
from mdpc.coordination import IssueReading, IssueScope
from mdpc.model import ContainerRef, Ref
from mdpc_github import issue_queries as queries
from mdpc_github import issue_records as records
from mdpc_github.own import Own
from tests.github.helpers import API as API_URL
from tests.github.helpers import GRAPHQL, account, connector, page, variables
from tests.github.test_graphql import answer, overload, queries_of
from tests.github.test_issues_writing import rest_issue

API = ContainerRef("github", "acme/api")


def comment(number: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "fullDatabaseId": str(number),
        "url": f"https://github.com/acme/api/issues/12#issuecomment-{number}",
        "author": {"__typename": "User", "login": "alice"},
        "body": "text",
        "createdAt": "2026-11-01T10:00:00Z",
        "lastEditedAt": None,
        "editor": None,
    } | changed


def issue(number: int = 12, **changed: Any) -> dict[str, Any]:
    return {
        "id": f"I_{number}",
        "number": number,
        "url": f"https://github.com/acme/api/issues/{number}",
        "title": "v1",
        "body": "text",
        "state": "OPEN",
        "lastEditedAt": None,
        "author": {"__typename": "User", "login": "mdpc-bot"},
        "editor": None,
        "assignees": {"nodes": []},
        "labels": {"nodes": [{"name": "milestone"}]},
        "comments": page(comment()),
    } | changed


def home(*issues: Any, after: str | None = None) -> dict[str, Any]:
    return {"issues": page(*issues, after=after)}


def read(homes: Sequence[str] = ("acme/api",), settings: Any = (), **scope: Any) -> IssueReading:
    return connector(**dict(settings)).read_issues(IssueScope(homes=tuple(homes), **scope))


def by_author(mock: responses.RequestsMock, author: str = "mdpc[bot]", **answer: Any) -> None:
    """What REST says of the open issues of one account."""
    query = {"creator": author, "state": "open", "sort": "updated", "per_page": "100"}
    given = answer or {"json": []}
    mock.get(f"{API_URL}/repos/acme/api/issues", match=[matchers.query_param_matcher(query)], **given)


def unread(reading: IssueReading) -> list[str]:
    return [each.container for each in reading.unread]


def test_a_home_is_asked_for_what_mdpc_itself_opened(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, {"r0": home(issue()), "r1": home()})
    reading = read(("acme/api", "acme/web"))
    assert [str(each.ref) for each in reading.issues] == ["github:acme/api#issue-12"]
    assert queries_of(github)[1] == queries.listed(queries.EVERY * 2, by_creator=True)
    assert variables(github, 1) == {
        "o0": "acme",
        "n0": "api",
        "c0": None,
        "o1": "acme",
        "n1": "web",
        "c1": None,
        "first": 50,
        "creator": "mdpc-bot",
    }


@pytest.mark.parametrize(
    ("login", "settings", "authors"),
    [
        ("mdpc-bot", {"accounts": ["old-bot"]}, ["mdpc-bot", "old-bot", "old-bot[bot]"]),
        ("mdpc[bot]", {"token": "ghs_1"}, ["mdpc[bot]"]),
        ("mdpc[bot]", {}, ["mdpc[bot]"]),
    ],
)
def test_with_several_accounts_or_an_apps_the_label_chooses(
    github: responses.RequestsMock, login: str, settings: Any, authors: list[str]
) -> None:
    account(github, login)
    theirs = issue(13, author={"__typename": "User", "login": "mallory"})
    gone = issue(14, author=None)
    app = issue(15, author={"__typename": "Bot", "login": "mdpc"})
    answer(github, {"r0": home(issue(author={"__typename": "User", "login": "Mdpc-Bot"}), theirs, gone, app)})
    for author in authors:
        by_author(github, author)
    reading = read(settings=settings)
    assert [each.ref.id for each in reading.issues] == ["issue-12" if login == "mdpc-bot" else "issue-15"]
    assert (variables(github, 1).get("creator"), variables(github, 1)["label"]) == (None, "milestone")
    assert "createdBy" not in json.loads(github.calls[1].request.body or "")["query"]


BOT: dict[str, Any] = {"author": {"__typename": "Bot", "login": "mdpc"}}
BLOCK = "Words.\n\n<!-- mdpc:issue m0123456789ab -->"


def test_what_an_app_opened_and_lost_its_label_is_asked_of_rest_and_read_by_number(
    github: responses.RequestsMock,
) -> None:
    account(github, "mdpc[bot]")
    answer(github, {"r0": home(issue(12, **BOT))})
    app = {"user": {"login": "mdpc[bot]", "type": "Bot"}, "labels": [], "body": BLOCK}
    found = [
        rest_issue(12, **app | {"labels": [{"name": "Milestone"}]}),
        rest_issue(13, **app),
        rest_issue(14, **app | {"body": "another issue of the App's"}),
        rest_issue(15, **app | {"body": None}),
        rest_issue(16, **app, pull_request={}),
        rest_issue(17, **app | {"user": {"login": "mdpc"}}),
        rest_issue(18, **app),
    ]
    by_author(github, json=found)
    here = {"repository": {"id": "R_api"}}
    lost = {"type": "NOT_FOUND", "message": "Could not resolve to an Issue", "path": ["r1", "issue"]}
    nodes = {"r0": {"id": "R_api", "issue": issue(13, **BOT) | here}, "r1": {"id": "R_api", "issue": None}}
    answer(github, nodes, lost)
    reading = read()
    assert [each.ref.id for each in reading.issues] == ["issue-12", "issue-13"]
    assert (reading.missing, reading.unread) == ((), ())
    assert {name: value for name, value in variables(github, 3).items() if name[0] == "i"} == {"i0": 13, "i1": 18}


@pytest.mark.parametrize("status", [403, 404, 410, 422])
def test_where_rest_knows_nothing_of_an_app_nothing_is_lost(github: responses.RequestsMock, status: int) -> None:
    account(github, "mdpc[bot]")
    answer(github, {"r0": home(issue(12, **BOT))})
    by_author(github, status=status, json={"message": "no such user"})
    reading = read()
    assert (len(reading.issues), reading.unread) == (1, ())


@pytest.mark.parametrize(
    "failure", [{"status": 502}, {"body": requests.ConnectionError("gone")}, {"status": 429, "json": {}}]
)
def test_where_that_question_is_not_answered_the_home_is_lost(github: responses.RequestsMock, failure: Any) -> None:
    account(github, "mdpc[bot]")
    answer(github, {"r0": home(issue(12, **BOT))})
    for _ in range(5):
        by_author(github, **failure)
    reading = read()
    assert (reading.issues, unread(reading)) == ((), ["github:acme/api"])


def test_of_a_lost_home_nothing_more_is_asked(github: responses.RequestsMock) -> None:
    account(github, "mdpc[bot]")
    answer(github, {"r0": None}, FORBIDDEN | {"path": ["r0"]})
    assert unread(read()) == ["github:acme/api"]


def test_closed_issues_are_a_list_of_their_own_from_a_day_on(github: responses.RequestsMock) -> None:
    account(github)
    both = home(issue(13), issue(14))
    answer(github, {"r0": home(issue(15), after="p"), "r1": both, "r2": home(), "r3": home()})
    answer(github, {"r0": home(issue(13))})
    reading = read(("acme/api", "acme/web"), closed_since=date(2026, 10, 1))
    assert [each.ref.id for each in reading.issues] == ["issue-13", "issue-14", "issue-15"]
    assert queries_of(github)[1:] == [
        queries.listed(queries.APART * 2, by_creator=True),
        queries.listed(["OPEN"], by_creator=True),
    ]
    first, second = variables(github, 1), variables(github, 2)
    assert [first[f"n{i}"] for i in range(4)] == ["api", "api", "web", "web"]
    assert (first["since"], second["c0"]) == ("2026-10-01T00:00:00Z", "p")
    assert "since" not in second


@pytest.mark.parametrize(
    ("others", "kept"),
    [
        ({"labels": {"nodes": []}}, False),
        ({"labels": None}, False),
        ({"labels": {"nodes": []}, "body": BLOCK}, True),
        ({"labels": {"nodes": [{"name": "Milestone"}]}}, True),
        ({"author": {"__typename": "User", "login": "mallory"}, "body": BLOCK}, False),
    ],
)
def test_what_is_no_coordination_issue_costs_no_request_for_its_comments(
    github: responses.RequestsMock, others: dict[str, Any], kept: bool
) -> None:
    account(github)
    answer(github, {"r0": home(issue(**{"comments": page(comment(1), after="x")} | others))})
    if kept:
        answer(github, {"r0": {"comments": page(comment(2))}})
    assert len(read().issues) == kept


def test_own_accounts() -> None:
    assert Own.of("Mdpc-Bot", (), app=False) == Own(
        people=frozenset({"mdpc-bot"}), creator="Mdpc-Bot", authors=("Mdpc-Bot",)
    )
    assert Own.of("mdpc-bot", ("MDPC-bot",), app=False).creator == "mdpc-bot"
    assert not Own.of("", (), app=True).known
    assert Own.of("", ("mdpc[bot]",), app=True).known
    assert not Own.of("", ("x",), app=False).wrote(None)
    assert Own.of("mdpc", ("old[bot]", "x"), app=True).authors == ("mdpc[bot]", "old[bot]", "x", "x[bot]")
    assert Own.of("", list("abc"), app=False).authors == ("a", "a[bot]", "b", "b[bot]", "c")


PERSON, APP = records.account("github", "MDPC"), records.account("github", "Mdpc[bot]")


@pytest.mark.parametrize(
    ("own", "person", "app"),
    [
        (Own.of("mdpc", (), app=False), True, False),
        (Own.of("mdpc[bot]", (), app=False), False, True),
        (Own.of("mdpc", (), app=True), False, True),
        (Own.of("", ("mdpc[bot]",), app=True), False, True),
        (Own.of("other", ("mdpc",), app=False), True, True),
    ],
)
def test_a_person_and_an_app_of_one_name_are_two(own: Own, person: bool, app: bool) -> None:
    assert (own.wrote(PERSON), own.wrote(APP)) == (person, app)


@pytest.mark.parametrize("kind", ["Mannequin", "Organization", "EnterpriseUserAccount"])
def test_who_is_no_account_is_nobody(kind: str) -> None:
    assert records.graphql_account("github", {"__typename": kind, "login": "alice"}) is None
    assert records.rest_account("github", {"type": kind, "login": "alice"}) is None


def test_pages_of_issues_and_of_comments_are_followed(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, {"r0": home(issue(12, comments=page(comment(1), after="x")), after="p"), "r1": home(issue(3))})
    answer(github, {"r0": home(issue(13, comments=page(comment(7), after="y")))})
    answer(github, {"r0": {"comments": page(comment(2), after="z")}, "r1": {"comments": page(comment(8))}})
    answer(github, {"r0": {"comments": page(comment(3))}})
    reading = read(("acme/api", "acme/web"))
    found = {str(each.ref): [one.id for one in each.comments] for each in reading.issues}
    assert found == {
        "github:acme/api#issue-12": ["1", "2", "3"],
        "github:acme/api#issue-13": ["7", "8"],
        "github:acme/web#issue-3": ["1"],
    }
    assert (variables(github, 2)["n0"], variables(github, 2)["c0"]) == ("api", "p")
    assert variables(github, 3) == {"i0": "I_12", "c0": "x", "i1": "I_13", "c1": "y"}
    assert variables(github, 4) == {"i0": "I_12", "c0": "z"}


def test_smaller_pages_are_asked_for_where_github_is_overloaded(github: responses.RequestsMock) -> None:
    account(github)
    overload(github)
    answer(github, {"r0": home(issue(), after="p")})
    answer(github, {"r0": home(issue(13))})
    assert len(read().issues) == 2
    assert [variables(github, index)["first"] for index in (1, 2, 3)] == [50, 10, 50]


def test_homes_are_asked_for_one_by_one_where_github_is_overloaded(github: responses.RequestsMock) -> None:
    account(github)
    overload(github)
    answer(github, {"r0": home(issue())})
    for _ in range(6):  # the last one patiently
        overload(github)
    reading = read(("acme/api", "acme/web"))
    assert (len(reading.issues), unread(reading)) == (1, ["github:acme/web"])


FORBIDDEN = {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}


@pytest.mark.parametrize(
    ("node", "path"),
    [
        (None, ["r0"]),
        ({"issues": None}, ["r0", "issues"]),
        (home(issue(), None), ["r0", "issues", "nodes", 1]),
        (home(issue(comments=page(None))), ["r0", "issues", "nodes", 0, "comments", "nodes", 0]),
        (home(issue(author=None)), ["r0", "issues", "nodes", 0, "author"]),
        (None, None),
        ({"issues": None}, None),
        ({"issues": page() | {"nodes": None}}, None),
        (home(None), None),
        (home(issue(comments=page(None))), None),
        (home(issue(comments=page() | {"nodes": None})), None),
        (home(issue(comments=page(comment(fullDatabaseId=None)))), None),
    ],
)
def test_what_lacks_anything_makes_its_home_unread(github: responses.RequestsMock, node: Any, path: Any) -> None:
    account(github)
    answer(github, {"r0": node, "r1": home(issue(3))}, *([FORBIDDEN | {"path": path}] if path else []))
    reading = read(("acme/api", "acme/web"))
    assert unread(reading) == ["github:acme/api"]
    assert ("not accessible" in reading.unread[0].why) is bool(path)
    assert reading.unread[0].why.endswith(".")
    assert [str(each.ref) for each in reading.issues] == ["github:acme/web#issue-3"]


@pytest.mark.parametrize("errors", [[{**FORBIDDEN, "path": ["r0"]}], [FORBIDDEN], []])
def test_comments_that_break_off_make_their_home_unread(
    github: responses.RequestsMock, errors: list[dict[str, Any]]
) -> None:
    account(github)
    answer(github, {"r0": home(issue(comments=page(comment(), after="x"))), "r1": home(issue(3))})
    answer(github, {"r0": None}, *errors)
    reading = read(("acme/api", "acme/web"))
    assert (unread(reading), len(reading.issues)) == (["github:acme/api"], 1)


def test_a_used_up_limit_ends_the_questions(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, {f"r{i}": home() for i in range(10)})
    github.post(GRAPHQL, json={"errors": [{"type": "RATE_LIMITED"}]}, headers={"Retry-After": "9999"})
    reading = read([f"acme/r{i}" for i in range(30)])
    assert len(reading.unread) == 20


def test_known_issues_are_asked_for_by_number(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, {"r0": home(issue())})
    missing = {"type": "NOT_FOUND", "message": "Could not resolve to an Issue with the number of 13."}
    known = {"repository": {"id": "R_api"}}
    answer(
        github,
        {
            "r0": {"id": "R_api", "issue": None},
            "r1": {"id": "R_api", "issue": issue(14, labels=None) | known},
            "r2": {"id": "R_other", "issue": issue(15) | known},
            "r3": None,
            "r4": {"id": "R_x", "issue": None},
        },
        missing | {"path": ["r0", "issue"]},
        missing | {"path": ["r3"]},
    )
    lost, odd = ContainerRef("github", "acme/lost"), ContainerRef("github", "acme/odd")
    refs = [Ref(API, f"issue-{number}") for number in (12, 13, 14, 15)]
    reading = read(known=(*refs, Ref(lost, "issue-1"), Ref(odd, "issue-1"), Ref(API, "issue-x")))
    assert [each.ref for each in reading.issues] == [refs[0], refs[2]]
    assert set(reading.missing) == {refs[1], refs[3], Ref(API, "issue-x")}
    assert unread(reading) == ["github:acme/lost", "github:acme/odd"]
    assert variables(github, 2) == {
        **{f"o{i}": "acme" for i in range(5)},
        **{"n0": "api", "n1": "api", "n2": "api", "n3": "lost", "n4": "odd"},
        **{"i0": 13, "i1": 14, "i2": 15, "i3": 1, "i4": 1},
    }


def test_known_issues_of_a_home_that_is_lost_are_not_asked_for(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, {"r0": None, "r1": home()}, FORBIDDEN | {"path": ["r0"]})
    reading = read(("acme/api", "acme/web"), known=(Ref(API, "issue-1"),))
    assert (unread(reading), reading.missing) == (["github:acme/api"], ())


def test_contents_are_paged_many_milestones_a_request(github: responses.RequestsMock) -> None:
    account(github)
    first, second, lost = Ref(API, "1"), Ref(API, "2"), Ref(ContainerRef("github", "acme/web"), "1")
    answer(
        github,
        {
            "r0": {"milestone": {"issues": page({"number": 4}, after="x")}},
            "r1": {"milestone": {"issues": page()}},
            "r2": {"milestone": None},
        },
    )
    answer(github, {"r0": {"milestone": {"issues": page({"number": 5})}}})
    reading = read((), contents=(first, second, lost))
    assert reading.contents == {first: {"4", "5"}, second: frozenset()}
    assert unread(reading) == ["github:acme/web"]
    assert variables(github, 2) == {"o0": "acme", "n0": "api", "m0": 1, "c0": "x"}


def test_teams_are_paged_and_asked_for_once(github: responses.RequestsMock) -> None:
    account(github)
    team = {"team": {"members": page({"login": "alice"}, after="x")}}
    missing = {"type": "NOT_FOUND", "message": "Could not resolve to an Organization", "path": ["r1"]}
    answer(github, {"r0": team, "r1": None, "r2": {"team": None}, "r3": {"team": {"members": page(None)}}}, missing)
    answer(github, {"r0": {"team": {"members": page({"login": "bob"})}}})
    names = ("acme/leads", "nobody/x", "acme/none", "acme/torn", "acme", "a/b/c", "/x")
    reading = read((), teams=names)
    assert [each.login for each in reading.teams["acme/leads"]] == ["alice", "bob"]
    assert set(reading.teamless) == set(names) - {"acme/leads"}
    assert all(why.endswith(".") and len(why.split()) > 8 for why in reading.teamless.values())
    assert variables(github, 2) == {"o0": "acme", "n0": "leads", "c0": "x"}


@pytest.mark.parametrize("kind", ["INSUFFICIENT_SCOPES", "FORBIDDEN"])
def test_a_token_without_the_right_to_see_teams(github: responses.RequestsMock, kind: str) -> None:
    account(github)
    answer(github, None, {"type": kind, "message": "Your token has not been granted the required scopes"})
    reading = read((), teams=("acme/leads",))
    assert "read:org" in reading.teamless["acme/leads"]


def test_a_token_that_is_refused_meanwhile_is_an_error(github: responses.RequestsMock) -> None:
    account(github)
    answer(github, {"r0": home(issue(), after="p")})
    github.post(GRAPHQL, status=401, json={"message": "Bad credentials"})
    with pytest.raises(TrackerError) as raised:
        read()
    assert raised.value.reason == "auth"


def test_a_network_that_is_away_is_one_error(github: responses.RequestsMock) -> None:
    account(github)
    for _ in range(5):
        github.post(GRAPHQL, body=requests.ConnectionError("gone"))
    with pytest.raises(TrackerError) as raised:
        read(("acme/api", "acme/web"))
    assert raised.value.reason == "network"
