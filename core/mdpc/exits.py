"""How a command ends: one number that a scheduler or a CI job can act on. Pure."""

from __future__ import annotations

from enum import StrEnum

from mdpc.model import Level, Plan

FINE = 0
FINDINGS = 1
USAGE = 2
INCOMPLETE = 3
REFUSED = 4

_NOT_WRITTEN = ("stale", "failed", "unknown", "withheld")


class FailOn(StrEnum):
    """From which level on a finding makes a command fail."""

    ERROR = "error"
    WARN = "warn"
    NEVER = "never"


def exit_status(plan: Plan, fail_on: FailOn) -> int:
    """The first that applies of: refused by `[limits]`, incomplete, findings at or above `fail_on`, fine.

    `check` writes nothing, so nothing can be refused to it. What the configuration calls optional may be unread.
    """
    if plan.refused and plan.command != "check":
        return REFUSED
    if is_incomplete(plan):
        return INCOMPLETE
    if fail_on is not FailOn.NEVER and any(finding.level.rank >= Level(fail_on).rank for finding in plan.findings):
        return FINDINGS
    return FINE


def is_incomplete(plan: Plan) -> bool:
    """Whether something could not be read, or was to be written and may not stand there now."""
    unread = any(not entry.optional for entry in plan.unread)
    return unread or plan.stats.truncated or any(change.outcome in _NOT_WRITTEN for change in plan.changes)
