"""The little that mdpc remembers of a milestone, as it stands in marks and notes. Pure.

On GitHub it is versioned JSON in a hidden comment inside the status block, for a Jira issue on Cloud a property, for
Jira versions a project's notes (`mdpc.notebook`); the line in a Jira description holds the milestone's id alone, in
brackets at the end. A mark counts only on the record whose immutable id it names: a copied block is a text like any
other. The base stands with the keeper alone (`mdpc.keeping`), written after everything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from mdpc.fingerprint import fingerprint
from mdpc.model import Carrier, Markup, Record, Ref
from mdpc.notes import canonical
from mdpc.status import MEMORY, statuses
from mdpc.tokens import record_print, seeds_in, token_print

VERSION = 2

MOST_MEMBERS = 1000
"""Members that a memory holds; a title shared by more records is not remembered in full."""

NOTES = "notes"
"""What a mark says of its keeper where the memory stands in notes."""

LATER = "a later version of mdpc wrote its memory"
"""The trouble with a mark that this mdpc cannot read."""

_ID = re.compile(r"m[0-9a-f]{12}")
_LINE_ID = re.compile(r"\[(m[0-9a-f]{12})\]$")
_COMMENT = re.compile(MEMORY)
_PRINT = re.compile(r"[rc][0-9a-f]{12}|mdpcnewprintn[0-9a-f]{12}")

Presence = Literal["open", "closed", "held", "past", "vanished", "unlinked"]
"""How a member was when memory was last written: there and open or closed, or closed without the review that a gate
asks for (`held`); or not there: `past` ones were closed before that, `vanished` ones open, `unlinked` were let go."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A member of a milestone, known by its fingerprint and its container's whatever either is called now.

    `ref` is what it was called; None where that may not be told.
    """

    fingerprint: str
    container: str
    standing: Presence
    ref: Ref | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """The last value of a field that all records agreed on, and what records held that could not follow it.

    `lagging` is by fingerprint: records that were closed or archived, or could not be written to. Such a value is no
    edit. `strangers` joined when it was agreed on already and hold something else: for them there is no base.
    """

    value: str | None
    lagging: Mapping[str, str | None] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """What a mark or a note says of a milestone.

    `uid` is the immutable id of the record it stands on, empty in notes. `keeper` is empty where this is the keeper's
    own memory, else the keeper's fingerprint or `NOTES`. `dues` is every due date with the day since when mdpc knew
    it, oldest first, and `undated` says after how many of them, and since which day, there was none. `base` is by
    field, `disputes` the fields in conflict with the day since when. `rebuilt` memory was lost once, so that nobody
    knows which records the milestone had: nothing is created for it. `issue` is its coordination issue.
    """

    id: str
    uid: str = ""
    keeper: str = ""
    members: tuple[Remembered, ...] = ()
    dues: tuple[tuple[date, date], ...] = ()
    undated: tuple[tuple[int, date], ...] = ()
    base: Mapping[str, Agreed] = field(default_factory=dict)
    disputes: Mapping[str, date] = field(default_factory=dict)
    rebuilt: bool = False
    issue: Ref | None = None

    @property
    def prints(self) -> frozenset[str]:
        """The fingerprints of its members, of those that were let go not."""
        return frozenset(member.fingerprint for member in self.members if member.standing != "unlinked")

    @property
    def known(self) -> frozenset[str]:
        """The fingerprints of the members that were there when it was written: for them alone it has a base."""
        return frozenset(member.fingerprint for member in self.members if member.standing in ("open", "closed", "held"))

    @property
    def unaccepted(self) -> frozenset[str]:
        """The fingerprints of the members that were open, or whose closing no review had accepted."""
        return frozenset(member.fingerprint for member in self.members if member.standing in ("open", "held"))


@dataclass(frozen=True, slots=True)
class Mark:
    """What a record's own mark holds.

    `memory` is what it proves; `claimed` is the id in a mark that names no record (a Jira line, the first block of a
    record that was just created), which proves nothing by itself. `trouble` says in words why a mark does not count,
    `later` that a later mdpc wrote it.
    """

    memory: Memory | None = None
    claimed: str | None = None
    trouble: str = ""
    later: bool = False


def milestone_id(record: Record) -> str:
    """The id of a milestone that this record is the first to hold: `m` and 12 hexadecimal digits."""
    return fingerprint("m", record.ref.container.connector, record.uid)


def print_of(record: Record) -> str:
    """A record's fingerprint in memory; of one that is still to be created, the token for it."""
    for seed in seeds_in(record.uid):
        return token_print(seed)
    return record_print(record.ref.container.connector, record.uid)


def container_print(connector: str, uid: str) -> str:
    """A container's fingerprint in memory, from its immutable id."""
    return fingerprint("c", connector, uid)


def comment(memory: Memory) -> str:
    """The hidden comment that holds the memory. No text in it can end the comment."""
    text = canonical(as_object(memory))
    return f"<!-- mdpc:memory {text.replace('<', chr(92) + 'u003c').replace('>', chr(92) + 'u003e')} -->"


def mark_of(record: Record) -> Mark:
    """What the record's own mark says; a mark that somebody pasted beside it changes nothing."""
    own = record.memory if record.carrier is Carrier.PROPERTY else None
    return _mark(record.description, record.markup, record.uid, own)


