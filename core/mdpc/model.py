"""The nouns of mdpc: what a tracker holds, what a milestone is, and what mdpc would do about it.

Everything here is a frozen value without behaviour beyond spelling itself out. Days are `datetime.date`s without
a zone, since a due date is a calendar day; moments are aware `datetime`s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from mdpc.handover import NOTHING_HANDED, Handover
from mdpc.rights import Use
from mdpc.standing import Standing

if TYPE_CHECKING:
    from mdpc.sharding import Share


@dataclass(frozen=True, slots=True, order=True)
class ContainerRef:
    """A container's address: `github:acme/api` is the repository, `jira:API` the project.

    `connector` is the name of the connector's table in the configuration, not its type.
    """

    connector: str
    name: str

    def __str__(self) -> str:
        return f"{self.connector}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> ContainerRef:
        """Read `CONNECTOR:CONTAINER`; raises ValueError where a part is missing."""
        connector, colon, name = text.partition(":")
        if not (connector and colon and name):
            raise ValueError(f"{text!r} is not a container's address: write CONNECTOR:CONTAINER")
        return cls(connector, name)


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A record's address: `github:acme/api#3`, `jira:API#10010` (connector, container, number or id)."""

    container: ContainerRef
    id: str

    def __str__(self) -> str:
        return f"{self.container}#{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read `CONNECTOR:CONTAINER#ID`; raises ValueError where a part is missing."""
        container, mark, identifier = text.rpartition("#")
        if not (container and mark and identifier):
            raise ValueError(f"{text!r} is not a record's address: write CONNECTOR:CONTAINER#ID")
        return cls(ContainerRef.parse(container), identifier)


class Level(StrEnum):
    """How much a broken rule matters."""

    OFF = "off"
    WARN = "warn"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for off, 1 for warn, 2 for error: the strictest is the highest."""
        return (Level.OFF, Level.WARN, Level.ERROR).index(self)


class Health(StrEnum):
    """How a milestone does, in the words of DESIGN: worst first."""

    OFF_TRACK = "off-track"
    AT_RISK = "at-risk"
    NO_DATE = "no-date"
    ON_TRACK = "on-track"
    ACHIEVED = "achieved"


class Markup(StrEnum):
    """How mdpc's status is written into a description of a tracker."""

    BLOCK = "block"
    """Markdown between two hidden comments (GitHub)."""
    LINE = "line"
    """One plain line that starts with `mdpc:` (Jira)."""


