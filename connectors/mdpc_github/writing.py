"""Writing milestones through REST, one PATCH a write, after looking at what GitHub holds now.

What is repeated after a limit or a lost answer is the look and the PATCH together: while that is waited for, people may
write.

PyGithub's typed calls cannot clear a due date and move it by a day, so its requester is used. GitHub floors `due_on`
to midnight US-Pacific: noon UTC is the same calendar day before and after that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mdpc import status
from mdpc.changes import Change, Outcome, OutcomeStatus, Value
from mdpc.connector import TrackerError
from mdpc.model import Markup, Ref
from mdpc_github.client import Client
from mdpc_github.records import day
from mdpc_github.rest import repository_path

Milestone = Mapping[str, Any]
"""A milestone as the REST API gives it."""
Found = Mapping[str, Any]
"""A milestone, an issue or a comment as the REST API gives it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a Change: how it is read off a milestone, and what of a PATCH's body sets it.

    `body` is given the milestone with what the write's earlier fields set already in it.
    """

    current: Callable[[Milestone], Value]
    body: Callable[[Milestone, Value], Mapping[str, Any]]


def _due(milestone: Milestone) -> Value:
    due = day(milestone["due_on"])
    return due.isoformat() if due else None


FIELDS: Mapping[str, Field] = {
    "title": Field(lambda m: m["title"], lambda _, v: {"title": v}),
    "due": Field(_due, lambda _, v: {"due_on": None if v is None else f"{v}T12:00:00Z"}),
    "state": Field(lambda m: m["state"], lambda _, v: {"state": v}),
    "description": Field(lambda m: m["description"], lambda _, v: {"description": v}),
    "status": Field(
        lambda m: status.find(m["description"], Markup.BLOCK),
        lambda m, v: {"description": status.place(m["description"], None if v is None else str(v), Markup.BLOCK)},
    ),
}
"""What can be written, in the order in which it is put together: a status goes onto a new description.

