"""Which programs and containers are whose, where one run is divided among several jobs: whole programs alone. Pure.

Programs that may share a container stay together. A container that no program names is a program of its own, and goes
where its name falls; what a program named before a container was called otherwise still counts as that program's.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from itertools import islice, takewhile

from mdpc.matching import is_glob, matches, may_overlap
from mdpc.model import ContainerRef, Reading
from mdpc.settings import Program, Settings
from mdpc.shard import Shard


class Whose(Enum):
    """To whom a container belongs, as one shard sees it; `DISPUTED` is left alone by everybody."""

    OURS = "ours"
    THEIRS = "theirs"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Names:
    """Names and globs of one connector's containers, in small letters."""

    exact: frozenset[str] = frozenset()
    globs: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """From what members say."""
        folded = dict.fromkeys(name.casefold() for name in names)
        return cls(frozenset(folded), tuple(name for name in folded if is_glob(name)))

    def name(self, container: str) -> bool:
        """Whether one of them is, or may mean, a container of that name."""
        return container.casefold() in self.exact or any(matches(glob, container) for glob in self.globs)


@dataclass(frozen=True, slots=True)
class Share:
    """What of one connector's containers a shard reads. `own` are the members of its programs, `others` all others'."""

    shard: Shard
    connector: str
    own: Names = Names()
    others: Names = Names()

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """The containers that other shards' programs spell out, in small letters.

        One that is called otherwise by now can only be known by asking for it under that name.
        """
        return tuple(sorted(name for name in self.others.exact if name not in self.others.globs))

    def may_be_ours(self, now: str, former: Iterable[str] = ()) -> bool:
        """Whether a container that no program names as it is called `now` may be this shard's all the same.

        Then whose it is depends on what it was called before (`elsewhere`). `former` is what is known of that.
        """
        if self.own.name(now) or self.others.name(now):
            return False
        return any(map(self.own.name, former)) or self._falls_to_us(now)

    def whose(self, now: str, former: Collection[str] = ()) -> Whose:
        """Whose a container is: by its name, else by its `former` ones, else as its name falls.

        Two shards never both say `OURS`. It is disputed where this shard's programs know it by a former name, and
        another's by its present one, or by a former one as well.
        """
        known_here = any(map(self.own.name, former))
        if self.own.name(now):
            return Whose.OURS
        if self.others.name(now) or any(map(self.others.name, former)):
            return Whose.DISPUTED if known_here else Whose.THEIRS
        return Whose.OURS if known_here or self._falls_to_us(now) else Whose.THEIRS

    def _falls_to_us(self, name: str) -> bool:
        return self.shard.takes(f"{self.connector}:{name}")


Shares = Mapping[str, Share]
"""What a shard reads, by connector; empty where the run is not divided."""


def narrowed(settings: Settings, shard: Shard | None) -> tuple[Settings, Shares]:
    """The configuration with the programs of one shard alone, and what of each connector it reads."""
    if shard is None:
        return settings, {}
    groups = groups_of(settings.programs)
    taken = {name for name, group in groups.items() if shard.takes(group)}
    mine = tuple(each for each in settings.programs if each.name in taken)
    rest = tuple(each for each in settings.programs if each.name not in taken)
    shares = {
        name: Share(shard, name, Names.of(_members(mine, name)), Names.of(_members(rest, name)))
        for name in settings.connectors
    }
    return settings.model_copy(update={"programs": mine}), shares


def ours(reading: Reading, share: Share | None) -> Reading:
    """The reading without what is another shard's, should a connector have read that all the same."""
    if share is None:
        return reading
    former: dict[ContainerRef, list[str]] = defaultdict(list)
    for old, now in reading.renamed:
        former[now].append(old.name)
    mine = {each.ref for each in reading.containers if share.whose(each.ref.name, former[each.ref]) is Whose.OURS}
    if len(mine) == len(reading.containers):
        return reading
    return replace(
        reading,
        containers=tuple(each for each in reading.containers if each.ref in mine),
        records=tuple(each for each in reading.records if each.ref.container in mine),
        renamed=tuple((old, now) for old, now in reading.renamed if now in mine),
        notes={ref: notes for ref, notes in reading.notes.items() if ref in mine},
        elsewhere=reading.elsewhere + len(reading.containers) - len(mine),
    )


def _members(programs: Iterable[Program], connector: str) -> Iterator[str]:
    refs = (ContainerRef.parse(member.ref) for program in programs for member in program.members)
    return (ref.name for ref in refs if ref.connector == connector)


def groups_of(programs: Sequence[Program]) -> Mapping[str, str]:
    """By each program's name the first name, in order, of those that have to stay together with it."""
    leader = {program.name: program.name for program in programs}

    def first(name: str) -> str:
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    def join(one: str, other: str) -> None:
        low, high = sorted((first(one), first(other)), key=lambda name: (name.casefold(), name))
        leader[high] = low

    for several in _meeting(programs):
        for other in several[1:]:
            join(several[0], other)
    return {name: first(name) for name in leader}


def _meeting(programs: Sequence[Program]) -> Iterator[Sequence[str]]:
    """Programs of which some may share a container: equal names are looked up, globs compared with what begins so."""
    by_ref: dict[str, list[str]] = defaultdict(list)
    for program in programs:
        for member in program.members:
            by_ref[member.ref.casefold()].append(program.name)
    yield from by_ref.values()
    begun: dict[str, list[str]] = defaultdict(list)
    for ref in by_ref:
        begun[_beginning(ref)].append(ref)
    beginnings = sorted(begun)
    for glob in filter(is_glob, by_ref):
        start = _beginning(glob)
        shorter = [start[:length] for length in range(len(start)) if start[:length] in begun]
        longer = takewhile(partial(_begins, start), islice(beginnings, bisect_left(beginnings, start), None))
        for other in (ref for each in (*shorter, *longer) for ref in begun[each]):
            if other != glob and may_overlap(glob, other):
                yield by_ref[glob][0], by_ref[other][0]


def _beginning(ref: str) -> str:
    """What a name or glob begins with before the first sign of a glob."""
    return re.split(r"[*?\[]", ref, maxsplit=1)[0]


def _begins(start: str, text: str) -> bool:
    return text.startswith(start)
