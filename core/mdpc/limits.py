"""What stops a wrong configuration: how much one run may touch at once. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mdpc.model import Change, Refusal
from mdpc.settings import Limits


def refusals(changes: Sequence[Change], limits: Limits, adopt: int | None) -> tuple[Refusal, ...]:
    """The programs of which nothing is written, because the run would adopt too many records.

    A record is adopted by its first status. The count is over the whole run; beyond it every program that would adopt
    is refused, the others are not. `adopt` overrides the limit for one run.
    """
    allowed = limits.adopt if adopt is None else adopt
    adopting = Counter(change.program for change in changes if change.kind == "status" and change.before is None)
    total = adopting.total()
    if total <= allowed:
        return ()
    why = (
        f"this run would write to {total} records for the first time, and [limits] adopt allows {allowed}: "
        f"check that they are the right ones, then run `mdpc sync --adopt {total}` once, or raise the limit"
    )
    return tuple(Refusal(program, "adopt", count, allowed, why) for program, count in sorted(adopting.items()))
