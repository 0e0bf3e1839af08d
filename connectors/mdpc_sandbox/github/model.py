"""What the sandbox's GitHub holds. Moments are strings as GitHub writes them; everything may be changed in place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

UNNAMED = 1_000_000
"""Above it lie the numbers of issues that a seed only counts, a million for each milestone."""

_PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass(slots=True)
class Comment:
    """A comment on an issue; `edited_at` and `editor` are None until somebody edits it."""

    id: int
    user: str
    body: str
    created_at: str
    updated_at: str
    edited_at: str | None = None
    editor: str | None = None

    @property
    def node_id(self) -> str:
        """The global id."""
        return f"IC_sandbox{self.id}"


@dataclass(slots=True)
class Issue:
    """An issue or a pull request; `milestone` is a milestone's number in the same repository.

    `edited_at` and `editor` are of its body, None until somebody edits it. `closed_by` is who closed it last.
    """

    id: int
    number: int
    title: str
    user: str
    created_at: str
    updated_at: str
    body: str | None = None
    state: str = "open"
    closed_at: str | None = None
    milestone: int | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    pull_request: bool = False
    comments: list[Comment] = field(default_factory=list)
    edited_at: str | None = None
    editor: str | None = None
    closed_by: str | None = None

    @property
    def node_id(self) -> str:
        """The global id."""
        return f"I_sandbox{self.id}"

    @property
    def number_of_comments(self) -> int:
        """How many comments it has."""
        return len(self.comments)


@dataclass(slots=True)
class Milestone:
    """A milestone. `open` and `closed` count issues that the sandbox does not hold one by one."""

    id: int
    node_id: str
    number: int
    title: str
    created_at: str
    updated_at: str
    description: str | None = None
    due_on: str | None = None
    state: str = "open"
    closed_at: str | None = None
    creator: str | None = None
    open: int = 0
    closed: int = 0


@dataclass(slots=True)
class Repository:
    """A repository with its milestones and issues by number; `deleted` is the highest number of a deleted milestone.

    `gone` are the numbers of issues that were deleted or transferred, `moved` where the transferred ones are now.
    `assignable` are the logins that issues can be assigned to, None for everybody.
    """

    id: int
    owner: str
    name: str
    created_at: str
    private: bool = False
    archived: bool = False
    has_issues: bool = True
    topics: tuple[str, ...] = ()
    milestones: dict[int, Milestone] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    deleted: int = 0
    assignable: tuple[str, ...] | None = None
    gone: set[int] = field(default_factory=set)
    moved: dict[int, tuple[Repository, int]] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def node_id(self) -> str:
        """The global id, which survives a rename."""
        return f"R_sandbox{self.id}"

    @property
    def next_milestone(self) -> int:
        """The number of the next milestone; those of deleted ones are not given again."""
        return max(self.deleted, *self.milestones, 0) + 1

    @property
    def next_issue(self) -> int:
        """The number of the next issue; no number is given twice."""
        return max((*self.issues, *self.gone), default=0) + 1

    def assignable_of(self, logins: Iterable[str]) -> list[str]:
        """Those of the logins that issues can be assigned to; GitHub drops the others without a word."""
        if self.assignable is None:
            return list(logins)
        known = {login.lower() for login in self.assignable}
        return [login for login in logins if login.lower() in known]

    def issues_of(self, milestone: int, *, pull_requests: bool = False) -> list[Issue]:
        """The issues of a milestone, with or without its pull requests."""
        return [
            issue
            for issue in self.issues.values()
            if issue.milestone == milestone and (pull_requests or not issue.pull_request)
        ]

    def counts(self, milestone: Milestone, *, pull_requests: bool = False) -> tuple[int, int]:
        """Open and closed issues of a milestone; REST counts pull requests too, GraphQL's `issues` does not."""
        states = [issue.state for issue in self.issues_of(milestone.number, pull_requests=pull_requests)]
        return milestone.open + states.count("open"), milestone.closed + states.count("closed")

    def unnamed(self, milestone: Milestone) -> list[Issue]:
        """The issues of a milestone that a seed only counts, made up for lists: alike, and older than all others."""
        moment = min([milestone.created_at, *(one.updated_at for one in self.issues_of(milestone.number))])
        states = ["open"] * milestone.open + ["closed"] * milestone.closed
        return [
            Issue(
                id=self.id * UNNAMED**2 + milestone.number * UNNAMED + position,
                number=milestone.number * UNNAMED + position,
                title="One of those that the seed only counts",
                user=milestone.creator or "octocat",
                created_at=moment,
                updated_at=moment,
                state=state,
                closed_at=moment if state == "closed" else None,
                milestone=milestone.number,
            )
            for position, state in enumerate(states, start=1)
        ]


def stamp(moment: datetime) -> str:
    """A moment as GitHub writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def floor_due(text: str) -> str:
    """What GitHub stores for a `due_on`: midnight US-Pacific of the day that the moment falls on there.

    Seen in microsoft/PowerShellForGitHub#133 and wordpress-mobile/release-toolkit#419. Raises ValueError for what is no
    date-time with a zone, a bare date among them.
    """
    moment = datetime.fromisoformat(text)
    if "T" not in text.upper() or moment.tzinfo is None:
        raise ValueError(f"{text} is not a valid date-time")
    day = moment.astimezone(_PACIFIC).date()
    return stamp(datetime.combine(day, time(), _PACIFIC))
