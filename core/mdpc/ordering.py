"""In which order a program's milestones are to be reached: by what their descriptions say, and by version. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from packaging.version import Version

from mdpc.circles import components
from mdpc.model import Milestone, Ref
from mdpc.owners import visible_text
from mdpc.titles import normalise

MOST_NAMED = 100
"""Names in the `depends-on` lines of one record that count; only somebody who means harm writes more."""

MOST_COMMAS = 10
"""Commas that a name may have in it."""

LONGEST_NAME = 400
"""Characters that a name may have: an address and a title."""

LONGEST_VERSION = 80

_LINE = re.compile(r"^[ \t>*_-]*depends-on[ \t*_]*:[ \t*_]*(?P<names>[^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_AROUND = " \t*_`"

Names = Mapping[str, Milestone]
"""The milestones of a program by all that they may be called."""


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a program's open milestones, by their keys.

    `needs` are the open milestones that each one depends on, `unknown` the names that mean nothing, with the record
    where they stand. `circles` has those that depend on themselves by way of others, each with the number of its
    circle. `last` is the one by which a milestone says when it is due: itself, or where it has no date the latest that
    it depends on. `previous` is the version before, the latest due where there are several of it.
    """

    needs: Mapping[str, tuple[Milestone, ...]] = field(default_factory=dict)
    unknown: Mapping[str, tuple[tuple[Ref, str], ...]] = field(default_factory=dict)
    circles: Mapping[str, int] = field(default_factory=dict)
    last: Mapping[str, Milestone] = field(default_factory=dict)
    previous: Mapping[str, Milestone] = field(default_factory=dict)


def order_of(milestones: Sequence[Milestone]) -> Order:
    """The order of the milestones of one program, history among them: those that have a name, no order."""
    names = _names(milestones)
    open_ones = {each.key: each for each in milestones if not (each.closed or each.history)}
    needs: dict[str, tuple[Milestone, ...]] = {}
    unknown: dict[str, tuple[tuple[Ref, str], ...]] = {}
    for key, milestone in open_ones.items():
        said = list(_said(milestone, names))
        meant = {found.key: found for _, _, found in said if found is not None and found.key in open_ones}
        needs[key] = tuple(meant.values())
        unknown[key] = tuple((ref, text) for ref, text, found in said if found is None)
    parts = components({key: [other.key for other in others] for key, others in needs.items()})
    circles = {
        key: number
        for number, part in enumerate(parts)
        for key in part
        if len(part) > 1 or open_ones[key] in needs[key]
    }
    last = _last(open_ones, needs, parts)
    return Order(needs, unknown, circles, last, _previous(open_ones.values()))


def _names(milestones: Iterable[Milestone]) -> Names:
    """All names; a name that several have means the first, and what is open comes before history."""
    live_first = sorted(milestones, key=lambda each: each.history)
    found: dict[str, Milestone] = {}
    for names in (_refs, _keys, _titles):
        for milestone in live_first:
            for name in names(milestone):
                found.setdefault(name, milestone)
    return found


def _refs(milestone: Milestone) -> Iterator[str]:
    yield from (str(record.ref).casefold() for record in milestone.records)


def _keys(milestone: Milestone) -> Iterator[str]:
    yield milestone.key.casefold()
    yield _title(milestone)


def _titles(milestone: Milestone) -> Iterator[str]:
    for record in milestone.records:
        yield f"{str(record.ref.container).casefold()}#{normalise(record.title)}"
    yield from (normalise(record.title) for record in milestone.records)
    yield normalise(milestone.title)


def _title(milestone: Milestone) -> str:
    return milestone.key.removeprefix(f"{milestone.program}/")


def _said(milestone: Milestone, names: Names) -> Iterator[tuple[Ref, str, Milestone | None]]:
    """Each name in a milestone's lines, once for each record, with what it means."""
    for record in milestone.records:
        seen: dict[str, Milestone | None] = {}
        for line in _LINE.finditer(visible_text(record)):
            seen |= _listed(line["names"].split(",", MOST_NAMED)[:MOST_NAMED], milestone.program, names)
            if len(seen) >= MOST_NAMED:
                break
        yield from ((record.ref, text, found) for text, found in seen.items())


def _listed(parts: Sequence[str], program: str, names: Names) -> dict[str, Milestone | None]:
    """What the parts of a list mean. A title may have commas in it: the longest name that means something counts."""
    found: dict[str, Milestone | None] = {}
    start = 0
    while start < len(parts):
        text, meant, taken = parts[start], None, 1
        for count in range(min(MOST_COMMAS + 1, len(parts) - start), 0, -1):
            whole = ",".join(parts[start : start + count])
            meant = _called(whole, program, names) if len(whole) <= LONGEST_NAME else None
            if meant is not None:
                text, taken = whole, count
                break
        if text.strip(_AROUND):
            found[text.strip(_AROUND)] = meant
        start += taken
    return found


def _called(text: str, program: str, names: Names) -> Milestone | None:
    for exact in (text.strip(), text.strip(_AROUND)):
        container, mark, title = exact.partition("#")
        before, slash, rest = exact.casefold().partition(f"{program.casefold()}/")
        spelt = [exact.casefold(), normalise(exact)]
        spelt += [f"{container.casefold()}#{normalise(title)}"] if mark else []
        spelt += [normalise(rest)] if slash and not before else []
        found = next((names[name] for name in spelt if name and name in names), None)
        if found is not None:
            return found
    return None


def _last(
    open_ones: Mapping[str, Milestone], needs: Mapping[str, Sequence[Milestone]], parts: Iterable[Sequence[str]]
) -> dict[str, Milestone]:
    """The parts come after what they lead to, so that all of it is known already."""
    found: dict[str, Milestone] = {}
    for part in parts:
        inside = set(part)
        for key in part:
            after = [found[other.key] for other in needs[key] if other.key in found and other.key not in inside]
            own = open_ones[key]
            latest = own if own.due else max(after, key=_by_due, default=None)
            if latest is not None:
                found[key] = latest
    return found


def _previous(open_ones: Iterable[Milestone]) -> dict[str, Milestone]:
    dated = [(version, each) for each in open_ones if each.due and (version := _version(each)) is not None]
    dated.sort(key=lambda each: (each[0], each[1].key))
    groups = [[each for _, each in group] for _, group in groupby(dated, key=lambda each: each[0])]
    return {each.key: max(before, key=_by_due) for before, after in pairwise(groups) for each in after}


def _by_due(milestone: Milestone) -> tuple[str, str]:
    return (milestone.due.isoformat() if milestone.due else "", milestone.key)


def _version(milestone: Milestone) -> Version | None:
    title = _title(milestone)
    try:
        return Version(title) if len(title) <= LONGEST_VERSION else None
    except ValueError:
        return None
