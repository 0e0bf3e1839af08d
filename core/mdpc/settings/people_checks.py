"""Whether people have names of their own, and managers and delegates are people who lead to somebody. Pure.

As in `mdpc.settings.checks`, what is not of the right kind is passed over here, for that is a problem already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mdpc.recipients import MANAGER as ABOVE
from mdpc.recipients import OWNER, STAKEHOLDERS
from mdpc.settings.gates import APPROVERS, TEAM
from mdpc.settings.known import People
from mdpc.settings.problems import Problems, did_you_mean, quoted
from mdpc.settings.raw import table_of

MANAGER, DELEGATE = "manager", "delegate"


def check_people_names(tables: Mapping[str, Any], problems: Problems) -> None:
    """Report people whose names mean something else wherever people are named, or somebody else where case is none."""
    known: dict[str, str] = {}
    for name in table_of(tables, "people"):
        other = known.setdefault(name.casefold(), name)
        if why := _meaning(name):
            problems.add(("people", name), f"{quoted(name)} {why}, and hides a person of that name", "rename them")
        elif other != name:
            what = f"{quoted(name)} differs from {quoted(other)} in case alone, and an owner's name has none"
            problems.add(("people", name), what, "rename one of them, or join them")


def _meaning(name: str) -> str:
    """What a name means that is no person's; empty where it may be one's."""
    if name in (OWNER, STAKEHOLDERS):
        return "is a role"
    if name.endswith(ABOVE):
        return "is somebody's manager"
    if name.startswith("@"):
        return "is a login"
    if name == APPROVERS or name.startswith(TEAM):
        return "means several reviewers"
    return "" if name.strip() else "is no name"


def check_managers(tables: Mapping[str, Any], people: People, problems: Problems) -> None:
    """Report managers and delegates who are nobody, gone or oneself, and managers who lead back to where one began.

    Two people may stand in for each other: who is there is found day by day.
    """
    for key in (MANAGER, DELEGATE):
        links = links_of(tables, key)
        for name, other in links.items():
            _check_link(name, key, other, people, problems)
        told: set[str] = set()
        for name in links:
            way = _circle(name, links)
            if way and not told & set(way) and (key == MANAGER or len(way) == 1):
                told |= set(way)
                by_way_of = f", by way of {' and '.join(map(quoted, way[1:]))}" if way[1:] else ""
                what = f"{quoted(name)} is their own {key}{by_way_of}"
                problems.add(("people", name, key), what, "name somebody else, or leave one of these out")


def links_of(tables: Mapping[str, Any], key: str) -> dict[str, str]:
    """Whom each person names at a key, by the person's name."""
    people = table_of(tables, "people")
    tables_by_name = {name: raw for name, raw in people.items() if isinstance(raw, Mapping)}
    return {name: other for name, raw in tables_by_name.items() if isinstance(other := raw.get(key), str)}


def chain_of(name: str, links: Mapping[str, str]) -> Iterator[str]:
    """Whom a person's link leads to, and so on; it ends where it would come back to somebody."""
    seen = {name}
    while (name := links.get(name, "")) and name not in seen:
        seen.add(name)
        yield name


def _check_link(name: str, key: str, other: str, people: People, problems: Problems) -> None:
    path = ("people", name, key)
    if other not in people.gone:
        known = people.logins.get(other.removeprefix("@").lower())
        step = did_you_mean(other, people.gone, f"add [people.{other or 'NAME'}], or leave it out")
        if other.startswith("@"):
            step = "write the name of a person in [people]"
        problems.add(
            path, f"{quoted(other)} is nobody in [people]", f"did you mean {quoted(known)}?" if known else step
        )
    elif key == DELEGATE and people.gone[other] and other != name:
        problems.add(path, f"{quoted(other)} is gone, and cannot stand in for anybody", "name somebody who is there")


def _circle(name: str, links: Mapping[str, str]) -> tuple[str, ...]:
    """The people by way of whom a link leads back to a person, who comes first; nobody where it does not."""
    way = (name, *chain_of(name, links))
    return way if links.get(way[-1]) == name else ()
