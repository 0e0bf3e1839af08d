"""Writing comments: one that is made once, or one of mdpc's own that is changed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from mdpc.changes import Change, Created, Outcome, OutcomeStatus
from mdpc.connector import TrackerError
from mdpc.coordination import Comment
from mdpc.marks import mark_at_end
from mdpc.model import Account
from mdpc_jira.client import JiraClient
from mdpc_jira.comments import comments_of
from mdpc_jira.coordination_target import LONGEST_TEXT
from mdpc_jira.creating import unanswered
from mdpc_jira.errors import expected_shape
from mdpc_jira.issues import issue_api, rich_text

Said = tuple[OutcomeStatus, str]


def write_comment(client: JiraClient, site: str, change: Change, own: frozenset[str]) -> Outcome:
    """Make or change one comment. `own` are mdpc's accounts, lower-cased; `site` is the site's address for people.

    Raises TrackerError where Jira has to be asked whether it is on Cloud, and does not answer.
    """
    if len(str(change.after or "")) > LONGEST_TEXT:
        return Outcome(change.id, "failed", f"Jira allows {LONGEST_TEXT:,} characters in a comment.")
    writer = _Editing(client, site, change, own) if "/" in change.ref.id else _Making(client, site, change, own)
    try:
        with expected_shape():
            said = client.attempt(writer.attempt)
    except TrackerError as error:
        said = writer.give_up(error)
    made = writer.there if said[0] in ("done", "already") else ""
    return Outcome(change.id, *said, Created(made, made, "") if made else None)


class _Writing(ABC):
    """One comment to be written, in as many attempts as it takes; `lost` is why its answer is not known.

    `there` is the id of the one that was made or found made.
    """

    def __init__(self, client: JiraClient, site: str, change: Change, own: frozenset[str]) -> None:
        self._client = client
        self._site = site
        self._change = change
        self._own = own
        self._key, _, self._comment = change.ref.id.partition("/")
        self._path = f"issue/{quote(self._key, safe='')}"
        self._api = issue_api(client)
        self._text = str(change.after or "")
        self._lost: TrackerError | None = None
        self.there = ""

    def attempt(self) -> Said:
        """Look, and write what is not there; raises TrackerError where that has to be tried again."""
        if said := self._look():
            return said
        try:
            with expected_shape():
                self._send()
        except TrackerError as error:
            if unanswered(error):
                self._lost = error
            if self._lost or error.reason == "limited":
                raise
            return "failed", self._explained(error)
        return "done", ""

    def _look(self) -> Said | None:
        """What can be said after asking Jira: None where it is still to be written. Raises TrackerError."""
        issue = self._client.look(self._path, {"fields": "comment"}, api=self._api)
        if issue["key"] != self._key:
            return "stale", f"{self._change.ref.container}#{self._key} is called {issue['key']} now: it was moved."
        ask = partial(self._client.look, api=self._api)
        return self._verdict(comments_of(ask, self._change.ref.container.connector, self._site, issue))

    @abstractmethod
    def _verdict(self, comments: Sequence[Comment]) -> Said | None:
        """What can be said after a look: None where it is still to be written."""

    @abstractmethod
    def _send(self) -> None:
        """Write it, by one request; raises TrackerError."""

    def _there(self) -> Said:
        return ("done", "The answer was lost, but it is written.") if self._lost else ("already", "")

    def give_up(self, error: TrackerError) -> Said:
        """What can be said after the last attempt: where an answer was lost, a last look decides."""
        if self._lost is None:
            return "failed", self._explained(error)
        try:
            with expected_shape():
                return self._look() or ("failed", self._explained(error))
        except TrackerError:
            return "unknown", _unknown(self._lost)

    def _explained(self, error: TrackerError) -> str:
        if error.reason == "missing":
            return f"The issue is gone, or this account may not see it any more: {error.sentence()}"
        if error.reason == "forbidden" or error.status == 400:
            right = f"Add Comments and Edit Own Comments on {self._change.ref.container.name}"
            return f"{error.sentence()} Writing comments needs {right}."
        return error.sentence()


class _Making(_Writing):
    """A comment that is made once."""

    def _verdict(self, comments: Sequence[Comment]) -> Said | None:
        mark = mark_at_end(self._text)
        same = [each.id for each in comments if self._is_own(each) and mark_at_end(each.body) == mark]
        if mark is not None and same:
            self.there = same[0]
            return self._there()
        if self._lost:
            # It is never sent twice: the first request may still be on its way.
            return ("unknown", _unknown(self._lost)) if mark is None else ("failed", _not_made(self._lost))
        if self._change.seen and any(not self._by_us(each.author) for each in self._since(comments)):
            return "stale", "Somebody wrote a comment since it was read."
        return None

    def _since(self, comments: Sequence[Comment]) -> Sequence[Comment]:
        """The comments after the one that was seen last; where that is gone, those with a higher number."""
        seen = self._change.seen
        for place, each in enumerate(comments):
            if each.id == seen:
                return comments[place + 1 :]
        return [
            each for each in comments if not (each.id.isdecimal() and seen.isdecimal() and int(each.id) < int(seen))
        ]

    def _is_own(self, comment: Comment) -> bool:
        """Whether mdpc wrote it and nobody else changed it."""
        return self._by_us(comment.author) and (comment.edited_at is None or self._by_us(comment.editor))

    def _by_us(self, account: Account | None) -> bool:
        return account is not None and account.login.lower() in self._own

    def _send(self) -> None:
        made = self._client.post(f"{self._path}/comment", {"body": rich_text(self._text, self._api)}, api=self._api)
        self.there = str(made["id"])  # an answer without it is none that can be believed


class _Editing(_Writing):
    """A comment that is changed as a whole."""

    def _verdict(self, comments: Sequence[Comment]) -> Said | None:
        held = next((each.body for each in comments if each.id == self._comment), None)
        if held is None:
            return "stale", "The comment is gone."
        if held == self._text:
            return self._there()
        return None if held == self._change.before else ("stale", "It was changed since it was read.")

    def _send(self) -> None:
        path, body = f"{self._path}/comment/{quote(self._comment, safe='')}", rich_text(self._text, self._api)
        if self._client.cloud:
            try:
                self._client.put(path, {"body": body}, {"notifyUsers": "false"}, api=self._api)
            except TrackerError as error:
                if error.status != 403:
                    raise
            else:
                return
        self._client.put(path, {"body": body}, api=self._api)


def _not_made(lost: TrackerError) -> str:
    return f"It was not made: {lost.sentence()}"


def _unknown(lost: TrackerError) -> str:
    return f"Whether it was written is not known: {lost.sentence()} Look before you run again."
