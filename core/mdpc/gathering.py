"""What the shards of one run did, as the one run that it was. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from mdpc.changes import Plan, Stats
from mdpc.health import worst_first
from mdpc.shard import Shard

APART = timedelta(hours=12)
"""Shards of one run begin within that time: what is older was left over from another run."""

_DIGEST = "digest"

Item = TypeVar("Item")
Key = TypeVar("Key")


class NotTogetherError(ValueError):
    """Files that are not the shards of one run; a sentence with what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one shard did, and what the file is called that says so."""

    file: str
    plan: Plan


def gathered(parts: Sequence[Part]) -> Plan:
    """The run of which these are the shards, with those that are `absent`. Raises NotTogetherError.

    Its digest, which is a command of its own, may be among them.
    """
    _check(parts)
    plans = [each.plan for each in sorted(parts, key=lambda each: (each.plan.command == _DIGEST, each.plan.shard))]
    first = plans[0]
    return Plan(
        command=first.command,
        now=max(plan.now for plan in plans),
        milestones=tuple(sorted(_once(plans, lambda plan: plan.milestones, lambda each: each.key), key=worst_first)),
        findings=tuple(sorted(_all(plans, lambda plan: plan.findings), key=lambda each: -each.level.rank)),
        changes=tuple(_all(plans, lambda plan: plan.changes)),
        conflicts=tuple(_all(plans, lambda plan: plan.conflicts)),
        notices=tuple(_all(plans, lambda plan: plan.notices)),
        messages=tuple(_all(plans, lambda plan: plan.messages)),
        withheld=tuple(_once(plans, lambda plan: plan.withheld, lambda each: each)),
        refused=tuple(_all(plans, lambda plan: plan.refused)),
        unread=tuple(_once(plans, lambda plan: plan.unread, lambda each: each.container)),
        skipped=tuple(_once(plans, lambda plan: plan.skipped, lambda each: each.container)),
        stats=_stats(plans),
        only=tuple(_once(plans, lambda plan: plan.only, lambda each: each)),
        baselined=sum(plan.baselined for plan in plans),
        absent=tuple(sorted(_absent(plans))),
    )


def _all(plans: Iterable[Plan], of: Callable[[Plan], Iterable[Item]]) -> Iterator[Item]:
    return (each for plan in plans for each in of(plan))


def _once(plans: Iterable[Plan], of: Callable[[Plan], Iterable[Item]], key: Callable[[Item], Key]) -> Iterable[Item]:
    """What several shards say alike (what no listing shows, no shard reads) is said once."""
    found: dict[Key, Item] = {}
    for each in _all(plans, of):
        found.setdefault(key(each), each)
    return found.values()


def _stats(plans: Sequence[Plan]) -> Stats:
    def summed(of: Callable[[Stats], Mapping[str, int]]) -> dict[str, int]:
        total: Counter[str] = Counter()
        for plan in plans:
            total.update(of(plan.stats))
        return dict(total)

    return Stats(
        requests=summed(lambda stats: stats.requests),
        containers=summed(lambda stats: stats.containers),
        records=summed(lambda stats: stats.records),
        seconds=round(sum(plan.stats.seconds for plan in plans), 3),
        truncated=any(plan.stats.truncated for plan in plans),
        stopped=next((plan.stats.stopped for plan in plans if plan.stats.stopped), ""),
        idle=all(plan.stats.idle for plan in plans),
    )


def _absent(plans: Sequence[Plan]) -> set[Shard]:
    there: dict[str, set[Shard]] = defaultdict(set)
    for plan in plans:
        if plan.shard is not None:
            there[plan.command].add(plan.shard)
    count = next(iter(next(iter(there.values())))).count
    every = {Shard(number, count) for number in range(1, count + 1)}
    return {shard for shards in there.values() for shard in every - shards}


def _check(parts: Sequence[Part]) -> None:
    whole = [each.file for each in parts if each.plan.shard is None]
    if not parts:
        raise NotTogetherError("there is no saved run: name the files that the shards kept by --save")
    if whole:
        raise NotTogetherError(f"{', '.join(whole)}: of a run that was not divided; there is nothing to put together")
    counts = {each.plan.shard.count: each for each in parts if each.plan.shard}
    if len(counts) > 1:
        told = (f"{each.file} is shard {each.plan.shard}" for each in counts.values())
        raise NotTogetherError(f"these are shards of different runs: {', '.join(told)}. Name those of one run")
    commands = {each.plan.command: each for each in parts if each.plan.command != _DIGEST}
    if len(commands) > 1:
        told = (f"{each.file} is of `mdpc {name}`" for name, each in commands.items())
        raise NotTogetherError(f"these are not of one run: {', '.join(told)}. Name the files of one")
    _check_twice(parts)
    first, last = (end(parts, key=lambda each: each.plan.now) for end in (min, max))
    if last.plan.now - first.plan.now > APART:
        raise NotTogetherError(
            f"{first.file} is of {first.plan.now:%Y-%m-%d %H:%M} and {last.file} of {last.plan.now:%Y-%m-%d %H:%M}: "
            "they are not of one run. Leave out what is left of an earlier one"
        )


def _check_twice(parts: Sequence[Part]) -> None:
    """Raise NotTogetherError where something stands in two files of one command: a shard, or a container."""
    files: dict[object, str] = {}
    for part in parts:
        containers = {record.ref.container for each in part.plan.milestones for record in each.records}
        for what in (part.plan.shard, *sorted(containers)):
            other = files.setdefault((part.plan.command, what), part.file)
            if other != part.file and what == part.plan.shard:
                raise NotTogetherError(f"{other} and {part.file} are both shard {what}: leave one of them out")
            if other != part.file:
                raise NotTogetherError(
                    f"{other} and {part.file} both have {what}: these shards ran with different configurations. "
                    "Give all of them the same, and run them again"
                )
