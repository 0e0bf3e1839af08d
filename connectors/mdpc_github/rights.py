"""Which rights mdpc needs at GitHub, by kind of token, and which are more than it needs. Pure.

Names of permissions are the API's: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps;
of scopes: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps; of roles:
https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from mdpc.connector import Right, Rights, Use
from mdpc_github.selection import Repository

WRITES = frozenset({Use.WRITE, Use.STATES, Use.MEMORY, Use.CREATE, Use.ISSUES})

READING = "reading milestones, issues and comments"
WRITING = {
    Use.WRITE: "milestones: status, title, due date",
    Use.STATES: "closing and reopening milestones",
    Use.CREATE: "milestones that are missing here",
    Use.ISSUES: "coordination issues, their labels, assignees and comments",
}
TEAMS = "who is in a team that reviews"
TEAMS_INSTEAD = "Give it to the token, or list the people of teams in [teams]."
METADATA = "finding repositories"

_IDLE = "not needed as mdpc is configured"
_CODE = "who has the token changes code"
_RUNS = "who has the token decides what workflows run, and with which secrets"
_PEOPLE = "who has the token decides who belongs to the organisation"
_ROLES = "who has the token decides what roles in the organisation may do"
_TOKENS = "who has the token decides which personal tokens reach the organisation"
_KEYS = "who has the token adds keys that sign in as the account"
_SIGNING = "who has the token adds keys that sign as the account"
_CHECKS = "who has the token says that checks have passed"
_DEPLOYS = "who has the token deploys"
DANGEROUS = {
    "contents": _CODE,
    "single_file": _CODE,
    "codespaces": _CODE,
    "checks": _CHECKS,
    "statuses": _CHECKS,
    "attestations": "who has the token says where what is published was built",
    "pages": "who has the token publishes the site",
    "workflows": _RUNS,
    "actions": _RUNS,
    "secrets": _RUNS,
    "dependabot_secrets": _RUNS,
    "organization_secrets": _RUNS,
    "environments": _RUNS,
    "administration": "who has the token changes settings and deletes repositories",
    "organization_administration": "who has the token changes the organisation's settings",
    "members": _PEOPLE,
    "organization_custom_org_roles": _ROLES,
    "organization_custom_roles": _ROLES,
    "repository_hooks": "who has the token sends what happens elsewhere",
    "organization_hooks": "who has the token sends what happens elsewhere",
    "packages": "who has the token publishes packages",
    "organization_packages": "who has the token publishes packages",
    "deployments": _DEPLOYS,
    "organization_self_hosted_runners": _RUNS,
    "organization_personal_access_tokens": _TOKENS,
    "organization_personal_access_token_requests": _TOKENS,
    "git_ssh_keys": _KEYS,
    "gpg_keys": _SIGNING,
}
"""Permissions of an App that do harm if somebody else has its token, where they are more than read."""

SCOPES = {
    "repo": "writes code in private repositories, too; public_repo is enough for public ones",
    "public_repo": "who has the token changes code in public repositories",
    "delete_repo": "who has the token deletes repositories",
    "workflow": _RUNS,
    "write:org": _PEOPLE,
    "admin:org": _PEOPLE,
    "admin:enterprise": "who has the token manages the enterprise",
    "site_admin": "who has the token manages the server",
    "admin:repo_hook": "who has the token sends what happens elsewhere",
    "write:repo_hook": "who has the token sends what happens elsewhere",
    "admin:org_hook": "who has the token sends what happens elsewhere",
    "admin:public_key": _KEYS,
    "write:public_key": _KEYS,
    "admin:gpg_key": _SIGNING,
    "write:gpg_key": _SIGNING,
    "admin:ssh_signing_key": _SIGNING,
    "write:ssh_signing_key": _SIGNING,
    "codespace": _CODE,
    "manage_runners:org": _RUNS,
    "manage_runners:enterprise": _RUNS,
    "repo_deployment": _DEPLOYS,
    "write:packages": "who has the token publishes packages",
    "delete:packages": "who has the token deletes packages",
    "user": "who has the token changes the account",
}
"""Scopes of a classic token that do harm if somebody else has it."""

_BOT = re.compile(r"(?:^|[-_])(?:bot|robot)(?:$|[-_\[\d])|\[bot\]$", re.IGNORECASE)
_LEVELS = ("read", "write", "admin")
_WRITING_ROLES = {
    "write": "the account may change code",
    "maintain": "the account may change code and settings",
    "admin": "the account may change settings and delete the repository",
}
"""Roles that may make, edit and close milestones, and what else; Triage may only put issues into them."""
_READ_ORG = ("read:org", "write:org", "admin:org")
_TAKE = "Take away what is not needed, or give mdpc a GitHub App of its own."


def is_called_a_bot(login: str) -> bool:
    """Whether an account looks like a machine's; GitHub itself does not tell such accounts from people's."""
    return bool(_BOT.search(login))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What mdpc does in one repository, and what it needs besides.

    `teams` says that gates ask who is in a team of GitHub's, `connector` how the connector is called.
    """

    repository: Repository
    uses: frozenset[Use]
    teams: bool
    connector: str

    @property
    def container(self) -> str:
        """The repository's address."""
        return f"{self.connector}:{self.repository.name}"

    @property
    def writes(self) -> bool:
        """Whether mdpc writes there at all."""
        return bool(self.uses & WRITES)

    @property
    def writing(self) -> str:
        """What mdpc writes there."""
        return "; ".join(why for use, why in WRITING.items() if use in self.uses)

    def give(self, what: str) -> str:
        """What to do where that is missing."""
        instead = f', or set access = "read" under [connectors.{self.connector}]' if self.writes else ""
        return f"{what}{instead}."


