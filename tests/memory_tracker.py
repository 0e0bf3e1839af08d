"""Trackers in memory that keep the connector's contract: a GitHub-like one and a Jira-like one.

They do at once what the real ones do over HTTP, so that thousands of runs with people in between take seconds. What
they do is held to the same contract as the real connectors (`tests/test_contract.py`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from fnmatch import fnmatchcase
from typing import ClassVar

from mdpc import status
from mdpc.changes import Change, Created, Outcome, Value
from mdpc.connector import ConnectorSettings, Problem
from mdpc.coordination import IssueReading, IssueScope
from mdpc.matching import is_glob
from mdpc.model import Carrier, Container, ContainerRef, Markup, Nature, Reading, Record, Ref, Scope, Skipped, Unread
from mdpc.notes import OWN, note_key
from mdpc.sharding import Share, Whose
from tests.memory_issues import ME, Desk

_ID = re.compile(r"m[0-9a-f]{12}")


class Killed(BaseException):
    """The run was killed: nothing catches it."""


@dataclass
class Held:
    """A milestone as a tracker in memory holds it; people change its fields directly."""

    number: int
    uid: str
    title: str
    description: str | None = None
    due: date | None = None
    start: date | None = None
    closed: bool = False
    archived: bool = False
    closed_at: date = date(2026, 11, 20)


@dataclass
class Box:
    """A container in memory: `records` by number, `notes` by key. `former` are names that it had and that lead here.

    `readable` False answers as a lost right does, `listed` False as if there were no such container.
    """

    name: str
    uid: str
    public: bool | None = None
    former: list[str] = field(default_factory=list)
    records: dict[int, Held] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    readable: bool = True
    listed: bool = True


class MemoryTracker:
    """One tracker. `jira` ones hold a line and a start date, and memory in notes; the others a block.

    `writes` are all successful writes: the refs and fields. `today` is the day on which a write closes a milestone.
    `before_write` is called before each write and `after_write` after it; either may raise Killed.
    """

    Settings: ClassVar[type[ConnectorSettings]] = ConnectorSettings

    def __init__(self, name: str, settings: ConnectorSettings | None = None) -> None:
        self.name = name
        self.settings = settings or ConnectorSettings(type=name)
        self.jira = name == "jira"
        self.boxes: dict[str, Box] = {}
        self.writes: list[tuple[str, tuple[str, ...]]] = []
        self.before_write: Callable[[], None] = lambda: None
        self.after_write: Callable[[], None] = lambda: None
        self.requests = 0
        self.today = date(2026, 11, 20)
        self._numbers = itertools.count(1)
        self.desk = Desk(name, self._markup, self._before, self._after)

    def _before(self) -> None:
        self.before_write()

    def _after(self) -> None:
        self.after_write()

    # ── What people do ────────────────────────────────────────────────────────────────────────────

    def box(self, name: str, *, public: bool | None = None) -> Box:
        """A new container."""
        self.boxes[name] = Box(name, f"{self.name}-box-{next(self._numbers)}", public)
        return self.boxes[name]

    def rename(self, name: str, to: str) -> None:
        """Call a container otherwise; its former name leads there."""
        box = self.boxes.pop(name)
        box.former.append(name)
        box.name = to
        self.boxes[to] = box

    def add(self, box: str, title: str, **facts: object) -> Held:
        """A new milestone; raises ValueError for a title that is taken there."""
        if self.taken(box, title):
            raise ValueError("already exists")
        number = next(self._numbers)
        held = Held(number, f"{self.name}-{number}", title)
        for name, value in facts.items():
            setattr(held, name, value)
        self.boxes[box].records[number] = held
        return held

    def taken(self, box: str, title: str, but: Held | None = None) -> bool:
        """Whether a record of that very title is there."""
        return any(held.title == title for held in self.boxes[box].records.values() if held is not but)

    # ── The connector's contract ──────────────────────────────────────────────────────────────────

    def preflight(self, scope: Scope) -> Sequence[Problem]:
        """Nothing is wrong."""
        return ()

    def read(self, scope: Scope) -> Reading:
        """Everything in readable boxes; the others are unread."""
        self.requests += 1
        there = [box for box in self.boxes.values() if box.listed]
        listed = [box for box in there if scope.share is None or self._whose(box, scope.share) is Whose.OURS]
        readable = [box for box in listed if box.readable]
        named = [name for name in scope.members if not is_glob(name)]
        renamed = [(name, box) for box in listed for name in box.former if name in named]
        missing = set(named) - {name for box in there for name in (box.name, *box.former)}
        disputed = [box for box in there if scope.share and self._whose(box, scope.share) is Whose.DISPUTED]
        unread = [*missing, *(box.name for box in listed if not box.readable)]
        unread += [name for box in disputed for name in box.former if name in named]
        unread += [name for name, box in renamed if not box.readable]
        return Reading(
            connector=self.name,
            containers=tuple(self._container(box) for box in readable),
            records=tuple(record for box in readable for record in self._records(box, scope)),
            accounts=frozenset({f"{ME}[bot]"}),
            unread=tuple(Unread(f"{self.name}:{name}", "forbidden") for name in sorted(unread)),
            skipped=tuple(Skipped(f"{self.name}:{name}", "renamed") for name, box in renamed if box.readable),
            renamed=tuple((ContainerRef(self.name, name), self._ref(box)) for name, box in renamed if box.readable),
            notes={self._ref(box): self._notes(box, scope) for box in readable} if self.jira else {},
            elsewhere=len(there) - len(listed),
        )

    @staticmethod
    def _whose(box: Box, share: Share) -> Whose:
        """Whose a box is: of its former names those count that programs spell out."""
        return share.whose(box.name, [name for name in box.former if name in (*share.own.exact, *share.elsewhere)])

    def read_issues(self, scope: IssueScope) -> IssueReading:
        """The coordination issues."""
        self.requests += 1
        return self.desk.read(scope)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """As the contract says."""
        self.requests += 1
        first = changes[0]
        if first.kind in ("issue", "comment"):
            return self.desk.apply(changes)
        box = self.boxes.get(first.ref.container.name)
        if box is None or not box.readable or not box.listed:
            return [Outcome(change.id, "failed", "forbidden") for change in changes]
        if first.kind == "create":
            return self._create(box, changes)
        if first.ref.id.startswith("mdpc."):
            return [self._note(box, first)]
        held = box.records.get(int(first.ref.id))
        if held is None or held.uid != first.uid:
            return [Outcome(change.id, "stale", "another record") for change in changes]
        if first.field == "link":
            return [Outcome(change.id, "already") for change in changes]
        return self._update(box, held, changes)

    def _create(self, box: Box, changes: Sequence[Change]) -> Sequence[Outcome]:
        values = {change.field: change.after for change in changes}
        other = next((held for held in box.records.values() if held.title == values["title"]), None)
        if other is not None:
            marked = status.find(other.description, self._markup) or ""
            ours = set(_ID.findall(str(values["status"]))) & set(_ID.findall(marked))
            made = Created(str(other.number), other.uid, self._url(box, other)) if ours else None
            return [Outcome(change.id, "already" if ours else "stale", created=made) for change in changes]
        self.before_write()
        held = self.add(box.name, str(values["title"]))
        for name, value in values.items():
            self._set(held, name, value)
        self._wrote(str(self._record(box, held).ref), [f"create {change.field}" for change in changes])
        made = Created(str(held.number), held.uid, self._url(box, held))
        return [Outcome(change.id, "done", created=made) for change in changes]

    def _note(self, box: Box, change: Change) -> Outcome:
        now = box.notes.get(change.ref.id)
        if now == change.after:
            return Outcome(change.id, "already")
        if now != change.before:
            return Outcome(change.id, "stale")
        self.before_write()
        if change.after is None:
            del box.notes[change.ref.id]
        else:
            box.notes[change.ref.id] = str(change.after)
        self._wrote(str(change.ref), ["memory"])
        return Outcome(change.id, "done")

    def _update(self, box: Box, held: Held, changes: Sequence[Change]) -> Sequence[Outcome]:
        now = {change.id: self._get(held, change.field) for change in changes}
        said = {
            change.id: "already"
            if now[change.id] == change.after
            else "stale"
            if now[change.id] != change.before
            else ""
            for change in changes
        }
        if "stale" in said.values():
            return [Outcome(each.id, "stale" if said[each.id] == "stale" else "withheld") for each in changes]
        wanted = [change for change in changes if not said[change.id]]
        title = next((change.after for change in wanted if change.field == "title"), None)
        if title is not None and self.taken(box.name, str(title), held):
            return [Outcome(change.id, "failed", "already exists") for change in changes]
        if wanted:
            self.before_write()
            for change in wanted:
                self._set(held, change.field, change.after)
            self._wrote(f"{self.name}:{box.name}#{held.number}", [change.field for change in wanted])
        return [Outcome(change.id, "already" if said[change.id] else "done") for change in changes]

    def _wrote(self, ref: str, fields: Sequence[str]) -> None:
        self.writes.append((ref, tuple(fields)))
        self.after_write()

    def _get(self, held: Held, name: str) -> Value:
        if name == "status":
            return status.find(held.description, self._markup)
        if name == "state":
            return "closed" if held.closed else "open"
        value = getattr(held, name)
        return value.isoformat() if isinstance(value, date) else value

    def _set(self, held: Held, name: str, value: Value) -> None:
        if name == "status":
            held.description = status.place(held.description, None if value is None else str(value), self._markup)
        elif name == "state":
            held.closed, held.closed_at = value == "closed", self.today
        elif name in ("due", "start"):
            setattr(held, name, date.fromisoformat(str(value)) if value else None)
        else:
            setattr(held, name, value)

    @property
    def _markup(self) -> Markup:
        return Markup.LINE if self.jira else Markup.BLOCK

    @property
    def _nature(self) -> Nature:
        return Nature(self._markup, Carrier.NOTES if self.jira else Carrier.BLOCK, starts=self.jira)

    def _ref(self, box: Box) -> ContainerRef:
        return ContainerRef(self.name, box.name)

    def _url(self, box: Box, held: Held) -> str:
        return f"https://{self.name}.example/{box.name}/{held.number}"

    def _container(self, box: Box) -> Container:
        url = f"https://{self.name}.example/{box.name}"
        mention = "[~{}]" if self.jira else "@{}"
        return Container(self._ref(box), box.uid, url, box.public, created=self._nature, mention=mention)

    def _records(self, box: Box, scope: Scope) -> Iterator[Record]:
        for held in box.records.values():
            record = self._record(box, held)
            old = held.closed and scope.closed_since is not None and held.closed_at < scope.closed_since
            if not old or (self.jira and status.find(held.description, self._markup)):  # as the real ones have it
                yield record

    def _record(self, box: Box, held: Held) -> Record:
        return Record(
            ref=Ref(self._ref(box), str(held.number)),
            uid=held.uid,
            title=held.title,
            url=self._url(box, held),
            markup=self._markup,
            description=held.description,
            due=held.due,
            start=held.start,
            closed=held.closed,
            closed_at=datetime.combine(held.closed_at, time(), UTC) if held.closed else None,
            archived=held.archived,
            carrier=self._nature.carrier,
            starts=self.jira,
        )

    def _notes(self, box: Box, scope: Scope) -> dict[str, str]:
        whole = [member for member in scope.members if member not in scope.partial]
        own = (OWN,) if scope.own_notes and not any(fnmatchcase(box.name, member) for member in whole) else ()
        programs = [program for name in (box.name, *box.former) for program in scope.notes.get(name, ())]
        prefixes = [note_key(program, 0).removesuffix("0") for program in (*programs, *own)]
        return {key: text for key, text in box.notes.items() if any(key.startswith(each) for each in prefixes)}


def copied(tracker: MemoryTracker) -> dict[str, Box]:
    """What a tracker holds now, apart from it: to compare with later."""
    return {
        name: replace(box, records={number: replace(held) for number, held in box.records.items()}, notes={**box.notes})
        for name, box in tracker.boxes.items()
    }
