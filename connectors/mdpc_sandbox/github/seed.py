"""The GitHub part of a seed, as `mdpc_sandbox.seed` describes it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["open", "closed"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Token(_Part):
    """A token and what it may do.

    `repositories` are the globs it covers (default: all); others are readable where public. `write` is what the token
    allows, `push` where its account may push (default: wherever the token writes), `role` its role there (`triage` does
    not push). `scopes` are a classic token's; without `repo` it sees no private repository. `teams` says whether it may
    read who is in a team (the scope read:org). `limit` is in requests (REST) and points (GraphQL) an hour
    (default: 5,000, and 1,000 for a workflow's).
    """

    value: str
    login: str
    kind: Literal["classic", "fine-grained", "app", "actions"] = "fine-grained"
    write: bool = True
    repositories: tuple[str, ...] | None = None
    push: tuple[str, ...] | None = None
    role: Literal["triage", "write", "maintain", "admin"] = "write"
    scopes: tuple[str, ...] = ("repo",)
    teams: bool = True
    limit: int | None = None

    @property
    def is_app(self) -> bool:
        """Whether it belongs to an App, not to a user; the token of a workflow (`actions`) does too."""
        return self.kind in ("app", "actions")

    @property
    def hourly(self) -> int:
        """How much it may ask for in an hour."""
        return self.limit if self.limit is not None else 1000 if self.kind == "actions" else 5000


TOKENS = (
    Token(value="sandbox-write", login="mdpc-bot"),
    Token(value="sandbox-read", login="mdpc-reader", write=False),
)


class AppSeed(_Part):
    """A GitHub App and its one installation. `private_key_file` is a PEM; without one, a key is made when asked for.

    `teams` says whether it may read who is in a team (Members: read), `permissions` what it has besides.
    """

    id: int = 1
    slug: str = "mdpc"
    installation: int = 1
    repositories: tuple[str, ...] | None = None
    write: bool = True
    teams: bool = True
    permissions: dict[str, Literal["read", "write", "admin"]] = {}
    private_key_file: str | None = None


class CommentSeed(_Part):
    """A comment on an issue; `editor` is who edited it since."""

    body: str
    user: str = "octocat"
    editor: str | None = None
    created_at: str | None = None


class IssueSeed(_Part):
    """An issue, or a pull request. `milestone` is its number or title, `closed_by` who closed it (default: `user`)."""

    title: str
    body: str | None = None
    state: State = "open"
    milestone: int | str | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    user: str = "octocat"
    pull_request: bool = False
    closed_by: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    comments: tuple[CommentSeed, ...] = ()


class MilestoneSeed(_Part):
    """A milestone. `due` is the day people see; `due_on` what GitHub stores, served as it is.

    `open` and `closed` are numbers of issues that the sandbox does not hold one by one.
    """

    title: str
    number: int | None = Field(None, ge=1)
    description: str | None = None
    due: date | None = None
    due_on: str | None = None
    state: State = "open"
    open: int = Field(0, ge=0)
    closed: int = Field(0, ge=0)
    creator: str | None = "octocat"
    created_at: str | None = None
    updated_at: str | None = None
    closed_at: str | None = None


class RepositorySeed(_Part):
    """A repository, `owner/name`. `assignable` are the logins that issues can be assigned to (default: everybody)."""

    name: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    private: bool = False
    archived: bool = False
    has_issues: bool = True
    topics: tuple[str, ...] = ()
    assignable: tuple[str, ...] | None = None
    milestones: tuple[MilestoneSeed, ...] = ()
    issues: tuple[IssueSeed, ...] = ()


class TeamSeed(_Part):
    """A team, `organisation/slug`, and who is in it."""

    name: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    members: tuple[str, ...] = ()


class GitHubSeed(_Part):
    """All of it. Owners are organisations unless `users` names them."""

    users: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = TOKENS
    app: AppSeed = AppSeed()
    teams: tuple[TeamSeed, ...] = ()
    repositories: tuple[RepositorySeed, ...] = ()
