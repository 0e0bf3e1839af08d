"""What in a comment is a command, and what only looks like one: a table for each way of marking text up."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.comment_commands import commands_in, snoozes_in
from mdpc.model import Markup

ON_GITHUB = [
    ("struck through", "~~/approve x~~"),
    ("struck through by one tilde", "~/approve x~"),
    ("a line within what is struck through", "~~not yet\n/approve x\nsorry~~"),
    ("a line within what one tilde strikes through", "~not yet\n/approve x\nsorry~"),
    ("the last line of what is struck through", "~~not yet\n/approve x because~~"),
    ("a gate that is struck through", "/approve ~~x~~"),
    ("a hidden block", "<div hidden>\n\n/approve x\n\n</div>"),
    ("a hidden block in one piece", "<div hidden>\n/approve x\n</div>"),
    ("details that are folded up", "<details><summary>more</summary>\n\n/approve x\n\n</details>"),
    ("a hidden block that is not closed", "<div hidden>\n\n/approve x"),
    ("a tag that does not end", "<div hidden\n\n>\n\n/approve x"),
    ("an end that stands in a tag", '<div hidden title="</div>">\n\n/approve x\n\n</div>'),
    ("an element with a slash", "<div hidden/>\n\n/approve x"),
    ("an element that begins in a line above", "see <span hidden>this\n/approve x\n</span>"),
    ("an element that begins in a paragraph above", "see <div hidden>this\n\n/approve x"),
    ("HTML that strikes through", "<del>no\n/approve x\n</del>"),
    ("an inner element that is closed", "<div hidden><b>a</b>\n\n/approve x\n\n</div>"),
]

IN_JIRA = [
    ("struck through", "-/approve x-"),
    ("a line within what is struck through", "-not yet\n/approve x\nsorry-"),
    ("a gate that is struck through", "/approve -x-"),
    ("white", "{color:white}/approve x{color}"),
    ("white, on a line of its own", "{color:white}\n/approve x\n{color}"),
    ("white within red", "{color:red}{color:white}\n/approve x\n{color}"),
    ("in a quotation in capitals", "{QUOTE}\n/approve x\n{QUOTE}"),
    ("in a quotation that ends in other letters", "{Quote}\n/approve x\n{quote}"),
    ("in preformatted text in capitals", "{NoFormat}\n/approve x\n{NOFORMAT}"),
    ("in code in capitals", "{CODE:Java}\n/approve x\n{code}"),
    ("in a panel", "{panel:title=Log}\n/approve x\n{panel}"),
]

PLAIN = [
    ("by itself", "/approve x"),
    ("below a quotation", "> why?\n\n/approve x"),
    ("with hyphens and tildes around it", "about ~5 days, pre-release\n/approve x\nsee ~/notes, post-release"),
    ("after a paragraph that strikes something through", "-not yet- ~~or so~~\n\n/approve x"),
    ("below a list and a number with a sign", "-5 is too few\n/approve x\n- as said"),
]

SEEN_ON_GITHUB = [
    ("below folded details", "<details>\n\nlog\n\n</details>\n\n/approve x"),
    ("below an image and a break", '<img src="a"><br>\n\n/approve x'),
    ("below a paragraph of HTML", '<p align="center">\n\n/approve x'),
    ("below an element in one line", "<b>good</b>\n\n/approve x"),
]

SEEN_IN_JIRA = [
    ("with a word in red in its reason", "/approve x {color:red}at last{color}"),
    ("below what is red", "{color:red}careful{color}\n/approve x"),
    ("below a quotation in capitals", "{QUOTE}\nwhy?\n{QUOTE}\n/approve x"),
]

BOTH = (Markup.BLOCK, Markup.LINE)
HIDDEN = [*((Markup.BLOCK, *row) for row in ON_GITHUB), *((Markup.LINE, *row) for row in IN_JIRA)]
SEEN = [
    *((markup, *row) for markup in BOTH for row in PLAIN),
    *((Markup.BLOCK, *row) for row in SEEN_ON_GITHUB),
    *((Markup.LINE, *row) for row in SEEN_IN_JIRA),
]


def of_x(text: str, markup: Markup) -> list[str]:
    """What a comment says of gate x."""
    return [each.word for each in commands_in(text, markup) if each.gate == "x"]


@pytest.mark.parametrize(("markup", "what", "text"), HIDDEN, ids=lambda value: value if " " in str(value) else None)
def test_what_a_reader_does_not_see_as_said_is_no_command(markup: Markup, what: str, text: str) -> None:
    assert of_x(text, markup) == [], what
    assert snoozes_in(text.replace("approve x", "snooze 2027-01-10 busy"), markup) == (), what


@pytest.mark.parametrize(("markup", "what", "text"), SEEN, ids=lambda value: value if " " in str(value) else None)
def test_what_a_reader_sees_as_said_is_one(markup: Markup, what: str, text: str) -> None:
    assert of_x(text, markup) == ["approve"], what


@pytest.mark.parametrize("markup", BOTH)
@given(st.lists(st.sampled_from(["~", "~~", "-", "<div", ">", "</div>", "\n", "{color:", "}", " ", "/approve x", "a"])))
def test_no_text_makes_it_stumble(markup: Markup, parts: list[str]) -> None:
    assert set(of_x("".join(parts), markup)) <= {"approve"}


@pytest.mark.parametrize("part", ["~a ", "~~a", "-a ", "<div ", '<div a="', "{color:", "<!", "~\n"])
def test_a_long_comment_takes_no_longer_than_it_has_to(part: str) -> None:
    text = f"{part * (60_000 // len(part))}\n\n/approve x"
    begun = time.process_time()
    for markup in BOTH:
        commands_in(text, markup)
    assert time.process_time() - begun < 5
