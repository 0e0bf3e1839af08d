"""Writing milestones through REST, one PATCH a write, after looking at what GitHub holds now.

PyGithub's typed calls cannot clear a due date and move it by a day, so its requester is used. GitHub floors `due_on`
to midnight US-Pacific: noon UTC is the same calendar day before and after that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdpc import status
from mdpc.connector import TrackerError
from mdpc.model import Change, Markup, Outcome, OutcomeStatus, Ref, Value
from mdpc_github.client import Client
from mdpc_github.records import day
from mdpc_github.rest import repository_path

Milestone = Mapping[str, Any]
"""A milestone as the REST API gives it."""


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
    if len({(change.ref, change.uid) for change in changes}) > 1:
        raise ValueError("the changes of one write are of one record")
    if not changes:
        return []
    if answer := _impossible(client, changes):
        return _all(changes, "failed", answer)
    path = milestone_path(changes[0].ref)
    try:
        found = client.get(path)[1]
    except TrackerError as error:
        return _all(changes, "failed", str(error))
    if found.get("node_id") != changes[0].uid:
        return _all(changes, "stale", f"{changes[0].ref} is another milestone now than when it was read.")
    verdicts = {change.id: _verdict(change, found) for change in changes}
    if "stale" in verdicts.values():
        return [_withheld(change, verdicts[change.id]) for change in changes]
    wanted = [change for change in changes if verdicts[change.id] is None]
    written = _write(client, path, found, wanted) if wanted else {}
    return [written.get(change.id) or Outcome(change.id, "already") for change in changes]


def _impossible(client: Client, changes: Sequence[Change]) -> str:
    """Why these can never be written, empty where they can."""
    if unknown := sorted({change.field for change in changes} - FIELDS.keys()):
        return f"GitHub milestones have no {', '.join(unknown)} that mdpc can write."
    if not client.credentials.present:
        return f"Nothing can be written without a token: set {client.variable}."
    return ""


_STALE = "Somebody changed it since the plan."


def milestone_path(ref: Ref) -> str:
    """The path of a milestone in the API."""
    return f"{repository_path(ref.container.name)}/milestones/{int(ref.id)}"


def _all(changes: Sequence[Change], verdict: OutcomeStatus, answer: str) -> list[Outcome]:
    return [Outcome(change.id, verdict, answer) for change in changes]


def _verdict(change: Change, found: Milestone) -> OutcomeStatus | None:
    """`already`, `stale`, or None where the change is to be written."""
    current = FIELDS[change.field].current(found)
    if current == change.after:
        return "already"
    return None if current == change.before else "stale"


def _withheld(change: Change, verdict: OutcomeStatus | None) -> Outcome:
    if verdict is None:
        return Outcome(change.id, "withheld", "Somebody changed another field of the same write since the plan.")
    return Outcome(change.id, verdict, _STALE if verdict == "stale" else "")


def _write(client: Client, path: str, found: Milestone, changes: Sequence[Change]) -> Mapping[str, Outcome]:
    """One PATCH with all of them; by change id."""
    body: dict[str, Any] = {}
    for change in sorted(changes, key=lambda c: _ORDER.index(c.field)):
        body |= FIELDS[change.field].body({**found, **body}, change.after)
    try:
        answer = client.patch(path, body)
        if body.get("description", "") is None and answer["description"]:
            # GitHub's API description does not promise that null clears; the empty text does.
            answer = client.patch(path, {"description": ""})
    except TrackerError as error:
        if error.reason in ("server", "network"):
            return _look_again(client, path, changes, error)
        return {change.id: Outcome(change.id, "failed", _right_missing(error)) for change in changes}
    return {change.id: _checked(change, answer) for change in changes}


def _right_missing(error: TrackerError) -> str:
    """What to do about a refused write; a 404 to a write of what could just be read means a missing right."""
    if error.reason == "missing" and error.status == 404:
        return (
            f"The token may read but not write here ({error.method} {error.path}: 404). "
            "Give it write access to Issues in this repository."
        )
    return str(error)


def _checked(change: Change, answer: Milestone) -> Outcome:
    """`done` if the answer holds what was written."""
    if FIELDS[change.field].current(answer) == change.after:
        return Outcome(change.id, "done")
    return Outcome(change.id, "failed", f"GitHub took the request, but its {change.field} is not what was asked for.")


def _look_again(client: Client, path: str, changes: Sequence[Change], error: TrackerError) -> Mapping[str, Outcome]:
    """After a lost answer: what does GitHub hold?"""
    try:
        found = client.get(path)[1]
    except TrackerError:
        answer = f"{error} Whether it was written is not known: run again."
        return {change.id: Outcome(change.id, "unknown", answer) for change in changes}
    return {
        change.id: Outcome(change.id, "done")
        if FIELDS[change.field].current(found) == change.after
        else Outcome(change.id, "failed", str(error))
        for change in changes
    }
