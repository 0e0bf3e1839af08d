"""What would be said of milestones on a day: the notice word for word, to whom, and when the next one is. Pure."""

from __future__ import annotations

from mdpc.escape import code, guard, markdown, prose, terminal
from mdpc.judge import Explained, Explanation
from mdpc.model import Markup
from mdpc.preview import Preview
from mdpc.report import markdown as lists
from mdpc.report import text_changes
from mdpc.report.as_json import notice_object
from mdpc.report.notices import foreseen_object, who_and_how
from mdpc.report.page import DIM, LEVEL_STYLES, Look, Page
from mdpc.report.summary import alarms
from mdpc.report.words import title_of
from mdpc.templates import ACHIEVED

_BREAK = "\u200b"


def previews_text(told: Explained, look: Look) -> str:
    """The previews of all milestones that were asked for, and what was not read, for a terminal."""
    page = Page(look)
    for alarm in alarms(told.plan):
        page.paragraph((terminal(alarm), LEVEL_STYLES["error"]))
    for explanation in told.explanations:
        if explanation.preview is not None:
            _text(page, explanation, explanation.preview)
    text_changes.unread(page, told.plan)
    return page.text


def _text(page: Page, explanation: Explanation, preview: Preview) -> None:
    page.blank()
    page.paragraph(
        (terminal(title_of(explanation.milestone)), "bold"), (f"  {terminal(explanation.milestone.key)}", DIM)
    )
    page.paragraph(f"{preview.day:%a} {preview.day.isoformat()}: {terminal(_headline(preview))}", hang=2)
    if preview.due is None:
        return
    page.blank()
    for line in _words(preview).splitlines():
        inner = line.lstrip(" ")
        page.paragraph(terminal(inner, limit=10_000), indent=2 + len(line) - len(inner), hang=2)


def _headline(preview: Preview) -> str:
    """What is due, to whom and where; or that nothing is, and when the next notice is."""
    if preview.due is not None:
        notice = preview.due.notice
        return f"{_step(notice.step)} would go to {who_and_how(notice)}, as a comment on {preview.place}"
    if preview.why:
        return f"nothing is sent: {preview.why}"
    if preview.following is None:
        return "nothing is due, nor within a year after it"
    following = preview.following
    return f"nothing is due. Next is {_step(following.notice.step)} on {following.day.isoformat()}"


def _step(step: str) -> str:
    return "the word that it is achieved" if step == ACHIEVED else f"step {step}"


def _words(preview: Preview) -> str:
    """The comment as people will read it, without mdpc's mark."""
    return preview.text.rpartition("\n\n")[0]


def previews_markdown(told: Explained) -> str:
    """The same as GitHub Markdown: the comment as a quotation, in which nobody is mentioned."""
    parts = [
        " ".join(f"**{markdown(alarm)}**" for alarm in alarms(told.plan)),
        *(_markdown(each, each.preview) for each in told.explanations if each.preview is not None),
        lists.unread(told.plan),
    ]
    return guard("\n\n".join(filter(None, parts))) + "\n"


def _markdown(explanation: Explanation, preview: Preview) -> str:
    parts = [
        f"### {markdown(title_of(explanation.milestone))}",
        code(explanation.milestone.key),
        f"{preview.day.isoformat()}: {prose(_headline(preview))}",
    ]
    if preview.due is not None:
        parts.append("\n".join(f"> {_quoted(line, preview.markup)}".rstrip() for line in _words(preview).splitlines()))
    return "\n\n".join(parts)


def _quoted(line: str, markup: Markup) -> str:
    """A line of a comment: as it is marked up where it will stand, or plain text as it is in Jira."""
    if markup is Markup.LINE:
        return f"{markdown(line, limit=10_000)}<br>" if line else ""
    return line.replace("@", f"@{_BREAK}")


def preview_object(preview: Preview) -> dict[str, object]:
    """A preview for JSON: `notice` with its `text`, mark included, or None and the `next` one within a year."""
    due = preview.due
    return {
        "at": preview.day.isoformat(),
        "notice": {**notice_object(due.notice), "text": preview.text, "place": preview.place} if due else None,
        "next": foreseen_object(preview.following) if preview.following else None,
        "why": preview.why,
    }
