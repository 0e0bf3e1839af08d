"""What the tests of creating in Jira share: the changes that make a record, and what its outcomes come to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mdpc.changes import Change, Outcome, Value
from mdpc.model import Ref
from mdpc.tokens import token_id, token_uid
from tests.jira.helpers import change

SEED = "n0123456789ab"


def creation(**fields: Value) -> list[Change]:
    """The changes that make a record with these fields in jira:API."""
    made = change("", None, None, uid=token_uid(SEED), kind="create")
    ref = Ref(made.ref.container, token_id(SEED))
    return [replace(made, id=f"c-{name}", ref=ref, field=name, after=after) for name, after in fields.items()]


def only(outcomes: Any) -> Outcome:
    """The outcome that all changes share."""
    (first, *others) = outcomes
    assert isinstance(first, Outcome)
    assert {replace(each, change="") for each in others} <= {replace(first, change="")}
    return first
