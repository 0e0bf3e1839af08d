"""The state of the sandbox's Jira, and what people and programs can do to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from mdpc_sandbox.jira.model import (
    EPIC_LINK,
    EPIC_NAME,
    ISSUE_TYPES,
    STATUSES,
    Comment,
    Issue,
    Project,
    User,
    Version,
    may_browse,
)
from mdpc_sandbox.jira.seed import USERS, JiraSeed, SeedIssue, SeedProject, SeedUser, SeedVersion

Thing = TypeVar("Thing")


def utc_now() -> datetime:
    """The present moment: a Jira's clock unless another is given."""
    return datetime.now(UTC)


@dataclass(slots=True, eq=False)
class JiraState:
    """One Jira. `deployment` is `cloud` or the number of a Data Center release; `clock` tells the time in UTC.

    The methods are what both the REST API and tests use. `old_keys` of renamed projects and their issues lead on.
    `required` are by custom field the issue types that need it. Cloud's search does not show the issues whose ids are
    `unindexed` unless it is told to reconcile them, and brings at most so many `inline_comments` of each.
    """

    deployment: str = "cloud"
    clock: Callable[[], datetime] = utc_now
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, User] = field(default_factory=dict)
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(10_000))
    old_keys: dict[str, Project] = field(default_factory=dict)
    old_issue_keys: dict[str, Issue] = field(default_factory=dict)
    groups: dict[str, list[User]] = field(default_factory=dict)
    required: dict[str, Sequence[str]] = field(default_factory=dict)
    unindexed: set[str] = field(default_factory=set)
    inline_comments: int = 20

    @property
    def cloud(self) -> bool:
        """Whether this is a Jira Cloud."""
        return self.deployment == "cloud"

    @classmethod
    def from_seed(cls, seed: Mapping[str, Any], clock: Callable[[], datetime] = utc_now) -> JiraState:
        """The Jira that a seed's `[jira]` table describes; see `mdpc_sandbox.jira.seed` for its format.

        Raises pydantic.ValidationError for a wrong key or value, ValueError for a name that nothing else defines.
        """
        wanted = JiraSeed.model_validate(seed)
        state = cls(wanted.deployment, clock)
        state.fields = {} if state.cloud else {EPIC_LINK: ("Epic Link", "any"), EPIC_NAME: ("Epic Name", "string")}
        state.fields |= {custom.id: (custom.name, custom.type) for custom in wanted.fields}
        state.required = {custom.id: custom.required for custom in wanted.fields if custom.required}
        for user in (*USERS, *wanted.users):
            state._seed_user(user)
        for group in wanted.groups:
            state.groups[group.name] = [state._user(member) for member in group.members]
        for project in wanted.projects:
            state._seed_project(project)
        return state

    def add_payload(self, project_key: str, versions: Iterable[Mapping[str, Any]]) -> Project:
        """Serve versions as a real Jira returned them, to the byte; the project is made where it is missing."""
        payload = [dict(version) for version in versions]
        project = self.projects.get(project_key) or self.add_project(
            project_key, id=next((str(version["projectId"]) for version in payload if "projectId" in version), None)
        )
        for version in payload:
            self.add_version(project, version).verbatim = True
        return project

    def add_project(self, key: str, name: str = "", *, private: bool = False, id: str | None = None) -> Project:
        """Make a project."""
        if key in self.projects:
            raise ValueError(f"The seed has the Jira project {key} twice; give each a key of its own.")
        self.projects[key] = Project(id or self.number(), key, name or key, private=private)
        return self.projects[key]

    def add_version(self, project: Project, raw: Mapping[str, Any]) -> Version:
        """Make a version of what the API would say of it; an id is given where it has none."""
        version = Version({"id": self.number(), **raw}, project)
        if version.id in self.versions:
            raise ValueError(f"Two Jira versions have the id {version.id}; ids are unique in one Jira.")
        self.versions[version.id] = version
        project.versions.append(version)
        return version

    def add_issue(self, project: Project, summary: str, kind: str = "Task", key: str | None = None) -> Issue:
        """Make an issue now, with the next free key of its project unless one is given."""
        key = key or self._free_key(project)
        now = self.clock()
        issue = Issue(self.number(), key, project, kind, summary, now, now)
        self.issues[key] = issue
        project.issues.append(issue)
        return issue

    def add_comment(self, issue: Issue, author: User, body: str | dict[str, Any]) -> Comment:
        """Add a comment now."""
        now = issue.updated = self.clock()
        issue.comments.append(Comment(self.number(), author, body, now, now, author))
        return issue.comments[-1]

    def edit_comment(self, issue: Issue, comment: Comment, editor: User, body: str | dict[str, Any]) -> None:
        """Change a comment now."""
        comment.body, comment.update_author = body, editor
        comment.updated = issue.updated = self.clock()

    def move_issue(self, issue: Issue, project: Project) -> None:
        """Move an issue to another project, where it gets another key; the old one leads to it."""
        self.delete_issue(issue)
        self.old_issue_keys[issue.key] = issue
        issue.project, issue.key = project, self._free_key(project)
        self.issues[issue.key] = issue
        project.issues.append(issue)

    def delete_issue(self, issue: Issue) -> None:
        """Delete an issue."""
        issue.set_versions(())
        issue.project.issues.remove(issue)
        del self.issues[issue.key]

    def change_key(self, old: str, new: str) -> Project:
        """Give a project another key: its issues are called after it, and the old keys lead to it."""
        project = self.projects[old]
        self.projects = {new if key == old else key: each for key, each in self.projects.items()}
        self.old_keys[old], project.key = project, new
        for issue in project.issues:
            self.old_issue_keys[issue.key] = issue
            issue.key = f"{new}-{issue.key.rpartition('-')[2]}"
        self.issues = {issue.key: issue for issue in self.issues.values()}
        for issue in self.issues.values():
            if epic := self.old_issue_keys.get(str(issue.custom.get(EPIC_LINK))):
                issue.custom[EPIC_LINK] = epic.key
        for user in self.users.values():
            user.projects = {new if key == old else key: right for key, right in user.projects.items()}
        return project

    def merge_version(self, version: Version, into: Version) -> None:
        """Merge a version into another of its project: its issues are there from now on, and it is gone."""
        for issue in list(version.issues):
            issue.set_versions(into if each is version else each for each in issue.fix_versions)
        self.delete_version(version)

    def delete_version(self, version: Version) -> None:
        """Delete a version; its issues stay, without it."""
        for issue in list(version.issues):
            issue.set_versions(each for each in issue.fix_versions if each is not version)
        version.project.versions.remove(version)
        del self.versions[version.id]

    def number(self) -> str:
        """A number that no project, version, issue or comment has yet."""
        while (number := str(next(self.numbers))) in self.versions:
            pass
        return number

    def project(self, key_or_id: str) -> Project | None:
        """The project with this key, one that it once had, or this id."""
        found = self.projects.get(key_or_id) or self.old_keys.get(key_or_id)
        return found or next((project for project in self.projects.values() if project.id == key_or_id), None)

    def issue(self, key_or_id: str) -> Issue | None:
        """The issue with this key, one that it once had, or this id."""
        found = self.issues.get(key_or_id.upper()) or self.old_issue_keys.get(key_or_id.upper())
        if found or not key_or_id.isdecimal():
            return found
        return next((issue for issue in self.issues.values() if issue.id == key_or_id), None)

    def _free_key(self, project: Project) -> str:
        keys = (f"{project.key}-{number}" for number in count(len(project.issues) + 1))
        return next(key for key in keys if key not in self.issues and key not in self.old_issue_keys)

    def visible(self, user: User | None) -> list[Project]:
        """The projects that somebody may browse, None being anybody without a token."""
        return [project for project in self.projects.values() if may_browse(user, project)]

    def _seed_user(self, seed: SeedUser) -> None:
        key = f"JIRAUSER{10_000 + len(self.users)}"
        name = seed.display_name or seed.id
        user = User(
            seed.id,
            name,
            seed.email_address,
            key,
            seed.rights,
            seed.projects,
            seed.app,
            seed.assignable,
            frozenset(seed.more),
        )
        self.users[user.id] = user
        self.tokens |= dict.fromkeys(seed.tokens, user)

    def _seed_project(self, seed: SeedProject) -> None:
        project = self.add_project(seed.key, seed.name, private=seed.private)
        project.description = seed.description
        project.properties |= seed.properties
        for version in seed.versions:
            self._seed_version(project, version)
        for issue in seed.issues:
            self._seed_issue(project, issue)

    def _seed_version(self, project: Project, seed: SeedVersion) -> None:
        given = {"id": seed.id, "description": seed.description}
        raw: dict[str, Any] = {key: value for key, value in given.items() if value}
        raw |= {"name": seed.name, "archived": seed.archived, "released": seed.released, "projectId": int(project.id)}
        version = self.add_version(project, raw)
        version.set_day("startDate", seed.start_date)
        version.set_day("releaseDate", seed.release_date)
        version.driver = seed.driver
        version.approvers = [
            {key: value for key, value in approver.model_dump(by_alias=True).items() if value}
            for approver in seed.approvers
        ]
        kinds = {"To Do": seed.issues.todo, "In Progress": seed.issues.in_progress, "Done": seed.issues.done}
        for status, number in kinds.items():
            for n in range(number):
                issue = self.add_issue(project, f"{seed.name}: {status} {n + 1}")
                issue.set_versions([version])
                issue.move(STATUSES[status], issue.created)

    def _seed_issue(self, project: Project, seed: SeedIssue) -> None:
        issue = self.add_issue(project, seed.summary, _known(ISSUE_TYPES, "issue type", seed.issuetype)[0], seed.key)
        issue.created = _utc(seed.created) or issue.created
        issue.move(_known(STATUSES, "status", seed.status)[1], _utc(seed.updated) or issue.created)
        names = {version.name: version for version in project.versions}
        issue.set_versions(_known(names, f"version of {project.key}", name)[1] for name in seed.fix_versions)
        issue.description, issue.labels, issue.duedate = seed.description or None, seed.labels, seed.duedate
        issue.assignee = self._user(seed.assignee) if seed.assignee else None
        issue.reporter = self._user(seed.reporter) if seed.reporter else None
        issue.creator = self._user(seed.creator) if seed.creator else issue.reporter
        if seed.parent:
            self._seed_parent(issue, _known(self.issues, "issue", seed.parent)[1])
        issue.custom |= {_known(self.fields, "field", name)[0]: value for name, value in seed.fields.items()}
        issue.properties |= seed.properties
        for said in seed.comments:
            comment = self.add_comment(issue, self._user(said.author), said.body)
            comment.created = _utc(said.created) or issue.created
            comment.updated = _utc(said.updated) or comment.created
            comment.update_author = self._user(said.update_author) if said.update_author else comment.author
        issue.updated = _utc(seed.updated) or max([issue.created, *(comment.updated for comment in issue.comments)])

    def _seed_parent(self, issue: Issue, parent: Issue) -> None:
        if not self.cloud and parent.type == "Epic":
            issue.custom[EPIC_LINK] = parent.key
        else:
            issue.parent = parent

    def _user(self, name: str) -> User:
        return _known(self.users, "user", name)[1]


def _known(things: Mapping[str, Thing], what: str, name: str) -> tuple[str, Thing]:
    if name not in things:
        known = ", ".join(list(things)[:10]) or "none"
        raise ValueError(f"The seed names the Jira {what} {name!r}, which it does not define; it has {known}.")
    return name, things[name]


def _utc(moment: datetime | None) -> datetime | None:
    """A moment without a zone is meant in UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
