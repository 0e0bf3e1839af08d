"""What a connector must keep, how its requests fail, and the one retry policy that all of them share."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Literal, Protocol, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.wait import wait_base, wait_random_exponential

from mdpc import allowance
from mdpc.changes import Change, Outcome
from mdpc.connector_settings import ConnectorSettings
from mdpc.coordination import IssueReading, IssueScope
from mdpc.model import USED_UP, Reading, Scope
from mdpc.problem import Problem
from mdpc.rights import Right, Rights, Use

__all__ = [
    "LOOPBACK",
    "Connector",
    "ConnectorSettings",
    "Pacer",
    "Patience",
    "Problem",
    "Reason",
    "Right",
    "Rights",
    "TrackerError",
    "Use",
    "may_ask",
    "speaks_no_tls",
    "stumbled",
    "waits_heard_by",
    "with_retry",
]

Result = TypeVar("Result")

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Connector(Protocol):
    """One tracker. Constructing it touches no network; only `apply` writes."""

    Settings: ClassVar[type[ConnectorSettings]]
    name: str

    def __init__(self, name: str, settings: ConnectorSettings) -> None:
        """Remember the connector's name in the configuration and its table; connect to nothing."""

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far, retries included."""

    def preflight(self, scope: Scope) -> Sequence[Problem | Rights]:
        """Check token, limits and containers without a write; never raises for what it can report.

        `Rights` are what the account may do in a container, compared with what `scope.uses` and `scope.teams` need;
        what is missing and what is dangerous in them becomes a problem by itself. A connector may leave them out.
        """

    def read(self, scope: Scope) -> Reading:
        """Read the containers of the settings and of `scope.members`, of a `scope.share` those alone that are ours.

        What cannot be read completely is in `unread`, never an empty container. Raises TrackerError only where
        nothing at all could be read (a wrong token, a server that is down).
        """

    def read_issues(self, scope: IssueScope) -> IssueReading:
        """Read coordination issues and what gates ask for, after `read` and of containers that it read.

        Never called with an empty scope. A container of `homes` or `known` whose issues or comments could not be read
        completely is in `unread`. Raises TrackerError only where nothing at all could be read.
        """

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Apply the changes of one write; an outcome for each, in order. At most one writing request succeeds.

        Looks at what the tracker holds first, and again before anything is repeated: `already` where `after` stands
        there, `stale` where it is neither `before` nor `after`; a stale one withholds the others. Never raises for what
        a tracker answers.

        Changes of kind `create` are one record to be made in `ref.container`, a change for each field. Where the
        tracker refuses it since the title is taken, the record with that title is looked at: `already` if it carries
        the milestone's id in its mark (the status to be written names it), else `stale`. After a lost answer it looks
        for the mark before anything is sent again. Their outcomes carry `created`.

        Changes of kind `issue` are of a coordination issue. Where their `ref.id` is a token one is made, with the
        fields `title`, `body`, `assignee` (a login) and `label`: `already` where an issue by mdpc's own account whose
        body carries the same mark (`mdpc.marks`) is there, which is always looked for first. Otherwise they change one:
        `body` is mdpc's own part (placed as a status is), `state` is `open` or `closed`, `assignee` takes `before` off
        and puts `after` on, `label` adds `after`. An assignee whom the tracker does not take is `done`, with an answer.

        A change of kind `comment` is one request. With the issue's own `ref` it makes one, whose id is in `created`:
        `already` where a comment by mdpc's own account, edited by nobody else, ends in the same mark; where `seen` is
        set and people wrote a comment after the one of that id, `stale`. With a `ref.id` of `ISSUE/COMMENT` it edits
        that comment, silently where the tracker allows: `before` and `after` are the whole text, and where they are one
        this is a look that writes nothing.
        """


Reason = Literal["auth", "forbidden", "missing", "limited", "refused", "server", "network"]


class TrackerError(Exception):
    """A request that a tracker did not answer as hoped. Its text is for users: what, where, what to do next.

    `reason` is `auth` (the token is wrong), `forbidden`, `missing` (404), `limited` (a rate limit), `refused` (another
    4xx), `server` (5xx) or `network` (no answer). `retry_after` is the seconds that the server asked to wait. A
    `lasting` error would meet the next request as well, so that nothing is repeated. No part of it ever holds a secret.
    """

    def __init__(  # noqa: PLR0913 - each is a fact that messages and the retry policy need
        self,
        what: str,
        *,
        reason: Reason,
        method: str = "",
        path: str = "",
        status: int | None = None,
        next_step: str = "",
        retry_after: float | None = None,
        lasting: bool = False,
    ) -> None:
        self.what = what
        self.reason: Reason = reason
        self.method = method
        self.path = path
        self.status = status
        self.next_step = next_step
        self.retry_after = retry_after
        self.lasting = lasting
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """What, then where (method, path, status), then the next step."""
        where = " ".join(part for part in (self.method, self.path) if part)
        answer = f"{where}: {self.status}" if where and self.status else where or str(self.status or "")
        what = f"{self.what} ({answer})" if answer else self.what
        return f"{what}. {self.next_step}" if self.next_step else f"{what}."


def stumbled(error: Exception, who: str = "connector") -> str:
    """What to say where a connector, or `who`, raised what it must not: a mistake in it, of which no detail is told."""
    return f"the {who} stumbled ({type(error).__name__}). This is a mistake in it: please report it"


