"""TOML as somebody wrote it: its tables, or what is wrong with it in words. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_AT = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line of a text, whose key may be known, and what to write instead."""

    line: int
    what: str
    next_step: str
    key: str = ""


def tables_in(text: str) -> Mapping[str, Any] | Fault:
    """The tables of a TOML text; a fault where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _fault(str(error), text.splitlines())


def _fault(message: str, lines: Sequence[str]) -> Fault:
    """What `tomllib` stumbled over, its line, and the usual reason."""
    place = _AT.search(message)
    number = int(place["line"]) if place and place["line"] else len(lines)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    return Fault(number, f"this is not TOML: {_AT.sub('', message)}", _usual_reason(message, line))


def _usual_reason(message: str, line: str) -> str:
    if "overwrite" in message or "twice" in message:
        return "a key or table may stand there once only: join the two"
    if "Unescaped" in message or ("\\" in line and "escape" in message.lower()):
        return "write text with backslashes in single quotes: '^v?\\d+'"
    if re.match(r"\s*[\w.-]+\s*:", line):
        return 'write key = "value", with =, not :'
    if "Invalid value" in message and "end of document" not in message:
        return 'put text in quotes: key = "value"'
    return "look for a quote or bracket that is not closed, here or just above"
