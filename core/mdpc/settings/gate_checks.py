"""Whether `[[gates]]` and `[teams]` fit the rest: people who are there, gates that can be passed, keys with an effect.
Pure.

As in `mdpc.settings.checks`, what is not of the right kind is passed over here, for that is a problem already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdpc.matching import is_glob, may_overlap
from mdpc.settings import Person
from mdpc.settings.addresses import Names, check_match
from mdpc.settings.claims import members_of
from mdpc.settings.gates import APPROVERS, CLOSE, GATES, TEAM
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, one_of, quoted
from mdpc.settings.raw import table_of, tables_of, texts_of

_JIRA = "jira"
"""The type of the connectors whose versions have approvers of their own."""

RawGate = tuple[int, Mapping[str, Any]]


def check_gates(tables: Mapping[str, Any], names: Names, problems: Problems) -> None:
    """Report who is nobody, what can never be passed, and what has no effect."""
    people = _People.of(tables)
    gates = list(tables_of(tables, "gates"))
    for gate in gates:
        _check_who(gate, people, names, problems)
        _check_effect(gate, problems)
        _check_home(gate, tables, names, problems)
        index, raw = gate
        if isinstance(pattern := raw.get("match"), str):
            check_match(pattern, ("gates", index, "match"), names, problems)
    _check_names(gates, problems)
    _check_required(gates, problems)
    _check_teams(tables, people, problems)
    if gates and table_of(tables, "writeback").get("issue") == "never":
        what = "no gate can be passed so: approvals are comments on that issue"
        problems.add(("writeback", "issue"), what, 'write "when-needed", or take [[gates]] out')


@dataclass(frozen=True, slots=True)
class _People:
    """Who is known: `gone` by name, the names by login (in small letters), and the teams that are listed."""

    gone: Mapping[str, bool]
    logins: Mapping[str, str]
    teams: tuple[str, ...]

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> _People:
        people = {name: raw for name, raw in table_of(tables, "people").items() if isinstance(raw, Mapping)}
        gone = {name: raw.get("gone") is True for name, raw in people.items()}
        logins = {
            login.lower(): name
            for name, raw in people.items()
            for key, login in raw.items()
            if isinstance(login, str) and key not in Person.model_fields
        }
        return cls(gone, logins, tuple(table_of(tables, "teams")))

    def one(self, who: str) -> str:
        """The same word for whoever is the same person."""
        return self.logins.get(who[1:].lower(), who) if who.startswith("@") else who

    def check(self, who: str, path: KeyPath, others: Sequence[str], problems: Problems) -> bool:
        """Whether somebody is meant, present or gone; else a problem. `others` may stand there besides people."""
        if who.startswith("@"):
            if not who[1:].strip():
                problems.add(path, f"{quoted(who)} names nobody", 'write a login such as "@alice-gh"')
        elif who not in self.gone:
            login = self.logins.get(who.lower())
            like = [*self.gone, *others, *(f"{TEAM}{name}" for name in self.teams if others)]
            step = f"add [people.NAME], or write {one_of(['@LOGIN', *others, *([f'{TEAM}NAME'] if others else [])])}"
            step = f"did you mean {quoted(login)}?" if login else did_you_mean(who, like, step)
            problems.add(path, f"{quoted(who)} is nobody in [people]", step)
        return who.startswith("@") or who in self.gone


def _check_who(gate: RawGate, people: _People, names: Names, problems: Problems) -> None:
    index, raw = gate
    for key, does in (("reviewers", "review"), ("waivers_by", "waive anything")):
        for position, who in texts_of(raw, key):
            path = ("gates", index, key, position)
            if who == APPROVERS:
                if _JIRA not in names.types.values():
                    problems.add(
                        path, f"{quoted(who)} are those of Jira versions, and no connector is one", "name people"
                    )
            elif who.startswith(TEAM) or who == "@" or not who.strip():
                continue  # what is wrong with such a word is said where the table is read
            elif people.check(who, path, [APPROVERS], problems) and people.gone.get(people.one(who)):
                problems.add(path, f"{quoted(who)} is gone, and cannot {does}", "name somebody who is there")
    _check_quorum(gate, people, problems)


def _check_quorum(gate: RawGate, people: _People, problems: Problems) -> None:
    """Report a gate that needs more approvals than it names people."""
    index, raw = gate
    approvals, reviewers = raw.get("approvals"), [who for _, who in texts_of(raw, "reviewers")]
    open_ended = any(who == APPROVERS or who.startswith(TEAM) for who in reviewers)
    if isinstance(approvals, bool) or not isinstance(approvals, int) or open_ended or not reviewers:
        return
    count = len({people.one(who) for who in reviewers})
    if approvals > count:
        what = (
            f"{approvals} approvals are more than can be given by {count} {'reviewer' if count == 1 else 'reviewers'}"
        )
        problems.add(("gates", index, "approvals"), what, "name more reviewers, or need fewer")


def _check_effect(gate: RawGate, problems: Problems) -> None:
    """Report what is set for closings without review and says nothing."""
    index, raw = gate
    by, reopens = raw.get("by", CLOSE), raw.get("on_bypass") == "reopen"
    if reopens and isinstance(by, str) and by != CLOSE:
        what = f"it has no effect with by = {quoted(by)}: only closing without a gate at the close is a bypass"
        problems.add(("gates", index, "on_bypass"), what, 'write by = "close", or leave it out')
    elif "max_reopens" in raw and not reopens:
        what = 'it has no effect without on_bypass = "reopen"'
        problems.add(("gates", index, "max_reopens"), what, "add that, or leave this out")


def _check_names(gates: Sequence[RawGate], problems: Problems) -> None:
    seen: set[str] = set()
    for index, raw in gates:
        name = raw.get("name")
        if isinstance(name, str) and name in seen:
            what = f"another gate is named {quoted(name)} already"
            problems.add(("gates", index, "name"), what, "give each a name of its own, by which comments approve it")
        elif isinstance(name, str):
            seen.add(name)


def _check_required(gates: Sequence[RawGate], problems: Problems) -> None:
    """Report required gates that are not there, and gates that wait for themselves."""
    known = [name for _, raw in gates if isinstance(name := raw.get("name"), str)]
    needs: dict[str, list[str]] = {}
    for index, raw in gates:
        own = [(place, text.removeprefix(GATES)) for place, text in texts_of(raw, "requires") if text.startswith(GATES)]
        needs.setdefault(str(raw.get("name")), []).extend(name for _, name in own)
        for place, name in own:
            if name and name not in known:
                step = did_you_mean(name, known, f"the gates are {one_of(known)}")
                problems.add(("gates", index, "requires", place), f"no gate is named {quoted(name)}", step)
    told: set[str] = set()
    for index, raw in gates:
        circle = _circle(str(raw.get("name")), needs)
        if circle and not told & set(circle):
            told |= set(circle)
            by_way_of = f", by way of {' and '.join(map(quoted, circle[1:]))}" if circle[1:] else ""
            what = f"{quoted(circle[0])} requires itself{by_way_of}, and can never be passed"
            problems.add(("gates", index, "requires"), what, "leave one of these requirements out")


def _circle(name: str, needs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The gates by way of which one requires itself, with itself first; nothing where it does not."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for needed in needs.get(way[-1], ()):
            if needed == name:
                return way
            if needed not in seen:
                seen.add(needed)
                ways.append((*way, needed))
    return ()


def _check_teams(tables: Mapping[str, Any], people: _People, problems: Problems) -> None:
    teams = table_of(tables, "teams")
    for name in teams:
        if name.startswith(TEAM):
            bare = quoted(name.removeprefix(TEAM))
            problems.add(("teams", name), f"a team's name stands here without {quoted(TEAM)}", f"write {bare}")
        for position, who in texts_of(teams, name):
            people.check(who, ("teams", name, position), [], problems)


def _check_home(gate: RawGate, tables: Mapping[str, Any], names: Names, problems: Problems) -> None:
    """Report a gate whose milestones all have their home where mdpc may not write."""
    index, raw = gate
    pattern = raw.get("match", "*")
    homes = dict.fromkeys(_homes(pattern, tables, names)) if isinstance(pattern, str) else {}
    connectors = table_of(tables, "connectors")
    if homes and all(table_of(connectors, name).get("access") == "read" for name in homes):
        place = f"connectors.{next(iter(homes))}"
        what = f'no gate can be passed there: {place} has access = "read", and approvals are comments on an issue'
        path = ("gates", index, "match") if "match" in raw else ("gates", index)
        problems.add(path, what, 'give the program a `home` elsewhere, or the connector access = "write"')


def _homes(pattern: str, tables: Mapping[str, Any], names: Names) -> Iterator[str]:
    """The connectors on which the milestones that a gate may mean can have their home; all where nobody knows."""
    head, colon, rest = pattern.partition(":")
    programs = [raw for _, raw in tables_of(tables, "programs")]
    if colon and "/" not in head and not is_glob(head):
        container = f"{head}:{rest.partition('#')[0]}"
        found = [raw for raw in programs if any(may_overlap(ref, container) for ref in _members(raw))]
        if not found or is_glob(container):
            yield head
    elif "/" in pattern and not is_glob(head := pattern.partition("/")[0]):
        found = [raw for raw in programs if str(raw.get("name")).casefold() == head.casefold()]
    else:
        yield from names.connectors
        return
    for raw in found:
        yield from _homes_of(raw)


def _homes_of(program: Mapping[str, Any]) -> Iterator[str]:
    """The connector of a program's home: as it says, else of its first member without a glob, else of any member."""
    home, members = program.get("home"), _members(program)
    named = home if isinstance(home, str) else next((ref for ref in members if not is_glob(ref)), None)
    for ref in [named] if named else members:
        yield ref.partition(":")[0]


def _members(program: Mapping[str, Any]) -> list[str]:
    return [member.ref for _, member in members_of(program, ())]
