"""What the sandbox's Jira holds: users, projects, versions and issues. Everything may be changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

RIGHTS = ("none", "read", "write", "admin")


@dataclass(frozen=True, slots=True)
class Status:
    """A workflow status with its category (`category_key` is `new`, `indeterminate` or `done`)."""

    id: str
    name: str
    category_id: int
    category_key: str
    color: str
    transition: str
    count_as: str


STATUSES = {
    status.name: status
    for status in (
        Status("10000", "To Do", 2, "new", "blue-gray", "11", "toDo"),
        Status("3", "In Progress", 4, "indeterminate", "yellow", "21", "inProgress"),
        Status("10001", "Done", 3, "done", "green", "31", "done"),
    )
}
EPIC_LINK = "customfield_10014"  # the field of Data Center that holds the key of an issue's epic
EPIC_NAME = "customfield_10011"  # and the one that every epic there needs besides its summary
PRIORITIES = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4", "Lowest": "5"}
ISSUE_TYPES = {"Epic": "10000", "Story": "10001", "Task": "10002", "Bug": "10003", "Milestone": "10004"}


@dataclass(slots=True, eq=False)
class Project:
    """A project with its versions in their order. `private` ones are not readable without a token."""

    id: str
    key: str
    name: str
    description: str = ""
    private: bool = False
    versions: list[Version] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)


BEYOND = ("DELETE_ISSUES", "EDIT_ALL_COMMENTS", "DELETE_ALL_COMMENTS", "ADMINISTER", "SYSTEM_ADMIN")
"""Jira's permissions that no right of the sandbox brings along."""


@dataclass(slots=True, eq=False)
class User:
    """A user. `id` is the accountId on Cloud and the username on Data Center; `rights` hold outside `projects`.

    One that is not `assignable` is refused as an assignee, `app` is a program's account (Cloud tells). `more` are those
    of `BEYOND` that they have everywhere.
    """

    id: str
    display_name: str
    email: str
    key: str
    rights: str = "none"
    projects: Mapping[str, str] = field(default_factory=dict)
    app: bool = False
    assignable: bool = True
    more: frozenset[str] = frozenset()

    def may(self, right: str, project: Project) -> bool:
        """Whether the user has this right, or one that includes it, in the project."""
        return RIGHTS.index(self.projects.get(project.key, self.rights)) >= RIGHTS.index(right)


@dataclass(slots=True, eq=False)
class Version:
    """A version: `raw` is what the API says of it, without what only an expand adds.

    One that came as a payload is served as it came until somebody writes to it (`verbatim`). `work` is its related work
    (Cloud) by id, `links` its remote links (Data Center) by global id.
    """

    raw: dict[str, Any]
    project: Project
    driver: str | None = None
    approvers: Sequence[Mapping[str, str]] = ()
    verbatim: bool = False
    issues: list[Issue] = field(default_factory=list)
    work: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The version's id, a number in a string."""
        return str(self.raw["id"])

    @property
    def name(self) -> str:
        """The version's name."""
        return str(self.raw["name"])

    @property
    def released(self) -> bool:
        """Whether the version was released."""
        return bool(self.raw.get("released"))

    @property
    def archived(self) -> bool:
        """Whether the version was archived."""
        return bool(self.raw.get("archived"))

    def counts(self) -> dict[str, int]:
        """The issues that have it as fix version, by status category, as `expand=issuesstatus` names them."""
        found = {"unmapped": 0, "toDo": 0, "inProgress": 0, "done": 0}
        for issue in self.issues:
            found[issue.status.count_as] += 1
        return found

    def set_day(self, name: str, day: date | None) -> None:
        """Set `startDate` or `releaseDate` with the form for people beside it; None removes both."""
        user_name = "user" + name[0].upper() + name[1:]
        if day is None:
            self.raw.pop(name, None)
            self.raw.pop(user_name, None)
        else:
            self.raw |= {name: day.isoformat(), user_name: f"{day:%d/%b/%y}"}


@dataclass(slots=True, eq=False)
class Comment:
    """A comment, in wiki markup or as an Atlassian document."""

    id: str
    author: User
    body: str | dict[str, Any]
    created: datetime
    updated: datetime
    update_author: User


@dataclass(slots=True, eq=False)
class Issue:
    """An issue; `custom` are its custom fields as the API gives them, `links` its remote links by their number."""

    id: str
    key: str
    project: Project
    type: str
    summary: str
    created: datetime
    updated: datetime
    status: Status = STATUSES["To Do"]
    description: str | dict[str, Any] | None = None
    assignee: User | None = None
    reporter: User | None = None
    creator: User | None = None
    priority: str = "Medium"
    labels: Sequence[str] = ()
    fix_versions: Sequence[Version] = ()
    duedate: date | None = None
    resolved: datetime | None = None
    parent: Issue | None = None
    custom: dict[str, Any] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    links: dict[int, dict[str, Any]] = field(default_factory=dict)

    def set_versions(self, versions: Iterable[Version]) -> None:
        """Make these the fix versions."""
        for version in self.fix_versions:
            version.issues.remove(self)
        self.fix_versions = tuple(dict.fromkeys(versions))
        for version in self.fix_versions:
            version.issues.append(self)

    def move(self, status: Status, now: datetime) -> None:
        """Set the status; entering the last column resolves, leaving it reopens."""
        if status.category_key != "done":
            self.resolved = None
        elif self.resolved is None:
            self.resolved = now
        self.status = status


def may_browse(user: User | None, project: Project) -> bool:
    """Whether somebody may browse the project: who has the right there, and anybody where it is not private."""
    return user.may("read", project) if user else not project.private
