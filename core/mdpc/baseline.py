"""Findings that were there when a team began: they are kept in a file and do not count; new ones do. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable

from mdpc.escape import json_text
from mdpc.model import Finding

SCHEMA = "mdpc/baseline/1"

MADE = "`mdpc check --write-baseline FILE` makes one"


class BaselineError(ValueError):
    """A text that is no baseline; a sentence with what to do."""


def baseline_text(findings: Iterable[Finding]) -> str:
    """The findings as the text of a baseline, in an order in which changes are easy to read."""
    ordered = sorted(findings, key=lambda each: (each.milestone, each.rule, each.id))
    told = [{"id": each.id, "rule": each.rule, "milestone": each.milestone} for each in ordered]
    return json_text({"schema": SCHEMA, "findings": told}) + "\n"


def baseline_of(text: str) -> frozenset[str]:
    """The ids of the findings in a baseline. Raises BaselineError."""
    try:
        told = json.loads(text)
        schema = told["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BaselineError(f"this is no baseline; {MADE}") from None
    if schema != SCHEMA:
        raise BaselineError(f"its schema is {str(schema)[:40]!r}, and this version knows {SCHEMA!r}; {MADE}")
    try:
        return frozenset(str(each["id"]) for each in told["findings"])
    except (KeyError, TypeError):
        raise BaselineError(f"it is damaged; {MADE}") from None
