"""What every request passes before it reaches a tracker: latency, faults and the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mdpc_sandbox.faults import Fault, Faults
from mdpc_sandbox.log import Entry, RequestLog, is_write

# Where a path begins, which tracker that is, and how much of it the log and the faults leave out.
_BASES = (
    ("/github/api/v3/", "github", "/github/api/v3"),
    ("/github/", "github", "/github/api"),
    ("/jira/", "jira", "/jira"),
)


def place(path: str) -> tuple[str, str]:
    """The tracker (`github`, `jira` or nothing) and the path below its base."""
    for start, tracker, base in _BASES:
        if path.startswith(start):
            return tracker, path.removeprefix(base)
    return "", path


@dataclass(slots=True)
class Frame:
    """ASGI application around the trackers. `latency` is in seconds and may be changed at any time."""

    app: ASGIApp
    log: RequestLog
    faults: Faults
    latency: float = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        tracker, path = place(scope.get("path", ""))
        if not tracker:
            await self.app(scope, receive, send)
            return
        if self.latency:
            await asyncio.sleep(self.latency)
        query = scope["query_string"].decode()
        full = f"{path}?{query}" if query else path
        method = scope["method"]

        def note(status: int, sent: bytes) -> None:
            self.log.add(Entry(tracker, method, full, status, is_write(method, path), sent.decode(errors="replace")))

        request = _Request(receive, send, note)
        fault = self.faults.take(tracker, method, path)
        try:
            await self._answer(fault, tracker, scope, request)
        finally:
            request.note()
        if fault and fault.drop:
            await request.drop()

    async def _answer(self, fault: Fault | None, tracker: str, scope: Scope, request: _Request) -> None:
        if fault and fault.drop == "before":
            await request.read_all()
        elif fault and fault.drop == "after":
            await self.app(scope, request.receive, request.swallow)
        elif fault:
            await request.read_all()
            answer = JSONResponse(fault.content(tracker), fault.status, dict(fault.all_headers()))
            await answer(scope, request.receive, request.send)
        else:
            await self.app(scope, request.receive, request.send)


class _Request:
    """One request's two channels, listened to; noted before its answer leaves, so that who has it finds it."""

    def __init__(self, receive: Receive, send: Send, note: Callable[[int, bytes], None]) -> None:
        self._receive = receive
        self._send = send
        self._note = note
        self._noted = False
        self._sent = b""

    def note(self, status: int = 0) -> None:
        """Note the request, once."""
        if not self._noted:
            self._noted = True
            self._note(status, self._sent)

    async def receive(self) -> Message:
        message = await self._receive()
        self._sent += message.get("body", b"")
        return message

    async def read_all(self) -> None:
        while (await self.receive()).get("more_body"):
            pass

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.note(message["status"])
        await self._send(message)

    async def swallow(self, message: Message) -> None:
        """Take an answer that nobody will see."""

    async def drop(self) -> None:
        """Close the connection. ASGI has no word for it, so this asks uvicorn's own request object."""
        cycle: Any = getattr(self._send, "__self__")  # noqa: B009 - a bound method of uvicorn's
        cycle.transport.abort()
        while (await self._receive())["type"] != "http.disconnect":
            pass
