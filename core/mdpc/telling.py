"""The messages by which channels bring a notice, besides the comment that is its record. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mdpc import escape
from mdpc.changes import Withheld
from mdpc.issue_text import Page
from mdpc.messages import Message, Recipient
from mdpc.model import Markup, Notice
from mdpc.notice_text import notice_words
from mdpc.people import MAIL, PERSON, called
from mdpc.settings import Settings
from mdpc.templates import ENGLISH


def messages_of(notice: Notice, page: Page, issue: str) -> Iterator[Message | Withheld]:
    """A message for each channel of a notice; where a channel could reach nobody, why there is none.

    `issue` is where the milestone is talked about.
    """
    for channel in notice.via:
        table = page.settings.channels.get(channel)
        if table is None:
            continue
        told = reached(notice.to, channel, page.settings)
        if table.by_address and not told:
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
            subject=_subject(notice, page),
            text=_text(notice, replace(page, markup=Markup.LINE, by_name=True), issue),
            markdown=_text(notice, replace(page, markup=Markup.BLOCK, by_name=True), issue),
            to=tuple(told.values()),
            facts=_facts(notice, page, issue),
            who=tuple(told),
        )


def reached(identities: Iterable[str], channel: str, settings: Settings) -> dict[str, Recipient]:
    """Those of these people whom a channel can reach, by identity."""
    found = {identity: recipient(identity, channel, settings) for identity in identities}
    table = settings.channels[channel]
    return {identity: each for identity, each in found.items() if each.address or not table.by_address}


def recipient(identity: str, channel: str, settings: Settings) -> Recipient:
    """Somebody as a channel knows them."""
    kind, _, name = identity.partition(":")
    person = settings.people.get(name) if kind == PERSON else None
    if person is not None:
        return Recipient(name, person.email or "", person.handles.get(channel, ""))
    return Recipient(called(identity), name if kind == MAIL else "")


_WORDS: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {
        "achieved": "{} is achieved",
        "dateless": "{}: no due date any more",
        "overdue": "{}: overdue since {}",
        "due": "{}: due {}",
        "talk": "Talk about it at {}",
    },
    "de": {
        "achieved": "{} ist erreicht",
        "dateless": "{}: kein Termin mehr",
        "overdue": "{}: überfällig seit {}",
        "due": "{}: fällig am {}",
        "talk": "Hier wird darüber gesprochen: {}",
    },
}
"""What stands around a notice, by language: templates have only the notice itself."""


def _words(page: Page, what: str, *values: object) -> str:
    return _WORDS.get(page.settings.escalation.language, _WORDS[ENGLISH])[what].format(*values)


def _subject(notice: Notice, page: Page) -> str:
    told, title = page.told, escape.plain(page.told.title)
    if notice.achievement is not None:
        return _words(page, "achieved", title)
    if told.due is None:
        return _words(page, "dateless", title)
    return _words(page, "overdue" if told.late else "due", title, told.due)


def _text(notice: Notice, page: Page, issue: str) -> str:
    return "\n".join([notice_words(page, notice), "", _words(page, "talk", issue)])


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
