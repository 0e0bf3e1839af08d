"""Making coordination issues: one POST, after a look for an issue of mdpc's own with the same mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mdpc import status
from mdpc.changes import Change, Created, Outcome, Value
from mdpc.connector import TrackerError
from mdpc.coordination import LABEL
from mdpc.marks import mark_at_end
from mdpc.model import Markup
from mdpc.program_ledger import DASHBOARD, closed_dashboard
from mdpc_github.client import Client
from mdpc_github.issue_records import issue_ref, labels
from mdpc_github.issue_rest import issues_path, opened
from mdpc_github.issue_unlabelled import unlabelled
from mdpc_github.issue_writing import is_assigned, no_label, not_assigned, unassignable
from mdpc_github.making import Making
from mdpc_github.own import Own
from mdpc_github.writing import Found, impossible

FIELDS = ("title", "body", "assignee", "label")
"""What an issue is made of."""

Mark = tuple[str, str]


def create(client: Client, own: Own, changes: Sequence[Change]) -> list[Outcome]:
    """Make one issue of the changes of one write; an outcome for each, in order."""
    return _IssueCreation(client, changes, own).outcomes()


def marks_in(text: str | None) -> list[Mark]:
    """The marks of what mdpc wrote in an issue's text, the text's own first: at its end, else the last of its block.

    Memory is no mark.
    """
    block = (status.find(text, Markup.BLOCK) or "").splitlines()
    found = [mark_at_end(text), *(mark_at_end(line) for line in reversed(block))]
    return [each for each in found if each is not None and each[0] != "memory"]


def unknown_account(own: Own, client: Client) -> str:
    """Why nothing can be made that has to be found again, empty where it can: by its author mdpc knows its own."""
    if own.known:
        return ""
    step = f"List the account under `accounts` of its connector, or set {client.variable}"
    return f"GitHub does not say as whom mdpc writes, so it would not know what it made. {step}."


class _IssueCreation(Making):
    """One coordination issue to be made."""

    __slots__ = ("own",)

    def __init__(self, client: Client, changes: Sequence[Change], own: Own) -> None:
        super().__init__(client, changes)
        self.own = own

    def wanted(self, field: str) -> Value:
        """What a field shall hold."""
        return next((change.after for change in self.changes if change.field == field), None)

    @property
    def repository(self) -> str:
        """OWNER/NAME."""
        return self.changes[0].ref.container.name

    @property
    def path(self) -> str:
        """Where the repository's issues are."""
        return issues_path(self.repository)

    @property
    def body(self) -> Mapping[str, Any]:
        """What is sent; GitHub makes a label that is not there yet."""
        extra = [str(change.after) for change in self.changes if change.field == "label" and change.after]
        assignee = self.wanted("assignee")
        return {
            "title": self.wanted("title"),
            "body": self.wanted("body"),
            "labels": list(dict.fromkeys((LABEL, *extra))),
        } | ({"assignees": [assignee]} if assignee else {})

    @property
    def mark(self) -> Mark | None:
        """The mark of the body to be written."""
        return next(iter(marks_in(str(self.wanted("body") or ""))), None)

    def impossible(self) -> str:
        """Why it cannot be made, empty where it can."""
        if answer := impossible(self.client, self.changes, FIELDS, "issues") or unknown_account(self.own, self.client):
            return answer
        if not str(self.wanted("title") or "").strip():
            return "An issue cannot be made without a title."
        return "" if self.mark else "An issue cannot be made without a mark in its text, by which it is found again."

    def find(self) -> Found | None:
        """The oldest issue of mdpc's own that carries the mark; of those without the label one that changed of late."""
        query = {"labels": LABEL, "state": "all", "direction": "asc"}
        query |= {"creator": self.own.creator} if self.own.creator else {}
        listed = self.client.pages(self.path, query, once=True)
        found = self.oldest(opened(listed, self.own))
        return found or self.oldest(unlabelled(self.client.look, self.own, self.repository))

    def oldest(self, issues: Iterable[Found]) -> Found | None:
        """The first made of the issues that carry the mark."""
        fitting = (each for each in issues if self.mark in marks_in(each["body"]))
        return min(fitting, key=lambda each: int(each["number"]), default=None)

    def before(self) -> list[Outcome] | None:
        """`already` where it is there; a dashboard that was closed too long ago to be read is to be opened first."""
        found = self.find()
        if found is None:
            return None
        if found["state"] == "closed" and self.mark and self.mark[0] == DASHBOARD:
            return self.all("failed", f"{closed_dashboard(found['html_url'])}.")
        return self.all("already", "", self.created(found))

    def post(self) -> Found:
        """Send it; without the assignee where GitHub refuses it for their sake."""
        try:
            answer: Found = self.client.post(self.path, self.body)
        except TrackerError as error:
            if not unassignable(error) or "assignees" not in self.body:
                raise
            rest = {name: value for name, value in self.body.items() if name != "assignees"}
            answer = self.client.post(self.path, rest)
        return answer

    def created(self, found: Found) -> Created:
        """What the issue is known by."""
        ref = issue_ref(self.changes[0].ref.container, found["number"])
        return Created(ref.id, found["node_id"], found["html_url"])

    def made(self, answer: Found) -> list[Outcome]:
        """`done`, with what GitHub left out; a label that it left out has failed, since it is looked for by it."""
        return [self._made(change, answer) for change in self.changes]

    def _made(self, change: Change, answer: Found) -> Outcome:
        created = self.created(answer)
        if change.field == "assignee" and not is_assigned(answer, change.after):
            return Outcome(change.id, "done", not_assigned(change.after), created)
        if change.field == "label" and change.after not in labels(answer):
            return Outcome(change.id, "failed", no_label(change.after), created)
        return Outcome(change.id, "done", "", created)
