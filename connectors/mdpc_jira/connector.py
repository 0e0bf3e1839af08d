"""The Jira connector: versions, epics or chosen issues of one site, on Cloud and Data Center."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import ClassVar

from mdpc.changes import Change, Outcome
from mdpc.connector import ConnectorSettings, Problem, Rights, TrackerError
from mdpc.coordination import IssueReading, IssueScope
from mdpc.model import Carrier, Container, ContainerRef, Markup, Nature, Reading, Record, Scope, Skipped, Unread
from mdpc.tokens import seeds_in
from mdpc_jira import creating, preflight, writing
from mdpc_jira.client import JiraClient
from mdpc_jira.comment_writer import write_comment
from mdpc_jira.coordination import CoordinationReader, Sight
from mdpc_jira.coordination_maker import CoordinationMaker
from mdpc_jira.coordination_target import CoordinationTarget
from mdpc_jira.dividing import divide
from mdpc_jira.epic_maker import EpicMaker, Known
from mdpc_jira.errors import expected_shape
from mdpc_jira.issue_fields import CreateField
from mdpc_jira.issue_target import IssueTarget
from mdpc_jira.issues import Issues
from mdpc_jira.notes import Notes
from mdpc_jira.notes_target import NOTES, NotesTarget
from mdpc_jira.projects import Found, Project, Wanted, find
from mdpc_jira.settings import JiraSettings
from mdpc_jira.version_maker import VersionMaker
from mdpc_jira.version_target import VersionTarget
from mdpc_jira.versions import Versions

SIDE_BY_SIDE = 8
"""Projects read at the same time; Cloud allows 100 requests a second."""
FEW_SIDE_BY_SIDE = 2
"""The same in a run that may end early."""

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
        self._projects: dict[str, str] = {}
        """The ids of the projects that were read, by key."""
        self._known = Known()
        self._fields: dict[str, Sequence[CreateField]] = {}
        """The fields of new coordination issues, by project."""
        self._own: frozenset[str] | None = None
        self._ids: dict[str, str] = {}
        """The ids of issues that were read or made, by key."""
        self._renamed: Mapping[str, str] = {}

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far, retries included."""
        return self._client.requests

    def preflight(self, scope: Scope) -> Sequence[Problem | Rights]:
        """The server, the account, and per project what exists and which rights there are; writes nothing."""
        problems = list(preflight.check_site(self._client, self.name, self._settings))
        if any(problem.level == "error" and problem.where == self.name for problem in problems):
            return problems
        try:
            found = self._find(scope)
        except TrackerError as error:
            return [*problems, Problem("error", self.name, error.sentence())]
        return [*problems, *preflight.check_projects(self._client, self.name, self._settings, scope, found)]

    def read(self, scope: Scope) -> Reading:
        """The milestones of every wanted project, projects side by side.

        Raises TrackerError where the credentials are wrong or the site does not answer at all.
        """
        with expected_shape():
            accounts = self._own = self._accounts()
        notes = Notes(self._client, scope)
        found = self._find(scope, notes.listed)
        self._projects = {project.key: project.id for project in found.projects}
        self._renamed = found.renamed

        def contents(project: Project) -> _Contents | str:
            return self._read_project(project, scope, notes, found.names(project.key))

        turn = scope.turn
        projects = sorted(found.projects, key=lambda each: turn(each.key)) if turn else found.projects
        # A run that ends early would else leave many half read, and none whole.
        with ThreadPoolExecutor(FEW_SIDE_BY_SIDE if turn else SIDE_BY_SIDE) as pool:
            both = list(zip(projects, pool.map(contents, projects), strict=True))
        read = {project: result for project, result in both if not isinstance(result, str)}
        lost = {project.key: why for project, why in both if isinstance(why, str)}
        records = tuple(record for result in read.values() for record in result.records)
        self._ids |= {record.ref.id: record.uid for record in records if record.is_issue}
        return Reading(
            connector=self.name,
            containers=tuple(map(self._container, read)),
            records=records,
            unread=tuple(self._unread(found, found.unread | lost)),
            skipped=tuple(self._skipped(found, lost)),
            accounts=accounts,
            renamed=tuple((self._ref(old), self._ref(now)) for old, now in found.renamed.items() if now not in lost),
            notes={self._ref(project.key): held.notes for project, held in read.items() if held.notes is not None},
            elsewhere=found.elsewhere,
        )

    def read_issues(self, scope: IssueScope) -> IssueReading:
        """Coordination issues, and what gates ask for: several homes in one search, the rest by project.

        Raises TrackerError where the credentials are wrong or the site does not answer at all.
        """
        with expected_shape():
            sight = Sight(self._ids, self._renamed)
            reader = CoordinationReader(self._client, self.name, self._settings, sight, self._optional)
        reading = reader.read(scope)
        self._ids |= {issue.ref.id: issue.uid for issue in reading.issues}
        return reading

    def _unread(self, found: Found, unread: Mapping[str, str]) -> Iterator[Unread]:
        """What could not be read, under every name it was asked for: programs may know a project by an old key."""
        for key, why in unread.items():
            names = found.names(key)
            optional = any(map(self._optional, names))
            for name in names:
                yield Unread(str(self._ref(name)), why if name == key else f"{_renamed(key)}. {why}", optional)

    def _skipped(self, found: Found, lost: Mapping[str, str]) -> Iterator[Skipped]:
        """What was left out, and a word on what is read under another key than the configuration has."""
        for key, why in found.skipped.items():
            yield Skipped(str(self._ref(key)), why)
        for old, now in found.renamed.items():
            if now not in lost:
                yield Skipped(
                    str(self._ref(old)), f"{_renamed(now)}, and it is read as that: write {now} in the configuration."
                )

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Write to one version or issue or page of notes, or make one version or epic, coordination issue or comment.

        An issue's new state, its memory and every link are requests of their own, after the other fields.
        """
        if not changes:
            return []
        if self._settings.access == "read":
            return [
                Outcome(change.id, "failed", f'access = "read": mdpc never writes to {self.name}.')
                for change in changes
            ]
        if len({(change.ref, change.uid) for change in changes}) > 1:
            raise ValueError("the changes of one write are of one record")
        try:
            with expected_shape():
                return self._applied(changes)
        except TrackerError as error:
            return [Outcome(change.id, "failed", error.sentence()) for change in changes]

    def _applied(self, changes: Sequence[Change]) -> list[Outcome]:
        match changes[0].kind:
            case "create":
                return self._create(changes)
            case "issue":
                return self._coordinate(changes)
            case "comment":
                own = self._own_accounts()
                return [write_comment(self._client, self._settings.url, change, own) for change in changes]
        return writing.apply(self._client, self._target(changes), changes)

    def _target(self, changes: Sequence[Change]) -> writing.Target:
        """What the changes of one write are written to."""
        ref, uid = changes[0].ref, changes[0].uid
        fields = {change.field for change in changes}
        if ref.id.startswith(NOTES):
            return NotesTarget(self._client, ref)
        if self._settings.milestones != "versions":
            return IssueTarget(self._client, ref, uid, self._settings, fields)
        project = self._projects.get(ref.container.name)
        return VersionTarget(self._client, ref, uid, project, links="link" in fields)

    def _create(self, changes: Sequence[Change]) -> list[Outcome]:
        """Make a version or an epic."""
        maker: creating.Maker
        match self._settings.milestones:
            case "versions":
                project = self._projects.get(changes[0].ref.container.name)
                maker = VersionMaker(self._client, self._settings.url, changes, project)
            case "epics":
                maker = EpicMaker(self._client, self._settings, changes, self._known)
            case "issues":
                return [Outcome(change.id, "failed", CANNOT_CREATE) for change in changes]
        return creating.create(self._client, maker, changes)

    def _coordinate(self, changes: Sequence[Change]) -> list[Outcome]:
        """Make a coordination issue, or change one. An assignee who was not taken is said with the outcome."""
        ref, uid = changes[0].ref, changes[0].uid
        if seeds_in(ref.id):
            maker = CoordinationMaker(self._client, self.name, self._settings, changes, self._fields)
            outcomes = creating.create(self._client, maker, changes, look_first=True)
            unassigned = maker.unassigned
            self._ids |= {made.id: made.uid for outcome in outcomes if (made := outcome.created)}
        else:
            target = CoordinationTarget(self._client, ref, uid, self._settings)
            outcomes = writing.apply(self._client, target, changes)
            unassigned = target.unassigned
        refused = {change.id for change in changes if change.field == "assignee"} if unassigned else set()
        return [
            replace(each, answer=unassigned) if each.change in refused and each.status == "done" else each
            for each in outcomes
        ]

    def _own_accounts(self) -> frozenset[str]:
        """mdpc's own accounts, asked for where nothing was read yet."""
        if self._own is None:
            self._own = self._accounts()
        return self._own

    def _find(self, scope: Scope, properties: Sequence[str] = ()) -> Found:
        with expected_shape():
            found = find(self._client, Wanted.of(self._settings.projects, scope.members, scope.share), properties)
            if scope.share is not None:
                divide(self._client, scope.share, found)
            return found

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
            mention="[~accountid:{}]" if self._client.cloud else "[~{}]",
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


def _renamed(key: str) -> str:
    return f"The project's key is {key} now"
