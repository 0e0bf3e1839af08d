"""Whether `[[gates]]` and `[teams]` fit the rest: people who are there, gates that can be passed, keys with an effect.
Pure.

As in `mdpc.settings.checks`, what is not of the right kind is passed over here, for that is a problem already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mdpc.settings.addresses import Names, check_match
from mdpc.settings.gates import APPROVERS, CLOSE, GATES, TEAM
from mdpc.settings.home_checks import check_home
from mdpc.settings.known import People
from mdpc.settings.overlaps import overlap
from mdpc.settings.problems import Problems, did_you_mean, one_of, quoted
from mdpc.settings.raw import table_of, tables_of, texts_of

_JIRA = "jira"
"""The type of the connectors whose versions have approvers of their own."""

_BLOCKED = "no gate can be passed", "approvals"
"""What is so where mdpc may not write, and what would be comments there."""

_OTHERS = (APPROVERS, f"{TEAM}NAME")
"""What may stand among reviewers besides people."""

RawGate = tuple[int, Mapping[str, Any]]


def check_gates(tables: Mapping[str, Any], names: Names, problems: Problems) -> None:
    """Report who is nobody, what can never be passed, and what has no effect."""
    people = People.of(tables)
    gates = list(tables_of(tables, "gates"))
    for gate in gates:
        _check_who(gate, people, names, problems)
        _check_effect(gate, problems)
        index, raw = gate
        check_home(raw, ("gates", index), tables, names, problems, _BLOCKED)
        if isinstance(pattern := raw.get("match"), str):
            check_match(pattern, ("gates", index, "match"), names, problems)
    _check_names(gates, problems)
    _check_required(gates, problems)
    _check_together(gates, tables, problems)
    _check_teams(tables, people, problems)
    if gates and table_of(tables, "writeback").get("issue") == "never":
        what = "no gate can be passed so: approvals are comments on that issue"
        problems.add(("writeback", "issue"), what, 'write "when-needed", or take [[gates]] out')


def _check_who(gate: RawGate, people: People, names: Names, problems: Problems) -> None:
    index, raw = gate
    alike = [APPROVERS, *(f"{TEAM}{name}" for name in people.teams)]
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
            elif people.check(who, path, problems, _OTHERS, alike) and people.gone.get(people.one(who)):
                problems.add(path, f"{quoted(who)} is gone, and cannot {does}", "name somebody who is there")
    _check_quorum(gate, people, problems)


def _check_quorum(gate: RawGate, people: People, problems: Problems) -> None:
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


def _check_together(gates: Sequence[RawGate], tables: Mapping[str, Any], problems: Problems) -> None:
    """Report required gates that are for other milestones than the gate that requires them."""
    meant = {str(raw.get("name")): match for _, raw in gates if isinstance(match := raw.get("match", "*"), str)}
    for index, raw in gates:
        own = meant.get(str(raw.get("name")))
        for place, text in texts_of(raw, "requires"):
            other = meant.get(text.removeprefix(GATES)) if text.startswith(GATES) else None
            if own is not None and other is not None and not overlap(own, other, tables):
                name = quoted(text.removeprefix(GATES))
                what = f"{name} is for other milestones than this gate, so that it is never asked for"
                problems.add(("gates", index, "requires", place), what, "give both the same match, or leave it out")


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


def _check_teams(tables: Mapping[str, Any], people: People, problems: Problems) -> None:
    teams = table_of(tables, "teams")
    for name in teams:
        if name.startswith(TEAM):
            bare = quoted(name.removeprefix(TEAM))
            problems.add(("teams", name), f"a team's name stands here without {quoted(TEAM)}", f"write {bare}")
        for position, who in texts_of(teams, name):
            people.check(who, ("teams", name, position), problems)
