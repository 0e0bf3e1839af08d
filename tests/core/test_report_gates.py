"""Review gates and coordination issues in every report, and a milestone's reviews explained."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from mdpc import escape
from mdpc.changes import Change, Plan
from mdpc.judge import Explained, Explanation
from mdpc.model import Bypass, Milestone, Ref
from mdpc.plan import Request
from mdpc.report.as_json import as_json, milestone_object
from mdpc.report.explanation import explanations_json, explanations_markdown, explanations_text
from mdpc.report.issues import lines_of
from mdpc.report.markdown import as_markdown
from mdpc.report.page import Look
from mdpc.report.reviews import bypass_words
from mdpc.report.text import as_text
from mdpc.run import explain
from mdpc.standing import GateState, Standing, Voided, Vote, Word
from mdpc.tokens import seeds_in, token_id, token_url, told_apart, without_tokens
from tests.core.build import NOW, TODAY, milestone, record
from tests.core.reports import HOSTILE, WORKFLOW_COMMAND, team
from tests.core.test_gates_in_step import company

ISSUE = Ref.parse("github:acme/api#issue-12")
URL = "https://github.example/acme/api/issues/12"
SEED = "n0123456789ab"
BOB, CAROL, DORA = "person:bob", "person:carol", "account:github:dora"
AT = datetime(2026, 11, 20, 23, 5, tzinfo=UTC)
PENDING = Standing("release", "pending", True, missing="1 approval", waiting_for=(BOB, CAROL))


def change(kind: Any, field: str, before: Any, after: Any, ref: Ref = ISSUE, **facts: Any) -> Change:
    known = {"why": f"why {field}", "milestone": "p/1.0", "write": f"{ref} issue", **facts}
    return Change(f"c{field}{after}", known.pop("write"), kind, "p", ref, "uid", field, before, after, **known)


def comment(text: str, before: str | None = None, number: str = "") -> Change:
    ref = Ref(ISSUE.container, f"{ISSUE.id}/{number}") if number else ISSUE
    return change("comment", "comment", before, text, ref, why="a comment is due")


def new_issue(**values: str) -> tuple[Change, ...]:
    ref = Ref(ISSUE.container, token_id(SEED))
    return tuple(change("issue", name, None, value, ref, write=str(ref), why="new") for name, value in values.items())


def shown(*changes: Change, **facts: Any) -> Plan:
    return team(changes=changes, findings=(), **facts)


def listed(plan: Plan, width: int = 80) -> str:
    return as_text(plan, Look(width)).partition("TO WRITE")[2].partition("\n\n")[0]


# ── changes ───────────────────────────────────────────────────────────────────────────────────────

MADE = new_issue(title="Milestone: v1.0", body=f"at {token_url(SEED)}", assignee="bob-gh", label="milestone")


def test_a_new_issue_is_told_by_its_title() -> None:
    plan = shown(*MADE)
    assert listed(plan) == "  4\n  new issue: new (1)\n    github:acme/api#new  Milestone: v1.0, assignee bob-gh"
    rows = [line for line in as_markdown(plan).splitlines() if "api#new" in line]
    assert rows == [
        "| `github:acme/api#new` | new issue: Milestone: v1.0 | new |",
        "| `github:acme/api#new` | assignee: bob-gh | new |",
    ]
    (title, body, *_) = json.loads(as_json(plan))["changes"]
    assert (title["ref"], title["write"]) == ("github:acme/api#new", f"github:acme/api#new-{SEED}")
    assert body["after"] == "at …"


def test_an_issue_that_was_made_is_told_like_one_that_will_be() -> None:
    made = tuple(replace(each, ref=ISSUE, outcome="done") for each in MADE)
    text = as_text(shown(*made), Look(80))
    assert "WRITTEN  4\n  new issue: new (1)\n    github:acme/api#issue-12  Milestone: v1.0, assignee bob-gh\n" in text


def test_an_issue_that_could_not_be_made_is_one_trouble() -> None:
    failed = tuple(replace(each, outcome="failed", answer="issues are off (POST /x: 410)") for each in MADE)
    text = as_text(shown(*failed), Look(80))
    assert "FAILED  4\n  Issues are off (POST /x: 410).\n    github:acme/api#new  new issue\n" in text
    assert "- `github:acme/api#new`: Issues are off" in as_markdown(shown(*failed))


def test_mdpcs_own_parts_are_named_and_not_shown() -> None:
    parts = (
        change("issue", "body", "<!-- mdpc:begin -->\nold", "<!-- mdpc:begin -->\nsecret words"),
        change("comment", "ledger", "{1}", "{secret words}", Ref(ISSUE.container, "issue-12/99"), write="l"),
        change("comment", "ledger", None, "{secret words}", Ref.parse("github:acme/web#issue-3"), write="m"),
    )
    assert listed(shown(*parts)).splitlines()[1:] == [
        "  body: why body (1)",
        "    github:acme/api  #issue-12",
        "  ledger: why ledger (2)",
        "    github:acme/api  #issue-12",
        "    github:acme/web  #issue-3",
    ]
    text = as_markdown(shown(*parts))
    assert "| `github:acme/api#issue-12` | body | why body |" in text
    assert "| `github:acme/api#issue-12` | ledger | why ledger |" in text
    assert "secret" not in text + listed(shown(*parts))


def test_what_people_see_of_an_issue_is_shown_before_and_after() -> None:
    parts = (
        change("issue", "state", "open", "closed"),
        change("issue", "assignee", None, "bob-gh"),
    )
    assert "  issue: why state (1)\n    github:acme/api#issue-12  state: open → closed" in listed(shown(*parts))
    assert "| `github:acme/api#issue-12` | assignee: nothing → bob-gh | why assignee |" in as_markdown(shown(*parts))


@pytest.mark.parametrize(
    ("text", "before", "said"),
    [
        ("One line.\n\nAnother.\n<!-- mdpc:void release.1 -->", None, "One line."),
        ("\n  \nLate.", None, "Late."),
        ("(mdpc:answer 12)\nAfter a mark.", None, "After a mark."),
        ("New words.", "Old words.", "edited: New words."),
        ("<!-- mdpc:answer 1 -->", None, ""),
    ],
)
def test_a_comment_is_told_by_its_first_line(text: str, before: str | None, said: str) -> None:
    plan = shown(comment(text, before, "998" if before else ""))
    line = f"    github:acme/api#issue-12  {said}".rstrip()
    assert listed(plan).splitlines() == ["  1", "  comment: a comment is due (1)", line]
    assert f"| `github:acme/api#issue-12` | comment: {said} | a comment is due |" in as_markdown(plan)
    assert json.loads(as_json(plan))["changes"][0]["after"] == text


def test_a_long_comment_is_cut_and_many_are_counted() -> None:
    many = [comment(f"{number} " + "words " * 100) for number in range(23)]
    text = listed(shown(*many))
    assert " ".join(text.split()).count("more characters)") == 20
    assert text.endswith("    … and 3 more: `--format json` has all.")
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "(482 more characters)" in as_markdown(shown(many[0]))


MARKED_UP = (
    f"<!-- mdpc:begin -->\n**mdpc:** {escape.markdown('off_track *now* & @dave #12')}\n\n"
    f"- {escape.code('a_b')}: {escape.markdown('[x](y)')}\n\nRecords: {escape.code_link('github:acme/api#1', URL)}\n\n"
    "<!-- mdpc:issue m1 -->\n<!-- mdpc:end -->"
)


def test_what_is_written_in_markdown_is_told_as_it_is_read() -> None:
    assert lines_of(MARKED_UP) == [
        "mdpc: off_track *now* & @dave #12",
        "- `a_b`: [x](y)",
        "Records: `github:acme/api#1`",
    ]
    told = explanations_text(explained(PENDING, changes=(change("issue", "body", "", MARKED_UP),)), TODAY, Look(80))
    assert "    mdpc: off_track *now* & @dave #12\n    - `a_b`: [x](y)\n    Records: `github" in told


def test_a_comment_in_markdown_is_told_in_a_few_lines_without_its_escapes() -> None:
    said = " ".join(f"acme/some_api#{number} was *not* done," for number in range(40))
    plan = shown(comment(f"{escape.markdown(said, 9000)}\n\n<!-- mdpc:void release.1 -->"))
    lines = listed(plan).splitlines()[2:]
    assert 3 <= len(lines) <= 5
    assert lines[0].startswith("    github:acme/api#issue-12  acme/some_api#0 was *not* done,")
    assert "more characters)" in lines[-1]
    assert "acme/some\\_api&#8203;" not in as_markdown(plan)
    assert escape.markdown("acme/some_api#0 was *not* done") in as_markdown(plan)


def test_a_comment_in_jira_is_told_as_it_is() -> None:
    assert lines_of("a \\_ b &amp; c\n\n(mdpc:void release.1)") == ["a \\_ b &amp; c"]


def test_a_comment_mentions_nobody_in_a_report() -> None:
    text = as_markdown(shown(comment("@bob-gh: see #12 <!-- x")))
    assert "@bob-gh" not in text
    assert "<!--" not in text


@pytest.mark.parametrize("outcome", ["failed", "done", "stale", None])
@pytest.mark.parametrize("width", [20, 80])
def test_hostile_issues_and_comments_command_nothing(outcome: Any, width: int) -> None:
    hostile = (
        *new_issue(title=HOSTILE, assignee=HOSTILE),
        comment(HOSTILE, HOSTILE, "1"),
        change("issue", "assignee", HOSTILE, HOSTILE),
    )
    plan = shown(*(replace(each, why=HOSTILE, answer=HOSTILE, outcome=outcome) for each in hostile))
    assert not WORKFLOW_COMMAND.search(as_text(plan, Look(width)))
    assert not WORKFLOW_COMMAND.search(as_json(plan))
    text = as_markdown(plan)
    assert not WORKFLOW_COMMAND.search(text)
    assert "<script>" not in text
    assert "@everyone" not in text


def test_tokens_are_words_for_people() -> None:
    text = f"github:acme/api#{token_id(SEED)} at {token_url(SEED)} mdpcnewuid{SEED} mdpcnewprint{SEED}"
    assert without_tokens(text) == "github:acme/api#new at … new new"
    assert told_apart(token_id(SEED)) != told_apart(token_id(SEED[:-1] + "c"))
    assert not seeds_in(told_apart(text))


def test_a_whole_run_shows_no_token_anywhere() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    acme.jira.add("API", "v1.0", due=date(2027, 1, 1))
    plan = acme.plan()
    told = explain(acme.settings, acme.connectors, Request("explain", NOW), "*")
    assert any(seeds_in(str(each.after)) for each in plan.changes)
    texts = [as_text(plan, Look(width)) for width in (40, 80)] + [as_json(plan), as_markdown(plan)]
    texts += [explanations_text(told, TODAY, Look(80)), explanations_json(told, ""), explanations_markdown(told, TODAY)]
    assert [seeds_in(text) for text in texts] == [()] * 7
    assert max(len(line) for line in texts[1].splitlines()) <= 80
    assert "  talk    on an issue that is not made yet\n" in texts[4]
    assert "github:acme/api#new new issue: the milestone gets" in " ".join(texts[4].split())


# ── a milestone in JSON ───────────────────────────────────────────────────────────────────────────


def with_gates(*gates: Standing, **facts: Any) -> Milestone:
    return replace(milestone(record("github:acme/api#1", "v1.0", due="2026-12-01")), gates=gates, **facts)


@pytest.mark.parametrize(
    ("gate", "by"),
    [
        (PENDING, "close"),
        (replace(PENDING, at_close=False, by=date(2026, 12, 1)), "2026-12-01"),
        (replace(PENDING, at_close=False), None),
    ],
)
def test_a_gate_as_json(gate: Standing, by: str | None) -> None:
    gate = replace(gate, state="void", approved_by=(BOB, DORA))
    (told,) = json.loads(json.dumps(milestone_object(with_gates(gate))["gates"]))
    assert told == {
        "name": "release",
        "state": "void",
        "by": by,
        "approved_by": ["bob", "@dora"],
        "missing": "1 approval",
        "waived_by": [],
        "waived_why": [],
    }


def test_an_issue_and_a_bypass_as_json() -> None:
    told = milestone_object(with_gates(PENDING, issue=(ISSUE, URL), bypass=Bypass(("release",))))
    assert (told["issue"], told["bypass"]) == ("github:acme/api#issue-12", ["release"])
    told = milestone_object(with_gates(PENDING, issue=(Ref(ISSUE.container, token_id(SEED)), token_url(SEED))))
    assert (told["issue"], told["bypass"]) == (None, [])


# ── explained ─────────────────────────────────────────────────────────────────────────────────────

VOTES = (
    Vote(BOB, "approve", "", f"{URL}#1", AT, void=True),
    Vote(DORA, "approve", "", f"{URL}#2", AT, "you are not among the reviewers of release"),
    Vote(CAROL, "reject", "not | tested", f"{URL}#3", AT),
    Vote(CAROL, "withdraw", "", "", None),
    Vote("account:jira:5b10", "waive", "agreed", "javascript:alert(1)", AT),
)
GATE = Standing(
    *("release", "void", False, date(2026, 12, 1), 2, (CAROL,), "1 more approval", (BOB, DORA), (BOB,)),
    unreadable=(("acme/leads", "the token may not read it"),),
    vacant=True,
    votes=VOTES,
)


def explained(*gates: Standing, zone: str = "UTC", changes: tuple[Change, ...] = (), **facts: Any) -> Explained:
    told = with_gates(*gates, **{"issue": (ISSUE, URL), **facts})
    plan = replace(shown(*changes, milestones=(told,)), now=NOW.astimezone(ZoneInfo(zone)))
    return Explained(plan, (Explanation(told, (), (), changes),))


def test_a_gate_is_explained_with_its_history() -> None:
    text = explanations_text(explained(GATE, bypass=Bypass(("release",), 2)), TODAY, Look(120))
    gates = text.partition("GATES\n")[2]
    assert gates.splitlines()[:15] == [
        "  closed without passing release; mdpc has opened it again 2 times",
        "  release  void  by 2026-12-01",
        "    approved by carol",
        "    still needed: 1 more approval",
        "    nobody who is there can pass it",
        "    may approve: bob and @dora, by the line `/approve release` in a comment",
        "    nobody knows who is in team acme/leads: the token may not read it",
        "    2026-11-20 23:05  bob approved (void: what was approved has changed since)",
        f"      {URL}#1",
        "    2026-11-20 23:05  @dora approved (does not count: they are not among the reviewers of release)",
        f"      {URL}#2",
        '    2026-11-20 23:05  carol rejected: "not | tested"',
        f"      {URL}#3",
        "    (no moment)  carol withdrew what was said before",
        '    2026-11-20 23:05  @5b10 waived it: "agreed"',
    ]
    assert f"  talk    github:acme/api#issue-12 {URL}\n" in text


def test_a_gate_that_is_passed_needs_nothing() -> None:
    text = explanations_text(explained(Standing("a", "approved", True, approved_by=(BOB,))), TODAY, Look(80))
    assert "GATES\n  a  approved  before it closes\n    approved by bob\n\n" in text


WAIVED = Standing(
    *("a", "waived", True),
    votes=(
        Vote(BOB, "waive", "", URL, AT, "a reason is missing"),
        Vote(CAROL, "waive", "the *notes* come later", URL, AT),
        Vote(DORA, "approve", "", URL, AT),
    ),
)


def test_who_waived_a_gate_and_why_is_told_wherever_it_stands() -> None:
    text = explanations_text(explained(WAIVED), TODAY, Look(80))
    assert 'GATES\n  a  waived  before it closes\n    waived by carol: "the *notes* come later"\n' in text
    told = explanations_markdown(explained(WAIVED), TODAY)
    assert '- gate `a`: waived, before it closes\n  - waived by carol: "the \\*notes\\* come later"\n' in told
    (gate,) = json.loads(json.dumps(milestone_object(with_gates(WAIVED))["gates"]))
    assert (gate["waived_by"], gate["waived_why"]) == (["carol"], ["the *notes* come later"])


@pytest.mark.parametrize(
    ("absent", "said"), [(("x",), "gate x does not apply here"), (("x", "y"), "gates x and y do not apply here")]
)
@pytest.mark.parametrize("state", ["approved", "pending"])
def test_a_required_gate_that_does_not_apply_is_told(state: GateState, absent: tuple[str, ...], said: str) -> None:
    told = explained(Standing("a", state, True, absent=absent))
    assert f"    {said}\n" in explanations_text(told, TODAY, Look(80))
    assert f"  - {said}\n" in explanations_markdown(told, TODAY)
    (gate,) = json.loads(explanations_json(told, ""))["milestones"][0]["gates"]
    assert gate["absent"] == list(absent)


def test_moments_are_told_in_the_configured_zone() -> None:
    told = explained(GATE, zone="Europe/Berlin")
    assert "2026-11-21 00:05  bob approved" in explanations_text(told, TODAY, Look(80))
    assert "2026-11-21 00:05: bob approved" in explanations_markdown(told, TODAY)
    (gate,) = json.loads(explanations_json(told, ""))["milestones"][0]["gates"]
    assert gate["votes"][0]["at"] == "2026-11-21T00:05:00+01:00"


def test_a_gate_is_explained_in_markdown() -> None:
    text = explanations_markdown(explained(GATE, bypass=Bypass(("release",), 0, True)), TODAY)
    assert f"- talk: [`github:acme/api#issue-12`]({URL})\n" in text
    assert "- **closed without passing release; it stays closed**\n- gate `release`: void, by 2026-12-01\n" in text
    assert "  - may approve: bob and @\u200bdora, by the line `/approve release` in a comment\n" in text.replace(
        "&#8203;", "\u200b"
    )
    assert f'carol rejected: "not &#124; tested" ([`link`]({URL}#3))\n' in text
    assert "javascript" not in text


def test_a_gate_is_explained_in_json() -> None:
    (gate,) = json.loads(explanations_json(explained(GATE), ""))["milestones"][0]["gates"]
    votes = gate.pop("votes")
    assert gate == {
        "name": "release",
        "state": "void",
        "by": "2026-12-01",
        "approved_by": ["carol"],
        "missing": "1 more approval",
        "waived_by": [],
        "waived_why": [],
        "approvals": 2,
        "waiting_for": ["bob", "@dora"],
        "voided_for": ["bob"],
        "unreadable": [{"team": "acme/leads", "why": "the token may not read it"}],
        "vacant": True,
        "voided": None,
        "absent": [],
    }
    assert [(each["who"], each["word"], each["counts"], each["void"]) for each in votes] == [
        ("bob", "approve", False, True),
        ("@dora", "approve", False, False),
        ("carol", "reject", True, False),
        ("carol", "withdraw", True, False),
        ("@5b10", "waive", True, False),
    ]
    assert votes[1]["against"] == "they are not among the reviewers of release"
    assert votes[2]["url"] == f"{URL}#3"
    assert votes[3]["at"] is None


def test_what_will_be_said_is_explained_without_marks_and_data() -> None:
    changes = (
        *MADE,
        comment("First.\n\nSecond.\n\n<!-- mdpc:void release.1 -->"),
        change("comment", "ledger", None, "What mdpc keeps.\n<!-- mdpc:data {} -->\n<!-- mdpc:ledger m1 -->"),
    )
    told = explained(PENDING, changes=changes)
    written = explanations_text(told, TODAY, Look(80)).partition("TO WRITE\n")[2].splitlines()
    assert written[:9] == [
        "  github:acme/api#new  new issue: new",
        "    Milestone: v1.0",
        "  github:acme/api#new  assignee: new",
        "    bob-gh",
        "  github:acme/api#issue-12  comment: a comment is due",
        "    First.",
        "    Second.",
        "  github:acme/api#issue-12  ledger: why ledger",
        "    What mdpc keeps.",
    ]
    assert "- to write: `github:acme/api#new`: new\n" in explanations_markdown(told, TODAY)


def test_what_is_said_on_an_issue_is_part_of_the_explanation() -> None:
    acme = company()
    acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    acme.jira.add("API", "v1.0", due=date(2027, 1, 1))
    acme.settled()
    issue = acme.github.desk.one("acme/api")
    acme.github.desk.say(issue, "dora", "/approve release-review")
    told = explain(acme.settings, acme.connectors, Request("explain", NOW), "v1.0")
    assert [each.field for each in told.explanations[0].changes if each.kind == "comment"][:1] == ["comment"]
    text = explanations_text(told, TODAY, Look(80))
    assert "@dora approved (does not count: they are not among" in text
    assert "  talk    github:acme/api#issue-1 https://" in text


@pytest.mark.parametrize("width", [20, 40, 80])
def test_hostile_votes_command_nothing(width: int) -> None:
    votes = tuple(
        Vote(f"{kind}:github:{HOSTILE}", word, HOSTILE, url, AT, HOSTILE)
        for kind in ("person", "account")
        for word in get_args(Word)
        for url in (HOSTILE, "javascript:alert(1)", URL)
    )
    gates = [
        Standing(
            *(HOSTILE, state, True, None, 1, (f"person:{HOSTILE}",), HOSTILE, (f"account:github:{HOSTILE}",)),
            votes=votes,
        )
        for state in get_args(GateState)
    ]
    gates.append(replace(gates[0], unreadable=((HOSTILE, HOSTILE),), vacant=True))
    void = (Vote(HOSTILE, "approve", HOSTILE, URL, AT, void=True),)
    gates.append(replace(gates[0], votes=void, voided=Voided(HOSTILE, None, AT, HOSTILE)))
    told = explained(*gates, issue=(ISSUE, HOSTILE), changes=(comment(HOSTILE),), bypass=Bypass((HOSTILE,)))
    text, markdown = explanations_text(told, TODAY, Look(width)), explanations_markdown(told, TODAY)
    for each in (text, markdown, explanations_json(told, "")):
        assert not WORKFLOW_COMMAND.search(each)
    assert "\x1b" not in text
    assert "\u202e" not in text + markdown
    assert "<script>" not in markdown
    assert "@everyone" not in markdown
    assert not re.search(r"(?<!\\)\]\(javascript", markdown)
    assert [line for line in text.splitlines() if len(line) > max(width, 22) and "https://" not in line] == []


@pytest.mark.parametrize(
    ("bypass", "words"),
    [
        (Bypass(("a", "b")), "closed without passing a and b"),
        (Bypass(("a",), 1), "closed without passing a; mdpc has opened it again once"),
        (Bypass(("a",), 0, False, (ISSUE,)), "closed without passing a; it is to be opened again"),
        (Bypass(("a",), 3, True), "closed without passing a; mdpc has opened it again 3 times; it stays closed"),
    ],
)
def test_a_closing_without_review_in_words(bypass: Bypass, words: str) -> None:
    assert bypass_words(bypass) == words


def test_marks_are_no_lines() -> None:
    assert lines_of("a\n<!-- mdpc:x y -->\n  (mdpc:x y)  \n\n(mdpc: hello)\nb <!-- mdpc:x -->") == [
        "a",
        "(mdpc: hello)",
        "b <!-- mdpc:x -->",
    ]
    assert lines_of(None) == []
