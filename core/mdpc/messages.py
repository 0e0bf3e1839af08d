"""What is sent by channels besides the comments: frozen values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

MessageKind = Literal["notice", "achieved", "digest"]

MessageOutcome = Literal["done", "already", "stale", "failed", "unknown", "withheld"]

SENT: tuple[MessageOutcome, ...] = ("done", "already")
"""The outcomes of what need not be sent any more."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be reached: what people call them, their address, and what they are called on the channel."""

    name: str
    address: str = ""
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to some people by one channel.

    `id` is the same in every run, so that a receiver can tell a repetition; `notice` is the notice that it brings.
    `milestone` is its key, empty for a digest. `subject` is one line of plain text, `text` the whole in plain text,
    `markdown` the same in CommonMark, in which text from trackers is escaped. `facts` are what programs read: JSON
    values only. A message is sent once the writes that it `needs` succeeded, and `ledgers` are the writes that note
    what became of it. `outcome` is None until it was sent: `unknown` where the answer was lost, `withheld` where what
    it needs was not written; of a saved plan `already` went out since, and `stale` is wanted no more. `answer` then
    says more, for people. `who` are the identities of `to`, in the same order (`mdpc.people`).
    """

    id: str
    kind: MessageKind
    channel: str
    program: str
    milestone: str
    notice: str
    subject: str
    text: str
    markdown: str
    to: tuple[Recipient, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    ledgers: tuple[str, ...] = ()
    outcome: MessageOutcome | None = None
    answer: str = ""
    who: tuple[str, ...] = ()
