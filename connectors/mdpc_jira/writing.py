"""Applying the changes of one write: look first, write what is still as planned, and look again after a lost answer.

What is repeated after a limit or a lost answer is all of it, from the look on: while that is waited for, people may
write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mdpc.changes import Change, Outcome, OutcomeStatus, Value
from mdpc.connector import TrackerError
from mdpc_jira.client import JiraClient
from mdpc_jira.errors import expected_shape

LOST = ("network", "server")
"""Reasons after which nobody knows whether Jira wrote."""


@dataclass(frozen=True, slots=True)
class Step:
    """One writing request and the changes that it carries."""

    changes: tuple[Change, ...]
    send: Callable[[], None]


class Target(Protocol):
    """A version or an issue that is written to. Its requests are sent once: what they are part of is repeated."""

    def load(self) -> None:
        """Ask Jira what it holds; raises TrackerError."""

    def astray(self) -> str | None:
        """Why what was loaded is not what the changes are about, in a sentence; None if it is."""

    def held(self, change: Change) -> Value:
        """What it holds in the change's field, in a Change's words; raises KeyError for what mdpc does not write here.

        Of a link it holds the address that the change is about, or None.
        """

    def obstacle(self, change: Change) -> str | None:
        """Why Jira could not take a change, in a sentence; None if it can."""

    def steps(self, changes: Sequence[Change]) -> Sequence[Step]:
        """The requests that write the changes to what was loaded; raises TrackerError where that cannot be found out.

        Writes nothing by itself.
        """

    def explain(self, error: TrackerError) -> str:
        """What a refusal means here, with the next step."""


def apply(client: JiraClient, target: Target, changes: Sequence[Change]) -> list[Outcome]:
    """An outcome for each change, in order. One that is stale or impossible withholds the others of its write."""
    write = _Write(client, target, changes)
    try:
        with expected_shape():
            client.attempt(write.attempt)
    except TrackerError as error:
        write.give_up(error)
    return [write.outcomes[change.id] for change in changes]


class _Write:
    """The changes of one write, in as many attempts as it takes; `outcomes` are those known so far, by change.

    Of a change without an outcome Jira may have `lost` the answer, or have `accepted` it without anybody having seen it
    there yet. It is not sent again once it was accepted.
    """

    def __init__(self, client: JiraClient, target: Target, changes: Sequence[Change]) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._client = client
        self._target = target
        self._changes = changes
        self._lost: set[str] = set()
        self._accepted: set[str] = set()

    @property
    def _open(self) -> list[Change]:
        return [change for change in self._changes if change.id not in self.outcomes]

    def _settle(self, changes: Sequence[Change], status: OutcomeStatus, answer: str = "") -> None:
        self.outcomes |= {change.id: Outcome(change.id, status, answer) for change in changes}

    def attempt(self) -> None:
        """Look, and write what is still as planned; raises TrackerError where that has to be tried again."""
        self._target.load()
        if self._look(self._open):
            self._settle(self._open, "withheld", "Another part of the same write is not as planned.")
        if due := self._open:
            self._write(due)

    def _look(self, changes: Sequence[Change]) -> bool:
        """Settle what needs no writing after a load; whether one of them keeps the others from being written."""
        astray = self._target.astray()
        blocked = False
        for change in changes:
            said = Outcome(change.id, "stale", astray) if astray else self._verdict(change)
            if said:
                self.outcomes[change.id] = said
                blocked |= said.status not in ("done", "already")
        return blocked

    def _verdict(self, change: Change) -> Outcome | None:
        """What can be said of a change after a load: None where it is still to be made."""
        try:
            held = self._target.held(change)
        except KeyError:
            return Outcome(change.id, "failed", f"mdpc does not write the field {change.field!r} here.")
        if held == change.after:
            return Outcome(change.id, *self._there(change))
        if change.id in self._accepted:
            return Outcome(change.id, "failed", _KEPT)
        if held != change.before:
            return Outcome(change.id, "stale", "It was changed since it was read.")
        obstacle = self._target.obstacle(change)
        return Outcome(change.id, "failed", obstacle) if obstacle else None

    def _there(self, change: Change) -> tuple[OutcomeStatus, str]:
        if change.id in self._accepted:
            return "done", ""
        return ("done", "The answer was lost, but it is written.") if change.id in self._lost else ("already", "")

    def _write(self, changes: Sequence[Change]) -> None:
        """Send step by step, until one is refused."""
        try:
            steps = self._target.steps(changes)
        except TrackerError as error:
            if error.reason in (*LOST, "limited"):
                raise
            self._settle(changes, "failed", self._target.explain(error))
            return
        for step in steps:
            if not self._send(step):
                self._settle(self._open, "withheld", "An earlier part of the same write failed.")
                return

    def _send(self, step: Step) -> bool:
        """Whether Jira took it."""
        identifiers = {change.id for change in step.changes}
        try:
            step.send()
        except TrackerError as error:
            if error.reason in LOST:
                self._lost |= identifiers
            if error.reason in (*LOST, "limited"):
                raise
            self._settle(step.changes, "stale" if error.status == 409 else "failed", self._target.explain(error))
            return False
        self._accepted |= identifiers
        if any(change.after is None for change in step.changes):  # Jira may accept an empty value and keep the old one
            self._target.load()
            return not self._look(step.changes)
        self._settle(step.changes, "done")
        return True

    def give_up(self, error: TrackerError) -> None:
        """Settle the rest after the last attempt: where an answer was lost, a last look decides."""
        unsure = [change for change in self._open if change.id in self._lost | self._accepted]
        if unsure:
            try:
                with expected_shape():
                    self._client.repeated(self._target.load)
                    self._look(unsure)
            except TrackerError:
                self._settle(unsure, "unknown", f"Whether it was written is not known: {error.sentence()} Run again.")
        self._settle(self._open, "failed", self._target.explain(error))


_KEPT = "Jira accepted the request but did not change the field. Change it by hand."
