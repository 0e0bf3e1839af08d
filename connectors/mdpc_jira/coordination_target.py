"""Writing to a coordination issue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mdpc.changes import Change, Value
from mdpc.model import Ref
from mdpc_jira.client import JiraClient
from mdpc_jira.errors import JiraAnswerError
from mdpc_jira.issue_target import IssueTarget
from mdpc_jira.settings import JiraSettings
from mdpc_jira.writing import Step

LONGEST_TEXT = 32_767
"""Characters in a description or a comment."""


def person(client: JiraClient, login: str | None) -> dict[str, str | None]:
    """Somebody as Jira's fields for people take them; None for nobody."""
    return {"accountId" if client.cloud else "name": login}


def _spelt(login: str | None, change: Change) -> str | None:
    """A login as the change has it, where that differs in case alone."""
    known = (each for each in (change.before, change.after) if isinstance(each, str))
    return next((each for each in known if login and each.lower() == login.lower()), login)


class CoordinationTarget(IssueTarget):
    """A coordination issue: its fields are `title`, `state`, `assignee` (a login or None) and `label`, which is added.

    An assignee whom Jira does not take is left out, and `unassigned` says so.
    """

    def __init__(self, client: JiraClient, ref: Ref, uid: str, settings: JiraSettings) -> None:
        super().__init__(client, ref, uid, settings)
        self._query = {"fields": "summary,status,assignee,labels"}
        self.unassigned = ""

    def held(self, change: Change) -> Value:
        """What the issue holds; of labels, the one that the change is about."""
        match change.field:
            case "state" | "title":
                return super().held(change)
            case "assignee":
                assignee: dict[str, Any] = self._fields.get("assignee") or {}
                return _spelt(assignee.get("accountId") or assignee.get("name"), change)
            case "label":
                return change.after if change.after in (self._fields.get("labels") or ()) else change.before
        raise KeyError(change.field)

    def steps(self, changes: Sequence[Change]) -> Sequence[Step]:
        """One PUT for title, assignee and label, then a transition if the state changes."""
        edits = tuple(change for change in changes if change.field != "state")
        moves = super().steps(tuple(change for change in changes if change.field == "state"))
        return [*([Step(edits, lambda: self._edited(edits))] if edits else []), *moves]

    def _edited(self, changes: Sequence[Change]) -> None:
        labels = [{"add": change.after} for change in changes if change.field == "label"]
        body: dict[str, Any] = {"update": {"labels": labels}} if labels else {}
        title = {self._names[change.field]: change.after for change in changes if change.field == "title"}
        body |= {"fields": title} if title else {}
        login = next((change.after for change in changes if change.field == "assignee"), "")
        if login != "":
            try:
                who = person(self._client, None if login is None else str(login))
                return self._put(body | {"fields": {**title, "assignee": who}})
            except JiraAnswerError as error:
                if login is None or error.status != 400 or "assignee" not in error.fields:
                    raise
                self.unassigned = f"Jira does not take {login} as the assignee: {error.fields['assignee']}"
        return self._put(body) if body else None

    def _put(self, body: dict[str, Any]) -> None:
        self._client.put(self._path, body, api=self._api)
