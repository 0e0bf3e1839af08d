"""The rule `drift`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from mdpc.model import Conflict, Level, Milestone
from mdpc.rules.base import Breach, Context, Rule, few, quoted

_WORDS = {"title": "titles", "due": "due dates", "start": "start dates", "state": "states"}


class Drift(Rule):
    """The records of one milestone say the same.

    A field that `[sync.fields]` only reports is found as soon as the records differ. One that is kept in step is found
    while it is in conflict: changed differently in two places, so that nobody but people can say which is right. With
    `days = N` a conflict has so long to be settled: one that mdpc first saw on a day is found from N days after it on.
    """

    name: ClassVar[str] = "drift"
    default: ClassVar[Level] = Level.WARN

    days: int = Field(0, ge=0, description="days that a conflict has before it is found; 0 finds it at once")

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each field that differs, and for each in conflict for that long."""
        for difference in milestone.differences:
            yield Breach(_said(difference), "Make them equal in the trackers.", what=difference.field)
        for conflict in milestone.conflicts:
            if conflict.since is None or (context.today - conflict.since).days >= self.days:
                yield Breach(
                    _said(conflict),
                    "Make them equal in the trackers. mdpc changes none of them until they are.",
                    what=conflict.field,
                )


def _said(conflict: Conflict) -> str:
    by_value: dict[str | None, list[str]] = {}
    for ref, value in conflict.values.items():
        by_value.setdefault(value, []).append(ref)
    values = [f"{_value(conflict.field, value)} in {few(refs)}" for value, refs in by_value.items()]
    how = f"are in conflict since {conflict.since.isoformat()}" if conflict.since else "differ"
    return f"its {_WORDS.get(conflict.field, conflict.field)} {how}: {few(values, '; ')}"


def _value(field: str, value: str | None) -> str:
    if value is None:
        return "none"
    return quoted(value) if field == "title" else value
