"""Requests to one Jira site: counted, retried by the one policy, paced, with errors for people.

The `jira` library signs in and builds addresses. Requests go through its session and not through its resources: those
send updates to the `self` address, which loses the cloud's id behind the API gateway, and retry by themselves.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any, Literal, TypeVar

import requests
from jira import JIRA, JIRAError

from mdpc.connector import Pacer, Patience, TrackerError, may_ask, with_retry
from mdpc.settings.problems import variable_name
from mdpc_jira import errors
from mdpc_jira.settings import JiraSettings

Result = TypeVar("Result")
Deployment = Literal["cloud", "data-center"]
Api = Literal["2", "3"]
"""Version 3 exists on Cloud alone and gives rich text as a document instead of wiki markup."""

WRITE_PACE = 0.2
"""Seconds between two writes: far below Cloud's burst of 20 writes in 2 seconds to one issue."""


class _SharedPatience(Patience):
    """The patience of several threads: what they wait side by side is waited once, not once for each of them."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = 0
        self._count = threading.Lock()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While one more thread asks, and perhaps waits."""
        with self._count:
            self._threads += 1
        try:
            yield
        finally:
            with self._count:
                self._threads -= 1

    def allows(self, seconds: float) -> bool:
        """Whether that much more waiting is within the budget; each thread that asks counts its part of it."""
        return super().allows(seconds / max(1, self._threads))


class JiraClient:
    """Sends requests for one connector; may be used from several threads. Constructing it touches no network.

    Every method raises TrackerError and nothing else for what Jira or the network does. `name` is the connector's
    name, which its environment variables are called after. All requests share one patience: a server that stays away is
    not waited for again and again.
    """

    def __init__(self, name: str, settings: JiraSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._token = settings.token.get_secret_value().strip() or None if settings.token else None
        self._secrets = _secrets(settings.user, self._token)
        token = variable_name("connectors", name, "token")
        self._variables = f"{variable_name('connectors', name, 'user')} and {token}" if settings.user else token
        self._sleep = sleep
        self._patience = _SharedPatience()
        pace = settings.pace if settings.pace is not None else (0.0 if settings.loopback else WRITE_PACE)
        self._pacer = Pacer(pace, sleep=sleep)
        self._idle: LifoQueue[JIRA] = LifoQueue()
        self._lock = threading.Lock()
        self._requests = 0
        self._deployment: Deployment | None = settings.known_deployment()
        self._asking = threading.Lock()

    @property
    def requests(self) -> int:
        """How many requests were sent so far, retries included."""
        return self._requests

    @property
    def signed_in(self) -> bool:
        """Whether requests carry a token."""
        return self._token is not None

    @property
    def deployment(self) -> Deployment:
        """Cloud or Data Center: from the configuration, else from one question to the server."""
        with self._asking:
            if self._deployment is None:
                kind = self.get("serverInfo").get("deploymentType")
                self._deployment = "cloud" if kind == "Cloud" else "data-center"
            return self._deployment

    @property
    def cloud(self) -> bool:
        """Whether the site is on Cloud."""
        return self.deployment == "cloud"

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, api: Api = "2") -> Any:
        """The JSON at `path` (without a leading slash), asked again while Jira fails or limits."""
        return self.repeated(lambda: self._send("GET", path, params, None, api))

    def attempt(self, call: Callable[[], Result]) -> Result:
        """Run `call` in its turn among the writes; again after a limit, a 5xx or a lost connection.

        People may write while that is waited for. So `call` looks at what Jira holds each time before it sends: by
        `look`, `put` and `post`, which do not wait. Its turn is waited for before the look, too.
        """
        # The pacer is inside: waiting out a limit must not hold everybody else's turn.
        return self.repeated(lambda: self._pacer.write(call))

    def repeated(self, call: Callable[[], Result]) -> Result:
        """Run `call`, which does no harm when it is run again, until Jira answers it or the patience is at its end."""
        with self._patience.asking():
            return with_retry(call, safe=True, patience=self._patience, sleep=self._sleep)

    def look(self, path: str, params: Mapping[str, Any] | None = None, *, api: Api = "2") -> Any:
        """The JSON at `path`, asked for once, within `attempt`."""
        return self._send("GET", path, params, None, api)

    def put(self, path: str, body: Any, params: Mapping[str, Any] | None = None, *, api: Api = "2") -> Any:
        """Write once, within `attempt`, what was made of a look just before: an object, or a property's whole value."""
        return self._send("PUT", path, params, body, api)

    def post(self, path: str, body: Mapping[str, Any], *, api: Api = "2") -> Any:
        """Write once, within `attempt`, what was made of a look just before."""
        return self._send("POST", path, None, body, api)

    def delete(self, path: str, params: Mapping[str, Any] | None = None) -> None:
        """Take out once, within `attempt`, what a look just before has found; what is gone meanwhile is no error."""
        try:
            self._send("DELETE", path, params, None, "2")
        except TrackerError as error:
            if error.reason != "missing":
                raise

    def _send(self, method: str, path: str, params: Mapping[str, Any] | None, body: Any, api: Api) -> Any:
        may_ask()
        request = errors.Request(method, f"/rest/api/{api}/{path}", self.signed_in, self._variables, self._secrets)
        if any(
            not secret.isascii() or not secret.isprintable() for secret in (self._settings.user or "", *self._secrets)
        ):
            raise errors.credentials(request, None)  # no header can hold them
        with self._lock:
            self._requests += 1
        with self._borrowed() as jira:
            url = JIRA.JIRA_BASE_URL.format(**jira._options | {"path": path, "rest_api_version": api})
            data = None if body is None else json.dumps(body)
            try:
                # A followed redirect would turn a write into a GET, and a login page into an answer.
                response = jira._session.request(method, url, params=params, data=data, allow_redirects=False)
            except JIRAError as error:
                if error.response is None:
                    raise TrackerError("Jira's answer is empty", reason="network", method=method, path=path) from None
                raise errors.from_response(error.response, request) from None
            except OSError as error:
                raise errors.from_exception(error, request) from None
        return _content(response, request)

    @contextmanager
    def _borrowed(self) -> Iterator[JIRA]:
        """A client that nobody else uses meanwhile: `requests.Session` is not safe for threads."""
        try:
            jira = self._idle.get_nowait()
        except Empty:
            jira = self._connect()
        try:
            yield jira
        finally:
            self._idle.put(jira)

    def _connect(self) -> JIRA:
        settings = self._settings
        basic = settings.user and self._token
        return JIRA(
            settings.api,
            options={"verify": str(settings.ca_bundle)} if settings.ca_bundle else {},
            basic_auth=(settings.user, self._token) if settings.user and self._token else None,
            token_auth=None if basic else self._token,
            get_server_info=False,
            max_retries=0,
            timeout=(5, 30),
            logging=False,
        )


def _content(response: requests.Response, request: errors.Request) -> Any:
    if response.status_code >= 300:
        raise errors.from_response(response, request)
    # Jira answers wrong credentials as if nobody had signed in, with this header: an empty list would be believed.
    if request.signed_in and "AUTHENTICATED_FAILED" in response.headers.get("X-Seraph-LoginReason", ""):
        raise errors.credentials(request, response.status_code)
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        raise errors.not_json(request, response.status_code) from None


def _secrets(user: str | None, token: str | None) -> tuple[str, ...]:
    if not token:
        return ()
    pair = base64.b64encode(f"{user or ''}:{token}".encode()).decode()
    return (pair, token)
