"""The little that mdpc remembers, as it stands in a record's mark. Pure.

On GitHub it is versioned JSON in a hidden comment inside the status block; in a Jira version's line it is the
milestone's id alone, in brackets at the end. Memory counts only on the record whose immutable id it names: a copied
block is a text like any other.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from mdpc.fingerprint import fingerprint
from mdpc.model import Markup, Record, Ref
from mdpc.status import MEMORY, statuses

VERSION = 1

MOST_MEMBERS = 200
"""Refs that a mark holds; a title shared by more records is not told in full in each of them."""

_ID = re.compile(r"m[0-9a-f]{12}")
_LINE_ID = re.compile(r"\[(m[0-9a-f]{12})\]$")
_COMMENT = re.compile(MEMORY)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a mark says: the milestone's id, the immutable id of the record it stands on, and in a block more.

    `members` are the refs of the milestone's records (in public, the public ones); `dues` every due date with the day
    since when mdpc knew it, oldest first.
    """

    id: str
    uid: str
    members: tuple[Ref, ...] = ()
    dues: tuple[tuple[date, date], ...] = ()


def milestone_id(record: Record) -> str:
    """The id of a milestone that this record is the first to hold: `m` and 12 hexadecimal digits."""
    return fingerprint("m", record.ref.container.connector, record.uid)


def comment(memory: Memory) -> str:
    """The hidden comment that holds the memory. No text in it can end the comment."""
    fields: dict[str, Any] = {"v": VERSION, "id": memory.id, "uid": memory.uid}
    if memory.members:
        fields["members"] = [str(ref) for ref in memory.members[:MOST_MEMBERS]]
    if memory.dues:
        fields["dues"] = [[due.isoformat(), since.isoformat()] for due, since in memory.dues]
    text = json.dumps(fields, separators=(",", ":"))
    return f"<!-- mdpc:memory {text.replace('<', chr(92) + 'u003c').replace('>', chr(92) + 'u003e')} -->"


def mark_of(record: Record) -> Memory | None:
    """The memory in a record's own mark; None without one, or where it is damaged, of a later version or copied.

    A mark that somebody pasted beside the record's own changes nothing.
    """
    read = _read_line if record.markup is Markup.LINE else _read_block
    found = (read(status, record.uid) for status in reversed(statuses(record.description, record.markup)))
    return next((memory for memory in found if memory is not None), None)


def _read_line(status: str, uid: str) -> Memory | None:
    found = _LINE_ID.search(status)
    return Memory(found[1], uid) if found else None


def _read_block(status: str, uid: str) -> Memory | None:
    found = _COMMENT.search(status)
    if found is None:
        return None
    try:
        fields = json.loads(found[0].removeprefix("<!-- mdpc:memory ").removesuffix(" -->"))
        if fields["v"] != VERSION or fields["uid"] != uid or not _ID.fullmatch(fields["id"]):
            return None
        return Memory(
            id=fields["id"],
            uid=uid,
            members=tuple(Ref.parse(text) for text in fields.get("members", ())[:MOST_MEMBERS]),
            dues=tuple((date.fromisoformat(due), date.fromisoformat(since)) for due, since in fields.get("dues", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # whatever somebody wrote there
        return None
