"""The Jira connector: versions, epics or chosen issues of one site, on Cloud and Data Center."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar

from mdpc.connector import ConnectorSettings, Problem, TrackerError
from mdpc.model import (
    Carrier,
    Change,
    Container,
    ContainerRef,
    Markup,
    Nature,
    Outcome,
    Reading,
    Record,
    Scope,
    Skipped,
    Unread,
)
from mdpc_jira import preflight, writing
from mdpc_jira.client import JiraClient
from mdpc_jira.errors import expected_shape
from mdpc_jira.issue_target import IssueTarget
from mdpc_jira.issues import Issues
from mdpc_jira.notes import Notes
from mdpc_jira.projects import Found, Project, Wanted, find
from mdpc_jira.settings import JiraSettings
from mdpc_jira.version_target import VersionTarget
from mdpc_jira.versions import Versions

SIDE_BY_SIDE = 8
"""Projects read at the same time; Cloud allows 100 requests a second."""

CANNOT_CREATE = (
    'With milestones = "issues" the configured jql says which issues are milestones, and mdpc cannot know how to make '
    "one that it selects. Make it by hand."
)


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a project holds; `notes` are None where none were asked for."""

    records: Sequence[Record]
    notes: Mapping[str, str] | None


class JiraConnector:
    """One Jira site as mdpc's engine sees it; keeps `mdpc.connector.Connector`.

    `name` is the connector's name in the configuration. `sleep` waits out rate limits; tests replace it.
    """

    Settings: ClassVar[type[ConnectorSettings]] = JiraSettings

    def __init__(self, name: str, settings: ConnectorSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        if not isinstance(settings, JiraSettings):
            raise TypeError("the settings of a Jira connector are JiraSettings")
        self.name = name
        self._settings = settings
        self._client = JiraClient(name, settings, sleep=sleep)

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far, retries included."""
        return self._client.requests

    def preflight(self, scope: Scope) -> Sequence[Problem]:
        """The server, the account, and per project what exists and which rights are missing; writes nothing."""
        problems = list(preflight.check_site(self._client, self.name, self._settings))
        if any(problem.level == "error" and problem.where == self.name for problem in problems):
            return problems
        try:
            found = self._find(scope)
        except TrackerError as error:
            return [*problems, Problem("error", self.name, error.sentence())]
        return [*problems, *preflight.check_projects(self._client, self.name, self._settings, found)]

    def read(self, scope: Scope) -> Reading:
        """The milestones of every wanted project, projects side by side.

        Raises TrackerError where the credentials are wrong or the site does not answer at all.
        """
        with expected_shape():
            accounts = self._accounts()
        notes = Notes(self._client, scope)
        found = self._find(scope, notes.listed)

        def contents(project: Project) -> _Contents | str:
            return self._read_project(project, scope, notes, found.names(project.key))

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            both = list(zip(found.projects, pool.map(contents, found.projects), strict=True))
        read = {project: result for project, result in both if not isinstance(result, str)}
        unread = found.unread | {project.key: result for project, result in both if isinstance(result, str)}
        return Reading(
            connector=self.name,
            containers=tuple(map(self._container, read)),
            records=tuple(record for result in read.values() for record in result.records),
            unread=tuple(Unread(str(self._ref(key)), why, self._optional(key)) for key, why in unread.items()),
            skipped=tuple(Skipped(str(self._ref(key)), why) for key, why in found.skipped.items()),
            accounts=accounts,
            notes={self._ref(project.key): held.notes for project, held in read.items() if held.notes is not None},
        )

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Write to one version or issue. An issue's new state is a request of its own, after the other fields."""
        if not changes:
            return []
        if self._settings.access == "read":
            return [
                Outcome(change.id, "failed", f'access = "read": mdpc never writes to {self.name}.')
                for change in changes
            ]
        first = changes[0]
        key = first.ref.container.name
        target: writing.Target = (
            VersionTarget(self._client, first.uid, key)
            if self._settings.milestones == "versions"
            else IssueTarget(self._client, first.uid, key, self._settings)
        )
        try:
            with expected_shape():
                return writing.apply(target, changes)
        except TrackerError as error:
            return [Outcome(change.id, "unknown", error.sentence()) for change in changes]

    def _find(self, scope: Scope, properties: Sequence[str] = ()) -> Found:
        with expected_shape():
            return find(self._client, Wanted.of(self._settings.projects, scope.members), properties)

    def _accounts(self) -> frozenset[str]:
        """mdpc's own accounts. The question also tells wrong credentials, which lists answer with nothing at all."""
        own = set(self._settings.accounts)
        if self._client.signed_in:
            me = self._client.get("myself")
            own |= {str(me[field]) for field in ("accountId", "name") if me.get(field)}
        return frozenset(account.lower() for account in own)

    def _read_project(self, project: Project, scope: Scope, notes: Notes, names: Sequence[str]) -> _Contents | str:
        """A project's records and notes, or why it could not be read.

        The notes come first: where their absence is a lost right, the records cannot be read either.
        """
        reader = (
            Versions(self._client, self.name, self._settings.url)
            if self._settings.milestones == "versions"
            else Issues(self._client, self.name, self._settings)
        )
        try:
            with expected_shape():
                held = notes.read(project, names)
                return _Contents(reader.read(project, scope), held)
        except TrackerError as error:
            return error.sentence()

    def _ref(self, key: str) -> ContainerRef:
        return ContainerRef(self.name, key)

    def _optional(self, key: str) -> bool:
        return any(fnmatchcase(key.upper(), glob.upper()) for glob in self._settings.optional)

    def _container(self, project: Project) -> Container:
        return Container(
            ref=self._ref(project.key),
            uid=project.id,
            url=f"{self._settings.url}/projects/{project.key}",
            public=False if project.private else None,
            cannot_create=CANNOT_CREATE if self._settings.milestones == "issues" else "",
            created=self._created(),
        )

    def _created(self) -> Nature | None:
        """What a record is that mdpc makes here."""
        match self._settings.milestones:
            case "versions":
                return Nature(Markup.LINE, Carrier.NOTES, starts=True)
            case "epics":
                return Nature(Markup.LINE, Carrier.PROPERTY if self._client.cloud else Carrier.NOTES)
            case "issues":
                return None
