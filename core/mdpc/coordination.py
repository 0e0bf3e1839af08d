"""The nouns of coordination issues: the issue where one milestone is talked about, its comments, and who may speak.

Like `mdpc.model`, frozen values. All text in them is people's, or was mdpc's and may have been changed since: who wrote
a text and who last edited it says what it counts for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from mdpc.model import Account, Markup, Ref, Unread

LABEL = "milestone"
"""The label that every coordination issue carries."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as its tracker holds it now; deleted ones are not there.

    `id` is the tracker's own. `author` is None where the account is gone. `edited_at` is None for a comment that nobody
    ever edited; `editor` is who edited it last, None where nobody did or the tracker does not know any more.
    """

    id: str
    url: str
    author: Account | None
    body: str
    created_at: datetime
    edited_at: datetime | None = None
    editor: Account | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that is, or says it is, the coordination issue of a milestone, with all its comments, oldest first.

    Its `ref` is `github:acme/api#issue-12` (so that it is no milestone's), `jira:API#API-12`. `uid` is immutable.
    `author` is who opened it (in Jira the creator, not the reporter, whom people may change). `body` is what the
    tracker returned; on Jira Cloud the document's words line by line. `edited_at` and `editor` are the body's, as in
    `Comment`; Jira does not tell them and leaves them None.
    """

    ref: Ref
    uid: str
    url: str
    title: str
    markup: Markup
    author: Account | None
    body: str | None = None
    edited_at: datetime | None = None
    editor: Account | None = None
    closed: bool = False
    assignees: tuple[Account, ...] = ()
    labels: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """A closed issue of a record, never a pull request; `name` is what people call it: `acme/api#12`, `API-12`.

    `by` is who did it as far as the tracker tells: on GitHub whoever closed it, in Jira its assignee. `closed_at` is
    None where the tracker does not know.
    """

    record: Ref
    name: str
    title: str
    url: str
    by: Account | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssueScope:
    """What a run wants to know from one connector once the records are read.

    `homes` are the containers (their names, as read) whose coordination issues are wanted: those with the label
    `milestone` that one of mdpc's own accounts opened, and as far as the tracker can list an account's issues, those
    of its own account that lost their label; open ones, and closed ones that changed on `closed_since` or later (None:
    all). `known` are addresses of issues that memory names. `own` are records that are issues themselves, whose
    comments are wanted. `contents` are records whose set of issues is wanted; `approvers` records whose own approvers
    are. `teams` are names as `[[gates]] reviewers` has them without `team:`, such as `acme/leads`. `delivered` are
    records whose closed issues are wanted: a page of the latest is enough, and one that cannot be read is left out.
    """

    homes: tuple[str, ...] = ()
    closed_since: date | None = None
    known: tuple[Ref, ...] = ()
    own: tuple[Ref, ...] = ()
    contents: tuple[Ref, ...] = ()
    approvers: tuple[Ref, ...] = ()
    teams: tuple[str, ...] = ()
    delivered: tuple[Ref, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing at all is wanted."""
        records = self.own or self.contents or self.approvers or self.delivered
        return not (self.homes or self.known or records or self.teams)


@dataclass(frozen=True, slots=True)
class Approver:
    """One of a record's own approvers (a Jira version's, on Cloud) and the answer: `approved`, `declined`, `pending`.

    `why` is what they wrote with it. Jira tells no moment.
    """

    account: Account
    answer: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class IssueReading:
    """What one connector read for an `IssueScope`.

    `issues` have all their comments; where that failed the container is in `unread` (by its address) and none of its
    issues counts. `missing` are those of `known` that are certainly not there any more: deleted, or moved to another
    container. `contents` are by record the ids of its issues, as people see them (never pull requests). `teams` has the
    members of those that could be read; `teamless` says of the others why not. `delivered` are closed issues by record.
    """

    connector: str
    issues: tuple[Issue, ...] = ()
    missing: tuple[Ref, ...] = ()
    contents: Mapping[Ref, frozenset[str]] = field(default_factory=dict)
    approvers: Mapping[Ref, tuple[Approver, ...]] = field(default_factory=dict)
    teams: Mapping[str, tuple[Account, ...]] = field(default_factory=dict)
    teamless: Mapping[str, str] = field(default_factory=dict)
    delivered: Mapping[Ref, tuple[Delivered, ...]] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
