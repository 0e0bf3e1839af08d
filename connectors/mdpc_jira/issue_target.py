"""Writing to a Jira issue that is a milestone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import quote

from mdpc import status
from mdpc.changes import Change, Value
from mdpc.connector import TrackerError
from mdpc.model import Markup, Ref
from mdpc_jira import adf
from mdpc_jira.client import JiraClient
from mdpc_jira.issues import MEMORY, description_text, issue_api
from mdpc_jira.links import IssueLinks, held_link, link_obstacle, link_steps, missing_link_right
from mdpc_jira.properties import as_planned, property_obstacle, write_property
from mdpc_jira.settings import JiraSettings
from mdpc_jira.values import is_done
from mdpc_jira.writing import Step

LONGEST_SUMMARY = 255


class IssueTarget:
    """An issue: its fields are `status`, `title`, `due` (`yyyy-mm-dd` or None), `state`, `link` and `memory`.

    The state ("open" or "closed") is a transition, which Jira takes as a request of its own, after the other fields;
    then each link, and the memory last, since it tells of all the others. Links and memory are asked for where they are
    among the `fields` to be written. `uid` is the issue's id, by which it is asked for, and `ref` its address, which
    ends in its key. Raises TrackerError where Jira has to be asked whether it is on Cloud, and does not answer.
    """

    def __init__(
        self, client: JiraClient, ref: Ref, uid: str, settings: JiraSettings, fields: Collection[str] = ()
    ) -> None:
        self._client = client
        self._api = issue_api(client)
        self._path = f"issue/{quote(uid, safe='')}"
        self._ref = ref
        self._uid = uid
        self._names = {"title": "summary", "due": settings.due_field, "status": "description"}
        self._done_transition = settings.done_transition
        self._raw: dict[str, Any] = {}
        self._links = IssueLinks(client, self._path) if "link" in fields else None
        self._query = {"fields": ",".join(("status", *self._names.values()))}
        if "memory" in fields:
            self._query["properties"] = MEMORY

    @property
    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = self._raw["fields"]
        return fields

    def load(self) -> None:
        """Ask Jira for the issue."""
        self._raw = self._client.look(self._path, self._query, api=self._api)
        if self._links:
            self._links.load()

    def astray(self) -> str | None:
        """Whether it is another issue, or was moved to another project, which gives it another key."""
        if str(self._raw["id"]) != self._uid:
            return f"{self._ref} is another issue now than when it was read."
        if self._raw["key"] != self._ref.id:
            return f"{self._ref} is called {self._raw['key']} now: it was moved, or its project's key was changed."
        return None

    def held(self, change: Change) -> Value:
        """What the issue holds."""
        field = change.field
        if self._links and field == "link":
            return held_link(self._links, change)
        if field == "memory":
            held = self._raw.get("properties") or {}
            return as_planned(held[MEMORY], change) if MEMORY in held else None
        if field == "state":
            return "closed" if is_done(self._fields["status"]) else "open"
        value = self._fields.get(self._names[field])
        if field == "status":
            return status.find(description_text(value), Markup.LINE)
        return value[:10] if field == "due" and value else value

    def obstacle(self, change: Change) -> str | None:
        """Jira's limits for a summary and a property."""
        if change.field == "link":
            return link_obstacle(change)
        if change.field == "memory":
            return property_obstacle(change)
        if change.field == "title" and len(str(change.after)) > LONGEST_SUMMARY:
            return f"Jira allows {LONGEST_SUMMARY} characters in a summary. Shorten the title."
        return None

    def steps(self, changes: Sequence[Change]) -> Sequence[Step]:
        """One PUT of the changed fields alone, then a transition if the state changes, the links, the memory."""
        edits = tuple(change for change in changes if change.field in self._names)
        moves = tuple(change for change in changes if change.field == "state")
        steps = [self._edit(edits)] if edits else []
        steps += [self._move(moves, str(change.after)) for change in moves]
        memory = [self._remember(change) for change in changes if change.field == "memory"]
        return [*steps, *link_steps(self._links, changes), *memory]

    def explain(self, error: TrackerError) -> str:
        """What the account lacks, as far as Jira tells."""
        if right := missing_link_right(error, self._ref):
            return right
        if error.reason == "missing":
            return f"The issue is gone, or this account may not see it any more: {error.sentence()}"
        if error.reason == "forbidden" or error.status == 400:
            rights = f"Edit Issues, Transition Issues and, for due dates, Schedule Issues on {self._ref.container.name}"
            return f"{error.sentence()} Writing to issues needs {rights}."
        return error.sentence()

    def _edit(self, changes: tuple[Change, ...]) -> Step:
        fields = {self._names[change.field]: self._payload(change) for change in changes}

        def send() -> None:
            self._client.put(self._path, {"fields": fields}, api=self._api)

        return Step(changes, send)

    def _move(self, changes: tuple[Change, ...], state: str) -> Step:
        transition = self._transition(state)

        def send() -> None:
            self._client.post(f"{self._path}/transitions", {"transition": {"id": transition}})

        return Step(changes, send)

    def _remember(self, change: Change) -> Step:
        path = f"{self._path}/properties/{MEMORY}"
        return Step((change,), lambda: write_property(self._client, path, change.after))

    def _transition(self, state: str) -> str:
        """The id of the transition that leads to `state`: the configured one, else the first into such a status."""
        offered = self._client.look(f"{self._path}/transitions")["transitions"]
        closing = state == "closed"
        fitting = [transition for transition in offered if is_done(transition["to"]) == closing]
        if closing and self._done_transition:
            wanted = self._done_transition.casefold()
            fitting = [transition for transition in fitting if transition["name"].casefold() == wanted]
        if fitting:
            return str(fitting[0]["id"])
        named = f" named {self._done_transition!r}" if closing and self._done_transition else ""
        raise TrackerError(
            f"The issue's workflow offers this account no transition{named} into a status that is {state}",
            reason="refused",
            next_step="Check done_transition, the workflow, and the right Transition Issues.",
        )

    def _payload(self, change: Change) -> Any:
        if change.field != "status":
            return change.after
        line = None if change.after is None else str(change.after)
        held = self._fields.get("description")
        if self._api == "3":
            return adf.place(held, line)
        return status.place(held, line, Markup.LINE) or ""
