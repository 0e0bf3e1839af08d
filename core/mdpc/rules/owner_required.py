"""The rule `owner-required`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Level, Markup, Milestone
from mdpc.rules.base import Breach, Context, Rule


class OwnerRequired(Rule):
    """Every open milestone has somebody who answers for it.

    A milestone that nobody owns is nobody's to finish, to move or to give up. The owner is the first whom one of the
    sources in `[owners]` names: a line `Owner: @login` in a description, the driver of a Jira version, the assignee of
    an issue that is a milestone, or `[owners.map]`. People marked `gone` do not count.
    """

    name: ClassVar[str] = "owner-required"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """One breach where an open milestone has no owner."""
        if milestone.closed or milestone.owner:
            return
        holder = milestone.holder
        driver = " or set its driver" if holder.markup is Markup.LINE else ""
        yield Breach(
            "nobody owns it",
            f"Add a line `Owner: @login` to the description of {holder.ref}{driver}, or name somebody in [owners.map].",
        )
