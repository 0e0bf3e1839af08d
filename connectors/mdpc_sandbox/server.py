"""The sandbox's server: one uvicorn in a thread on 127.0.0.1, with both trackers, the log and the faults."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from mdpc_sandbox.faults import Fault, Faults
from mdpc_sandbox.frame import Frame
from mdpc_sandbox.github import GitHubState, github_app
from mdpc_sandbox.jira import JiraState, jira_app
from mdpc_sandbox.log import RequestLog

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment in UTC: the sandbox's clock unless another is given."""
    return datetime.now(UTC)


class Sandbox:
    """A GitHub and a Jira, running from construction until `close`; also a context manager.

    `seed` is what `mdpc_sandbox.seed` describes. `port` 0 is any free one; OSError where the port is taken. `latency`
    is added to every request, in seconds. `clock` says what time it is there. `graphql=False` serves a GitHub without
    GraphQL. `github` and `jira` are what the trackers hold: look at it, or change it as people would; `log` and
    `faults` are the request log and what goes wrong on purpose (over HTTP: `/_log`, `/_faults`).
    """

    def __init__(
        self,
        seed: Mapping[str, Any] | None = None,
        *,
        port: int = 0,
        latency: float = 0.0,
        clock: Clock = utc_now,
        graphql: bool = True,
    ) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        # Connections inherit it; without it each answer waits 40 ms for the client's delayed acknowledgement. asyncio
        # would set it, but not for sockets that were made without naming the protocol, as this one.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.github_url = f"{self.url}/github/api/v3"
        self.jira_url = f"{self.url}/jira"
        self.log = RequestLog()
        self.faults = Faults()
        try:
            self.github = GitHubState(self.github_url, clock, self.faults, graphql=graphql)
            self.github.seed((seed or {}).get("github", {}))
            self.jira = JiraState.from_seed((seed or {}).get("jira", {}), clock)
            self._frame = Frame(self._application(), self.log, self.faults, latency)
        except BaseException:
            self._socket.close()
            raise
        self._server = _Server(self._config())
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        self._server.ready.wait()

    @property
    def latency(self) -> float:
        """Seconds added to every request; may be changed while it runs."""
        return self._frame.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._frame.latency = seconds

    def wait(self) -> None:
        """Wait until the server ends; Ctrl-C raises KeyboardInterrupt here."""
        while self._thread.is_alive():
            self._thread.join(0.5)

    def close(self) -> None:
        """Stop the server; may be called again."""
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _application(self) -> Starlette:
        return Starlette(
            routes=[
                Mount("/github", app=github_app(self.github)),
                Mount("/jira", app=jira_app(self.jira)),
                Route("/_log", self._show_log, methods=["GET", "DELETE"]),
                Route("/_faults", self._change_faults, methods=["GET", "POST", "DELETE"]),
            ]
        )

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._frame,
            http="h11",  # the one that is always there
            loop="asyncio",
            lifespan="off",
            log_level="error",
            access_log=False,
            proxy_headers=False,  # Frame looks at uvicorn's own `send`
            server_header=False,
            timeout_graceful_shutdown=1,
        )

    async def _show_log(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.log.clear()
            return Response(status_code=204)
        return JSONResponse(self.log.as_json())

    async def _change_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.clear()
            return Response(status_code=204)
        if request.method == "POST":
            try:
                self.faults.put(Fault.model_validate_json(await request.body()))
            except ValidationError as error:
                return JSONResponse({"message": str(error)}, 422)
        return JSONResponse([rule.model_dump() for rule in self.faults.rules])


class _Server(uvicorn.Server):
    """uvicorn, saying when it is ready, or that it never will be."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop."""
        try:
            super().run(sockets)
        finally:
            self.ready.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open for requests."""
        await super().startup(sockets)
        self.ready.set()
