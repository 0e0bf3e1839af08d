"""Our connectors keep the contract, on the sandbox and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from mdpc.connector import Connector
from mdpc.model import ContainerRef, Markup, Ref
from mdpc_github import GitHubConnector
from mdpc_jira import JiraConnector
from mdpc_sandbox.jira.model import Issue, Version
from mdpc_sandbox.server import Sandbox
from tests.contract import UNSEEN, ConnectorContract, Stand
from tests.contract_issues import Desk, IssueContract
from tests.memory_issues import HeldIssue
from tests.memory_tracker import MemoryTracker

SEED: dict[str, Any] = {
    "github": {
        "repositories": [
            {
                "name": "acme/api",
                "milestones": [
                    {"title": "v1", "due": "2026-12-01", "description": "text", "open": 2},
                    {"title": "v0", "state": "closed", "closed_at": "2026-11-01T09:00:00Z"},
                ],
            },
            {"name": "acme/web", "private": True, "milestones": [{"title": "v1"}]},
            {"name": UNSEEN["github"], "private": True, "milestones": []},
        ]
    },
    "jira": {
        "users": [{"id": "alice", "displayName": "Alice"}],
        "projects": [
            {
                "key": "API",
                "name": "API",
                "versions": [
                    {"name": "1", "releaseDate": "2026-12-01", "description": "text", "issues": {"todo": 2, "done": 1}},
                    {"name": "0", "released": True, "releaseDate": "2026-11-01"},
                ],
                "issues": [{"summary": "1", "issuetype": "Epic", "duedate": "2026-12-01", "description": "text"}],
            },
            {"key": "WEB", "name": "Web", "private": True, "versions": [{"name": "1"}]},
        ],
    },
}


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    seed = {**SEED, "jira": {**SEED["jira"], "deployment": getattr(request, "param", "cloud")}}
    with Sandbox(seed) as running:
        yield running


def written(sandbox: Sandbox) -> int:
    """How much the sandbox's trackers took."""
    return sum(200 <= entry.status < 300 for entry in sandbox.log.writes())


class GitHubContract(ConnectorContract, IssueContract):
    """The contract for GitHub, whichever way it is read."""

    @pytest.fixture
    def stand(self, sandbox: Sandbox) -> Stand:
        """A connector to the sandbox's GitHub."""
        repository = sandbox.github.repository("acme/api")

        def make(*, token: str = "sandbox-write", read_only: bool = False, **options: Any) -> Connector:
            secret = SecretStr("sandbox-read" if read_only else token)
            settings = GitHubConnector.Settings.model_validate(
                {"type": "github", "url": sandbox.github_url, "repositories": ["acme/*"], "token": secret}
            )
            return GitHubConnector("github", settings, **options)

        def edit(text: str | None) -> None:
            sandbox.github.edit_milestone(repository, 1, description=text)

        def describe() -> str | None:
            url = f"{sandbox.url}/github/api/v3/repos/acme/api/milestones/1"
            text = requests.get(url, headers={"Authorization": "Bearer sandbox-write"}, timeout=10).json()[
                "description"
            ]
            sandbox.log.clear()
            return text if text is None else str(text)

        def rename() -> tuple[str, str]:
            sandbox.github.rename("acme/api", "acme/service")
            return "acme/api", "acme/service"

        def make_by_hand(title: str) -> None:
            sandbox.github.create_milestone(repository, "alice", title)

        def titles() -> list[str]:
            return [each.title for each in repository.milestones.values()]

        return Stand(sandbox, make, edit, describe, rename, make_by_hand, titles, "github")

    @pytest.fixture
    def desk(self, sandbox: Sandbox, stand: Stand) -> Desk:
        """Coordination issues in a repository."""
        state, home = sandbox.github, ContainerRef("github", "acme/web")

        def on(ref: Ref) -> Any:
            return state.repository("acme/web").issues[int(ref.id.removeprefix("issue-"))]

        def say(ref: Ref, text: str) -> str:
            return str(state.add_comment(on(ref), "alice", text).id)

        def rewrite(ref: Ref, comment: str, text: str) -> None:
            (held,) = (each for each in on(ref).comments if str(each.id) == comment)
            state.edit_comment(held, text, "alice")

        unknown = Ref(home, "issue-99")
        return Desk(stand.make, home, Markup.BLOCK, unknown, say, rewrite, lambda: written(sandbox))


class TestGitHubByGraphQL(GitHubContract):
    """GitHub, read through GraphQL."""


class TestGitHubByRest(GitHubContract):
    """A GitHub Enterprise Server without GraphQL."""

    @pytest.fixture
    def sandbox(self) -> Iterator[Sandbox]:
        """A sandbox whose GitHub has no GraphQL."""
        with Sandbox(SEED, graphql=False) as running:
            yield running


