"""The benchmarks still run, and a run with nothing to do stays within its requests. Nothing here is about time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mdpc_sandbox.server", reason="the benchmark needs the extra `sandbox`")

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^(mdpc plan|mdpc sync|plain loop)(.*?)  +([\d,]+) +([\d,]+) +([\d.]+) +(\d+)$", re.MULTILINE)


@pytest.mark.long
def test_a_small_run_prints_every_figure_and_keeps_to_its_requests() -> None:
    sizes = ["--repositories=51", "--projects=2", "--latency-ms=0", "--plain-share=0.05"]
    command = [sys.executable, "-m", "benchmarks.idle_run", *sizes]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)

    assert "Traceback" not in done.stderr
    rows = {row[1]: row for row in ROW.finditer(done.stdout)}
    assert list(rows) == ["mdpc plan", "mdpc sync", "plain loop"], done.stdout + done.stderr
    for command_of_mdpc in ("mdpc plan", "mdpc sync"):
        assert rows[command_of_mdpc][2] == ", 0 changes"
        # Who it is and two pages of 50 repositories; who it is, the list of projects and one list for each of them.
        assert (rows[command_of_mdpc][3], rows[command_of_mdpc][4]) == ("3", "4")
    # A page of repositories and 3 lists of milestones, 17 times; serverInfo, a list of versions and 40 counts, twice.
    assert rows["plain loop"][2] == ", scaled from 5%"
    assert (rows["plain loop"][3], rows["plain loop"][4]) == ("68", "84")
    assert all(float(row[5]) > 0 and int(row[6]) > 10 for row in rows.values())
    for aim in ("nothing to write", "at most 7 requests to GitHub", "at most 12 requests to Jira"):
        assert f"reached  {aim}" in done.stdout


def test_a_small_run_with_gates_reads_each_comment_and_keeps_to_its_requests() -> None:
    command = [sys.executable, "-m", "benchmarks.gates", "--issues=12"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    found = re.findall(r"^(mdpc plan|mdpc, the issues alone|plain loop).*?  +(\d+) +(\d+) +(\d+)$", done.stdout, re.M)
    # Each issue has mdpc's ledger, a remark and an approval. The issues alone: who it is, and a page of 50. A whole run
    # asks besides for the milestones, and for their issues, since an approval is there to be void. The plain loop:
    # a page of issues, and each one's comments.
    assert found == [
        ("mdpc plan", "4", "12", "36"),
        ("mdpc, the issues alone", "2", "12", "36"),
        ("plain loop", "13", "12", "36"),
    ], done.stdout + done.stderr
    assert "the plain loop against the issues alone: 6.5 times the requests;" in done.stdout
    assert "reached  the same issues and comments in each" in done.stdout
