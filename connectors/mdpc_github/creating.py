"""Making milestones through REST: one POST, and a look for what it made wherever nobody can be sure.

A POST is never sent again once it may have been carried out. What it made is known by the milestone's id in the status
that it carries from the first request on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdpc import status
from mdpc.changes import Change, Created, Outcome, OutcomeStatus
from mdpc.connector import TrackerError
from mdpc.model import Markup
from mdpc_github.client import Client
from mdpc_github.rest import repository_path
from mdpc_github.writing import FIELDS, LOST, Milestone, body_of, impossible, refusal_of, title_is_taken

_MEMORY_ID = re.compile(r'"(m[0-9a-f]{12})"')
_ANY_ID = re.compile(r"\bm[0-9a-f]{12}\b")


def create(client: Client, changes: Sequence[Change]) -> list[Outcome]:
    """Make one milestone of the changes of one write; an outcome for each, in order."""
    creation = _Creation(client, changes)
    if answer := creation.impossible():
        return creation.all("failed", answer)
    try:
        return client.attempt(creation.attempt, creates=True)
    except TrackerError as error:
        return creation.give_up(error)


def mark_in(description: str | None) -> str | None:
    """The id of the milestone whose status stands in a description: out of its memory, else the first in its text."""
    written = status.find(description, Markup.BLOCK) or ""
    memory = re.search(status.MEMORY, written)
    found = (memory and _MEMORY_ID.search(memory[0])) or _ANY_ID.search(written)
    return found[0].strip('"') if found else None


@dataclass(slots=True)
class _Creation:
    """One milestone to be made, in as many attempts as it takes; `lost` is why its answer is not known."""

    client: Client
    changes: Sequence[Change]
    lost: TrackerError | None = None

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

    def all(self, verdict: OutcomeStatus, answer: str = "", created: Created | None = None) -> list[Outcome]:
        """The same outcome for each change."""
        return [Outcome(change.id, verdict, answer, created) for change in self.changes]

    def impossible(self) -> str:
        """Why it cannot be made, empty where it can."""
        if answer := impossible(self.client, self.changes):
            return answer
        title = self.body.get("title")
        return "" if isinstance(title, str) and title.strip() else "A milestone cannot be made without a title."

    def attempt(self) -> list[Outcome]:
        """Send it, or look for it where it was sent already; raises TrackerError where that has to be tried again."""
        if self.lost:
            return self.look_for(self.lost)
        try:
            return self.made(self.client.post(self.path, self.body))
        except TrackerError as error:
            if _unanswered(error):
                self.lost = error
            if error.reason in (*LOST, "limited"):
                raise
            return self.look_for(error) if self.lost else self.refused(error)

    def look_for(self, error: TrackerError) -> list[Outcome]:
        """Find by its mark what may have been made."""
        mark = self.mark
        if mark is None:
            return self.all("unknown", f"{error} Whether it was made is not known: run again.")
        found = next((each for each in self.listed() if mark_in(each["description"]) == mark), None)
        if found is None:
            return self.all("failed", f"It was not made: {error}")
        return self.all("done", "The answer was lost, but it is there.", _created(found))

    def listed(self) -> list[Milestone]:
        """Every milestone of the repository, newest first."""
        found = self.client.pages(self.path, {"state": "all"}, once=True)
        return sorted(found, key=lambda each: int(each["number"]), reverse=True)

    def made(self, answer: Milestone) -> list[Outcome]:
        """`done`, but for what GitHub did not take. Titles may lose blanks, and a status is looked for later anyway."""
        created = _created(answer)
        return [
            Outcome(change.id, "done", "", created)
            if change.field in ("title", "status") or FIELDS[change.field].current(answer) == change.after
            else Outcome(change.id, "failed", f"GitHub made it, but its {change.field} is another.", created)
            for change in self.changes
        ]

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
            return self.all("already", "", _created(found))
        kind = "a closed milestone" if found["state"] == "closed" else "a milestone"
        step = "Rename it, or reopen it" if found["state"] == "closed" else "Run again, and it is joined by its title"
        return self.all("stale", f"{self.repository} has {kind} with this title, number {found['number']}. {step}.")

    def give_up(self, error: TrackerError) -> list[Outcome]:
        """The outcomes after the last attempt: where an answer was lost, a last look decides."""
        if not self.lost:
            return self.all("failed", str(error))
        lost = self.lost
        try:
            return self.client.repeated(lambda: self.look_for(lost))
        except TrackerError:
            return self.all("unknown", f"{error} Whether it was made is not known: run again.")


def _unanswered(error: TrackerError) -> bool:
    """Whether nobody knows if it was made: no answer, a failing server, or a success that cannot be read."""
    return error.reason in LOST or (error.status is not None and error.status < 300)


def _created(milestone: Milestone) -> Created:
    return Created(str(milestone["number"]), milestone["node_id"], milestone["html_url"])
