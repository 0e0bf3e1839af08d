"""Applying the changes of one write: look first, write what is still as planned, and look again after a lost answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mdpc.connector import TrackerError
from mdpc.model import Change, Outcome, OutcomeStatus, Value

LOST = ("network", "server")
"""Reasons after which nobody knows whether Jira wrote."""


@dataclass(frozen=True, slots=True)
class Step:
    """One writing request and the changes that it carries."""

    changes: tuple[Change, ...]
    send: Callable[[], None]


class Target(Protocol):
    """A version or an issue that is written to."""

    def load(self) -> None:
        """Ask Jira what it holds; raises TrackerError."""

    def held(self, field: str) -> Value:
        """What it holds in `field`, in the words of a Change; raises KeyError for what mdpc does not write here."""

    def obstacle(self, change: Change) -> str | None:
        """Why Jira could not take a change, in a sentence; None if it can."""

    def steps(self, changes: Sequence[Change]) -> Sequence[Step]:
        """The requests that write the changes; raises TrackerError where not even that can be found out."""

    def explain(self, error: TrackerError) -> str:
        """What a refusal means here, with the next step."""


def apply(target: Target, changes: Sequence[Change]) -> list[Outcome]:
    """An outcome for each change, in order. One that is stale or impossible withholds the others of its write."""
    try:
        target.load()
    except TrackerError as error:
        return [Outcome(change.id, "failed", target.explain(error)) for change in changes]
    looked = {change.id: _look(target, change) for change in changes}
    due = [change for change in changes if looked[change.id] is None]
    outcomes = {identifier: outcome for identifier, outcome in looked.items() if outcome}
    blocking = next((outcome for outcome in outcomes.values() if outcome.status != "already"), None)
    if blocking:
        answer = "Another part of the same write is not as planned."
        outcomes |= {change.id: Outcome(change.id, "withheld", answer) for change in due}
    elif due:
        outcomes |= {outcome.change: outcome for outcome in _write(target, due)}
    return [outcomes[change.id] for change in changes]


def _look(target: Target, change: Change) -> Outcome | None:
    """What can be said without writing: None where the change is still to be made."""
    try:
        held = target.held(change.field)
    except KeyError:
        return Outcome(change.id, "failed", f"mdpc does not write the field {change.field!r} here.")
    if held == change.after:
        return Outcome(change.id, "already")
    if held != change.before:
        return Outcome(change.id, "stale", "It was changed since it was read.")
    obstacle = target.obstacle(change)
    return Outcome(change.id, "failed", obstacle) if obstacle else None


def _write(target: Target, changes: Sequence[Change]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    try:
        steps = target.steps(changes)
    except TrackerError as error:
        return _all(changes, "failed", target.explain(error))
    for step in steps:
        if any(outcome.status != "done" for outcome in outcomes):
            outcomes += _all(step.changes, "withheld", "An earlier part of the same write failed.")
        else:
            outcomes += _send(target, step)
    return outcomes


def _send(target: Target, step: Step) -> list[Outcome]:
    try:
        step.send()
    except TrackerError as error:
        if error.reason in LOST:
            return _look_again(target, step, error)
        return _all(step.changes, "stale" if error.status == 409 else "failed", target.explain(error))
    if any(change.after is None for change in step.changes):
        return _cleared(target, step)
    return _all(step.changes, "done")


def _look_again(target: Target, step: Step, error: TrackerError) -> list[Outcome]:
    """What became of a write whose answer was lost."""
    try:
        target.load()
    except TrackerError:
        return _all(step.changes, "unknown", f"The answer was lost: {error.sentence()}")
    if all(target.held(change.field) == change.after for change in step.changes):
        return _all(step.changes, "done", "The answer was lost, but it is written.")
    if all(target.held(change.field) == change.before for change in step.changes):
        return _all(step.changes, "failed", f"Nothing was written: {error.sentence()}")
    return _all(step.changes, "unknown", f"The answer was lost, and it holds something else now: {error.sentence()}")


def _cleared(target: Target, step: Step) -> list[Outcome]:
    """Jira may accept an empty value and keep the old one: believe it only after a look."""
    try:
        target.load()
    except TrackerError as error:
        return _all(step.changes, "unknown", f"It could not be looked at again: {error.sentence()}")
    return [
        Outcome(change.id, "done")
        if target.held(change.field) == change.after
        else Outcome(change.id, "failed", "Jira accepted the request but did not change the field. Change it by hand.")
        for change in step.changes
    ]


def _all(changes: Sequence[Change], status: OutcomeStatus, answer: str = "") -> list[Outcome]:
    return [Outcome(change.id, status, answer) for change in changes]
