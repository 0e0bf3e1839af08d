"""The ledger as text: what is written is read again, and what anybody else wrote is not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.coordination import Comment
from mdpc.ledger import MOST_ISSUES, START, Ledger, Planned, Since, kept_issues, ledger_of, text_of
from mdpc.model import Account, Markup

PRINTS = st.from_regex(r"r[0-9a-f]{12}", fullmatch=True)
MOMENTS = st.one_of(st.just(START), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
SINCE = st.builds(Since, st.integers(1, 999), MOMENTS)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
LEDGERS = st.builds(
    Ledger,
    id=st.from_regex(r"m[0-9a-f]{12}", fullmatch=True),
    writing=st.integers(1, 10**6),
    seen_open=st.frozensets(PRINTS),
    members=st.frozensets(PRINTS),
    dues=st.lists(st.builds(Planned, st.none() | DAYS, SINCE, DAYS), max_size=4).map(tuple),
    scope=st.dictionaries(st.from_regex(r"[0-9a-f]{8}", fullmatch=True), SINCE, max_size=20),
    owners=st.lists(PRINTS, max_size=3).map(tuple),
    assigned=PRINTS,
    titled=PRINTS,
    answers=st.dictionaries(PRINTS, st.tuples(st.sampled_from(["approved", "declined", "pending"]), SINCE), max_size=3),
    reopened=st.integers(0, 9),
)


def said(body: str, number: str = "1") -> Comment:
    return Comment(number, "https://x.example", Account("github", "mdpc"), body, datetime(2026, 1, 1, tzinfo=UTC))


@given(ledger=LEDGERS, markup=st.sampled_from(list(Markup)))
def test_what_is_written_is_read_again(ledger: Ledger, markup: Markup) -> None:
    text = text_of(ledger, "What people see", markup)
    assert ledger_of([said(text)], frozenset({"1"})) == ledger
    assert ledger_of([said(text)], frozenset()) is None


@pytest.mark.parametrize("damage", ['"v":1', '"writing":', "}", "mdpc:data", '"id"'])
def test_what_is_damaged_is_none(damage: str) -> None:
    text = text_of(Ledger("m0123456789ab", 3), "", Markup.BLOCK).replace(damage, "?", 1)
    assert ledger_of([said(text)], frozenset({"1"})) is None


def test_the_latest_counts() -> None:
    texts = [text_of(Ledger("m0123456789ab", number), "", Markup.LINE) for number in (2, 7, 3)]
    comments = [said(text, str(number)) for number, text in enumerate(texts)]
    found = ledger_of(comments, frozenset("012"))
    assert found is not None
    assert found.writing == 7


def test_of_very_many_issues_only_their_number_is_kept() -> None:
    now = Since(2, START)
    many = kept_issues((f"{number:08x}" for number in range(MOST_ISSUES + 1)), {}, now)
    assert len(many) == 1
    assert kept_issues((f"{number:08x}" for number in range(MOST_ISSUES + 2)), many, Since(3, START)) != many
