"""What becomes of a field when several records of one milestone hold it: two tables, one for values, one for states.

A **value** (title, due, start) is merged three ways, against the base: what all agreed on when mdpc last wrote.

    base     what the open records hold                 then
    -------  -----------------------------------------  --------------------------------------------------
    none     the same everywhere                        that is the base now, silently
    none     one value, and some hold nothing           the empty follow it
    none     different values                           CONFLICT: the field is left alone everywhere
    known    nobody changed it                          whoever lags behind follows the base
    known    some changed it, all to the same           the others follow
    known    changed differently                        CONFLICT
    known    somebody new holds something else          CONFLICT: there is no base for what is new
    known    all the same, whatever was agreed on       that is the base now, silently

Closed records neither lead nor follow: a date that is changed with a release is the actual date, and no re-plan. With a
leading connector or container its value counts and the others follow, whoever changed what; a side that holds nothing
yet clears nothing.

A **state** is not merged. With a leading side, the milestone is closed once every record of that side is:

    leading side  base    the others
    ------------  ------  ---------------------------------------------------------------------------------
    all closed    open    open ones are closed
    all closed    closed  an open one is a CONFLICT: somebody reopened a follower
    some open     closed  those that mdpc knew are reopened: they were closed with the milestone
    some open     open    a closed one is a CONFLICT: somebody closed a follower first
    either        none    the same state is the base now, silently; another is a CONFLICT

So if one side moved the date and the other closed the milestone, the two do not meet: where the leading side closed it,
the other is closed too, and keeps the date that it was moved to; where a follower closed it, that is a conflict of
states, and the moved date reaches every record that is still open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mdpc.memory import Agreed

State = Literal["open", "closed"]
Same = Callable[[str | None, str | None], bool]


@dataclass(frozen=True, slots=True)
class Held:
    """What one record holds of a field.

    `fingerprint` is the record's. `known` says that it was a member when the base was written; `leads` that it is
    of the leading side; `closed` records take no part.
    """

    fingerprint: str
    value: str | None
    closed: bool = False
    known: bool = True
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """All records shall hold `value`."""

    value: str | None


@dataclass(frozen=True, slots=True)
class Disputed:
    """The records hold different things, and nobody can say which is right."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing to be said: no record takes part, or the leading side holds nothing yet."""


Verdict = Settled | Disputed | Undecided


def equal(one: str | None, other: str | None) -> bool:
    """Whether two values are the same: as they are written."""
    return one == other


def merged(held: Sequence[Held], base: Agreed | None, same: Same = equal) -> Verdict:
    """The first table."""
    taking_part = [each for each in held if not each.closed]
    if not taking_part:
        return Undecided()
    if base is None:
        return _without_base(taking_part, same)
    known = [each for each in taking_part if each.known]
    changed = _distinct((each.value for each in known if is_edit(each, base, same)), same)
    if len(changed) > 1:
        return Disputed()
    value = changed[0] if changed else base.value
    new = _distinct((each.value for each in taking_part if not each.known and each.value is not None), same)
    if value is None and not changed and len(new) == 1:
        return Settled(new[0])
    if all(same(other, value) for other in new):
        return Settled(value)
    return compared(taking_part, same)  # equal values are no conflict, whatever was agreed on before


def is_edit(held: Held, base: Agreed, same: Same = equal) -> bool:
    """Whether somebody changed it: it is neither the base, nor what it held when it could not follow the base."""
    lagging = base.lagging.get(held.fingerprint, base.value)
    return not same(held.value, base.value) and not same(held.value, lagging)


def following(held: Sequence[Held], base: Agreed | None, same: Same = equal) -> Verdict:
    """With a leading side: its value, once it holds one, or once it let go of the base's."""
    leading = [each for each in held if each.leads and not each.closed]
    values = _distinct((each.value for each in leading), same)
    if not leading:
        return Undecided()
    if len(values) > 1:
        return _without_base(leading, same) if base is None else merged(leading, base, same)
    if values[0] is None and not any(each.known and base and is_edit(each, base, same) for each in leading):
        return Undecided()
    return Settled(values[0])


def compared(held: Sequence[Held], same: Same = equal) -> Verdict:
    """With `report`: whether the open records agree; nothing follows from it."""
    values = _distinct((each.value for each in held if not each.closed), same)
    if not values:
        return Undecided()
    return Settled(values[0]) if len(values) == 1 else Disputed()


def aggregated(held: Sequence[Held]) -> State:
    """The state of a milestone: closed once every record of the leading side is, or every record where none leads."""
    leading = [each for each in held if each.leads] or held
    return "closed" if all(each.closed for each in leading) else "open"


def carried(held: Sequence[Held], base: State | None) -> Verdict:
    """The second table; Undecided without a record of the leading side, or of any other."""
    others = [each for each in held if not each.leads]
    if not others or len(others) == len(held):
        return Undecided()
    state = aggregated(held)
    if all(each.closed is (state == "closed") for each in others):
        return Settled(state)
    if base is None or base == state:
        return Disputed()
    if state == "open" and any(each.closed and not each.known for each in others):
        return Disputed()
    return Settled(state)


def _without_base(held: Iterable[Held], same: Same) -> Verdict:
    held = list(held)
    values = _distinct((each.value for each in held if each.value is not None), same)
    if len(values) > 1:
        return Disputed()
    return Settled(values[0] if values else None)


def _distinct(values: Iterable[str | None], same: Same) -> list[str | None]:
    """The values without those that are the same as an earlier one."""
    found: list[str | None] = []
    for value in values:
        if not any(same(value, other) for other in found):
            found.append(value)
    return found
