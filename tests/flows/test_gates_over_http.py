"""Review gates as people meet them: the command line, real connectors, a sandbox, comments by people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.clock import Clock
from tests.flows.rehearsal import WRITE, Rehearsal

CONFIGURATION = """
[connectors.github]
url = "{github}"
[connectors.jira]
url = "{jira}"
deployment = "DEPLOYMENT"
[[programs]]
name = "platform"
members = [MEMBERS]
home = "HOME"
[sync.fields]
state = "LEADER"
[people.alice]
github = "alice-gh"
jira = "alice-j"
[people.bob]
github = "bob-gh"
jira = "bob-j"
[[gates]]
name = "release-review"
reviewers = ["alice", "bob"]
approvals = 2
on_bypass = "reopen"
"""


def seed(deployment: str) -> dict[str, Any]:
    milestone = {"title": "v2.0", "due": "2026-12-01"}
    repositories = [{"name": f"acme/{name}", "private": True, "milestones": [milestone]} for name in ("api", "web")]
    users = [{"id": name, "rights": "read"} for name in ("alice-j", "bob-j")]
    versions = [{"name": "v2.0", "releaseDate": "2026-12-01"}]
    project = {"key": "API", "name": "API", "private": True, "versions": versions}
    return {
        "github": {"repositories": repositories},
        "jira": {"deployment": deployment, "users": users, "projects": [project]},
    }


@contextmanager
def company(deployment: str, folder: Path, leader: str, home: str, *repositories: str) -> Iterator[Rehearsal]:
    """A sandbox in which a minute passes with every look at the clock."""
    cloud = deployment == "cloud"
    members = ", ".join(f'"{ref}"' for ref in (*(f"github:acme/{name}" for name in repositories), "jira:API"))
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud" if cloud else "data-center").replace("MEMBERS", members)
    text = text.replace("LEADER", leader).replace("HOME", home)
    environment = {name: text for name, text in WRITE.items() if cloud or not name.endswith("USER")}
    with Sandbox(seed(deployment), clock=Clock(datetime(2026, 11, 20, tzinfo=UTC))) as sandbox:
        yield Rehearsal(sandbox, folder, text, environment, now="2026-11-23")


def settled(rehearsal: Rehearsal) -> dict[str, Any]:
    """The milestone after a sync after which nothing is left to do."""
    said = rehearsal.json("sync")
    assert said.status == 0, [(change["field"], change["answer"]) for change in said.json["changes"]] + [said.err]
    again = rehearsal.json("plan").json
    assert again["changes"] == []
    found: list[dict[str, Any]] = again["milestones"]
    (one,) = found
    return one


def idle(rehearsal: Rehearsal, runs: int = 3) -> None:
    """So many runs have nothing to do."""
    for _ in range(runs):
        assert rehearsal.json("sync").json["changes"] == []


class GitHubHome:
    """The coordination issue in acme/api."""

    ref = "github:acme/api"

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.repository = sandbox.github.repository("acme/api")

    @property
    def issue(self) -> Any:
        (found,) = (issue for issue in self.repository.issues.values() if "milestone" in issue.labels)
        return found

    @property
    def title(self) -> str:
        return str(self.issue.title)

    @title.setter
    def title(self, words: str) -> None:
        self.sandbox.github.edit_issue(self.repository, self.issue.number, title=words)

    @property
    def closed(self) -> bool:
        return bool(self.issue.state == "closed")

    def comments(self) -> list[str]:
        return [comment.body for comment in self.issue.comments]

    def approve(self, who: str) -> None:
        self.say(who, "/approve release-review")

    def say(self, who: str, words: str) -> None:
        self.sandbox.github.add_comment(self.issue, f"{who}-gh", words)


class JiraHome:
    """The coordination issue in API."""

    ref = "jira:API"

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    @property
    def issue(self) -> Any:
        project = self.sandbox.jira.project("API")
        assert project is not None
        (found,) = (issue for issue in project.issues if "milestone" in issue.labels)
        return found

    @property
    def title(self) -> str:
        return str(self.issue.summary)

    @title.setter
    def title(self, words: str) -> None:
        self.issue.summary = words

    @property
    def closed(self) -> bool:
        return bool(self.issue.status.name == "Done")

    def comments(self) -> list[str]:
        return [str(comment.body) for comment in self.issue.comments]

    def approve(self, who: str) -> None:
        self.say(who, "/approve release-review")

    def say(self, who: str, words: str) -> None:
        """A comment by somebody; `[~LOGIN]` at its end mentions somebody."""
        text: Any = words
        if self.sandbox.jira.cloud:
            plain, _, login = words.removesuffix("]").partition("[~")
            mention = [{"type": "mention", "attrs": {"id": login, "text": "@Somebody"}}] if login else []
            text = document(plain, *mention)
        self.sandbox.jira.add_comment(self.issue, self.sandbox.jira.users[f"{who}-j"], text)


def document(words: str, *more: Any) -> Any:
    """A comment as Jira's cloud holds it."""
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": words}, *more]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


