"""The sandbox's server: one uvicorn in a thread on 127.0.0.1, with both trackers, the log and the faults."""

from __future__ import annotations

import asyncio
import contextlib
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
        self._server.stop()
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
            date_header=False,
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
    """uvicorn, saying when it is ready and stopping at once: nobody's work is lost with a sandbox."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop."""
        try:
            super().run(sockets)
        finally:
            self._loop = None
            self.ready.set()

    def stop(self) -> None:
        """End `run`, from any thread."""
        loop = self._loop
        if loop:
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                loop.call_soon_threadsafe(self._end.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open for requests."""
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        """Wait for the end; uvicorn's own looks ten times a second, for what the sandbox does not use."""
        await self._end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection, and give requests under way a second."""
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=1)
        await asyncio.sleep(0)
