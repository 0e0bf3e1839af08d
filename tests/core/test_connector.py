"""The one retry policy and the pace of writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mdpc.connector import Pacer, Patience, Reason, TrackerError, with_retry


def failing(times: int, reason: Reason, retry_after: float | None = None) -> tuple[Callable[[], str], list[int]]:
    """A call that fails so many times and then answers; and how often it was called."""
    calls: list[int] = []

    def call() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise TrackerError("it failed", reason=reason, retry_after=retry_after)
        return "answer"

    return call, calls


@pytest.mark.parametrize(
    ("reason", "safe", "repeated"),
    [
        ("limited", True, True),
        ("limited", False, True),
        ("server", True, True),
        ("server", False, False),
        ("network", True, True),
        ("network", False, False),
        ("auth", True, False),
        ("forbidden", True, False),
        ("missing", True, False),
        ("refused", True, False),
    ],
)
def test_what_is_worth_repeating(reason: Reason, safe: bool, repeated: bool) -> None:
    call, calls = failing(1, reason)
    slept: list[float] = []
    if repeated:
        assert with_retry(call, safe=safe, sleep=slept.append) == "answer"
        assert len(calls) == 2
        assert len(slept) == 1
    else:
        with pytest.raises(TrackerError, match="it failed"):
            with_retry(call, safe=safe, sleep=slept.append)
        assert (len(calls), slept) == (1, [])


def test_the_server_says_how_long_to_wait() -> None:
    call, _ = failing(2, "limited", retry_after=40)
    slept: list[float] = []
    with_retry(call, safe=False, sleep=slept.append)
    assert len(slept) == 2
    assert all(40 <= pause <= 41 for pause in slept)


def test_the_last_error_is_raised_as_it_is() -> None:
    call, calls = failing(9, "server")
    with pytest.raises(TrackerError) as raised:
        with_retry(call, safe=True, attempts=3, sleep=lambda _: None)
    assert raised.value.reason == "server"
    assert len(calls) == 3


def test_waiting_stays_within_the_budget() -> None:
    call, calls = failing(9, "limited", retry_after=400)
    slept: list[float] = []
    with pytest.raises(TrackerError):
        with_retry(call, safe=True, patience=Patience(300), sleep=slept.append)
    assert (len(calls), slept) == (1, [])


def test_a_server_that_stays_away_costs_one_budget_and_not_one_for_each_request() -> None:
    patience, sent = Patience(300), 0
    slept: list[float] = []
    for _ in range(50):
        call, calls = failing(9, "limited", retry_after=60)
        with pytest.raises(TrackerError):
            with_retry(call, safe=True, patience=patience, sleep=slept.append)
        sent += len(calls)
    assert sum(slept) <= 300
    assert sent <= 50 + len(slept)


def test_a_good_answer_restores_the_patience() -> None:
    patience = Patience(100)
    slept: list[float] = []
    for _ in range(5):
        call, _ = failing(1, "limited", retry_after=60)
        assert with_retry(call, safe=True, patience=patience, sleep=slept.append) == "answer"
    assert len(slept) == 5


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ({}, "it failed."),
        ({"next_step": "Try again."}, "it failed. Try again."),
        ({"method": "GET", "path": "/user"}, "it failed (GET /user)."),
        ({"method": "GET", "path": "/user", "status": 500}, "it failed (GET /user: 500)."),
        ({"status": 500}, "it failed (500)."),
    ],
)
def test_an_error_says_what_where_and_what_next(where: dict[str, Any], text: str) -> None:
    assert str(TrackerError("it failed", reason="server", **where)) == text


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_writes_keep_their_distance() -> None:
    clock = Clock()
    pacer = Pacer(1.0, clock=clock, sleep=clock.sleep)
    assert [pacer.write(lambda: "done") for _ in range(3)] == ["done"] * 3
    assert clock.slept == [1.0, 1.0]
    clock.now += 0.75
    pacer.write(lambda: None)
    clock.now += 5
    pacer.write(lambda: None)
    assert clock.slept == [1.0, 1.0, 0.25]


def test_creations_keep_below_the_limits_of_a_minute_and_an_hour() -> None:
    clock = Clock()
    pacer = Pacer(0.125, per_minute=3, per_hour=5, clock=clock, sleep=clock.sleep)
    moments = []
    for _ in range(7):
        pacer.write(lambda: moments.append(clock.now), creates=True)
    for number, moment in enumerate(moments):
        assert sum(moment - 60 < each <= moment for each in moments[: number + 1]) <= 3
        assert sum(moment - 3600 < each <= moment for each in moments[: number + 1]) <= 5
    assert moments[3] - moments[0] == pytest.approx(60)
    assert moments[5] - moments[0] == pytest.approx(3600)


def test_a_change_is_no_creation() -> None:
    clock = Clock()
    pacer = Pacer(0.1, per_minute=1, clock=clock, sleep=clock.sleep)
    for _ in range(5):
        pacer.write(lambda: None)
    assert sum(clock.slept) < 1


def test_on_loopback_nothing_waits() -> None:
    clock = Clock()
    pacer = Pacer(0, per_minute=1, clock=clock, sleep=clock.sleep)
    for _ in range(5):
        pacer.write(lambda: None, creates=True)
    assert clock.slept == []


def test_an_error_that_lasts_is_not_met_again() -> None:
    calls: list[int] = []

    def call() -> str:
        calls.append(1)
        raise TrackerError("no TLS", reason="network", lasting=True)

    with pytest.raises(TrackerError, match="no TLS"):
        with_retry(call, safe=True, sleep=lambda _: None)
    assert len(calls) == 1
