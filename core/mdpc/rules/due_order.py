"""The rule `due-order`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from mdpc.model import Milestone
from mdpc.ordering import Order, order_of
from mdpc.rules.base import Breach, Context, Rule, few, quoted


class DueOrder(Rule):
    """Milestones that have an order are due in it.

    A line `depends-on: OTHER` in a description says what has to be reached before: a title or key of the same program,
    `CONTAINER#TITLE` or a record's address (`github:acme/api#3`), or several of these with commas between them. An open
    milestone is not due before an open one that it depends on, directly or by way of some without a date. A line that
    names nothing, and lines that lead back to where they stand, are found too.

    With `versions`, titles that are versions have an order as well: 1.9 comes before 1.10, a pre-release before its
    release. Each is compared with the version next before it, of those that are open and have a date. What a
    `depends-on` line says counts more.
    """

    name: ClassVar[str] = "due-order"

    versions: bool = Field(True, description="whether titles that are versions have an order")

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each line that cannot be followed, and for each milestone before it that is due later."""
        if milestone.closed:
            return
        order = context.siblings.once(order_of)
        yield from _lines(milestone, order)
        yield from _dates(milestone, order)
        previous = order.previous.get(milestone.key)
        if self.versions and previous is not None and not _said(milestone, previous, order):
            yield from _version(milestone, previous)


def _lines(milestone: Milestone, order: Order) -> Iterator[Breach]:
    for ref, text in order.unknown.get(milestone.key, ()):
        yield Breach(
            f"it depends on {quoted(text)}, and nothing that was read of its program is called so",
            f"Correct the depends-on line in {ref}: a title or key of the program, CONTAINER#TITLE or a record's "
            "address. Take it out if that was closed long ago.",
            ref,
            what=f"unknown {text}",
        )
    if milestone.key in order.circles:
        others = [other for other in order.needs[milestone.key] if _in_one_circle(milestone, other, order)]
        named = few(quoted(other.title) for other in others if other.key != milestone.key)
        yield Breach(
            f"it depends on {named}, and so on itself" if named else "it depends on itself",
            "Take one of the depends-on lines out.",
            what="circle",
        )


def _dates(milestone: Milestone, order: Order) -> Iterator[Breach]:
    for other in order.needs.get(milestone.key, ()):
        last = order.last.get(other.key)
        if not (milestone.due and last and last.due) or last.due <= milestone.due:
            continue
        if _in_one_circle(milestone, other, order):
            continue
        through = "" if last is other else f", which depends on {quoted(last.title)}"
        yield Breach(
            f"it is due on {milestone.due.isoformat()} and depends on {quoted(other.title)}{through}, due on "
            f"{last.due.isoformat()}",
            "Move one of the two dates, or correct the depends-on line.",
            what=f"depends {other.id}",
        )


def _in_one_circle(one: Milestone, other: Milestone, order: Order) -> bool:
    return one.key in order.circles and order.circles[one.key] == order.circles.get(other.key)


def _said(milestone: Milestone, previous: Milestone, order: Order) -> bool:
    """Whether lines say how these two follow each other."""
    pairs = ((milestone, previous), (previous, milestone))
    return any(other.key == each.key for one, other in pairs for each in order.needs.get(one.key, ()))


def _version(milestone: Milestone, previous: Milestone) -> Iterator[Breach]:
    if milestone.due and previous.due and previous.due > milestone.due:
        yield Breach(
            f"it is due on {milestone.due.isoformat()}, and the version before it, {quoted(previous.title)}, on "
            f"{previous.due.isoformat()}",
            "Move one of the two dates.",
            what="version",
        )
