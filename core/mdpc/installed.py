"""Which connectors, channels and rules are installed, ours exactly as a third party's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from mdpc.channel import Channel
from mdpc.connector import Connector
from mdpc.rules.base import Rule

CONNECTORS = "mdpc.connectors"
CHANNELS = "mdpc.channels"
RULES = "mdpc.rules"
HEARTBEATS = "mdpc.heartbeats"


def connector_types() -> tuple[str, ...]:
    """The names of all installed connector types, sorted; none of them is loaded for it."""
    return tuple(sorted({point.name for point in _points(CONNECTORS)}))


def connector_class(name: str) -> type[Connector]:
    """The connector of a type, loaded; raises KeyError where it is not installed, else what loading it raises."""
    found: type[Connector] = _loaded(CONNECTORS, name)
    return found


def channel_types() -> tuple[str, ...]:
    """The names of all installed channel types, sorted; none of them is loaded for it."""
    return tuple(sorted({point.name for point in _points(CHANNELS)}))


def channel_class(name: str) -> type[Channel]:
    """The channel of a type, loaded; raises KeyError where it is not installed, else what loading it raises."""
    found: type[Channel] = _loaded(CHANNELS, name)
    return found


def heartbeat() -> Callable[[str], str]:
    """What calls the address of a heartbeat: it answers why that failed, with nothing where it did not."""
    found: Callable[[str], str] = _loaded(HEARTBEATS, "http")
    return found


def installed_rules() -> dict[str, type[Rule]]:
    """Every rule's class by its name, in the order of the names."""
    found = {point.name: point.load() for point in _points(RULES)}
    return dict(sorted(found.items()))


def _loaded(group: str, name: str) -> Any:
    for point in _points(group):
        if point.name == name:
            return point.load()
    raise KeyError(name)


@cache
def _points(group: str) -> tuple[EntryPoint, ...]:
    """What is installed does not change while mdpc runs, and looking it up reads every package's metadata."""
    return tuple(entry_points(group=group))
