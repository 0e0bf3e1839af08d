"""What channels send to in the tests: a mail server and a web server on this machine."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "milestones", "correct horse"


@dataclass
class Mailbox:
    """A mail server: its port, what it took, and what it answers to a mail."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answer: str = "250 taken"
    refused: set[str] = field(default_factory=set)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's
        """Take a recipient, or not."""
        if address in self.refused:
            return "550 nobody here is called so"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        """Take a mail, or not."""
        if self.answer.startswith("2"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            self.recipients.append(envelope.rcpt_tos)
        return self.answer


def _login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@contextmanager
def mailbox(trust: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """A mail server; with `trust` it speaks STARTTLS and asks for user and password."""
    box = Mailbox()
    more: dict[str, Any] = {}
    if trust:
        more = {"tls_context": trust, "require_starttls": True, "authenticator": _login, "auth_required": True}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


@dataclass
class Web:
    """A web server: its address, what it was sent, and the status it answers."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    status: int = 204


@contextmanager
def web() -> Iterator[Web]:
    """A web server."""
    site = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.received.append(Received(self.path, headers, body, str(self.command)))
            self.send_response(site.status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
