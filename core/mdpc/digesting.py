"""The digests that are due: who hears of which programs, as comments on dashboards and as messages. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mdpc.changes import Change, Withheld
from mdpc.dashboard_text import LONGEST
from mdpc.dashboards import Desk, noted, told_in
from mdpc.digest import facts_of, period_of
from mdpc.digest_text import Edition, comments_of, headline, lines_of, spelt, subject
from mdpc.fingerprint import fingerprint
from mdpc.ledger import somebody
from mdpc.messages import Message, Recipient
from mdpc.model import Account, Markup
from mdpc.people import PERSON, identity_of, identity_of_owner
from mdpc.program_ledger import ALL, Waiting
from mdpc.recipients import Cast, present, stand_in
from mdpc.settings import Program, Settings
from mdpc.settings.digest import Digest
from mdpc.telling import recipient
from mdpc.workdays import is_workday

_INCOMPLETE = "not all of its containers could be read, and a digest leaves nothing out. Run it again"


@dataclass(frozen=True, slots=True)
class Issued:
    """The digests that are due: what is written, what is sent once that stands there, and what is withheld."""

    editions: tuple[Edition, ...] = ()
    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()
    withheld: tuple[Withheld, ...] = ()


def issued(desks: Sequence[Desk], programs: Mapping[str, Program], settings: Settings, today: date) -> Issued:
    """The digests of the latest period, of each program for which it was not sent yet; nothing on a day off."""
    table = settings.digest
    if table is None or not is_workday(today, settings.escalation):
        return Issued()
    period = period_of(table, today)
    due = [desk for desk in desks if desk.pages and (desk.known.digest or date.min) < period]
    whole = [desk for desk in due if not desk.incomplete]
    found = [(desk, _edition(desk, period, programs[desk.program], table, settings, today)) for desk in whole]
    told = [(desk, edition) for desk, edition in found if edition.readers]
    changes = {edition.program: tuple(_changes(desk, edition, table)) for desk, edition in told}
    editions = tuple(edition for _, edition in told)
    issuing = {edition.program for edition in editions}
    ledgers, again = _again([desk for desk in desks if desk.program not in issuing], programs, table, settings, today)
    return Issued(
        editions,
        (*(change for several in changes.values() for change in several), *ledgers),
        (*_messages(editions, changes, table, settings), *again),
        tuple(Withheld(f"the digest of {desk.program}", _INCOMPLETE) for desk in due if desk.incomplete),
    )


def _edition(  # noqa: PLR0913, PLR0917 - of what, for when, and by which settings
    desk: Desk, period: date, program: Program, table: Digest, settings: Settings, today: date
) -> Edition:
    casts = [Cast(page.told.owner, program, desk.home.ref, settings, today) for page in desk.pages]
    readers = dict.fromkeys(who for name in table.to for cast in casts for who in present(name, cast))
    known = desk.known
    people = _people(known.waiting, desk, program, settings)
    found = ((each, [people[to] for to in each.to if to in people]) for each in known.waiting)
    waiting = tuple((each, tuple(stand_in(who, casts[0]) or who for who in meant)) for each, meant in found)
    readers |= {who: None for _, to in waiting for who in to}
    url = desk.held.issue.url if desk.held else ""
    return Edition(desk.program, period, desk.pages, tuple(readers), url, known.digest, known.facts, waiting)


def _people(waiting: Sequence[Waiting], desk: Desk, program: Program, settings: Settings) -> Mapping[str, str]:
    """Who may be meant by the fingerprints of those who wait: people, owners, and logins of the configuration."""
    if not waiting:
        return {}
    steps = (who for step in settings.escalation.steps for who in step.to)
    logins = (who.removeprefix("@") for who in (*steps, *program.stakeholders) if who.startswith("@"))
    known = [f"{PERSON}:{name}" for name in settings.people]
    known += [identity_of_owner(page.told.owner, settings) for page in desk.pages if page.told.owner]
    known += [identity_of(Account(desk.home.ref.connector, login), settings) for login in logins]
    return {somebody(each): each for each in known}


def _changes(desk: Desk, edition: Edition, table: Digest) -> Iterable[Change]:
    facts = facts_of([page.told for page in edition.pages])
    after = replace(desk.known, digest=edition.period, facts=facts, waiting=(), unsent=())
    return noted(desk, comments_of(edition, LONGEST[desk.markup], mentioning=not table.via), after)


def _messages(
    editions: Sequence[Edition], changes: Mapping[str, Sequence[Change]], table: Digest, settings: Settings
) -> Iterator[Message]:
    """One message for each reader and channel, with all programs of theirs."""
    by_reader: dict[str, list[Edition]] = defaultdict(list)
    for edition in editions:
        for who in edition.readers:
            by_reader[who].append(edition)
    for channel in table.via:
        for who, theirs in by_reader.items():
            to = recipient(who, channel, settings)
            if to.address or not settings.channels[channel].by_address:
                yield _message(who, theirs, changes, channel, to)


def _message(
    who: str, theirs: Sequence[Edition], changes: Mapping[str, Sequence[Change]], channel: str, to: Recipient
) -> Message:
    period = theirs[0].period.isoformat()
    own = [change for each in theirs for change in changes[each.program]]
    return Message(
        id=message_id(theirs[0].period, who, channel),
        kind="digest",
        channel=channel,
        program=theirs[0].program if len(theirs) == 1 else "",
        milestone="",
        notice="",
        subject=subject(theirs),
        text=_text(who, theirs, Markup.LINE),
        markdown=_text(who, theirs, Markup.BLOCK),
        to=(to,),
        who=(who,),
        facts={"period": period, "programs": [_facts(each) for each in theirs]},
        needs=tuple(dict.fromkeys(change.write for change in own if change.field == "comment")),
        ledgers=tuple(dict.fromkeys(change.write for change in own if change.field == "ledger")),
    )


def message_id(period: date, who: str, channel: str) -> str:
    """The id of the message that brings somebody the digest of a period."""
    return fingerprint("n", "digest", period.isoformat(), who, channel)


def _again(
    desks: Sequence[Desk], programs: Mapping[str, Program], table: Digest, settings: Settings, today: date
) -> tuple[tuple[Change, ...], tuple[Message, ...]]:
    """The ledgers of digests that channels still owe, and their messages, with the words of the comments."""
    owing = [desk for desk in desks if desk.known.unsent and desk.known.digest and table.via]
    changes = {desk.program: noted(desk, (), replace(desk.known, unsent=())) for desk in owing}
    by_reader: dict[str, list[Desk]] = defaultdict(list)
    for desk in owing:
        casts = [Cast(page.told.owner, programs[desk.program], desk.home.ref, settings, today) for page in desk.pages]
        for who in dict.fromkeys(who for name in table.to for cast in casts for who in present(name, cast)):
            by_reader[who].append(desk)
    messages = (
        _said_again(who, theirs, changes, channel, settings)
        for channel in table.via
        for who, theirs in by_reader.items()
    )
    found = tuple(message for message in messages if message is not None)
    return tuple(change for several in changes.values() for change in several), found


def _said_again(
    who: str, desks: Sequence[Desk], changes: Mapping[str, Sequence[Change]], channel: str, settings: Settings
) -> Message | None:
    to = recipient(who, channel, settings)
    theirs = [
        desk
        for desk in desks
        if desk.known.digest and {ALL, message_id(desk.known.digest, who, channel)} & set(desk.known.unsent)
    ]
    if not theirs or (settings.channels[channel].by_address and not to.address):
        return None
    period = theirs[0].known.digest or date.min
    text = "\n\n".join(filter(None, map(told_in, theirs)))
    return Message(
        id=message_id(period, who, channel),
        kind="digest",
        channel=channel,
        program=theirs[0].program if len(theirs) == 1 else "",
        milestone="",
        notice="",
        subject=f"Milestones: the digest of {period.isoformat()}",
        text=text,
        markdown=text,
        to=(to,),
        who=(who,),
        facts={"period": period.isoformat(), "programs": [{"program": desk.program} for desk in theirs]},
        ledgers=tuple(change.write for desk in theirs for change in changes[desk.program] if change.field == "ledger"),
    )


def _text(who: str, theirs: Sequence[Edition], markup: Markup) -> str:
    lines: list[str] = []
    for edition in theirs:
        told = spelt(edition, markup)
        head = headline(told)
        lines += [*([""] if lines else []), f"{head[:1].upper()}{head[1:]}.", *lines_of(told, (who,))]
        lines += ["", f"All of it: {edition.url}"] if edition.url else []
    return "\n".join(lines)


def _facts(edition: Edition) -> dict[str, object]:
    told = [page.told for page in edition.pages]
    return {
        "program": edition.program,
        "milestones": [
            {"key": each.key, "health": each.health.value, "due": each.due.isoformat() if each.due else None}
            for each in told
        ],
    }
