"""What a mark remembers, and when it is believed."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.memory import Agreed, Mark, Memory, Remembered, comment, mark_of, milestone_id
from mdpc.model import ContainerRef, Ref
from mdpc.status import BEGIN, END
from tests.core.build import record

REF = "github:acme/api#1"
DAYS = ((date(2026, 12, 1), date(2026, 11, 22)), (date(2026, 12, 24), date(2026, 11, 30)))
MEMBERS = (
    Remembered("r0123456789ab", "c0123456789ab", "open", Ref.parse(REF)),
    Remembered("r1123456789ab", "c1123456789ab", "vanished", Ref.parse("jira:API#10010")),
)
MEMORY = Memory(
    "m0123456789ab",
    "MI_1",
    members=MEMBERS,
    dues=DAYS,
    undated=((1, date(2026, 11, 25)),),
    base={"title": Agreed("v2 <b>"), "due": Agreed("2026-12-24", {"r1123456789ab": None})},
    disputes={"due": DAYS[0][1]},
    rebuilt=True,
)


def holding(text: str, uid: str = "MI_1") -> Memory | None:
    return mark_of(record(REF, uid=uid, description=f"{BEGIN}\n{text}\n{END}")).memory


def test_what_is_written_is_read() -> None:
    assert holding(comment(MEMORY)) == MEMORY
    assert holding(comment(Memory("m0123456789ab", "MI_1"))) == Memory("m0123456789ab", "MI_1")


@given(uid=st.text(min_size=1), name=st.text(min_size=1).filter(lambda name: "#" not in name))
def test_no_text_ends_the_comment(uid: str, name: str) -> None:
    member = Remembered("r0123456789ab", "c0123456789ab", "closed", Ref(ContainerRef("github", name), "1"))
    memory = Memory("m0123456789ab", uid, members=(member,), base={"title": Agreed(name)})
    written = comment(memory)
    assert written.count("-->") == 1
    assert holding(written, uid) == memory


def test_on_another_record_it_is_a_text_like_any_other() -> None:
    assert holding(comment(MEMORY), uid="MI_2") is None


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "<!-- mdpc:memory {} -->",
        "<!-- mdpc:memory { -->",
        "<!-- mdpc:memory [1] -->",
        comment(MEMORY).replace('"v":2', '"v":3'),
        comment(MEMORY).replace('"v":2', '"v":"2"'),
        comment(MEMORY).replace('"uid":"MI_1",', ""),
        comment(MEMORY).replace("r0123456789ab", "r"),
        comment(MEMORY).replace(" v jira", " z jira"),
        comment(MEMORY).replace("2026-12-01", "soon"),
        comment(MEMORY).replace("jira:API#10010", "nowhere"),
        comment(MEMORY).replace('"dues":[[', '"dues":[[1,'),
    ],
)
def test_damaged_memory_is_none(damaged: str) -> None:
    assert holding(damaged) is None


def test_a_line_holds_the_id_alone() -> None:
    version = record("jira:API#10010", uid="10010", description="text\nmdpc: on track, no owner [m0123456789ab]")
    assert mark_of(version) == Mark(claimed="m0123456789ab")
    assert mark_of(record("jira:API#10010")) == Mark()


def test_an_id_is_of_one_record_of_one_tracker() -> None:
    one = milestone_id(record(REF, uid="1"))
    assert one == milestone_id(record("github:acme/renamed#7", uid="1"))
    assert len({one, milestone_id(record(REF, uid="2")), milestone_id(record("jira:API#1", uid="1"))}) == 3
    assert len(one) == 13


@pytest.mark.parametrize(
    "identity", ["evil] {color:red} [~admin] h1. x", "m0123456789ab\nx", "m0123456789AB", "", "\ud800", 7, None, ["m"]]
)
def test_an_id_that_mdpc_never_gave_is_none(identity: object) -> None:
    forged = json.dumps({"v": 2, "id": identity, "uid": "MI_1"})
    assert holding(f"<!-- mdpc:memory {forged} -->") is None


def test_no_depth_of_brackets_stops_a_run() -> None:
    assert holding(f'<!-- mdpc:memory {{"v":{"[" * 5000}{"]" * 5000}}} -->') is None


def test_memory_pasted_after_our_own_changes_nothing() -> None:
    ours, theirs = comment(MEMORY), comment(Memory("mffffffffffff", "MI_9"))
    pasted = f"{BEGIN}\n{ours}\n{END}\n\n{BEGIN}\n{theirs}\n{END}"
    assert mark_of(record(REF, uid="MI_1", description=pasted)) == Mark(MEMORY)