_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")


def speaks_no_tls(error: Exception) -> bool:
    """Whether a failed handshake means that the other side speaks plain text, in OpenSSL's words for it."""
    return any(word in str(error) for word in _NO_TLS)


class _ServerWait(wait_base):
    """Wait as long as the server said, else a random exponential time."""

    fallback = wait_random_exponential(multiplier=1, max=30)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        if isinstance(error, TrackerError) and error.retry_after is not None:
            return error.retry_after + random.uniform(0, 1)  # noqa: S311 - spreading load, no secret
        return self.fallback(retry_state)


def may_ask() -> None:
    """Raise TrackerError where the run has used up what it may use to read. A connector calls it before each request.

    While a plan is applied it never raises: a write that was begun is ended.
    """
    if why := allowance.refusal():
        raise TrackerError(why, reason="limited", next_step=f"{USED_UP}.", lasting=True)


Listener = Callable[[str, float], None]
"""Told why is waited, without a full stop, and for how many seconds; from any thread."""

_listeners: list[Listener] = []


@contextmanager
def waits_heard_by(listener: Listener) -> Iterator[None]:
    """Meanwhile `listener` is told of every wait before it begins, whichever connector waits."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def _tell(why: str, seconds: float) -> None:
    for listener in tuple(_listeners):
        listener(why, seconds)


def _tell_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TrackerError):
        _tell(error.what, state.upcoming_sleep)


def _worth_repeating(safe: bool) -> Callable[[BaseException], bool]:
    def decide(error: BaseException) -> bool:
        if not isinstance(error, TrackerError) or error.lasting:
            return False
        return error.reason == "limited" or (safe and error.reason in ("server", "network"))

    return decide


class Patience:
    """How long one client may still wait for its server: `budget` seconds in all since the server last answered well.

    Every request of a client shares it, so that a server which stays away, or an account which stays limited, costs one
    budget and not one for each request. Safe to use from any thread.
    """

    def __init__(self, budget: float = 300.0) -> None:
        self._budget = budget
        self._waited = 0.0
        self._lock = threading.Lock()

    def answered(self) -> None:
        """The server answered well: all of the budget is there again."""
        with self._lock:
            self._waited = 0.0

    def allows(self, seconds: float) -> bool:
        """Whether that much more waiting is within the budget; if so, it counts as waited."""
        with self._lock:
            if self._waited + seconds > self._budget:
                return False
            self._waited += seconds
            return True


def with_retry(
    call: Callable[[], Result],
    *,
    safe: bool,
    attempts: int = 5,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """Call until it answers, at most `attempts` times and never beyond `patience` (its own 300 seconds by default).

    Rate limits are waited out for every method, as the server said; 5xx and network errors are repeated only where
    `safe` says that a second call does no harm. A write is safe where the call looks at the tracker anew before it
    sends; a body built once and sent again is not, since people may have written in between. The last TrackerError is
    raised as it is.
    """
    left = patience or Patience()

    def give_up(state: RetryCallState) -> bool:
        wait = state.upcoming_sleep
        return state.attempt_number >= attempts or not left.allows(wait) or not allowance.can_wait(wait)

    answer = Retrying(
        retry=retry_if_exception(_worth_repeating(safe)),
        wait=_ServerWait(),
        stop=give_up,
        sleep=sleep,
        before_sleep=_tell_retry,
        reraise=True,
    )(call)
    left.answered()
    return answer


_OVERTIME = 61.0
"""Seconds that a write may wait for its turn when the run's time is over, so that what was begun together is ended.

A minute's limit on creations makes it wait no longer, an hour's may.
"""

_TOO_LONG = "The service may be written to again only when the time of this run is over"


class Pacer:
    """Keeps writes to one host serial and apart, and creations below the hourly and minutely limits.

    `seconds` lie between two writes. Of creations (POST) there are at most `per_minute` and `per_hour`. A pacer of
    0 seconds does not limit creations either: it is the one for loopback.
    """

    def __init__(
        self,
        seconds: float,
        *,
        per_minute: int = 80,
        per_hour: int = 500,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self._limits = ((60.0, per_minute), (3600.0, per_hour))
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._last: float | None = None
        self._creations: deque[float] = deque()

    def write(self, call: Callable[[], Result], *, creates: bool = False) -> Result:
        """Run `call` alone, once it may be sent."""
        with self._lock:
            if self._seconds:
                delay = self._delay(creates)
                if delay > 0:
                    if not allowance.can_wait(delay, _OVERTIME):
                        raise TrackerError(_TOO_LONG, reason="limited", next_step="Run it again later.", lasting=True)
                    _tell("Writes are kept as far apart as the service asks", delay)
                    self._sleep(delay)
                self._last = self._clock()
                if creates:
                    self._creations.append(self._last)
            return call()

    def _delay(self, creates: bool) -> float:
        now = self._clock()
        delay = 0.0 if self._last is None else self._last + self._seconds - now
        if not creates:
            return delay
        while self._creations and self._creations[0] <= now - 3600.0:
            self._creations.popleft()
        for window, allowed in self._limits:
            inside = [moment for moment in self._creations if moment > now - window]
            if len(inside) >= allowed:
                delay = max(delay, inside[-allowed] + window - now)
        return delay
