"""Writing to a Jira version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mdpc import status
from mdpc.changes import Change, Value
from mdpc.connector import TrackerError
from mdpc.model import Markup, Ref
from mdpc_jira.client import JiraClient
from mdpc_jira.errors import JiraAnswerError
from mdpc_jira.links import RelatedWork, VersionLinks, held_link, link_obstacle, link_steps, missing_link_right
from mdpc_jira.writing import Step

LONGEST_DESCRIPTION = 16_384
"""Bytes that a version's description may have (Jira Cloud REST API, schema Version)."""
LONGEST_NAME = 255

NAMES: Mapping[str, str] = {"title": "name", "due": "releaseDate", "start": "startDate"}


class VersionTarget:
    """A version: its fields are `status`, `title`, `due` and `start` (`yyyy-mm-dd` or None), `state` and `link`.

    `state` is "open" or "closed", which Jira calls released; a release keeps its date. `uid` is the version's id and
    `ref` its address, which ends in the same id; `project_id` is the project's where it is known. Links are asked for
    where there are `links` to be written. Raises TrackerError where Jira has to be asked for those whether it is on
    Cloud, and does not answer.
    """

    def __init__(
        self, client: JiraClient, ref: Ref, uid: str, project_id: str | None = None, *, links: bool = False
    ) -> None:
        self._client = client
        self._path = f"version/{quote(uid, safe='')}"
        self._ref = ref
        self._uid = uid
        self._project_id = project_id
        self._raw: dict[str, Any] = {}
        self._links = (RelatedWork if client.cloud else VersionLinks)(client, self._path) if links else None

    def load(self) -> None:
        """Ask Jira for the version."""
        self._raw = self._client.look(self._path)
        if self._links:
            self._links.load()

    def astray(self) -> str | None:
        """Whether it is another version, or has become another project's."""
        if not str(self._raw["id"]) == self._uid == self._ref.id:
            return f"{self._ref} is another version now than when it was read."
        if self._project_id not in (None, str(self._raw.get("projectId", self._project_id))):
            return f"{self._ref} belongs to another project now than when it was read."
        return None

    def held(self, change: Change) -> Value:
        """What the version holds."""
        field = change.field
        if self._links and field == "link":
            return held_link(self._links, change)
        if field == "status":
            return status.find(self._raw.get("description"), Markup.LINE)
        if field == "state":
            return "closed" if self._raw.get("released") else "open"
        value = self._raw.get(NAMES[field]) or None
        return value if field == "title" or value is None else value[:10]

    def obstacle(self, change: Change) -> str | None:
        """An archived version is history; Jira's limits are told before it says 400."""
        if self._raw.get("archived"):
            return "The version is archived, and archived versions are left as they are."
        if change.field == "link":
            return link_obstacle(change)
        value = self._payload(change)
        if change.field == "status" and len(str(value).encode()) > LONGEST_DESCRIPTION:
            return (
                f"With mdpc's line the description would exceed the {LONGEST_DESCRIPTION:,} bytes that Jira allows. "
                "Shorten the description."
            )
        if change.field == "title" and len(str(value)) > LONGEST_NAME:
            return f"Jira allows {LONGEST_NAME} characters in a version's name. Shorten the title."
        return None

    def steps(self, changes: Sequence[Change]) -> Sequence[Step]:
        """One PUT of the changed fields alone: a whole version sent back is refused or undoes what others did.

        Then a request for each link.
        """
        edits = tuple(change for change in changes if change.field != "link")
        body = {_name(change.field): self._payload(change) for change in edits}

        def send() -> None:
            self._client.put(self._path, body)

        return [*([Step(edits, send)] if edits else []), *link_steps(self._links, changes)]

    def explain(self, error: TrackerError) -> str:
        """Jira reports a missing right as 403 (Data Center), 404 or 400 without a field (Cloud)."""
        if right := missing_link_right(error, self._ref):
            return right
        by_field = isinstance(error, JiraAnswerError) and error.fields
        if by_field and "name" in by_field and error.method == "PUT":
            other = f"Another version of {self._ref.container.name} may have this name"
            return f"{other}: rename one of them, or merge them. {error.sentence()}"
        if error.method == "PUT" and (error.status in (403, 404) or (error.status == 400 and not by_field)):
            return f"{error.sentence()} Writing to versions needs Administer Projects on {self._ref.container.name}."
        if error.reason == "missing":
            return f"The version is gone, or this account may not see it any more: {error.sentence()}"
        return error.sentence()

    def _payload(self, change: Change) -> Value:
        if change.field == "status":
            line = None if change.after is None else str(change.after)
            # Data Center takes null for "leave it"; the empty string clears on both.
            return status.place(self._raw.get("description"), line, Markup.LINE) or ""
        return change.after == "closed" if change.field == "state" else change.after


def _name(field: str) -> str:
    return {"status": "description", "state": "released", **NAMES}[field]
