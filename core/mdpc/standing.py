"""The nouns of review gates: what somebody said of one, and how a milestone stands with it. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Literal

Word = Literal["approve", "reject", "withdraw", "waive"]

GateState = Literal["pending", "approved", "rejected", "void", "waived"]


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody said of a gate, and what it comes to.

    `who` is an identity (`mdpc.people`), `url` leads to the comment or the record where it was said, `at` is when (None
    where the tracker does not tell). Only the latest word of somebody counts; `against` says why this one does not,
    empty where it does. `void` ones counted until what was approved changed.
    """

    who: str
    word: Word
    why: str
    url: str
    at: datetime | None = None
    against: str = ""
    void: bool = False


@dataclass(frozen=True, slots=True)
class Voided:
    """That approvals became void: what changed since, in words.

    `noted` is the day on which mdpc saw it, None where only `said` is known: when mdpc said so in the comment at `url`.
    """

    what: str
    noted: date | None
    said: datetime | None = None
    url: str = ""

    def since(self, zone: tzinfo | None) -> date | None:
        """The first day of which it is known that they were void, in a zone."""
        told = self.said.astimezone(zone).date() if self.said else None
        return min((day for day in (self.noted, told) if day), default=None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a milestone stands with one gate.

    `by` is the day it is to be passed by, None for a gate at the close (`at_close`) or without a due date. `approvals`
    are needed; `approved_by` have given one that counts, by identity. `missing` says what is still needed, empty where
    the gate is passed. `waiting_for` are those who may still approve, by identity; `voided_for` whose approval is void.
    `unreadable` are teams among its reviewers of whom nobody knows who is in them, with why. `vacant` gates cannot be
    passed by anybody who is there. `votes` are everything that was said, oldest first, and `voided` is why approvals
    are void. `absent` are gates that it requires and that do not apply to the milestone: they are not asked for.
    """

    name: str
    state: GateState
    at_close: bool
    by: date | None = None
    approvals: int = 1
    approved_by: tuple[str, ...] = ()
    missing: str = ""
    waiting_for: tuple[str, ...] = ()
    voided_for: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    vacant: bool = False
    votes: tuple[Vote, ...] = ()
    voided: Voided | None = None
    absent: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the milestone has passed it."""
        return self.state in ("approved", "waived")

    @property
    def waivers(self) -> tuple[Vote, ...]:
        """The words by which it is waived, oldest first; none where it is not."""
        words = self.votes if self.state == "waived" else ()
        return tuple(vote for vote in words if vote.word == "waive" and not vote.against)

    def missed(self, today: date) -> bool:
        """Whether its day has passed without its being passed."""
        return not self.passed and self.by is not None and self.by < today
