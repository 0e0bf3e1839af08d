"""The sandbox's Jira versions: pages, counts, writing, and each deployment's way to refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.jira import JiraState
from mdpc_sandbox.server import Sandbox
from tests.sandbox.jira_site import NOW, SEED, Site

REAL = Path(__file__).parents[3] / "shared" / "data" / "jira-versions.json"
TAKEN = {"errorMessages": [], "errors": {"name": "A version with this name already exists in this project."}}


@pytest.fixture(scope="module", params=["cloud", "10.3"])
def shared(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site for tests that change nothing in it."""
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, request.param).login()


@pytest.fixture(params=["cloud", "10.3"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Sandbox({"jira": SEED | {"deployment": request.param}}, clock=lambda: NOW) as sandbox:
        yield Site(sandbox, request.param).login()


def test_a_version_as_it_is_shown(shared: Site) -> None:
    project = int(shared.get("project/API")["id"])
    assert shared.get("version/500") == {
        "self": f"{shared.sandbox.jira_url}/rest/api/2/version/500",
        "id": "500",
        "description": "first",
        "name": "1.0",
        "archived": False,
        "released": False,
        "startDate": "2026-01-01",
        "userStartDate": "01/Jan/26",
        "releaseDate": "2026-11-21",
        "userReleaseDate": "21/Nov/26",
        "overdue": True,
        "projectId": project,
    }
    assert shared.get("version/502")["overdue"] is False, "due today is not overdue"
    assert shared.get("version/501").keys().isdisjoint({"overdue", "description"})


def test_counts_driver_and_approvers_come_with_expand_on_cloud_alone(shared: Site) -> None:
    shown = shared.get("project/API/version", expand="issuesstatus,driver,approvers")["values"][0]
    if shared.kind != "cloud":
        assert shown == shared.get("version/500")
        return
    assert shown["issuesStatusForFixVersion"] == {"unmapped": 0, "toDo": 2, "inProgress": 1, "done": 3}
    assert shown["driver"] == "alice"
    assert shown["approvers"] == [{"accountId": "alice", "status": "APPROVED"}]
    assert "driver" not in shared.get("version/500")


def test_pages(shared: Site) -> None:
    first = shared.get("project/API/version", maxResults=2)
    assert (first["startAt"], first["maxResults"], first["total"], first["isLast"]) == (0, 2, 3, False)
    last = shared.session.get(first["nextPage"], timeout=10).json()
    assert [version["id"] for version in first["values"] + last["values"]] == ["500", "501", "502"]
    assert last["isLast"] is True
    assert "nextPage" not in last
    assert shared.get("project/API/version", startAt=9)["values"] == []
    shared.get("project/API/version", 400, maxResults="many")


def test_order_and_filters(shared: Site) -> None:
    def ids(**query: Any) -> list[str]:
        return [version["id"] for version in shared.get("project/API/version", **query)["values"]]

    assert ids(orderBy="releaseDate") == ["501", "500", "502"]
    assert ids(orderBy="-name") == ["502", "500", "501"]
    assert ids(orderBy="-sequence") == ["502", "501", "500"]
    shared.get("project/API/version", 400, orderBy="colour")
    if shared.kind == "cloud":
        assert ids(status="released") == ["501"]
        assert ids(status="unreleased", query="FIRST") == ["500"]
        shared.get("project/API/version", 400, status="late")


def test_counts_of_one_version(shared: Site) -> None:
    assert shared.get("version/500/relatedIssueCounts")["issuesFixedCount"] == 6
    assert shared.get("version/500/unresolvedIssueCount")["issuesUnresolvedCount"] == 3


def test_create(site: Site) -> None:
    project = int(site.get("project/API")["id"])
    body = {"name": "3.0", "projectId": project, "releaseDate": "2027-03-20", "description": "ünï", "released": True}
    made = site.send("POST", "version", body, 201)
    assert made == site.get(f"version/{made['id']}")
    assert (made["description"], made["userReleaseDate"], made["released"]) == ("ünï", "20/Mar/27", False)
    assert site.get("project/API/versions")[-1] == made
    assert site.send("POST", "version", {"name": "4.0", "project": "API"}, 201)["projectId"] == project
    assert site.send("POST", "version", {"name": "3.0", "projectId": project}, 400) == TAKEN
    assert "projectId" in site.send("POST", "version", {"name": "5.0"}, 400)["errors"]
    assert "name" in site.send("POST", "version", {"projectId": project}, 400)["errors"]
    site.send("POST", "version", {"name": "5.0", "projectId": 1}, 404)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"name": "0.9"}, "name"),
        ({"name": " 0.9 "}, "name"),
        ({"name": ""}, "name"),
        ({"name": "n" * 256}, "name"),
        ({"description": "ü" * 8193}, "description"),
        ({"releaseDate": "20/Mar/15"}, "releaseDate"),
        ({"releaseDate": "2026-02-30"}, "releaseDate"),
        ({"releaseDate": "20260301"}, "releaseDate"),
        ({"userReleaseDate": "2026-03-01"}, "userReleaseDate"),
        ({"startDate": "2027-01-01"}, "startDate"),
        ({"releaseDate": "2026-01-01", "userReleaseDate": "01/Jan/26"}, ""),
        ({"colour": "red"}, ""),
        ({"released": "yes"}, ""),
        ({"name": 3}, ""),
        ({"projectId": True}, ""),
    ],
)
def test_what_cannot_be_written_changes_nothing(shared: Site, body: dict[str, Any], where: str) -> None:
    before = shared.get("version/500")
    refused = shared.send("PUT", "version/500", {"released": True} | body, 400)
    assert list(refused["errors"]) == ([where] if where else [])
    assert bool(refused["errorMessages"]) is not bool(where)
    assert shared.get("version/500") == before


