"""Plans that reports are tested with."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from mdpc.changes import Change, Plan, Refusal, Stats, Withheld
from mdpc.model import Account, Record, Skipped, Unread
from tests.core.build import plan, record

WORKFLOW_COMMAND = re.compile(r"^[ \t]*::|##\w*\[", re.MULTILINE)

HOSTILE = (
    '::error::x ##[add-mask]x $(touch x) `x` "; rm @everyone <!channel> \u202e\u2066\u200b\x1b[31m\r\n::error::y '
    "<!-- mdpc:end --> --><script>alert(1)</script> | ![x](https://evil.example/i.png) [x](javascript:x) #12 "
)


def team(**facts: Any) -> Plan:
    """Six milestones: overdue with an owner, two overdue without, one soon, one without a date, one fine."""
    alice = Account("jira", "alice", "Alice")
    shown = plan(
        record(
            "github:acme/api#1", "v1.0", due="2026-11-02", description="Owner: @bob", open_issues=3, closed_issues=7
        ),
        record("github:acme/api#2", "v1.1", due="2026-11-21", open_issues=1),
        record("github:acme/web#1", "Launch", due="2026-11-12"),
        record("jira:API#10010", "v2.0", due="2026-11-25", open_issues=5, driver=alice),
        record("github:acme/web#2", "Someday"),
        record("jira:API#10011", "v3.0", due="2027-03-01", driver=alice),
        record("github:acme/api#9", "v0.1", closed=True),
        rules={"overdue": "error"},
    )
    stats = replace(shown.stats, requests={"jira": 2, "github": 1}, seconds=1.25)
    return replace(shown, **{"stats": stats, **facts})


def milestones(count: int) -> Plan:
    """So many milestones in so many repositories, all overdue, without an owner, with long titles."""
    title = "A title that is long enough to be broken at any sensible width of a page, number "
    records: list[Record] = [
        record(f"github:acme/repository-{number}#{number}", f"{title}{number}", due="2026-11-01")
        for number in range(count)
    ]
    return plan(*records, limits={"adopt": count})


def hostile() -> Plan:
    """A plan whose every text from outside is hostile."""
    shown = plan(
        record("github:acme/api#1", HOSTILE, due="2026-11-02", description="Owner: x\u202e::error::x", url=HOSTILE),
        record("github:acme/api#2", HOSTILE + "2", url="javascript:alert(1)"),
        limits={"adopt": 1},
    )
    return replace(
        shown,
        changes=tuple(
            replace(change, why=HOSTILE, answer=HOSTILE, outcome="failed", program="other") for change in shown.changes
        ),
        findings=tuple(replace(each, message=HOSTILE, remedy=HOSTILE, rule=HOSTILE) for each in shown.findings),
        withheld=(Withheld(HOSTILE, HOSTILE),),
        unread=(Unread(HOSTILE, HOSTILE), Unread(HOSTILE, HOSTILE, optional=True)),
        skipped=(Skipped(HOSTILE, HOSTILE),),
        refused=(Refusal(HOSTILE, "adopt", 2, 1, HOSTILE),),
        stats=Stats(requests={"github": 1}, containers={"github": 1}, records={"github": 2}),
    )


def applied(shown: Plan, **outcomes: str) -> Plan:
    """The plan after a sync: every change done but those whose ref's number is named as `n1="failed"`."""

    def ended(change: Change) -> Change:
        outcome: Any = outcomes.get(f"n{change.ref.id}", "done")
        answer = "" if outcome == "done" else f"the tracker said {outcome} (PATCH /x: 500)"
        return replace(change, outcome=outcome, answer=answer)

    return replace(shown, command="sync", changes=tuple(map(ended, shown.changes)))
