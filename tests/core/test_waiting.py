"""Long waits are told once, as they begin."""

from __future__ import annotations

import pytest

from mdpc import connector
from mdpc.commands.waiting import Teller, span, waits_told
from mdpc.connector import Pacer, TrackerError, with_retry


def limited_once(retry_after: float) -> None:
    answers = [TrackerError("GitHub's rate limit is used up", reason="limited", retry_after=retry_after)]

    def call() -> str:
        if answers:
            raise answers.pop()
        return "answer"

    with_retry(call, safe=True, sleep=lambda _: None)


def test_a_long_wait_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with waits_told():
        limited_once(41.5)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err in (f"mdpc: GitHub's rate limit is used up; waiting {n} seconds.\n" for n in (42, 43))


def test_short_waits_are_not_told_nor_any_once_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with waits_told():
        limited_once(3)
    limited_once(41)
    assert capsys.readouterr().err == ""
    assert connector._listeners == []


def test_threads_that_wait_for_the_same_thing_tell_it_once() -> None:
    told: list[str] = []
    now = [100.0]
    teller = Teller(told.append, lambda: now[0])
    for _ in range(8):
        teller("Jira asks to slow down", 30)
    teller("GitHub failed", 30)
    now[0] += 31
    teller("Jira asks to slow down", 600)
    assert told == [
        "Jira asks to slow down; waiting 30 seconds",
        "GitHub failed; waiting 30 seconds",
        "Jira asks to slow down; waiting 10 minutes",
    ]


def test_what_is_paced_for_long_is_told() -> None:
    told: list[str] = []
    pacer = Pacer(1.0, per_minute=1, clock=lambda: 0.0, sleep=lambda _: None)
    with connector.waits_heard_by(lambda why, seconds: told.append(f"{why}: {seconds}")):
        pacer.write(lambda: None, creates=True)
        pacer.write(lambda: None, creates=True)
    assert told == ["Writes are kept as far apart as the service asks: 60.0"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 second"), (5, "5 seconds"), (119.5, "2 minutes"), (3600, "60 minutes")]
)
def test_how_long(seconds: float, words: str) -> None:
    assert span(seconds) == words
