"""A first configuration, proposed from what was read: text with comments, to be read before it is used. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from mdpc import escape
from mdpc.model import Account, Container, ContainerRef, Owner
from mdpc.owners import owner_and_gone
from mdpc.settings import Settings
from mdpc.snapshot import Snapshot
from mdpc.titles import normalise

ALIKE = 2
"""So many equal titles of open milestones make two containers one program; with an equal due date one is enough."""

MOST_SHOWN = 5
"""Titles and people that a comment names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked of whoever begins. `connectors` are tables as a configuration has them, without secrets."""

    connectors: Mapping[str, Mapping[str, object]]
    timezone: str = "UTC"
    enforce_after: date | None = None
    write: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """A program that is proposed: its members, where its issues would live, and the titles that they share."""

    name: str
    members: tuple[ContainerRef, ...]
    home: ContainerRef
    titles: tuple[str, ...]


def proposal(snapshot: Snapshot, settings: Settings, wishes: Wishes) -> str:
    """The text of a first configuration for what was read; `settings` are those that it was read with."""
    programs = programs_of(snapshot)
    people = people_of(snapshot, settings)
    sections = [
        _HEAD,
        _general(wishes),
        *(_connector(name, table, wishes) for name, table in wishes.connectors.items()),
        _PROGRAMS if programs else _NO_PROGRAMS,
        *map(_program, programs),
        _PEOPLE if people else _NO_PEOPLE,
        *(_person(name, accounts) for name, accounts in people.items()),
        _rules(wishes),
    ]
    return "\n".join(sections)


def programs_of(snapshot: Snapshot) -> tuple[Proposed, ...]:
    """Containers whose open milestones are called alike, together; in the order in which they were read."""
    found = {ref: _open_titles(snapshot, ref) for ref in snapshot.containers}
    groups: dict[ContainerRef, ContainerRef] = {ref: ref for ref in found}

    def leader(ref: ContainerRef) -> ContainerRef:
        while groups[ref] != ref:
            ref = groups[ref]
        return ref

    for one, other in combinations(found, 2):
        if _alike(found[one], found[other]):
            first, second = leader(one), leader(other)
            groups[second] = first
    members: dict[ContainerRef, list[ContainerRef]] = defaultdict(list)
    for ref in found:
        members[leader(ref)].append(ref)
    several = [group for group in members.values() if len(group) > 1]
    names: list[str] = []
    for group in several:
        names.append(_free(_common_name(group), names))
    return tuple(
        Proposed(name, tuple(group), _home(group, snapshot.containers), _shared([found[ref] for ref in group]))
        for name, group in zip(names, several, strict=True)
    )


Titles = Mapping[str, tuple[str, date | None]]
"""The open milestones of a container, by the key of their titles: how they are spelt, and their due dates."""


def _open_titles(snapshot: Snapshot, ref: ContainerRef) -> Titles:
    records = (each for each in snapshot.records if each.ref.container == ref and not (each.closed or each.archived))
    return {normalise(each.title): (each.title, each.due) for each in records}


def _alike(one: Titles, other: Titles) -> bool:
    both = one.keys() & other.keys()
    dated = any(one[key][1] == other[key][1] is not None for key in both)
    return len(both) >= ALIKE or dated


def _shared(several: Sequence[Titles]) -> tuple[str, ...]:
    counted: dict[str, list[str]] = defaultdict(list)
    for titles in several:
        for key, (title, _) in titles.items():
            counted[key].append(title)
    return tuple(titles[0] for titles in counted.values() if len(titles) > 1)


def _home(group: Sequence[ContainerRef], containers: Mapping[ContainerRef, Container]) -> ContainerRef:
    """A private container where there is one, so that all may be told there; else the first."""
    return next((ref for ref in group if containers[ref].public is not True), group[0])


def _common_name(group: Sequence[ContainerRef]) -> str:
    """The owner that all repositories have, else the first container's own name."""
    owners = {ref.name.partition("/")[0] for ref in group if "/" in ref.name}
    word = owners.pop() if len(owners) == 1 else group[0].name.rpartition("/")[2]
    return _word(word) or "program"


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _free(name: str, taken: Iterable[str]) -> str:
    known = set(taken)
    number = 2
    found = name
    while found in known:
        found, number = f"{name}-{number}", number + 1
    return found


