"""In which order a plan is applied: what others depend on first, and what belongs together together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import groupby
from typing import TypeVar

from mdpc.changes import Change
from mdpc.messages import Message

Key = TypeVar("Key", str, int)

Writes = Sequence[Change]
"""The changes that are one request."""

Part = tuple[list[Change], list[Message]]
"""Changes and messages that are applied together."""


def parts(changes: Sequence[Change], messages: Sequence[Message]) -> list[Part]:
    """What does not depend on one another, in the order in which the plan begins each.

    A milestone's writes are one part, as a rule. Dashboards, which tell of all, come last.
    """
    dashboards = {change.write for change in changes if is_of_dashboard(change)}
    graph: dict[str, set[str]] = {name: set() for name in _awaiting(changes, messages)}
    for name, others in _awaiting(changes, messages, but=dashboards).items():
        for other in others & graph.keys():
            graph[name].add(other)
            graph[other].add(name)
    number: dict[str, int] = {}
    writes = [change.write for change in sorted(changes, key=lambda change: change.write in dashboards)]
    for name in dict.fromkeys([*writes, *(each.id for each in messages)]):
        found, reached = len(number), [name]
        while reached:
            here = reached.pop()
            if here not in number:
                number[here] = found
                reached += graph[here]
    apart: dict[int, Part] = {found: ([], []) for found in sorted(set(number.values()))}
    for change in changes:
        apart[number[change.write]][0].append(change)
    for message in messages:
        apart[number[message.id]][1].append(message)
    return list(apart.values())


def stages(changes: Sequence[Change], messages: Sequence[Message]) -> list[Part]:
    """The changes and messages in the order of what they depend on: on earlier stages alone.

    The ledger that notes what became of a message waits for it.
    """
    awaited = _awaiting(changes, messages)
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 0  # a write that depends on itself, which no plan has, would not end
            depths[name] = 1 + max((depth(other) for other in awaited[name] if other in awaited), default=-1)
        return depths[name]

    last = max(map(depth, awaited), default=-1)
    found: list[Part] = [([], []) for _ in range(last + 1)]
    for change in sorted(changes, key=lambda each: depth(each.write)):
        found[depth(change.write)][0].append(change)
    for message in messages:
        found[depth(message.id)][1].append(message)
    return found


def _awaiting(changes: Sequence[Change], messages: Sequence[Message], but: Collection[str] = ()) -> dict[str, set[str]]:
    """For each write and message, what it waits for; for the writes `but`, only what must have succeeded."""
    by_write = grouped(changes, lambda change: change.write)
    awaited = {name: _needed(write) | (set() if name in but else _followed(write)) for name, write in by_write}
    for message in messages:
        awaited[message.id] = set(message.needs)
        for ledger in message.ledgers:
            awaited.get(ledger, set()).add(message.id)
    return awaited


def _needed(write: Writes) -> set[str]:
    entries = (need for change in write for entry in change.entries for need in entry.needs)
    return {name for change in write for name in change.needs} | set(entries)


def _followed(write: Writes) -> set[str]:
    return {name for change in write for name in change.follows}


def is_of_dashboard(change: Change) -> bool:
    """Whether a change is of a program's dashboard and no milestone's own."""
    return not change.milestone and change.kind in ("issue", "comment")


def grouped(changes: Writes, key: Callable[[Change], Key]) -> list[tuple[Key, list[Change]]]:
    """The changes by a key, in its order."""
    ordered = sorted(changes, key=key)
    return [(name, list(group)) for name, group in groupby(ordered, key=key)]
