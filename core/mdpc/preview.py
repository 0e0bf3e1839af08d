"""What would be said of a milestone on one day: the notice as it would stand there, or when the next one is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from mdpc.assemble import as_told_by
from mdpc.coordinating import page_of
from mdpc.decide import Decided
from mdpc.model import Container, Markup
from mdpc.notice_text import notice_text
from mdpc.render import Surroundings
from mdpc.simulation import Foreseen


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent for a milestone on a day, if nothing but that days pass.

    `due` is the notice of that day and `text` the comment that it is, mdpc's mark included; both empty where none is
    due. Then `following` is the next one within a year, if there is one. `place` is the issue or the container where it
    stands, `markup` how it is marked up there. `why` says why nothing is sent whatever the day.
    """

    day: date
    due: Foreseen | None = None
    text: str = ""
    markup: Markup = Markup.BLOCK
    place: str = ""
    following: Foreseen | None = None
    why: str = ""


def preview(
    each: Decided, foreseen: Sequence[Foreseen], home: Container | None, around: Surroundings, day: date
) -> Preview:
    """The preview of one milestone. `foreseen` are its notices, `home` is where its issue is or would be made."""
    due = next((notice for notice in foreseen if notice.day == day), None)
    following = next((notice for notice in foreseen if notice.day > day), None)
    if each.task is None or each.gated is None or each.left_alone or home is None:
        return Preview(day, why=_why(each))
    why = _why_not_there(each, home, around)
    if why or due is None:
        return Preview(day, following=None if why else following, why=why)
    there = replace(around, today=day)
    future = each.task.future
    then = as_told_by(future, future.records, future.dues, around.settings, day)
    page = page_of(each.gated, then, home, there)
    issue = each.gated.heard.issue
    place = str(issue.ref) if issue else f"a new issue in {home.ref}"
    return Preview(day, due, notice_text(page, due.notice), page.markup, place)


def _why_not_there(each: Decided, home: Container, around: Surroundings) -> str:
    """Why nothing can be said where the issue is or would be; empty where it can."""
    if not around.told_at(each.milestone, home.ref):
        return f"{home.ref} is public, and nothing of the milestone may be told there"
    connector = home.ref.connector
    if around.settings.connectors[connector].access == "read":
        return f'connectors.{connector} has access = "read", and notices are comments there'
    return ""


def _why(each: Decided) -> str:
    """Why nothing is decided of a milestone."""
    if each.milestone.history:
        return "it was closed before mdpc saw it open: that is history, and nothing is said of it"
    reasons = [entry.why for entry in each.withheld]
    return reasons[0] if reasons else "nothing can be decided about it now"
