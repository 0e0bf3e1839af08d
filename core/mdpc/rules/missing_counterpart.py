"""The rule `missing-counterpart`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from mdpc.leading import named_in
from mdpc.model import Level, Milestone
from mdpc.rules.base import Breach, Context, Rule


class MissingCounterpart(Rule):
    """A milestone has a record wherever it should have one.

    It should where it had one that vanished or was archived, and where `create` in `[sync]` asks for one and none can
    be created. With `containers` it also should, while it is open, in those of its program that are named there:
    connectors, repositories and projects, and globs of these. What `create` makes by itself needs no such entry.
    Records that were closed longer ago than `history` are not read and do not count.
    """

    name: ClassVar[str] = "missing-counterpart"
    default: ClassVar[Level] = Level.WARN

    containers: tuple[str, ...] = Field(
        (), description='where every open milestone of a program has a record, such as ["jira:API"]'
    )

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each record that is missing."""
        said: Counter[str] = Counter()
        for lack in milestone.lacks:
            said[lack.container] += 1
            again = f" {said[lack.container]}" if said[lack.container] > 1 else ""
            yield Breach(
                f"it has no record in {lack.container}: {lack.why}", lack.remedy, what=f"{lack.container}{again}"
            )
        if milestone.closed:
            return
        here = {record.ref.container for record in milestone.records}
        for container in context.containers:
            if container not in here and str(container) not in said and named_in(self.containers, container):
                yield Breach(
                    f"it has no record in {container}",
                    "Create one there under the same title, or let `create` in [sync] do it; where that names it, the "
                    "next sync does.",
                    what=str(container),
                )
