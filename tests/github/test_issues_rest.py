"""What is asked of REST about issues where a server has no GraphQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import responses
from responses import matchers

from mdpc.connector import TrackerError
from mdpc.coordination import IssueReading, IssueScope
from mdpc.model import ContainerRef, Ref
from tests.github.helpers import API, GRAPHQL, connector, sent
from tests.github.test_issues_writing import rest_comment, rest_issue

REPO = f"{API}/repos/acme/api"
HERE = ContainerRef("github", "acme/api")


def without_graphql(mock: responses.RequestsMock, login: str = "mdpc-bot") -> None:
    """The first requests of a run: there is no GraphQL, and REST says who mdpc is."""
    mock.post(GRAPHQL, status=404, json={"message": "Not Found"})
    mock.get(f"{API}/user", json={"login": login})


def lists(mock: responses.RequestsMock, *issues: dict[str, Any], repo: str = REPO) -> None:
    query = {"state": "all", "direction": "asc", "per_page": "100", "creator": "mdpc-bot"}
    mock.get(f"{repo}/issues", json=list(issues), match=[matchers.query_param_matcher(query)])


def read(**scope: Any) -> IssueReading:
    return connector().read_issues(IssueScope(**scope))


def there(name: str = "acme/api", **changed: Any) -> dict[str, Any]:
    return {"full_name": name, "has_issues": True} | changed


def test_comments_are_asked_for_where_there_are_some(github: responses.RequestsMock) -> None:
    without_graphql(github)
    lists(github, rest_issue(11), rest_issue(12, comments=2), rest_issue(13, pull_request={}))
    ghost = rest_comment(6, user={"login": "ghost"}, updated_at="2026-11-02T10:00:00Z", html_url="u", body=None)
    github.get(f"{REPO}/issues/12/comments", json=[rest_comment(5, html_url="u"), ghost])
    reading = read(homes=("acme/api",))
    assert [each.ref.id for each in reading.issues] == ["issue-11", "issue-12"]
    first, second = reading.issues[1].comments
    assert first.author is not None
    assert (first.id, first.author.login, first.edited_at) == ("5", "mdpc-bot", None)
    assert (second.author, second.editor, second.body) == (None, None, "")
    assert second.edited_at is not None
    assert len(github.calls) == 4


def test_closed_issues_are_asked_for_from_a_day_on(github: responses.RequestsMock) -> None:
    without_graphql(github)
    common = {"direction": "asc", "per_page": "100", "creator": "mdpc-bot"}
    ways = [{"state": "open"}, {"state": "closed", "since": "2026-10-01T00:00:00Z"}]
    for way, found in zip(ways, ([12, 14], [13, 14]), strict=True):
        answers = [rest_issue(number) for number in found]
        github.get(f"{REPO}/issues", json=answers, match=[matchers.query_param_matcher(common | way)])
    reading = read(homes=("acme/api",), closed_since=date(2026, 10, 1))
    assert [each.ref.id for each in reading.issues] == ["issue-12", "issue-13", "issue-14"]


def test_what_is_no_coordination_issue_costs_no_request_for_its_comments(github: responses.RequestsMock) -> None:
    without_graphql(github)
    lists(github, rest_issue(11, labels=[], comments=7, body="text"), rest_issue(12, labels=[], body="mdpc:issue m1"))
    assert [each.ref.id for each in read(homes=("acme/api",)).issues] == ["issue-12"]


def test_an_app_asks_for_what_lost_its_label(github: responses.RequestsMock) -> None:
    without_graphql(github, "mdpc[bot]")
    app = {"user": {"login": "mdpc[bot]", "type": "Bot"}}
    by_label = {"labels": "milestone", "state": "all", "direction": "asc", "per_page": "100"}
    github.get(f"{REPO}/issues", json=[rest_issue(11, **app)], match=[matchers.query_param_matcher(by_label)])
    lost = rest_issue(12, **app, labels=[], body="mdpc:issue m1", repository_url=REPO)
    by_author = {"creator": "mdpc[bot]", "state": "open", "sort": "updated", "per_page": "100"}
    github.get(f"{REPO}/issues", json=[lost], match=[matchers.query_param_matcher(by_author)])
    github.get(f"{REPO}/issues/12", json=lost)
    assert [each.ref.id for each in read(homes=("acme/api",)).issues] == ["issue-11", "issue-12"]


LATER = {"updated_at": "2026-11-02T10:00:00Z", "html_url": "u"}


@pytest.mark.parametrize(
    ("comment", "lost"),
    [
        (LATER, True),
        ({"html_url": "u"}, False),
        (LATER | {"body": "no mark"}, False),
        (LATER | {"user": {"login": "alice"}}, False),
    ],
)
def test_who_edited_what_mdpc_wrote_has_to_be_known(
    github: responses.RequestsMock, comment: dict[str, Any], lost: bool
) -> None:
    without_graphql(github)
    lists(github, rest_issue(12, comments=1))
    github.get(f"{REPO}/issues/12/comments", json=[rest_comment(5, **comment)])
    reading = read(homes=("acme/api",))
    assert (len(reading.issues), [each.container for each in reading.unread]) == (
        (0, ["github:acme/api"]) if lost else (1, [])
    )
    assert all("acme/api/issues/12 was edited" in each.why and "GraphQL" in each.why for each in reading.unread)


def test_a_page_of_comments_that_fails_makes_the_home_unread(github: responses.RequestsMock) -> None:
    without_graphql(github)
    lists(github, rest_issue(12, comments=200))
    following = {"Link": f'<{REPO}/issues/12/comments?page=2>; rel="next"'}
    github.get(f"{REPO}/issues/12/comments", json=[rest_comment(5, html_url="u")], headers=following)
    github.get(f"{REPO}/issues/12/comments?page=2", status=404, json={"message": "Not Found"})
    lists(github, rest_issue(1), repo=f"{API}/repos/acme/web")
    reading = read(homes=("acme/api", "acme/web"))
    assert [each.container for each in reading.unread] == ["github:acme/api"]
    assert [str(each.ref) for each in reading.issues] == ["github:acme/web#issue-1"]


def test_a_used_up_limit_ends_the_questions(github: responses.RequestsMock) -> None:
    without_graphql(github)
    lists(github)
    web = f"{API}/repos/acme/web"
    github.get(f"{web}/issues", status=429, headers={"Retry-After": "9999"})
    reading = read(homes=("acme/api", "acme/web", "acme/more"))
    assert [each.container for each in reading.unread] == ["github:acme/more", "github:acme/web"]
    assert len(github.calls) == 4


def test_a_token_that_is_refused_meanwhile_is_an_error(github: responses.RequestsMock) -> None:
    without_graphql(github)
    lists(github)
    github.get(f"{API}/repos/acme/web/issues", status=401, json={"message": "Bad credentials"})
    with pytest.raises(TrackerError) as raised:
        read(homes=("acme/api", "acme/web"))
    assert raised.value.reason == "auth"


@pytest.mark.parametrize(
    ("held", "repository"),
    [
        ({"number": 3, "repository_url": f"{API}/repos/acme/web"}, None),
        ({"number": 12, "repository_url": f"{API}/repos/acme/web"}, there()),
        ({"pull_request": {}, "repository_url": REPO}, None),
    ],
)
def test_an_issue_that_leads_elsewhere_is_missing(
    github: responses.RequestsMock, held: dict[str, Any], repository: Any
) -> None:
    without_graphql(github)
    github.get(f"{REPO}/issues/12", json=rest_issue(**held))
    if repository:
        github.get(REPO, json=repository)
    known = Ref(HERE, "issue-12")
    assert read(known=(known,)).missing == (known,)


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(
    ("repository", "missing"),
    [
        ({"json": there()}, True),
        ({"json": there(has_issues=False)}, False),
        ({"status": 404, "json": {"message": "Not Found"}}, False),
    ],
)
def test_an_issue_is_missing_where_its_repository_can_be_read(
    github: responses.RequestsMock, status: int, repository: Any, missing: bool
) -> None:
    without_graphql(github)
    github.get(f"{REPO}/issues/12", status=status, json={"message": "Not Found"})
    github.get(REPO, **repository)
    known = Ref(HERE, "issue-12")
    reading = read(known=(known,))
    assert reading.missing == ((known,) if missing else ())
    assert [each.container for each in reading.unread] == ([] if missing else ["github:acme/api"])


def test_an_error_is_no_missing_issue(github: responses.RequestsMock) -> None:
    without_graphql(github)
    github.get(f"{REPO}/issues/12", status=403, json={"message": "Resource not accessible"})
    reading = read(known=(Ref(HERE, "issue-12"),))
    assert (reading.missing, len(reading.unread)) == ((), 1)


def test_contents_and_teams(github: responses.RequestsMock) -> None:
    without_graphql(github)
    query = {"milestone": "3", "state": "all", "per_page": "100"}
    found = [rest_issue(4), rest_issue(5, pull_request={}), rest_issue(6, state="closed")]
    github.get(f"{REPO}/issues", json=found, match=[matchers.query_param_matcher(query)])
    github.get(f"{API}/orgs/acme/teams/leads/members", json=[{"login": "alice"}])
    milestone = Ref(HERE, "3")
    reading = read(contents=(milestone,), teams=("acme/leads",))
    assert reading.contents == {milestone: {"4", "6"}}
    assert [each.login for each in reading.teams["acme/leads"]] == ["alice"]
    assert sent(github)[-1] == "GET /orgs/acme/teams/leads/members?per_page=100"


def test_who_mdpc_is_unknown_without_a_token(github: responses.RequestsMock) -> None:
    github.get(f"{REPO}/issues", json=[rest_issue()])
    assert connector(token=None).read_issues(IssueScope(homes=("acme/api",))).issues == ()
