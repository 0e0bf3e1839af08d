"""What a job's summary shows."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from mdpc.changes import Plan
from mdpc.model import Skipped, Unread
from mdpc.report.markdown import LONGEST, as_markdown, table
from tests.core.build import NOW
from tests.core.reports import WORKFLOW_COMMAND, applied, hostile, milestones, team

OURS = re.compile(r"<(?!/?(?:h3|p|table|thead|tbody|tr|th|td|ul|li|strong|code|br|details|summary|em|a)[ />])")


def html(text: str) -> str:
    rendered: str = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    return rendered


def test_a_headline_a_table_worst_first_and_the_next_step() -> None:
    text = as_markdown(team())
    head = "### 6 open milestones: 3 are off track, 1 is at risk, 1 has no due date and 1 is on track.\n\n3 errors and"
    assert text.startswith(head)
    assert text.endswith("**Next:** `mdpc sync` writes these changes; this run wrote nothing.\n")
    rows = re.findall(r"^\| (\S.*?) \| \*\*(.*?)\*\*", text, re.MULTILINE)
    assert rows == [
        *(("off track", "v1.0"), ("off track", "Launch"), ("off track", "v1.1")),
        *(("at risk", "v2.0"), ("no due date", "Someday")),
    ]
    assert "| 7/10 | 2026-11-02, 20 days late | bob |" in text
    assert "**error** overdue: it was due on 2026-11-12, 10 days ago<br>warn owner-required: nobody owns it" in text
    assert "[`github:acme/api#1`](https://tracker.example/acme/api/1)" in text


def test_changes_are_folded_and_outcomes_told() -> None:
    assert "<details><summary>To write: 6 changes</summary>" in as_markdown(team())
    text = as_markdown(applied(team(), n10010="failed"))
    assert "**1 change failed**\n\n- `jira:API#10010`: The tracker said failed (PATCH /x: 500)." in text
    assert "<details><summary>5 changes written</summary>" in text


def test_a_field_is_shown_before_and_after() -> None:
    change = replace(team().changes[0], kind="update", field="due", before=None, after="2026-12-01")
    assert "| due: nothing → 2026-12-01 |" in as_markdown(team(changes=(change,)))


def test_check_shows_no_changes_and_forget_no_findings() -> None:
    assert "To write" not in as_markdown(replace(team(), command="check"))
    forgotten = as_markdown(replace(team(), command="forget"))
    assert "Would be taken out: 6 changes" in forgotten
    assert "| off track |" not in forgotten


def test_what_is_missing_is_named_with_its_reason() -> None:
    shown = team(
        unread=(Unread("jira:WEB", "the token may not browse it"), Unread("jira:OLD", "it is gone", optional=True)),
        skipped=(Skipped("github:acme/attic", "archived"),),
    )
    text = as_markdown(shown)
    assert "**jira:WEB could not be read.**" in text
    assert "**Not read**\n\n- `jira:WEB`: The token may not browse it." in text
    assert "**Not read, and optional**\n\n- `jira:OLD`: It is gone." in text
    assert "**Left out**\n\n- `github:acme/attic`: Archived." in text


def test_hostile_text_marks_up_nothing() -> None:
    text = as_markdown(hostile())
    assert not WORKFLOW_COMMAND.search(text)
    assert "@everyone" not in text
    assert not OURS.search(html(text).replace("<details>", "").replace("</details>", ""))
    links = re.findall(r'(?:href|src)="([^"]*)"', html(text))
    assert links == []


def test_only_addresses_on_the_web_are_links() -> None:
    links = re.findall(r'href="([^"]*)"', html(as_markdown(team())))
    assert links
    assert all(link.startswith("https://tracker.example/") for link in links)


@pytest.mark.parametrize("shown", [Plan("plan", NOW), replace(team(), milestones=(), findings=(), changes=())])
def test_nothing_to_show_is_a_short_text(shown: Plan) -> None:
    assert "|" not in as_markdown(shown)


def test_a_summary_stays_below_one_mebibyte_and_says_what_it_leaves_out() -> None:
    text = as_markdown(milestones(2_000))
    assert len(text.encode()) < 1024 * 1024
    shown = len(re.findall(r"^\| off track \|", text, re.MULTILINE))
    assert f"… and {2_000 - shown:,} more rows: `--format json` has all." in text
    assert "… and 1,800 more: `--format json` has all." in text


def test_a_short_table_is_whole() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert "more" not in table(("a",), [("x" * (LONGEST // 2),)])