@dataclass(frozen=True, slots=True)
class _Permission:
    """A permission that is needed, and how far; `lacking` is what it means that it is not there."""

    key: str
    level: Literal["read", "write"]
    why: str
    lacking: Literal["warn", "error"] = "error"
    instead: str = ""

    @property
    def right(self) -> Right:
        return Right(f"{shown(self.key)}: {self.level}", self.why, self.lacking, self.instead)

    def is_in(self, permissions: Mapping[str, str]) -> bool:
        return permissions.get(self.key, "") in (("write", "admin") if self.level == "write" else _LEVELS)

    def is_exceeded_in(self, permissions: Mapping[str, str]) -> bool:
        return self.level == "read" and permissions.get(self.key, "") not in ("", "read")


def of_app(wanted: Wanted, permissions: Mapping[str, str]) -> Rights:
    """The rights of an App's installation, by the permissions that GitHub gave along with its token."""
    needed = tuple(_permissions(wanted, permissions))
    return Rights(
        wanted.container,
        there=_plain(each.right for each in needed if each.is_in(permissions)),
        missing=tuple(each.right for each in needed if not each.is_in(permissions)),
        more=tuple(_more(needed, permissions)),
        give=wanted.give("Give the App what is missing, and accept that in the installation"),
        take=_TAKE,
    )


def _permissions(wanted: Wanted, held: Mapping[str, str]) -> Iterator[_Permission]:
    """The permissions that are needed. Pull requests stand in for issues where no issue is opened."""
    yield _Permission("metadata", "read", METADATA)
    may_stand_in = held.get("pull_requests") == "write" and held.get("issues") != "write"
    if not wanted.writes:
        yield _Permission("issues", "read", READING)
    elif may_stand_in and Use.ISSUES not in wanted.uses:
        yield _Permission("issues", "read", READING)
        yield _Permission("pull_requests", "write", wanted.writing)
    else:
        yield _Permission("issues", "write", f"{READING}; {wanted.writing}")
    if wanted.teams:
        yield _Permission("members", "read", TEAMS, "warn", TEAMS_INSTEAD)


def _more(needed: Iterable[_Permission], permissions: Mapping[str, str]) -> Iterator[Right]:
    """What an App has beyond: other permissions, and writing where it only has to read."""
    wanted = {each.key: each for each in needed}
    for key, held in sorted(permissions.items()):
        need = wanted.get(key)
        if need is not None and not need.is_exceeded_in(permissions):
            continue
        dangerous = held != "read" and key in DANGEROUS
        why = DANGEROUS[key] if dangerous else "reading is enough as it is configured" if need else _IDLE
        yield Right(f"{shown(key)}: {held}", why, "warn" if dangerous else "info")


def shown(key: str) -> str:
    """A permission as GitHub's pages call it: `pull_requests` is Pull requests."""
    return key.replace("_", " ").capitalize()


