"""In which order a run that may end early reads: program by program, on from where the last one ended. Pure.

Programs stand in a circle, each at a place that its name alone decides, so that a run can say where the next one shall
begin without a list of all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from mdpc.coordination import IssueScope
from mdpc.matching import may_overlap
from mdpc.model import Ref
from mdpc.settings import Program

ROUND = 1 << 32
"""How many places the circle has."""
_STRIDE = 2_654_435_769
"""The golden ratio's share of it: the days' beginnings never crowd together."""

Turn = tuple[int, str]
"""When a container's turn comes: the lowest first."""


def first_of(day: date) -> int:
    """Where a run begins that does not know where the last one ended: elsewhere each day, so that none is left out."""
    return day.toordinal() * _STRIDE % ROUND


def place_of(program: str) -> int:
    """A program's place in the circle."""
    return int.from_bytes(hashlib.sha256(program.casefold().encode()).digest()[:4], "big")


def place_named(name: str, programs: Sequence[Program]) -> int | None:
    """The place of what a name of `--only` means, a ref, a program or a key; None where that is not plain from it."""
    try:
        container = str(Ref.parse(name).container)
    except ValueError:
        said = name.casefold()
        of = (each.name for each in programs if f"{said}/".startswith(f"{each.name.casefold()}/"))
        program = next(of, None)
        return None if program is None else place_of(program)
    return place_of(turns(programs, 0)(container)[1])


def turns(programs: Sequence[Program], first: int) -> Callable[[str], Turn]:
    """When the turn of a container (`github:acme/api`) comes: all containers of a program come one after the other.

    A container that is in several programs comes with the first of them, one that none names is a program of its own.
    """

    @cache  # it is asked for each record, and compares with the members of all programs
    def turn(container: str) -> Turn:
        own = (each.name for each in programs if any(may_overlap(member.ref, container) for member in each.members))
        program = next(own, container)
        return (place_of(program) - first) % ROUND, program

    return turn


def in_turn(scope: IssueScope, connector: str, turn: Callable[[str], Turn]) -> IssueScope:
    """The same with all that is wanted in the order of its containers."""

    def ordered(refs: Iterable[Ref]) -> tuple[Ref, ...]:
        return tuple(sorted(refs, key=lambda ref: turn(str(ref.container))))

    return replace(
        scope,
        homes=tuple(sorted(scope.homes, key=lambda home: turn(f"{connector}:{home}"))),
        known=ordered(scope.known),
        own=ordered(scope.own),
        contents=ordered(scope.contents),
        approvers=ordered(scope.approvers),
        delivered=ordered(scope.delivered),
    )


def next_first(unread: Iterable[str], programs: Sequence[Program], first: int) -> int | None:
    """Where the next run has to begin, for what this one did not come to; None where it came to everything.

    A program with which this run began, and which was too much for it, waits until all others had their turn.
    """
    left = sorted(set(map(turns(programs, first), unread)))
    if not left:
        return None
    others = [program for turn, program in left if turn]
    return place_of(others[0] if others else left[0][1])
