"""The plan as one JSON object, schema `mdpc/1`: what other programs rely on. Keys may be added, never renamed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from mdpc.changes import Change, Plan, Stats
from mdpc.escape import json_text
from mdpc.marks import NOTICE, mark
from mdpc.messages import Message
from mdpc.model import Conflict, Finding, Markup, Milestone, Notice, Record
from mdpc.people import called
from mdpc.report.words import after_words, ref_words
from mdpc.standing import Standing
from mdpc.tokens import seeds_in, told_apart

SCHEMA = "mdpc/1"


def as_json(plan: Plan) -> str:
    """The plan, or after a sync its outcome, as indented JSON text that is safe in a CI log."""
    return json_text(as_object(plan)) + "\n"


def as_object(plan: Plan) -> dict[str, object]:
    """The plan as plain dictionaries, lists and values; texts are as the trackers hold them, nothing is escaped."""
    return {
        "schema": SCHEMA,
        "command": plan.command,
        "now": plan.now.isoformat(),
        "shard": str(plan.shard) if plan.shard else None,
        "absent": [str(shard) for shard in plan.absent],
        "milestones": [milestone_object(milestone) for milestone in plan.milestones],
        "findings": [finding_object(finding) for finding in plan.findings],
        "baselined": plan.baselined,
        "changes": [change_object(change) for change in plan.changes],
        "notices": [notice_object(notice, plan.changes) for notice in plan.notices],
        "messages": [message_object(message) for message in plan.messages],
        "conflicts": [conflict_object(conflict) for conflict in plan.conflicts],
        "withheld": withheld_objects(plan),
        "refused": [
            {
                "program": entry.program,
                "limit": entry.limit,
                "count": entry.count,
                "allowed": entry.allowed,
                "why": entry.why,
            }
            for entry in plan.refused
        ],
        "unread": unread_objects(plan),
        "skipped": [{"container": entry.container, "why": entry.why} for entry in plan.skipped],
        "stats": _stats(plan.stats),
    }


def withheld_objects(plan: Plan) -> list[dict[str, object]]:
    """What is not written for a reason."""
    return [{"what": entry.what, "why": entry.why} for entry in plan.withheld]


def unread_objects(plan: Plan) -> list[dict[str, object]]:
    """What could not be read."""
    return [{"container": entry.container, "why": entry.why, "optional": entry.optional} for entry in plan.unread]


def milestone_object(milestone: Milestone) -> dict[str, object]:
    """One milestone; `owner` is the owner's name, dates are ISO days."""
    return {
        "key": milestone.key,
        "id": milestone.id,
        "title": milestone.title,
        "program": milestone.program,
        "state": _state(milestone.closed),
        "due": _day(milestone.due),
        "original_due": _day(milestone.original_due),
        "owner": milestone.owner.name if milestone.owner else None,
        "health": milestone.health.value,
        "history": milestone.history,
        "progress": {"open": milestone.open_issues, "closed": milestone.closed_issues},
        "records": [_record(record) for record in milestone.records],
        "gates": [gate_object(gate) for gate in milestone.gates],
        "bypass": list(milestone.bypass.gates) if milestone.bypass else [],
        "issue": str(milestone.issue[0]) if milestone.issue and not seeds_in(milestone.issue[0].id) else None,
    }


def gate_object(gate: Standing) -> dict[str, object]:
    """How a milestone stands with one gate; `by` is an ISO day, `close`, or None without a due date.

    `waived_why` are the reasons of `waived_by`, in that order; both are empty where it is not waived.
    """
    return {
        "name": gate.name,
        "state": gate.state,
        "by": "close" if gate.at_close else _day(gate.by),
        "approved_by": [called(who) for who in gate.approved_by],
        "missing": gate.missing,
        "waived_by": [called(vote.who) for vote in gate.waivers],
        "waived_why": [vote.why for vote in gate.waivers],
    }


def notice_object(notice: Notice, changes: Iterable[Change] = ()) -> dict[str, object]:
    """One notice; `via` are its channels, `outcome` that of the comment that is its record."""
    sign = mark(NOTICE, notice.id, Markup.BLOCK), mark(NOTICE, notice.id, Markup.LINE)
    comments = (change for change in changes if change.kind == "comment" and str(change.after).endswith(sign))
    return {
        "id": notice.id,
        "milestone": notice.milestone,
        "step": notice.step,
        "day": notice.day.isoformat(),
        "to": [called(who) for who in notice.to],
        "nobody": list(notice.nobody),
        "via": ["issue", *notice.via],
        "outcome": next((change.outcome for change in comments), None),
    }


def message_object(message: Message) -> dict[str, object]:
    """One message by a channel; `notice` is the id of the notice that it brings."""
    return {
        "id": message.id,
        "notice": message.notice,
        "milestone": message.milestone,
        "channel": message.channel,
        "to": [each.name for each in message.to],
        "outcome": message.outcome,
        "answer": message.answer,
    }


def finding_object(finding: Finding) -> dict[str, object]:
    """One finding; `milestone` is the milestone's key."""
    return {
        "id": finding.id,
        "rule": finding.rule,
        "level": finding.level.value,
        "milestone": finding.milestone,
        "ref": finding.ref,
        "message": finding.message,
        "remedy": finding.remedy,
    }


def conflict_object(conflict: Conflict) -> dict[str, object]:
    """One field in conflict; `values` by ref."""
    return {
        "milestone": conflict.milestone,
        "field": conflict.field,
        "values": dict(conflict.values),
        "since": _day(conflict.since),
    }


def change_object(change: Change) -> dict[str, object]:
    """One change; `outcome` is None until it was applied. What is to be made is called `new`."""
    return {
        "id": change.id,
        "write": told_apart(change.write),
        "kind": change.kind,
        "program": change.program,
        "milestone": change.milestone,
        "ref": ref_words(change.ref),
        "field": change.field,
        "before": change.before,
        "after": after_words(change),
        "why": change.why,
        "outcome": change.outcome,
        "answer": change.answer,
    }


def _record(record: Record) -> dict[str, object]:
    return {
        "ref": str(record.ref),
        "url": record.url,
        "title": record.title,
        "due": _day(record.due),
        "state": _state(record.closed),
    }


def _state(closed: bool) -> str:
    return "closed" if closed else "open"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _stats(stats: Stats) -> dict[str, object]:
    return {
        "requests": _by_name(stats.requests),
        "containers": _by_name(stats.containers),
        "records": _by_name(stats.records),
        "seconds": stats.seconds,
        "truncated": stats.truncated,
        "stopped": stats.stopped,
    }


def _by_name(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
