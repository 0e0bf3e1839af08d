"""What `mdpc doctor` says about GitHub: the token, its limits, the repositories, the rights. Writes nothing."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mdpc.connector import Problem, Rights, TrackerError, Use
from mdpc.model import Scope
from mdpc_github import rights
from mdpc_github.answers import CHECK
from mdpc_github.client import Client
from mdpc_github.own import normalised
from mdpc_github.reading import Catalogue, catalogue
from mdpc_github.rest import RestSource
from mdpc_github.rights import Wanted, is_called_a_bot
from mdpc_github.selection import Repository
from mdpc_github.settings import GitHubSettings
from mdpc_github.source import Source

_FEW = 0.1
"""The share of a rate limit below which a run may not get through."""
_ACTIONS = "github-actions"
"""The account of every workflow."""
_OWN_ALONE = "a workflow's token reaches its own repository alone"
_NAMED = 3
"""So many of the repositories that it does not reach are named."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who mdpc is: its login, empty where GitHub does not tell it, and the scopes of a token that has such."""

    login: str
    scopes: tuple[str, ...] | None

    def is_workflow(self, client: Client) -> bool:
        """Whether the token is a workflow's own; the environment tells only where GitHub does not."""
        if client.credentials.is_app or not client.credentials.is_installation:
            return False
        return normalised(self.login) == _ACTIONS or (not self.login and os.environ.get("GITHUB_ACTIONS") == "true")


def check_account(
    client: Client, name: str, settings: GitHubSettings, source: Source, problems: list[Problem | Rights]
) -> Account:
    """Who mdpc is, by what kind of token, what limits that has, and how much it may still ask: added to `problems`."""
    login = source.account()
    headers, body = client.get("/rate_limit")
    told = headers.get("x-oauth-scopes")
    scopes = None if told is None else tuple(filter(None, (scope.strip() for scope in told.split(","))))
    account = Account(login, scopes)
    resources = body.get("resources") or {}
    problems.extend(_signed_in(client, name, settings, account))
    if account.is_workflow(client) and settings.access == "write":
        problems.extend(_limits_of_a_workflow(name, resources))
    if isinstance(source, RestSource):
        lacks = "it takes several requests a repository, and does not tell who edited a comment, as review gates need"
        problems.append(Problem("info", name, f"there is no GraphQL here, but REST alone: {lacks}"))
    problems.extend(_limits(name, resources))
    return account


def _signed_in(client: Client, name: str, settings: GitHubSettings, account: Account) -> Iterator[Problem]:
    credentials, login = client.credentials, account.login
    if not credentials.present:
        what = "there is no token: only public repositories can be read, with 60 requests an hour"
        yield Problem("warn", name, what, f"Set {client.variable} or GITHUB_TOKEN.")
        return
    shown = "" if account.scopes is None else f" with the scopes {', '.join(account.scopes) or 'none'}"
    kind = "a workflow's token (GITHUB_TOKEN)" if account.is_workflow(client) else credentials.kind
    yield Problem("info", name, f"signed in as {login or 'an unnamed account'} by {kind}{shown}")
    if account.scopes is None and not credentials.is_app:
        what = "GitHub does not tell what this token may do; what it should have is listed as unknown"
        yield Problem("info", name, what)
    if not login and not settings.accounts:
        yield Problem(
            "warn",
            name,
            "GitHub does not say as whom mdpc writes, so it will not know its own comments",
            f"List the account under [connectors.{name}] accounts.",
        )
    if settings.access == "write" and login and not credentials.is_installation and not is_called_a_bot(login):
        what = (
            f"mdpc writes as {login}, whom GitHub notifies of nothing that mdpc writes; of {login}'s comments mdpc "
            "knows its own by their marks alone"
        )
        yield Problem("info", name, what, "If that is a person, use a GitHub App or an account of mdpc's own.")


def _limits_of_a_workflow(name: str, resources: Mapping[str, Any]) -> Iterator[Problem]:
    app = "Use a GitHub App where that matters, as it does for review gates."
    yield Problem("info", name, "every workflow of the repository writes as this account, as mdpc does", app)
    yield Problem("info", name, "what it writes starts no workflow")
    hourly = (resources.get("core") or {}).get("limit") or 1000
    yield Problem("info", name, f"all workflows of the repository share its {hourly:,} REST requests an hour")


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


