"""Whether what `[sync]` and `[sync.fields]` name is there: connectors, and containers that some program has. Pure.

As in `mdpc.settings.checks`, what is not of the right kind is passed over here, for that is a problem already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mdpc.matching import may_overlap
from mdpc.settings.addresses import Names, check_container
from mdpc.settings.claims import members_of
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, one_of, quoted
from mdpc.settings.tables import MERGE, OFF, REPORT, SyncFields

_RULE = "missing-counterpart"
"""The rule whose `containers` name what `create` in `[sync]` does."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """What may be named: connectors, and what programs have as members."""

    names: Names
    members: tuple[str, ...]
    problems: Problems

    def check(self, text: str, path: KeyPath, useless: str, *, known: Iterable[str] = ()) -> bool:
        """Whether a connector or container is meant that some program has, or one of the words `known`.

        `useless` says what does not happen with one that no program has.
        """
        if text not in self.names.connectors and ":" not in text:
            may_be = [*known, *self.names.connectors, *self.members]
            example = next((ref for ref in self.members), "github:acme/api")
            step = f"write {one_of([*known, *self.names.connectors])}, or a container such as {quoted(example)}"
            self.problems.add(path, f"no connector is named {quoted(text)}", did_you_mean(text, may_be, step))
            return False
        if text not in self.names.connectors and not check_container(text, path, self.names, self.problems):
            return False
        if self._has_member(text):
            return True
        step = f"name it among a program's members, or write {one_of(self.members)}" if self.members else ""
        step = did_you_mean(text, self.members, step or "name it among the members of a program in [[programs]]")
        self.problems.add(path, f"{useless}: no program names {quoted(text)}", step)
        return False

    def _has_member(self, text: str) -> bool:
        if text in self.names.connectors:
            return any(ref.partition(":")[0] == text for ref in self.members)
        return any(may_overlap(ref, text) for ref in self.members)


def check_sync(tables: Mapping[str, Any], names: Names, problems: Problems) -> None:
    """Report what `[sync]` names in vain, and where it asks for what mdpc may not do."""
    sides = _Sides(names, tuple(dict.fromkeys(_members(tables))), problems)
    sync = tables.get("sync")
    table = sync if isinstance(sync, Mapping) else {}
    for path, text in _texts(table.get("create"), ("sync", "create")):
        if sides.check(text, path, "nothing is created there"):
            _check_access(text, path, tables, problems)
    for path, text in _texts(table.get("create_from"), ("sync", "create_from")):
        sides.check(text, path, "nothing is created from there")
    fields = table.get("fields")
    for name, rule in fields.items() if isinstance(fields, Mapping) else ():
        if name in SyncFields.model_fields and isinstance(rule, str) and rule:
            _check_field(name, rule, sides)
    for path, rules in _tables_of_rules(tables):
        rule = rules.get(_RULE)
        wanted = rule.get("containers") if isinstance(rule, Mapping) else None
        for place, text in _texts(wanted, (*path, _RULE, "containers")):
            sides.check(text, place, "nothing is missing there")


def _check_access(text: str, path: KeyPath, tables: Mapping[str, Any], problems: Problems) -> None:
    connector = text.partition(":")[0]
    connectors = tables.get("connectors")
    table = connectors.get(connector) if isinstance(connectors, Mapping) else None
    if isinstance(table, Mapping) and table.get("access") == "read":
        what = f'nothing is created there: connectors.{connector} has access = "read"'
        problems.add(path, what, 'take one of the two out; access = "write" is the default')


def _check_field(name: str, rule: str, sides: _Sides) -> None:
    path = ("sync", "fields", name)
    if name == "state" and rule == MERGE:
        step = f"name the side that leads: write {one_of([*sides.names.connectors, REPORT, OFF])}"
        sides.problems.add(path, "a state cannot be merged", step)
    elif rule not in (MERGE, REPORT, OFF):
        words = [REPORT, OFF] if name == "state" else [MERGE, REPORT, OFF]
        sides.check(rule, path, "nothing follows it", known=words)


def _members(tables: Mapping[str, Any]) -> Iterator[str]:
    programs = tables.get("programs")
    for raw in programs if isinstance(programs, list | tuple) else ():
        if isinstance(raw, Mapping):
            yield from (member.ref for _, member in members_of(raw, ()))


def _tables_of_rules(tables: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    overrides = tables.get("overrides")
    listed = overrides if isinstance(overrides, list | tuple) else ()
    over = [
        (("overrides", index, "rules"), raw.get("rules"))
        for index, raw in enumerate(listed)
        if isinstance(raw, Mapping)
    ]
    found: list[tuple[KeyPath, Any]] = [(("rules",), tables.get("rules")), *over]
    yield from ((path, rules) for path, rules in found if isinstance(rules, Mapping))


def _texts(entries: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    for index, text in enumerate(entries if isinstance(entries, list | tuple) else ()):
        if isinstance(text, str):
            yield (*path, index), text