Values: `due` is an ISO day or None, `state` is `open` or `closed`, `status` is mdpc's block or None.
"""

_ORDER = tuple(FIELDS)


def apply(client: Client, changes: Sequence[Change]) -> list[Outcome]:
    """Apply the changes of one write to one milestone; an outcome for each, in order.

    Where one of them is stale, none is written: they were decided together. Raises ValueError where they are not of
    one record.
    """
    check_one(changes)
    if not changes:
        return []
    if answer := impossible(client, changes, FIELDS, "milestones"):
        return _all(changes, "failed", answer)
    return Write(client, changes).outcomes()


def check_one(changes: Sequence[Change]) -> None:
    """Raises ValueError where the changes are of several records."""
    if len({(change.ref, change.uid) for change in changes}) > 1:
        raise ValueError("the changes of one write are of one record")


def impossible(client: Client, changes: Sequence[Change], fields: Collection[str], things: str) -> str:
    """Why these can never be written to such things, which have only these fields; empty where they can."""
    if unknown := sorted({change.field for change in changes} - set(fields)):
        return f"GitHub {things} have no {', '.join(unknown)} that mdpc can write."
    if not client.credentials.present:
        return f"Nothing can be written without a token: set {client.variable}."
    return ""


def body_of(found: Milestone, changes: Sequence[Change]) -> dict[str, Any]:
    """What is sent to make a milestone that was found hold what the changes want."""
    body: dict[str, Any] = {}
    for change in sorted(changes, key=lambda c: _ORDER.index(c.field)):
        body |= FIELDS[change.field].body({**found, **body}, change.after)
    return body


def milestone_path(ref: Ref) -> str:
    """The path of a milestone in the API."""
    return f"{repository_path(ref.container.name)}/milestones/{int(ref.id)}"


def _all(changes: Sequence[Change], verdict: OutcomeStatus, answer: str) -> list[Outcome]:
    return [Outcome(change.id, verdict, answer) for change in changes]


@dataclass(slots=True)
class Write:
    """The changes of one write to one milestone, in as many attempts as it takes; what else is written derives from it.

    `sent` are the changes that may have been written: what became of them, the next look says. `looked` is what the
    last look said of each change, None for what is to be written.
    """

    client: Client
    changes: Sequence[Change]
    sent: set[str] = field(default_factory=set)
    looked: dict[str, Outcome | None] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where it is."""
        return milestone_path(self.changes[0].ref)

    def outcomes(self) -> list[Outcome]:
        """Write; an outcome for each change, in order."""
        try:
            return self.client.attempt(self.attempt)
        except TrackerError as error:
            return self.give_up(error)

    def attempt(self) -> list[Outcome]:
        """Look, and write what is still as planned; raises TrackerError where that has to be tried again."""
        found = self.client.look(self.path)
        self.look(found)
        if any(said and said.status == "stale" for said in self.looked.values()):
            return self.with_rest("withheld", "Somebody changed another field of the same write since the plan.")
        if wanted := [change for change in self.changes if self.looked[change.id] is None]:
            self.send(found, wanted)
        return self.with_rest("failed", "")

    def look(self, found: Found) -> None:
        """Say of each change what it comes to."""
        other = self.other(found)
        for change in self.changes:
            self.looked[change.id] = Outcome(change.id, "stale", other) if other else self.verdict(change, found)

    def other(self, found: Found) -> str:
        """Why what was looked at is not what is meant, empty where it is."""
        ref, uid = self.changes[0].ref, self.changes[0].uid
        return f"{ref} is another milestone now than when it was read." if found.get("node_id") != uid else ""

    def verdict(self, change: Change, found: Found) -> Outcome | None:
        """What was looked at says of one change."""
        if self.holds(change, found):
            return Outcome(change.id, "done" if change.id in self.sent else "already")
        return (
            None
            if self.untouched(change, found)
            else Outcome(change.id, "stale", "Somebody changed it since the plan.")
        )

    def holds(self, change: Change, found: Found) -> bool:
        """Whether what a change wants stands there."""
        return FIELDS[change.field].current(found) == change.after

    def untouched(self, change: Change, found: Found) -> bool:
        """Whether what a change was planned on still stands there."""
        return FIELDS[change.field].current(found) == change.before

    def body(self, found: Found, changes: Sequence[Change]) -> dict[str, Any]:
        """What is sent to make what was found hold what the changes want."""
        return body_of(found, changes)

    def checked(self, change: Change, answer: Found) -> Outcome:
        """`done` if the answer holds what was written."""
        if self.holds(change, answer):
            return Outcome(change.id, "done")
        return Outcome(
            change.id, "failed", f"GitHub took the request, but its {change.field} is not what was asked for."
        )

    def with_rest(self, verdict: OutcomeStatus, answer: str) -> list[Outcome]:
        """An outcome for each change, this one for those of which nothing is known yet."""
        return [self.looked[change.id] or Outcome(change.id, verdict, answer) for change in self.changes]

    def send(self, found: Found, changes: Sequence[Change]) -> None:
        """One PATCH with all of them, made of what was just looked at."""
        try:
            answer = self.patch(found, changes)
        except TrackerError as error:
            if error.reason in LOST:
                self.sent.update(change.id for change in changes)
            if error.reason in (*LOST, "limited"):
                raise
            self.looked |= {change.id: Outcome(change.id, "failed", refusal_of(error)) for change in changes}
        else:
            self.looked |= {change.id: self.checked(change, answer) for change in changes}

    def patch(self, found: Found, changes: Sequence[Change]) -> Found:
        """What GitHub answers with."""
        body = self.body(found, changes)
        answer: Found = self.client.patch(self.path, body)
        cleared = body.get("description", "") is None
        if cleared and answer["description"] and answer["description"] == found["description"]:
            # GitHub's API description does not promise that null clears; the empty text does.
            self.sent.update(change.id for change in changes)
            answer = self.client.patch(self.path, {"description": ""})
        return answer

    def give_up(self, error: TrackerError) -> list[Outcome]:
        """The outcomes after the last attempt: where an answer was lost, a last look decides."""
        if not self.sent:
            if error.method != "PATCH":
                self.looked = dict.fromkeys(change.id for change in self.changes)
            return self.with_rest("failed", str(error))
        try:
            self.look(self.client.get(self.path)[1])
        except TrackerError:
            return _all(self.changes, "unknown", f"{error} Whether it was written is not known: run again.")
        return self.with_rest("failed", str(error))


LOST = ("server", "network")
"""Reasons after which nobody knows whether GitHub wrote."""


def title_is_taken(error: TrackerError) -> bool:
    """Whether a write was refused since another milestone, open or closed, has the title."""
    return error.status == 422 and "already_exists" in error.what


def refusal_of(error: TrackerError) -> str:
    """What to do about a refused write; a 404 to a write of what could just be read means a missing right."""
    if title_is_taken(error):
        return f"Another milestone there has this title, open or closed. Rename one of them. {error}"
    if error.reason == "missing" and error.status == 404:
        return (
            f"The token may read but not write here ({error.method} {error.path}: 404). "
            "Give it write access to Issues in this repository."
        )
    return str(error)