def test_update_changes_what_it_names_and_no_more(site: Site) -> None:
    before = site.get("version/500")
    assert site.send("PUT", "version/500", {"name": "1.0"}, 200) == before, "its own name is not taken"
    after = site.send("PUT", "version/500", {"description": "x" * 16_384, "released": True}, 200)
    assert {key for key in before | after if before.get(key) != after.get(key)} == {
        "description",
        "released",
        "overdue",
    }
    assert site.send("PUT", "version/500", {"userReleaseDate": "02/Jan/27"}, 200)["releaseDate"] == "2027-01-02"


def test_null_clears_a_date_and_leaves_a_description_which_the_empty_text_clears(site: Site) -> None:
    nulls = {"releaseDate": None, "startDate": None, "description": None, "name": None, "released": None}
    after = site.send("PUT", "version/500", nulls, 200)
    assert after["description"] == "first"
    assert after["name"] == "1.0"
    assert after.keys().isdisjoint({"releaseDate", "userReleaseDate", "startDate", "userStartDate", "overdue"})
    assert "description" not in site.send("PUT", "version/500", {"description": ""}, 200)


def test_a_missing_right_is_reported_as_the_deployment_does(shared: Site) -> None:
    reader, cloud = shared.reader(), shared.kind == "cloud"
    project = int(shared.get("project/API")["id"])
    reader.send("POST", "version", {"name": "3.0", "projectId": project}, 404 if cloud else 403)
    reader.send("PUT", "version/500", {"name": "3.0"}, 400 if cloud else 403)
    assert shared.get("version/500")["name"] == "1.0"
    assert shared.get("project/API/version")["total"] == 3


def test_a_payload_is_served_as_it_came_until_it_is_written_to() -> None:
    payload = [
        {
            "self": "https://jira.example/rest/api/2/version/12",
            "id": "12",
            "description": " two\r\nlines \ud800\t",
            "name": "A",
            "archived": False,
            "released": False,
            "releaseDate": None,
            "overdue": True,
            "projectId": 12310710,
        },
        {"self": "https://jira.example/rest/api/2/version/11", "id": "11", "name": "B", "projectId": 12310710},
    ]
    with Sandbox({"jira": {"deployment": "9.12"}}, clock=lambda: NOW) as sandbox:
        sandbox.jira.add_payload("SLING", payload)
        site = Site(sandbox, "9.12").login()
        assert site.get("project/SLING/versions") == payload
        assert site.get("project/SLING")["id"] == "12310710"
        written = site.send("PUT", "version/12", {"description": "new"}, 200)
        assert "overdue" not in written
        back = site.send("PUT", "version/12", {"description": payload[0]["description"]}, 200)
        assert back["description"] == payload[0]["description"]


def test_real_versions_come_back_exactly_page_by_page() -> None:
    if not REAL.is_file():
        pytest.skip(f"real versions are not beside the repository ({REAL.name})")
    payload = json.loads(REAL.read_text(encoding="utf-8"))
    with Sandbox({"jira": {"deployment": "9.12"}}, clock=lambda: NOW) as sandbox:
        sandbox.jira.add_payload("SLING", payload)
        page = Site(sandbox, "9.12").get("project/SLING/version")
        served = page["values"]
        while not page["isLast"]:
            page = Site(sandbox, "9.12").get("project/SLING/version", startAt=len(served))
            served += page["values"]
    assert served == payload


def test_a_payload_does_not_replace_what_is_there() -> None:
    state = JiraState.from_seed({"projects": [{"key": "AB", "versions": [{"name": "1", "id": "5"}]}]})
    with pytest.raises(ValueError, match="id 5"):
        state.add_payload("AB", [{"id": "5", "name": "other"}])
    assert state.add_payload("AB", [{"id": "6", "name": "2"}]).versions[-1].name == "2"
