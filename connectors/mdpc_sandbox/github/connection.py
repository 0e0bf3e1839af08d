"""GraphQL's lists, page by page, and its errors with a type."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError

Held = TypeVar("Held")
Object = Mapping[str, Any]


def typed(kind: str, message: str) -> GraphQLError:
    """An error with GitHub's `type`."""
    return GraphQLError(message, extensions={"type": kind})


def connection(
    held: Sequence[Held],
    shape: Callable[[Held], object],
    first: int | None,
    after: str | None,
) -> Object:
    """One page of a list; `after` is the cursor of the page before."""
    start = _position(after)
    shown = held[start : start + (first or 0)]
    end = start + len(shown)
    return {
        "nodes": [shape(one) for one in shown],
        "totalCount": len(held),
        "pageInfo": {"hasNextPage": end < len(held), "endCursor": _cursor(end) if shown else None},
    }


def _cursor(position: int) -> str:
    return b64encode(f"cursor:{position}".encode()).decode()


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(b64decode(cursor, validate=True).decode().removeprefix("cursor:"))
    except (Base64Error, ValueError):
        raise typed("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.") from None


def ordered(held: list[Held], order: Object | None, attributes: Mapping[str, str]) -> list[Held]:
    """Sorted as `orderBy` says, what lacks the value last; as it stands without one."""
    if order is None:
        return held
    attribute = attributes[order["field"]]

    def key(one: Held) -> tuple[bool, Any]:
        value = getattr(one, attribute)
        return value is not None, value

    return sorted(held, key=key, reverse=order["direction"] == "DESC")
