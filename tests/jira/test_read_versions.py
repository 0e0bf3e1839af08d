from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import responses
from responses import matchers

from mdpc.connector import TrackerError
from mdpc.model import (
    Account,
    Carrier,
    Container,
    ContainerRef,
    Markup,
    Nature,
    Reading,
    Record,
    Ref,
    Scope,
    Skipped,
    Unread,
)
from tests.jira.helpers import (
    CLOUD,
    SERVER,
    STATUS,
    TOKEN,
    calls,
    cloud,
    issue,
    page,
    project,
    server,
    signed_in,
    status,
    version,
)

API2 = f"{CLOUD}/rest/api/2"
DC2 = f"{SERVER}/rest/api/2"
API = ContainerRef("jira", "API")
SCOPE = Scope(members=("API",), closed_since=date(2026, 8, 1))


def versions(mock: responses.RequestsMock, *values: dict[str, Any], key: str = "API", site: str = API2) -> None:
    mock.get(f"{site}/project/{key}/version", json=page(*values))


def test_a_version_becomes_a_record(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    raw = version(
        "10010",
        "1.0 *beta*",
        description="Notes\r\n",
        releaseDate="2026-12-01",
        startDate="2026-10-01",
        userReleaseDate="01/Dec/26",
        driver="5b10:Alice",
        issuesStatusForFixVersion={"unmapped": 1, "toDo": 2, "inProgress": 3, "done": 4},
    )
    query = {"expand": "issuesstatus,driver", "maxResults": 100, "startAt": 0}
    jira.get(f"{API2}/project/API/version", json=page(raw), match=[matchers.query_param_matcher(query)])
    connector = cloud(accounts=["Old-Bot"])
    created = Nature(Markup.LINE, Carrier.NOTES, starts=True)
    assert connector.read(SCOPE) == Reading(
        connector="jira",
        containers=(
            Container(API, "10000", f"{CLOUD}/projects/API", None, created=created, mention="[~accountid:{}]"),
        ),
        records=(
            Record(
                ref=Ref(API, "10010"),
                uid="10010",
                title="1.0 *beta*",
                url=f"{CLOUD}/projects/API/versions/10010",
                markup=Markup.LINE,
                description="Notes\r\n",
                due=date(2026, 12, 1),
                start=date(2026, 10, 1),
                open_issues=6,
                closed_issues=4,
                driver=Account("jira", "5b10:Alice"),
                carrier=Carrier.NOTES,
                starts=True,
            ),
        ),
        accounts=frozenset({"5b10:bot", "old-bot"}),
    )
    assert connector.requests == len(jira.calls) == 3


def test_history_and_what_mdpc_has_written_to(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    versions(
        jira,
        version("1", "open"),
        version("2", "released in time", released=True, releaseDate="2026-08-01"),
        version("3", "long released", released=True, releaseDate="2026-07-31"),
        version("4", "released some day", released=True),
        version("5", "released late", released=True, releaseDate="2026-01-01", description=STATUS),
        version("6", "archived", archived=True),
    )
    records = cloud().read(SCOPE).records
    assert [record.uid for record in records] == ["1", "2", "5", "6"]
    assert [record.uid for record in records if record.closed] == ["2", "5"]
    assert [record.uid for record in records if record.archived] == ["6"]
    assert {record.closed_at for record in records} == {None}
    assert [record.uid for record in cloud().read(replace(SCOPE, closed_since=None)).records] == list("123456")


def test_pages_are_followed_and_a_list_that_changed_is_read_again(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))

    def answer(start: int, *values: dict[str, Any], last: bool) -> None:
        query = {"expand": "issuesstatus,driver", "maxResults": 100, "startAt": start}
        body = page(*values, start=start, total=3, last=last)
        jira.get(f"{API2}/project/API/version", json=body, match=[matchers.query_param_matcher(query)])

    answer(0, version("1", "a"), version("2", "b"), last=False)
    answer(2, version("2", "b"), last=True)
    answer(0, version("1", "a"), version("2", "b"), last=False)
    answer(2, version("3", "c"), last=True)
    assert [record.uid for record in cloud().read(SCOPE).records] == ["1", "2", "3"]


def test_a_list_that_never_adds_up_is_unread(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    jira.get(f"{API2}/project/API/version", json=page(version("1", "a"), total=2))
    reading = cloud().read(SCOPE)
    assert (reading.containers, reading.records) == ((), ())
    assert "changed while it was read" in reading.unread[0].why


@pytest.mark.parametrize(
    ("status_code", "said"), [(403, "refuses"), (404, "does not show it"), (410, "no longer"), (500, "failed")]
)
def test_one_project_that_cannot_be_read_stops_no_other(
    jira: responses.RequestsMock, status_code: int, said: str
) -> None:
    signed_in(jira, project("API", 1), project("WEB", 2), project("OLD", 3))
    versions(jira, version("1", "a"))
    jira.get(f"{API2}/project/WEB/version", status=status_code, json={"errorMessages": [f"No {TOKEN}"]})
    jira.get(f"{API2}/project/OLD/version", status=status_code)
    reading = cloud(optional=["o*"]).read(Scope(members=("API", "WEB", "OLD")))
    assert [str(container.ref) for container in reading.containers] == ["jira:API"]
    assert [(unread.container, unread.optional) for unread in reading.unread] == [
        ("jira:WEB", False),
        ("jira:OLD", True),
    ]
    assert said in reading.unread[0].why
    assert TOKEN not in repr(reading)


def test_an_answer_of_another_shape_is_unread(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    jira.get(f"{API2}/project/API/version", json=[{"id": "1"}])
    assert "not what its API describes" in cloud().read(SCOPE).unread[0].why


@pytest.mark.parametrize("path", ["myself", "project/search"])
def test_a_site_that_answers_something_else_altogether(jira: responses.RequestsMock, path: str) -> None:
    if path != "myself":
        jira.get(f"{API2}/myself", json={"accountId": "1"})
    jira.get(f"{API2}/{path}", json=["surprise"])
    with pytest.raises(TrackerError, match="not what its API describes"):
        cloud().read(SCOPE)


def test_unread_and_skipped_projects_are_named(jira: responses.RequestsMock) -> None:
    signed_in(jira)
    jira.get(f"{API2}/project/API", status=404)
    jira.get(f"{API2}/project/OLD", json=project("OLD", archived=True))
    reading = cloud().read(Scope(members=("API", "OLD")))
    assert [unread.container for unread in reading.unread] == ["jira:API"]
    assert reading.skipped == (Skipped("jira:OLD", "The project is archived."),)
    assert isinstance(reading.unread[0], Unread)


def test_wrong_credentials_are_raised(jira: responses.RequestsMock) -> None:
    jira.get(f"{API2}/myself", status=401)
    with pytest.raises(TrackerError) as raised:
        cloud().read(SCOPE)
    assert raised.value.reason == "auth"


def test_a_public_site_is_read_without_a_token(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/project/API", json=project("API"))
    versions(jira, site=DC2)
    reading = server(token=None).read(SCOPE)
    assert (reading.accounts, len(reading.containers)) == (frozenset(), 1)


def test_a_hundred_projects_take_at_most_104_requests(jira: responses.RequestsMock) -> None:
    keys = [f"P{number}" for number in range(100)]
    jira.get(f"{API2}/myself", json={"accountId": "x"})
    for chunk in (keys[:50], keys[50:]):
        match = [matchers.query_param_matcher({"keys": chunk}, strict_match=False)]
        jira.get(f"{API2}/project/search", json=page(*(project(key, int(key[1:])) for key in chunk)), match=match)
    for number, key in enumerate(keys):
        versions(jira, *(version(f"{number}{index:02}", f"v{index}") for index in range(20)), key=key)
    connector = cloud()
    reading = connector.read(Scope(members=tuple(keys)))
    assert len(reading.records) == 2000
    assert [container.ref.name for container in reading.containers] == keys
    assert connector.requests == len(jira.calls) <= 104


def test_last_activity_on_cloud_stops_once_every_version_was_met(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    counts = {"unmapped": 0, "toDo": 1, "inProgress": 0, "done": 0}
    versions(
        jira,
        version("1", "a", issuesStatusForFixVersion=counts),
        version("2", "b", issuesStatusForFixVersion=counts),
        version("3", "empty"),
        version("4", "done", released=True, issuesStatusForFixVersion=counts),
    )
    jql = 'project = "API" AND fixVersion in (1, 2) ORDER BY updated DESC'
    query = {"jql": jql, "fields": "fixVersions,status,updated", "maxResults": 1000}
    issues = [
        issue("7", "API-7", fixVersions=[{"id": "1"}], updated="2026-11-02T10:00:00.000+0100"),
        issue("8", "API-8", fixVersions=[{"id": "1"}, {"id": "2"}], updated="2026-11-01T10:00:00.000+0000"),
    ]
    body = {"issues": issues, "nextPageToken": "never asked for"}
    jira.get(f"{API2}/search/jql", json=body, match=[matchers.query_param_matcher(query)])
    records = cloud().read(Scope(members=("API",), activity=True)).records
    assert [record.last_activity for record in records] == [
        datetime(2026, 11, 2, 9, tzinfo=UTC),
        datetime(2026, 11, 1, 10, tzinfo=UTC),
        None,
        None,
    ]


def test_data_center_counts_with_one_search_per_project(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/myself", json={"name": "Bot", "key": "JIRAUSER1"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    query = {"maxResults": 100, "startAt": 0}
    listed = page(version("1", "a"), version("2", "b"), version("3", "old", archived=True))
    jira.get(f"{DC2}/project/API/version", json=listed, match=[matchers.query_param_matcher(query)])
    both = [{"id": "1"}, {"id": "2"}, {"id": "3"}]
    first = [
        issue("7", "API-7", fixVersions=both, status=status("done"), updated="2026-11-01T10:00:00.000+0000"),
        issue("8", "API-8", fixVersions=both[:1], updated="2026-10-01T10:00:00.000+0000"),
    ]
    second = [first[1], issue("9", "API-9", fixVersions=both[1:2], status=status("indeterminate"), updated=None)]
    for start, issues in ((0, first), (2, second)):
        asked: dict[str, Any] = {
            "jql": 'project = "API" AND fixVersion in (1, 2) ORDER BY key',
            "fields": "fixVersions,status,updated",
            "maxResults": 1000,
            "startAt": start,
        }
        body = {"startAt": start, "maxResults": 2, "total": 4, "issues": issues}
        jira.get(f"{DC2}/search", json=body, match=[matchers.query_param_matcher(asked)])
    reading = server().read(SCOPE)
    assert [(r.open_issues, r.closed_issues) for r in reading.records] == [(1, 1), (1, 1), (0, 0)]
    assert reading.records[0].last_activity == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert reading.records[2].last_activity is None
    assert reading.accounts == {"bot"}


def test_data_center_needs_no_search_without_versions_that_count(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    versions(jira, version("3", "old", archived=True), site=DC2)
    assert len(server().read(SCOPE).records) == 1
    assert calls(jira)[-1] == "GET 2/project/API/version?maxResults=100&startAt=0"


def test_fewer_issues_than_announced_are_no_count(jira: responses.RequestsMock) -> None:
    jira.get(f"{DC2}/myself", json={"name": "bot"})
    jira.get(f"{DC2}/project/API", json=project("API"))
    versions(jira, version("1", "a"), site=DC2)
    jira.get(f"{DC2}/search", json={"startAt": 0, "total": 4, "issues": []})
    assert "fewer issues than it announced" in server().read(SCOPE).unread[0].why


def test_the_same_page_twice_is_no_count(jira: responses.RequestsMock) -> None:
    signed_in(jira, project("API"))
    counts = {"unmapped": 0, "toDo": 1, "inProgress": 0, "done": 0}
    versions(jira, version("1", "a", issuesStatusForFixVersion=counts))
    jira.get(f"{API2}/search/jql", json={"issues": [], "nextPageToken": "again"})
    assert "same page" in cloud().read(Scope(members=("API",), activity=True)).unread[0].why
