"""Milestones over REST: lists, pages, ETags, changes and what is refused."""

from __future__ import annotations

import github
import pytest
from github.GithubException import UnknownObjectException

from tests.sandbox.conftest import Hub

MILESTONES = "/repos/acme/api/milestones"


def client(hub: Hub, token: str = "write") -> github.Github:
    return github.Github(
        auth=github.Auth.Token(token),
        base_url=hub.sandbox.github_url,
        lazy=True,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )


def test_pygithub_reads_what_the_seed_says(hub: Hub) -> None:
    with client(hub) as gh:
        repository = gh.get_repo("acme/api")
        first, backlog = repository.get_milestones()
        assert (first.number, first.title, first.description) == (1, "v1.0", "one\r\ntwo")
        assert first.due_on is not None
        assert first.due_on.isoformat() == "2026-12-01T08:00:00+00:00"
        assert (backlog.title, backlog.description, backlog.due_on) == ("Backlog", "", None)
        assert [one.title for one in repository.get_milestones(state="closed")] == ["v0.9"]
        assert repository.get_milestone(2).closed_at is not None
        assert repository.topics == ["product", "python"]
        missing = repository.get_milestone(77)
        with pytest.raises(UnknownObjectException):
            missing.update()


def test_rest_counts_pull_requests_too(hub: Hub) -> None:
    first = hub.get(f"{MILESTONES}/1").json()
    assert (first["open_issues"], first["closed_issues"]) == (3 + 2, 4 + 1)


def test_pages_are_linked(hub: Hub) -> None:
    api = hub.state.repository("acme/api")
    for number in range(4, 8):
        hub.state.create_milestone(api, "alice", f"v{number}")
    first = hub.get(MILESTONES, params={"state": "all", "per_page": "3"})
    assert [one["number"] for one in first.json()] == [2, 1, 3]  # by due date, those without one last
    assert set(first.links) == {"next", "last"}
    second = hub.get(first.links["next"]["url"])
    last = hub.get(first.links["last"]["url"])
    assert set(second.links) == {"prev", "next", "last", "first"}
    assert set(last.links) == {"prev", "first"}
    numbers = [one["number"] for page in (first, second, last) for one in page.json()]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7]
    with client(hub) as gh:
        gh.per_page = 2
        assert len(list(gh.get_repo("acme/api").get_milestones(state="all"))) == 7


def test_an_etag_saves_a_request_of_the_allowance(hub: Hub) -> None:
    first = hub.get(MILESTONES)
    again = hub.get(MILESTONES, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["X-RateLimit-Used"] == first.headers["X-RateLimit-Used"] == "1"
    hub.state.edit_milestone(hub.state.repository("acme/api"), 1, title="v1.0.0")
    changed = hub.get(MILESTONES, headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.headers["X-RateLimit-Used"]) == (200, "2")


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ("2020-09-24T06:59:00Z", "2020-09-23T07:00:00Z"),
        ("2020-09-24T07:01:00Z", "2020-09-24T07:00:00Z"),
        ("2022-11-14T07:00:00Z", "2022-11-13T08:00:00Z"),
        ("2026-12-01T00:00:00Z", "2026-11-30T08:00:00Z"),
        ("2026-12-01T12:00:00Z", "2026-12-01T08:00:00Z"),
        ("2027-03-14T12:00:00Z", "2027-03-14T08:00:00Z"),
        ("2026-07-01T23:30:00+02:00", "2026-07-01T07:00:00Z"),
    ],
)
def test_a_due_date_is_floored_to_midnight_in_california(hub: Hub, sent: str, held: str) -> None:
    assert hub.ask("PATCH", f"{MILESTONES}/1", json={"due_on": sent}).json()["due_on"] == held


@pytest.mark.parametrize("due", ["2026-12-01", "tomorrow", "2026-12-01T12:00:00", ""])
def test_what_is_no_moment_is_no_due_date(hub: Hub, due: str) -> None:
    refused = hub.ask("PATCH", f"{MILESTONES}/1", json={"due_on": due})
    assert refused.status_code == 422
    assert refused.json()["message"].endswith(f'"{due}" is not a valid date-time.')


def test_null_clears(hub: Hub) -> None:
    cleared = hub.ask("PATCH", f"{MILESTONES}/1", json={"due_on": None, "description": None}).json()
    assert (cleared["due_on"], cleared["description"], cleared["title"]) == (None, None, "v1.0")


