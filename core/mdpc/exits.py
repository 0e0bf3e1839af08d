"""How a command ends: one number that a scheduler or a CI job can act on. Pure."""

from __future__ import annotations

from enum import StrEnum

from mdpc.changes import Plan
from mdpc.messages import SENT
from mdpc.model import Level, Ref
from mdpc.status import find

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


def read_nothing(plan: Plan) -> bool:
    """Whether not a single container was read, whatever the configuration names: no gate may pass on that.

    Where what is unread is optional, the configuration says that it may be; and where all of it is other shards', so be
    it.
    """
    counts = plan.stats.containers
    return (
        bool(counts)
        and not plan.stats.idle
        and not any(counts.values())
        and not any(entry.optional for entry in plan.unread)
    )


def kept(plan: Plan) -> tuple[Ref, ...]:
    """What keeps mdpc's status after a `forget`, since mdpc may not write there."""
    if plan.command != "forget":
        return ()
    changed = {change.ref for change in plan.changes}
    records = (record for milestone in plan.milestones for record in milestone.records)
    return tuple(each.ref for each in records if each.ref not in changed and find(each.description, each.markup))


def is_incomplete(plan: Plan) -> bool:
    """Whether something, or all, could not be read, or was to be written and may not stand there now."""
    unread = any(not entry.optional for entry in plan.unread)
    return (
        unread
        or bool(plan.absent)
        or read_nothing(plan)
        or bool(kept(plan))
        or plan.stats.truncated
        or any(change.outcome in _NOT_WRITTEN for change in plan.changes)
        or any(message.outcome not in (None, *SENT) for message in plan.messages)
    )
