"""Making one record: one POST, and a look for what it made wherever nobody can be sure.

A POST is never sent again once it may have been carried out. What it made is known by the milestone's id in the status
that it carries from the first request on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from mdpc import status
from mdpc.changes import Change, Created, Outcome, OutcomeStatus
from mdpc.connector import TrackerError
from mdpc.model import ContainerRef, Markup, Ref
from mdpc_jira import writing
from mdpc_jira.client import JiraClient
from mdpc_jira.errors import expected_shape
from mdpc_jira.writing import LOST, Target

_ID = re.compile(r"\[(m[0-9a-f]{12})\]$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Made:
    """A record that is there, and whether it is closed."""

    created: Created
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a creation."""

    status: OutcomeStatus
    answer: str = ""
    made: Made | None = None


class Maker(Protocol):
    """Makes a version or an epic. Its requests are sent once: what they are part of is repeated."""

    sure: bool
    """Whether a look right after the making sees what was made."""

    def obstacle(self) -> str | None:
        """Why it cannot be made, in a sentence; None if it can."""

    def standing(self) -> Made | None:
        """What stands there already with the milestone's id, where Jira would not refuse a second one.

        Asked before anything is sent, and repeated by itself; raises TrackerError.
        """

    def prepare(self) -> None:
        """Ask Jira what has to be known before; writes nothing. Raises TrackerError."""

    def send(self) -> Made:
        """Make it, by one request; raises TrackerError."""

    def find(self) -> Made | None:
        """Look for the mark; raises TrackerError, also where no mark was to be written."""

    def taken(self, error: TrackerError) -> Verdict | None:
        """What it means where the title is taken; None if that is not what the refusal says. Raises TrackerError."""

    def explain(self, error: TrackerError) -> str:
        """What a refusal means here, with the next step."""

    def target(self, created: Created) -> Target:
        """What was made, to be written to."""


class Wanted:
    """What the changes of a creation want, by field."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.container: ContainerRef = changes[0].ref.container
        self._after = {change.field: change.after for change in changes}

    def text(self, field: str) -> str | None:
        """What a field is to hold, None for nothing."""
        value = self._after.get(field)
        return None if value is None else str(value)

    @property
    def closed(self) -> bool:
        """Whether it is to be closed."""
        return self._after.get("state") == "closed"

    def beyond(self, known: Sequence[str]) -> str | None:
        """Why it cannot be made: a field that such records have not, or no title."""
        if unknown := sorted(self._after.keys() - set(known)):
            return f"mdpc does not write the field {unknown[0]!r} here."
        return None if (self.text("title") or "").strip() else "Nothing can be made without a title."


def mark_in(text: str | None) -> str | None:
    """The id of the milestone whose status stands in a text."""
    found = _ID.findall(status.find(text, Markup.LINE) or "")
    return found[-1] if found else None


def create(client: JiraClient, maker: Maker, changes: Sequence[Change], *, look_first: bool = False) -> list[Outcome]:
    """Make one record of the changes of one write; an outcome for each, in order.

    With `look_first` it is looked for by its mark before anything is sent.
    """
    creation = _Creation(client, maker, look_first)
    if obstacle := maker.obstacle():
        verdict = Verdict("failed", obstacle)
    else:
        try:
            with expected_shape():
                standing = maker.standing()
                verdict = _already(standing) if standing else client.attempt(creation.attempt)
        except TrackerError as error:
            verdict = creation.give_up(error)
    return [_outcome(client, maker, change, verdict) for change in changes]


def _already(made: Made) -> Verdict:
    """What was made before, as by a saved plan that is applied a second time."""
    return Verdict("already", "It was made before.", made)


def _outcome(client: JiraClient, maker: Maker, change: Change, verdict: Verdict) -> Outcome:
    """One change's outcome. A state that a new record cannot begin with is written afterwards."""
    if verdict.made is None:
        return Outcome(change.id, verdict.status, verdict.answer)
    created = verdict.made.created
    if verdict.status == "done" and change.field == "state" and change.after == "closed" and not verdict.made.closed:
        ref = Ref(change.ref.container, created.id)
        closing = replace(change, kind="update", ref=ref, uid=created.uid, before="open")
        return replace(writing.apply(client, maker.target(created), [closing])[0], created=created)
    return Outcome(change.id, verdict.status, verdict.answer, created)


class _Creation:
    """One record to be made, in as many attempts as it takes; `lost` is why its answer is not known."""

    def __init__(self, client: JiraClient, maker: Maker, look_first: bool) -> None:
        self._client = client
        self._maker = maker
        self._look_first = look_first
        self._lost: TrackerError | None = None

    def attempt(self) -> Verdict:
        """Send it, or look for it where it was sent already; raises TrackerError where that has to be tried again."""
        if self._lost:
            return self._look_for(self._lost)
        if self._look_first and (there := self._maker.find()):
            return Verdict("already", "", there)
        self._maker.prepare()
        try:
            with expected_shape():
                return Verdict("done", "", self._maker.send())
        except TrackerError as error:
            if unanswered(error):
                self._lost = error
            if error.reason in (*LOST, "limited"):
                raise
            if self._lost:
                return self._look_for(self._lost)
            return self._maker.taken(error) or Verdict("failed", self._maker.explain(error))

    def _look_for(self, lost: TrackerError) -> Verdict:
        """Find by its mark what may have been made. Where a look may come too early, it is tried again."""
        made = self._maker.find()
        if made:
            return Verdict("done", "The answer was lost, but it is there.", made)
        if self._maker.sure:
            return Verdict("failed", f"It was not made: {lost.sentence()}")
        raise TrackerError("Jira's search does not show it", reason="server")

    def give_up(self, error: TrackerError) -> Verdict:
        """What can be said after the last attempt: where an answer was lost, a last look decides."""
        if self._lost is None:
            return Verdict("failed", self._maker.explain(error))
        try:
            with expected_shape():
                return self._look_for(self._lost)
        except TrackerError:
            lost = self._lost.sentence()
            return Verdict("unknown", f"Whether it was made is not known: {lost} Look before you run again.")


def unanswered(error: TrackerError) -> bool:
    """Whether nobody knows if it was made: no answer, a failing server, or a success that cannot be read."""
    return error.reason in LOST or (error.status is not None and error.status < 300)
