"""A clock for sandboxes in which things happen one after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that moves a minute with every look, so that changes can be told apart."""

    def __init__(self, begin: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)) -> None:
        self.moment = begin

    def __call__(self) -> datetime:
        self.moment += timedelta(minutes=1)
        return self.moment
