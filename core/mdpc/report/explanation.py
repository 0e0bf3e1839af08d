"""One milestone explained: what is known of it, on whose word each rule applies, what would be written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mdpc.escape import code, code_link, guard, json_text, markdown, prose, terminal
from mdpc.judge import Explanation, Verdict
from mdpc.model import Change, Level, Milestone
from mdpc.report.as_json import SCHEMA, change_object, finding_object, milestone_object
from mdpc.report.markdown import table
from mdpc.report.page import DIM, LEVEL_STYLES, Look, Page, link
from mdpc.report.text import HEALTH_STYLES
from mdpc.report.words import HEALTH, due_words, sentence


def explanations_text(explanations: Sequence[Explanation], today: date, look: Look) -> str:
    """Everything known of each milestone, for a terminal."""
    page = Page(look)
    for explanation in explanations:
        _milestone(page, explanation.milestone, today)
        _rules(page, explanation.verdicts)
        _changes(page, explanation.changes)
    return page.text


def _milestone(page: Page, milestone: Milestone, today: date) -> None:
    page.blank()
    page.line((terminal(milestone.title), link(milestone.holder.url, "bold")))
    page.line((terminal(milestone.key), DIM), (f"  {milestone.id}", DIM))
    page.blank()
    health = (HEALTH[milestone.health], HEALTH_STYLES[milestone.health])
    _fact(page, "health", health, ", history: listed, never judged or written to" if milestone.history else "")
    _fact(page, "due", due_text(milestone, today))
    _fact(page, "owner", terminal(owner_text(milestone)))
    _fact(page, "issues", f"{milestone.open_issues} open, {milestone.closed_issues} closed")
    page.heading(("RECORDS", "bold cyan"))
    for record in milestone.records:
        state = "archived" if record.archived else "closed" if record.closed else "open"
        due = f"due {record.due.isoformat()}" if record.due else "no due date"
        holder = ", holds the memory" if record.ref == milestone.holder.ref else ""
        page.line((terminal(str(record.ref)), link(record.url)), (f"  {state}, {due}{holder}", DIM), indent=2)
        page.line((terminal(record.url), DIM), indent=4)
    for reason in milestone.because:
        page.paragraph((terminal(reason), DIM), indent=2, hang=2)


def _fact(page: Page, name: str, *pieces: str | tuple[str, str]) -> None:
    page.paragraph(*pieces, indent=10, label=((f"  {name}", DIM),))


def due_text(milestone: Milestone, today: date) -> str:
    """The due date, how far away it is, and which dates it had before."""
    if milestone.due is None:
        now = "no due date"
    else:
        now = milestone.due.isoformat()
        now += "" if milestone.closed else f", {due_words(milestone, today)}"
    earlier = [f"{due.isoformat()} (known since {since.isoformat()})" for due, since in milestone.dues[:-1]]
    return f"{now}; before: {', '.join(earlier)}" if earlier else now


def owner_text(milestone: Milestone) -> str:
    """Who owns it and which source said so."""
    owner = milestone.owner
    if owner is None:
        return "nobody: none of the sources in [owners] names somebody who counts"
    where = f" of {owner.ref}" if owner.ref else ""
    return f"{owner.name}, by {owner.source}{where}{'' if owner.known else '; not in [people]'}"


def _rules(page: Page, verdicts: Sequence[Verdict]) -> None:
    if not verdicts:
        return
    widest = max(len(verdict.rule) for verdict in verdicts)
    page.heading(("RULES", "bold cyan"))
    for verdict in sorted(verdicts, key=_told_first):
        level, what = _said(verdict)
        label = ((f"  {level:7} ", LEVEL_STYLES.get(level, DIM)), terminal(verdict.rule))
        page.paragraph(terminal(what), (f" ({terminal(verdict.source)})", DIM), indent=12 + widest, label=label)


def _told_first(verdict: Verdict) -> tuple[bool, int]:
    return (not verdict.breaches, -verdict.level.rank)


def _said(verdict: Verdict) -> tuple[str, str]:
    """What a rule comes to, and why in words."""
    breaches = "; ".join(f"{breach.message}. {breach.remedy}" for breach in verdict.breaches)
    if verdict.level is Level.OFF:
        return "off", "does not apply"
    if not breaches:
        return "ok", "kept"
    return ("waived", f"{breaches} Waived by {verdict.waiver}.") if verdict.waiver else (verdict.level.value, breaches)


def _changes(page: Page, changes: Sequence[Change]) -> None:
    page.heading(("TO WRITE", "bold cyan"))
    for change in changes:
        page.paragraph((f"{terminal(str(change.ref))}  ", DIM), terminal(f"{change.field}: {change.why}"), indent=2)
        for written in str(change.after or "").splitlines():
            if written.strip():
                page.paragraph((terminal(written, limit=400), DIM), indent=4)
    if not changes:
        page.line("nothing", indent=2)


def explanations_json(explanations: Sequence[Explanation], now: str) -> str:
    """The same as JSON: `milestones`, each with `because`, `verdicts`, `findings` and `changes` besides its facts."""
    return (
        json_text(
            {
                "schema": SCHEMA,
                "command": "explain",
                "now": now,
                "milestones": [_object(explanation) for explanation in explanations],
            }
        )
        + "\n"
    )


def _object(explanation: Explanation) -> dict[str, object]:
    milestone = explanation.milestone
    return {
        **milestone_object(milestone),
        "because": list(milestone.because),
        "owner_source": milestone.owner.source if milestone.owner else None,
        "dues": [{"due": due.isoformat(), "since": since.isoformat()} for due, since in milestone.dues],
        "verdicts": [
            {
                "rule": verdict.rule,
                "level": verdict.level.value,
                "source": verdict.source,
                "waiver": verdict.waiver,
                "breaches": [{"message": breach.message, "remedy": breach.remedy} for breach in verdict.breaches],
            }
            for verdict in explanation.verdicts
        ],
        "findings": [finding_object(finding) for finding in explanation.findings],
        "changes": [change_object(change) for change in explanation.changes],
    }


def explanations_markdown(explanations: Sequence[Explanation], today: date) -> str:
    """The same as GitHub Markdown."""
    return guard("\n\n".join(_markdown(explanation, today) for explanation in explanations)) + "\n"


def _markdown(explanation: Explanation, today: date) -> str:
    milestone = explanation.milestone
    rules = [
        (_said(verdict)[0], markdown(verdict.rule), prose(_said(verdict)[1]), prose(verdict.source))
        for verdict in sorted(explanation.verdicts, key=_told_first)
    ]
    records = " + ".join(code_link(str(record.ref), record.url) for record in milestone.records)
    facts = [
        f"- {HEALTH[milestone.health]}, due: {markdown(due_text(milestone, today))}",
        f"- owner: {markdown(owner_text(milestone))}",
        f"- records: {records}",
        *(f"- {markdown(sentence(reason))}" for reason in milestone.because),
        *(f"- to write: {code(str(change.ref))}: {prose(change.why)}" for change in explanation.changes),
    ]
    parts = [f"### {markdown(milestone.title)}", code(milestone.key), "\n".join(facts)]
    return "\n\n".join([*parts, table(("", "Rule", "What it says", "On whose word"), rules)] if rules else parts)
