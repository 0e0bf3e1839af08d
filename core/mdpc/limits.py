"""What stops a wrong configuration: how much one run may touch at once. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mdpc.changes import Change, Refusal, Withheld
from mdpc.ledger import with_owed
from mdpc.messages import Message
from mdpc.noting import without
from mdpc.settings import Limits
from mdpc.tokens import makes_issue, seeds_in, without_issue

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


@dataclass(frozen=True, slots=True)
class Within:
    """What may be written and sent in one run, and what is said of the rest."""

    changes: tuple[Change, ...]
    messages: tuple[Message, ...] = ()
    later: tuple[Withheld, ...] = ()


def within_comments(changes: Sequence[Change], messages: Sequence[Message], limits: Limits) -> Within:
    """The changes and messages, with at most `[limits] comments` new comments, issues and messages.

    What depends on one that has to wait, waits with it; texts do not name an issue that is not made yet. A ledger is
    part of its issue, and editing notifies nobody: neither counts.
    """
    counted = (*dict.fromkeys(change.write for change in changes if _notifies(change)), *(each.id for each in messages))
    late = set(counted[limits.comments :])
    if not late:
        return Within(tuple(changes), tuple(messages))
    waiting = with_dependants(changes, late)
    unmade = frozenset(seed for write in late for seed in seeds_in(write))
    told = (_without(_noting(change, waiting), unmade) for change in changes if change.write not in waiting)
    sent = tuple(each for each in messages if each.id not in late and not waiting & set(each.needs))
    owing = owed([each for each in messages if each not in sent])
    noted = (_with_owed(change, owing.get(change.write, {})) for change in told)
    kept = tuple(change for change in noted if change.kind == "create" or change.before != change.after)
    what = f"{len(late)} {'comment, issue or message' if len(late) == 1 else 'comments, issues and messages'}"
    why = f"[limits] comments allows {limits.comments} in one run: the rest is written by the next"
    return Within(kept, sent, (Withheld(what, why),))


def owed(messages: Sequence[Message]) -> dict[str, dict[str, tuple[str, ...]]]:
    """The channels by which these were not sent, by the write of the ledger that notes it, and by notice."""
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for each in messages:
        for ledger in each.ledgers:
            found[ledger][each.notice] = (*found[ledger].get(each.notice, ()), each.channel)
    return found


def _with_owed(change: Change, notices: Mapping[str, tuple[str, ...]]) -> Change:
    if not notices:
        return change
    return replace(change, after=with_owed(str(change.after), str(change.before or ""), notices))


def _notifies(change: Change) -> bool:
    if change.kind == "issue":
        return makes_issue(change)
    return change.kind == "comment" and change.field == "comment" and change.before is None


def with_dependants(changes: Sequence[Change], late: set[str]) -> set[str]:
    """These writes, and all that need them."""
    waiting = set(late)
    while True:
        more = {change.write for change in changes if waiting & set(change.needs)} - waiting
        if not more:
            return waiting
        waiting |= more


def _noting(change: Change, waiting: set[str]) -> Change:
    """A page of notes with the entries as they were of which something has to wait."""
    late = {entry.id: entry.before for entry in change.entries if waiting & set(entry.needs)}
    return replace(change, after=without(str(change.after or ""), late)) if late else change


def _without(change: Change, unmade: frozenset[str]) -> Change:
    if change.field not in ("status", "memory") or not isinstance(change.after, str):
        return change
    return replace(change, after=without_issue(change.after, unmade))
