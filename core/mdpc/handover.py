"""The noun of handing a milestone over: what `/owner` comments have made of its owner so far. A frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Handover:
    """What of a milestone's `/owner` comments counted.

    `chain` are those comments by their ids, each with whom it handed the milestone over to. It stands while `by`, whom
    the sources of `[owners]` named then, is not empty. Both are fingerprints. `heard` is when the last comment was
    written that was looked at: each is looked at once, by what was so then.
    """

    by: str = ""
    chain: tuple[tuple[str, str], ...] = ()
    heard: datetime = NEVER


NOTHING_HANDED = Handover()
