"""What GitHub's answers mean: pure functions of status, headers and body that give the error to raise.

Facts: a limit is 403 or 429 in REST, and 200 with an error of type RATE_LIMITED in GraphQL; how long to wait is in
Retry-After, else in X-RateLimit-Reset once nothing remains, else a minute (GitHub's "Best practices for using the REST
API" and "Rate limits and query limits for the GraphQL API").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mdpc.connector import Reason, TrackerError

Headers = Mapping[str, str]
SECONDARY_LIMIT_SECONDS = 60.0

NOT_THERE = "It is not there, or the token may not see it"
CHECK = "Check the name, or give the token access"
_SIGN_ON = "Authorise the token for the organisation's single sign-on"
NO_API = "Set `url` to the address of the API: https://HOST/api/v3 on GitHub Enterprise Server"
GITHUB_COM = "https://api.github.com"

_LIMIT_WORDS = ("rate limit", "abuse detection")
_GRAPHQL_REASONS: Mapping[str, Reason] = {
    "NOT_FOUND": "missing",
    "FORBIDDEN": "forbidden",
    "INSUFFICIENT_SCOPES": "forbidden",
    "RATE_LIMITED": "limited",
    "RATE_LIMIT": "limited",
    "SERVICE_UNAVAILABLE": "server",
    "INTERNAL": "server",
    "RESOURCE_LIMITS_EXCEEDED": "server",
    "MAX_NODE_LIMIT_EXCEEDED": "server",
}
_OVERLOAD_WORDS = ("something went wrong", "timeout", "resource limits", "timedout", "timed out")


def plain(text: object, limit: int = 200) -> str:
    """A server's words, fit for a message: one line, printable, cut, without the last full stop."""
    words = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split()).rstrip(".")
    return words if len(words) <= limit else words[: limit - 1] + "…"


def wait_seconds(headers: Headers, now: float) -> float | None:
    """How long the server asks to wait, None where it does not say. `headers` have lower-case names."""
    asked = _number(headers.get("retry-after"))
    if asked is not None:
        return asked
    reset = _number(headers.get("x-ratelimit-reset"))
    if headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(0.0, reset - now)
    return None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def message_of(body: object) -> str:
    """What the body says, with the fields it complains of; empty where it says nothing."""
    if not isinstance(body, dict):
        return ""
    said = [plain(body.get("message", ""))]
    for error in body.get("errors") or []:
        if isinstance(error, dict):
            parts = (error.get("resource"), error.get("field"), error.get("code"), error.get("message"))
            said.append(plain(" ".join(str(part) for part in parts if part)))
        else:
            said.append(plain(error))
    return "; ".join(part for part in said if part)


@dataclass(frozen=True, slots=True)
class Request:
    """Where an answer came from: the request, the API's address, and whose token it carried, for messages."""

    method: str
    path: str
    variable: str
    url: str = GITHUB_COM
    signed_in: bool = True

    @property
    def later(self) -> str:
        """The next step after a server's own failure; only github.com tells everybody how it does."""
        return "Run again later; see www.githubstatus.com" if self.url == GITHUB_COM else "Run again later"

    @property
    def not_there(self) -> tuple[str, str]:
        """What a 404 means and the next step: GitHub hides what one may not see."""
        if self.signed_in:
            return NOT_THERE, CHECK
        step = f"Check the name, or set {self.variable} (or GITHUB_TOKEN) to a token that may see it"
        return "It is not there, or not public, and there is no token", step

    def error(  # noqa: PLR0913 - each is a fact that messages and the retry policy need
        self,
        what: str,
        reason: Reason,
        *,
        status: int | None = None,
        next_step: str = "",
        wait: float | None = None,
        lasting: bool = False,
    ) -> TrackerError:
        """An error of this request; `what` and `next_step` are without a full stop."""
        return TrackerError(
            what,
            reason=reason,
            method=self.method,
            path=self.path,
            status=status,
            next_step=f"{next_step}." if next_step else "",
            retry_after=wait,
            lasting=lasting,
        )

    def limited(self, headers: Headers, now: float, status: int) -> TrackerError:
        """The error of a used-up rate limit."""
        wait = wait_seconds(headers, now)
        seconds = SECONDARY_LIMIT_SECONDS if wait is None else wait
        until = datetime.fromtimestamp(now + seconds, UTC)
        return self.error(
            "GitHub's rate limit is used up",
            "limited",
            status=status,
            wait=seconds,
            next_step=f"Run again after {until:%H:%M} UTC, or {self._more_requests}",
        )

    @property
    def _more_requests(self) -> str:
        if self.signed_in:
            return "use a GitHub App, which may ask more"
        return f"set {self.variable} (or GITHUB_TOKEN): without a token there are only 60 requests an hour"


