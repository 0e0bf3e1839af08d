"""What a digest says of a program: how it stands, what changed, and what needs whom. Pure.

Nothing is ever left out: what does not fit into one comment goes on in the next. Whatever is off track comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mdpc import escape
from mdpc.dashboard_text import HEALTH, against_first_date, length
from mdpc.digest import News, gone, news
from mdpc.health import WORST_FIRST
from mdpc.issue_text import Page
from mdpc.marks import mark
from mdpc.model import Health, Markup
from mdpc.people import identity_of_owner
from mdpc.program_ledger import Facts, Waiting, short

DIGEST = "digest"
"""The kind of the mark of a digest; its name is the day on which its period began, of an earlier part with a number."""

_HEAD = 500
"""Characters kept free in each comment for its first line and its mark, besides those who are mentioned."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One digest of one program.

    `pages` are its milestones as they may be told on its dashboard, worst first, `facts` what the last digest told of
    them, `since` the period of that. `readers` are who hears of it, by identity. `url` is the dashboard's address.
    `waiting` are the steps that the noise budget left to it, each with those whom it is for, by identity.
    """

    program: str
    period: date
    pages: tuple[Page, ...]
    readers: tuple[str, ...]
    url: str = ""
    since: date | None = None
    facts: Facts = field(default_factory=Facts)
    waiting: tuple[tuple[Waiting, tuple[str, ...]], ...] = ()

    @property
    def place(self) -> Page:
        """Where it is written, of no milestone in particular."""
        whole = all(page.all_told for page in self.pages)
        return replace(self.pages[0], all_told=whole)


def spelt(edition: Edition, markup: Markup) -> Edition:
    """The same for a place with another markup."""
    return replace(edition, pages=tuple(replace(page, markup=markup) for page in edition.pages))


def comments_of(edition: Edition, longest: int, *, mentioning: bool) -> tuple[str, ...]:
    """The comments that the digest is; nearly always one. Without `mentioning` nobody is mentioned there."""
    place = edition.place
    who = ", ".join(dict.fromkeys(map(place.mention, edition.readers))) if mentioning else ""
    parts = list(_parts(lines_of(edition, edition.readers), longest - _HEAD - length(who)))
    found = []
    for number, lines in enumerate(parts, start=1):
        last = number == len(parts)
        name = edition.period.isoformat() if last else f"{edition.period.isoformat()}.{number}"
        head = headline(edition) + (f" ({number} of {len(parts)})" if len(parts) > 1 else "")
        said = f"{who}: {head}" if who and number == 1 else head[:1].upper() + head[1:]
        found.append("\n".join([f"{said}.", *lines, "", mark(DIGEST, name, place.markup)]))
    return tuple(found)


def _parts(lines: Iterable[str], room: int) -> Iterator[list[str]]:
    part: list[str] = []
    left = room
    for line in lines:
        if part and length(line) + 1 > left:
            yield part
            part, left = [], room
        part.append(line)
        left -= length(line) + 1
    yield part


def headline(edition: Edition) -> str:
    """What the digest is called, as the rest of a sentence."""
    return f"the digest of {edition.place.text(edition.program, 100)} for {edition.period.isoformat()}"


def lines_of(edition: Edition, readers: Collection[str]) -> list[str]:
    """Everything that it says, with what needs these readers."""
    return [*_standing(edition), *_changed(edition), *_needed(edition, readers), *_untold(edition, readers)]


def _standing(edition: Edition) -> Iterator[str]:
    """Every open milestone by its health; those on track are counted."""
    for health in WORST_FIRST[:3]:
        alike = [page for page in edition.pages if page.told.health is health]
        if alike:
            yield from ("", f"{HEALTH[health].capitalize()} ({len(alike):,}):")
            yield from (f"- {_milestone(page)}" for page in alike)
    rest = sum(page.told.health is Health.ON_TRACK for page in edition.pages)
    if rest:
        yield from ("", f"{rest:,} {'milestone is' if rest == 1 else 'milestones are'} on track.")


def _milestone(page: Page) -> str:
    told = page.told
    due = [f"due {told.due}"] if told.due and not told.late else []
    owner = f"owner {page.text(told.owner.name, 80)}" if told.owner else "nobody owns it"
    against = [said] if (said := against_first_date(told, page.settings)) else []
    gates = [f"{gate.name} {gate.state}" for gate in told.gates if not gate.passed]
    return f"{title(page)}: {', '.join([*due, *against, owner, *gates])}"


def title(page: Page) -> str:
    """A milestone's title, with the address where it is talked about, else of its first record."""
    told = page.told
    issue = told.issue if told.issue and told.issue[0].container == page.home.ref else None
    url = escape.web_address(issue[1] if issue else told.records[0].url)
    text = page.text(told.title, 100) or "(no title)"
    if url is None:
        return text
    return f"[{text}]({url})" if page.markup is Markup.BLOCK else f"{text} {url}"


