"""Writing comments through REST: one POST or one PATCH, after looking at what stands there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mdpc.changes import Change, Created, Outcome
from mdpc.connector import TrackerError
from mdpc.marks import mark_at_end
from mdpc_github.client import Client
from mdpc_github.issue_creating import unknown_account
from mdpc_github.issue_records import issue_number, rest_account
from mdpc_github.issue_rest import issue_path
from mdpc_github.issue_source import IssueSource
from mdpc_github.issue_writing import another_issue
from mdpc_github.making import Making
from mdpc_github.own import Own
from mdpc_github.rest import repository_path
from mdpc_github.writing import Found, Write, impossible


def apply(client: Client, source: IssueSource, own: Own, changes: Sequence[Change]) -> list[Outcome]:
    """Make or edit one comment; the one outcome. Raises ValueError for more than one change."""
    (change,) = changes
    issue, slash, comment = change.ref.id.partition("/")
    answer = impossible(client, changes, (change.field,), "comments") or unknown_account(own, client)
    if not answer and (issue_number(issue) is None or (slash and not comment.isdecimal())):
        answer = f"{change.ref} is the address of no issue and of no comment."
    if answer:
        return [Outcome(change.id, "failed", answer)]
    if slash:
        return _CommentEdit(client, changes, own).outcomes()
    return _CommentCreation(client, changes, source, own).outcomes()


class _CommentCreation(Making):
    """One comment to be made."""

    __slots__ = ("own", "source")

    def __init__(self, client: Client, changes: Sequence[Change], source: IssueSource, own: Own) -> None:
        super().__init__(client, changes)
        self.source = source
        self.own = own

    @property
    def change(self) -> Change:
        """The one change."""
        return self.changes[0]

    @property
    def issue(self) -> str:
        """Where the issue is."""
        return issue_path(self.change.ref.container.name, issue_number(self.change.ref.id) or 0)

    @property
    def path(self) -> str:
        """Where the issue's comments are."""
        return f"{self.issue}/comments"

    @property
    def body(self) -> Mapping[str, Any]:
        """What is sent."""
        return {"body": self.change.after}

    def impossible(self) -> str:
        """Why it cannot be made, empty where it can."""
        if mark_at_end(str(self.change.after or "")):
            return ""
        return "A comment cannot be made without a mark at its end, by which it is found again."

    def before(self) -> list[Outcome] | None:
        """`already` where it is there; `stale` on another issue, and where people wrote since the plan."""
        if other := another_issue(self.change, self.client.look(self.issue)):
            return self.all("stale", other)
        comments = self.listed()
        if (there := self.fitting(comments)) is not None:
            return self.all("already", created=self.created(there))
        if self.change.seen and any(self.is_news(comment) for comment in comments):
            return self.all("stale", "Somebody wrote a comment since the plan.")
        return None

    def find(self) -> Found | None:
        """The comment, if it is there."""
        return self.fitting(self.listed())

    def listed(self) -> list[Found]:
        """All comments of the issue, oldest first."""
        return list(self.client.pages(self.path, {}, once=True))

    def fitting(self, comments: Sequence[Found]) -> Found | None:
        """The comment of mdpc's own with the same mark that nobody else edited; what people edited counts no more."""
        mark = mark_at_end(str(self.change.after))
        same = (each for each in comments if self.is_own(each) and mark_at_end(each.get("body")) == mark)
        return next((each for each in same if self.source.unedited(each)), None)

    def is_own(self, comment: Found) -> bool:
        """Whether mdpc wrote it."""
        return self.own.wrote(rest_account("", comment["user"]))

    def is_news(self, comment: Found) -> bool:
        """Whether others wrote it after the comment that the plan saw last. Ids grow, and what was seen may be gone."""
        return not self.is_own(comment) and int(comment["id"]) > int(self.change.seen)

    def created(self, found: Found) -> Created:
        """The comment, by whose id it can be edited."""
        return Created(str(found["id"]), str(found["id"]), str(found.get("html_url", "")))

    def made(self, answer: Found) -> list[Outcome]:
        """`done`, unless the answer names no comment: then it is looked for."""
        if not isinstance(answer, dict) or "id" not in answer:
            raise TrackerError("GitHub's answer names no comment", reason="server", method="POST", path=self.path)
        return self.all("done", created=self.created(answer))


class _CommentEdit(Write):
    """One comment of mdpc's own to be edited, which notifies nobody."""

    __slots__ = ("own",)

    def __init__(self, client: Client, changes: Sequence[Change], own: Own) -> None:
        super().__init__(client, changes)
        self.own = own

    @property
    def path(self) -> str:
        """Where the comment is."""
        ref = self.changes[0].ref
        return f"{repository_path(ref.container.name)}/issues/comments/{ref.id.partition('/')[2]}"

    def other(self, found: Found) -> str:
        """Why what was found is not meant: a comment of another issue, or somebody else's."""
        ref = self.changes[0].ref
        on = str(found["issue_url"]).rpartition("/")[2]
        if on != str(issue_number(ref.id.partition("/")[0])):
            return f"{ref} is a comment on another issue now than when it was read."
        own = self.own.wrote(rest_account("", found["user"]))
        return "" if own else f"{ref} is somebody else's comment: mdpc edits its own alone."

    def holds(self, change: Change, found: Found) -> bool:
        """Whether it says already what it shall say."""
        return found.get("body") == change.after

    def untouched(self, change: Change, found: Found) -> bool:
        """Whether it still says what it said when it was read."""
        return found.get("body") == change.before

    def body(self, found: Found, changes: Sequence[Change]) -> dict[str, Any]:
        """What is sent."""
        del found
        return {"body": changes[0].after}
