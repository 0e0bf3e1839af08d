"""Whether `[escalation]` fits the rest: recipients who are somebody, steps that come and reach anybody. Pure.

As in `mdpc.settings.checks`, what is not of the right kind is passed over here, for that is a problem already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdpc.matching import may_overlap
from mdpc.recipients import MANAGER, OWNER, STAKEHOLDERS
from mdpc.settings.addresses import Names, check_match
from mdpc.settings.escalation import offset_of
from mdpc.settings.home_checks import check_home
from mdpc.settings.known import People
from mdpc.settings.overlaps import overlap, spellings
from mdpc.settings.people_checks import DELEGATE, chain_of, check_managers, links_of
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, key_text, quoted
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
        _check_recipients(raw, path, known, problems)
        check_home(raw, path, tables, names, problems, _BLOCKED)
        if isinstance(pattern := raw.get("match"), str):
            check_match(pattern, (*path, "match"), names, problems)
        _check_reach(raw, path, tables, known, problems)
    _check_days(steps, tables, problems)
    _check_digest(tables, known, problems)
    if steps and table_of(tables, "writeback").get("issue") == "never":
        what = "no step can be sent so: notices are comments on that issue"
        problems.add(("writeback", "issue"), what, 'write "when-needed", or take [[escalation.steps]] out')


def _check_digest(tables: Mapping[str, Any], known: _Known, problems: Problems) -> None:
    """Report who is nobody in `[digest]`, and channels that there are not."""
    raw = table_of(tables, "digest")
    _check_recipients(raw, ("digest",), known, problems)
    _check_reach(raw, ("digest",), tables, known, problems, "this digest")
    channels = list(table_of(tables, "channels"))
    for position, name in texts_of(raw, "via"):
        if name not in channels:
            step = did_you_mean(name, channels, f"write a table [channels.{name}], or leave it out")
            problems.add(("digest", "via", position), f"there is no channel {quoted(name)}", step)


@dataclass(frozen=True, slots=True)
class _Known:
    """Who is known, and whom they name as their manager and as their delegate."""

    people: People
    managers: Mapping[str, str]
    delegates: Mapping[str, str]

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> _Known:
        """Of the tables of a configuration."""
        return cls(People.of(tables), links_of(tables, "manager"), links_of(tables, DELEGATE))

    def check(self, who: str, path: KeyPath, problems: Problems, roles: Sequence[str] = ()) -> None:
        """Report a recipient other than a role who is nobody, or nobody any more. `roles` may stand there besides."""
        if "@" in who[1:] and not who.startswith("@"):
            what = f"{quoted(who)} is an address, and only people with a login can be told"
            problems.add(path, what, 'write a person of [people], or a login such as "@alice-gh"')
        elif self.people.check(who, path, problems, roles, roles):
            name = self.people.one(who)
            if self.people.gone.get(name) and name not in self.delegates:
                problems.add(path, f"{quoted(who)} is gone, and nobody stands in", "name a delegate, or somebody else")

    def reaches(self, who: str, height: int) -> bool:
        """Whether somebody has so many managers above them, one above the other; True where that is not known."""
        name = self.people.one(who)
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


def _check_recipients(raw: Mapping[str, Any], path: KeyPath, known: _Known, problems: Problems) -> None:
    for position, who in texts_of(raw, "to"):
        base, _ = _base_of(who)
        if base.strip() and base not in (OWNER, STAKEHOLDERS, "@"):  # a word that names nobody is told where it is read
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
    if base == OWNER and height == 0:
        return ""
    among = stakeholders if base == STAKEHOLDERS else list(known.people.gone) if base == OWNER else [base]
    if any(known.reaches(who, height) for who in among):
        return ""
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
