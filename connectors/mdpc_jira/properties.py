"""Properties of projects and issues: small JSON values, in which mdpc keeps what it must remember."""

from __future__ import annotations

import json

from mdpc.changes import Change, Value
from mdpc.notes import canonical
from mdpc_jira.client import JiraClient

LONGEST_PROPERTY = 32_768
"""Characters that the value of a property may have (Jira REST API, "Set project property")."""


def as_planned(value: object, change: Change) -> str:
    """A property's value as text: in the change's own words where it says the same."""
    held = canonical(value)
    return next((text for text in (change.after, change.before) if isinstance(text, str) and _same(text, held)), held)


def _same(text: str, held: str) -> bool:
    try:
        return canonical(json.loads(text)) == held
    except ValueError:
        return False


def property_obstacle(change: Change) -> str | None:
    """Why a text cannot be the value of a property, in a sentence; None if it can."""
    if change.after is None:
        return None
    text = str(change.after)
    if len(text) > LONGEST_PROPERTY:
        return f"Jira allows {LONGEST_PROPERTY:,} characters in a property, and mdpc's memory has {len(text):,} here."
    return None if _is_value(text) else "mdpc's memory is no JSON that Jira would take."


def _is_value(text: str) -> bool:
    try:
        return json.loads(text) is not None
    except ValueError:
        return False


def write_property(client: JiraClient, path: str, text: Value) -> None:
    """One PUT of a value that is given as JSON, or a DELETE for None; raises TrackerError."""
    if text is None:
        client.delete(path)
    else:
        client.put(path, json.loads(str(text)))
