"""Whether what is said of channels fits: `via` that names some, handles for those that are there. Pure.

As in `mdpc.settings.checks`, what is not of the right kind is passed over here, for that is a problem already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, one_of, quoted
from mdpc.settings.raw import table_of, texts_of

MAIL = "smtp"
"""The type of channel that reaches people by their addresses."""


def by_address(name: str, tables: Mapping[str, Any]) -> bool:
    """Whether a channel reaches people by their addresses."""
    raw = table_of(tables, "channels").get(name)
    return isinstance(raw, Mapping) and str(raw.get("type", name)) == MAIL


def check_via(raw: Mapping[str, Any], path: KeyPath, tables: Mapping[str, Any], problems: Problems) -> None:
    """Report channels in `via` that do not exist, or that are named twice."""
    known = list(table_of(tables, "channels"))
    seen: set[str] = set()
    for position, name in texts_of(raw, "via"):
        place = (*path, "via", position)
        if name == "issue":
            problems.add(place, "the comment on the coordination issue always comes first", "leave it out here")
        elif name not in known:
            otherwise = f"the channels are {one_of(known)}" if known else f"add [channels.{name}], or leave it out"
            problems.add(place, f"there is no channel {quoted(name)}", did_you_mean(name, known, otherwise))
        elif name in seen:
            problems.add(place, f"{quoted(name)} stands here twice", "leave one of them out")
        seen.add(name)


def check_handles(tables: Mapping[str, Any], problems: Problems) -> None:
    """Report handles of people on channels that do not exist."""
    known = list(table_of(tables, "channels"))
    for name, raw in table_of(tables, "people").items():
        for channel in table_of(raw, "handles") if isinstance(raw, Mapping) else ():
            if channel not in known:
                otherwise = f"the channels are {one_of(known)}" if known else f"add [channels.{channel}]"
                step = did_you_mean(channel, known, otherwise)
                problems.add(("people", name, "handles", channel), f"there is no channel {quoted(channel)}", step)
