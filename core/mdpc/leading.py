"""Whether a container is of the side that `[sync]` names: a connector's name, a container, or a glob of some. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from mdpc.matching import matches
from mdpc.model import ContainerRef


def leads(rule: str, container: ContainerRef) -> bool:
    """Whether a field that is given to `rule` follows this container."""
    return rule == container.connector or (":" in rule and matches(rule, str(container)))


def named_in(rules: Iterable[str], container: ContainerRef) -> bool:
    """Whether one of these connectors and containers is meant."""
    return any(leads(rule, container) for rule in rules)
