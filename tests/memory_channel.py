"""A channel in memory: what was sent, what it answers, and where it dies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from mdpc.channel import ChannelSettings
from mdpc.connector import Problem
from mdpc.messages import Message, MessageOutcome


class ByName(ChannelSettings):
    """A channel that people read somewhere."""


class ByAddress(ChannelSettings):
    """A channel that needs addresses."""

    by_address: ClassVar[bool] = True


class MemoryChannel:
    """Keeps what it is sent.

    `down` ones take nothing, others nothing for those whom they are `refusing`; `before` and `after` are called around
    each message.
    """

    Settings: ClassVar[type[ChannelSettings]] = ByName

    def __init__(self, name: str, settings: ChannelSettings | None = None) -> None:
        self.name = name
        self.settings = settings or ByName(type=name)
        self.sent: list[Message] = []
        self.down = False
        self.refusing: set[str] = set()
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def preflight(self) -> Sequence[Problem]:
        """As the contract says."""
        return []

    def send(self, message: Message) -> tuple[MessageOutcome, str]:
        """As the contract says."""
        if self.down or self.refusing & {each.name for each in message.to}:
            return "failed", "the server is down"
        self.before()
        self.sent.append(message)
        self.after()
        return "done", ""
