"""JSON that mdpc keeps in a comment of its own, in a mark that people do not see. Pure.

Whether mdpc alone wrote the comment is for the caller to know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from mdpc.marks import mark
from mdpc.model import Markup
from mdpc.notes import canonical

Kept = TypeVar("Kept")

_DATA = re.compile(r"(?:<!-- |\()mdpc:data (\{[^<>()\s]*\})(?: -->|\))")


def spelt(fields: dict[str, Any], markup: Markup) -> str:
    """The mark that holds these fields."""
    return mark("data", canonical(fields), markup)


def read(text: str, version: int, made: Callable[[Any], Kept]) -> Kept | None:
    """What is made of the last such fields in a text; None where there are none, or damaged or of another version."""
    found = _DATA.findall(text)
    if not found:
        return None
    try:
        fields = json.loads(found[-1])
        return made(fields) if fields["v"] == version else None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return None


def changed(text: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    """A text whose last fields are changed; one without any stays as it is."""
    found = list(_DATA.finditer(text))
    if not found:
        return text
    last = found[-1]
    return text[: last.start(1)] + canonical(change(json.loads(last[1]))) + text[last.end(1) :]