HOMES: dict[str, type[GitHubHome] | type[JiraHome]] = {"github": GitHubHome, "jira": JiraHome}


def said(home: Any, kind: str) -> int:
    """How many comments of a kind mdpc wrote."""
    return sum(f"mdpc:{kind} " in comment for comment in home.comments())


def milestones(sandbox: Sandbox, *names: str) -> list[Any]:
    return [sandbox.github.repository(f"acme/{name}").milestones[1] for name in names]


def close(rehearsal: Rehearsal, name: str) -> None:
    github = rehearsal.sandbox.github
    github.edit_milestone(github.repository(f"acme/{name}"), 1, state="closed")


def version(sandbox: Sandbox) -> Any:
    project = sandbox.jira.project("API")
    assert project is not None
    return project.versions[0]


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_closed_on_github_without_its_review(deployment: str, home: str, tmp_path: Path) -> None:
    with company(deployment, tmp_path, "github", HOMES[home].ref, "api") as acme:
        assert settled(acme)["gates"][0]["state"] == "pending"
        place = HOMES[home](acme.sandbox)
        close(acme, "api")
        assert settled(acme)["state"] == "open"
        (milestone,) = milestones(acme.sandbox, "api")
        assert milestone.state == "open"
        assert not version(acme.sandbox).released
        assert said(place, "bypass") == 1
        idle(acme)
        assert said(place, "bypass") == 1
        place.approve("alice")
        assert settled(acme)["gates"][0]["missing"] == "1 more approval"
        place.approve("bob")
        assert settled(acme)["gates"][0]["state"] == "approved"
        close(acme, "api")
        assert settled(acme)["health"] == "achieved"
        assert milestone.state == "closed"
        assert version(acme.sandbox).released
        assert place.closed
        idle(acme)
        assert said(place, "bypass") == 1


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_released_in_jira_without_its_review(deployment: str, home: str, tmp_path: Path) -> None:
    with company(deployment, tmp_path, "jira", HOMES[home].ref, "api") as acme:
        settled(acme)
        place = HOMES[home](acme.sandbox)
        version(acme.sandbox).raw["released"] = True
        settled(acme)
        (milestone,) = milestones(acme.sandbox, "api")
        assert milestone.state == "open"
        assert not version(acme.sandbox).released
        assert said(place, "bypass") == 1
        idle(acme)
        place.approve("alice")
        place.approve("bob")
        version(acme.sandbox).raw["released"] = True
        assert settled(acme)["health"] == "achieved"
        assert milestone.state == "closed"
        assert version(acme.sandbox).released
        assert place.closed
        idle(acme)
        assert said(place, "bypass") == 1


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_the_issue_is_called_as_the_milestone_until_people_call_it_otherwise(
    deployment: str, home: str, tmp_path: Path
) -> None:
    with company(deployment, tmp_path, "github", HOMES[home].ref, "api") as acme:
        settled(acme)
        place = HOMES[home](acme.sandbox)
        github = acme.sandbox.github
        github.edit_milestone(github.repository("acme/api"), 1, title="v2.1")
        settled(acme)
        assert place.title == "Milestone: v2.1"
        assert version(acme.sandbox).raw["name"] == "v2.1"
        place.title = "Where the release is talked about"
        github.edit_milestone(github.repository("acme/api"), 1, title="v2.2")
        settled(acme)
        assert place.title == "Where the release is talked about"


def test_two_repositories_of_which_one_closes_first(tmp_path: Path) -> None:
    with company("cloud", tmp_path, "github", "github:acme/api", "api", "web") as acme:
        settled(acme)
        place = GitHubHome(acme.sandbox)
        api, web = milestones(acme.sandbox, "api", "web")
        close(acme, "api")
        settled(acme)
        assert (api.state, web.state) == ("closed", "open")
        assert said(place, "bypass") == 0
        close(acme, "web")
        settled(acme)
        assert (api.state, web.state) == ("open", "open")
        assert not version(acme.sandbox).released
        assert said(place, "bypass") == 1
        idle(acme)
        place.approve("alice")
        place.approve("bob")
        close(acme, "api")
        settled(acme)
        assert not version(acme.sandbox).released
        close(acme, "web")
        assert settled(acme)["health"] == "achieved"
        assert (api.state, web.state, version(acme.sandbox).released) == ("closed", "closed", True)
        assert place.closed


def test_fifty_issues_over_ten_days_make_one_comment(tmp_path: Path) -> None:
    with company("cloud", tmp_path, "github", "github:acme/api", "api") as acme:
        settled(acme)
        place = GitHubHome(acme.sandbox)
        place.approve("alice")
        place.approve("bob")
        assert settled(acme)["gates"][0]["state"] == "approved"
        for day in range(10):
            acme.now = f"2026-11-{day + 11}"
            for number in range(5):
                acme.sandbox.github.create_issue(place.repository, "dave", f"{day}-{number}", milestone=1)
            assert settled(acme)["gates"][0]["state"] == "void"
        assert said(place, "void") == 1
        (told,) = (comment for comment in place.comments() if "mdpc:void" in comment)
        assert "50 issues were added" in told
        assert "@alice-gh" in told
        assert "@bob-gh" in told


