"""mdpc's place in a description: reversible to the byte, whatever people wrote around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.model import Markup
from mdpc.status import BEGIN, END, find, place

BLOCK = f"{BEGIN}\n**mdpc:** on track\n{END}"
LINE = "mdpc: on track, due 2026-12-01, owner alice [m0123456789ab]"
OTHER_LINE = "mdpc: off track, overdue since 2026-11-01, no owner [m0123456789ab]"
STATUS = {Markup.BLOCK: BLOCK, Markup.LINE: LINE}

texts = (
    st.text(alphabet=st.sampled_from("ab \t\r\n-<>!mdpc:[]"))
    | st.text()
    | st.lists(st.sampled_from([BEGIN, END, "text", "\n", "\n\n", "\r\n"])).map("".join)
)


@pytest.mark.parametrize("text", [None, "", " ", "\n", "\n\n", "text", "text\n\n", "a\r\nb\r\n", "<!-- hidden -->"])
def test_a_block_comes_and_goes_without_a_trace(text: str | None) -> None:
    placed = place(text, BLOCK, Markup.BLOCK)
    assert placed is not None
    assert placed.endswith(BLOCK)
    assert find(placed, Markup.BLOCK) == BLOCK
    assert place(placed, None, Markup.BLOCK) == text


@given(text=st.none() | texts, markup=st.sampled_from(Markup))
def test_placing_is_reversible_to_the_byte(text: str | None, markup: Markup) -> None:
    placed = place(text, STATUS[markup], markup)
    assert find(placed, markup) == STATUS[markup]
    taken_out = place(placed, None, markup)
    nothing_there = markup is Markup.LINE and not text
    assert taken_out == (None if nothing_there else place(text, None, markup))


@given(text=texts, markup=st.sampled_from(Markup))
def test_placing_twice_is_placing_once(text: str, markup: Markup) -> None:
    once = place(text, STATUS[markup], markup)
    assert place(once, STATUS[markup], markup) == once


def test_an_empty_and_a_missing_description_stay_apart_on_github() -> None:
    assert place(place("", BLOCK, Markup.BLOCK), None, Markup.BLOCK) == ""
    assert place(place(None, BLOCK, Markup.BLOCK), None, Markup.BLOCK) is None


def test_jira_does_not_tell_empty_from_missing() -> None:
    assert place("", LINE, Markup.LINE) == LINE
    assert place(LINE, None, Markup.LINE) is None


def test_text_that_people_wrote_after_the_block_stays() -> None:
    placed = f"before\n\n{BLOCK}\nafter"
    assert place(placed, None, Markup.BLOCK) == "before\nafter"


def test_of_two_blocks_both_are_found_and_one_is_left() -> None:
    pasted = f"copied\n\n{BEGIN}old{END}\n\n{BLOCK}"
    assert find(pasted, Markup.BLOCK) == f"{BEGIN}old{END}\n\n{BLOCK}"
    assert place(pasted, BLOCK, Markup.BLOCK) == f"copied\n\n{BLOCK}"


@pytest.mark.parametrize("text", [f"{BEGIN}\nwritten by people", f"{END} text", f"text {BEGIN}", f"{END}{BEGIN}\r\n"])
def test_a_lone_begin_or_end_is_text_of_people(text: str) -> None:
    placed = place(text, BLOCK, Markup.BLOCK)
    assert find(placed, Markup.BLOCK) == BLOCK
    assert place(placed, BLOCK, Markup.BLOCK) == placed
    assert place(placed, None, Markup.BLOCK) == text


def test_marks_inside_one_another_leave_nothing_behind() -> None:
    placed = place(f"text{BEGIN}{BEGIN}{END}{END}", BLOCK, Markup.BLOCK)
    assert placed == f"text\n\n{BLOCK}"
    assert place(placed, None, Markup.BLOCK) == "text"


def test_an_editor_that_changes_line_ends_changes_nothing_for_mdpc() -> None:
    edited = f"text\n\n{BLOCK}".replace("\n", "\r\n")
    assert find(edited, Markup.BLOCK) == BLOCK
    assert place(edited, None, Markup.BLOCK) == "text"


def test_a_line_that_people_wrote_is_not_ours() -> None:
    text = "mdpc: ask Alice about it"
    assert find(text, Markup.LINE) is None
    assert place(place(text, LINE, Markup.LINE), None, Markup.LINE) == text


def test_a_line_is_replaced_and_not_added() -> None:
    assert place(f"text\n{LINE}", OTHER_LINE, Markup.LINE) == f"text\n{OTHER_LINE}"


MEMORY = '<!-- mdpc:memory {"v":1} -->'


@pytest.mark.parametrize(
    "torn",
    [
        f"text\n\n{BEGIN}\n**mdpc:** on track\n\n{MEMORY}\n",
        f"text\n\n{BEGIN}\n**mdpc:** on track\n\n{MEMORY}\nmore",
        f"text\n\n{MEMORY}\n{END}",
    ],
)
def test_a_torn_block_is_ours_as_far_as_its_memory(torn: str) -> None:
    assert find(torn, Markup.BLOCK) not in (None, BLOCK)
    mended = place(torn, BLOCK, Markup.BLOCK)
    assert find(mended, Markup.BLOCK) == BLOCK
    assert "mdpc" not in (place(mended, None, Markup.BLOCK) or "")
    assert (place(mended, None, Markup.BLOCK) or "").startswith("text")


def test_a_line_with_text_after_it_survives_an_editor_that_changes_line_ends() -> None:
    edited = f"text\r\n{LINE}\r\nadded by people"
    assert find(edited, Markup.LINE) == LINE
    assert place(edited, OTHER_LINE, Markup.LINE) == f"text\r\nadded by people\n{OTHER_LINE}"
    assert place(edited, None, Markup.LINE) == "text\r\nadded by people"
