"""Whether `[escalation]` fits the rest: recipients who are somebody, steps that come and reach anybody. Pure.

As in `mdpc.settings.checks`, what is not of the right kind is passed over here, for that is a problem already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mdpc.matching import may_overlap
from mdpc.recipients import MANAGER, OWNER, STAKEHOLDERS
from mdpc.settings.addresses import Names, check_match
from mdpc.settings.base import is_address
from mdpc.settings.channel_checks import by_address, check_via
from mdpc.settings.escalation import offset_of
from mdpc.settings.home_checks import check_home
from mdpc.settings.known import People
from mdpc.settings.overlaps import overlap, spellings
from mdpc.settings.people_checks import DELEGATE, chain_of, check_managers, links_of
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, key_text, quoted
from mdpc.settings.raw import table_of, tables_of, texts_of

_BLOCKED = "no step can be sent", "notices"
"""What is so where mdpc may not write, and what would be comments there."""

_ROLES = (OWNER, f"{OWNER}{MANAGER}", STAKEHOLDERS)
_STEPS: KeyPath = ("escalation", "steps")

RawStep = tuple[int, Mapping[str, Any]]


def check_escalation(tables: Mapping[str, Any], names: Names, problems: Problems) -> None:
    """Report who is nobody, which steps never come or reach nobody, and of which it is not clear that they are sent."""
    known = _Known.of(tables)
    check_managers(tables, known.people, problems)
    _check_stakeholders(tables, known, problems)
    steps = list(tables_of(table_of(tables, "escalation"), "steps"))
    for index, raw in steps:
        path = (*_STEPS, index)
        _check_recipients(raw, path, tables, known, problems)
        check_via(raw, path, tables, problems)
        check_home(raw, path, tables, names, problems, _BLOCKED)
        if isinstance(pattern := raw.get("match"), str):
            check_match(pattern, (*path, "match"), names, problems)
        _check_reach(raw, path, tables, replace(known, mails=_sends_mail(raw, tables)), problems)
    _check_days(steps, tables, problems)
    check_via(table_of(tables, "celebrate"), ("celebrate",), tables, problems)
    if "celebrate" in tables and table_of(tables, "writeback").get("issue") == "never":
        what = "no milestone can be celebrated so: it is a comment on that issue"
        problems.add(("writeback", "issue"), what, 'write "when-needed", or take [celebrate] out')
    _check_digest(tables, known, problems)
    if steps and table_of(tables, "writeback").get("issue") == "never":
        what = "no step can be sent so: notices are comments on that issue"
        problems.add(("writeback", "issue"), what, 'write "when-needed", or take [[escalation.steps]] out')


def _check_digest(tables: Mapping[str, Any], known: _Known, problems: Problems) -> None:
    """Report who is nobody in `[digest]`, and channels that there are not."""
    raw = table_of(tables, "digest")
    _check_recipients(raw, ("digest",), tables, known, problems)
    _check_reach(raw, ("digest",), tables, known, problems, "this digest")
    check_via(raw, ("digest",), tables, problems)


@dataclass(frozen=True, slots=True)
class _Known:
    """Who is known, whom they name as their manager and as their delegate, and whether any channel sends mail."""

    people: People
    managers: Mapping[str, str]
    delegates: Mapping[str, str]
    mails: bool

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> _Known:
        """Of the tables of a configuration."""
        mails = any(by_address(name, tables) for name in table_of(tables, "channels"))
        return cls(People.of(tables), links_of(tables, "manager"), links_of(tables, DELEGATE), mails)

    def check(self, who: str, path: KeyPath, problems: Problems, roles: Sequence[str] = ()) -> None:
        """Report a recipient other than a role who is nobody, or nobody any more. `roles` may stand there besides."""
        if is_address(who):
            if not self.mails:
                what = f"{quoted(who)} is an address, and no channel reaches addresses"
                problems.add(path, what, 'add one of type "smtp" to [channels], or name somebody with a login')
        elif self.people.check(who, path, problems, roles, roles):
            name = self.people.one(who)
            if self.people.gone.get(name) and name not in self.delegates:
                problems.add(path, f"{quoted(who)} is gone, and nobody stands in", "name a delegate, or somebody else")

    def reaches(self, who: str, height: int) -> bool:
        """Whether somebody has so many managers above them, one above the other; True where that is not known."""
        name = self.people.one(who)
        if is_address(who):
            return height == 0 and self.mails
        if name not in self.people.gone:
            return height == 0 or not who.startswith("@")
        above = [name, *chain_of(name, self.managers)]
        ends = above[-1] not in self.managers and above[-1] in self.people.gone
        return len(above) > height or not ends


def _base_of(recipient: str) -> tuple[str, int]:
    """Whose manager is meant, and how many managers above them; 0 where they are meant themselves."""
    height = 0
    while recipient.endswith(MANAGER):
        recipient, height = recipient.removesuffix(MANAGER), height + 1
    return recipient, height


def _check_stakeholders(tables: Mapping[str, Any], known: _Known, problems: Problems) -> None:
    for index, raw in tables_of(tables, "programs"):
        for position, who in texts_of(raw, "stakeholders"):
            path = ("programs", index, "stakeholders", position)
            base, height = _base_of(who)
            if base in (OWNER, STAKEHOLDERS) or height:
                what = f"{quoted(who)} is a role, and stakeholders are people"
                problems.add(path, what, 'write a person of [people], or a login such as "@alice-gh"')
            else:
                known.check(who, path, problems)


def _sends_mail(raw: Mapping[str, Any], tables: Mapping[str, Any]) -> bool:
    """Whether a channel of a step reaches people by their addresses."""
    return any(by_address(name, tables) for _, name in texts_of(raw, "via"))


def _check_recipients(
    raw: Mapping[str, Any], path: KeyPath, tables: Mapping[str, Any], known: _Known, problems: Problems
) -> None:
    for position, who in texts_of(raw, "to"):
        base, _ = _base_of(who)
        if is_address(base) and known.mails and not _sends_mail(raw, tables):
            what = f"{quoted(base)} is an address, and no channel of this step reaches addresses"
            problems.add((*path, "to", position), what, 'name one of type "smtp" in its `via`')
        elif base.strip() and base not in (
            OWNER,
            STAKEHOLDERS,
            "@",
        ):  # a word that names nobody is told where it is read
            known.check(base, (*path, "to", position), problems, _ROLES)


def _check_reach(  # noqa: PLR0913, PLR0917 - what, where, among what, and what it is called
    raw: Mapping[str, Any],
    path: KeyPath,
    tables: Mapping[str, Any],
    known: _Known,
    problems: Problems,
    called: str = "this step",
) -> None:
    """Report a step, or a digest, of which every recipient is nobody, whoever owns the milestone."""
    pattern = raw.get("match", "*")
    recipients = [who for _, who in texts_of(raw, "to")]
    if not recipients or not isinstance(pattern, str):
        return
    stakeholders = list(_stakeholders(pattern, tables))
    reasons = [_why_nobody(who, stakeholders, known) for who in recipients]
    if all(reasons):
        what = f"{called} can never reach anybody: {', and '.join(dict.fromkeys(reasons))}"
        problems.add((*path, "to"), what, f"name somebody else, or leave {called.replace('this', 'the')} out")


def _stakeholders(pattern: str, tables: Mapping[str, Any]) -> Iterator[str]:
    """The stakeholders of all programs whose milestones a match may mean."""
    for _, raw in tables_of(tables, "programs"):
        key = f"{raw.get('name')}/*"
        if any(may_overlap(spelling, key) for spelling in spellings(pattern, tables)):
            yield from (who for _, who in texts_of(raw, "stakeholders"))


def _why_nobody(recipient: str, stakeholders: Sequence[str], known: _Known) -> str:
    """Why a recipient can never be anybody; empty where they can."""
    base, height = _base_of(recipient)
    if base == STAKEHOLDERS and not stakeholders:
        return "no program that it is for has stakeholders"
    if height == 0 and (base == OWNER or is_address(base)):  # an address that nothing reaches is told by itself
        return ""
    among = stakeholders if base == STAKEHOLDERS else list(known.people.gone) if base == OWNER else [base]
    if any(known.reaches(who, height) for who in among):
        return ""
    if height == 0 and all(map(is_address, among)):
        return "the stakeholders are addresses, and no channel of it reaches those"
    return f"nobody in [people] is {quoted(recipient)}"


def _check_days(steps: Sequence[RawStep], tables: Mapping[str, Any], problems: Problems) -> None:
    """Report two steps of one day that may be for the same milestone: only one of them could be sent."""
    for number, (index, raw) in enumerate(steps):
        for earlier, other in steps[:number]:
            if _same_day(raw, other) and overlap(str(raw.get("match", "*")), str(other.get("match", "*")), tables):
                place = key_text((*_STEPS, earlier))
                what = (
                    f"this step ({_shown(raw)}) comes on the same day as {place} ({_shown(other)}), maybe for the same "
                    "milestone, and only one of them could be sent"
                )
                problems.add((*_STEPS, index, "at"), what, "join them, give one another day, or narrow a match")
                break


def _same_day(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    first, second = (offset_of(at) if isinstance(at := raw.get("at"), str) else None for raw in (one, other))
    if first is None or second is None:
        return False
    return first == second or first[0] == second[0] == 0


def _shown(raw: Mapping[str, Any]) -> str:
    return f"{quoted(raw.get('at'))} for {quoted(raw.get('match', '*'))}"
