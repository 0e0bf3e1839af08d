"""What is written on coordination issues among everything else that is written: what waits for what. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mdpc.changes import Change
from mdpc.coordinating import Coordinated
from mdpc.tokens import makes_issue, seeds_in


def with_issues(changes: Sequence[Change], said: Mapping[str, Coordinated]) -> tuple[Change, ...]:
    """All changes of a run together with those of the coordination issues.

    What is opened again waits for the comment that says why; what names an issue that is to be made, for that; and a
    ledger for everything of its milestone, since it says how far things have come.
    """
    told = {change.write for each in said.values() for change in each.changes if makes_issue(change)}
    makers = {seed: write for write in told for seed in seeds_in(write)}
    found: list[Change] = []
    for change in _remembered_last(changes, said):
        issue = said.get(change.milestone)
        first = issue.before_reopening if issue is not None and change.kind == "reopen" else ()
        named = seeds_in(str(change.after)) if change.field in ("status", "memory") else ()
        after = tuple(makers[seed] for seed in named if seed in makers)
        found.append(replace(change, needs=(*change.needs, *first), follows=(*change.follows, *after)))
    by_milestone: dict[str, list[Change]] = defaultdict(list)
    for change in found:
        by_milestone[change.milestone].append(change)
    for key, each in said.items():
        own = by_milestone[key]
        needs = tuple(dict.fromkeys(change.write for change in own if change.kind == "reopen"))
        others = [*own, *(change for change in each.changes if change.write != each.ledger)]
        follows = tuple(dict.fromkeys(change.write for change in others))
        found += [
            replace(change, needs=(*change.needs, *needs), follows=(*change.follows, *follows))
            if change.write == each.ledger
            else change
            for change in each.changes
        ]
    return tuple(found)


def _remembered_last(changes: Sequence[Change], said: Mapping[str, Coordinated]) -> Iterator[Change]:
    """The changes, those of memory after the writes that it has to wait for."""
    awaited = {each.id: each.before_memory for each in said.values()}
    for change in changes:
        issue = said.get(change.milestone)
        needs = issue.before_memory if issue is not None and change.kind in ("status", "memory") else ()
        entries = tuple(replace(each, needs=(*each.needs, *awaited.get(each.id, ()))) for each in change.entries)
        yield replace(change, needs=(*change.needs, *needs), entries=entries)
