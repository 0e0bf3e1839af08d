"""What mdpc promises of a field, written down a second time and apart from it: the two tables of `mdpc.merge`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Base(NamedTuple):
    """What was agreed on, by whom, and what others held that could not follow."""

    value: str | None
    known: frozenset[str]
    lagging: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True)
class Holding:
    """What a record holds of a field."""

    uid: str
    value: str | None
    closed: bool = False
    leads: bool = False


@dataclass(frozen=True)
class All:
    """All open records hold this then."""

    value: str | None


@dataclass(frozen=True)
class Conflict:
    """Nothing is written, and it is said once."""


@dataclass(frozen=True)
class Left:
    """Nothing is written."""


Promise = All | Conflict | Left


def merge(holdings: Sequence[Holding], base: Base | None) -> Promise:
    """The first table."""
    holdings = [each for each in holdings if not each.closed]
    if not holdings:
        return Left()
    if base is None:
        return _only(each.value for each in holdings)
    kept = dict(base.lagging)
    old = [each for each in holdings if each.uid in base.known]
    edits = {each.value for each in old if each.value not in (base.value, kept.get(each.uid, base.value))}
    if len(edits) > 1:
        return Conflict()
    value = next(iter(edits), base.value)
    new = {each.value for each in holdings if each.uid not in base.known} - {None}
    if value is None and not edits:
        return _only(new)
    if new <= {value}:
        return All(value)
    values = {each.value for each in holdings}
    return All(values.pop()) if len(values) == 1 else Conflict()


def follow(holdings: Sequence[Holding], base: Base | None) -> Promise:
    """A field that is given to the leading records."""
    leading = [each for each in holdings if each.leads and not each.closed]
    values = {each.value for each in leading}
    if len(values) > 1:
        return merge(leading, base)
    if not values:
        return Left()
    if values == {None} and not any(base is not None and _cleared(each, base) for each in leading):
        return Left()  # a side that holds nothing yet clears nothing
    return All(values.pop())


def carry(holdings: Sequence[Holding], base: Base | None) -> Promise:
    """The second table."""
    leading = [each for each in holdings if each.leads]
    others = [each for each in holdings if not each.leads]
    if not leading or not others:
        return Left()
    closed = all(each.closed for each in leading)
    state = "closed" if closed else "open"
    if all(each.closed == closed for each in others):
        return All(state)
    if base is None or base.value == state:
        return Conflict()
    strangers = [each for each in others if each.closed and each.uid not in base.known]
    return Conflict() if not closed and strangers else All(state)


def _cleared(holding: Holding, base: Base) -> bool:
    before = dict(base.lagging).get(holding.uid, base.value)
    return holding.uid in base.known and None not in (base.value, before)


def _only(values: Iterable[str | None]) -> Promise:
    found = {value for value in values if value is not None}
    return Conflict() if len(found) > 1 else All(next(iter(found), None))
