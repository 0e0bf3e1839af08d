"""What is waited for, told on stderr: a job's log shall not stand still without a word."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mdpc.commands.errors import say
from mdpc.connector import waits_heard_by
from mdpc.report.words import counted

LONG = 5.0
"""Seconds of waiting that deserve a line."""


@contextmanager
def waits_told() -> Iterator[None]:
    """Meanwhile every long wait is told as it begins."""
    with waits_heard_by(Teller()):
        yield


class Teller:
    """Tells of long waits, once where several threads wait for the same thing."""

    def __init__(self, tell: Callable[[str], None] = say, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, why: str, seconds: float) -> None:
        """Tell it, unless the wait is short or known."""
        now = self._clock()
        with self._lock:
            if seconds < LONG or self._ends.get(why, now) > now:
                return
            self._ends[why] = now + seconds
        self._tell(f"{why}; waiting {span(seconds)}")


def span(seconds: float) -> str:
    """How long something takes: `42 seconds`, `4 minutes`; rounded up."""
    whole = math.ceil(seconds)
    return counted(whole, "second") if whole < 120 else counted(math.ceil(whole / 60), "minute")
