"""The messages by which channels bring a notice, besides the comment that is its record. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mdpc.changes import Withheld
from mdpc.issue_text import Page, notice_lines
from mdpc.messages import Message, Recipient
from mdpc.model import Markup, Milestone, Notice, Owner
from mdpc.people import MAIL, PERSON, called
from mdpc.settings import Settings


def messages_of(notice: Notice, page: Page, owner: Owner | None, issue: str) -> Iterator[Message | Withheld]:
    """A message for each channel of a notice; where a channel could reach nobody, why there is none.

    `issue` is where the milestone is talked about.
    """
    for channel in notice.via:
        table = page.settings.channels.get(channel)
        if table is None:
            continue
        to = tuple(recipient(identity, channel, page.settings) for identity in notice.to)
        if table.by_address:
            to = tuple(each for each in to if each.address)
        if table.by_address and not to:
            what = f"step {notice.step} of {notice.milestone} by {channel}"
            yield Withheld(what, "none of its recipients has a mail address: give them an `email` in [people]")
            continue
        yield Message(
            id=f"{notice.id}-{channel}",
            kind="achieved" if notice.achievement else "notice",
            channel=channel,
            program=page.told.program,
            milestone=notice.milestone,
            notice=notice.id,
            subject=f"{page.told.title} is achieved" if notice.achievement else _subject(page.told),
            text=_text(notice, replace(page, markup=Markup.LINE, by_name=True), owner, issue),
            markdown=_text(notice, replace(page, markup=Markup.BLOCK, by_name=True), owner, issue),
            to=to,
            facts=_facts(notice, page, issue),
        )


def recipient(identity: str, channel: str, settings: Settings) -> Recipient:
    """Somebody as a channel knows them."""
    kind, _, name = identity.partition(":")
    person = settings.people.get(name) if kind == PERSON else None
    if person is not None:
        return Recipient(name, person.email or "", person.handles.get(channel, ""))
    return Recipient(called(identity), name if kind == MAIL else "")


def _subject(told: Milestone) -> str:
    if told.due is None:
        return f"{told.title}: no due date any more"
    return f"{told.title}: {'overdue since' if told.late else 'due'} {told.due.isoformat()}"


def _text(notice: Notice, page: Page, owner: Owner | None, issue: str) -> str:
    return "\n".join([*notice_lines(page, notice, owner), "", f"Talk about it at {issue}"])


def _facts(notice: Notice, page: Page, issue: str) -> Mapping[str, Any]:
    """What programs read; days are ISO days."""
    told = page.told
    facts = {
        "step": notice.step,
        "day": notice.day.isoformat(),
        "due": told.due.isoformat() if told.due else None,
        "original_due": told.original_due.isoformat() if told.original_due else None,
        "health": told.health.value,
        "owner": told.owner.name if told.owner else None,
        "records": [{"ref": str(record.ref), "url": record.url} for record in told.records],
        "issue": issue,
    }
    progress = {"open": told.open_issues, "closed": told.closed_issues}
    return facts | ({"progress": progress} if page.all_told else {})
