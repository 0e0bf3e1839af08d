"""The channel `smtp`: one mail to all who have an address, in plain text and HTML."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from typing import ClassVar, Literal

from markdown_it import MarkdownIt
from pydantic import Field, SecretStr, model_validator

from mdpc import escape
from mdpc.channel import ChannelSettings, Problem
from mdpc.messages import Message, MessageOutcome
from mdpc.settings.base import Address
from mdpc_channels.common import TIMEOUT, is_loopback, said

_PORTS = {"starttls": 587, "implicit": 465, "none": 25}
_LONGEST_SUBJECT = 200
_LONGEST_TEXT = 100_000


class SmtpSettings(ChannelSettings):
    """The table of a channel of type `smtp`."""

    by_address: ClassVar[bool] = True

    host: str = Field(description='the mail server, such as "smtp.acme.example"', min_length=1)
    port: int | None = Field(None, ge=1, le=65535, description="default: 587, with implicit TLS 465, without TLS 25")
    sender: Address = Field(description="whom mails come from")
    tls: Literal["starttls", "implicit", "none"] = Field("starttls", description="none: on this machine alone")
    ca_bundle: str | None = Field(None, description="a file with the certificates to trust; default: the system's")
    user: SecretStr | None = Field(None, description="from the environment only")
    password: SecretStr | None = Field(None, description="from the environment only")

    @model_validator(mode="after")
    def _encrypted(self) -> SmtpSettings:
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError('tls = "none" would send mails that anybody on the way can read; write "starttls"')
        return self

    def missing(self) -> Mapping[str, str]:
        """A user without a password, or the other way round."""
        if bool(self.user) == bool(self.password):
            return {}
        return {"password": "there is a user"} if self.user else {"user": "there is a password"}


class SmtpChannel:
    """Mail by SMTP."""

    Settings: ClassVar[type[ChannelSettings]] = SmtpSettings

    def __init__(self, name: str, settings: SmtpSettings) -> None:
        """Connects to nothing yet."""
        self.name = name
        self._settings = settings

    @property
    def _place(self) -> str:
        table = self._settings
        return f"{table.host}:{table.port or _PORTS[table.tls]}"

    def preflight(self) -> Sequence[Problem]:
        """Whether the server answers and takes user and password; nothing is sent."""
        where = f"channels.{self.name}"
        try:
            with self._server():
                return [Problem("info", where, f"{self._place} answers")]
        except (OSError, smtplib.SMTPException) as error:
            step = "look at host, port and tls, and at the variables with user and password"
            return [Problem("error", where, f"{self._place} does not take mail: {_why(error)}", step)]

    def send(self, message: Message) -> tuple[MessageOutcome, str]:
        """As the contract says; a server that lets go while it takes the mail may have taken it."""
        mail = mail_of(message, self._settings.sender)
        try:
            with self._server() as server:
                return _delivered(server, mail)
        except (OSError, smtplib.SMTPException) as error:
            return "failed", f"{self._place} did not take it: {_why(error)}"

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        table = self._settings
        port = table.port or _PORTS[table.tls]
        if table.tls == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(table.host, port, timeout=TIMEOUT, context=self._trust())
        else:
            server = smtplib.SMTP(table.host, port, timeout=TIMEOUT)
        try:
            if table.tls == "starttls":
                server.starttls(context=self._trust())
            if table.user and table.password:
                server.login(table.user.get_secret_value(), table.password.get_secret_value())
            yield server
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_bundle)


def _delivered(server: smtplib.SMTP, mail: EmailMessage) -> tuple[MessageOutcome, str]:
    try:
        refused = server.send_message(mail)
    except smtplib.SMTPServerDisconnected as error:
        return "unknown", f"the server let go while it took the mail: {said(error)}"
    except TimeoutError:
        return "unknown", "the server did not say whether it took the mail"
    if refused:
        listed = "; ".join(f"{said(who)} ({code} {said(words)})" for who, (code, words) in refused.items())
        return "done", f"sent, but not to {listed}"
    return "done", ""


def mail_of(message: Message, sender: str) -> EmailMessage:
    """The mail that brings a message: no header comes of what trackers hold, and no markup but mdpc's own."""
    mail = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    mail["From"] = Mailbox("mdpc", addr_spec=sender)
    mail["To"] = [
        Mailbox(escape.terminal(each.name, 80), addr_spec=each.address) for each in message.to if each.address
    ]
    mail["Subject"] = escape.terminal(message.subject, _LONGEST_SUBJECT)
    mail["Date"] = format_datetime(localtime())
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    mail["List-Id"] = f"mdpc <{_label(message.program)}.mdpc.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text[:_LONGEST_TEXT])
    mail.add_alternative(_html(message.markdown[:_LONGEST_TEXT]), subtype="html")
    return mail


def _label(name: str) -> str:
    """A program's name as a label of a domain, by which people sort mails."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "program"


def _html(markdown: str) -> str:
    reader = MarkdownIt("commonmark", {"html": False}).disable("image")
    reader.validateLink = lambda url: escape.web_address(url) is not None  # type: ignore[method-assign]
    body = reader.render(markdown)
    return f'<!doctype html><html><head><meta charset="utf-8"></head><body>{body}</body></html>'


def _why(error: BaseException) -> str:
    """What went wrong, in the server's words where it said any."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{said(who)}: {code} {said(words)}" for who, (code, words) in error.recipients.items())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {said(error.smtp_error)}"
    return said(error) or type(error).__name__
