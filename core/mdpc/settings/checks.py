"""What does not fit together in a configuration: names that nothing has, and claims that two make.

All of it looks at the tables as they are written and passes over what is not of the right kind, for that is a problem
already: so a mistake in one key hides none in another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mdpc.installed import connector_class
from mdpc.matching import is_glob, matches
from mdpc.settings import Person
from mdpc.settings.addresses import Names, check_container, check_match
from mdpc.settings.channel_checks import check_handles
from mdpc.settings.claims import check_claims, members_of
from mdpc.settings.dashboard_checks import check_dashboards
from mdpc.settings.escalation_checks import check_escalation
from mdpc.settings.gate_checks import check_gates
from mdpc.settings.people_checks import check_people_names
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, one_of, quoted
from mdpc.settings.raw import tables_of, texts_of
from mdpc.settings.sync_checks import check_sync


def cross_check(
    tables: Mapping[str, Any], types: Mapping[str, str], rules: Collection[str], problems: Problems
) -> None:
    """Report all that only several tables together show to be wrong.

    `types` are the types of the configured connectors by name, `rules` the names of the installed rules.
    """
    programs = list(tables_of(tables, "programs"))
    names = Names(types, tuple(name for _, raw in programs if isinstance(name := raw.get("name"), str)))
    for index, raw in programs:
        _check_program(raw, ("programs", index), names, problems)
    _check_names(programs, problems)
    check_claims(programs, problems)
    check_people_names(tables, problems)
    _check_people(tables, types, problems)
    _check_owners(tables, names, problems)
    check_sync(tables, names, problems)
    check_gates(tables, names, problems)
    check_escalation(tables, names, problems)
    check_handles(tables, problems)
    check_dashboards(tables, problems)
    for key in ("overrides", "waivers"):
        for index, raw in tables_of(tables, key):
            if isinstance(pattern := raw.get("match"), str):
                check_match(pattern, (key, index, "match"), names, problems)
    for index, raw in tables_of(tables, "waivers"):
        for position, rule in texts_of(raw, "rules"):
            report_unknown_rule(rule, ("waivers", index, "rules", position), rules, problems)


def report_unknown_rule(name: str, path: KeyPath, known: Collection[str], problems: Problems) -> bool:
    """Whether no rule has this name; then it is a problem."""
    if name not in known:
        step = did_you_mean(name, known, f"the rules are {one_of(known)}")
        problems.add(path, f"there is no rule {quoted(name)}", step)
    return name not in known


def _check_program(raw: Mapping[str, Any], path: KeyPath, names: Names, problems: Problems) -> None:
    for place, member in members_of(raw, path):
        _check_member(member.ref, place, names, problems)
    home = raw.get("home")
    if not isinstance(home, str) or not _check_member(home, (*path, "home"), names, problems):
        return
    refs = [member.ref for _, member in members_of(raw, path)]
    if is_glob(home):
        problems.add((*path, "home"), f"{quoted(home)} may be several containers, and home is one", "name one of them")
    elif not any(matches(ref, home) for ref in refs):
        step = did_you_mean(home, [ref for ref in refs if not is_glob(ref)], "name a member, or add this one")
        problems.add((*path, "home"), f"{quoted(home)} is no member of this program", step)


def _check_member(ref: str, path: KeyPath, names: Names, problems: Problems) -> bool:
    """Whether a member, or a home, is an address that its tracker can have; else a problem."""
    if not check_container(ref, path, names, problems):
        return False
    connector, _, name = ref.partition(":")
    try:
        found = connector_class(names.types[connector])
    except Exception:  # reading the connector's table says what is wrong with it
        return True
    what, _, step = found.Settings.container_problem(name).partition("; ")
    if what:
        problems.add(path, what, step)
    return not what


def _check_names(programs: Iterable[tuple[int, Mapping[str, Any]]], problems: Problems) -> None:
    seen: set[str] = set()
    for index, raw in programs:
        name, path = raw.get("name"), ("programs", index, "name")
        if not isinstance(name, str):
            continue
        if set(name) & set("/:#") or name != name.strip():
            what = f'{quoted(name)} holds "/", ":", "#" or outer spaces, which have a meaning in addresses'
            problems.add(path, what, "leave them out")
        if name.casefold() in seen:
            what = f"another program is named {quoted(name)} already"
            problems.add(path, what, "give each a name of its own, or join their members")
        seen.add(name.casefold())


def _check_people(tables: Mapping[str, Any], types: Mapping[str, str], problems: Problems) -> None:
    known: dict[tuple[str, str], str] = {}
    people = tables.get("people")
    for name, raw in people.items() if isinstance(people, Mapping) else ():
        for key, login in raw.items() if isinstance(raw, Mapping) else ():
            if not isinstance(login, str) or key in Person.model_fields:
                continue
            for connector in _connectors_of(key, types):
                other = known.setdefault((connector, login.casefold()), name)
                if other != name:
                    what = f"{quoted(login)} is the login of {quoted(other)} already"
                    problems.add(("people", name, key), what, "one login is one person: correct or join them")


def _connectors_of(key: str, types: Mapping[str, str]) -> Iterable[str]:
    """The connectors that a login is for: the one of that name, else all of that type."""
    return [key] if key in types else [name for name, kind in types.items() if kind == key] or [key]


def _check_owners(tables: Mapping[str, Any], names: Names, problems: Problems) -> None:
    owners = tables.get("owners")
    if not isinstance(owners, Mapping):
        return
    sources = list(texts_of(owners, "sources"))
    for index, source in sources:
        if source in [earlier for position, earlier in sources if position < index]:
            problems.add(("owners", "sources", index), f"{quoted(source)} stands here twice", "leave one of them out")
    entries = owners.get("map")
    for pattern, who in entries.items() if isinstance(entries, Mapping) else ():
        check_match(pattern, ("owners", "map", pattern), names, problems)
        if isinstance(who, str):
            _check_owner(who, ("owners", "map", pattern), tables.get("people"), problems)


def _check_owner(who: str, path: KeyPath, people: object, problems: Problems) -> None:
    known = people if isinstance(people, Mapping) else {}
    if who.startswith("@"):
        if not who[1:].strip():
            problems.add(path, '"@" names nobody', 'write a login such as "@alice-gh"')
    elif who not in known:
        step = did_you_mean(who, known, f'add [people.{who or "NAME"}], or write a login such as "@alice-gh"')
        problems.add(path, f"{quoted(who)} is nobody in [people]", step)
    elif isinstance(known[who], Mapping) and known[who].get("gone") is True:
        problems.add(path, f"{quoted(who)} is gone, and cannot be an owner", "name somebody who is there")
