"""What all channels share: how long they wait, and what may be said of a server's words."""

from __future__ import annotations

from mdpc import escape
from mdpc.connector import LOOPBACK
from mdpc.settings.problems import variable_name

TIMEOUT = 30.0
"""Seconds to wait for a server."""


def said(text: object) -> str:
    """A server's words as one harmless line."""
    raw = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return escape.terminal(raw, 200)


def unset(channel: str, key: str, why: str) -> tuple[str, str]:
    """That a secret is missing, and what to do."""
    return f"its {key} is missing: {why}", f"set {variable_name('channels', channel, key)}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, to which nothing needs to be encrypted."""
    return host in LOOPBACK or host == "::1"