def of_scopes(wanted: Wanted, scopes: Iterable[str], *, all_public: bool) -> Rights:
    """The rights of a token with scopes: a classic one, or an OAuth App's."""
    given = frozenset(scopes)
    public = wanted.repository.public
    there: list[Right] = []
    missing: list[Right] = []
    needed: set[str] = set()
    if wanted.writes or not public:
        why = f"{READING}; {wanted.writing}" if wanted.writes else READING
        name = "public_repo" if public and (all_public or "repo" not in given) else "repo"
        right = Right(f"scope {name}", f"{why}; no scope gives less", "error")
        enough = [scope for scope in ("public_repo", "repo") if scope in given and (public or scope == "repo")]
        needed.update(["public_repo"] if all_public else enough)
        (there if enough else missing).append(right)
    else:
        there.append(Right("no scope", "what is public is read without one"))
    if wanted.teams:
        held = [scope for scope in _READ_ORG if scope in given]
        needed.update(held[:1] if "read:org" in held else ())
        (there if held else missing).append(Right("scope read:org", TEAMS, "warn", TEAMS_INSTEAD))
    more = tuple(
        Right(f"scope {scope}", SCOPES.get(scope, _IDLE), "warn" if scope in SCOPES else "info")
        for scope in sorted(given - needed)
        if scope and not (scope == "public_repo" and "repo" in given)
        if not (scope == "repo" and not all_public)
    )
    give = wanted.give("Give the token what is missing")
    return Rights(wanted.container, _plain(there), tuple(missing), more, give=give, take=_TAKE)


def of_nobody(wanted: Wanted, variable: str) -> Rights:
    """The rights without a token: what is public is read."""
    missing = (Right("a token", f"writing {wanted.writing}", "error"),) if wanted.writes else ()
    give = wanted.give(f"Set {variable} or GITHUB_TOKEN")
    return Rights(wanted.container, (Right("no token", "what is public is read without one"),), missing, give=give)


def of_untold(wanted: Wanted) -> Rights:
    """The rights of a token of whose permissions GitHub tells nothing: what it should have."""
    return Rights(wanted.container, unknown=_plain(each.right for each in _permissions(wanted, {})))


def of_workflow(wanted: Wanted) -> Rights:
    """The rights of a workflow's token in its own repository: what `permissions:` has to say, which nobody can ask."""
    need = "issues: write" if wanted.writes else "issues: read"
    why = f"{READING}; {wanted.writing}" if wanted.writes else READING
    instead = "List the people of teams in [teams], or use a GitHub App."
    teams = Right("Members: read", f"{TEAMS}, which no workflow's token may know", "warn", instead)
    unknown = (Right(f"{need} in `permissions:`", why),)
    return Rights(wanted.container, missing=(teams,) if wanted.teams else (), unknown=unknown)


def elsewhere(wanted: Wanted, reason: str) -> Rights:
    """The rights of an installation's token in a repository that it does not reach; `reason` says why it does not."""
    if not wanted.writes:
        return Rights(wanted.container, (Right("no right", "what is public anybody may read"),))
    missing = (Right("Issues: write", f"{wanted.writing}; {reason}", "error"),)
    return Rights(wanted.container, missing=missing, give=wanted.give("Use a GitHub App that is installed there, too"))


def with_role(rights: Rights, wanted: Wanted, *, bot: bool) -> Rights:
    """With what the account's role in the repository allows, whatever its token does."""
    role = wanted.repository.role
    if not role:
        return rights
    needed = Right("role Write", wanted.writing, "error") if wanted.writes else Right("role Read", READING)
    if wanted.writes and role not in _WRITING_ROLES:
        step = "Give the token and the account what is missing" if rights.missing else "Give the account the role Write"
        return replace(rights, missing=(*rights.missing, needed), give=wanted.give(step))
    more: tuple[Right, ...] = ()
    if role in _WRITING_ROLES and not (wanted.writes and role == "write"):
        more = (
            Right(f"role {role.capitalize()}", _WRITING_ROLES[role], "warn" if bot and role != "write" else "info"),
        )
    there = (*rights.there, replace(needed, level="info"))
    return replace(rights, there=there, more=(*rights.more, *more), take=_TAKE)


def _plain(rights: Iterable[Right]) -> tuple[Right, ...]:
    """Rights that are there: what lacking them would mean is past."""
    return tuple(replace(right, level="info", instead="") for right in rights)
