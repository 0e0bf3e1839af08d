"""Making something through REST: one POST, and a look for what it made wherever nobody can be sure.

A POST is never sent again once it may have been carried out. What it made is known by a mark that it carries from the
first request on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdpc.changes import Change, Created, Outcome, OutcomeStatus
from mdpc.connector import TrackerError
from mdpc_github.client import Client
from mdpc_github.writing import LOST, Found, refusal_of


@dataclass(slots=True)
class Making(ABC):
    """One thing to be made, in as many attempts as it takes; `lost` is why its answer is not known."""

    client: Client
    changes: Sequence[Change]
    lost: TrackerError | None = None

    @property
    @abstractmethod
    def path(self) -> str:
        """Where it is sent."""

    @property
    @abstractmethod
    def body(self) -> Mapping[str, Any]:
        """What is sent."""

    @abstractmethod
    def impossible(self) -> str:
        """Why it cannot be made, empty where it can."""

    @abstractmethod
    def find(self) -> Found | None:
        """What carries its mark, looked for once; raises TrackerError."""

    @abstractmethod
    def made(self, answer: Found) -> list[Outcome]:
        """The outcomes where GitHub answered."""

    def can_find(self) -> bool:
        """Whether it carries a mark at all."""
        return True

    def before(self) -> list[Outcome] | None:
        """The outcomes where a look shows that nothing is to be sent; None where it is."""
        return None

    def post(self) -> Found:
        """Send it, once."""
        answer: Found = self.client.post(self.path, self.body)
        return answer

    def created(self, found: Found) -> Created | None:
        """What was made, for the outcomes; None where nobody has to know."""
        del found
        return None

    def refused(self, error: TrackerError) -> list[Outcome]:
        """What a refusal means."""
        return self.all("failed", refusal_of(error))

    def outcomes(self) -> list[Outcome]:
        """Make it; an outcome for each change, in order."""
        if answer := self.impossible():
            return self.all("failed", answer)
        try:
            return self.client.attempt(self.attempt, creates=True)
        except TrackerError as error:
            return self.give_up(error)

    def all(self, verdict: OutcomeStatus, answer: str = "", created: Created | None = None) -> list[Outcome]:
        """The same outcome for each change."""
        return [Outcome(change.id, verdict, answer, created) for change in self.changes]

    def attempt(self) -> list[Outcome]:
        """Send it, or look for it where it was sent already; raises TrackerError where that has to be tried again."""
        if self.lost:
            return self.look_for(self.lost)
        if (there := self.before()) is not None:
            return there
        try:
            return self.made(self.post())
        except TrackerError as error:
            if unanswered(error):
                self.lost = error
            if error.reason in (*LOST, "limited"):
                raise
            return self.look_for(error) if self.lost else self.refused(error)

    def look_for(self, error: TrackerError) -> list[Outcome]:
        """Find by its mark what may have been made."""
        if not self.can_find():
            return self.all("unknown", f"{error} Whether it was made is not known: run again.")
        found = self.find()
        if found is None:
            return self.all("failed", f"It was not made: {error}")
        return self.all("done", "The answer was lost, but it is there.", self.created(found))

    def give_up(self, error: TrackerError) -> list[Outcome]:
        """The outcomes after the last attempt: where an answer was lost, a last look decides."""
        if not self.lost:
            return self.all("failed", str(error))
        lost = self.lost
        try:
            return self.client.repeated(lambda: self.look_for(lost))
        except TrackerError:
            return self.all("unknown", f"{error} Whether it was made is not known: run again.")


def unanswered(error: TrackerError) -> bool:
    """Whether nobody knows if it was made: no answer, a failing server, or a success that cannot be read."""
    return error.reason in LOST or (error.status is not None and error.status < 300)
