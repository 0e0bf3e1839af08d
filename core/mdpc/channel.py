"""What a channel must keep: a way to reach people besides the comment, which always comes first and is the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from mdpc.outcome import OutcomeStatus
from mdpc.problem import Problem
from mdpc.settings.base import Table

MessageKind = Literal["notice", "achieved", "digest"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be reached: what people call them, their address, and what they are called on the channel."""

    name: str
    email: str = ""
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to some people by one channel.

    `id` is the same in every run, so that a receiver can tell a repetition. `milestone` is its key, empty for a digest.
    `subject` is one line of plain text, `text` the whole in plain text, `markdown` the same in CommonMark, in which
    text from trackers is escaped. `facts` are what programs read: JSON values only. A message is sent once the writes
    that it `needs` succeeded. `outcome` is None until it was sent; `answer` then says more, for people.
    """

    id: str
    kind: MessageKind
    channel: str
    program: str
    milestone: str
    subject: str
    text: str
    markdown: str
    to: tuple[Recipient, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    outcome: OutcomeStatus | None = None
    answer: str = ""


class Channel(Protocol):
    """One way to reach people, found through the entry points `mdpc.channels`. Constructing it touches no network."""

    Settings: ClassVar[type[Table]]
    name: str

    def __init__(self, name: str, settings: Table) -> None:
        """Remember the channel's name in the configuration and its table; connect to nothing."""

    def preflight(self) -> Sequence[Problem]:
        """Check what can be checked without sending anything; never raises for what it can report."""

    def send(self, message: Message) -> tuple[OutcomeStatus, str]:
        """Send one message: `done`, `failed`, or `unknown` where the answer was lost; and what there is to say of it.

        Never raises for what a server answers, never logs or answers a secret, and repeats nothing by itself: what
        failed is tried again in the next run.
        """
