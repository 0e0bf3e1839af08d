"""What a channel must keep: a way to reach people besides the comment, which always comes first and is the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from mdpc.channel_settings import ChannelSettings
from mdpc.messages import Message, MessageOutcome
from mdpc.problem import Problem

__all__ = ["Channel", "ChannelSettings", "Problem"]


class Channel(Protocol):
    """One way to reach people, found through the entry points `mdpc.channels`. Constructing it touches no network."""

    Settings: ClassVar[type[ChannelSettings]]
    name: str

    def __init__(self, name: str, settings: ChannelSettings) -> None:
        """Remember the channel's name in the configuration and its table; connect to nothing."""

    def preflight(self) -> Sequence[Problem]:
        """Check what can be checked without sending anything; never raises for what it can report."""

    def send(self, message: Message) -> tuple[MessageOutcome, str]:
        """Send one message: `done`, `failed`, or `unknown` where the answer was lost; and what there is to say of it.

        Never raises for what a server answers, never tells a secret, and repeats nothing by itself: what did not go out
        is tried again by the next run.
        """
