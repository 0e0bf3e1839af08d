"""Who hears of a notice: roles and names as people who are there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from mdpc.model import Account, ContainerRef, Owner
from mdpc.people import MAIL, PERSON, identity_of, identity_of_owner, login_of
from mdpc.settings import Program, Settings
from mdpc.settings.base import is_address
from mdpc.settings.escalation import Step

OWNER, STAKEHOLDERS, MANAGER = "owner", "stakeholders", ".manager"


@dataclass(frozen=True, slots=True)
class Addressed:
    """Who hears of a step, by identity, and the roles or names of it that are nobody who is there."""

    to: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cast:
    """Who fills the roles of a milestone: its owner, its program's stakeholders, and where its issue lives.

    `gone` are named as its owner and have left, as far as they are named before whoever owns it.
    """

    owner: Owner | None
    program: Program
    home: ContainerRef
    settings: Settings
    today: date
    gone: tuple[Owner, ...] = ()


def addressed(steps: Sequence[Step], number: int, cast: Cast) -> Addressed:
    """Who hears of the step at a position: of roles that are nobody, the next step's recipients hear."""
    found: dict[str, None] = {}
    nobody: list[str] = []
    for name in steps[number].to:
        people = present(name, cast)
        found |= dict.fromkeys(people)
        if not people:
            nobody.append(name)
    for step in steps[number + 1 :]:
        if found:
            break
        found |= {who: None for name in step.to for who in present(name, cast)}
    return Addressed(tuple(found), tuple(nobody))


def present(name: str, cast: Cast) -> list[str]:
    """Who is meant by a role or a name, as far as they are there; who is away is stood in for by their delegate."""
    return [present for identity in _meant(name, cast) if (present := stand_in(identity, cast)) is not None]


def _meant(name: str, cast: Cast) -> Iterable[str]:
    if name.endswith(MANAGER):
        below = _meant(name.removesuffix(MANAGER), cast)
        people = [cast.settings.people.get(who.removeprefix(f"{PERSON}:")) for who in below]
        return [f"{PERSON}:{person.manager}" for person in people if person and person.manager]
    if name == OWNER:
        return _owning(cast)
    if name == STAKEHOLDERS:
        return [who for each in cast.program.stakeholders for who in _meant(each, cast)]
    if is_address(name):
        return [f"{MAIL}:{name}"]
    if name.startswith("@"):
        return [identity_of(Account(cast.home.connector, name.removeprefix("@")), cast.settings)]
    return [f"{PERSON}:{name}"]


def _owning(cast: Cast) -> list[str]:
    """The owner. Where all who are named have left, it is the first of them for whom somebody stands in."""
    if cast.owner is not None:
        return [identity_of_owner(cast.owner, cast.settings)]
    left = [identity_of_owner(each, cast.settings) for each in cast.gone]
    return [next((who for who in left if stand_in(who, cast) is not None), left[0])] if left else []


def is_reached(identity: str, step: Step, cast: Cast) -> bool:
    """Whether a step reaches a person of `[people]`: by a login where the issue lives, or by one of its channels."""
    kind, _, name = identity.partition(":")
    person = cast.settings.people.get(name) if kind == PERSON else None
    if person is None or login_of(name, cast.home.connector, cast.settings) is not None:
        return True
    tables = [cast.settings.channels[channel] for channel in step.via if channel in cast.settings.channels]
    return any(person.email or not table.by_address for table in tables)


def stand_in(identity: str, cast: Cast) -> str | None:
    """Somebody who is there: themselves, or whoever stands in for them on that day; None where nobody does."""
    seen: set[str] = set()
    while identity not in seen:
        seen.add(identity)
        kind, _, name = identity.partition(":")
        person = cast.settings.people.get(name) if kind == PERSON else None
        if kind == PERSON and person is None:
            return None
        if person is None or not (person.gone or person.is_away(cast.today)):
            return identity
        if person.delegate is None:
            return None
        identity = f"{PERSON}:{person.delegate}"
    return None
