"""The exit status is the first that applies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdpc.changes import Change, OutcomeStatus, Plan, Refusal, Stats
from mdpc.exits import FailOn, exit_status
from mdpc.model import Finding, Level, Ref, Unread
from tests.core.build import NOW

CLEAN = Plan("sync", NOW)
ERROR = Finding("f1", "overdue", Level.ERROR, "p/1", None, "late", "Close it.")
WARNING = replace(ERROR, level=Level.WARN)
REFUSED = Refusal("p", "adopt", 30, 25, "too many")
LOST = Unread("github:acme/api", "gone")


def change(outcome: OutcomeStatus | None) -> Change:
    ref = Ref.parse("github:acme/api#1")
    return Change("c1", "w", "status", "p", ref, "u", "status", None, "x", "why", outcome=outcome)


@pytest.mark.parametrize(
    ("plan", "fail_on", "status"),
    [
        (CLEAN, FailOn.WARN, 0),
        (replace(CLEAN, findings=(ERROR,)), FailOn.NEVER, 0),
        (replace(CLEAN, findings=(ERROR,)), FailOn.ERROR, 1),
        (replace(CLEAN, findings=(WARNING,)), FailOn.ERROR, 0),
        (replace(CLEAN, findings=(WARNING,)), FailOn.WARN, 1),
        (replace(CLEAN, findings=(ERROR,), unread=(LOST,)), FailOn.ERROR, 3),
        (replace(CLEAN, findings=(ERROR,), unread=(replace(LOST, optional=True),)), FailOn.ERROR, 1),
        (replace(CLEAN, stats=Stats(truncated=True)), FailOn.NEVER, 3),
        (replace(CLEAN, refused=(REFUSED,), unread=(LOST,)), FailOn.NEVER, 4),
        (replace(CLEAN, command="plan", refused=(REFUSED,)), FailOn.NEVER, 4),
        (replace(CLEAN, command="check", refused=(REFUSED,), findings=(ERROR,)), FailOn.ERROR, 1),
    ],
)
def test_the_first_that_applies(plan: Plan, fail_on: FailOn, status: int) -> None:
    assert exit_status(plan, fail_on) == status


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(None, 0), ("done", 0), ("already", 0), ("stale", 3), ("failed", 3), ("unknown", 3), ("withheld", 3)],
)
def test_what_is_not_known_to_be_written_is_incomplete(outcome: OutcomeStatus | None, status: int) -> None:
    assert exit_status(replace(CLEAN, changes=(change("done"), change(outcome))), FailOn.NEVER) == status
