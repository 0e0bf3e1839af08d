"""How many requests, and how much time, one run may use. Whoever reads or writes asks before it goes on.

A run that has used them up stops early and says so (`truncated`), and the next one goes on from there. Of what is
allowed, reading leaves a part for writing, and records leave a part for coordination issues: else a run that is allowed
too little would read for ever and never write.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

RECORDS = 0.4
"""The part of it that records may use up."""
READING = 0.8
"""The part of it that all of reading may use up: what records lead to costs about as much as they."""


class Counted(Protocol):
    """What counts its own requests, as every connector does."""

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far."""


class Allowance:
    """What one run may use: `operations` are requests to all trackers together, `minutes` are counted from now on.

    None is no limit. `reached` says which limit made something wait for the next run. Counted is what the connectors
    say that they sent, so that one which never asks is counted too. A write that was begun is ended, however many
    requests it takes. Safe to use from any thread.
    """

    def __init__(
        self,
        operations: int | None = None,
        minutes: float | None = None,
        connectors: Mapping[str, Counted] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._operations = operations
        self._minutes = minutes
        self._connectors = connectors or {}
        self._clock = clock
        self._began = clock()
        self._share = 1.0
        self._waited_out = 0.0
        self._lock = threading.Lock()
        self._granted = 0
        self.reached = ""

    @property
    def limited(self) -> bool:
        """Whether anything is limited at all."""
        return self._operations is not None or self._minutes is not None

    @contextmanager
    def part(self, share: float) -> Iterator[None]:
        """Meanwhile only that part of it may be used."""
        before, self._share = self._share, share
        try:
            yield
        finally:
            self._share = before

    def used_up(self, *, asking: bool = False) -> str:
        """Which limit is `reached`, in words without a full stop; empty while none is. `asking` counts one request."""
        with self._lock:
            # A request that was granted to another thread may not be sent yet.
            sent = max(self._granted, sum(each.requests for each in self._connectors.values()))
            if self._operations is not None and sent >= self._operations * self._share:
                self.reached = f"[limits] operations = {self._operations} is used up"
            elif self._share <= self._waited_out or self._left() <= 0:
                self.reached = f"[limits] minutes = {self._minutes} is used up"
            else:
                self._granted = sent + 1 if asking else sent
                return ""
            return self.reached

    @property
    def reading(self) -> bool:
        """Whether a part is in use that leaves something for writing."""
        return self._share in _KEPT

    def can_wait(self, seconds: float, overtime: float = 0.0) -> bool:
        """Whether the run will still have time after so many seconds, or `overtime` at least, should that be over.

        If not, the time of the part in use counts as used up: what is left for something else stays.
        """
        if seconds < max(self._left(), overtime):
            return True
        self._waited_out = max(self._waited_out, self._share)
        return False

    @property
    def kept_back(self) -> str:
        """What is left of it for something else, in words to go on with."""
        return f", but for what is kept for {_KEPT[self._share]}" if self.reading else ""

    def _left(self) -> float:
        """How many seconds may still be used."""
        if self._minutes is None:
            return float("inf")
        return self._minutes * 60 * self._share - (self._clock() - self._began)


_KEPT = {RECORDS: "coordination issues and writing", READING: "writing"}


_current: list[Allowance] = [Allowance()]


@contextmanager
def within(allowance: Allowance) -> Iterator[None]:
    """Meanwhile the run keeps to it, in all threads."""
    _current.append(allowance)
    try:
        yield
    finally:
        _current.remove(allowance)


@contextmanager
def part(share: float) -> Iterator[None]:
    """Meanwhile only that part of what the run may use may be used."""
    with _current[-1].part(share):
        yield


def is_limited() -> bool:
    """Whether the run may end early."""
    return _current[-1].limited


def refusal() -> str:
    """Why nothing more may be read, in words without a full stop; empty while it may."""
    now = _current[-1]
    return f"{why}{now.kept_back}" if now.reading and (why := now.used_up(asking=True)) else ""


def used_up() -> str:
    """Which limit the run has reached, in words without a full stop; empty while none is."""
    return _current[-1].used_up()


def reached() -> str:
    """Which limit made something wait for the next run, in the same words; empty while none did."""
    return _current[-1].reached


def can_wait(seconds: float, overtime: float = 0.0) -> bool:
    """Whether the run will still have time after so many seconds, or `overtime` at least, should that be over."""
    return _current[-1].can_wait(seconds, overtime)
