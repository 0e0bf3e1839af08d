"""What `mdpc doctor` says about GitHub: the token, its limits, the repositories, the rights. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mdpc.connector import Problem, TrackerError
from mdpc.model import Scope
from mdpc_github.client import Client
from mdpc_github.reading import Catalogue, catalogue
from mdpc_github.rest import RestSource
from mdpc_github.selection import Repository
from mdpc_github.settings import GitHubSettings
from mdpc_github.source import Source

_FEW = 0.1
"""The share of a rate limit below which a run may not get through."""
_NAMED = 5


def check_account(client: Client, name: str, settings: GitHubSettings, source: Source) -> Iterator[Problem]:
    """Who mdpc is, by what kind of token, and how much it may still ask."""
    if not client.credentials.present:
        yield _anonymous(client, name, settings)
    login = source.account()
    headers, body = client.get("/rate_limit")
    scopes = headers.get("x-oauth-scopes")
    if client.credentials.present:
        shown = f" with the scopes {scopes or 'none'}" if scopes is not None else ""
        yield Problem("info", name, f"signed in as {login or 'an unnamed account'} by {client.credentials.kind}{shown}")
        if not login and not settings.accounts:
            yield Problem(
                "warn",
                name,
                "GitHub does not say as whom mdpc writes, so it will not know its own comments",
                f"List the account under [connectors.{name}] accounts.",
            )
    if isinstance(source, RestSource):
        lacks = "it takes several requests a repository, and does not tell who edited a comment, as review gates need"
        yield Problem("info", name, f"there is no GraphQL here, but REST alone: {lacks}")
    if scopes is not None and settings.access == "write":
        yield from _scopes(name, scopes)
    yield from _limits(name, body.get("resources") or {})


def _anonymous(client: Client, name: str, settings: GitHubSettings) -> Problem:
    what = "there is no token: only public repositories can be read, with 60 requests an hour"
    step = f"Set {client.variable} or GITHUB_TOKEN"
    if settings.access == "write":
        step += f', or write access = "read" under [connectors.{name}]'
        return Problem("error", name, f"{what}; nothing can be written", f"{step}.")
    return Problem("warn", name, what, f"{step}.")


def _scopes(name: str, scopes: str) -> Iterator[Problem]:
    given = {scope.strip() for scope in scopes.split(",")}
    if "repo" in given:
        return
    if "public_repo" in given:
        yield Problem("info", name, "the token's scope public_repo lets mdpc write to public repositories alone")
    else:
        step = 'Give the token the scope repo (public_repo for public ones), or set access = "read".'
        yield Problem("error", name, "the token's scopes do not let mdpc write", step)


def _limits(name: str, resources: Mapping[str, Any]) -> Iterator[Problem]:
    for key, unit in (("core", "REST requests"), ("graphql", "GraphQL points")):
        meter = resources.get(key)
        if not meter or not meter.get("limit"):
            continue
        until = datetime.fromtimestamp(meter["reset"], UTC)
        what = f"{meter['remaining']} of {meter['limit']} {unit} are left until {until:%H:%M} UTC"
        if meter["remaining"] < meter["limit"] * _FEW:
            yield Problem("warn", name, what, "Run later, or use a GitHub App, which may ask more.")
        else:
            yield Problem("info", name, what)


def check_repositories(
    client: Client, name: str, settings: GitHubSettings, scope: Scope, source: Source
) -> Iterator[Problem]:
    """What the configuration selects, what of it is not there, and where mdpc may not write."""
    found = catalogue(source, name, settings, scope, milestones=False)
    repositories = [listed.repository for listed in found.chosen.values()]
    yield from _selected(name, found, len(repositories))
    if settings.access == "write" and repositories:
        yield from _rights(client, name, repositories)


def _selected(name: str, found: Catalogue, count: int) -> Iterator[Problem]:
    for unread in found.unread.values():
        yield Problem("warn" if unread.optional else "error", unread.container, unread.why)
    for skipped in found.skipped.values():
        yield Problem("info", skipped.container, f"left out: {skipped.why}")
    for listed in found.chosen.values():
        now = listed.repository.name
        for old in found.former_names(listed.repository):
            yield Problem("warn", f"{name}:{old}", f"renamed to {now}", f"Write {now} in the configuration.")
    if count:
        yield Problem("info", name, f"{count} {'repository is' if count == 1 else 'repositories are'} selected")
    else:
        step = f'Write repositories = ["OWNER/*"] under [connectors.{name}], or name repositories as members.'
        yield Problem("warn", name, "no repository is selected", step)


def _rights(client: Client, name: str, repositories: Sequence[Repository]) -> Iterator[Problem]:
    """Whether mdpc may write, as far as that can be known without writing."""
    credentials = client.credentials
    if credentials.is_installation:
        permissions = credentials.permissions
        if permissions is None:
            yield Problem(
                "info", name, "a workflow's token writes to its own repository, if `permissions:` says issues: write"
            )
        elif "write" not in (permissions.get("issues"), permissions.get("pull_requests")):
            step = "Give it the permission Issues: Read and write, and accept that in the installation."
            yield Problem("error", name, "the GitHub App may not write milestones", step)
        else:
            yield Problem("info", name, "the GitHub App may write milestones")
        return
    barred = sorted(repository.name for repository in repositories if repository.can_write is False)
    if barred and credentials.present:
        more = f" and {len(barred) - _NAMED} more" if len(barred) > _NAMED else ""
        step = f'Give the account the role Write there, or set access = "read" under [connectors.{name}].'
        yield Problem("error", name, f"the account may not write in {', '.join(barred[:_NAMED])}{more}", step)
    if credentials.is_fine_grained:
        yield Problem(
            "info",
            name,
            "what a fine-grained token itself may write cannot be asked: it needs Issues: Read and write",
        )


def problem_of(name: str, error: TrackerError) -> Problem:
    """An error as a problem."""
    return Problem("error", name, error.what, error.next_step)
