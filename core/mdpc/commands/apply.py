"""Applying a plan from the command line, with a progress bar where somebody watches."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mdpc import run
from mdpc.allowance import within
from mdpc.changes import Change, Plan
from mdpc.commands.errors import say
from mdpc.commands.session import Session
from mdpc.commands.waiting import waits_told
from mdpc.report.summary import DONE
from mdpc.report.words import counted


def apply(plan: Plan, session: Session) -> Plan:
    """Apply a plan; the plan with its outcomes comes back. Interrupted, it says what was done."""
    if not (plan.changes or plan.messages):
        return plan
    with within(session.allowance), waits_told(), _progress() as progress:
        task = progress.add_task("Writing", total=len(plan.changes))

        def told(_: Change) -> None:
            progress.advance(task)

        applied = run.sync(plan, session.connectors, told, session.channels)
    if applied.stats.truncated:
        done = sum(change.outcome in DONE for change in applied.changes)
        left = len(applied.changes) - done
        why = f" ({applied.stats.stopped})" if applied.stats.stopped else ""
        say(f"Stopped early{why}: {counted(done, 'change')} written, {left:,} not. Run it again to do the rest")
    return applied


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty())
