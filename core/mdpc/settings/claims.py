"""Whether two programs, or one program twice, claim the same records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from mdpc.matching import is_glob, matches
from mdpc.settings import Member
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, quoted


def members_of(program: Mapping[str, Any], path: KeyPath) -> Iterator[tuple[KeyPath, Member]]:
    """The members of a program's table that name a container, each with its place; the others are left out."""
    members = program.get("members")
    for position, raw in enumerate(members if isinstance(members, list | tuple) else ()):
        ref = raw.get("ref") if isinstance(raw, Mapping) else raw
        title = raw.get("title") if isinstance(raw, Mapping) else None
        if isinstance(ref, str):
            yield (*path, "members", position), Member.model_construct(ref=ref, title=title)


def check_claims(programs: Iterable[tuple[int, Mapping[str, Any]]], problems: Problems) -> None:
    """Report each member by which a container's records would take part twice."""
    claims = [
        (place, index, str(raw.get("name", "")), member)
        for index, raw in programs
        for place, member in members_of(raw, ("programs", index))
    ]
    for (_, one, its_name, first), (place, other, name, second) in combinations(claims, 2):
        if one == other:
            if first.ref.casefold() != second.ref.casefold():
                continue
            if first.title == second.title:
                problems.add(place, f"{quoted(second.ref)} is a member twice", "leave one of them out")
            elif first.title is None:
                what = f"{quoted(second.ref)} is a member as a whole before it, so that its `title` changes nothing"
                problems.add(place, what, "name the member with the `title` first, or leave one of them out")
        elif _overlap(first, second):
            through = "" if first.ref == second.ref else f", as {quoted(first.ref)}"
            problems.add(
                place,
                f"{quoted(second.ref)} is in the program {quoted(name)} and{through} in {quoted(its_name)}",
                "leave it out of one, or give both members a `title` that tells their milestones apart",
            )


def _overlap(first: Member, second: Member) -> bool:
    """Whether some container is surely named by both, and no two title patterns keep its records apart."""
    if first.title and second.title and first.title != second.title:
        return False
    if first.ref.casefold() == second.ref.casefold():
        return True
    if is_glob(first.ref) and is_glob(second.ref):
        return False  # whether two globs meet depends on what is there: joining finds out
    return matches(first.ref, second.ref) or matches(second.ref, first.ref)
