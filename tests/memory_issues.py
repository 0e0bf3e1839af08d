"""Coordination issues in memory, as the trackers of `memory_tracker` hold them: what people and mdpc do to them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from mdpc import status
from mdpc.changes import Change, Created, Outcome
from mdpc.coordination import Approver, Comment, Delivered, Issue, IssueReading, IssueScope
from mdpc.marks import mark_at_end
from mdpc.model import Account, ContainerRef, Markup, Ref
from mdpc.tokens import seeds_in

ME = "mdpc-bot"
"""The login that mdpc has in trackers in memory."""


@dataclass
class HeldComment:
    """A comment; `editor` is who edited it last."""

    id: str
    author: Account
    body: str
    at: datetime
    editor: Account | None = None


@dataclass
class HeldIssue:
    """An issue of a container in memory."""

    number: int
    title: str
    author: Account
    body: str = ""
    editor: Account | None = None
    closed: bool = False
    assignees: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    comments: list[HeldComment] = field(default_factory=list)


@dataclass
class Desk:
    """The coordination issues of one tracker, by container; `contents`, `approvers`, `delivered` are by a record's ref.

    `asked` are the records of which it was asked what they delivered.

    `writes` are all that mdpc wrote, in order. `before_write` and `after_write` are called around each; either may
    raise.
    """

    connector: str
    markup: Markup
    before_write: Callable[[], None] = lambda: None
    after_write: Callable[[], None] = lambda: None
    issues: dict[str, dict[int, HeldIssue]] = field(default_factory=dict)
    contents: dict[Ref, set[str]] = field(default_factory=dict)
    approvers: dict[Ref, list[Approver]] = field(default_factory=dict)
    teams: dict[str, list[str]] = field(default_factory=dict)
    delivered: dict[Ref, list[Delivered]] = field(default_factory=dict)
    asked: list[Ref] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    clock: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # ── What people do ────────────────────────────────────────────────────────────────────────────

    def account(self, login: str, *, bot: bool = False) -> Account:
        """Somebody here."""
        return Account(self.connector, login, login, bot)

    def one(self, container: str) -> HeldIssue:
        """The only issue of a container."""
        (found,) = self.issues[container].values()
        return found

    def say(self, issue: HeldIssue, login: str, body: str, *, bot: bool = False) -> HeldComment:
        """A new comment by somebody."""
        self.clock += timedelta(minutes=1)
        comment = HeldComment(str(next(self.numbers)), self.account(login, bot=bot), body, self.clock)
        issue.comments.append(comment)
        return comment

    def edit(self, comment: HeldComment, login: str, body: str) -> None:
        """Somebody edits a comment."""
        comment.body, comment.editor = body, self.account(login)

    # ── The connector's contract ──────────────────────────────────────────────────────────────────

    def read(self, scope: IssueScope) -> IssueReading:
        """As the contract says."""
        self.asked += scope.delivered
        found = {
            self._ref(name, held): self._issue(name, held)
            for name in scope.homes
            for held in self.issues.get(name, {}).values()
            if held.author.login == ME
        }
        missing = []
        for ref in scope.known:
            held = self._held(ref)
            if held is None:
                missing.append(ref)
            else:
                found[ref] = self._issue(ref.container.name, held)
        return IssueReading(
            self.connector,
            issues=tuple(found.values()),
            missing=tuple(missing),
            contents={ref: frozenset(self.contents.get(ref, ())) for ref in scope.contents},
            approvers={ref: tuple(self.approvers.get(ref, ())) for ref in scope.approvers},
            teams={name: tuple(map(self.account, self.teams[name])) for name in scope.teams if name in self.teams},
            delivered={ref: tuple(self.delivered[ref]) for ref in scope.delivered if ref in self.delivered},
            teamless={name: "the token may not read it" for name in scope.teams if name not in self.teams},
        )

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """As the contract says of the kinds `issue` and `comment`."""
        first = changes[0]
        if first.kind == "comment":
            return [self._comment(first)]
        if seeds_in(first.ref.id):
            return self._create(changes)
        held = self._held(first.ref)
        if held is None:
            return [Outcome(change.id, "failed", "it is not there") for change in changes]
        now = {change.id: self._verdict(held, change) for change in changes}
        if "stale" in now.values():
            return [Outcome(each.id, "stale" if now[each.id] == "stale" else "withheld") for each in changes]
        wanted = [change for change in changes if not now[change.id]]
        if wanted:
            self.before_write()
            for change in wanted:
                self._set(held, change)
            self._wrote(f"{first.ref} {' '.join(change.field for change in wanted)}")
        return [Outcome(change.id, "already" if now[change.id] else "done") for change in changes]

    def _create(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        name = changes[0].ref.container.name
        values = {change.field: str(change.after) for change in changes}
        wanted = _issue_mark(values["body"])
        for held in self.issues.get(name, {}).values():
            if held.author.login == ME and _issue_mark(held.body) == wanted:
                return [Outcome(each.id, "already", created=self._created(name, held)) for each in changes]
        self.before_write()
        held = HeldIssue(next(self.numbers), values["title"], self.account(ME, bot=True), values["body"])
        held.labels.append(values["label"])
        held.assignees += [values["assignee"]] if "assignee" in values else []
        self.issues.setdefault(name, {})[held.number] = held
        self._wrote(f"{self._ref(name, held)} new")
        return [Outcome(each.id, "done", created=self._created(name, held)) for each in changes]

    def _comment(self, change: Change) -> Outcome:
        issue, _, number = change.ref.id.partition("/")
        held = self._held(Ref(change.ref.container, issue))
        if held is None:
            return Outcome(change.id, "failed", "it is not there")
        if number:
            comment = next((each for each in held.comments if each.id == number), None)
            if comment is None or comment.body not in (change.before, change.after):
                return Outcome(change.id, "stale")
            if comment.body == change.after:
                return Outcome(change.id, "already")
            self.before_write()
            comment.body, comment.editor = str(change.after), self.account(ME, bot=True)
            self._wrote(f"{change.ref} edit {change.field}")
            return Outcome(change.id, "done")
        own = [each for each in held.comments if each.author.bot and each.editor in (None, each.author)]
        for each in own:
            if mark_at_end(each.body) == mark_at_end(str(change.after)):
                return Outcome(change.id, "already", created=Created(each.id, each.id, ""))
        later = [each for each in held.comments if change.seen and int(each.id) > int(change.seen)]
        if not all(each.author.bot for each in later):
            return Outcome(change.id, "stale", "people wrote more")
        self.before_write()
        made = self.say(held, ME, str(change.after), bot=True)
        self._wrote(f"{change.ref} new {change.field}")
        return Outcome(change.id, "done", created=Created(made.id, made.id, ""))

    def _verdict(self, held: HeldIssue, change: Change) -> Literal["already", "stale", ""]:
        """What a look says of a change, empty where it is to be written."""
        match change.field:
            case "label":
                return "already" if change.after in held.labels else ""
            case "assignee":
                is_on = change.before in held.assignees
                if change.after in (None, *held.assignees) and (not is_on or change.before == change.after):
                    return "already"
                return "" if change.before is None or is_on else "stale"
            case "title":
                current: object = held.title
            case "state":
                current = "closed" if held.closed else "open"
            case _:
                current = status.find(held.body, Markup.BLOCK)
        return "already" if current == change.after else "" if current == change.before else "stale"

    def _set(self, held: HeldIssue, change: Change) -> None:
        after = str(change.after)
        match change.field:
            case "body":
                held.body = status.place(held.body, after, Markup.BLOCK) or ""
            case "state":
                held.closed = after == "closed"
            case "title":
                held.title = after
            case "label":
                held.labels.append(after)
            case "assignee":
                kept = [each for each in held.assignees if each not in (change.before, change.after)]
                held.assignees = [*kept, *([after] if change.after else [])]

    def _wrote(self, what: str) -> None:
        self.writes.append(what)
        self.after_write()

    def _ref(self, name: str, held: HeldIssue) -> Ref:
        return Ref(ContainerRef(self.connector, name), f"issue-{held.number}")

    def _held(self, ref: Ref) -> HeldIssue | None:
        return self.issues.get(ref.container.name, {}).get(int(ref.id.removeprefix("issue-")))

    def _created(self, name: str, held: HeldIssue) -> Created:
        ref = self._ref(name, held)
        return Created(ref.id, f"uid-{held.number}", _url(ref))

    def _issue(self, name: str, held: HeldIssue) -> Issue:
        ref = self._ref(name, held)
        return Issue(
            ref=ref,
            uid=f"uid-{held.number}",
            url=_url(ref),
            title=held.title,
            markup=self.markup,
            author=held.author,
            body=held.body,
            edited_at=self.clock if held.editor else None,
            editor=held.editor,
            closed=held.closed,
            assignees=tuple(map(self.account, held.assignees)),
            labels=tuple(held.labels),
            comments=tuple(self._read(ref, each) for each in held.comments),
        )

    def _read(self, ref: Ref, held: HeldComment) -> Comment:
        edited = self.clock if held.editor else None
        return Comment(held.id, f"{_url(ref)}#{held.id}", held.author, held.body, held.at, edited, held.editor)


def _issue_mark(body: str) -> tuple[str, str] | None:
    return next((found for line in body.splitlines()[::-1] if (found := mark_at_end(line))), None)


def _url(ref: Ref) -> str:
    return f"https://{ref.container.connector}.example/{ref.container.name}/{ref.id}"
