"""Both tables of `mdpc.merge`, row by row, and what holds for any number of records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mdpc.join import same_title
from mdpc.memory import Agreed
from mdpc.merge import (
    Disputed,
    Held,
    Settled,
    State,
    Undecided,
    Verdict,
    aggregated,
    carried,
    compared,
    equal,
    following,
    is_edit,
    merged,
)

A, B, C = "r00000000000a", "r00000000000b", "r00000000000c"
DISPUTED, UNDECIDED = Disputed(), Undecided()


def known(*values: str | None) -> list[Held]:
    """Open records that were there when the base was written."""
    return [Held(f"r{number:012x}", value) for number, value in enumerate(values, 10)]


def new(value: str | None, mark: str = "new") -> Held:
    return Held(f"r{mark}", value, known=False)


def closed(value: str | None, mark: str = "closed", **more: bool) -> Held:
    return Held(f"r{mark}", value, closed=True, **more)


def agreed(value: str | None, **lagging: str | None) -> Agreed:
    return Agreed(value, lagging)


# ── Values ────────────────────────────────────────────────────────────────────────────────────────

WITHOUT_BASE: list[tuple[str, list[Held], Verdict]] = [
    ("the same everywhere", known("x", "x", "x"), Settled("x")),
    ("nothing everywhere", known(None, None), Settled(None)),
    ("one value, and one holds nothing", known("x", None), Settled("x")),
    ("one value, and most hold nothing", known(None, None, "x", None), Settled("x")),
    ("two hold it, one nothing", known("x", None, "x"), Settled("x")),
    ("different values", known("x", "y"), DISPUTED),
    ("different values and nothing", known("x", None, "y"), DISPUTED),
    ("who is new is as good as who is known", [*known("x"), new("x")], Settled("x")),
    ("one record", known("x"), Settled("x")),
    ("a closed one with another value", [*known("x", None), closed("y")], Settled("x")),
    ("closed ones alone", [closed("x"), closed("y", "other")], UNDECIDED),
    ("nobody", [], UNDECIDED),
]

WITH_BASE: list[tuple[str, list[Held], Agreed, Verdict]] = [
    ("nobody changed it", known("x", "x"), agreed("x"), Settled("x")),
    ("nobody changed nothing", known(None, None), agreed(None), Settled(None)),
    ("one changed it", known("y", "x"), agreed("x"), Settled("y")),
    ("one of many changed it", known("x", "x", "x", "y", "x"), agreed("x"), Settled("y")),
    ("one set it", known(None, "y"), agreed(None), Settled("y")),
    ("one cleared it", known("x", None), agreed("x"), Settled(None)),
    ("some changed it to the same", known("y", "x", "y"), agreed("x"), Settled("y")),
    ("all changed it to the same", known("y", "y"), agreed("x"), Settled("y")),
    ("changed differently", known("y", "z"), agreed("x"), DISPUTED),
    ("changed differently, and one not", known("y", "x", "z"), agreed("x"), DISPUTED),
    ("changed here, cleared there", known("y", None), agreed("x"), DISPUTED),
    ("one was changed back", known("x", "x"), agreed("x", r00000000000a="y"), Settled("x")),
    ("one lags behind as before", known("old", "x"), agreed("x", r00000000000a="old"), Settled("x")),
    ("one lags behind, another changed it", known("old", "y"), agreed("x", r00000000000a="old"), Settled("y")),
    ("who lagged behind was changed", known("y", "x"), agreed("x", r00000000000a="old"), Settled("y")),
    ("who lagged behind with nothing", known(None, "x"), agreed("x", r00000000000a=None), Settled("x")),
    (
        "what one lags behind with is another's edit",
        known("old", "old"),
        agreed("x", r00000000000a="old"),
        Settled("old"),
    ),
    ("a new one holds the base", [*known("x"), new("x")], agreed("x"), Settled("x")),
    ("a new one holds nothing", [*known("x"), new(None)], agreed("x"), Settled("x")),
    ("a new one holds something else", [*known("x"), new("y")], agreed("x"), DISPUTED),
    ("a new one holds what another changed it to", [*known("y", "x"), new("y")], agreed("x"), Settled("y")),
    ("a new one holds the base that another left", [*known("y", "x"), new("x")], agreed("x"), DISPUTED),
    ("a new one has a value, and the base none", [*known(None), new("y")], agreed(None), Settled("y")),
    ("two new ones have values, and the base none", [*known(None), new("y"), new("z", "2")], agreed(None), DISPUTED),
    ("a new one has a value that another cleared", [*known(None, "x"), new("x")], agreed("x"), DISPUTED),
    ("new ones alone hold the base", [new("x"), new("x", "2")], agreed("x"), Settled("x")),
    ("new ones alone hold nothing", [new(None), new(None, "2")], agreed("x"), Settled("x")),
    (
        "all are equal, one new and one lagging behind",
        [*known("y"), new("y")],
        agreed("x", r00000000000a="y"),
        Settled("y"),
    ),
    ("all are equal and new", [new("y"), new("y", "2")], agreed("x"), Settled("y")),
    ("a closed one was changed", [*known("x", "x"), closed("y")], agreed("x"), Settled("x")),
    ("a closed one was changed, an open one otherwise", [*known("y", "x"), closed("z")], agreed("x"), Settled("y")),
    ("closed ones alone", [closed("x"), closed("y", "2")], agreed("x"), UNDECIDED),
]


@pytest.mark.parametrize(("held", "verdict"), [pytest.param(*row[1:], id=row[0]) for row in WITHOUT_BASE])
def test_values_without_a_base(held: list[Held], verdict: Verdict) -> None:
    assert merged(held, None) == verdict


@pytest.mark.parametrize(("held", "base", "verdict"), [pytest.param(*row[1:], id=row[0]) for row in WITH_BASE])
def test_values_with_a_base(held: list[Held], base: Agreed, verdict: Verdict) -> None:
    assert merged(held, base) == verdict


def test_titles_that_normalise_to_one_key_are_no_change_of_each_other() -> None:
    assert merged(known("V2.0", "2.0"), agreed("v2.0"), same_title) == Settled("v2.0")
    assert merged(known("V2.1", "2.0"), agreed("v2.0"), same_title) == Settled("V2.1")
    assert merged(known("V2.1", "2.1 "), agreed("v2.0"), same_title) == Settled("V2.1")
    assert merged(known("2.0", "v2.0"), None, same_title) == Settled("2.0")


# ── A leading side ────────────────────────────────────────────────────────────────────────────────


def leading(*held: Held) -> list[Held]:
    return [replace(each, leads=True) for each in held]


FOLLOWING: list[tuple[str, list[Held], Agreed | None, Verdict]] = [
    ("it was changed", [*leading(*known("y")), Held(B, "x")], agreed("x"), Settled("y")),
    ("a follower was changed", [*leading(*known("x")), Held(B, "y")], agreed("x"), Settled("x")),
    ("both were", [*leading(*known("y")), Held(B, "z")], agreed("x"), Settled("y")),
    ("it has a value and there is no base", [*leading(*known("y")), Held(B, "z")], None, Settled("y")),
    ("it holds nothing yet", [*leading(*known(None)), Held(B, "z")], None, UNDECIDED),
    ("it never held anything", [*leading(*known(None)), Held(B, "z")], agreed(None), UNDECIDED),
    ("it was cleared", [*leading(*known(None)), Held(B, "x")], agreed("x"), Settled(None)),
    ("it is new and holds nothing yet", [*leading(new(None)), Held(B, "x")], agreed("x"), UNDECIDED),
    ("it is new and holds a value", [*leading(new("y")), Held(B, "x")], agreed("x"), Settled("y")),
    (
        "it could not follow and holds nothing",
        [*leading(*known(None)), Held(B, "x")],
        agreed("x", r00000000000a=None),
        UNDECIDED,
    ),
    ("two of it, one changed", [*leading(*known("y", "x")), Held(C, "z")], agreed("x"), Settled("y")),
    ("two of it, changed differently", [*leading(*known("y", "z")), Held(C, "x")], agreed("x"), DISPUTED),
    ("two of it, one holds nothing, no base", [*leading(*known("y", None)), Held(C, "x")], None, Settled("y")),
    ("two of it, different, no base", [*leading(*known("y", "z")), Held(C, "y")], None, DISPUTED),
    ("two of it, a new one holds nothing", [*leading(*known("x"), new(None)), Held(C, "x")], agreed("x"), Settled("x")),
    ("it is closed", [*leading(closed("y")), Held(B, "x")], agreed("x"), UNDECIDED),
    ("part of it is closed", [*leading(closed("y"), Held(A, "z")), Held(B, "x")], agreed("x"), Settled("z")),
    ("nobody is of it", known("x", "y"), agreed("x"), UNDECIDED),
]


@pytest.mark.parametrize(("held", "base", "verdict"), [pytest.param(*row[1:], id=row[0]) for row in FOLLOWING])
def test_values_that_follow_a_side(held: list[Held], base: Agreed | None, verdict: Verdict) -> None:
    assert following(held, base) == verdict


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        (known("x", "x"), Settled("x")),
        (known("x", "y"), DISPUTED),
        (known("x", None), DISPUTED),
        (known(None, None), Settled(None)),
        ([*known("x"), closed("y")], Settled("x")),
        ([closed("y")], UNDECIDED),
    ],
)
def test_values_that_are_only_compared(held: list[Held], verdict: Verdict) -> None:
    assert compared(held) == verdict


# ── States ────────────────────────────────────────────────────────────────────────────────────────


def states(text: str) -> list[Held]:
    """`O` and `C` lead, open and closed, `o` and `c` follow; `?` after one: it is new."""
    return [
        Held(f"r{number}", None, letter in "cC", text[number + 1 : number + 2] != "?", letter in "OC")
        for number, letter in enumerate(text)
        if letter != "?"
    ]


STATES: list[tuple[str, str, str | None, Verdict]] = [
    ("all closed: open ones are closed", "Co", "open", Settled("closed")),
    ("all closed: some are closed already", "CCco", "open", Settled("closed")),
    ("all closed: a new open one is closed as well", "Co?", "open", Settled("closed")),
    ("all closed and they were: somebody reopened a follower", "Co", "closed", DISPUTED),
    ("some open: they were closed with it and are reopened", "Oc", "closed", Settled("open")),
    ("some open: one of the leading side is enough", "OCcc", "closed", Settled("open")),
    ("some open: one that mdpc never saw open stays", "Oc?", "closed", DISPUTED),
    ("some open and they were: somebody closed a follower first", "Oc", "open", DISPUTED),
    ("some open and they were: part of the leading side closed", "OCo", "open", Settled("open")),
    ("no base, the same: closed", "Cc", None, Settled("closed")),
    ("no base, the same: open", "Oo", None, Settled("open")),
    ("no base, another: closed first", "Oc", None, DISPUTED),
    ("no base, another: the leading side first", "Co", None, DISPUTED),
    ("as agreed: closed", "Cc", "closed", Settled("closed")),
    ("as agreed: open", "Oo", "open", Settled("open")),
    ("closed everywhere meanwhile", "Cc", "open", Settled("closed")),
    ("opened everywhere meanwhile", "Oo", "closed", Settled("open")),
    ("nobody leads", "oc", "open", UNDECIDED),
    ("all lead", "OC", "open", UNDECIDED),
]


@pytest.mark.parametrize(("text", "base", "verdict"), [pytest.param(*row[1:], id=row[0]) for row in STATES])
def test_states_are_carried(text: str, base: str | None, verdict: Verdict) -> None:
    assert carried(states(text), "closed" if base == "closed" else "open" if base else None) == verdict


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Co", "closed"),
        ("Oc", "open"),
        ("OCc", "open"),
        ("CCo", "closed"),
        ("cc", "closed"),
        ("co", "open"),
        ("o", "open"),
    ],
)
def test_a_milestone_is_closed_once_the_leading_side_is_else_once_all_are(text: str, state: str) -> None:
    assert aggregated(states(text)) == state


# ── What always holds ─────────────────────────────────────────────────────────────────────────────

VALUES = st.sampled_from([None, "x", "y", "z"])
PRINTS = [f"r{number:012x}" for number in range(6)]


@st.composite
def companies(draw: st.DrawFn) -> list[Held]:
    prints = draw(st.lists(st.sampled_from(PRINTS), unique=True, min_size=1))
    return [Held(who, draw(VALUES), draw(st.booleans()), draw(st.booleans()), draw(st.booleans())) for who in prints]


BASES = st.none() | st.builds(Agreed, VALUES, st.dictionaries(st.sampled_from(PRINTS), VALUES, max_size=3))
MERGES = pytest.mark.parametrize("merge", [merged, following, lambda held, base: compared(held)])


@MERGES
@given(held=companies(), base=BASES, data=st.data())
def test_the_order_of_records_decides_nothing(
    merge: Callable[[Sequence[Held], Agreed | None], Verdict],
    held: list[Held],
    base: Agreed | None,
    data: st.DataObject,
) -> None:
    assert merge(data.draw(st.permutations(held)), base) == merge(held, base)


@given(held=companies(), base=st.sampled_from([None, "open", "closed"]), data=st.data())
def test_the_order_of_records_decides_no_state(held: list[Held], base: State | None, data: st.DataObject) -> None:
    assert carried(data.draw(st.permutations(held)), base) == carried(held, base)


@given(held=companies(), base=BASES)
def test_nobodys_edit_is_overruled(held: list[Held], base: Agreed | None) -> None:
    assume(base is not None)
    assert base is not None
    edits = [each for each in held if each.known and not each.closed and is_edit(each, base)]
    assume(len(edits) == 1)
    verdict = merged(held, base)
    assert verdict in (Settled(edits[0].value), DISPUTED)
    if all(each.known or each.closed for each in held):
        assert verdict == Settled(edits[0].value)


@given(held=companies(), base=BASES)
def test_what_is_settled_is_what_somebody_holds_or_what_was_agreed(held: list[Held], base: Agreed | None) -> None:
    verdict = merged(held, base)
    if isinstance(verdict, Settled):
        assert verdict.value in {None, base.value if base else None, *(each.value for each in held if not each.closed)}
        if verdict.value is None and base is not None and base.value is not None:
            assert any(each.value is None and each.known and not each.closed for each in held), "somebody cleared it"


@MERGES
@given(held=companies(), base=BASES, value=VALUES)
def test_equal_values_never_conflict(
    merge: Callable[[Sequence[Held], Agreed | None], Verdict], held: list[Held], base: Agreed | None, value: str | None
) -> None:
    assert merge([replace(each, value=value) for each in held], base) != DISPUTED


@MERGES
@given(held=companies(), base=BASES, more=companies())
def test_closed_records_decide_nothing(
    merge: Callable[[Sequence[Held], Agreed | None], Verdict], held: list[Held], base: Agreed | None, more: list[Held]
) -> None:
    open_ones = [each for each in held if not each.closed]
    verdict = merge([*open_ones, *(replace(each, closed=True) for each in more)], base)
    assert verdict == merge(open_ones, base) == merge(held, base)


@MERGES
@given(held=companies(), base=BASES)
def test_once_all_follow_there_is_nothing_more_to_do(
    merge: Callable[[Sequence[Held], Agreed | None], Verdict], held: list[Held], base: Agreed | None
) -> None:
    verdict = merge(held, base)
    if isinstance(verdict, Settled):
        after = [each if each.closed else replace(each, value=verdict.value, known=True) for each in held]
        lagging = {each.fingerprint: each.value for each in held if each.closed and each.value != verdict.value}
        assert merge(after, Agreed(verdict.value, lagging)) in (verdict, UNDECIDED)


@given(held=companies(), base=BASES)
def test_who_does_not_lead_decides_nothing(held: list[Held], base: Agreed | None) -> None:
    verdict = following(held, base)
    assert verdict == following([each if each.leads else replace(each, value="other") for each in held], base)
    if isinstance(verdict, Settled):
        values: Mapping[str, str | None] = {each.fingerprint: each.value for each in held if each.leads}
        assert verdict.value in {*values.values(), base.value if base else None}


@given(held=companies(), base=st.sampled_from([None, "open", "closed"]))
def test_a_state_is_carried_only_where_it_was_agreed_otherwise(held: list[Held], base: State | None) -> None:
    verdict = carried(held, base)
    others = {each.closed for each in held if not each.leads}
    if isinstance(verdict, Settled):
        changes = others != {verdict.value == "closed"}
        assert not changes or (base is not None and base != verdict.value)
        reopened = [each for each in held if each.closed and not each.leads and verdict.value == "open"]
        assert all(each.known for each in reopened)


def test_values_are_the_same_as_they_are_written() -> None:
    assert equal(None, None)
    assert not equal("x", "X")
    assert not equal("", None)
