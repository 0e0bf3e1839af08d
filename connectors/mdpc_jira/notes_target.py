"""Writing a page of mdpc's notes: a property of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mdpc.changes import Change, Value
from mdpc.connector import TrackerError
from mdpc.model import Ref
from mdpc_jira.client import JiraClient
from mdpc_jira.notes import property_path
from mdpc_jira.properties import as_planned, property_obstacle, write_property
from mdpc_jira.writing import Step

NOTES = "mdpc."
"""How the key of every page begins, which no record's id does."""


class NotesTarget:
    """A page of notes; its only field is `memory`, JSON or None. `ref` is the project and the property's key."""

    def __init__(self, client: JiraClient, ref: Ref) -> None:
        self._client = client
        self._ref = ref
        self._path = property_path(ref.container.name, ref.id)
        self._value: Any = None
        self._there = False

    def load(self) -> None:
        """Ask Jira for the page; one that is not there holds nothing."""
        try:
            self._value = self._client.look(self._path)["value"]
            self._there = True
        except TrackerError as error:
            if error.reason != "missing":
                raise
            self._there = False

    def astray(self) -> str | None:
        """Never: a page is where its key says."""
        return None

    def held(self, change: Change) -> Value:
        """What the page holds."""
        if change.field != "memory":
            raise KeyError(change.field)
        return as_planned(self._value, change) if self._there else None

    def obstacle(self, change: Change) -> str | None:
        """Jira's limits for a property."""
        return property_obstacle(change)

    def steps(self, changes: Sequence[Change]) -> Sequence[Step]:
        """One PUT of the value, or a DELETE."""
        return [self._step(change) for change in changes]

    def _step(self, change: Change) -> Step:
        return Step((change,), lambda: write_property(self._client, self._path, change.after))

    def explain(self, error: TrackerError) -> str:
        """What the account lacks: Jira reports a missing right as 403 or 404."""
        if error.method != "GET" and error.status in (403, 404):
            return f"{error.sentence()} mdpc's notes need Administer Projects on {self._ref.container.name}."
        return error.sentence()