class Carrier(StrEnum):
    """Where a record's tracker lets mdpc keep the memory of a milestone that this record holds."""

    BLOCK = "block"
    """In its description, as a hidden comment of the block (GitHub)."""
    PROPERTY = "property"
    """In a property of the record itself (an issue on Jira Cloud)."""
    NOTES = "notes"
    """Only in the notes of its container (a Jira version: properties of the project)."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as its tracker names it: a GitHub login, a Jira accountId (Cloud) or username (Data Center).

    `name` is what people read: the login itself on GitHub, the display name on Jira. Hostile text, as all of it. `bot`
    says that it is an App's or another program's, as far as the tracker tells.
    """

    connector: str
    login: str
    name: str = ""
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Nature:
    """What records of one kind can hold: how a status is written, where memory stands, whether there is a start."""

    markup: Markup
    carrier: Carrier
    starts: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """A container that was read, with what the plan must know of it.

    `public` is True where anybody may read it, False where not, None where the tracker does not say (a Jira project);
    only what is known to be public may be told in a public repository.
    `uid` is the tracker's immutable id; it survives renames and moves. `cannot_create` says in a sentence why mdpc
    cannot create records there, empty where it can; `created` is what a record made there is: its markup, where its
    memory would stand, and whether it has a start date. `mention` is how a login is mentioned in a comment there, with
    `{}` for the login; empty where nobody can be.
    """

    ref: ContainerRef
    uid: str
    url: str
    public: bool | None = None
    cannot_create: str = ""
    created: Nature | None = None
    mention: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A milestone as one tracker holds it.

    `uid` is immutable (a GitHub node id, a Jira version's or issue's id). `description` is what the tracker returned,
    to the byte, mdpc's own status included; None where it holds none. `due` and `start` are calendar days.
    `open_issues` and `closed_issues` count issues, never pull requests. `last_activity` is the last change of any of
    its issues, None where there are none or the scope did not ask. `archived` records are read-only history.
    `carrier` is where memory may stand, `memory` the text of the record's own property where it has one. `starts` says
    whether the tracker holds a start date for such records, `is_issue` that the record is an issue itself, which is
    then its own coordination issue.
    """

    ref: Ref
    uid: str
    title: str
    url: str
    markup: Markup
    description: str | None = None
    due: date | None = None
    start: date | None = None
    closed: bool = False
    closed_at: datetime | None = None
    archived: bool = False
    open_issues: int = 0
    closed_issues: int = 0
    last_activity: datetime | None = None
    created_at: datetime | None = None
    driver: Account | None = None
    assignee: Account | None = None
    carrier: Carrier = Carrier.BLOCK
    memory: str | None = None
    starts: bool = False
    is_issue: bool = False


USED_UP = "Allow more, or share the work among jobs (--shard); with --resume the next run begins with what is unread"
"""What to do where something is unread since the run had used up what it may use; without a full stop."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A container that could not be read completely, and why in a sentence with the next step.

    `optional` ones (the configuration says so) do not make a run incomplete; nothing is decided on them either.
    """

    container: str
    why: str
    optional: bool = False

    @property
    def left(self) -> bool:
        """Whether nothing is wrong with it: the run had used up what it may use, and leaves it for the next one."""
        return USED_UP in self.why


@dataclass(frozen=True, slots=True)
class Skipped:
    """A container that was left out on purpose (archived, without issues), and why."""

    container: str
    why: str


def _reads_and_writes(_: str) -> frozenset[Use]:
    return frozenset({Use.READ, Use.WRITE})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run wants from one connector.

    `members` are the container names and globs that programs name on it (without the connector's prefix), `partial`
    those of them that programs name with a title pattern alone: what matches none is left over, and is a program's own;
    `closed_since` is the first day from which closed records are wanted, None for all of them;
    `activity` asks for `Record.last_activity`, which costs requests on Jira. `notes` are the programs (their names)
    whose notes stand on a container, by the container's name; `own_notes` asks for the own notes of containers of
    which no member takes all. Connectors whose containers hold no notes pass over both. `turn` is set where the run
    may end early: what containers there are is then found out before any is read, and they are read in its order (by
    name, without the prefix), the lowest first. `share` says which containers are this shard's, where a run is divided:
    of all others nothing is read but what they are called. `uses` tells what mdpc does in a container (by name, too),
    and `teams` of which teams it asks for the members; only `preflight` looks at these two, which says what rights they
    need.
    """

    members: tuple[str, ...] = ()
    closed_since: date | None = None
    activity: bool = False
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own_notes: bool = False
    partial: tuple[str, ...] = ()
    turn: Callable[[str], tuple[int, str]] | None = None
    share: Share | None = None
    uses: Callable[[str], frozenset[Use]] = _reads_and_writes
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one connector read: the records of the containers read completely, and what it could not read.

    `accounts` are mdpc's own accounts there, lower-cased; with `[bot]` only an App's is meant. `renamed` has an address
    that was asked for and under which a container was found that is now called otherwise, with that container: programs
    still name it by the old one. `notes` are the notes that were asked for: by container, then by their key
    (`mdpc.notes`), their text in canonical JSON; an empty mapping where there are none. `elsewhere` counts the
    containers that were found and left to other shards.
    """

    connector: str
    containers: tuple[Container, ...] = ()
    records: tuple[Record, ...] = ()
    unread: tuple[Unread, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    accounts: frozenset[str] = frozenset()
    renamed: tuple[tuple[ContainerRef, ContainerRef], ...] = ()
    notes: Mapping[ContainerRef, Mapping[str, str]] = field(default_factory=dict)
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for a milestone: `name` is a person of `[people]` or, where `known` is False, an unknown login.

    `source` is the one of `[owners] sources` that named them, or `handed`: whoever owned it before did, in a comment.
    `ref` is the record where it stood, `account` the account that stood there, None where it was only a name.
    """

    name: str
    source: str
    known: bool
    ref: Ref | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field of which a milestone's records say different things; `values` by ref, as people write them.

    `since` is the day when mdpc first saw it, None where it is only reported (`[sync.fields]`).
    """

    milestone: str
    field: str
    values: Mapping[str, str | None]
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """A container that has no record of the milestone though it had or should: which, why, and what to do."""

    container: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Bypass:
    """A milestone that was closed without passing these gates.

    `reopened` says how often mdpc opened it again so far; a `final` bypass is not opened again since that is as often
    as it may be. `reopening` are the records that this run would open.
    """

    gates: tuple[str, ...]
    reopened: int = 0
    final: bool = False
    reopening: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Achievement:
    """How a milestone was achieved: the day, and how many in a row of its program were on time with it (0: untold)."""

    day: date
    streak: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that is due because of one milestone.

    `step` is what of the ladder it is (`+5d`), or `achieved` (which has its `achievement`), `day` when it was meant to
    be sent. `to` are who hears of it, by identity (`mdpc.people`); `nobody` are the roles and names of the step that
    are nobody who is there. `via` are the channels that are to tell of it besides the comment, `text` is by which name
    its template is known.
    """

    id: str
    milestone: str
    step: str
    day: date
    to: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    achievement: Achievement | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """What a program wants to reach: one or more joined records.

    `records` are in member order and `holder` is one of them. `dues` are all due dates it has had, oldest first, each
    with the day since when mdpc knew it; `undated` says after how many of them, and since when, it had none as far as
    memory knows. `late` ones are open after their due date. `history` milestones were closed
    before mdpc first saw them open: they are listed, never judged and never written to. Two records of one container
    with one key are `ambiguous`: nothing is written to either. `because` says, record by record, why they are one
    milestone. `conflicts` are its fields in conflict, `differences` those that are only reported, `lacks` the
    containers without a record that had or should have one. `troubles` are marks that do not count, by ref,
    `forgotten` that its memory was lost, `rebuilt` that it was lost then or before. `gates` are those that apply to
    it; `bypass` says that it was closed without passing them. `issue` is its coordination issue with its address on
    the web, `issue_gone` one that is not there any more, `assigned` whom people assigned that to; `guard_lost` says
    that what guarded it there was lost. `gone` are those who are named as its owner before `owner` is, and are not
    there any more. `handed` is whom its owner handed it over to by a comment, as `handover` has it; None where nobody
    did, or where that does not count any more. `quiet_until` is the day until which its owner asked for quiet.
    """

    key: str
    id: str
    program: str
    title: str
    records: tuple[Record, ...]
    holder: Record
    closed: bool
    due: date | None
    dues: tuple[tuple[date, date], ...] = ()
    undated: tuple[tuple[int, date], ...] = ()
    owner: Owner | None = None
    health: Health = Health.ON_TRACK
    late: bool = False
    history: bool = False
    ambiguous: bool = False
    because: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    differences: tuple[Conflict, ...] = ()
    lacks: tuple[Lack, ...] = ()
    troubles: tuple[tuple[Ref, str], ...] = ()
    forgotten: bool = False
    rebuilt: bool = False
    gates: tuple[Standing, ...] = ()
    bypass: Bypass | None = None
    issue: tuple[Ref, str] | None = None
    issue_gone: Ref | None = None
    guard_lost: bool = False
    notice: Notice | None = None
    assigned: Account | None = None
    gone: tuple[Owner, ...] = ()
    handed: Owner | None = None
    handover: Handover = NOTHING_HANDED
    quiet_until: date | None = None

    @property
    def original_due(self) -> date | None:
        """The first due date that mdpc knew, else today's."""
        return self.dues[0][0] if self.dues else self.due

    @property
    def open_issues(self) -> int:
        """Open issues over all records."""
        return sum(record.open_issues for record in self.records)

    @property
    def closed_issues(self) -> int:
        """Closed issues over all records."""
        return sum(record.closed_issues for record in self.records)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken by one milestone. `id` is stable from run to run; `ref` names the record meant, if one is."""

    id: str
    rule: str
    level: Level
    milestone: str
    ref: str | None
    message: str
    remedy: str
