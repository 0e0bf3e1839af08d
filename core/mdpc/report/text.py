"""A plan as a person reads it in a terminal: the sentence that matters first, then the worst milestones. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mdpc.changes import Plan
from mdpc.escape import terminal
from mdpc.model import Finding, Health, Milestone
from mdpc.report import notices, summary, text_changes
from mdpc.report.next_step import next_step
from mdpc.report.page import DIM, LEVEL_STYLES, Look, Page, link, width_of
from mdpc.report.words import HEALTH, due_words, progress_words, title_of

HEALTH_STYLES = {
    Health.OFF_TRACK: "bold red",
    Health.AT_RISK: "bold yellow",
    Health.NO_DATE: "bold magenta",
    Health.ON_TRACK: "bold green",
    Health.ACHIEVED: "bold green",
}
_COLUMNS = ("done", "due", "owner")
_OWNER_WIDTH = 16
NARROW = 60
"""Columns below which what else stands side by side stands one below the other."""


def as_text(plan: Plan, look: Look | None = None, *, configured: bool = True) -> str:
    """The plan, or after a sync its outcome, as text of `look.width` columns.

    `configured` says that there is a configuration, which some advice needs.
    """
    page = Page(look or Look())
    _top(page, plan)
    if plan.command != "forget":
        for group in summary.groups(plan):
            _group(page, group, plan)
        _remedies(page, plan)
    text_changes.conflicts(page, plan)
    if plan.command != "check":
        notices.notices_text(page, plan)
        text_changes.changes(page, plan)
        text_changes.not_written(page, plan)
    text_changes.unread(page, plan)
    text_changes.left_out(page, plan)
    page.blank()
    page.paragraph((summary.costs(plan), DIM))
    page.paragraph(("Next: ", "bold"), next_step(plan, configured=configured))
    return page.text


def _top(page: Page, plan: Plan) -> None:
    late = any(milestone.health is Health.OFF_TRACK for milestone in plan.milestones)
    page.paragraph((summary.headline(plan), "bold red" if late else "bold"))
    if plan.command != "forget" and summary.verdict(plan):
        page.paragraph(summary.verdict(plan))
    for alarm in summary.alarms(plan):
        page.paragraph((terminal(alarm), LEVEL_STYLES["error"]))
    page.paragraph((f"{plan.now:%A}, {plan.now.date().isoformat()}. {summary.what_was_read(plan)}".rstrip(), DIM))


def _group(page: Page, group: summary.Group, plan: Plan) -> None:
    narrow = page.look.measure < NARROW
    rows = [_Row(milestone, facts_of(milestone, plan, narrow=narrow)) for milestone, _ in group.milestones]
    widths = [max(map(width_of, column)) for column in zip(_COLUMNS, *(row.facts for row in rows), strict=True)]
    beside = _ref_column(rows, page.look.measure - sum(widths) - 8)
    style = HEALTH_STYLES[group.health]
    page.blank()
    page.columns(((f"{HEALTH[group.health].upper()}  {len(rows):,}", style),), ((_aligned(_COLUMNS, widths), DIM),))
    _said_of_all(page, group)
    for row, (milestone, findings) in zip(rows, group.milestones, strict=True):
        title = (("● ", style), (row.title, link(milestone.holder.url, "bold")))
        gap = " " * (beside - width_of(row.title))
        page.columns((*title, gap, (row.refs if beside else "", DIM)), (_aligned(row.facts, widths),))
        if not beside:
            page.paragraph((row.refs, DIM), indent=2, hang=2)
        findings_of(page, [finding for finding in findings if summary.saying(finding) not in group.common])


class _Row:
    """A milestone's words, escaped once."""

    def __init__(self, milestone: Milestone, facts: tuple[str, str, str]) -> None:
        self.title = terminal(title_of(milestone))
        self.refs = " + ".join(terminal(str(record.ref)) for record in milestone.records)
        self.facts = facts


def _ref_column(rows: Sequence[_Row], room: int) -> int:
    """Where the refs begin if they fit beside all titles, else 0."""
    start = max(width_of(row.title) for row in rows) + 2
    return start if start + max(width_of(row.refs) for row in rows) <= room else 0


def _said_of_all(page: Page, group: summary.Group) -> None:
    if group.common:
        page.line((f"  All {len(group.milestones):,}:", DIM))
        _, findings = group.milestones[0]
        findings_of(page, [finding for finding in findings if summary.saying(finding) in group.common])


def facts_of(milestone: Milestone, plan: Plan, *, narrow: bool = False) -> tuple[str, str, str]:
    """How much is done, when it is due, who owns it: short words for a row."""
    owner = terminal(milestone.owner.name) if milestone.owner else "nobody"
    return (
        progress_words(milestone),
        due_words(milestone, plan.now.date(), short=narrow),
        owner if len(owner) <= _OWNER_WIDTH else f"{owner[: _OWNER_WIDTH - 1]}…",
    )


def _aligned(facts: Sequence[str], widths: Sequence[int]) -> str:
    done, due, owner = (" " * (width - width_of(fact)) for fact, width in zip(facts, widths, strict=True))
    return f"{done}{facts[0]}  {due}{facts[1]}  {facts[2]}{owner}"


def findings_of(page: Page, findings: Sequence[Finding]) -> None:
    """A line for each finding: level, rule, message; rule and message in one where the page is narrow."""
    widest = max((len(finding.rule) for finding in findings), default=0)
    for finding in findings:
        level = (f"  {finding.level.value:5}  ", LEVEL_STYLES[finding.level.value])
        rule, message = terminal(finding.rule), terminal(finding.message)
        if page.look.measure < NARROW:
            page.paragraph((f"{rule}: ", DIM), message, indent=9, label=(level,))
        else:
            page.paragraph(message, indent=11 + widest, label=(level, (rule, DIM)))


def _remedies(page: Page, plan: Plan) -> None:
    remedies = summary.remedies(plan)
    if not remedies:
        return
    widest = max(width_of(terminal(rule)) for rule, _ in remedies)
    narrow = page.look.measure < NARROW
    page.heading(("WHAT TO DO", "bold cyan"))
    for rule, remedy in remedies:
        if narrow:
            page.paragraph((f"{terminal(rule)}: ", DIM), terminal(remedy), indent=2)
        else:
            page.paragraph(terminal(remedy), indent=widest + 4, label=(f"  {terminal(rule)}",))
