"""What mdpc would do and what became of it: changes, outcomes, and the plan that holds them. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from mdpc import outcome
from mdpc.messages import Message
from mdpc.model import Conflict, Finding, Milestone, Notice, Ref, Skipped, Unread
from mdpc.shard import Shard

Kind = Literal["create", "update", "reopen", "status", "issue", "comment", "memory"]
OutcomeStatus = outcome.OutcomeStatus
Value = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One milestone's memory in a page of notes: where a write of `needs` failed, `before` (JSON) stays there."""

    id: str
    needs: tuple[str, ...]
    before: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One field, comment or issue that mdpc wants to write.

    Changes with the same `write` are one request; `uid` is the immutable id of the record that `ref` names. For
    field `status`, `before` and `after` are mdpc's own status text (None for none), not the description around it: the
    connector places it with `mdpc.status.place`. Fields are `title`, `due` and `start` (ISO days or None), `state`
    (`open` or `closed`), `status`, `memory` (canonical JSON in the record's property, or in the container's notes where
    `ref.id` is their key) and `link` (an address that the record shall link to).

    `milestone` is the key of the milestone meant, empty for notes. Changes of kind `create` make a record: their
    `ref.id` and `uid` are a token until it is there. `needs` are the writes that must have succeeded before this one,
    `follows` those that must have been tried; a page of notes has `entries` that each have needs of their own. `seen`
    is the last comment of an issue that a new one was decided on: if people wrote more since, it is stale. Where a
    created record's address is not known yet, tokens stand for it (`mdpc.tokens`). `outcome` is None until the change
    was applied; `answer` is then what the tracker said, if that needs saying, and `made` the id of the comment that
    stands there for it.
    """

    id: str
    write: str
    kind: Kind
    program: str
    ref: Ref
    uid: str
    field: str
    before: Value
    after: Value
    why: str
    milestone: str = ""
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    seen: str = ""
    outcome: OutcomeStatus | None = None
    answer: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True)
class Created:
    """A record, an issue or a comment that apply made or found made: what was not known of it before."""

    id: str
    uid: str
    url: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    `done`; `already` (the tracker holds it already); `stale` (somebody changed it since the plan); `failed`;
    `unknown` (the answer was lost); `withheld` (what it depends on failed). `answer` says more, for people. `created`
    comes with every `done` or `already` of a creation, that of a comment included, by whose id it can be edited.
    """

    change: str
    status: OutcomeStatus
    answer: str = ""
    created: Created | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something that mdpc would have written but for a reason."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A program that `[limits]` refused: nothing of it is written. `limit` is the key, `count` what was reached."""

    program: str
    limit: str
    count: int
    allowed: int
    why: str


@dataclass(frozen=True, slots=True)
class Stats:
    """What a run cost and saw. The mappings have a key per connector; `seconds` is wall time.

    `stopped` says why a `truncated` run did not do everything, where a limit of the whole run was reached. An
    `idle` shard read nothing since all that is there, or that programs name, belongs to others.
    """

    requests: Mapping[str, int] = field(default_factory=dict)
    containers: Mapping[str, int] = field(default_factory=dict)
    records: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    truncated: bool = False
    stopped: str = ""
    idle: bool = False


@dataclass(frozen=True, slots=True)
class ProgramBook:
    """Where a program's ledger stands, and the whole text of that comment as it was read."""

    program: str
    ref: Ref
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that mdpc would do now; after a sync, the same with an outcome for each change and message.

    `only` is what it was narrowed to: keys, refs and programs, none for everything. `baselined` counts the findings
    that the baseline holds, which are left out. `shard` is what of a divided run it is; its messages are sent by a last
    job, which has to know whom the notices of this week `mentioned` before this run (fingerprints, by the notice's id),
    and the `books` of the programs. `absent` are the shards that are missing where several were put together.
    """

    command: str
    now: datetime
    milestones: tuple[Milestone, ...] = ()
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notices: tuple[Notice, ...] = ()
    messages: tuple[Message, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    refused: tuple[Refusal, ...] = ()
    unread: tuple[Unread, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    stats: Stats = Stats()
    only: tuple[str, ...] = ()
    baselined: int = 0
    shard: Shard | None = None
    mentioned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    books: tuple[ProgramBook, ...] = ()
    absent: tuple[Shard, ...] = ()
