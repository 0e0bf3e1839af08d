"""Asking for many things of a kind: of GraphQL some a request, fewer where GitHub is overloaded, of REST each alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from mdpc.connector import TrackerError
from mdpc_github.answers import Partial

Item = TypeVar("Item")
Found = TypeVar("Found")

HOPELESS = ("limited", "network")
"""Errors that the next request would meet as well, after as long a wait."""


def torn(connection: Mapping[str, Any]) -> bool:
    """Whether a list lacks some of its page, or all of it."""
    return connection["nodes"] is None or None in connection["nodes"]


def named(names: Sequence[str]) -> dict[str, str]:
    """The variables `o0`, `n0`, ... of repositories' names."""
    split = [name.partition("/") for name in names]
    return {f"o{i}": owner for i, (owner, _, _) in enumerate(split)} | {
        f"n{i}": name for i, (_, _, name) in enumerate(split)
    }


def nothing() -> TrackerError:
    """The error of what is null without one."""
    return TrackerError("GitHub left it out of its answer without saying why", reason="server", next_step="Run again.")


def batches(
    items: Sequence[Item], size: int, ask: Callable[[Sequence[Item], bool], Partial]
) -> Iterator[tuple[Item, Mapping[str, Any] | None, TrackerError | None]]:
    """Ask for all items, `size` a request; for each its node (alias `r0`, `r1` ... of its request) and its error.

    Where GitHub is overloaded, half as many are asked for, down to one alone with patience; then the size grows again.
    An error that every further request would meet is given to all that remain. Reason `auth` is raised.
    """
    position, now = 0, size
    while position < len(items):
        batch = items[position : position + now]
        try:
            answer = ask(batch, len(batch) == 1)
        except TrackerError as error:
            if error.reason == "auth":
                raise
            if error.reason == "server" and len(batch) > 1:
                now = len(batch) // 2
                continue
            if error.reason in HOPELESS:
                batch = items[position:]
            yield from ((item, None, error) for item in batch)
        else:
            for index, item in enumerate(batch):
                yield item, answer.data.get(f"r{index}"), answer.error_at(f"r{index}")
        position += len(batch)
        now = min(size, now * 2)


def one_by_one(items: Sequence[Item], read: Callable[[Item], Found]) -> dict[Item, Found | TrackerError]:
    """What `read` gives for each, or its error; one that every further request would meet is given to all that remain.

    Reason `auth` is raised.
    """
    answers: dict[Item, Found | TrackerError] = {}
    hopeless: TrackerError | None = None
    for item in items:
        if hopeless:
            answers[item] = hopeless
            continue
        try:
            answers[item] = read(item)
        except TrackerError as error:
            if error.reason == "auth":
                raise
            answers[item] = error
            hopeless = error if error.reason in HOPELESS else None
    return answers
