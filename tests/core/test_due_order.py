"""The rule `due-order`: what descriptions and versions say of the order of milestones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc.circles import components
from mdpc.installed import installed_rules
from mdpc.judge import Policy
from mdpc.model import Finding, Milestone, Record
from mdpc.ordering import Order, order_of
from mdpc.plan import Request, explained
from mdpc.rules import due_order
from mdpc.rules.base import Context, Siblings
from tests.core.build import NOW, milestone, plan, record, settings, snapshot

PROGRAM = {"name": "p", "members": [{"ref": "github:acme/api"}, {"ref": "github:acme/web"}, {"ref": "jira:API"}]}
ON: dict[str, Any] = {"rules": {"due-order": {"level": "warn"}}, "programs": [PROGRAM]}
LINES_ALONE: dict[str, Any] = {**ON, "rules": {"due-order": {"versions": False}}}


def named(number: int, title: str, due: str | None = None, needs: str = "", **facts: Any) -> Record:
    """A GitHub milestone whose description says what it depends on."""
    if needs:
        facts["description"] = f"What it is for.\r\n\r\ndepends-on: {needs}\r\nmore"
    return record(f"github:acme/api#{number}", title, due=due, **facts)


def out_of_order(*records: Record, **tables: Any) -> list[Finding]:
    return [each for each in plan(*records, **{**ON, **tables}).findings if each.rule == "due-order"]


def said(*records: Record, **tables: Any) -> dict[str, str]:
    """What is found, by milestone."""
    return {each.milestone: each.message for each in out_of_order(*records, **tables)}


BASE = named(1, "Base", "2026-12-24")


@pytest.mark.parametrize(
    "needs",
    [
        "Base",
        "  base ",
        "p/base",
        "P/Base",
        "github:acme/api#1",
        "GitHub:Acme/API#1",
        "github:acme/api#Base",
        "**Base**",
        "`Base`",
        "Extra, Base",
        "Base, Extra",
        "Base,Base",
    ],
)
def test_what_others_wait_for_is_due_before_them(needs: str) -> None:
    records = [BASE, named(2, "Extra"), named(3, "Top", "2026-12-01", needs)]
    assert said(*records) == {"p/top": 'it is due on 2026-12-01 and depends on "Base", due on 2026-12-24'}


@pytest.mark.parametrize("due", ["2026-12-24", "2027-01-01", None])
def test_due_on_the_same_day_later_or_never_is_in_order(due: str | None) -> None:
    assert said(BASE, named(2, "Top", due, "Base")) == {}


@pytest.mark.parametrize(
    "line",
    ["Depends-On: Base", "- depends-on: Base", "> depends-on : Base", "**depends-on:** Base", "depends-on:Base"],
)
def test_a_line_may_be_written_as_people_write(line: str) -> None:
    assert len(said(BASE, record("github:acme/web#2", "Top", due="2026-12-01", description=line))) == 1


@pytest.mark.parametrize("line", ["it depends-on: Base", "<!-- depends-on: Nope -->", "depends-on:", "depends-on: , ,"])
def test_what_is_no_such_line_says_nothing(line: str) -> None:
    assert said(BASE, record("github:acme/web#2", "Top", due="2026-12-01", description=line)) == {}


def test_every_record_of_a_milestone_may_say_it() -> None:
    records = [
        BASE,
        record("github:acme/web#1", "Top", due="2026-12-01"),
        record("jira:API#7", "Top", due="2026-12-01", description="depends-on: Base"),
    ]
    assert list(said(*records)) == ["p/top"]


def test_titles_with_commas_are_found_whole() -> None:
    comma = named(1, "One, two, three", "2026-12-24")
    other = named(2, "One", "2026-12-23")
    assert list(said(comma, named(3, "Top", "2026-12-01", "One, two, three")).values()) == [
        'it is due on 2026-12-01 and depends on "One, two, three", due on 2026-12-24'
    ]
    both = out_of_order(comma, other, named(3, "Top", "2026-12-01", "One, two, three, One"))
    assert [each.message.partition(" depends on ")[2] for each in both] == [
        '"One, two, three", due on 2026-12-24',
        '"One", due on 2026-12-23',
    ]
    assert len({each.id for each in both}) == 2


def test_a_ref_means_the_record_whatever_is_called_so() -> None:
    liar = named(2, "github:acme/api#1", "2026-01-01")
    assert '"Base"' in said(BASE, liar, named(3, "Top", "2026-12-01", "github:acme/api#1"))["p/top"]


def test_what_names_nothing_is_found_where_it_stands() -> None:
    records = [BASE, named(2, "Top", needs="Bsae, Base, github:acme/api#99"), record("github:other/x#1", "Elsewhere")]
    first, second = out_of_order(*records)
    assert first.message == 'it depends on "Bsae", and nothing that was read of its program is called so'
    assert first.ref == second.ref == "github:acme/api#2"
    assert "github:acme/api#99" in second.message
    assert first.id != second.id
    (elsewhere,) = out_of_order(records[2], named(2, "Top", needs="Elsewhere"))
    assert '"Elsewhere"' in elsewhere.message


def test_what_is_reached_or_closed_is_waited_for_no_more() -> None:
    closed = named(1, "Base", "2026-12-24", closed=True)
    assert said(closed, named(2, "Top", "2026-12-01", "Base")) == {}
    assert said(BASE, named(2, "Top", "2026-12-01", "Base, Nope", closed=True)) == {}


def test_an_order_reaches_through_what_has_no_date() -> None:
    records = [BASE, named(2, "Middle", needs="Base"), named(3, "Between", needs="Middle")]
    top = named(4, "Top", "2026-12-01", "Between")
    assert said(*records, top) == {
        "p/top": 'it is due on 2026-12-01 and depends on "Between", which depends on "Base", due on 2026-12-24'
    }
    assert said(BASE, named(2, "Middle", closed=True, needs="Base"), named(4, "Top", "2026-12-01", "Middle")) == {}


def test_circles_are_found_and_end() -> None:
    ring = [
        named(1, "A", "2026-12-03", "B"),
        named(2, "B", "2026-12-02", "C"),
        named(3, "C", "2026-12-01", "A"),
        named(4, "Behind", "2026-12-01", "A"),
        named(5, "Before", "2026-12-24"),
        named(6, "Self", needs="Self, Before"),
    ]
    assert said(*ring) == {
        "p/a": 'it depends on "B", and so on itself',
        "p/b": 'it depends on "C", and so on itself',
        "p/c": 'it depends on "A", and so on itself',
        "p/behind": 'it is due on 2026-12-01 and depends on "A", due on 2026-12-03',
        "p/self": "it depends on itself",
    }


def test_without_a_date_a_circle_is_a_circle_and_no_more() -> None:
    ring = [named(1, "A", needs="B"), named(2, "B", needs="A"), named(3, "Top", "2026-12-01", "A")]
    assert sorted(said(*ring)) == ["p/a", "p/b"]


# ── versions ──────────────────────────────────────────────────────────────────────────────────────


def test_versions_are_due_in_their_order() -> None:
    records = [named(1, "v1.9", "2026-12-24"), named(2, "v1.10", "2026-12-01"), named(3, "v2.0", "2026-12-12")]
    assert said(*records) == {
        "p/1.10": 'it is due on 2026-12-01, and the version before it, "v1.9", on 2026-12-24',
    }
    assert said(*records, **LINES_ALONE) == {}


@pytest.mark.parametrize(("one", "other"), [("2.0rc1", "2.0"), ("2.0.dev1", "2.0a1"), ("1.9", "1!0.1"), ("9", "v10")])
def test_pre_releases_come_before_releases(one: str, other: str) -> None:
    assert said(named(1, one, "2026-12-01"), named(2, other, "2026-12-24")) == {}
    assert len(said(named(1, one, "2026-12-24"), named(2, other, "2026-12-01"))) == 1


@pytest.mark.parametrize("title", ["Launch", "1.0 of all", "1..0", "9" * 81, "9" * 5000, "\u0661.0 x", "", "v"])
def test_what_is_no_version_has_no_order(title: str) -> None:
    assert said(named(1, title, "2026-12-24"), named(2, "99999", "2026-12-01")) == {}


def test_two_spellings_of_a_version_are_no_order_of_each_other() -> None:
    records = [named(1, "1.0", "2026-12-24"), named(2, "1.0.0", "2026-12-01"), named(3, "1.1", "2026-12-12")]
    assert said(*records) == {"p/1.1": 'it is due on 2026-12-12, and the version before it, "1.0", on 2026-12-24'}


def test_versions_without_a_date_or_closed_are_passed_over() -> None:
    records = [
        named(1, "1.0", "2026-12-24"),
        named(2, "1.1"),
        named(3, "1.2", "2026-12-26", closed=True),
        named(4, "2.0", "2026-12-01"),
    ]
    assert list(said(*records)) == ["p/2.0"]


def test_what_a_line_says_counts_more_than_versions() -> None:
    backport = named(1, "1.9.1", "2026-12-24", "2.0")
    assert said(backport, named(2, "2.0", "2026-12-01")) == {}
    once = said(named(1, "1.0", "2026-12-24"), named(2, "2.0", "2026-12-01", "1.0"))
    assert once == {"p/2.0": 'it is due on 2026-12-01 and depends on "1.0", due on 2026-12-24'}


def test_the_key_of_a_title_pattern_may_be_the_version() -> None:
    member = {"ref": "github:acme/api", "title": "^api (?P<key>.+)"}
    records = [named(1, "api v1.0", "2026-12-24"), named(2, "api v2.0", "2026-12-01")]
    assert list(said(*records, programs=[{"name": "p", "members": [member]}])) == ["p/2.0"]


def test_programs_have_orders_of_their_own() -> None:
    records = [record("github:x/a#1", "1.0", due="2026-12-24"), record("github:x/b#1", "2.0", due="2026-12-01")]
    assert said(*records) == {}


def test_what_is_asked_about_one_milestone_is_judged_among_all() -> None:
    records = [BASE, named(2, "Top", "2026-12-01", "Base")]
    assert list(said(*records, only=("p/top",))) == ["p/top"]
    policy = Policy(settings(**ON), installed_rules())
    told = explained(snapshot(records), policy, Request("explain", NOW, ("p/top",)))
    (explanation,) = told.explanations
    (verdict,) = (each for each in explanation.verdicts if each.rule == "due-order")
    assert [breach.message for breach in verdict.breaches] == [
        'it is due on 2026-12-01 and depends on "Base", due on 2026-12-24'
    ]


def test_a_closed_milestone_has_no_order() -> None:
    rule = due_order.DueOrder()
    of = milestone(named(1, "Top", needs="Nope"))
    context = Context(NOW.date(), siblings=Siblings((of,)))
    assert len(list(rule.check(of, context))) == 1
    assert list(rule.check(replace(of, closed=True), context)) == []
    assert list(rule.check(of, Context(NOW.date()))) == []


# ── hostile and large ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "depends-on: " + "a," * 30_000,
        "depends-on: a\n" * 4_000,
        "depends-on: " + "x" * 60_000,
        "depends-on: " + "1,2," * 15_000,
        "\n".join(f"depends-on: {number}" for number in range(4_000)),
        "depends-on: " + "-*_ " * 15_000,
    ],
)
def test_no_description_finds_without_end(text: str) -> None:
    found = out_of_order(record("github:acme/api#1", "Top", description=text))
    assert len(found) <= 200
    assert all(len(each.message) < 300 for each in found)


def test_a_large_program_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(milestones: tuple[Milestone, ...]) -> Order:
        sizes.append(len(milestones))
        return order_of(milestones)

    monkeypatch.setattr(due_order, "order_of", counted)
    chain = [
        named(number, f"M{number}", f"{2026 + number // 300}-12-01", f"M{number - 1}") for number in range(1, 1000)
    ]
    found = out_of_order(*chain, record("github:x/alone#1"))
    assert [each.message for each in found] == [
        'it depends on "M0", and nothing that was read of its program is called so'
    ]
    assert sorted(sizes) == [1, 999]


@given(
    st.dictionaries(
        st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=4), max_size=8
    )
)
def test_parts_of_a_graph_are_those_that_reach_each_other(said: dict[str, list[str]]) -> None:
    graph = {node: [other for other in others if other in said] for node, others in said.items()}

    def reached(node: str) -> set[str]:
        seen: set[str] = set()
        ahead = [node]
        while ahead:
            for other in graph[ahead.pop()]:
                if other not in seen:
                    seen.add(other)
                    ahead.append(other)
        return seen

    parts = components(graph)
    assert sorted(node for part in parts for node in part) == sorted(graph)
    for position, part in enumerate(parts):
        for node in part:
            assert set(part) - {node} == {other for other in reached(node) if node in reached(other)} - {node}
            later = {other for after in parts[position + 1 :] for other in after}
            assert not reached(node) & later