def test_a_change_moves_updated_at_and_closing_sets_closed_at(hub: Hub) -> None:
    before = hub.get(f"{MILESTONES}/1").json()
    same = hub.ask("PATCH", f"{MILESTONES}/1", json={"title": "v1.0"}).json()
    assert same["updated_at"] == before["updated_at"]
    closed = hub.ask("PATCH", f"{MILESTONES}/1", json={"state": "closed"}).json()
    assert closed["closed_at"] is not None
    assert closed["updated_at"] > before["updated_at"]
    opened = hub.ask("PATCH", f"{MILESTONES}/1", json={"state": "open"}).json()
    assert opened["closed_at"] is None


def test_a_created_milestone_has_the_next_number_and_its_author(hub: Hub) -> None:
    made = hub.ask("POST", MILESTONES, json={"title": "v2", "due_on": "2027-01-01T12:00:00Z"})
    assert made.status_code == 201
    assert (made.json()["number"], made.json()["creator"]["login"]) == (4, "mdpc-bot")
    assert hub.state.repository("acme/api").milestones[4].due_on == "2027-01-01T08:00:00Z"


def test_a_milestone_made_anew_is_another_one(hub: Hub) -> None:
    api = hub.state.repository("acme/api")
    first = hub.get(f"{MILESTONES}/3").json()
    hub.state.delete_milestone(api, 3)
    assert hub.get(f"{MILESTONES}/3").status_code == 404
    again = hub.ask("POST", MILESTONES, json={"title": first["title"]}).json()
    assert (again["number"], again["node_id"] != first["node_id"]) == (4, True)


@pytest.mark.parametrize(
    ("method", "path", "title"), [("POST", "", "v1.0"), ("POST", "", "v0.9"), ("PATCH", "/3", "v1.0")]
)
def test_titles_are_unique_closed_ones_included(hub: Hub, method: str, path: str, title: str) -> None:
    refused = hub.ask(method, MILESTONES + path, json={"title": title})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"resource": "Milestone", "code": "already_exists", "field": "title"}]
    assert hub.ask("POST", MILESTONES, json={"title": title.upper()}).status_code == 201


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, '"title" wasn\'t supplied.'),
        ({"title": 1}, "For 'properties/title', 1 is not a string."),
        ({"title": "x", "owner": "y"}, '"owner" is not a permitted key.'),
        ({"title": "x", "state": "done"}, '"done" is not a member of [open, closed].'),
    ],
)
def test_a_body_must_be_as_described(hub: Hub, body: object, message: str) -> None:
    refused = hub.ask("POST", MILESTONES, json=body)
    assert (refused.status_code, refused.json()["message"]) == (422, f"Invalid request.\n\n{message}")
    assert len(hub.state.repository("acme/api").milestones) == 3


def test_what_the_sandbox_does_not_speak_is_not_found(hub: Hub) -> None:
    missing = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
    for method, path in (("DELETE", f"{MILESTONES}/1"), ("GET", f"{MILESTONES}/1/labels"), ("GET", "/emojis")):
        answer = hub.ask(method, path)
        assert (answer.status_code, answer.json()) == (404, missing)
    assert hub.get(MILESTONES, params={"q": "v1"}).status_code == 422
    assert hub.ask("POST", MILESTONES, data="{").status_code == 400


def test_archived_and_issueless_repositories_take_nothing(hub: Hub) -> None:
    assert hub.ask("PATCH", "/repos/acme/attic/milestones/1", json={"title": "x"}).status_code == 403
    assert hub.get("/repos/acme/quiet/milestones").status_code == 410


def test_a_renamed_repository_leads_on(hub: Hub) -> None:
    hub.state.rename("acme/api", "acme/core")
    moved = hub.get("/repos/acme/api/milestones", params={"per_page": "1"}, allow_redirects=False)
    assert moved.status_code == 301
    assert hub.get("/repos/acme/api/milestones/1").json()["url"].endswith("/repos/acme/core/milestones/1")
    with client(hub) as gh:
        renamed = gh.get_repo("acme/api")
        renamed.update()
        assert renamed.full_name == "acme/core"
    patched = hub.ask("PATCH", "/repos/acme/api/milestones/1", json={"title": "moved"})
    assert patched.json()["title"] == "moved"
