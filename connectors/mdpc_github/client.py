"""One GitHub client: PyGithub's requester with mdpc's errors, counting, pacing and the one retry layer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

import requests
from github import Github
from github.Requester import Requester

from mdpc import __version__
from mdpc.connector import Pacer, Patience, TrackerError, may_ask, speaks_no_tls, with_retry
from mdpc.settings.problems import variable_name
from mdpc_github.answers import (
    Headers,
    Partial,
    Request,
    failure,
    graphql_answer,
    plain,
    withheld_by_sign_on,
)
from mdpc_github.auth import Credentials
from mdpc_github.settings import GitHubSettings, is_loopback

Result = TypeVar("Result")

TIMEOUT_SECONDS = 15
WRITE_SECONDS = 1.0
"""Between two writes, as GitHub's best practices ask."""
_GRAPHQL = "/graphql"
"""Stands for the GraphQL address, which does not lie below the REST API's on every server."""


class Client:
    """Sends requests; every failure is a TrackerError without a secret in it. Not for several threads at once.

    `requests` counts what was sent, retries and an App's token requests included, but not the redirects of renamed
    repositories, which PyGithub follows by itself. Constructing it touches no network. All requests share one patience:
    a server that stays away is not waited for again and again.
    """

    def __init__(
        self,
        name: str,
        settings: GitHubSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.requests = 0
        self._settings = settings
        self._sleep = sleep
        self._now = now
        self._patience = Patience()
        self.variable = variable_name("connectors", name, "token")
        self.credentials = Credentials(settings, self._count)
        pace = settings.pace
        if pace is None:
            pace = 0.0 if is_loopback(settings.url) else WRITE_SECONDS
        self._pacer = Pacer(pace, sleep=sleep)

    def _count(self) -> None:
        self.requests += 1

    @cached_property
    def _requester(self) -> Requester:
        """Built on first use; `retry=None` and no pauses of its own, since retrying and pacing are ours."""
        github = Github(
            auth=self.credentials.auth(self._requester_with),
            **self._options(),
        )
        return github.requester

    def _options(self) -> dict[str, Any]:
        return {
            "base_url": self._settings.url,
            "lazy": True,
            "per_page": 100,
            "retry": None,
            "timeout": TIMEOUT_SECONDS,
            "user_agent": f"mdpc/{__version__}",
            "verify": self._settings.ca_bundle or True,
            "seconds_between_requests": 0,
            "seconds_between_writes": 0,
        }

    def _requester_with(self, auth: Any) -> Requester:
        return Github(auth=auth, **self._options()).requester

    def close(self) -> None:
        """Close the connections."""
        if "_requester" in self.__dict__:
            self._requester.close()

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> tuple[Headers, Any]:
        """GET a path of the API, or a link that it gave; (headers with lower-case names, body)."""
        return self.repeated(lambda: self._send("GET", path, parameters=parameters))

    def pages(
        self, path: str, parameters: Mapping[str, Any], key: str = "", *, whole: bool = False, once: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Every item of a paged list, 100 a request; `key` names the list where the body is an object.

        A list that has to be `whole` ends in a TrackerError where GitHub says that it left something out. Within
        `attempt` each page is asked for `once`.
        """
        url, query = path, {**parameters, "per_page": 100}
        withheld: TrackerError | None = None
        while url:
            headers, body = self._send("GET", url, parameters=query) if once else self.get(url, query)
            yield from body[key] if key else body
            withheld = withheld or withheld_by_sign_on(self._request("GET", path), headers)
            url, query = _next_link(headers), {}
        if whole and withheld:
            raise withheld

    def attempt(self, call: Callable[[], Result], *, creates: bool = False) -> Result:
        """Run `call` in its turn among the writes; again after a limit, a 5xx or a lost connection.

        People may write while that is waited for. So `call` looks at what GitHub holds each time before it sends: by
        `look` and `patch`, which do not wait. Its turn is waited for before the look, too. GitHub limits what `creates`
        something besides.
        """
        return self.repeated(lambda: self._pacer.write(call, creates=creates))

    def look(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """GET once, within `attempt`; the body."""
        return self._send("GET", path, parameters=parameters)[1]

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """PATCH once, within `attempt`, what was made of a look just before; the answer's body."""
        return self._send("PATCH", path, body=body)[1]

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST once, within `attempt`; the answer's body. Nobody may send it again where its answer was lost."""
        return self._send("POST", path, body=body)[1]

    def graphql(self, query: str, variables: Mapping[str, Any], *, patient: bool = True, whole: bool = True) -> Partial:
        """POST a query (never a mutation). `patient` waits and repeats after a 5xx; else the caller asks for less.

        An error that belongs to no place in the answer is raised, but where the answer need not be `whole`.
        """

        def ask() -> Partial | TrackerError:
            try:
                return self._query(query, variables)
            except TrackerError as error:
                if patient or error.reason != "server":
                    raise
                return error

        answer = self.repeated(ask)
        if isinstance(answer, TrackerError):
            raise answer
        if whole and answer.unplaced:
            raise answer.unplaced
        return answer

    def ask(self, query: str, variables: Mapping[str, Any]) -> Partial:
        """POST a query once, within `attempt`; an error that belongs to no place in the answer is raised."""
        answer = self._query(query, variables)
        if answer.unplaced:
            raise answer.unplaced
        return answer

    def _query(self, query: str, variables: Mapping[str, Any]) -> Partial:
        headers, body = self._send("POST", _GRAPHQL, body={"query": query, "variables": dict(variables)})
        return graphql_answer(self._request("POST", _GRAPHQL), headers, body, self._now())

    def repeated(self, call: Callable[[], Result]) -> Result:
        """Run `call`, which does no harm when it is run again, until GitHub answers or the patience is at its end."""
        return with_retry(call, safe=True, patience=self._patience, sleep=self._sleep)

    def _request(self, method: str, path: str) -> Request:
        return Request(method, path, self.variable, self._settings.url, self.credentials.present)

    def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[Headers, Any]:
        """One request; the error that its answer means is raised."""
        may_ask()
        where = self._request(method, path.partition("?")[0])
        try:
            requester = self._requester
            self.credentials.renew()
            self._count()
            url = requester.graphql_url if path == _GRAPHQL else path
            status, headers, text = requester.requestJson(
                method, url, parameters=dict(parameters or {}), input=dict(body) if body is not None else None
            )
        except requests.RequestException as error:
            raise _unreachable(where, error, self._settings.url) from None
        except OSError:  # after requests' own errors, which are OSErrors too
            what = "The certificates to trust cannot be read"
            raise where.error(what, "network", next_step="Check ca_bundle", lasting=True) from None
        except RuntimeError as error:  # PyGithub's word for a redirect to another host or scheme
            what = f"GitHub redirects elsewhere: {plain(error)}"
            raise where.error(what, "refused", next_step="Check `url`") from None
        data = _decoded(text)
        if problem := failure(where, status, headers, data, self._now()):
            raise problem
        if data is None and text:
            raise where.error("The answer is no JSON", "refused", status=status, next_step="Check `url`")
        return headers, data


def _decoded(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _next_link(headers: Headers) -> str:
    """The next page's address out of a Link header, empty on the last one."""
    links = requests.utils.parse_header_links(headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), "")


def _unreachable(where: Request, error: requests.RequestException, url: str) -> TrackerError:
    """What a network error means; its own text is not repeated, since it may hold a proxy's password."""
    if isinstance(error, requests.exceptions.SSLError) and speaks_no_tls(error):
        step = "Check the port in `url`; only on this machine itself may it be http://"
        return where.error(f"{url} speaks no TLS, but plain http", "network", next_step=step, lasting=True)
    if isinstance(error, requests.exceptions.SSLError):
        step = "Set ca_bundle to the file with your company's certificates"
        return where.error(f"The certificate of {url} is not trusted", "network", next_step=step, lasting=True)
    if isinstance(error, requests.exceptions.ProxyError):
        return where.error("The proxy does not answer", "network", next_step="Check HTTPS_PROXY and NO_PROXY")
    if isinstance(error, requests.exceptions.ReadTimeout):
        what = f"GitHub did not answer within {TIMEOUT_SECONDS} seconds"
        return where.error(what, "server", next_step="Run again later")
    step = "Check the network and `url`"
    return where.error(f"{url} cannot be reached, or broke the connection", "network", next_step=step)
