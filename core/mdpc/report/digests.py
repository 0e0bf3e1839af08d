"""Digests in words: what is due or was sent, and what each says. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mdpc.changes import Change, Plan
from mdpc.digest_text import Edition, headline, lines_of, spelt
from mdpc.escape import guard, json_text, markdown, terminal
from mdpc.model import Markup
from mdpc.people import called
from mdpc.report import text_changes
from mdpc.report.as_json import as_object
from mdpc.report.notices import messages_markdown, messages_text
from mdpc.report.page import DIM, Look, Page
from mdpc.report.summary import DONE, OUTCOMES
from mdpc.report.words import counted, sentence


def digests_text(plan: Plan, editions: Sequence[Edition], look: Look) -> str:
    """The digests for a terminal; those that were not sent yet, whole."""
    page = Page(look)
    page.paragraph((_headline(editions), "bold"))
    for edition in editions:
        told = spelt(edition, Markup.LINE)
        page.blank()
        page.paragraph((terminal(headline(told)), "bold"), f" to {terminal(_readers(edition))}", hang=2)
        ended = _ended(plan, edition)
        if ended:
            page.paragraph(terminal(ended), indent=2)
        else:
            for line in lines_of(told, edition.readers):
                page.paragraph(terminal(line, limit=2000), indent=2, hang=2)
    messages_text(page, plan)
    text_changes.not_written(page, plan)
    text_changes.unread(page, plan)
    page.blank()
    page.line((f"{counted(sum(plan.stats.requests.values()), 'request')}", DIM))
    return page.text


def digests_markdown(plan: Plan, editions: Sequence[Edition]) -> str:
    """The same as Markdown."""
    lines = [f"**{_headline(editions)}**"]
    for edition in editions:
        told = spelt(edition, Markup.BLOCK)
        lines += ["", f"### {headline(told)}", "", f"To {markdown(_readers(edition))}."]
        ended = _ended(plan, edition)
        lines += ["", markdown(ended)] if ended else lines_of(told, edition.readers)
    lines += ["", messages_markdown(plan)] if plan.messages else []
    lines += [f"- {markdown(each.what)}: {markdown(each.why)}" for each in plan.withheld]
    lines += [f"- not read: {markdown(each.container)}: {markdown(each.why)}" for each in plan.unread]
    return guard("\n".join(lines) + "\n")


def digests_json(plan: Plan, editions: Sequence[Edition]) -> str:
    """The plan as one JSON object, with its digests."""
    return json_text({**as_object(plan), "digests": [_object(plan, each) for each in editions]}) + "\n"


def _object(plan: Plan, edition: Edition) -> dict[str, object]:
    outcomes = [change.outcome for change in _comments(plan, edition)]
    worst = next((each for each in outcomes if each not in DONE), outcomes[0] if outcomes else None)
    return {
        "program": edition.program,
        "period": edition.period.isoformat(),
        "to": [called(who) for who in edition.readers],
        "outcome": worst,
    }


def _headline(editions: Sequence[Edition]) -> str:
    return f"{counted(len(editions), 'digest')} for {editions[0].period}." if editions else "No digest is due."


def _readers(edition: Edition) -> str:
    return ", ".join(map(called, edition.readers))


def _comments(plan: Plan, edition: Edition) -> Iterator[Change]:
    return (each for each in plan.changes if each.program == edition.program and each.field == "comment")


def _ended(plan: Plan, edition: Edition) -> str:
    """What became of it; empty where nothing was written yet."""
    ended = [change for change in _comments(plan, edition) if change.outcome is not None]
    said = dict.fromkeys(
        f"{OUTCOMES[each.outcome].capitalize()}. {each.answer}".strip() for each in ended if each.outcome
    )
    return " ".join(map(sentence, said))
