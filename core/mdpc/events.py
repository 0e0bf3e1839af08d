"""What an event of GitHub is about, so that a run looks at that alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NARROW = ("milestone", "issues", "issue_comment")
"""Events that name what they are about; on all others a run looks at everything."""

_OURS = re.compile(r"mdpc:issue m[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Meant:
    """What a run is to look at: `refs`, or everything where they are None; nothing at all where they are empty."""

    refs: tuple[str, ...] | None = None


EVERYTHING = Meant()


def meant_by(name: str, event: object, connectors: Iterable[str]) -> Meant:
    """What an event (its name and its payload) is about, for each connector that may know its repository.

    An issue is about its milestone, and about the milestone whose coordination issue it is. A milestone that was
    deleted concerns all that may have belonged to it.
    """
    if name not in NARROW or not isinstance(event, Mapping):
        return EVERYTHING
    repository = _text(_table(event, "repository"), "full_name")
    if not repository or (name == "milestone" and event.get("action") == "deleted"):
        return EVERYTHING
    return Meant(
        tuple(
            f"{connector}:{repository}#{each}" for connector in connectors for each in dict.fromkeys(_ids(name, event))
        )
    )


def _ids(name: str, event: Mapping[str, Any]) -> Iterator[str]:
    """The ids of milestones and of coordination issues, as refs have them."""
    if name == "milestone":
        yield from _number(_table(event, "milestone"))
        return
    issue = _table(event, "issue")
    if "pull_request" in issue:
        return
    yield from _number(_table(issue, "milestone"))
    yield from _number(_table(event, "milestone"))  # the one that an issue was taken out of
    before = _text(_table(_table(event, "changes"), "body"), "from")  # somebody may have taken mdpc's part out
    if _OURS.search(_text(issue, "body")) or _OURS.search(before):
        yield from (f"issue-{number}" for number in _number(issue))


def _number(table: Mapping[str, Any]) -> Iterator[str]:
    number = table.get("number")
    if isinstance(number, int) and not isinstance(number, bool):
        yield str(number)


def _table(event: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = event.get(key)
    return found if isinstance(found, Mapping) else {}


def _text(table: Mapping[str, Any], key: str) -> str:
    found = table.get(key)
    return found if isinstance(found, str) else ""