def test_the_description_may_be_edited_without_asking_again(tmp_path: Path) -> None:
    with company("cloud", tmp_path, "github", "github:acme/api", "api") as acme:
        settled(acme)
        place = GitHubHome(acme.sandbox)
        place.approve("alice")
        place.approve("bob")
        settled(acme)
        (milestone,) = milestones(acme.sandbox, "api")
        milestone.description = f"Teh release\n\n{milestone.description}"
        assert settled(acme)["gates"][0]["state"] == "approved"
        milestone.description = milestone.description.replace("Teh", "The")
        assert settled(acme)["gates"][0]["state"] == "approved"
        assert said(place, "void") == 0


def test_an_approval_that_arrives_between_plan_and_sync_is_not_overridden(tmp_path: Path) -> None:
    with company("cloud", tmp_path, "github", "github:acme/api", "api") as acme:
        settled(acme)
        place = GitHubHome(acme.sandbox)
        place.approve("alice")
        settled(acme)
        close(acme, "api")
        plan = str(tmp_path / "plan.json")
        assert acme.mdpc("plan", "--save", plan).status == 0
        place.approve("bob")
        acme.now = None
        late = acme.json("sync", "--plan", plan)
        assert late.status == 3
        (milestone,) = milestones(acme.sandbox, "api")
        assert milestone.state == "closed"
        assert said(place, "bypass") == 0
        assert settled(acme)["health"] == "achieved"


def test_a_saved_plan_makes_an_issue_once_and_says_what_stands_there(tmp_path: Path) -> None:
    with company("cloud", tmp_path, "github", "github:acme/api", "api") as acme:
        plan = str(tmp_path / "plan.json")
        assert acme.mdpc("plan", "--save", plan).status == 0
        acme.now = None
        first = acme.json("sync", "--plan", plan)
        assert set(first.outcomes()) == {"done"}
        again = acme.json("sync", "--plan", plan)
        assert (again.status, set(again.outcomes())) == (0, {"already"})
        assert len(GitHubHome(acme.sandbox).comments()) == 1


def test_the_coordination_issue_is_no_open_work_and_its_number_elsewhere_is(tmp_path: Path) -> None:
    with company("cloud", tmp_path, "github", "github:acme/api", "api", "web") as acme:
        acme.configuration += 'requires = ["no-open-work"]\n'
        settled(acme)
        place = GitHubHome(acme.sandbox)
        acme.sandbox.github.edit_issue(place.repository, place.issue.number, milestone=1)
        place.approve("alice")
        place.approve("bob")
        assert settled(acme)["gates"][0]["state"] == "approved"
        web = acme.sandbox.github.repository("acme/web")
        work = acme.sandbox.github.create_issue(web, "dave", "Work", milestone=1)
        assert work.number == place.issue.number
        place.approve("alice")
        place.approve("bob")
        assert acme.json("plan").json["milestones"][0]["gates"][0]["missing"].endswith("open issues to be closed")


JIRA_ONLY = {name: text for name, text in WRITE.items() if "JIRA" in name}
EPICS = """
[connectors.jira]
url = "{jira}"
deployment = "cloud"
milestones = "epics"
projects = ["API"]
[people.bob]
jira = "bob-j"
[[gates]]
name = "release-review"
reviewers = ["bob"]
on_bypass = "reopen"
"""


def test_what_was_said_on_an_epic_before_mdpc_came_costs_nobody_a_mention(tmp_path: Path) -> None:
    said = {"author": "bob-j", "body": "/approve release-review"}
    epics = [
        {"summary": "v2.0", "issuetype": "Epic", "duedate": "2026-12-01", "comments": [said]},
        {"summary": "v1.0", "issuetype": "Epic", "duedate": "2026-11-01", "status": "Done", "comments": [said]},
    ]
    users = [{"id": "bob-j", "rights": "read"}]
    jira = {"deployment": "cloud", "users": users, "projects": [{"key": "API", "issues": epics}]}
    with Sandbox({"jira": jira}, clock=Clock(datetime(2026, 11, 20, tzinfo=UTC))) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, EPICS, JIRA_ONLY, now="2026-11-23")
        found = acme.json("sync")
        assert found.status == 0, (found.json["unread"], found.outcomes())
        assert acme.json("plan").json["changes"] == []
        planned, achieved = sandbox.jira.project("API").issues  # type: ignore[union-attr]
        assert [sum("mdpc:" in str(each.body) for each in issue.comments) for issue in (planned, achieved)] == [1, 0]
        sandbox.jira.add_comment(planned, sandbox.jira.users["bob-j"], document("/approve release-review"))
        assert [each["state"] for one in acme.json("plan").json["milestones"] for each in one["gates"]] == ["approved"]
