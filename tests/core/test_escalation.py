"""The ladder under random ladders, calendars and due dates: once, on a working day, to somebody who is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdpc.escalation import Climb, Due, Ladder, continued, due_step, noted
from mdpc.model import ContainerRef, Owner
from mdpc.people import PERSON
from mdpc.recipients import Cast, addressed
from mdpc.settings import Program
from mdpc.settings.escalation import Escalation, Step
from mdpc.workdays import is_workday, moved, next_workday
from tests.core.build import settings as made

FIRST = date(2026, 11, 2)
DAYS = 80

STEPS = st.lists(
    st.builds(
        lambda count, unit: Step(at=f"{count:+d}{unit}" if count else f"0{unit}", to=("owner",)),
        st.integers(-20, 20),
        st.sampled_from(["d", "wd"]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda step: step.at,
).map(tuple)
TABLES = st.builds(
    lambda workdays, holidays, since: Escalation(workdays=workdays, holidays=holidays, since=since),
    st.booleans(),
    st.sampled_from([None, "DE", "US", "DE-BY"]),
    st.none() | st.dates(FIRST, FIRST + timedelta(days=40)),
)
DUES = st.dates(FIRST - timedelta(days=10), FIRST + timedelta(days=60))


@dataclass
class History:
    """What happened: by day (from the first) another due date, an agreement, and the days on which mdpc ran."""

    moves: dict[int, date | None]
    agreed: set[int]
    runs: set[int]
    sent: list[tuple[date, Due, Ladder]] = field(default_factory=list)
    ladders: list[tuple[date, Ladder, Ladder, bool]] = field(default_factory=list)

    def played(self, steps: tuple[Step, ...], table: Escalation, due: date, times: int = 1) -> History:
        ladder = continued(Ladder(), due, FIRST, agreed=False)
        climb = Climb("m0", steps, table, FIRST)
        now: date | None = due
        for number in range(DAYS):
            today = FIRST + timedelta(days=number)
            now = self.moves.get(number, now)
            if number not in self.runs:
                continue
            for _ in range(times):
                before = ladder
                ladder = continued(ladder, now, today, agreed=number in self.agreed)
                self.ladders.append((today, before, ladder, number in self.agreed))
                found = due_step(ladder, climb, today)
                if found:
                    ladder = noted(ladder, found.id, today)
                    self.sent.append((today, found, ladder))
        return self


HISTORIES = st.builds(
    History,
    st.dictionaries(st.integers(0, DAYS - 1), st.none() | DUES, max_size=4),
    st.sets(st.integers(0, DAYS - 1), max_size=3),
    st.sets(st.integers(0, DAYS - 1), min_size=1),
)
EVERY_DAY = st.builds(History, st.just({}), st.just(set()), st.just(set(range(DAYS))))
QUIET = settings(deadline=None)


@QUIET
@given(history=HISTORIES, steps=STEPS, table=TABLES, due=DUES)
def test_each_notice_is_sent_once_never_on_a_day_off_and_never_two_a_day(
    history: History, steps: tuple[Step, ...], table: Escalation, due: date
) -> None:
    sent = history.played(steps, table, due).sent
    ids = [each.id for _, each, _ in sent]
    assert len(ids) == len(set(ids))
    assert all(is_workday(day, table) for day, _, _ in sent)
    by_ladder = [(day, ladder.due) for day, _, ladder in sent]
    assert len(by_ladder) == len(set(by_ladder))


@QUIET
@given(history=HISTORIES, steps=STEPS, table=TABLES, due=DUES)
def test_a_passed_date_begins_no_new_ladder_unless_that_is_agreed(
    history: History, steps: tuple[Step, ...], table: Escalation, due: date
) -> None:
    for today, before, after, agreed in history.played(steps, table, due).ladders:
        if before.due is not None and today > before.due and not agreed:
            assert after.due == before.due


@QUIET
@given(steps=STEPS, table=TABLES, due=DUES, runs=st.sets(st.integers(0, DAYS - 1), min_size=1))
def test_days_left_out_and_days_run_often_send_nothing_that_every_day_would_not(
    steps: tuple[Step, ...], table: Escalation, due: date, runs: set[int]
) -> None:
    whole = History({}, set(), set(range(DAYS))).played(steps, table, due)
    often = History({}, set(), set(range(DAYS))).played(steps, table, due, times=5)
    some = History({}, set(), runs).played(steps, table, due)
    assert [(day, each.id) for day, each, _ in often.sent] == [(day, each.id) for day, each, _ in whole.sent]
    daily = {each.id: day for day, each, _ in whole.sent}
    late = {each.day for _, each, _ in some.sent}
    for day, each, _ in some.sent:
        assert day >= each.day
        assert each.id not in daily or day >= daily[each.id]
    assert len(late) == len(some.sent)


@QUIET
@given(history=HISTORIES, steps=STEPS, table=TABLES, due=DUES)
def test_steps_of_one_ladder_come_in_their_order(
    history: History, steps: tuple[Step, ...], table: Escalation, due: date
) -> None:
    meant: dict[date | None, date] = {}
    for _, each, ladder in history.played(steps, table, due).sent:
        assert ladder.due not in meant or meant[ladder.due] <= each.day
        meant[ladder.due] = each.day


NAMES = ("ann", "ben", "cid", "dee")
PEOPLE = st.fixed_dictionaries(
    {
        name: st.fixed_dictionaries(
            {
                "manager": st.none() | st.sampled_from([each for each in NAMES if each != name]),
                "delegate": st.none() | st.sampled_from([each for each in NAMES if each != name]),
                "gone": st.booleans(),
                "away": st.sampled_from([[], ["2026-11-01/2026-11-30"], ["2026-12-01"]]),
            }
        )
        for name in NAMES
    }
)
ROLES = st.sampled_from(["owner", "owner.manager", "owner.manager.manager", "stakeholders", *NAMES, "@zoe"])
LADDERS = st.lists(st.lists(ROLES, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4)


@QUIET
@given(people=PEOPLE, roles=LADDERS, owner=st.none() | st.sampled_from(NAMES), number=st.integers(0, 3))
def test_whoever_hears_is_there(
    people: dict[str, dict[str, object]], roles: list[tuple[str, ...]], owner: str | None, number: int
) -> None:
    tables = made(people=people)
    named = Owner(owner, "map", True) if owner else None
    gone = (named,) if named and owner and tables.people[owner].gone else ()
    program = Program.model_validate({"name": "p", "members": ["github:acme/api"], "stakeholders": ["dee"]})
    home = ContainerRef("github", "acme/api")
    cast = Cast(None if gone else named, program, home, tables, date(2026, 11, 20), gone)
    steps = tuple(Step(at=f"+{position}d", to=to) for position, to in enumerate(roles))
    found = addressed(steps, min(number, len(steps) - 1), cast)
    for who in found.to:
        person = tables.people.get(who.removeprefix(f"{PERSON}:"))
        assert person is None or not (person.gone or person.is_away(cast.today))
    assert len(found.to) == len(set(found.to))


@pytest.mark.parametrize(
    ("day", "count", "working", "expected"),
    [
        (date(2026, 11, 18), 1, False, date(2026, 11, 19)),
        (date(2026, 11, 20), 1, True, date(2026, 11, 23)),
        (date(2026, 11, 20), -5, True, date(2026, 11, 13)),
        (date(2026, 12, 24), 1, True, date(2026, 12, 28)),
        (date(2026, 12, 28), -1, True, date(2026, 12, 24)),
        (date(2026, 11, 21), 0, True, date(2026, 11, 21)),
    ],
)
def test_working_days_are_counted(day: date, count: int, working: bool, expected: date) -> None:
    assert moved(day, count, Escalation(workdays=True, holidays="DE"), working=working) == expected


def test_a_day_off_is_pushed_to_the_next_working_day() -> None:
    table = Escalation(workdays=True, holidays="DE")
    assert next_workday(date(2026, 12, 25), table) == date(2026, 12, 28)
    assert next_workday(date(2026, 12, 25), Escalation()) == date(2026, 12, 25)
