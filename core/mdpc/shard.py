"""One shard of a run that is divided: its number and how many there are. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

MOST = 1000
"""More shards than any scheduler starts at once."""

_SPELT = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """Shard `number` (from 1 on) of `count`. All shards together take everything, and nothing twice."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @classmethod
    def of(cls, text: str) -> Shard:
        """Read `I/N`; raises ValueError with what to write instead."""
        found = _SPELT.fullmatch(text.strip())
        shard = cls(int(found[1]), int(found[2])) if found else None
        if shard is None or not 1 <= shard.number <= shard.count <= MOST:
            raise ValueError(f"{text!r} is no shard: write I/N, such as 2/8 for the second of eight (at most {MOST:,})")
        return shard

    def takes(self, name: str) -> bool:
        """Whether what is called so falls to this shard: on every machine and in every release alike, in any case."""
        number = int.from_bytes(hashlib.sha256(name.casefold().encode()).digest()[:8], "big")
        return number % self.count + 1 == self.number
