"""Counting issues by the record they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mdpc.model import Record
from mdpc_jira.values import is_done, moment

FIELDS = ("status", "updated")
"""The fields of an issue that counting needs."""


@dataclass(slots=True)
class Tally:
    """The issues of one record so far."""

    open: int = 0
    closed: int = 0
    latest: datetime | None = None

    def add(self, fields: Mapping[str, Any]) -> None:
        """Count an issue by its `FIELDS`."""
        done = is_done(fields["status"])
        self.closed += done
        self.open += not done
        self.latest = max(filter(None, (self.latest, moment(fields.get("updated")))), default=None)

    def on(self, record: Record) -> Record:
        """The record with what was counted."""
        return replace(record, open_issues=self.open, closed_issues=self.closed, last_activity=self.latest)
