"""What an answer of Jira means, said for people and for the retry policy. Never a secret, never an unbounded text."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from mdpc.connector import Reason, TrackerError, speaks_no_tls

_MEANINGS: Mapping[int, tuple[Reason, str, str]] = {
    403: ("forbidden", "Jira refuses this to the account", "Ask an administrator of Jira for the right."),
    404: ("missing", "Jira has no such thing, or does not show it to this account", "Check the key and the rights."),
    410: ("refused", "Jira no longer offers this", "Check url and deployment; a newer mdpc may know the new way."),
    429: ("limited", "Jira asks to slow down", "Run again later, or less often."),
}

_ALWAYS_THERE = ("/serverInfo", "/myself")
_BASE = "Check url: it is the site's base address"

LONGEST = 300
"""How many characters of Jira's own words an error quotes."""


class JiraAnswerError(TrackerError):
    """A TrackerError that also knows Jira's `errors` by field, to tell a taken name from a missing right."""

    fields: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Request:
    """The request that an error is about. `signed_in` says whether it carried a token."""

    method: str
    path: str
    signed_in: bool
    variables: str
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"


def from_response(response: requests.Response, request: Request) -> JiraAnswerError:
    """The error for an answer that is not a success."""
    status = response.status_code
    messages, fields = _words(response)
    said = _clean("; ".join((*messages, *fields.values())), request.secrets)
    reason, what, next_step = _meaning(status, response, request)
    error = JiraAnswerError(
        f"{what}: {said.rstrip('.')}" if said else what,
        reason=reason,
        method=request.method,
        path=request.path,
        status=status,
        next_step=next_step,
        retry_after=retry_after(response.headers, time.time()),
    )
    error.fields = {name: _clean(text, request.secrets) for name, text in fields.items()}
    return error


def from_exception(exception: OSError, request: Request) -> TrackerError:
    """The error for a request without an answer; the exception's own text is left out, for it may quote a secret.

    It is one of `requests`, or another OSError where a file of certificates cannot be read.
    """
    what, next_step = "Jira did not answer", "Check url and the network, then run again"
    lasting = isinstance(exception, requests.exceptions.SSLError) or not isinstance(
        exception, requests.RequestException
    )
    if isinstance(exception, requests.exceptions.SSLError) and speaks_no_tls(exception):
        what, next_step = "Jira's port speaks no TLS, but plain http", "Check the port in url, or write http:// there"
    elif isinstance(exception, requests.exceptions.SSLError):
        what = "Jira's certificate is not trusted here"
        next_step = "Set ca_bundle to the file with your organisation's certificates"
    elif isinstance(exception, requests.exceptions.ProxyError):
        what, next_step = "The proxy did not let the request through", "Check HTTPS_PROXY and NO_PROXY"
    elif isinstance(exception, requests.exceptions.Timeout):
        what = "Jira did not answer in time"
    elif not isinstance(exception, requests.RequestException):
        what, next_step = "The certificates to trust cannot be read", "Check ca_bundle"
    return TrackerError(
        what, reason="network", method=request.method, path=request.path, next_step=next_step + ".", lasting=lasting
    )


def not_json(request: Request, status: int) -> TrackerError:
    """The error for a page where JSON was due: a login page, a proxy's page, a wrong address."""
    return TrackerError(
        "This is no answer of Jira's REST API",
        reason="refused",
        method=request.method,
        path=request.path,
        status=status,
        next_step=f"{_BASE}, and a login page may stand before it.",
    )


def credentials(request: Request, status: int | None) -> TrackerError:
    """The error for credentials that Jira did not accept."""
    what = "Jira did not accept the credentials" if request.signed_in else "Jira wants to know who asks"
    return TrackerError(
        what,
        reason="auth",
        method=request.method,
        path=request.path,
        status=status,
        next_step=f"Check {request.variables}; tokens expire.{_address_missing(request)}",
    )


def _address_missing(request: Request) -> str:
    """What else may be missing where a token signed in by itself, as it does on Data Center."""
    if not request.signed_in or " and " in request.variables:
        return ""
    user = f"{request.variables.removesuffix('TOKEN')}USER"
    return f" On Jira Cloud {user} has to be the account's e-mail address besides."


@contextmanager
def expected_shape() -> Iterator[None]:
    """Turn what goes wrong with an answer of another shape than the API describes into a TrackerError."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise TrackerError(
            f"Jira's answer is not what its API describes ({type(error).__name__})",
            reason="server",
            next_step="Check url and what stands before Jira.",
        ) from error


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that the server asks to wait, None where it does not say; `now` is in seconds since 1970.

    `Retry-After` in seconds or as a date, else Cloud's `X-RateLimit-Reset`, which is an ISO moment (GitHub's is a
    number of seconds).
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return float(value)
    for text, parse in ((value, email.utils.parsedate_to_datetime), (headers.get("X-RateLimit-Reset", ""), _iso)):
        try:
            moment = parse(text)
        except (ValueError, TypeError):
            continue
        return max(0.0, moment.timestamp() - now)
    return None


def _iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone says nothing")
    return moment


def _meaning(status: int, response: requests.Response, request: Request) -> tuple[Reason, str, str]:
    if status == 401 or "X-Authentication-Denied-Reason" in response.headers:
        error = credentials(request, status)
        return "auth", error.what, error.next_step
    if 300 <= status < 400:
        return "refused", "Jira sends us elsewhere", "Set url to the address that a browser ends at."
    if status == 404 and request.path.endswith(_ALWAYS_THERE):
        return "missing", "There is no Jira at url", f"{_BASE}."
    if status >= 500:
        return "server", "Jira failed", "Run again later."
    return _MEANINGS.get(status, ("refused", "Jira does not accept the request", ""))


def _words(response: requests.Response) -> tuple[list[str], dict[str, str]]:
    """Jira's own words: general ones and those by field. Pages that are not JSON say nothing worth quoting."""
    try:
        body: Any = response.json()
    except ValueError:
        return [], {}
    if not isinstance(body, dict):
        return [], {}
    listed = body.get("errorMessages") or [body.get("message") or body.get("errorMessage") or ""]
    fields = body.get("errors")
    return (
        [str(message) for message in listed if message] if isinstance(listed, list) else [str(listed)],
        {str(name): str(text) for name, text in fields.items()} if isinstance(fields, dict) else {},
    )


def _clean(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    text = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
