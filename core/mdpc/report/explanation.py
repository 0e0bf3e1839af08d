"""One milestone explained: what is known of it, on whose word each rule applies, what would be written. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, tzinfo

from mdpc.changes import Change, Plan
from mdpc.escape import code, code_link, guard, json_text, markdown, prose, terminal
from mdpc.judge import Explained, Explanation, Verdict
from mdpc.model import Level, Milestone, Record
from mdpc.owners import HANDED
from mdpc.report import issues, notices, reviews, summary, text_changes
from mdpc.report import markdown as lists
from mdpc.report.as_json import (
    SCHEMA,
    change_object,
    finding_object,
    milestone_object,
    unread_objects,
    withheld_objects,
)
from mdpc.report.page import DIM, LEVEL_STYLES, Look, Page, link
from mdpc.report.previews import preview_object
from mdpc.report.text import HEALTH_STYLES, NARROW
from mdpc.report.words import HEALTH, after_words, due_words, sentence, title_of
from mdpc.tokens import seeds_in


def explanations_text(told: Explained, today: date, look: Look) -> str:
    """Everything known of each milestone, and what was not read, for a terminal."""
    page = Page(look)
    for alarm in summary.alarms(told.plan):
        page.paragraph((terminal(alarm), LEVEL_STYLES["error"]))
    for explanation in told.explanations:
        _milestone(page, explanation.milestone, today)
        reviews.gates_text(page, explanation.milestone, told.plan.now.tzinfo)
        notices.ladder_text(page, explanation.foreseen)
        _rules(page, explanation.verdicts)
        _changes(page, explanation.changes, told.plan)
    text_changes.not_written(page, told.plan)
    text_changes.unread(page, told.plan)
    return page.text


def _milestone(page: Page, milestone: Milestone, today: date) -> None:
    page.blank()
    page.paragraph((terminal(title_of(milestone)), link(milestone.holder.url, "bold")), hang=2)
    page.paragraph((terminal(milestone.key), DIM), (f"  {milestone.id}", DIM), hang=2)
    page.blank()
    health = (HEALTH[milestone.health], HEALTH_STYLES[milestone.health])
    _fact(page, "health", health, ", history: listed, never judged or written to" if milestone.history else "")
    _fact(page, "due", due_text(milestone, today))
    _fact(page, "owner", terminal(owner_text(milestone)))
    _fact(page, "issues", f"{milestone.open_issues:,} open, {milestone.closed_issues:,} closed")
    if reviews.issue_text(milestone):
        _fact(page, "talk", terminal(reviews.issue_text(milestone)))
    page.heading(("RECORDS", "bold cyan"))
    reasons = list(milestone.because)
    for record in milestone.records:
        _record(page, record, milestone, _taken_for(record, reasons))
    for reason in reasons:
        page.paragraph((terminal(reason), DIM), indent=2, hang=2)


def _record(page: Page, record: Record, milestone: Milestone, reasons: Sequence[str]) -> None:
    state = "archived" if record.archived else "closed" if record.closed else "open"
    due = f"due {record.due.isoformat()}" if record.due else "no due date"
    holder = ", holds the memory" if record.ref == milestone.holder.ref else ""
    facts = (f"  {state}, {due}{holder}", DIM)
    page.paragraph((terminal(str(record.ref)), link(record.url)), facts, indent=2, hang=2)
    page.line((terminal(record.url), DIM), indent=4)
    for reason in reasons:
        page.paragraph((terminal(reason), DIM), indent=4, hang=2)


def _taken_for(record: Record, reasons: list[str]) -> list[str]:
    """The reasons that are about a record, without its ref, which stands above them; they are taken off the list."""
    starts = (f"{record.ref}: ", f"{record.ref} ")
    own = [reason for reason in reasons if reason.startswith(starts)]
    reasons[:] = [reason for reason in reasons if reason not in own]
    return [reason.removeprefix(str(record.ref)).removeprefix(":").strip() for reason in own]


def _fact(page: Page, name: str, *pieces: str | tuple[str, str]) -> None:
    page.paragraph(*pieces, indent=10, label=((f"  {name}", DIM),))


def due_text(milestone: Milestone, today: date) -> str:
    """The due date, how far away it is, and which dates it had before."""
    now = "no due date" if milestone.due is None else due_words(milestone, today)
    earlier = [f"{due.isoformat()} (known since {since.isoformat()})" for due, since in milestone.dues[:-1]]
    return f"{now}; before: {', '.join(earlier)}" if earlier else now


def owner_text(milestone: Milestone) -> str:
    """Who owns it and which source said so."""
    owner = milestone.owner
    if owner is None:
        return "nobody: none of the sources in [owners] names somebody who counts"
    if owner.source == HANDED:
        return (
            f"{owner.name}, handed over by /owner on its coordination issue{'' if owner.known else '; not in [people]'}"
        )
    where = f" of {owner.ref}" if owner.ref else ""
    return f"{owner.name}, by {owner.source}{where}{'' if owner.known else '; not in [people]'}"


def _rules(page: Page, verdicts: Sequence[Verdict]) -> None:
    if not verdicts:
        return
    widest = max(len(verdict.rule) for verdict in verdicts)
    page.heading(("RULES", "bold cyan"))
    for verdict in sorted(verdicts, key=_told_first):
        level, what = _said(verdict)
        shown = ((f"  {level:7} "), LEVEL_STYLES.get(level, DIM))
        told, source = terminal(what), (f" ({terminal(verdict.source)})", DIM)
        if page.look.measure < NARROW:
            page.paragraph(f"{terminal(verdict.rule)}: ", told, source, indent=10, label=(shown,))
        else:
            page.paragraph(told, source, indent=12 + widest, label=(shown, terminal(verdict.rule)))


def _told_first(verdict: Verdict) -> tuple[bool, int]:
    return (not verdict.breaches, -verdict.worst.rank)


def _said(verdict: Verdict) -> tuple[str, str]:
    """What a rule comes to, and why in words."""
    breaches = "; ".join(f"{breach.message}. {breach.remedy}" for breach in verdict.breaches)
    if verdict.level is Level.OFF:
        return "off", "switched off"
    if not breaches:
        return "ok", "kept"
    return ("waived", f"{breaches} Waived by {verdict.waiver}.") if verdict.waiver else (verdict.worst.value, breaches)


def _changes(page: Page, changes: Sequence[Change], plan: Plan) -> None:
    page.heading(("TO WRITE", "bold cyan"))
    for change in changes:
        if issues.goes_without_saying(change):
            continue
        ref, what = issues.place_of(change), issues.NEW if issues.names_new(change) else change.field
        page.paragraph((f"{terminal(ref)}  ", DIM), terminal(f"{what}: {change.why}"), indent=2)
        for written in _written(change):
            page.paragraph((terminal(written, limit=400), DIM), indent=4)
    if not changes:
        page.line("nothing: it is withheld, see below" if plan.withheld else "nothing", indent=2)


def _written(change: Change) -> list[str]:
    """The lines that a change writes; of issues and comments those that people see."""
    text = str(after_words(change) or "")
    if change.kind in ("issue", "comment"):
        return issues.lines_of(text)
    return [line for line in text.splitlines() if line.strip()]


def explanations_json(told: Explained, now: str) -> str:
    """The same as JSON: `milestones`, each with `because`, `verdicts`, `findings` and `changes` besides its facts.

    Its `gates` say more than in a plan: who may approve, and `votes`, all that was said of each. With `--at` each has a
    `preview`, too.

    `withheld` and `unread` are what they are in a plan.
    """
    return (
        json_text(
            {
                "schema": SCHEMA,
                "command": "explain",
                "now": now,
                "milestones": [_object(explanation, told.plan.now.tzinfo) for explanation in told.explanations],
                "withheld": withheld_objects(told.plan),
                "unread": unread_objects(told.plan),
            }
        )
        + "\n"
    )


def _object(explanation: Explanation, zone: tzinfo | None) -> dict[str, object]:
    milestone = explanation.milestone
    return {
        **milestone_object(milestone),
        "gates": reviews.gates_objects(milestone, zone),
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
        "heard": [notices.foreseen_object(each) for each in explanation.foreseen],
        **({"preview": preview_object(explanation.preview)} if explanation.preview else {}),
        "findings": [finding_object(finding) for finding in explanation.findings],
        "changes": [change_object(change) for change in explanation.changes],
    }


def explanations_markdown(told: Explained, today: date) -> str:
    """The same as GitHub Markdown."""
    parts = [
        " ".join(f"**{markdown(alarm)}**" for alarm in summary.alarms(told.plan)),
        *(_markdown(explanation, today, told.plan.now.tzinfo) for explanation in told.explanations),
        lists.not_written(told.plan),
        lists.unread(told.plan),
    ]
    return guard("\n\n".join(filter(None, parts))) + "\n"


def _markdown(explanation: Explanation, today: date, zone: tzinfo | None) -> str:
    milestone = explanation.milestone
    refs = [str(record.ref) for record in milestone.records]
    rules = [
        (_said(verdict)[0], markdown(verdict.rule), _prose(_said(verdict)[1], refs), prose(verdict.source))
        for verdict in sorted(explanation.verdicts, key=_told_first)
    ]
    parts = [
        f"### {markdown(title_of(milestone))}",
        code(milestone.key),
        "\n".join(_facts(explanation, refs, today, zone)),
    ]
    if rules:
        parts.append(lists.table(("", "Rule", "What it says", "On whose word"), rules))
    return "\n\n".join(parts)


def _facts(explanation: Explanation, refs: Sequence[str], today: date, zone: tzinfo | None) -> Iterator[str]:
    milestone = explanation.milestone
    yield f"- {HEALTH[milestone.health]}, due: {markdown(due_text(milestone, today))}"
    yield f"- owner: {_prose(owner_text(milestone), refs)}"
    yield f"- issues: {milestone.open_issues:,} open, {milestone.closed_issues:,} closed"
    yield f"- records: {' + '.join(code_link(str(record.ref), record.url) for record in milestone.records)}"
    if milestone.issue is not None:
        ref, url = milestone.issue
        yield f"- talk: {reviews.issue_text(milestone) if seeds_in(ref.id) else code_link(str(ref), url)}"
    yield from reviews.gates_markdown(milestone, zone)
    yield from notices.ladder_markdown(explanation.foreseen)
    yield from (f"- {_prose(sentence(reason), refs)}" for reason in milestone.because)
    yield from (f"- to write: {code(issues.place_of(change))}: {prose(change.why)}" for change in explanation.changes)


def _prose(text: str, refs: Sequence[str]) -> str:
    """A sentence as Markdown, in which these refs are code, to be copied as they are."""
    named = "|".join(map(re.escape, sorted(refs, key=len, reverse=True)))
    parts = re.split(rf"`?({named})(?!\d)`?", text)
    return "".join(code(part) if number % 2 else prose(part) for number, part in enumerate(parts))