def _changed(edition: Edition) -> Iterator[str]:
    """What changed since the last digest; nothing in the first one."""
    if edition.since is None:
        return
    by_id = {page.told.id: page for page in edition.pages}
    told = [page.told for page in edition.pages]
    said = [f"- {_news(by_id[each.milestone.id], each)}" for each in news(told, edition.facts)]
    lost = gone(told, edition.facts)
    if lost:
        said.append(f"- {lost:,} {'milestone is' if lost == 1 else 'milestones are'} not there any more")
    yield from ("", f"Since the digest of {edition.since}:", *(said or ["- nothing changed"]))


def _news(page: Page, each: News) -> str:
    told = page.told
    if each.achieved:
        return f"{title(page)}: {against_first_date(told, page.settings) or 'achieved'}"
    parts = [] if each.before else [f"new, {f'due {told.due}' if told.due else 'without a date'}"]
    if each.moved:
        parts.append(_moved(each))
    if each.before and each.before.health is not told.health:
        parts.append(f"{HEALTH[told.health]}, and was {HEALTH[each.before.health]}")
    return f"{title(page)}: {'; '.join(parts)}"


def _moved(each: News) -> str:
    told, before = each.milestone, each.before
    first = told.original_due
    if told.due is None:
        return "has no date any more"
    if before is None or before.due is None:
        return f"is due {told.due} now"
    which = "slipped" if each.days > 0 else "was brought forward"
    against = ""
    if first is not None and first not in (before.due, told.due):
        days = (told.due - first).days
        against = f", {_days(abs(days))} {'later' if days > 0 else 'earlier'} than first promised"
    return f"{which} by {_days(abs(each.days))} to {told.due}{against}"


def _days(count: int) -> str:
    return f"{count:,} {'day' if count == 1 else 'days'}"


def _needed(edition: Edition, readers: Collection[str]) -> Iterator[str]:
    """What waits for each reader: reviews that they may give, and milestones of theirs that do not do well."""
    said = [f"- {line}" for who in readers for page in edition.pages for line in _needs(page, who)]
    if said:
        yield from ("", "Needs somebody:", *said)


def _needs(page: Page, who: str) -> Iterator[str]:
    told, name = page.told, page.name(who)
    for gate in told.gates:
        if not gate.passed and who in gate.waiting_for and not told.closed:
            yield f"{name}: {title(page)} waits for a review, {page.code(f'/approve {gate.name}')}"
    troubled = told.health in WORST_FIRST[:3]
    if troubled and told.owner is not None and identity_of_owner(told.owner, page.settings) == who:
        yield f"{name}: {title(page)} is {_state(told.health)}, and theirs"


def _state(health: Health) -> str:
    return "without a date" if health is Health.NO_DATE else HEALTH[health]


def _untold(edition: Edition, readers: Collection[str]) -> Iterator[str]:
    """What the noise budget left to this digest."""
    pages = {short(page.told.id): page for page in edition.pages}
    said = []
    for waiting, people in edition.waiting:
        page = pages.get(waiting.milestone)
        who = [edition.place.name(each) for each in people if each in readers] if people else ["somebody who has left"]
        if who:
            step = edition.place.code(waiting.step)
            named = title(page) if page else "a milestone that is not here any more"
            said.append(f"- {', '.join(dict.fromkeys(who))}: step {step} of {named}, of {waiting.day}")
    if said:
        yield from ("", "Not told at the time, since there was so much to tell in that week:", *said)


def subject(editions: Sequence[Edition]) -> str:
    """One line about several programs, in plain text."""
    return subject_of([page.told.health for edition in editions for page in edition.pages])


def subject_of(healths: Sequence[Health]) -> str:
    """The same from how their milestones do."""
    counts = [(health, healths.count(health)) for health in WORST_FIRST[:4]]
    said = ", ".join(f"{count:,} {HEALTH[health]}" for health, count in counts if count)
    return f"Milestones: {said or 'all achieved'}"
