"""Faults: what goes wrong on purpose, so that a failing tracker can be rehearsed.

A fault belongs to a path (a glob below the tracker's base: `/repos/acme/api/*`, `/graphql`, `/rest/api/2/search*`) or
to a GitHub repository, which then fails in REST and in GraphQL alike. It happens a number of times or for good.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Drop = Literal["before", "after"]


class Fault(BaseModel):
    """One rule. Where `repository` is given, `path` is not looked at.

    `status` is answered in the tracker's own error shape, or with `body` where that is given. `retry_after` adds the
    header, in seconds. `drop` closes the connection without an answer, before or after the request took effect.
    `times` counts down; None is for good. For a repository, 404 and 403 are GraphQL errors of that repository alone
    (and 404 keeps it out of lists), and any other status fails the whole query that reads it.
    """

    model_config = ConfigDict(extra="forbid")

    path: str = "*"
    repository: str | None = None
    tracker: Literal["github", "jira"] | None = None
    method: str | None = None
    status: int = Field(500, ge=200, le=599)
    body: Any = None
    headers: dict[str, str] = {}
    retry_after: int | None = None
    drop: Drop | None = None
    times: int | None = Field(None, ge=1)

    def covers(self, tracker: str, method: str, path: str) -> bool:
        """Whether this fault is about that request."""
        if self.tracker not in (None, tracker) or self.method not in (None, method):
            return False
        if self.repository is None:
            return fnmatchcase(path, self.path)
        root = f"/repos/{self.repository}".lower()
        return tracker == "github" and (path.lower() == root or path.lower().startswith(f"{root}/"))

    def content(self, tracker: str) -> object:
        """What is answered: `body`, else an error in the tracker's own shape."""
        if self.body is not None:
            return self.body
        message = _MESSAGES.get(self.status, "Server Error")
        if tracker == "jira":
            return {"errorMessages": [message], "errors": {}}
        return {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(self.status)}

    def all_headers(self) -> Mapping[str, str]:
        """The headers of the answer."""
        return self.headers | ({} if self.retry_after is None else {"Retry-After": str(self.retry_after)})


_MESSAGES = {
    401: "Bad credentials",
    403: "Resource not accessible by personal access token",
    404: "Not Found",
    429: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
}


@dataclass(slots=True)
class Faults:
    """The faults in force, first match wins. Safe to use from any thread."""

    rules: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, path: str = "*", **rule: Any) -> Fault:
        """Put a fault in force; the keywords are the fields of `Fault`. Raises pydantic's ValidationError."""
        return self.put(Fault(path=path, **rule))

    def put(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        with self._lock:
            self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything work again."""
        with self._lock:
            self.rules.clear()

    def take(self, tracker: str, method: str, path: str) -> Fault | None:
        """The fault that this request meets, counted down."""
        with self._lock:
            return self._use(next((rule for rule in self.rules if rule.covers(tracker, method, path)), None))

    def take_repository(self, repository: str) -> Fault | None:
        """The fault that a GraphQL query meets at a repository, `owner/name` in any case, counted down."""
        if not self.rules:
            return None
        with self._lock:
            named = (rule for rule in self.rules if (rule.repository or "").lower() == repository.lower())
            return self._use(next(named, None))

    def _use(self, rule: Fault | None) -> Fault | None:
        if rule and rule.times is not None:
            rule.times -= 1
            if rule.times == 0:
                self.rules.remove(rule)
        return rule
