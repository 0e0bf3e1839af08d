"""A plan as text that can be kept in a file and applied later (`mdpc.renewed`). Pure.

Everything that applying and reporting need is in it, and no description: what people wrote stays in their trackers.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from mdpc.changes import Plan
from mdpc.escape import json_text
from mdpc.model import Milestone

SCHEMA = "mdpc/plan/1"

_PLAN = TypeAdapter(Plan)
_MAKE = "`mdpc plan --save FILE`"


class SavedPlanError(ValueError):
    """A text that is no saved plan of ours, or one that does not fit the configuration; a sentence with what to do."""


def as_saved(plan: Plan) -> str:
    """The plan as JSON text, to be written to a file."""
    bare = replace(plan, milestones=tuple(map(_without_descriptions, plan.milestones)))
    return json_text({"schema": SCHEMA, "plan": _PLAN.dump_python(bare, mode="json")}, indent=1) + "\n"


def from_saved(text: str, connectors: Collection[str]) -> Plan:
    """The plan that was saved; raises SavedPlanError. `connectors` are those that the configuration has."""
    try:
        saved = json.loads(text)
        schema = saved["schema"] if isinstance(saved, dict) else None
    except (ValueError, KeyError, RecursionError):
        raise SavedPlanError("this is no saved plan. Make one with `mdpc plan --save FILE`") from None
    if schema != SCHEMA:
        raise SavedPlanError(
            f"this is no saved plan of this version (its schema is {str(schema)[:40]!r}, not {SCHEMA!r}). "
            "Make it anew with `mdpc plan --save FILE`; `--format json` writes a report, which cannot be applied"
        )
    try:
        plan = _PLAN.validate_python(saved.get("plan"))
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
        raise SavedPlanError(f"the saved plan is damaged (at {where}). Make it anew with {_MAKE}") from None
    unknown = sorted({change.ref.container.connector for change in plan.changes} - set(connectors))
    if unknown:
        raise SavedPlanError(
            f"the saved plan writes to {', '.join(unknown)}, which this configuration does not have. "
            "Use the configuration that it was made with"
        )
    return plan


def _without_descriptions(milestone: Milestone) -> Milestone:
    records = tuple(replace(record, description=None, memory=None) for record in milestone.records)
    holder = next(record for record in records if record.ref == milestone.holder.ref)
    return replace(milestone, records=records, holder=holder)
