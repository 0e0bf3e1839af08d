"""A plan as text that can be kept in a file and applied later (`mdpc.renewed`), or what a shard made of one. Pure.

Everything that applying and reporting need is in it, and no description: what people wrote stays in their trackers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mdpc.changes import Plan
from mdpc.escape import json_text
from mdpc.model import Milestone

SCHEMA = "mdpc/plan/1"
RUN = "mdpc/run/1"
"""What a shard did, with its outcomes, and with the messages that wait."""

_PLAN = TypeAdapter(Plan)
_MAKE = "`mdpc plan --save FILE`"


class SavedPlanError(ValueError):
    """A text that is no saved plan of ours, or one that does not fit the configuration; a sentence with what to do."""


def as_saved(plan: Plan) -> str:
    """The plan as JSON text, to be written to a file."""
    return _text(plan, SCHEMA)


def as_run(plan: Plan) -> str:
    """What a shard did as JSON text. People's addresses are left out: whoever sends has the configuration.

    An address that the configuration names as a recipient is who is meant, and stays.
    """
    bare = (replace(each, to=tuple(replace(to, address="") for to in each.to)) for each in plan.messages)
    return _text(replace(plan, messages=tuple(bare)), RUN)


def _text(plan: Plan, schema: str) -> str:
    bare = replace(plan, milestones=tuple(map(_without_descriptions, plan.milestones)))
    return json_text({"schema": schema, "plan": _PLAN.dump_python(bare, mode="json")}, indent=1) + "\n"


def run_from(text: str) -> Plan:
    """What a shard did, as it was kept. Raises SavedPlanError."""
    how = "`mdpc sync --shard I/N --save FILE`"
    saved = _object(text, f"this is no saved run. Keep one with {how}")
    if saved["schema"] == SCHEMA:
        raise SavedPlanError(f"this is a plan that was not applied. Keep what was, with {how}")
    if saved["schema"] != RUN:
        said = str(saved["schema"])[:40]
        raise SavedPlanError(f"this is no saved run of this version (its schema is {said!r}, not {RUN!r}): use {how}")
    return _plan(saved, "run", how)


def is_run(text: str) -> bool:
    """Whether a text is what a shard did, of this version or another."""
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(saved, dict) and str(saved.get("schema")).startswith(RUN.rpartition("/")[0])


def part_from(text: str) -> Plan:
    """What a shard did or would do: a saved run or plan. Raises SavedPlanError."""
    how = "`mdpc sync --shard I/N --save FILE`"
    saved = _object(text, f"this is no saved run and no plan. Keep one with {how}, or with `mdpc plan`")
    return from_saved(text) if saved["schema"] == SCHEMA else run_from(text)


def _object(text: str, otherwise: str) -> dict[str, Any]:
    """The saved object with its schema; raises SavedPlanError with these words where the text is none."""
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError):
        saved = None
    if not isinstance(saved, dict) or "schema" not in saved:
        raise SavedPlanError(otherwise)
    return saved


def _plan(saved: Mapping[str, Any], what: str, how: str) -> Plan:
    try:
        return _PLAN.validate_python(saved.get("plan"))
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
        raise SavedPlanError(f"the saved {what} is damaged (at {where}). Make it anew with {how}") from None


def from_saved(text: str, connectors: Collection[str] | None = None) -> Plan:
    """The plan that was saved; raises SavedPlanError. `connectors` are those that the configuration has."""
    saved = _object(text, "this is no saved plan. Make one with `mdpc plan --save FILE`")
    schema = saved["schema"]
    if schema == RUN:
        raise SavedPlanError(f"this is what a shard did, and is done. Make a plan with {_MAKE}")
    if schema != SCHEMA:
        raise SavedPlanError(
            f"this is no saved plan of this version (its schema is {str(schema)[:40]!r}, not {SCHEMA!r}). "
            "Make it anew with `mdpc plan --save FILE`; `--format json` writes a report, which cannot be applied"
        )
    plan = _plan(saved, "plan", _MAKE)
    if connectors is None:
        return plan
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
