"""Hostile text stays text, wherever it is shown."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mdpc import escape

HOSTILE = [
    "::error::x",
    "  ::error::x",
    "ok\n::error::x",
    "##[add-mask]x",
    "a ##[group]b",
    "##vso[task.setvariable]x",
    "$(touch x)",
    "`x`",
    '"; rm',
    "@everyone",
    "@acme/leads",
    "<!channel>",
    "x" * 300_000,
    "\u202eevil\u202c",
    "\u2066evil\u2069\u200f",
    "a\u200bb\ufeff",
    "\x1b[31mred\x1b]8;;http://x\x07",
    "<!-- mdpc:end -->",
    "--><script>alert(1)</script>",
    "![x](https://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "[~alice] {panel}x{panel} !http://evil.example/x.png! [x|http://evil.example]",
    "https://evil.example www.evil.example a@b.example #12 acme/api#3 GH-4",
    "| a | b |",
    "# heading",
    "1. list",
    "- list",
    "$x^2$",
    "\ud800",
    "tail\\",
    "mdpc: x [m0123456789ab]",
    "\r\n\t\u2028\u2029\x85",
]

ANY_TEXT = st.text(st.characters(), max_size=60) | st.sampled_from(HOSTILE)
WORKFLOW_COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)


def unseen(text: str) -> list[str]:
    return [letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@pytest.mark.parametrize("function", [escape.plain, escape.terminal, escape.markdown, escape.line])
@given(text=ANY_TEXT)
def test_is_one_visible_line_of_bounded_length(function: Callable[[str], str], text: str) -> None:
    safe = function(text)
    assert not unseen(safe)
    safe.encode("utf-8")
    assert len(safe) < 20_000
    assert bool(safe) == bool(text.strip())


@given(text=ANY_TEXT)
def test_terminal_and_markdown_issue_no_workflow_command(text: str) -> None:
    assert not WORKFLOW_COMMAND.search(escape.terminal(text))
    assert not WORKFLOW_COMMAND.search(escape.markdown(text))


@pytest.mark.parametrize("width", range(1, 14))
@pytest.mark.parametrize("text", ["std::error::x", "ab ##[add-mask]x", "   ::error::x"])
def test_a_guarded_output_issues_no_workflow_command_wherever_it_was_wrapped(text: str, width: int) -> None:
    wrapped = "\n".join(text[start : start + width] for start in range(0, len(text), width))
    assert not WORKFLOW_COMMAND.search(escape.guard(wrapped))


def test_the_guard_keeps_columns_in_line() -> None:
    assert escape.guard("  ::error::x") == " \\::error::x"
    assert escape.guard("all\nis :: well") == "all\nis :: well"


@given(text=ANY_TEXT)
def test_markdown_renders_as_the_text_and_nothing_else(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(escape.markdown(text))
    inline = [child for token in tokens for child in token.children or ()]
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    assert {child.type for child in inline} <= {"text", "text_special"}
    seen = "".join(child.content for child in inline).replace("\u200b", "")
    assert _unguarded(seen) == _unguarded(escape.terminal(text))


def _unguarded(text: str) -> str:
    """The text without the backslashes that keep it from being a workflow command."""
    return text.replace("\\[", "[").replace("\\::", "::").removeprefix("\\")


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_in_a_cell_stays_in_its_cell(text: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {escape.markdown(text)} | z |"
    html = MarkdownIt("gfm-like", {"linkify": False}).render(table)
    assert html.count("<td>") == 2
    assert "<td>z</td>" in html
    assert not re.search(r"<(?!/?(table|thead|tbody|tr|th|td)>)", html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@everyone", "@&#8203;everyone"),
        ("see acme/api#12", "see acme/api\\#&#8203;12"),
        ("GH-4", "GH-&#8203;4"),
        ("https://evil.example", "https:&#8203;//evil.example"),
        ("www.evil.example", "www&#8203;.evil.example"),
        ("<!-- mdpc:end -->", "&lt;!-- mdpc:end --&gt;"),
        ("a|b", "a&#124;b"),
        ("C# and F#", "C\\# and F\\#"),
        ("v1.0 - beta", "v1.0 - beta"),
        ("Größe 1", "Größe 1"),
        ("2026-12-01", "2026-12-01"),
        ("0.10.1", "0.10.1"),
        ("1. list", "1\\. list"),
        ("12)", "12\\)"),
        ("- list", "\\- list"),
        ("===", "\\==="),
    ],
)
def test_markdown_mentions_and_links_nothing(text: str, expected: str) -> None:
    assert escape.markdown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[~alice]", "(~alice)"),
        ("{panel}x{panel}", "(panel)x(panel)"),
        ("!http://x/y.png!", "http: //x/y.png!"),
        ("Ship it!", "Ship it!"),
        ("a\\\\b", "a//b"),
        ("mdpc: x [m0123456789ab]", "mdpc: x (m0123456789ab)"),
        ("one\r\ntwo", "one two"),
    ],
)
def test_a_jira_line_has_no_markup(text: str, expected: str) -> None:
    assert escape.line(text) == expected


@given(text=ANY_TEXT)
def test_a_jira_line_has_no_sign_that_opens_markup(text: str) -> None:
    assert not re.search(r"[\[\]{}\\|]|!\S(?<!!!)|://", escape.line(text))


def test_the_terminal_spells_out_what_cannot_be_seen() -> None:
    assert escape.terminal("\x1b[31m \u202ex\u200b") == "<U+001B>[31m <U+202E>x<U+200B>"
    assert escape.terminal(" one\n\ttwo ") == "one two"
    assert escape.terminal("👩\u200d💻") == "👩💻"


def test_what_is_cut_says_so() -> None:
    assert escape.terminal("x" * 1010) == "x" * 1000 + "… (10 more characters)"
    assert escape.line("x" * 300_000).endswith("… (299,745 more characters)")
    assert escape.markdown("x" * 10, limit=10) == "x" * 10


@given(text=ANY_TEXT)
def test_json_says_the_same_and_issues_no_workflow_command(text: str) -> None:
    written = escape.json_text({"title": text, text: [text]})
    assert json.loads(written) == {"title": text, text: [text]}
    assert json.loads(escape.json_text(text, indent=None)) == text
    assert "\n" not in escape.json_text({"a": [text]}, indent=None)
    assert not unseen(written.replace("\n", ""))
    assert not WORKFLOW_COMMAND.search(written)
    assert written.isascii()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/a?b=c#d", "https://x.example/a?b=c#d"),
        ("https://x.example/a) [b](c", "https://x.example/a%29%20%5Bb%5D%28c"),
        ("https://x.example/\u202e\n<b>", "https://x.example/%E2%80%AE%0A%3Cb%3E"),
        ("javascript:alert(1)", None),
        ("http://", None),
        ("//x.example", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_only_addresses_on_the_web_are_links(url: str, expected: str | None) -> None:
    assert escape.web_address(url) == expected
    link = escape.code_link("a]b", url)
    assert link == (f"[`a]b`]({expected})" if expected else "`a]b`")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("github:acme/api#1", "`github:acme/api#1`"),
        ("@everyone <b>", "`@everyone <b>`"),
        ("a`b", "a\\`b"),
        ("a|b", "a&#124;b"),
        ("a\n\u202eb", "`a <U+202E>b`"),
        ("<!-- mdpc:end -->", "&lt;!-- mdpc:end --&gt;"),
        ("", ""),
    ],
)
def test_code_is_a_span_that_can_be_copied(text: str, expected: str) -> None:
    assert escape.code(text) == expected


def test_prose_keeps_what_is_to_be_typed_and_escapes_the_rest() -> None:
    text = "Add `Owner: @login` to *it*, <b> and ``x``; `a|b`"
    assert escape.prose(text) == "Add `Owner: @login` to \\*it\\*, &lt;b&gt; and \\`\\`x\\`\\`; a&#124;b"
