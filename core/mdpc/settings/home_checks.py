"""Whether what needs a coordination issue means milestones that can have one: their home can be written to. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mdpc.matching import is_glob, may_overlap
from mdpc.settings.addresses import Names
from mdpc.settings.claims import members_of
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems
from mdpc.settings.raw import table_of, tables_of


def check_home(  # noqa: PLR0913, PLR0917 - where, among what, and what to say
    raw: Mapping[str, Any],
    path: KeyPath,
    tables: Mapping[str, Any],
    names: Names,
    problems: Problems,
    said: tuple[str, str],
) -> None:
    """Report a table whose `match` means milestones that all have their home where mdpc may not write.

    `said` is what cannot be there, and what comments would be needed for.
    """
    pattern = raw.get("match", "*")
    homes = dict.fromkeys(_homes(pattern, tables, names)) if isinstance(pattern, str) else {}
    connectors = table_of(tables, "connectors")
    if homes and all(table_of(connectors, name).get("access") == "read" for name in homes):
        place = f"connectors.{next(iter(homes))}"
        what = f'{said[0]} there: {place} has access = "read", and {said[1]} are comments on an issue'
        path = (*path, "match") if "match" in raw else path
        problems.add(path, what, 'give the program a `home` elsewhere, or the connector access = "write"')


def programs_with(container: str, tables: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The programs that a container, or any of a glob of them, may be a member of."""
    programs = (raw for _, raw in tables_of(tables, "programs"))
    return [raw for raw in programs if any(may_overlap(ref, container) for ref in _members(raw))]


def _homes(pattern: str, tables: Mapping[str, Any], names: Names) -> Iterator[str]:
    """The connectors on which the milestones that a match may mean can have their home; all where nobody knows."""
    head, colon, rest = pattern.partition(":")
    if colon and "/" not in head and not is_glob(head):
        container = f"{head}:{rest.partition('#')[0]}"
        found = programs_with(container, tables)
        if not found or is_glob(container):
            yield head
    elif "/" in pattern and not is_glob(head := pattern.partition("/")[0]):
        programs = (raw for _, raw in tables_of(tables, "programs"))
        found = [raw for raw in programs if str(raw.get("name")).casefold() == head.casefold()]
    else:
        yield from names.connectors
        return
    for raw in found:
        yield from connectors_of(raw)


def connectors_of(program: Mapping[str, Any]) -> Iterator[str]:
    """The connector of a program's home: as it says, else of its first member without a glob, else of any member."""
    named = home_named_by(program)
    for ref in [named] if named else _members(program):
        yield ref.partition(":")[0]


def home_named_by(program: Mapping[str, Any]) -> str | None:
    """A program's home: as it says, else its first member without a glob; None where there is neither."""
    home = program.get("home")
    return home if isinstance(home, str) else next((ref for ref in _members(program) if not is_glob(ref)), None)


def _members(program: Mapping[str, Any]) -> list[str]:
    return [member.ref for _, member in members_of(program, ())]