def failure(request: Request, status: int, headers: Headers, body: object, now: float) -> TrackerError | None:
    """The error that an HTTP answer means, None for a success (2xx). `now` is in seconds since the epoch."""
    if 200 <= status < 300:
        return None
    said = message_of(body)
    quoted = f": {said}" if said else ""
    if status == 429 or (status == 403 and _is_limit(headers, said)):
        return request.limited(headers, now, status)
    reason: Reason = "refused"
    what, step = f"GitHub refuses the request{quoted}", ""
    if status >= 500:
        reason, what, step = "server", f"GitHub failed{quoted}", request.later
    elif status == 401:
        reason, what = "auth", f"GitHub refuses the token{quoted}"
        step = f"Set {request.variable} (or GITHUB_TOKEN) to a token that is valid and not expired"
    elif status == 403:
        reason, what, step = "forbidden", f"GitHub forbids it{quoted}", right_to(said)
    elif status == 404 and not _is_githubs(headers, body):
        reason, what, step = "missing", f"There is no GitHub API at {request.url}", NO_API
    elif status in (404, 410, 451):
        reason, (what, step) = "missing", request.not_there
    elif status < 400:
        reason, what, step = "missing", "It was moved or renamed", CHECK
    return request.error(what, reason, status=status, next_step=step)


def _is_githubs(headers: Headers, body: object) -> bool:
    """Whether an answer is the API's own: it has a message, and mostly headers that are GitHub's alone.

    Jira has a message, too, where it knows no such path, but beside a `status-code`.
    """
    said = isinstance(body, dict) and "message" in body and "status-code" not in body
    return said or any(name.startswith("x-github-") for name in headers)


def _is_limit(headers: Headers, said: str) -> bool:
    words = said.lower()
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or any(word in words for word in _LIMIT_WORDS)
    )


def right_to(said: str) -> str:
    """The next step after a 403, from what GitHub said about it."""
    words = said.lower()
    if "saml" in words or "sso" in words.split():
        return _SIGN_ON
    if "integration" in words:
        return "Give the App, or `permissions:` of the workflow, access to Issues in this repository"
    if "ip allow list" in words:
        return "Add this machine's address to the organisation's IP allow list"
    return "Give the token access to Issues in this repository"


def graphql_error(request: Request, error: Mapping[str, Any]) -> TrackerError:
    """One of GraphQL's `errors` as an error of ours."""
    said = plain(error.get("message", ""))
    kind = error.get("type") or (error.get("extensions") or {}).get("code") or ""
    reason = _GRAPHQL_REASONS.get(str(kind).upper())
    if reason is None:
        reason = "server" if any(word in said.lower() for word in _OVERLOAD_WORDS) else "refused"
    if reason == "missing":
        return request.error(NOT_THERE, reason, next_step=CHECK)
    if reason == "forbidden":
        return request.error(f"GitHub forbids it: {said}", reason, next_step=right_to(said))
    if reason == "server":
        return request.error(f"GitHub failed: {said}", reason, next_step=request.later)
    return request.error(f"GitHub refuses the query: {said}", reason)


@dataclass(frozen=True, slots=True)
class Partial:
    """A GraphQL answer: the data that came, and for each error the path it belongs to.

    `unplaced` is an error without a path: nobody knows what is missing from the data. `withheld` says that GitHub left
    out what single sign-on protects, which need not be an error.
    """

    data: Mapping[str, Any]
    errors: Sequence[tuple[tuple[str | int, ...], TrackerError]]
    unplaced: TrackerError | None = None
    withheld: TrackerError | None = None

    def error_at(self, *path: str | int) -> TrackerError | None:
        """The first error at or below a path."""
        return next((error for where, error in self.errors if where[: len(path)] == path), None)


def graphql_answer(request: Request, headers: Headers, body: object, now: float) -> Partial:
    """Take a GraphQL answer apart; raises TrackerError where it is of no use as a whole.

    That is a rate limit, no data at all, or an overload (a timeout, a resource limit) without a path.
    """
    if not isinstance(body, dict):
        raise request.error("GitHub's answer is no GraphQL", "refused", next_step="Check `url`")
    raw = [error for error in body.get("errors") or [] if isinstance(error, dict)]
    errors = [(tuple(error.get("path") or ()), graphql_error(request, error)) for error in raw]
    if any(error.reason == "limited" for _, error in errors):
        raise request.limited(headers, now, 200)
    data = body.get("data")
    if data is None:
        raise errors[0][1] if errors else request.error("GitHub's answer holds no data", "server")
    unplaced = [error for path, error in errors if not path]
    if overload := next((error for error in unplaced if error.reason == "server"), None):
        raise overload
    return Partial(data, errors, unplaced[0] if unplaced else None, withheld_by_sign_on(request, headers))


def withheld_by_sign_on(request: Request, headers: Headers) -> TrackerError | None:
    """The error of a list that GitHub cut, None for a whole one.

    Organisations that the token is not authorised for by single sign-on are left out, and only the header X-GitHub-SSO
    says so (GitHub's "Authenticating to the REST API").
    """
    if not headers.get("x-github-sso", "").startswith("partial-results"):
        return None
    return request.error("GitHub leaves out what single sign-on protects", "forbidden", next_step=_SIGN_ON)