class JiraContract(ConnectorContract, IssueContract):
    """The contract for Jira, whatever a milestone is there."""

    milestones = "versions"
    requests = 1

    @pytest.fixture
    def stand(self, sandbox: Sandbox) -> Stand:
        """A connector to the sandbox's Jira."""
        cloud = sandbox.jira.cloud

        def make(*, token: str = "sandbox-write", read_only: bool = False, **options: Any) -> Connector:
            secret = SecretStr("sandbox-read" if read_only else token)
            person = "mdpc-reader@example.com" if read_only else "mdpc-bot@example.com"
            user = {"user": person} if cloud else {}
            table = {"type": "jira", "url": sandbox.jira_url, "projects": ["*"], "token": secret, **user}
            settings = JiraConnector.Settings.model_validate(table | {"milestones": self.milestones})
            return JiraConnector("jira", settings, **options)

        def edit(text: str | None) -> None:
            self.edit(sandbox, text)

        def describe() -> str | None:
            headers = {} if cloud else {"Authorization": "Bearer sandbox-write"}
            auth = ("mdpc-bot@example.com", "sandbox-write") if cloud else None
            url = f"{sandbox.url}/jira/rest/api/2/{self.path(sandbox)}"
            found = requests.get(url, headers=headers, auth=auth, timeout=10).json()
            text = found.get("fields", found).get("description")
            sandbox.log.clear()
            return text if text is None else str(text)

        def rename() -> tuple[str, str]:
            sandbox.jira.change_key("API", "CORE")
            return "API", "CORE"

        def make_by_hand(title: str) -> None:
            self.make_by_hand(sandbox, title)

        def titles() -> list[str]:
            return self.titles(sandbox)

        return Stand(sandbox, make, edit, describe, rename, make_by_hand, titles, "jira", self.requests)

    @pytest.fixture
    def desk(self, sandbox: Sandbox, stand: Stand) -> Desk:
        """Coordination issues in a project."""
        state, home = sandbox.jira, ContainerRef("jira", "WEB")

        def say(ref: Ref, text: str) -> str:
            return str(state.add_comment(state.issues[ref.id], state.users["alice"], text).id)

        def rewrite(ref: Ref, comment: str, text: str) -> None:
            issue = state.issues[ref.id]
            (held,) = (each for each in issue.comments if each.id == comment)
            state.edit_comment(issue, held, state.users["alice"], text)

        return Desk(stand.make, home, Markup.LINE, Ref(home, "WEB-99"), say, rewrite, lambda: written(sandbox))

    def edit(self, sandbox: Sandbox, text: str | None) -> None:
        """Change a version's description."""
        version = self.version(sandbox)
        version.raw.pop("description", None)
        if text:
            version.raw["description"] = text

    def make_by_hand(self, sandbox: Sandbox, title: str) -> None:
        """Make a version."""
        sandbox.jira.add_version(sandbox.jira.projects["API"], {"name": title, "archived": False, "released": False})

    def titles(self, sandbox: Sandbox) -> list[str]:
        """The names of all versions."""
        return [each.name for each in sandbox.jira.projects["API"].versions]

    def path(self, sandbox: Sandbox) -> str:
        """Where a version is."""
        return f"version/{self.version(sandbox).id}"

    def version(self, sandbox: Sandbox) -> Version:
        """The version that the tests write to."""
        return next(each for each in sandbox.jira.versions.values() if each.name == "1")


@pytest.mark.parametrize("sandbox", ["cloud", "9.12", "10.3"], indirect=True)
class TestJiraVersions(JiraContract):
    """Versions of Jira, Cloud and Data Center."""


@pytest.mark.parametrize("sandbox", ["cloud", "10.3"], indirect=True)
class TestJiraEpics(JiraContract):
    """Issues of Jira: rich text on Cloud, wiki markup on Data Center. Their state is a request of its own."""

    milestones = "epics"
    requests = 2
    unique = False

    def edit(self, sandbox: Sandbox, text: str | None) -> None:
        """Change an issue's description."""
        self.issue(sandbox).description = text or None

    def make_by_hand(self, sandbox: Sandbox, title: str) -> None:
        """Make an epic."""
        sandbox.jira.add_issue(sandbox.jira.projects["API"], title, "Epic")

    def titles(self, sandbox: Sandbox) -> list[str]:
        """The summaries of all epics."""
        return [each.summary for each in sandbox.jira.projects["API"].issues if each.type == "Epic"]

    def path(self, sandbox: Sandbox) -> str:
        """Where an issue is."""
        return f"issue/{self.issue(sandbox).id}"

    def issue(self, sandbox: Sandbox) -> Issue:
        """The issue that the tests write to."""
        return next(each for each in sandbox.jira.issues.values() if each.type == "Epic")


@pytest.mark.parametrize("name", ["github", "jira"])
class TestIssuesInMemory(IssueContract):
    """What trackers in memory say of coordination issues, to which the flows' tests are held."""

    @pytest.fixture
    def desk(self, name: str) -> Desk:
        """Coordination issues in a container in memory."""
        tracker, home = MemoryTracker(name), ContainerRef(name, "acme/web")
        tracker.box("acme/web")

        def on(ref: Ref) -> HeldIssue:
            return tracker.desk.issues[ref.container.name][int(ref.id.removeprefix("issue-"))]

        def say(ref: Ref, text: str) -> str:
            return tracker.desk.say(on(ref), "alice", text).id

        def rewrite(ref: Ref, comment: str, text: str) -> None:
            (held,) = (each for each in on(ref).comments if each.id == comment)
            tracker.desk.edit(held, "alice", text)

        markup = Markup.LINE if tracker.jira else Markup.BLOCK
        count = tracker.desk.writes.__len__
        return Desk(lambda: tracker, home, markup, Ref(home, "issue-99"), say, rewrite, count)
