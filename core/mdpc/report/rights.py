"""The rights in each container, those with the same ones together: for a terminal, JSON and Markdown. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from mdpc.escape import code, prose, terminal
from mdpc.problem import Problem
from mdpc.report.markdown import table
from mdpc.report.page import LEVEL_STYLES, Page
from mdpc.report.words import listed
from mdpc.rights import Right, Rights

Key = TypeVar("Key", bound=Hashable)

_NAMED = 3
"""So many containers are named where there is room; of more, only the first ones are."""
_COLUMN = 13


@dataclass(frozen=True, slots=True)
class _Group:
    """Containers with the same rights; `rights` are those of the first."""

    containers: tuple[str, ...]
    rights: Rights

    @property
    def lists(self) -> Mapping[str, tuple[Right, ...]]:
        """The lists that are not empty, by what they are called; what is worst stands first in each."""
        one = self.rights
        lists = {"missing": one.missing, "more": one.more, "unknown": one.unknown, "there": one.there}
        return {name: tuple(sorted(rights, key=_severity)) for name, rights in lists.items() if rights}


def _severity(right: Right) -> int:
    return ("error", "warn", "info").index(right.level)


def _groups(rights: Iterable[Rights]) -> tuple[_Group, ...]:
    """Containers with the same rights together, what is missing first, then what is dangerous."""
    found: dict[Rights, list[str]] = defaultdict(list)
    for one in rights:
        found[replace(one, container="")].append(one.container)
    groups = [_Group(tuple(containers), one) for one, containers in found.items()]
    return tuple(sorted(groups, key=lambda each: (not each.rights.missing, not each.rights.dangerous)))


def named(containers: Sequence[str], most: int = 1) -> str:
    """`github:acme/api and 41 more`; all of them where they are no more than `most`."""
    if len(containers) <= max(most, 1):
        return listed(containers)
    return f"{', '.join(containers[:most])} and {len(containers) - most:,} more"


def problems_of_rights(rights: Iterable[Rights]) -> Iterator[Problem]:
    """What is missing, and what is dangerous: one problem for all containers of which the same is to be said."""
    known = tuple(rights)
    for (missing, give), containers in _by(known, lambda one: (one.missing, one.give)):
        for level, step in dict.fromkeys((right.level, right.instead or give) for right in missing):
            lacks = [right for right in missing if (right.level, right.instead or give) == (level, step)]
            why = f" ({lacks[0].why})" if len(lacks) == 1 else ""
            yield Problem(level, named(containers), f"{_told(lacks)} {_are(lacks)} missing{why}", step)
    for (dangerous, take), containers in _by(known, lambda one: (one.dangerous, one.take)):
        if dangerous:
            what = f"{_told(dangerous)} {_are(dangerous)} more than needed"
            yield Problem("warn", named(containers), what, take)


def _by(rights: Iterable[Rights], key: Callable[[Rights], Key]) -> Iterator[tuple[Key, tuple[str, ...]]]:
    found: dict[Key, list[str]] = defaultdict(list)
    for one in rights:
        found[key(one)].append(one.container)
    for each, containers in found.items():
        yield each, tuple(containers)


def _told(rights: Sequence[Right]) -> str:
    return listed([right.name for right in rights])


def _are(rights: Sequence[Right]) -> str:
    return "is" if len(rights) == 1 else "are"


def rights_text(rights: Iterable[Rights], page: Page) -> None:
    """The rights below their containers, `missing`, `more`, `unknown` and `there`: each explained once."""
    groups = _groups(rights)
    if groups:
        page.heading(("RIGHTS", "bold"))
    explained: set[Right] = set()
    for group in groups:
        page.blank()
        page.paragraph((terminal(named(group.containers, _NAMED)), "bold"), indent=2, hang=2)
        for name, held in group.lists.items():
            label = f"    {name}"
            for text, level in _lines(held, explained):
                style = LEVEL_STYLES[level] if level != "info" else ""
                page.paragraph(text, indent=_COLUMN, hang=2, label=((label, style),))
                label = ""


def _lines(held: Sequence[Right], explained: set[Right]) -> Iterator[tuple[str, str]]:
    """Rights with what they are for, and their level; those that were explained above by their names alone."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for right in held:
        if right not in explained:
            alike[right.why, right.level].append(terminal(right.name))
    for (why, level), names in alike.items():
        yield f"{', '.join(names)}: {terminal(why)}", level
    known = [right for right in held if right in explained]
    if known:
        worst = next((right.level for right in known if right.level != "info"), "info")
        yield f"as above: {', '.join(terminal(right.name) for right in known)}", worst
    explained.update(held)


def rights_markdown(rights: Iterable[Rights]) -> str:
    """A table with a row for each right; empty where there are none."""
    rows: list[tuple[str, str, str, str]] = []
    for group in _groups(rights):
        where = code(group.containers[0])
        if len(group.containers) > 1:
            where += f" and {len(group.containers) - 1:,} more"
        for name, held in group.lists.items():
            for right in held:
                rows.append(
                    (where, f"**{name}**" if right.level != "info" else name, prose(right.name), prose(right.why))
                )
                where = ""
    return table(("Where", "", "Right", "What it is for"), rows) if rows else ""


def rights_object(rights: Rights) -> dict[str, object]:
    """The rights in one container for JSON."""
    lists = {"there": rights.there, "missing": rights.missing, "more": rights.more, "unknown": rights.unknown}
    return {"container": rights.container} | {name: list(map(_object, held)) for name, held in lists.items()}


def _object(right: Right) -> dict[str, str]:
    return {"right": right.name, "why": right.why, "level": right.level}