@lru_cache(maxsize=100_000)
def _mark(description: str | None, markup: Markup, uid: str, own: str | None) -> Mark:
    """The mark out of a description and a property; many steps ask for it, and reading it is what costs."""
    texts = list(reversed(statuses(description, markup)))
    found = [_read_line(text) if markup is Markup.LINE else _read_block(text, uid) for text in texts]
    if own is not None:
        found = [_read(own, uid), *found]
    proven = next((mark for mark in found if mark.memory is not None), None)
    return proven or next((mark for mark in found if mark.later or mark.trouble), None) or next(iter(found), Mark())


def as_object(memory: Memory) -> dict[str, Any]:
    """The memory as JSON; what is empty is left out."""
    fields: dict[str, Any] = {"v": VERSION, "id": memory.id}
    optional = {
        "uid": memory.uid,
        "keeper": memory.keeper,
        "members": [_member_text(member) for member in memory.members[:MOST_MEMBERS]],
        "dues": [[due.isoformat(), since.isoformat()] for due, since in memory.dues],
        "undated": [[count, since.isoformat()] for count, since in memory.undated],
        "base": {name: _agreed_list(agreed) for name, agreed in memory.base.items()},
        "disputes": {name: since.isoformat() for name, since in memory.disputes.items()},
        "rebuilt": memory.rebuilt,
        "issue": str(memory.issue) if memory.issue else None,
    }
    return fields | {name: value for name, value in optional.items() if value}


def from_object(fields: Any) -> Memory:
    """The memory out of JSON; raises ValueError for whatever somebody else wrote there."""
    try:
        return _memory(fields)
    except (KeyError, TypeError, AttributeError, RecursionError, IndexError) as error:
        raise ValueError(str(error)) from None


def _memory(fields: Any) -> Memory:
    if fields["v"] != VERSION or not _ID.fullmatch(fields["id"]):
        raise ValueError("not this version, or no id")
    return Memory(
        id=fields["id"],
        uid=_text(fields.get("uid", "")),
        keeper=_text(fields.get("keeper", "")),
        members=tuple(_member(text) for text in fields.get("members", ())[:MOST_MEMBERS]),
        dues=tuple((date.fromisoformat(due), date.fromisoformat(since)) for due, since in fields.get("dues", ())),
        undated=tuple((int(count), date.fromisoformat(since)) for count, since in fields.get("undated", ())),
        base={_text(name): _agreed(name, value) for name, value in fields.get("base", {}).items()},
        disputes={_text(name): date.fromisoformat(since) for name, since in fields.get("disputes", {}).items()},
        rebuilt=fields.get("rebuilt", False) is True,
        issue=_issue(fields.get("issue")),
    )


def _issue(value: Any) -> Ref | None:
    """The coordination issue; none where its creation failed."""
    ref = Ref.parse(_text(value)) if value is not None else None
    return None if ref is None or seeds_in(ref.id) else ref


def _agreed_list(agreed: Agreed) -> list[Any]:
    whole = [agreed.value, dict(agreed.lagging), list(agreed.strangers)]
    return whole if agreed.strangers else whole[:2] if agreed.lagging else whole[:1]


def _agreed(name: str, entry: Any) -> Agreed:
    lagging = entry[1] if len(entry) > 1 else {}
    strangers = entry[2] if len(entry) > 2 else ()
    checked = {_text(who): _value(name, value) for who, value in lagging.items()}
    return Agreed(_value(name, entry[0]), checked, tuple(map(_text, strangers)))


def _value(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name in ("due", "start"):
        return date.fromisoformat(value).isoformat()
    return _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


_LETTERS: Mapping[Presence, str] = {
    "open": "o",
    "closed": "c",
    "held": "h",
    "past": "p",
    "vanished": "v",
    "unlinked": "x",
}
_STANDINGS: Mapping[str, Presence] = {letter: standing for standing, letter in _LETTERS.items()}


def _member_text(member: Remembered) -> str:
    words = [member.fingerprint, member.container, _LETTERS[member.standing]]
    return " ".join([*words, str(member.ref)] if member.ref else words)


def _member(text: str) -> Remembered:
    own, container, letter, *ref = text.split(" ", 3)
    if not (_PRINT.fullmatch(own) and _PRINT.fullmatch(container)):
        raise ValueError("no fingerprints")
    return Remembered(own, container, _STANDINGS[letter], Ref.parse(ref[0]) if ref else None)


def _read_line(status: str) -> Mark:
    found = _LINE_ID.search(status)
    return Mark(claimed=found[1]) if found else Mark()


def _read_block(status: str, uid: str) -> Mark:
    found = _COMMENT.search(status)
    if found is None:
        return Mark(trouble="the memory in its block is gone or damaged")
    return _read(found[0].removeprefix("<!-- mdpc:memory ").removesuffix(" -->"), uid)


def _read(text: str, uid: str) -> Mark:
    try:
        fields = json.loads(text)
        if isinstance(fields, dict) and type(fields.get("v")) is int and fields["v"] > VERSION:
            return Mark(trouble=LATER, later=True)
        memory = from_object(fields)
    except (ValueError, RecursionError):
        return Mark(trouble="the memory in its mark is damaged")
    if not memory.uid:
        return Mark(claimed=memory.id)  # written with the creation, when nobody knew the record's id
    if memory.uid != uid:
        return Mark(trouble="its mark was copied from another milestone")
    return Mark(memory)
