"""What saved runs tell together: which notices were followed by something being fixed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flows.rehearsal import Said, typed


def run(day: int, findings: str = "", notices: tuple[tuple[str, str, str], ...] = (), **more: Any) -> dict[str, Any]:
    """A run in which milestones `a` and `b` are there; each finding is called by its milestone and a number."""
    return {
        "schema": "mdpc/1",
        "command": "sync",
        "now": f"2026-11-{day:02}T09:00:00+01:00",
        "milestones": [{"key": "a"}, {"key": "b"}],
        "findings": [{"id": each, "milestone": each[0]} for each in findings.split()],
        "notices": [
            {"id": f"{key}{step}", "milestone": key, "step": step, "to": to.split(), "outcome": "done"}
            for key, step, to in notices
        ],
        "unread": [],
        **more,
    }


def report(folder: Path, runs: list[dict[str, Any]], *options: str) -> Said:
    paths = []
    for number, each in enumerate(runs):
        path = folder / f"{number}.json"
        path.write_text(json.dumps(each), encoding="utf-8")
        paths.append(str(path))
    return typed("report", "noise", *paths, *options)


RUNS = [
    run(1, "a1 a2 b1", (("a", "+1d", "alice"), ("b", "+1d", "bob"))),
    run(2, "a1 a2 b1"),
    run(3, "a2 b1", (("a", "+5d", "carol alice"),)),
    run(4, "b1"),
    run(5, "b1 b2"),
    run(6, "b1"),
]


def test_what_is_fixed_is_credited_to_the_last_notice_before(tmp_path: Path) -> None:
    found = report(tmp_path, RUNS[::-1], "--format", "json").json
    assert (found["runs"], found["notices"], found["heeded"], found["fixed"], found["unasked"]) == (6, 3, 3, 3, 0)
    assert found["steps"] == [
        {"step": "+1d", "notices": 2, "heeded": 2, "fixed": 2},
        {"step": "+5d", "notices": 1, "heeded": 1, "fixed": 1},
    ]
    assert found["people"] == [
        {"person": "alice", "notices": 2, "heeded": 2, "fixed": 2},
        {"person": "bob", "notices": 1, "heeded": 1, "fixed": 1},
        {"person": "carol", "notices": 1, "heeded": 1, "fixed": 1},
    ]


@pytest.mark.parametrize(
    ("later", "fixed", "unasked"),
    [
        (run(2, "b1"), 1, 0),
        (run(2, "a1"), 0, 1),
        (run(2, "", unread=[{"container": "github:acme/api"}]), 0, 0),
        (run(2, "", milestones=[{"key": "b"}]), 0, 1),
        (run(2, "", command="plan"), 0, 0),
    ],
)
def test_only_a_complete_run_that_lists_the_milestone_tells(
    later: dict[str, Any], fixed: int, unasked: int, tmp_path: Path
) -> None:
    first = run(1, "a1 b1", (("a", "+1d", "alice"),))
    found = report(tmp_path, [first, later], "--format", "json").json
    assert (found["fixed"], found["unasked"]) == (fixed, unasked)


def test_a_notice_that_was_not_sent_counts_for_nothing(tmp_path: Path) -> None:
    first = run(1, "a1", (("a", "+1d", "alice"),))
    first["notices"][0]["outcome"] = "failed"
    found = report(tmp_path, [first, run(2)], "--format", "json").json
    assert (found["notices"], found["fixed"], found["unasked"]) == (0, 0, 1)


def test_it_reads_well(tmp_path: Path) -> None:
    said = report(tmp_path, RUNS)
    assert said.status == 0
    assert said.out.splitlines()[0].startswith("6 runs from 2026-11-01 to 2026-11-06: 3 notices, 3 of them heeded; 3")
    assert "  alice                            2         2                 2" in said.out
    table = report(tmp_path, RUNS, "--format", "markdown").out
    assert "| `+5d` | 1 | 1 | 1 |" in table
    assert "| carol | 1 | 1 | 1 |" in table
    nothing = report(tmp_path, [run(1, command="plan")]).out
    assert nothing == "None of these is a sync, and nothing else sends notices.\n"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "mdpc/2"}', json.dumps(run(1)).replace("+01:00", "")])
def test_what_is_no_run_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(text, encoding="utf-8")
    said = typed("report", "noise", str(path))
    assert said.status == 2
    assert "this is no run of this version (mdpc/1)" in said.err


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    said = typed("report", "noise", str(tmp_path / "none.json"))
    assert (said.status, "cannot be read" in said.err) == (2, True)
