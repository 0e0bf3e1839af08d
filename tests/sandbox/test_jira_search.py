"""The sandbox's search: JQL read strictly, quoting to the letter, and each deployment's pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jira import JIRA

from mdpc_sandbox.jira import JiraState
from mdpc_sandbox.jira.call import Refused
from mdpc_sandbox.jira.jql import parse
from mdpc_sandbox.server import Sandbox
from tests.sandbox.jira_site import NOW, SEED, Site


def state_of(deployment: str = "cloud", **seed: Any) -> JiraState:
    return JiraState.from_seed(SEED | {"deployment": deployment} | seed, lambda: NOW)


STATE = state_of()
ALL_OF_API = {"API-1", "API-2", "API-3", "API-4", "API-5", "API-6", "API-100", "API-101"}
OPEN_OF_1_0, DONE_OF_1_0 = {"API-1", "API-2", "API-3"}, {"API-4", "API-5", "API-6"}


def found(jql: str, state: JiraState = STATE) -> list[str]:
    projects = [project for project in state.projects.values() if project.key == "API"]
    return [issue.key for issue in parse(state, projects, jql).run(projects)]


def refusal(jql: str) -> str:
    with pytest.raises(Refused) as caught:
        found(jql)
    assert caught.value.status == 400
    return str(caught.value)


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ('project = "API"', ALL_OF_API),
        ("PROJECT in (api)", ALL_OF_API),
        ("project = 'Public API' AND issuetype = Epic", {"API-100"}),
        ('issuetype in ("Epic", task) and statusCategory = Done', DONE_OF_1_0),
        ("fixVersion = 500", OPEN_OF_1_0 | DONE_OF_1_0),
        ('fixVersion = "500"', OPEN_OF_1_0 | DONE_OF_1_0),
        ('fixVersion in (500, "0.9") and statusCategory != Done', OPEN_OF_1_0),
        (r'fixVersion = "2.0 \"final\" \\"', {"API-101"}),
        (r"fixVersion = '2.0 \"final\" \\'", {"API-101"}),
        ("fixVersion in unreleasedVersions()", OPEN_OF_1_0 | DONE_OF_1_0 | {"API-101"}),
        ("fixVersion in (unreleasedVersions(API), 0.9) AND key = API-1", {"API-1"}),
        ("fixVersion in releasedVersions()", set()),
        ("fixVersion != 500", {"API-101"}),
        ("fixVersion not in (502)", OPEN_OF_1_0 | DONE_OF_1_0),
        ("key in (API-1, 'api-2')", {"API-1", "API-2"}),
        ("parent = API-100", {"API-101"}),
        ("labels = milestone", {"API-101"}),
        ("due <= '2026-12-24'", {"API-100"}),
        ("key = API-101 AND updated >= -46w", {"API-101"}),
        ("key = API-101 AND updated >= '-320d'", set()),
        ('key = API-101 AND updated >= "2026-01-05"', {"API-101"}),
        ('key = API-101 AND updated > "2026/01/05 10:00"', set()),
        ("statusCategory = new OR key = API-4 AND status = Done", {"API-1", "API-2", "API-4", "API-100", "API-101"}),
        ("(statusCategory = new OR key = API-4) AND fixVersion = 500", {"API-1", "API-2", "API-4"}),
    ],
)
def test_what_it_finds(jql: str, keys: set[str]) -> None:
    assert set(found(jql)) == keys


def test_order() -> None:
    assert found("fixVersion = 500 ORDER BY key") == [f"API-{number}" for number in range(1, 7)]
    assert found("fixVersion = 500 order by issuekey DESC")[0] == "API-6"
    assert found("key in (API-1, API-101, API-2) order by updated asc, key desc") == ["API-101", "API-1", "API-2"]
    assert found("key in (API-1, API-2)") == ["API-2", "API-1"], "the newest first"
    assert "maximum of 7" in refusal("ORDER BY " + ", ".join(["key"] * 8))


@pytest.mark.parametrize(
    ("jql", "said"),
    [
        ('project = "OPS"', "The value 'OPS' does not exist for the field 'project'."),
        ('fixVersion = "9.9"', "The value '9.9' does not exist for the field 'fixversion'."),
        ("issuetype = Monster", "does not exist for the field 'issuetype'"),
        ("key = API-999", "does not exist for the field 'key'"),
        ("colour = red", "Field 'colour' does not exist"),
        ('summary ~ "x"', "The character '~' is reserved"),
        ("project", "Expecting an operator"),
        ("project = ", "Expecting a value but the query ended. (line 1, character 11)"),
        ("project = API labels = x", "Expecting either 'OR' or 'AND' but got 'labels'"),
        ("project = API AND", "Expecting a field name"),
        ("project = empty", "Expecting a value but got 'empty'"),
        ("project = API ORDER key", "Expecting 'by'"),
        ("project = API ORDER BY colour", "Field 'colour'"),
        ("project >= API", "Expecting an operator"),
        ("(project = API", "Expecting ')'"),
        ("project = API)", "Expecting either 'OR' or 'AND' but got ')'"),
        ("fixVersion = everything()", "Unable to find JQL function 'everything()'"),
        ("project = unreleasedVersions()", "Unable to find JQL function"),
        ("updated = -1d", "Expecting an operator"),
        ("updated >= yesterday", "Date value 'yesterday'"),
        ('project = "API', "The quoted string has not been completed"),
        (r'project = "\x41"', "illegal JQL escape"),
        ("project = A*", "The character '*' is reserved"),
        ("NOT project = API", "Expecting a field name"),
    ],
)
def test_what_it_refuses(jql: str, said: str) -> None:
    assert said in refusal(jql)


@pytest.mark.parametrize(
    "name", ['x" OR project = "OPS', "x\\", '\\" OR key = API-1 OR "', "ORDER BY key", "empty", "it's"]
)
def test_a_quoted_name_cannot_break_out(name: str) -> None:
    state = state_of(projects=[{"key": "API", "versions": [{"name": name, "issues": {"todo": 1}}, {"name": "x"}]}])
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert found(f"fixVersion = {quoted} AND project = API", state) == ["API-1"]


def test_an_unescaped_backslash_at_the_end_swallows_the_quote() -> None:
    assert "not been completed" in refusal('fixVersion = "x\\" AND project = API')


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30))
def test_whatever_is_quoted_comes_back(label: str) -> None:
    quoted = '"' + label.replace("\\", "\\\\").replace('"', '\\"') + '"'
    STATE.issues["API-2"].labels = (label,)
    assert "API-2" in found(f"labels = {quoted}")


@pytest.fixture(scope="module", params=["cloud", "10.3"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, request.param).login()


def test_the_jira_library_pages_through_either(site: Site) -> None:
    if site.kind == "cloud":
        client = JIRA(site.sandbox.jira_url, basic_auth=("mdpc-bot@example.com", "sandbox-write"), max_retries=0)
        issues = client.enhanced_search_issues("project = API order by key", fields="summary", maxResults=0)
        assert client.approximate_issue_count("project = API") == 8
    else:
        client = JIRA(site.sandbox.jira_url, token_auth="sandbox-write", max_retries=0)
        issues = client.search_issues("project = API order by key", fields="summary", maxResults=0)
    assert [issue.key for issue in issues] == [f"API-{number}" for number in (*range(1, 7), 100, 101)]


def test_cloud_pages_by_token_and_tells_no_total() -> None:
    seed = {"projects": [{"key": "AB", "versions": [{"name": "1", "issues": {"todo": 130}}]}]}
    with Sandbox({"jira": seed}, clock=lambda: NOW) as sandbox:
        site = Site(sandbox, "cloud").login()
        ids = site.get("search/jql", jql="project = AB", maxResults=1000)
        assert (len(ids["issues"]), ids["isLast"], ids.keys()) == (130, True, {"issues", "isLast"})
        assert ids["issues"][0].keys() == {"id"}
        first = site.get("search/jql", jql="project = AB", fields="summary", maxResults=1000)
        assert len(first["issues"]) == 100, "fewer than asked for, once there are fields"
        token = first["nextPageToken"]
        body = {"jql": "project = AB", "fields": ["summary"], "nextPageToken": token}
        last = site.send("POST", "search/jql", body, 200)
        assert (len(last["issues"]), "nextPageToken" in last) == (30, False)
        for wrong in ({"jql": "key = AB-1", "nextPageToken": token}, {"jql": "project = AB", "nextPageToken": "ü"}):
            assert "nextPageToken" in site.send("POST", "search/jql", wrong, 400)["errorMessages"][0]
        for unbounded in ("", "order by key"):
            assert "Unbounded" in site.get("search/jql", 400, jql=unbounded)["errorMessages"][0]
            site.send("POST", "search/approximate-count", {"jql": unbounded}, 400)
        site.get("search/jql", 400, jql="project = AB", properties="a,b,c,d,e,f")


@pytest.mark.parametrize("site", ["9.12", "10.3"], indirect=True)
def test_data_center_pages_by_start_and_tells_the_total(site: Site) -> None:
    page = site.get("search", jql="project = API order by key", startAt=6, maxResults=1)
    assert (page["startAt"], page["maxResults"], page["total"], len(page["issues"])) == (6, 1, 8, 1)
    assert page["issues"][0]["fields"]["summary"] == "Grow"
    assert site.get("search")["total"] == 8
    posted = site.send("POST", "search", {"jql": "key = API-101", "fields": ["status"], "maxResults": 5}, 200)
    assert posted["issues"][0]["fields"]["status"]["statusCategory"]["key"] == "new"
    assert site.get("search", 400, jql="nonsense")["errors"] == {}


def test_fields_are_those_asked_for(site: Site) -> None:
    path = "search/jql" if site.kind == "cloud" else "search"

    def fields(wanted: str) -> set[str]:
        issue = site.get(path, jql="key = API-101", fields=wanted)["issues"][0]
        return set(issue["fields"])

    assert fields("summary,duedate,unknown") == {"summary", "duedate"}
    assert {"comment", "customfield_10100"} <= fields("*all")
    assert "comment" not in fields("*navigable")
    assert fields("*all,-comment") == fields("*navigable")
    assert fields("-comment") == fields("*navigable")


def test_children_of_an_epic(site: Site) -> None:
    if site.kind == "cloud":
        issue = site.get("search/jql", jql="parent in (API-100)", fields="parent")["issues"][0]
        assert (issue["key"], issue["fields"]["parent"]["key"]) == ("API-101", "API-100")
    else:
        link = next(field for field in site.get("field") if field["schema"].get("custom", "").endswith(":gh-epic-link"))
        issue = site.get("search", jql=f'{link["clauseNames"][0]} in ("API-100")', fields=link["id"])["issues"][0]
        assert (issue["key"], issue["fields"][link["id"]]) == ("API-101", "API-100")


@pytest.mark.parametrize("site", ["cloud"], indirect=True)
def test_issue_properties_come_with_a_search_on_cloud(site: Site) -> None:
    issue = site.get("search/jql", jql="key = API-101", fields="key", properties="mdpc,other")["issues"][0]
    assert issue["properties"] == {"mdpc": {"v": 1}}


def test_who_may_not_browse_a_project_finds_nothing_of_it(site: Site) -> None:
    path = "search/jql" if site.kind == "cloud" else "search"
    anybody = Site(site.sandbox, site.kind)
    assert "'OPS' does not exist" in anybody.get(path, 400, jql="project = OPS")["errorMessages"][0]
    site.get(path, jql="project = OPS")


@pytest.mark.parametrize("sign", [">=", ">", "<=", "<"])
def test_dates_compare_as_they_say(sign: str) -> None:
    state = state_of(projects=[{"key": "API", "issues": [{"summary": "x"}]}])
    moment = state.issues["API-1"].updated = NOW - timedelta(hours=2)
    for text in ("2026-11-22 07:00", "2026-11-22 06:59", "2026-11-22 07:01"):
        limit = datetime.fromisoformat(f"{text}+00:00")
        holds = {">=": moment >= limit, ">": moment > limit, "<=": moment <= limit, "<": moment < limit}[sign]
        assert bool(found(f'updated {sign} "{text}"', state)) is holds
