"""Who may pass a gate: the people, accounts and teams that it names, as far as anybody knows who that is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mdpc.model import Account, ContainerRef
from mdpc.people import PERSON, identity_of, is_gone
from mdpc.settings import Settings
from mdpc.settings.gates import APPROVERS, TEAM


@dataclass(frozen=True, slots=True)
class Teams:
    """The teams that gates name: the members of those that a tracker let mdpc read, and why the others were not."""

    members: Mapping[str, tuple[Account, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Panel:
    """Who may speak, by identity (`mdpc.people`). `unreadable` teams let nobody speak; each with why."""

    identities: frozenset[str] = frozenset()
    unreadable: tuple[tuple[str, str], ...] = ()


def panel_of(
    names: Iterable[str], approvers: Iterable[Account], home: ContainerRef, teams: Teams, settings: Settings
) -> Panel:
    """Who is meant by `reviewers` or `waivers_by`.

    `approvers` are those of the milestone's own records, for `jira:approvers`. A `@login` is one of the tracker where
    the coordination issue is. Who is gone, and bots, may not speak.
    """
    found: set[str] = set()
    unreadable: list[tuple[str, str]] = []
    for name in names:
        if name == APPROVERS:
            found |= set(_accounts(approvers, settings))
        elif name.startswith(TEAM):
            team = name.removeprefix(TEAM)
            members = _team(team, home, teams, settings)
            if members is None:
                unreadable.append((team, teams.unread.get(team, "no tracker that was read has a team of that name")))
            found |= members or set()
        else:
            found.add(named_as(name, home, settings))
    present = frozenset(identity for identity in found if not is_gone(identity, settings))
    return Panel(present, tuple(unreadable))


def _team(team: str, home: ContainerRef, teams: Teams, settings: Settings) -> set[str] | None:
    """A team's members: as trackers tell, else as `[teams]` does; None where neither does."""
    if team in teams.members:
        return set(_accounts(teams.members[team], settings))
    if team in settings.teams:
        return {named_as(name, home, settings) for name in settings.teams[team]}
    return None


def _accounts(accounts: Iterable[Account], settings: Settings) -> Iterator[str]:
    yield from (identity_of(account, settings) for account in accounts if not account.bot)


def named_as(name: str, home: ContainerRef, settings: Settings) -> str:
    """Who is meant by a name of the configuration: a person of `[people]`, or a login of the home's tracker."""
    if name.startswith("@"):
        return identity_of(Account(home.connector, name.removeprefix("@")), settings)
    return f"{PERSON}:{name}"
