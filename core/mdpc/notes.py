"""The notes of a container: where memory stands for records that can hold none (Jira versions). Pure.

A program's notes are pages of JSON, each a property of one project under the key `mdpc.PROGRAM.N`; those of a project
that no program names are `mdpc.own.N`. Jira takes at most 32,768 characters a property.
"""

from __future__ import annotations

import json
import re

from mdpc.fingerprint import fingerprint

OWN = ""
"""The program of a container that no program names, as `note_key` is told of it."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,60}")


def note_key(program: str, page: int) -> str:
    """The key of a page of a program's notes; `OWN` for a container's own."""
    if program == OWN:
        return f"mdpc.own.{page}"
    plain = program if _PLAIN.fullmatch(program) and program.lower() != "own" else _described(program)
    return f"mdpc.{plain}.{page}"


def _described(program: str) -> str:
    """A name that no key may hold as it is: what can be kept of it, and a fingerprint."""
    kept = re.sub(r"[^A-Za-z0-9_-]+", "-", program).strip("-")[:40]
    return f"{kept}-{fingerprint('p', program)}"


def canonical(value: object) -> str:
    """JSON as it is compared: without blanks, keys in their order, in ASCII."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=True)
