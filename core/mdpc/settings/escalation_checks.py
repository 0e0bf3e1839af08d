"""Whether `[escalation]` and `[people]` fit together: people who are there, steps that are told apart. Pure.

As in `mdpc.settings.checks`, what is not of the right kind is passed over here, for that is a problem already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdpc.matching import may_overlap
from mdpc.recipients import MANAGER, OWNER, STAKEHOLDERS
from mdpc.settings.addresses import Names, check_match
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, quoted
from mdpc.settings.raw import table_of, tables_of, texts_of

_ROLES = (OWNER, f"{OWNER}{MANAGER}", STAKEHOLDERS)


def check_escalation(tables: Mapping[str, Any], names: Names, problems: Problems) -> None:
    """Report who is nobody, who stands in for themselves, and steps of which nobody knows which is sent."""
    people = {name: raw for name, raw in table_of(tables, "people").items() if isinstance(raw, Mapping)}
    for key in ("manager", "delegate"):
        _check_links(people, key, problems)
    for index, raw in tables_of(tables, "programs"):
        for position, who in texts_of(raw, "stakeholders"):
            _check_who(who, ("programs", index, "stakeholders", position), people, problems, roles=())
    steps = list(tables_of(table_of(tables, "escalation"), "steps"))
    for index, raw in steps:
        path: KeyPath = ("escalation", "steps", index)
        for position, who in texts_of(raw, "to"):
            _check_who(who, (*path, "to", position), people, problems, roles=_ROLES)
        if isinstance(pattern := raw.get("match"), str):
            check_match(pattern, (*path, "match"), names, problems)
        _check_alone(raw, [other for number, other in steps if number < index], path, problems)
    if steps and table_of(tables, "writeback").get("issue") == "never":
        what = "no step can be told so: notices are comments on that issue"
        problems.add(("writeback", "issue"), what, 'write "when-needed", or take [[escalation.steps]] out')


def _check_links(people: Mapping[str, Mapping[str, Any]], key: str, problems: Problems) -> None:
    """Managers and delegates are people, and nobody is their own by any way round."""
    for name, raw in people.items():
        other = raw.get(key)
        if not isinstance(other, str):
            continue
        if other not in people:
            step = did_you_mean(other, people, f"add [people.{other or 'NAME'}], or leave it out")
            problems.add(("people", name, key), f"{quoted(other)} is nobody in [people]", step)
            continue
        seen = [name]
        while isinstance(other, str) and other in people and other not in seen:
            seen.append(other)
            other = people[other].get(key)
        if other == name:
            circle = " -> ".join([*seen, name])
            problems.add(("people", name, key), f"this goes round in a circle: {circle}", "leave one of them out")


def _check_who(
    who: str, path: KeyPath, people: Mapping[str, Mapping[str, Any]], problems: Problems, *, roles: tuple[str, ...]
) -> None:
    """Recipients are roles, people who are there, their managers, or logins."""
    name = who
    while name.endswith(MANAGER):
        name = name.removesuffix(MANAGER)
    if name in roles or (name.startswith("@") and len(name) > 1):
        return
    if name not in people:
        if "@" in name:
            step = 'only people with a login can be told so far: write a person or "@login"'
            problems.add(path, f"{quoted(who)} is an address, and mdpc sends no mail", step)
            return
        step = did_you_mean(name, [*roles, *people], 'write a role, somebody of [people], or "@login"')
        problems.add(path, f"{quoted(who)} is nobody in [people]", step)
    elif people[name].get("gone") is True and not people[name].get("delegate"):
        problems.add(path, f"{quoted(name)} is gone, and nobody stands in for them", "name somebody who is there")


def _check_alone(raw: Mapping[str, Any], earlier: list[Mapping[str, Any]], path: KeyPath, problems: Problems) -> None:
    """Of two steps of one day only the later in the file would ever be sent."""
    at, match = raw.get("at"), raw.get("match", "*")
    for other in earlier:
        if other.get("at") == at and isinstance(match, str) and may_overlap(str(other.get("match", "*")), match):
            what = f"another step is sent at {quoted(str(at))} for the same milestones, and only one of them can be"
            problems.add((*path, "at"), what, "join the two, or give them days or matches of their own")
            return
