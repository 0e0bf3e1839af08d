"""A plan as GitHub Markdown, for a job's summary or a comment: text from trackers marks up, mentions, links nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from mdpc.changes import Change, Plan
from mdpc.escape import code, code_link, guard, markdown, prose
from mdpc.model import Finding, Milestone
from mdpc.report import issues, summary
from mdpc.report.next_step import next_step
from mdpc.report.notices import messages_markdown, notices_markdown
from mdpc.report.words import HEALTH, after_words, counted, due_words, progress_words, sentence, title_of, value_words

LONGEST = 450_000
"""Characters that one table may have: two of them, in any script, stay below a job summary's one MiB."""

NAMED = 200
"""How many changes are listed one by one before the rest is counted."""

_BOLD = {"error": "**error**", "warn": "warn"}


def as_markdown(plan: Plan, *, configured: bool = True) -> str:
    """The plan, or after a sync its outcome, as GitHub Markdown; `configured` says that there is a file."""
    forgets = plan.command == "forget"
    verdict = [] if forgets else [summary.verdict(plan)]
    parts = [
        f"### {summary.headline(plan)}",
        " ".join([*verdict, *(f"**{markdown(alarm)}**" for alarm in summary.alarms(plan))]),
        *(() if forgets else (_milestones(plan), _remedies(plan))),
        *(
            ()
            if plan.command == "check"
            else (notices_markdown(plan), messages_markdown(plan), _changes(plan), not_written(plan))
        ),
        unread(plan),
        _left_out(plan),
        f"{plan.now.date().isoformat()}. {summary.what_was_read(plan)} {summary.costs(plan)}".replace("  ", " "),
        f"**Next:** {next_step(plan, configured=configured)}",
    ]
    return guard("\n\n".join(filter(None, parts))) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; what would make it too long is counted below it."""
    lines = [_cells(head), _cells(["---"] * len(head))]
    left, length = 0, 0
    for row in map(_cells, rows):
        length += len(row)
        if length > LONGEST:
            left += 1
        else:
            lines.append(row)
    more = f"\n\n… and {counted(left, 'more row')}: `--format json` has all." if left else ""
    return "\n".join(lines) + more


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _milestones(plan: Plan) -> str:
    rows = [
        _row(milestone, findings, plan.now.date())
        for group in summary.groups(plan)
        for milestone, findings in group.milestones
    ]
    return table(("", "Milestone", "Done", "Due", "Owner", "Findings"), rows) if rows else ""


def _row(milestone: Milestone, findings: Sequence[Finding], today: date) -> tuple[str, ...]:
    refs = " + ".join(code_link(str(record.ref), record.url) for record in milestone.records)
    told = "<br>".join(_finding(finding) for finding in findings)
    owner = markdown(milestone.owner.name) if milestone.owner else "nobody"
    return (
        HEALTH[milestone.health],
        f"**{markdown(title_of(milestone))}**<br>{refs}",
        progress_words(milestone),
        due_words(milestone, today),
        owner,
        told,
    )


def _finding(finding: Finding) -> str:
    return f"{_BOLD[finding.level.value]} {markdown(finding.rule)}: {prose(finding.message)}"


def _remedies(plan: Plan) -> str:
    remedies = [f"- {markdown(rule)}: {prose(remedy)}" for rule, remedy in summary.remedies(plan)]
    return _folded("What to do", "\n".join(remedies)) if remedies else ""


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _changes(plan: Plan) -> str:
    allowed = summary.allowed_changes(plan)
    if not allowed:
        return ""
    if not summary.is_applied(plan):
        head = "Would be taken out" if plan.command == "forget" else "To write"
        return _folded(f"{head}: {counted(len(allowed), 'change')}", _listed(allowed))
    parts = []
    for outcome, ended in summary.by_outcome(allowed).items():
        title = f"{counted(len(ended), 'change')} {summary.OUTCOMES[outcome]}"
        parts.append(_folded(title, _listed(ended)) if outcome in summary.DONE else _reasons(title, _answers(ended)))
    return "\n\n".join(parts)


def _answers(ended: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """The refs of what was not written, each with what the tracker said; the same words where they are alike."""
    for answer, alike in summary.by_answer(ended).items():
        for ref, changes in summary.grouped(alike, issues.place_of).items():
            yield ref, answer or changes[0].why


def _listed(changes: Sequence[Change]) -> str:
    told = [change for change in changes if not issues.goes_without_saying(change)]
    rows = [_change(change) for change in told[:NAMED]]
    more = len(told) - len(rows)
    return table(("Ref", "What", "Why"), rows) + (f"\n\n… and {more:,} more: `--format json` has all." if more else "")


def _change(change: Change) -> tuple[str, str, str]:
    return code(issues.place_of(change)), _what(change), prose(change.answer or change.why)


def _what(change: Change) -> str:
    sort = issues.sort_of(change) if change.kind in ("issue", "comment") else change.kind
    if sort in ("status", issues.BODY, issues.LEDGER):
        return markdown(change.field)
    if sort == "comment":
        return f"comment: {markdown(issues.said_in(change), limit=120)}"
    before, after = (markdown(value_words(value), limit=120) for value in (change.before, after_words(change)))
    name = issues.NEW if issues.names_new(change) else markdown(change.field)
    return f"{name}: {after}" if sort == issues.NEW else f"{name}: {before} → {after}"


def not_written(plan: Plan) -> str:
    """What `[limits]` refused and what is withheld, each with why."""
    refused = ((f"{refusal.program} ({refusal.count:,} records)", refusal.why) for refusal in plan.refused)
    withheld = ((entry.what, entry.why) for entry in plan.withheld)
    parts = [_reasons("Refused by [limits]", refused, prose), _reasons("Withheld", withheld, prose)]
    return "\n\n".join(filter(None, parts))


def unread(plan: Plan) -> str:
    """What could not be read, each with why."""
    needed = [(entry.container, entry.why) for entry in plan.unread if not entry.optional]
    optional = [(entry.container, entry.why) for entry in plan.unread if entry.optional]
    parts = [_reasons("Not read", needed), _reasons("Not read, and optional", optional)]
    return "\n\n".join(filter(None, parts))


def _left_out(plan: Plan) -> str:
    return _reasons("Left out", ((entry.container, entry.why) for entry in plan.skipped))


def _reasons(title: str, entries: Iterable[tuple[str, str]], named: Callable[[str], str] = code) -> str:
    """A list of names (containers, unless `named` says how else to write them) by why, each reason once."""
    whys = summary.grouped(entries, lambda entry: entry[1])
    lines = list(_reason_lines(whys.items(), named))
    return "\n".join([f"**{markdown(title)}**", "", *lines]) if lines else ""


def _reason_lines(whys: Iterable[tuple[str, Sequence[tuple[str, str]]]], named: Callable[[str], str]) -> Iterator[str]:
    for why, names in whys:
        shown = ", ".join(named(name) for name, _ in names[:NAMED])
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        yield f"- {shown}{more}: {prose(sentence(why))}"
