"""What a person reads in a terminal."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from mdpc.changes import Plan, Stats, Withheld
from mdpc.model import USED_UP, Skipped, Unread
from mdpc.report.markdown import as_markdown
from mdpc.report.page import Look
from mdpc.report.text import as_text
from tests.core.build import NOW, plan, record
from tests.core.reports import WORKFLOW_COMMAND, applied, hostile, milestones, team


def test_the_first_lines_say_how_it_stands() -> None:
    headline, verdict, read, *_ = as_text(team()).splitlines()
    assert headline == "6 open milestones: 3 are off track, 1 is at risk, 1 has no due date and 1 is on"
    assert verdict == "track."
    assert read == "3 errors and 4 warnings on 4 milestones."


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (Plan("plan", NOW), "No milestone was found."),
        (Plan("plan", NOW, unread=(Unread("github:*", "it is down"),)), "No milestone could be read."),
        (plan(record("github:acme/api#1", closed=True)), "No milestone is open; 1 is closed."),
        (plan(record("github:acme/api#1", due="2027-11-22")), "The one open milestone is on track."),
        (plan(record("github:acme/api#1", due="2026-11-22")), "The one open milestone is on track."),
        (plan(record("github:acme/api#1")), "1 open milestone: 1 has no due date."),
        (
            plan(*(record(f"github:acme/api#{n}", f"v{n}", due="2027-01-01") for n in (1, 2))),
            "All 2 open milestones are on track.",
        ),
    ],
)
def test_the_headline(shown: Plan, sentence: str) -> None:
    assert as_text(shown).splitlines()[0] == sentence


def test_milestones_stand_worst_first_with_days_owner_and_findings() -> None:
    text = as_text(team())
    heads = re.findall(r"^(OFF TRACK|AT RISK|NO DUE DATE|ON TRACK|WHAT TO DO|TO WRITE)", text, re.MULTILINE)
    assert heads == ["OFF TRACK", "AT RISK", "NO DUE DATE", "WHAT TO DO", "TO WRITE"]
    late, soon, undated = re.findall(r"^● (v1\.0|v2\.0|Someday) +(.*)$", text, re.MULTILINE)
    assert [*late[1].split(None, 2)] == ["github:acme/api#1", "7/10", "2026-11-02, 20 days late  bob"]
    assert [*soon[1].split(None, 2)] == ["jira:API#10010", "0/5", "2026-11-25, in 3 days  Alice"]
    assert [*undated[1].split(None, 2)] == ["github:acme/web#2", "-", "no date  nobody"]
    assert "  error  overdue         it was due on 2026-11-12, 10 days ago\n" in text
    assert "  warn   owner-required  nobody owns it\n" in text
    assert text.index("v1.0") < text.index("Launch") < text.index("v1.1")


def test_what_is_well_is_only_counted() -> None:
    text = as_text(team())
    assert "v3.0" not in text
    assert "1 more milestone is on track or achieved." in text
    assert "v0.1" not in text
    assert "1 was closed before mdpc came: history, not judged." in text.replace("\n", " ")


def test_what_all_of_a_group_have_in_common_is_said_once() -> None:
    shown = plan(*(record(f"github:acme/api#{number}", f"v{number}") for number in range(1, 5)))
    text = as_text(shown)
    assert text.count("nobody owns it") == 1
    assert "All 4:\n  warn   due-date-required  it has no due date\n" in text


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_every_milestone_with_a_finding_is_named_in_full(width: int) -> None:
    shown = milestones(120)
    text = as_text(shown, Look(width))
    flat, words = " ".join(text.split()), set(text.split())
    for milestone in shown.milestones:
        assert milestone.title in flat
        assert str(milestone.holder.ref) in words if width > 20 else text.replace("\n  ", "")


def wide() -> Plan:
    """Milestones that are anything but narrow: a long title of words, one without a blank, many records, long refs."""
    many = [record(f"github:acme/repository-{number}#1", "v1.0", due="2019-12-31") for number in range(20)]
    return plan(
        *many,
        record("github:acme/api#2", "A title of many words " * 12, due="2026-11-01", open_issues=1_000),
        record("github:acme/api#3", "W" * 250),
        record(f"github:acme/{'x' * 100}#4", "v1.1", description="Owner: @somebody-with-a-long-name"),
        programs=[{"name": "engine", "members": [{"ref": str(each.ref.container)} for each in many]}],
    )


@pytest.mark.parametrize("width", [30, 40, 80, 132, 200])
@pytest.mark.parametrize("shown", [team(), wide(), applied(wide(), n1="failed")], ids=["team", "wide", "failed"])
def test_nothing_is_wider_than_the_page(width: int, shown: Plan) -> None:
    lines = as_text(shown, Look(width)).splitlines()
    assert [line for line in lines if cell_len(line) > width] == []
    assert not any(line != line.rstrip() for line in lines)


def test_a_remedy_is_said_once_for_all() -> None:
    text = " ".join(as_text(milestones(40)).split())
    assert text.count("Finish and close the milestone, or move its due date and say why.") == 1


def test_what_would_be_written_is_counted_and_its_rest_too() -> None:
    text = as_text(milestones(45))
    assert "TO WRITE  45\n  status: the milestone gets its status (45)\n" in text
    assert "    github:acme/repository-0  #0\n" in text
    assert "… and 25 more in 25 other containers: `--format json` has all.\n" in text
    assert text.endswith("Next: `mdpc sync` writes these changes; this run wrote nothing.\n")


def test_a_field_is_shown_before_and_after() -> None:
    shown = team()
    change = replace(shown.changes[0], kind="update", field="due", before=None, after="2026-12-01", why="Jira moved it")
    text = as_text(replace(shown, changes=(change,)))
    assert f"  update: Jira moved it (1)\n    {change.ref}  due: nothing → 2026-12-01\n" in text


def test_check_shows_no_changes() -> None:
    text = as_text(replace(team(), command="check"))
    assert "TO WRITE" not in text
    assert "OFF TRACK" in text
    assert "`mdpc explain TITLE`" in text


def test_after_a_sync_what_failed_comes_first_and_in_full() -> None:
    text = as_text(applied(milestones(60), **{f"n{number}": "failed" for number in range(30)}, n40="stale"))
    assert "30 changes failed.\n" in text
    assert (
        text.index("FAILED  30")
        < text.index("NOT WRITTEN, SOMEBODY CHANGED IT MEANWHILE  1")
        < text.index("WRITTEN  29")
    )
    assert text.count("The tracker said failed (PATCH /x: 500).") == 1
    for number in range(30):
        assert f"    github:acme/repository-{number}#{number}  status\n" in text
    assert text.endswith("Next: Run the command again for what was not written; what is done stays done.\n")


def test_after_a_sync_without_trouble_nothing_is_left() -> None:
    text = as_text(applied(team()))
    assert "WRITTEN  6\n" in text
    assert text.endswith("Next: nothing; all is written.\n")


HELD_BACK = (Withheld("2 comments and issues", "[limits] comments allows 5 in one run"),)


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (
            {"withheld": HELD_BACK, "stats": Stats(truncated=True)},
            "Run the command again, or wait for the next run: [limits] held something back.",
        ),
        ({"withheld": HELD_BACK}, "nothing; all is written but what is withheld."),
    ],
)
def test_after_a_sync_that_held_something_back_not_all_is_written(facts: dict[str, Any], step: str) -> None:
    done = replace(applied(team()), **facts)
    assert f"Next: {step}\n" in as_text(done, Look(120))
    assert f"**Next:** {step}\n" in as_markdown(done)


def test_with_something_withheld_and_nothing_to_write_that_is_what_to_look_at() -> None:
    shown = team(changes=(), findings=(), withheld=HELD_BACK)
    assert as_text(shown, Look(120)).endswith("Next: nothing to do but for what is withheld.\n")


def refused(shown: Plan, status: int) -> Plan:
    """The plan after a sync in which the tracker refused every write, each in words that name its path."""
    changes = tuple(
        replace(
            change,
            outcome="failed",
            answer=f"The token may read {change.ref}, not write it (PATCH /x/{change.ref.id}: {status}). Give access.",
        )
        for change in shown.changes
    )
    return replace(shown, command="sync", changes=changes)


def test_alike_failures_are_one_sentence_with_its_refs_below() -> None:
    shown = refused(milestones(37), 403)
    text = as_text(shown)
    sentence = "  The token may read the milestone, not write it (PATCH: 403). Give access.\n"
    assert text.count("The token may read") == text.count(sentence) == 1
    assert text.count("    github:acme/repository-") == 37
    marked = as_markdown(shown)
    assert marked.count("The token may read") == 1
    assert "`github:acme/repository-0#0`, `github:acme/repository-1#1`, " in marked


def test_one_failure_keeps_its_path() -> None:
    assert "may read github:acme/repository-0#0, not write it (PATCH /x/0: 403)" in " ".join(
        as_text(refused(milestones(1), 403)).split()
    )


@pytest.mark.parametrize(
    ("status", "step"), [(403, "`mdpc doctor` says which rights are missing;"), (500, "Run the command again for what")]
)
def test_after_missing_rights_the_next_step_is_the_doctor(status: int, step: str) -> None:
    assert f"Next: {step}" in as_text(refused(milestones(3), status))
    assert f"**Next:** {step}" in as_markdown(refused(milestones(3), status))


def test_a_right_that_jira_misses_by_a_400_is_a_right_too() -> None:
    change = replace(
        team().changes[0],
        outcome="failed",
        answer="Jira does not accept the request (PUT /x: 400). Writing to versions needs Administer Projects on API.",
    )
    assert "Next: `mdpc doctor` says which rights are missing;" in as_text(team(changes=(change,)))


def test_what_was_not_read_is_to_be_repaired_before_the_rest_is_written() -> None:
    text = as_text(team(unread=(Unread("jira:WEB", "the token may not browse it"),)))
    assert text.endswith(
        "Next: Repair what could not be read (`mdpc doctor` looks at tokens and rights).\n"
        "`mdpc sync` writes these changes; this run wrote nothing.\n"
    )


def test_remedies_say_for_which_tracker_they_are_where_they_differ() -> None:
    text = " ".join(as_text(team()).split())
    assert "owner-required Add a line" in text
    both = plan(record("github:acme/api#1"), record("jira:API#1", "2"))
    text = " ".join(as_text(both).split())
    assert "owner-required On github: Add a line `Owner: @login` to the description of the milestone, or" in text
    assert "owner-required On jira: Add a line `Owner: @login` to the description of the milestone or set" in text
    assert "due-date-required Set the due date of the milestone, or waive the rule in [[waivers]] with" in text


def test_days_are_counted_alike_everywhere() -> None:
    text = as_text(plan(record("github:acme/api#1", due="2019-12-31")))
    assert "2019-12-31, 2,518 days late" in text
    assert "it was due on 2019-12-31, 2,518 days ago" in text


@pytest.mark.parametrize("title", ["", "  "])
def test_a_milestone_without_a_title_is_named_all_the_same(title: str) -> None:
    shown = plan(record("github:acme/api#1", title))
    assert "● (no title)  github:acme/api#1" in as_text(shown)
    assert "**(no title)**<br>" in as_markdown(shown)


def test_limits_say_what_they_refuse_and_how_to_go_on() -> None:
    shown = plan(*(record(f"github:acme/api#{number}", f"v{number}") for number in range(4)), limits={"adopt": 3})
    text = as_text(shown)
    assert "1 program is refused by [limits].\n" in text
    assert "REFUSED BY [limits], NOT WRITTEN  4\n" in text
    assert "TO WRITE" not in text
    assert text.endswith("if these are the right records, `mdpc sync --adopt 4`\nwrites to them.\n")


def test_what_is_missing_is_named_with_its_reason() -> None:
    text = as_text(
        team(
            withheld=(Withheld("the status of 2 records on jira", 'connectors.jira has access = "read"'),),
            unread=(Unread("jira:WEB", "the token may not browse it"), Unread("jira:OLD", "it is gone", optional=True)),
            skipped=(Skipped("github:acme/attic", "archived"), Skipped("github:acme/old", "archived")),
        )
    )
    assert "jira:WEB could not be read.\n" in text
    assert 'WITHHELD  1\n  the status of 2 records on jira\n    connectors.jira has access = "read".\n' in text
    assert "NOT READ  1\n  jira:WEB\n    The token may not browse it.\n" in text
    assert "NOT READ, AND OPTIONAL  1\n  jira:OLD\n" in text
    assert "LEFT OUT  2\n  github:acme/attic, github:acme/old\n    Archived.\n" in text


def test_requests_and_seconds_come_last_but_for_the_next_step() -> None:
    assert as_text(team()).splitlines()[-2] == "Requests: github 1, jira 2; 1.2 seconds."


def test_forget_counts_what_it_takes_out() -> None:
    shown = replace(team(), command="forget", findings=())
    assert as_text(shown).startswith("mdpc's status stands in 6 descriptions.\n")
    assert "WOULD BE TAKEN OUT  6\n" in as_text(shown)
    after = replace(applied(shown, n1="failed"), command="forget")
    assert as_text(after).startswith("mdpc's status was taken out of 4 descriptions.\n2 changes failed.\n")
    assert as_text(replace(shown, changes=())).startswith("mdpc's status stands in 0 descriptions.\n")


def test_a_stopped_run_says_so() -> None:
    assert "The run stopped early; the next one does the rest.\n" in as_text(team(stats=Stats(truncated=True)))


def test_a_run_that_a_limit_ended_early_asks_nobody_to_repair_anything() -> None:
    stopped = Stats(truncated=True, stopped="[limits] operations = 9 is used up")
    left = tuple(Unread(f"jira:P{number}", f"[limits] operations = 9 is used up. {USED_UP}.") for number in range(4))
    shown = team(stats=stopped, unread=left, changes=())
    text = " ".join(as_text(shown).split())
    assert "The run stopped early: [limits] operations = 9 is used up, before 4 containers were read; the next" in text
    assert "could not be read" not in text
    assert "Next: Run the command again, or wait for the next run: it does what is left." in text
    broken = replace(shown, unread=(*left[:1], Unread("jira:OPS", "the token is wrong.")))
    text = " ".join(as_text(broken).split())
    assert (
        "jira:OPS could not be read. The run stopped early: [limits] operations = 9 is used up, before jira:P0" in text
    )
    assert "Next: Repair what could not be read" in text


@pytest.mark.parametrize("width", [*range(20, 60, 3), 80, 200])
def test_hostile_text_commands_nothing_at_any_width(width: int) -> None:
    text = as_text(hostile(), Look(width))
    assert not WORKFLOW_COMMAND.search(text)
    assert {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")} == {"\n"}


def test_colours_and_links_change_no_word() -> None:
    coloured = as_text(hostile(), Look(80, colour=True))
    plain = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", coloured)
    assert plain == as_text(hostile(), Look(80))
    assert "\x1b[1;31m" in coloured
    assert "javascript:" not in "".join(re.findall(r"\x1b\]8;[^\x1b]*", coloured))


def test_titles_of_any_script_keep_the_columns_in_line() -> None:
    shown = plan(record("github:acme/api#1", "リリース"), record("github:acme/api#2", "Release"))
    rows = [line for line in as_text(shown).splitlines() if line.startswith("● ")]
    assert {cell_len(row) for row in rows} == {80}
