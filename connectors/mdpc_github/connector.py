"""The GitHub connector."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from mdpc.changes import Change, Outcome
from mdpc.connector import ConnectorSettings, Problem, Rights, TrackerError
from mdpc.coordination import IssueReading, IssueScope
from mdpc.model import Reading, Scope
from mdpc.tokens import seeds_in
from mdpc_github import comment_writing, creating, issue_creating, issue_writing, issues, preflight, reading, writing
from mdpc_github.client import Client
from mdpc_github.graphql import GraphQLSource
from mdpc_github.issue_graphql import GraphQLIssues
from mdpc_github.issue_rest import RestIssues
from mdpc_github.issue_source import IssueSource
from mdpc_github.issue_unlabelled import Unlabelled
from mdpc_github.own import Own
from mdpc_github.rest import RestSource
from mdpc_github.settings import GitHubSettings
from mdpc_github.source import Source


class GitHubConnector:
    """One GitHub host as mdpc's engine sees it; keeps `mdpc.connector.Connector`.

    Containers are repositories under GitHub's own spelling of their names, records are milestones by number, `uid`s are
    node ids. What is read, `mdpc_github.selection` says. Not for several threads at once. `sleep` waits out rate limits
    and paces writes; tests replace it.
    """

    Settings: ClassVar[type[ConnectorSettings]] = GitHubSettings

    def __init__(self, name: str, settings: ConnectorSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        if not isinstance(settings, GitHubSettings):
            raise TypeError("the settings of a GitHub connector are GitHubSettings")
        self.name = name
        self._settings = settings
        self._client = Client(name, settings, sleep=sleep)
        self._chosen: Source | None = None

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far, retries and an App's token requests included."""
        return self._client.requests

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._client.close()

    def preflight(self, scope: Scope) -> Sequence[Problem | Rights]:
        """The account, its limits, the repositories and the rights; writes nothing and raises nothing."""
        problems: list[Problem | Rights] = []
        client, name, settings = self._client, self.name, self._settings
        try:
            source = self._source()
            account = preflight.check_account(client, name, settings, source, problems)
            problems.extend(preflight.check_repositories(client, name, settings, scope, source, account))
        except TrackerError as error:
            problems.append(preflight.problem_of(self.name, error))
        return problems

    def read(self, scope: Scope) -> Reading:
        """Read all selected repositories; raises TrackerError where the token is refused or nothing could be read."""
        return reading.read(self._source(), self.name, self._settings, scope)

    def read_issues(self, scope: IssueScope) -> IssueReading:
        """Read coordination issues, the issues of milestones, and teams (`mdpc_github.issues`).

        Without GraphQL nobody can say who edited a comment: a home where one of mdpc's was is unread then.

        Raises TrackerError where the token is refused or nothing could be read.
        """
        source, own = self._issues()
        unlabelled = Unlabelled(self._client, self.name, own)
        return issues.read(source, unlabelled, self.name, scope, self._settings.optional)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Apply the changes of one write by one PATCH, if any, or one POST.

        Those of milestones are `writing`'s and `creating`'s, those of issues `issue_writing`'s and `issue_creating`'s,
        comments `comment_writing`'s.
        """
        if self._settings.access == "read":
            answer = f'[connectors.{self.name}] says access = "read".'
            return [Outcome(change.id, "failed", answer) for change in changes]
        kind = changes[0].kind if changes else ""
        if kind in ("issue", "comment"):
            return self._apply_to_issue(changes)
        if kind == "create":
            return creating.create(self._client, changes)
        return writing.apply(self._client, changes)

    def _apply_to_issue(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Make or change a coordination issue or a comment; whose it is, the token's account says."""
        creates = bool(seeds_in(changes[0].ref.id))
        if changes[0].kind == "issue" and not creates:
            return issue_writing.apply(self._client, changes)
        try:
            source, own = self._issues()
        except TrackerError as error:
            return [Outcome(change.id, "failed", str(error)) for change in changes]
        if changes[0].kind == "issue":
            return issue_creating.create(self._client, own, changes)
        return comment_writing.apply(self._client, source, own, changes)

    def _issues(self) -> tuple[IssueSource, Own]:
        """The way of reading issues, and mdpc's own accounts; raises TrackerError where neither is known."""
        source = self._source()
        own = Own.of(source.account(), self._settings.accounts, app=self._client.credentials.is_installation)
        if isinstance(source, GraphQLSource):
            return GraphQLIssues(self._client, self.name, own), own
        return RestIssues(self._client, self.name, own), own

    def _source(self) -> Source:
        """GraphQL, or REST where there is no token (GraphQL needs one) or the server has no GraphQL."""
        if self._chosen is None:
            self._chosen = RestSource(self._client, self.name)
            if self._client.credentials.present:
                graphql = GraphQLSource(self._client, self.name)
                self._chosen = graphql if graphql.available() else self._chosen
        return self._chosen
