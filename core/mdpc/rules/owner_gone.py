"""The rule `owner-gone`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import ClassVar

from mdpc.model import Level, Milestone, Owner
from mdpc.rules.base import Breach, Context, Rule, few, quoted


class OwnerGone(Rule):
    """No open milestone names somebody as its owner who is not there any more.

    Who is marked `gone` in [people] owns nothing: whoever is named next does, or nobody. Their `delegate` hears of the
    milestone meanwhile. The name stays where it was written, though, and whoever reads it there asks somebody who has
    left.
    """

    name: ClassVar[str] = "owner-gone"
    default: ClassVar[Level] = Level.WARN

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each person who is gone and is named as the owner before anybody who is there."""
        if milestone.closed:
            return
        named: dict[str, dict[str, None]] = defaultdict(dict)
        for owner in milestone.gone:
            named[owner.name][_place(owner)] = None
        instead = f"{quoted(milestone.owner.name)} owns it instead" if milestone.owner else "nobody else is named"
        for name, places in named.items():
            where = few(places, " and ")
            yield Breach(
                f"{quoted(name)} is gone, and is named as its owner by {where}; {instead}",
                f"Change {where} so that somebody who is there is named.",
                what=name,
            )


def _place(owner: Owner) -> str:
    if owner.source == "map":
        return "[owners.map]"
    return f"the {owner.source} of {owner.ref or 'its coordination issue'}"
