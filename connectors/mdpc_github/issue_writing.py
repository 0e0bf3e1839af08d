"""Writing coordination issues through REST, one PATCH a write, after looking at what GitHub holds now.

GitHub takes assignees only from who may be assigned: others it drops, or refuses the request for their sake (422 with
`assignees` and `invalid`). Both are told and fail nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mdpc import status
from mdpc.changes import Change, Outcome
from mdpc.connector import TrackerError
from mdpc.model import Markup
from mdpc_github.client import Client
from mdpc_github.issue_records import assigned, issue_number, labels
from mdpc_github.issue_rest import issue_path
from mdpc_github.own import normalised
from mdpc_github.writing import Found, Write, check_one, impossible

FIELDS = ("title", "body", "state", "assignee", "label")
"""What can be written to an issue that is there."""


def apply(client: Client, changes: Sequence[Change]) -> list[Outcome]:
    """Apply the changes of one write to one issue; an outcome for each, in order.

    Raises ValueError where they are not of one issue.
    """
    check_one(changes)
    answer = impossible(client, changes, FIELDS, "issues")
    if not answer and issue_number(changes[0].ref.id) is None:
        answer = f"{changes[0].ref} is no issue's address."
    if answer:
        return [Outcome(change.id, "failed", answer) for change in changes]
    return IssueWrite(client, changes).outcomes()


def unassignable(error: TrackerError) -> bool:
    """Whether a request was refused since somebody cannot be assigned."""
    return error.status == 422 and "assignee" in error.what


def not_assigned(login: object) -> str:
    """What to say where GitHub did not assign somebody."""
    return f"GitHub did not assign {login}: only who has access to the repository can be."


def is_assigned(found: Found, login: object) -> bool:
    """Whether an issue is assigned to that login; to nobody in particular where it is None."""
    return login is None or normalised(str(login)) in {normalised(each) for each in assigned(found)}


class IssueWrite(Write):
    """The changes of one write to one issue."""

    __slots__ = ()

    @property
    def path(self) -> str:
        """Where the issue is."""
        ref = self.changes[0].ref
        return issue_path(ref.container.name, issue_number(ref.id) or 0)

    def other(self, found: Found) -> str:
        """Why what was found is another issue: GitHub leads on to where one was transferred."""
        return another_issue(self.changes[0], found)

    def holds(self, change: Change, found: Found) -> bool:
        """Whether what a change wants stands there."""
        if change.field == "assignee":
            gone = change.before is None or not is_assigned(found, change.before)
            return is_assigned(found, change.after) and (gone or change.before == change.after)
        if change.field == "label":
            return change.after in labels(found)
        return _current(change, found) == change.after

    def untouched(self, change: Change, found: Found) -> bool:
        """Whether what a change was planned on still stands there; people may add labels and assignees meanwhile."""
        if change.field == "assignee":
            return is_assigned(found, change.before)
        return change.field == "label" or _current(change, found) == change.before

    def body(self, found: Found, changes: Sequence[Change]) -> dict[str, Any]:
        """What is sent; assignees and labels are replaced all together."""
        body: dict[str, Any] = {}
        for change in changes:
            if change.field == "assignee":
                body["assignees"] = _assignees(found, change)
            elif change.field == "label":
                body["labels"] = [*body.get("labels", labels(found)), change.after]
            elif change.field in ("state", "title"):
                body[change.field] = change.after
            else:
                text = None if change.after is None else str(change.after)
                body["body"] = status.place(found["body"], text, Markup.BLOCK)
        return body

    def patch(self, found: Found, changes: Sequence[Change]) -> Found:
        """What GitHub answers with; without the assignee where it refuses the request for their sake."""
        body = self.body(found, changes)
        try:
            answer: Found = self.client.patch(self.path, body)
        except TrackerError as error:
            if not unassignable(error) or not any(change.field == "assignee" for change in changes):
                raise
        else:
            return answer
        rest = [replace(change, after=None) if change.field == "assignee" else change for change in changes]
        left = self.body(found, rest)
        if left == {"assignees": list(assigned(found))}:
            return found
        without: Found = self.client.patch(self.path, left)
        return without

    def checked(self, change: Change, answer: Found) -> Outcome:
        """`done` if the answer holds what was written, or lacks only who cannot be assigned."""
        if change.field == "assignee" and not is_assigned(answer, change.after):
            return Outcome(change.id, "done", not_assigned(change.after))
        if change.field == "label" and not self.holds(change, answer):
            return Outcome(change.id, "failed", no_label(change.after))
        return super().checked(change, answer)


def another_issue(change: Change, found: Found) -> str:
    """Why what was found is not the issue that a change is of, empty where it is."""
    number = issue_number(change.ref.id.partition("/")[0])
    if found.get("number") != number or found.get("node_id") != change.uid:
        return f"{change.ref} is another issue now than when it was read."
    return ""


def no_label(label: object) -> str:
    """What to say where GitHub did not put a label on."""
    return f"GitHub did not put the label {label} on. Give the account the role Triage or Write in this repository."


def _current(change: Change, found: Mapping[str, Any]) -> str | None:
    if change.field in ("state", "title"):
        return str(found[change.field])
    return status.find(found["body"], Markup.BLOCK)


def _assignees(found: Found, change: Change) -> list[str]:
    off = None if change.before is None else normalised(str(change.before))
    kept = [login for login in assigned(found) if normalised(login) != off]
    if change.after is None or is_assigned({"assignees": [{"login": login} for login in kept]}, change.after):
        return kept
    return [*kept, str(change.after)]
