"""The `[jira]` part of a seed, in Jira's own words for fields: what a Jira holds when the sandbox starts.

[jira]
deployment = "cloud"                 # or "9.12", "10.3"

[[jira.users]]                       # beside USERS, whose tokens are sandbox-write and sandbox-read
id = "5b10a2844c20165700ede21g"      # the accountId on Cloud, the username on Data Center
displayName = "Alice Archer"
emailAddress = "alice@acme.example"
tokens = ["alice-token"]             # API tokens on Cloud (with the address), personal access tokens otherwise
rights = "admin"                     # "none", "read", "write" or "admin" (Administer Projects), everywhere ...
projects = { OPS = "none" }          # ... but in these projects
more = ["EDIT_ALL_COMMENTS"]         # also DELETE_ISSUES, DELETE_ALL_COMMENTS, ADMINISTER, SYSTEM_ADMIN

[[jira.groups]]
name = "leads"
members = ["5b10a2844c20165700ede21g"]

[[jira.projects]]
key = "API"
name = "Public API"
private = true                       # false: anybody may read it without a token

[[jira.projects.versions]]
name = "1.0"
releaseDate = 2026-12-01
issues = { todo = 3, in_progress = 1, done = 5 }     # issues that nobody needs to name

[[jira.projects.issues]]
summary = "Write the migration guide"
fixVersions = ["1.0"]
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Right = Literal["none", "read", "write", "admin"]


def _jira_name(name: str) -> str:
    """Fields are written in a seed as Jira writes them; the sandbox's own keep their underscore."""
    return name if name == "in_progress" else to_camel(name)


class _Table(BaseModel):
    """A table of the seed: an unknown key in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, alias_generator=_jira_name)


class SeedUser(_Table):
    """A user; one without tokens cannot log in, but can be an author, and an assignee unless not `assignable`.

    An `app` is the account of a program, which Cloud tells.
    """

    id: str
    display_name: str = ""
    email_address: str = ""
    tokens: tuple[str, ...] = ()
    rights: Right = "admin"
    projects: dict[str, Right] = {}
    more: tuple[
        Literal["DELETE_ISSUES", "EDIT_ALL_COMMENTS", "DELETE_ALL_COMMENTS", "ADMINISTER", "SYSTEM_ADMIN"], ...
    ] = ()
    app: bool = False
    assignable: bool = True


USERS = (
    SeedUser(id="mdpc-bot", displayName="mdpc", emailAddress="mdpc-bot@example.com", tokens=("sandbox-write",)),
    SeedUser(
        id="mdpc-reader",
        displayName="mdpc (reading)",
        emailAddress="mdpc-reader@example.com",
        tokens=("sandbox-read",),
        rights="read",
    ),
)
"""Who there is beside the seed's users: one who may do everything, and one who may only read."""


class SeedField(_Table):
    """A custom field. `type` is Jira's: string, number, date, datetime, option, user ...

    New issues of the types in `required` need a value there.
    """

    id: str = Field(pattern=r"^customfield_\d+$")
    name: str
    type: str = "string"
    required: tuple[str, ...] = ()


class SeedGroup(_Table):
    """A group of users, by their ids."""

    name: str
    members: tuple[str, ...] = ()


class SeedApprover(_Table):
    """Who is asked to approve a version (Cloud), and what they said."""

    account_id: str
    status: Literal["PENDING", "APPROVED", "DECLINED"] = "PENDING"
    description: str = ""
    decline_reason: str = ""


class SeedCounts(_Table):
    """How many issues a version has that the seed does not name, by status category."""

    todo: int = Field(0, ge=0)
    in_progress: int = Field(0, ge=0)
    done: int = Field(0, ge=0)


class SeedVersion(_Table):
    """A version. `driver` and `approvers` are served on Cloud alone."""

    name: str = Field(max_length=255)
    id: str | None = None
    description: str = ""
    start_date: date | None = None
    release_date: date | None = None
    released: bool = False
    archived: bool = False
    driver: str | None = None
    approvers: tuple[SeedApprover, ...] = ()
    issues: SeedCounts = SeedCounts()


class SeedComment(_Table):
    """A comment, `author` and who changed it last (`updateAuthor`, else the author) being users' ids."""

    author: str
    update_author: str | None = None
    body: str
    created: datetime | None = None
    updated: datetime | None = None


class SeedIssue(_Table):
    """An issue. `fields` are custom fields by id; `properties` are issue properties.

    `creator` is who made it, and never changes; the reporter where it is not given.
    """

    summary: str
    key: str | None = None
    issuetype: str = "Task"
    status: str = "To Do"
    description: str = ""
    fix_versions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    assignee: str | None = None
    reporter: str | None = None
    creator: str | None = None
    duedate: date | None = None
    parent: str | None = None
    created: datetime | None = None
    updated: datetime | None = None
    comments: tuple[SeedComment, ...] = ()
    properties: dict[str, Any] = {}
    fields: dict[str, Any] = {}


class SeedProject(_Table):
    """A project."""

    key: str = Field(pattern=r"^[A-Z][A-Z0-9_]+$")
    name: str = ""
    description: str = ""
    private: bool = False
    versions: tuple[SeedVersion, ...] = ()
    issues: tuple[SeedIssue, ...] = ()
    properties: dict[str, Any] = {}


class JiraSeed(_Table):
    """The whole of `[jira]`."""

    deployment: Literal["cloud", "9.12", "10.3"] = "cloud"
    users: tuple[SeedUser, ...] = ()
    groups: tuple[SeedGroup, ...] = ()
    fields: tuple[SeedField, ...] = ()
    projects: tuple[SeedProject, ...] = ()