def people_of(snapshot: Snapshot, settings: Settings) -> Mapping[str, tuple[Account, ...]]:
    """The people who own milestones now, by a name that a configuration can have; one who is called alike is one."""
    found: dict[str, dict[str, Account]] = {}
    for record in snapshot.records:
        owner, _ = owner_and_gone([record], record, "", settings)
        if owner is not None and owner.account is not None and not record.closed:
            name = _person_name(owner)
            if name and "/" not in owner.account.login:
                found.setdefault(name, {}).setdefault(owner.account.connector, owner.account)
    return {name: tuple(accounts.values()) for name, accounts in sorted(found.items())}


def _person_name(owner: Owner) -> str:
    account = owner.account
    name = _word(account.name or account.login) if account else ""
    return f"{name}-1" if name in ("owner", "stakeholders") else name


def _rules(wishes: Wishes) -> str:
    """The rules to begin with: warnings, which a day turns into errors where one was named."""
    level = "error" if wishes.enforce_after else "warn"
    return _RULES + "".join(f'{name} = "{level}"\n' for name in _FIRST_RULES)


def _text(value: object) -> str:
    """A value as TOML writes it; nothing of a tracker's text gets out of its quotes."""
    if isinstance(value, str):
        return "".join(map(_visible, json.dumps(value, ensure_ascii=False)))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    return str(value)


def _visible(character: str) -> str:
    """A character of a text in TOML; one that nobody sees, or that is half of one, as an escape."""
    if unicodedata.category(character) == "Cs":
        return "\\ufffd"
    return character if character.isprintable() else f"\\U{ord(character):08X}"


def _general(wishes: Wishes) -> str:
    lines = [f"timezone = {_text(wishes.timezone)}"]
    if wishes.enforce_after:
        lines.append(
            f"enforce_after = {wishes.enforce_after.isoformat()}          # until then every error is a warning"
        )
    return "\n".join([*lines, ""])


def _connector(name: str, table: Mapping[str, object], wishes: Wishes) -> str:
    lines = [f"[connectors.{name}]"]
    lines += [f"{key} = {_text(value)}" for key, value in table.items() if key != "access"]
    if not wishes.write:
        lines.append('access = "read"   # mdpc writes nothing there; take this line out once you trust it')
    return "\n".join([*lines, ""])


def _program(program: Proposed) -> str:
    shown = ", ".join(escape.terminal(title, 80) for title in program.titles[:MOST_SHOWN])
    rest = len(program.titles) - MOST_SHOWN
    lines = [
        f"# together: {shown}{f' and {rest} more' if rest > 0 else ''}",
        "[[programs]]",
        f"name = {_text(program.name)}",
        "members = [",
        *(f"  {_text(str(member))}," for member in program.members),
        "]",
        f"home = {_text(str(program.home))}",
    ]
    return "\n".join([*lines, ""])


def _person(name: str, accounts: Sequence[Account]) -> str:
    lines = [f"[people.{name}]", *(f"{each.connector} = {_text(each.login)}" for each in accounts)]
    return "\n".join([*lines, ""])


_HEAD = """# A first configuration for mdpc, proposed from what it could read. Read it, change it, then run:
#   mdpc check-config      is it right?
#   mdpc plan              what would mdpc do? (it writes nothing)
#   mdpc check             which rules are broken? `--write-baseline FILE` keeps what is known today
# Tokens never stand here: they come from the environment.
"""

_PROGRAMS = """# ── Programs: containers whose milestones are called alike and are kept in step ─────────────────────
# Proposed since their open milestones have equal titles. Take out what does not belong together.
"""

_NO_PROGRAMS = """# ── Programs ──────────────────────────────────────────────────────────────────────────────────────
# No two containers have milestones that are called alike: each is a program of its own.
"""

_PEOPLE = """# ── People who own milestones today ───────────────────────────────────────────────────────────────
# One entry makes one person of several logins. Add `manager`, `away` and `delegate` where you escalate.
"""

_NO_PEOPLE = """# ── People ────────────────────────────────────────────────────────────────────────────────────────
# Nobody was found to own a milestone. A line `Owner: @login` in its description makes one.
"""

_RULES = """# ── Rules: "off", "warn" or "error" ───────────────────────────────────────────────────────────────
[rules]
"""

_FIRST_RULES = ("owner-required", "due-date-required", "overdue", "closed-with-open-work")
