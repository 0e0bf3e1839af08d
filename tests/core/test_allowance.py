"""What one run may use: counted in requests and minutes, parted between reading and writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.allowance import READING, RECORDS, Allowance, part, used_up, within
from mdpc.connector import Pacer, TrackerError, may_ask, with_retry
from mdpc.turns import ROUND, first_of, next_first, place_named, place_of, turns
from tests.core.build import settings


@dataclass
class Sender:
    """Something that sends requests."""

    requests: int = 0

    def ask(self) -> None:
        may_ask()
        self.requests += 1


@dataclass
class Clock:
    """A clock that is moved by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def asked(sender: Sender) -> int:
    """How many requests it may still send."""
    for count in range(1_000):
        try:
            sender.ask()
        except TrackerError:
            return count
    raise AssertionError("nothing ends it")


def test_records_leave_some_for_issues_and_both_leave_some_for_writing() -> None:
    sender = Sender()
    with within(Allowance(40, None, {"github": sender})):
        with part(RECORDS):
            assert asked(sender) == 16
        with part(READING):
            assert asked(sender) == 16
        for _ in range(50):
            sender.ask()  # a write that was begun is never cut off in its middle


def test_requests_of_a_connector_that_never_asks_count_too() -> None:
    third, ours = Sender(), Sender()
    with within(Allowance(40, None, {"third": third, "github": ours})), part(READING):
        third.requests = 25
        assert asked(ours) == 7


def test_the_time_of_a_run_is_over_at_its_end_and_no_wait_outlasts_it() -> None:
    clock = Clock()
    allowance = Allowance(None, 10, clock=clock)
    with within(allowance), part(READING):
        Sender().ask()
        clock.now = 8 * 60
        with pytest.raises(TrackerError, match=r"\[limits\] minutes = 10 is used up, but for what is kept for writing"):
            Sender().ask()
    assert not Allowance(None, 10, clock=clock).used_up()


def limited(seconds: float) -> Callable[[], None]:
    def call() -> None:
        raise TrackerError("limited", reason="limited", retry_after=seconds)

    return call


def test_a_limit_that_outlasts_the_run_is_not_waited_for() -> None:
    slept: list[float] = []
    allowance = Allowance(None, 2, clock=Clock())
    with within(allowance), pytest.raises(TrackerError, match="limited"):
        with_retry(limited(200), safe=True, sleep=slept.append)
    assert not slept
    assert allowance.used_up() == "[limits] minutes = 2 is used up"


def test_a_turn_to_write_that_comes_after_the_run_is_not_waited_for() -> None:
    written, clock = [], Clock()
    pacer = Pacer(120, clock=clock, sleep=lambda _: None)
    with within(Allowance(None, 1, clock=clock)):
        pacer.write(lambda: written.append(1))
        with pytest.raises(TrackerError, match="may be written to again only when the time of this run is over"):
            pacer.write(lambda: written.append(2))
    assert written == [1]


def test_a_write_that_was_begun_gets_its_turn_although_the_time_is_over() -> None:
    written, clock = [], Clock()
    pacer = Pacer(1, clock=clock, sleep=lambda _: None)
    with within(Allowance(None, 1, clock=clock)):
        clock.now = 60
        pacer.write(lambda: written.append("issue"), creates=True)
        pacer.write(lambda: written.append("its ledger"), creates=True)
        assert used_up()
    assert written == ["issue", "its ledger"]


def test_a_wait_that_is_too_long_for_reading_leaves_the_time_for_writing() -> None:
    allowance = Allowance(None, 2, clock=Clock())
    with within(allowance):
        with part(READING):
            with pytest.raises(TrackerError, match="limited"):
                with_retry(limited(200), safe=True, sleep=lambda _: None)
            with pytest.raises(TrackerError, match="minutes = 2 is used up, but for what is kept for writing"):
                may_ask()
        assert not used_up()
    assert allowance.reached


def test_nothing_is_limited_unless_somebody_says_so() -> None:
    assert not Allowance().limited
    with within(Allowance()), part(READING):
        Sender().ask()


PROGRAMS = settings(
    programs=[
        {"name": "one", "members": ["github:acme/api", "jira:API"]},
        {"name": "two", "members": ["github:acme/web-*", {"ref": "jira:API", "title": "^x(?P<key>.*)"}]},
    ],
).programs
PLACES = ["github:acme/api", "github:acme/web-1", "github:acme/web-2", "github:acme/other", "jira:API", "jira:OPS"]


@given(st.integers(0, ROUND - 1), st.sets(st.sampled_from(PLACES)))
def test_the_next_run_begins_with_the_first_that_was_not_read(first: int, unread: set[str]) -> None:
    turn = turns(PROGRAMS, first)
    following = next_first(unread, PROGRAMS, first)
    if following is None:
        assert not unread
        return
    first_unread = min((place for place in unread if turn(place)[0]), key=turn, default=min(unread, key=turn))
    assert min(map(turns(PROGRAMS, following), PLACES)) == (0, turn(first_unread)[1])


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("one", "one"),
        ("ONE/v1.0", "one"),
        ("github:acme/web-2#3", "two"),
        ("jira:API#10000", "one"),
        ("github:acme/other#1", "github:acme/other"),
        ("v1.0", None),
        ("oneself", None),
    ],
)
def test_what_a_run_is_narrowed_to_has_a_place_where_that_is_plain(name: str, program: str | None) -> None:
    assert place_named(name, PROGRAMS) == (None if program is None else place_of(program))


@given(st.integers(0, ROUND - 1))
def test_a_program_is_read_wholly_before_the_next(first: int) -> None:
    order = [turns(PROGRAMS, first)(place)[1] for place in sorted(PLACES, key=turns(PROGRAMS, first))]
    assert [name for index, name in enumerate(order) if index == 0 or order[index - 1] != name] == list(
        dict.fromkeys(order)
    )


def test_within_a_week_runs_that_know_nothing_begin_all_round_the_circle() -> None:
    days = sorted(first_of(date(2026, 11, 23) + timedelta(days=count)) for count in range(7))
    gaps = [(days[(index + 1) % 7] - day) % ROUND for index, day in enumerate(days)]
    assert max(gaps) < ROUND / 3
