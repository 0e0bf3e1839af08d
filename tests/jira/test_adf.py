from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.comment_commands import commands_in
from mdpc.model import Markup
from mdpc_jira import adf
from tests.jira.helpers import STATUS

BREAK = {"type": "hardBreak"}


def words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def paragraph(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


def doc(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


RICH = doc(
    {"type": "heading", "attrs": {"level": 2}, "content": [words("Plan")]},
    {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph(words("careful"))]},
    paragraph(words("Owner: "), {"type": "mention", "attrs": {"id": "1", "text": "@alice"}}, BREAK, words("see below")),
    {"type": "bulletList", "content": [{"type": "listItem", "content": [paragraph(words("one"))]}]},
    {"type": "rule"},
    paragraph(),
    {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": "2"}}]},
)


def test_words_line_by_line() -> None:
    assert adf.text(RICH) == "Plan\ncareful\nOwner: @alice\nsee below\none\n\n\n"
    assert adf.text(None) is None


@pytest.mark.parametrize("document", [RICH, None, doc(paragraph(words("x"), BREAK, words("y")))])
def test_a_line_comes_and_goes_without_a_trace(document: dict[str, Any] | None) -> None:
    with_line = adf.place(document, STATUS)
    assert with_line is not None
    assert with_line["content"][-1] == paragraph(words(STATUS))
    assert (adf.text(with_line) or "").endswith(STATUS)
    assert adf.place(with_line, STATUS) == with_line
    assert adf.place(with_line, None) == document


def test_a_new_line_takes_the_place_of_the_old() -> None:
    other = STATUS.replace("alice", "bob")
    assert adf.place(adf.place(RICH, STATUS), other) == adf.place(RICH, other)


def test_a_line_that_an_editor_drew_into_another_place() -> None:
    moved = doc(
        paragraph(words("above"), BREAK, words(STATUS), BREAK, words("below")),
        {"type": "panel", "content": [paragraph(words(STATUS))]},
    )
    assert adf.place(moved, None) == doc(paragraph(words("above"), BREAK, words("below")))


def test_nothing_but_the_line_was_there() -> None:
    assert adf.place(doc(paragraph(words(STATUS))), None) is None


nodes = st.recursive(
    st.builds(words, st.text(max_size=8)) | st.just(BREAK),
    lambda children: st.builds(
        lambda kind, content: {"type": kind, "content": content},
        st.sampled_from(["paragraph", "panel", "listItem"]),
        st.lists(children, max_size=4),
    ),
    max_leaves=12,
)


@given(st.lists(nodes, min_size=1, max_size=5))
def test_any_document_is_given_back_as_it_was(content: list[dict[str, Any]]) -> None:
    document = doc(*content)
    assert adf.place(adf.place(document, STATUS), None) == document


def test_a_mention_is_a_name_or_an_account() -> None:
    assert adf.text(RICH, accounts=True) == "Plan\ncareful\nOwner: [~accountid:1]\nsee below\none\n\n\n"
    assert adf.text(doc(paragraph({"type": "mention", "attrs": {"text": "@gone"}})), accounts=True) == "@gone"


def test_a_text_is_a_paragraph_a_line_with_links_and_mentions() -> None:
    link = {"type": "link", "attrs": {"href": "https://acme.example/x?y=1"}}
    plain = "Hello [~accountid:5b10:Bot-1], see https://acme.example/x?y=1.\n\n[~alice] (mdpc:x y)"
    document = adf.written(plain)
    assert document == doc(
        paragraph(
            words("Hello "),
            {"type": "mention", "attrs": {"id": "5b10:Bot-1"}},
            words(", see "),
            words("https://acme.example/x?y=1") | {"marks": [link]},
            words("."),
        ),
        paragraph(),
        paragraph(words("[~alice] (mdpc:x y)")),
    )
    assert adf.text(document, accounts=True) == plain


@given(st.lists(st.text() | st.sampled_from(["\n", "[~accountid:a:1]", "https://acme.example", ".", "[", "/"])))
def test_what_was_written_is_read_again(parts: list[str]) -> None:
    plain = "".join(parts)
    document = adf.written(plain)
    assert adf.text(document, accounts=True) == plain
    texts = [node["text"] for line in document["content"] for node in line["content"] if node["type"] == "text"]
    assert "" not in texts


@pytest.mark.parametrize(
    "node",
    [
        {"type": "blockquote", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "/approve x"}]}]},
        {"type": "codeBlock", "content": [{"type": "text", "text": "/approve x"}]},
        {"type": "panel", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "/approve x"}]}]},
        {
            "type": "paragraph",
            "content": [{"type": "text", "text": "/approve x", "marks": [{"type": "code"}]}],
        },
        *(
            {"type": "paragraph", "content": [{"type": "text", "text": "/approve x", "marks": [mark]}]}
            for mark in (
                {"type": "strike"},
                {"type": "textColor", "attrs": {"color": "#ffffff"}},
                {"type": "backgroundColor", "attrs": {"color": "#172b4d"}},
            )
        ),
        {
            "type": "paragraph",
            "content": [
                {"type": "text", "text": "no", "marks": [{"type": "strong"}, {"type": "strike"}]},
                {"type": "hardBreak"},
                {"type": "text", "text": "/approve ", "marks": [{"type": "strong"}, {"type": "strike"}]},
                {"type": "text", "text": "x", "marks": [{"type": "strike"}]},
            ],
        },
    ],
)
def test_what_is_quoted_or_code_or_struck_through_or_coloured_is_no_command(node: dict[str, Any]) -> None:
    said = adf.spoken({"type": "doc", "version": 1, "content": [node]})
    assert said is not None
    assert commands_in(said, Markup.LINE) == ()
    plain = adf.spoken(adf.written("looks good\n/approve x"))
    assert [each.gate for each in commands_in(plain or "", Markup.LINE)] == ["x"]
