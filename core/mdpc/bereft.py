"""Coordination issues whose milestone is gone: said, and left alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mdpc.assemble import Assembly
from mdpc.changes import Withheld
from mdpc.hearing import Hearing

_WHY = (
    "its milestone is not among what is judged: deleted, archived, moved to where no program looks, or closed longer "
    "ago than `history`. If that was done so that nobody reviews it, it is to be talked about there; then close it"
)


def bereft(hearing: Hearing, assembly: Assembly) -> Iterator[Withheld]:
    """The open coordination issues that mdpc keeps for no milestone any more; of a reading that is complete."""
    ids = {milestone.id for milestone in assembly.milestones if not milestone.history}
    ids |= {identity for joined in assembly.joined.values() if not joined.history for identity in joined.ids}
    for identity, talk in hearing.by_id.items():
        if identity not in ids and not talk.issue.closed:
            yield Withheld(f"the coordination issue {talk.issue.url} ({talk.issue.title})", _WHY)