def check_repositories(  # noqa: PLR0913, PLR0917 - what is asked, of whom, and what is known of them
    client: Client, name: str, settings: GitHubSettings, scope: Scope, source: Source, account: Account
) -> Iterator[Problem | Rights]:
    """What the configuration selects, what of it is not there, and which rights mdpc has in each repository."""
    found = catalogue(source, name, settings, scope, milestones=False)
    workflow = account.is_workflow(client)
    yield from _unread(found, workflow=workflow)
    yield from _selected(name, found, len(found.chosen))
    if client.credentials.is_everywhere and found.chosen and not found.globbed:
        what = f"the GitHub App is installed on all repositories of its owner, and {_counted(len(found.chosen))} named"
        yield Problem("info", name, what, 'Choose "Only select repositories" in the installation.')
    wanted = [_wanted(name, settings, scope, found, listed.repository) for listed in found.chosen.values()]
    wanted.sort(key=lambda each: each.container.lower())
    beyond = _beyond(client, wanted) if client.credentials.is_installation else frozenset()
    if workflow:
        yield _reach_of_a_workflow(name, [*found.unread, *(each.repository.name for each in wanted if each in beyond)])
    yield from _rights(client, account, wanted, beyond)


def _reach_of_a_workflow(name: str, lost: Sequence[str]) -> Problem:
    """That a workflow's token reaches its own repository, and which of the configured ones it therefore does not."""
    if not lost:
        return Problem("info", name, _OWN_ALONE)
    told = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else "")
    step = "Use a GitHub App that is installed on all of them."
    return Problem("info", name, f"{_OWN_ALONE}, and therefore not {told}", step)


def _counted(count: int) -> str:
    return f"{count} {'repository is' if count == 1 else 'repositories are'}"


def _wanted(name: str, settings: GitHubSettings, scope: Scope, found: Catalogue, repository: Repository) -> Wanted:
    """What mdpc does in a repository, by each of the names that the configuration may know it by."""
    uses = frozenset[Use]().union(*map(scope.uses, (repository.name, *found.former_names(repository))))
    teams = any("/" in team for team in scope.teams)
    return Wanted(repository, uses if settings.access == "write" else uses & {Use.READ}, teams, name)


def _unread(found: Catalogue, *, workflow: bool) -> Iterator[Problem]:
    """What could not be found; to a workflow's token nobody can give access elsewhere."""
    for unread in found.unread.values():
        what, refused, _ = unread.why.partition(f" {CHECK}")
        step = f"Check the name, or use a GitHub App: {_OWN_ALONE}." if workflow and refused else ""
        yield Problem(
            "warn" if unread.optional else "error",
            unread.container,
            what.removesuffix(".") if step else unread.why,
            step,
        )


def _selected(name: str, found: Catalogue, count: int) -> Iterator[Problem]:
    for skipped in found.skipped.values():
        yield Problem("info", skipped.container, f"left out: {skipped.why}")
    for listed in found.chosen.values():
        now = listed.repository.name
        for old in found.former_names(listed.repository):
            yield Problem("warn", f"{name}:{old}", f"renamed to {now}", f"Write {now} in the configuration.")
    if count:
        yield Problem("info", name, f"{_counted(count)} selected")
    else:
        step = f'Write repositories = ["OWNER/*"] under [connectors.{name}], or name repositories as members.'
        yield Problem("warn", name, "no repository is selected", step)


def _rights(client: Client, account: Account, wanted: Sequence[Wanted], beyond: Collection[Wanted]) -> Iterator[Rights]:
    """The rights in each repository, as far as they can be known without writing."""
    credentials = client.credentials
    if not credentials.present:
        yield from (rights.of_nobody(each, client.variable) for each in wanted)
    elif credentials.is_installation:
        yield from _of_installation(client, account, wanted, beyond)
    else:
        all_public = all(each.repository.public for each in wanted)
        for each in wanted:
            told = (
                rights.of_untold(each)
                if account.scopes is None
                else rights.of_scopes(each, account.scopes, all_public=all_public)
            )
            yield rights.with_role(told, each, bot=is_called_a_bot(account.login))


def _of_installation(
    client: Client, account: Account, wanted: Sequence[Wanted], beyond: Collection[Wanted]
) -> Iterator[Rights]:
    is_workflow = account.is_workflow(client)
    for each in wanted:
        if each in beyond:
            yield rights.elsewhere(each, _OWN_ALONE if is_workflow else "the App is not installed there")
        elif is_workflow:
            yield rights.of_workflow(each)
        elif client.credentials.permissions is None:
            yield rights.of_untold(each)
        else:
            yield rights.of_app(each, client.credentials.permissions)


def _beyond(client: Client, wanted: Iterable[Wanted]) -> frozenset[Wanted]:
    """Those of the repositories that an installation's token does not reach; it sees other private ones never.

    What is public it sees everywhere, so that only a look at the list of its own tells; none where that is refused.
    """
    doubtful = {each.repository.name.lower(): each for each in wanted if each.repository.public and each.writes}
    if not doubtful:
        return frozenset()
    try:
        for data in client.pages("/installation/repositories", {}, "repositories"):
            doubtful.pop(str(data["full_name"]).lower(), None)
            if not doubtful:
                break
    except TrackerError as error:
        if error.reason == "auth":
            raise
        return frozenset()
    return frozenset(doubtful.values())


def problem_of(name: str, error: TrackerError) -> Problem:
    """An error as a problem."""
    return Problem("error", name, error.what, error.next_step)
