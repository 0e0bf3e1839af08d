"""Making milestones: what is sent, and what became of it. The id in its status tells which milestone it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mdpc import status
from mdpc.changes import Change, Created, Outcome
from mdpc.connector import TrackerError
from mdpc.model import Markup
from mdpc_github.client import Client
from mdpc_github.making import Making
from mdpc_github.rest import repository_path
from mdpc_github.writing import FIELDS, Milestone, body_of, impossible, refusal_of, title_is_taken

_MEMORY_ID = re.compile(r'"(m[0-9a-f]{12})"')
_ANY_ID = re.compile(r"\bm[0-9a-f]{12}\b")


def create(client: Client, changes: Sequence[Change]) -> list[Outcome]:
    """Make one milestone of the changes of one write; an outcome for each, in order."""
    return _Creation(client, changes).outcomes()


def mark_in(description: str | None) -> str | None:
    """The id of the milestone whose status stands in a description: out of its memory, else the first in its text."""
    written = status.find(description, Markup.BLOCK) or ""
    memory = re.search(status.MEMORY, written)
    found = (memory and _MEMORY_ID.search(memory[0])) or _ANY_ID.search(written)
    return found[0].strip('"') if found else None


class _Creation(Making):
    """One milestone to be made."""

    __slots__ = ()

    @property
    def path(self) -> str:
        """Where the repository's milestones are."""
        return f"{repository_path(self.repository)}/milestones"

    @property
    def repository(self) -> str:
        """OWNER/NAME."""
        return self.changes[0].ref.container.name

    @property
    def body(self) -> Mapping[str, Any]:
        """What is sent: a milestone without a due date has none."""
        body = body_of({"description": None}, self.changes)
        return {name: value for name, value in body.items() if value is not None}

    @property
    def mark(self) -> str | None:
        """The milestone's id in the status to be written."""
        return mark_in(self.body.get("description"))

    def impossible(self) -> str:
        """Why it cannot be made, empty where it can."""
        if answer := impossible(self.client, self.changes, FIELDS, "milestones"):
            return answer
        title = self.body.get("title")
        return "" if isinstance(title, str) and title.strip() else "A milestone cannot be made without a title."

    def can_find(self) -> bool:
        """Whether its status names it."""
        return self.mark is not None

    def find(self) -> Milestone | None:
        """The newest milestone whose status names this one."""
        return next((each for each in self.listed() if mark_in(each["description"]) == self.mark), None)

    def listed(self) -> list[Milestone]:
        """Every milestone of the repository, newest first."""
        found = self.client.pages(self.path, {"state": "all"}, once=True)
        return sorted(found, key=lambda each: int(each["number"]), reverse=True)

    def made(self, answer: Milestone) -> list[Outcome]:
        """`done`, but for what GitHub did not take. Titles may lose blanks, and a status is looked for later anyway."""
        created = self.created(answer)
        return [
            Outcome(change.id, "done", "", created)
            if change.field in ("title", "status") or FIELDS[change.field].current(answer) == change.after
            else Outcome(change.id, "failed", f"GitHub made it, but its {change.field} is another.", created)
            for change in self.changes
        ]

    def created(self, found: Milestone) -> Created:
        """What the milestone is known by."""
        return Created(str(found["number"]), found["node_id"], found["html_url"])

    def refused(self, error: TrackerError) -> list[Outcome]:
        """What a refusal means: a title that is taken is looked at."""
        if title_is_taken(error):
            return self.taken(error)
        return self.all("failed", refusal_of(error))

    def taken(self, error: TrackerError) -> list[Outcome]:
        """`already` where the milestone of that title is this one, else `stale`."""
        title = str(self.body["title"])
        listed = self.listed()
        found = next((each for each in listed if each["title"] == title), None)
        if found is None:
            alike = title.strip().casefold()
            found = next((each for each in listed if each["title"].strip().casefold() == alike), None)
        if found is None:
            return self.all("failed", str(error))
        if self.mark is not None and mark_in(found["description"]) == self.mark:
            return self.all("already", "", self.created(found))
        kind = "a closed milestone" if found["state"] == "closed" else "a milestone"
        step = "Rename it, or reopen it" if found["state"] == "closed" else "Run again, and it is joined by its title"
        return self.all("stale", f"{self.repository} has {kind} with this title, number {found['number']}. {step}.")
