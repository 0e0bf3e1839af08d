from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc_jira.jql import any_of, clause_problem, in_project, jql_quote, open_or_changed_since


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("API", '"API"'),
        ("order", '"order"'),
        ('A" OR project = "B', '"A\\" OR project = \\"B"'),
        ("ends with \\", '"ends with \\\\"'),
        ('\\" OR 1', '"\\\\\\" OR 1"'),
    ],
)
def test_quoting(text: str, quoted: str) -> None:
    assert jql_quote(text) == quoted


@given(st.text(st.characters(min_codepoint=32)))
def test_a_quoted_text_ends_only_at_its_end_and_reads_back(text: str) -> None:
    inner = jql_quote(text)[1:-1]
    read, escaped = "", False
    for character in inner:
        if not escaped and character == "\\":
            escaped = True
            continue
        assert escaped or character != '"'
        read, escaped = read + character, False
    assert not escaped
    assert read == text


def test_control_characters_are_refused() -> None:
    with pytest.raises(ValueError, match="control character"):
        jql_quote("a\nb")


def test_clauses() -> None:
    assert in_project('A"PI', "issuetype = Epic") == 'project = "A\\"PI" AND issuetype = Epic'
    assert any_of("fixVersion", ["10010", "1.0"]) == 'fixVersion in (10010, "1.0")'
    assert open_or_changed_since(date(2026, 3, 1)) == '(statusCategory != Done OR updated >= "2026-02-28")'


@pytest.mark.parametrize("clause", ["a = b)", "(a = b", "a = b) OR (c = d", "a = 'b", "a = b order  By key"])
def test_clauses_that_would_leave_their_parentheses(clause: str) -> None:
    assert clause_problem(clause)


@pytest.mark.parametrize("clause", ["issuetype = Milestone", 'a = ")" AND (b = "\\"")', "a in ('x', 'order by')"])
def test_clauses_that_stay_in_their_parentheses(clause: str) -> None:
    assert clause_problem(clause) is None
