"""What stops a wrong configuration: how much one run may touch at once. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mdpc.changes import Change, Refusal
from mdpc.settings import Limits

SMALL = 10
"""Up to so many milestones of a program there is no share."""


def refusals(
    changes: Sequence[Change], sizes: Mapping[str, int], limits: Limits, adopt: int | None
) -> tuple[Refusal, ...]:
    """The programs of which nothing is written; `sizes` are their live milestones.

    A record is adopted by its first status. That count is over the whole run; beyond it every program that would adopt
    is refused, the others are not. `adopt` overrides the limit for one run. Milestones that are created, or changed in
    what people wrote, are counted by program.
    """
    return (*_adopting(changes, limits.adopt if adopt is None else adopt), *_changing(changes, sizes, limits))


def _adopting(changes: Sequence[Change], allowed: int) -> Iterator[Refusal]:
    adopting = Counter(change.program for change in changes if change.kind == "status" and change.before is None)
    total = adopting.total()
    if total <= allowed:
        return
    why = (
        f"this run would write to {total} records for the first time, and [limits] adopt allows {allowed}: "
        f"check that they are the right ones, then run `mdpc sync --adopt {total}` once, or raise the limit"
    )
    for program, count in sorted(adopting.items()):
        yield Refusal(program, "adopt", count, allowed, why)


def _changing(changes: Sequence[Change], sizes: Mapping[str, int], limits: Limits) -> Iterator[Refusal]:
    touched: dict[str, set[str]] = defaultdict(set)
    for change in changes:
        if change.kind in ("create", "update", "reopen") and change.field != "link":
            touched[change.program].add(change.milestone)
    for program, milestones in sorted(touched.items()):
        count, size = len(milestones), sizes.get(program, 0)
        share = int(limits.share * size)
        if count > limits.changes:
            yield Refusal(program, "changes", count, limits.changes, _why(count, f"changes allows {limits.changes}"))
        elif size > SMALL and count > share:
            words = f"share allows {limits.share:.0%} of its {size}, which is {share}"
            yield Refusal(program, "share", count, share, _why(count, words))


def _why(count: int, limit: str) -> str:
    return (
        f"{count} {'milestone' if count == 1 else 'milestones'} would be created, or changed in what people wrote, and "
        f"[limits] {limit}: check that this is meant, then raise the limit for one run"
    )
