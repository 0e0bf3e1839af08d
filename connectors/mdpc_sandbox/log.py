"""The request log: what was asked of the sandbox, so that requests can be counted and "no write" be proven."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

READS = ("GET", "HEAD", "OPTIONS")

# Requests that carry their question in a body, and an App asking for its token: they change nothing in a tracker.
_ASKING = re.compile(r"^/graphql$|/access_tokens$|/search$|/search/jql$|/search/approximate-count$|/jql/parse$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `path` is below the tracker's base, with its query; `status` is 0 where no answer was sent.

    `sent` is the request's body as text; it is left out of what `/_log` answers.
    """

    tracker: str
    method: str
    path: str
    status: int
    write: bool
    sent: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.tracker} {self.method} {self.path} {self.status}"


def is_write(method: str, path: str) -> bool:
    """Whether a request asks for a change: every method but GET, HEAD, OPTIONS and a POST that only asks."""
    return method not in READS and not (method == "POST" and _ASKING.search(path.partition("?")[0]))


class RequestLog:
    """All requests since the start or the last `clear`, in the order of their answers. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Remember one request."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._entries.clear()

    @property
    def entries(self) -> Sequence[Entry]:
        """Every request so far."""
        with self._lock:
            return tuple(self._entries)

    def count(self, tracker: str | None = None) -> int:
        """How many requests there were, to one tracker (`github` or `jira`) or to both."""
        return sum(tracker in (None, entry.tracker) for entry in self.entries)

    def writes(self, tracker: str | None = None) -> Sequence[Entry]:
        """The requests that asked for a change, refused ones included."""
        return tuple(entry for entry in self.entries if entry.write and tracker in (None, entry.tracker))

    def as_json(self) -> list[dict[str, object]]:
        """The log as `/_log` answers it: without what was sent, which may be long."""
        return [{key: value for key, value in asdict(entry).items() if key != "sent"} for entry in self.entries]
