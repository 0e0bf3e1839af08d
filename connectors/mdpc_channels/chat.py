"""The channel `apprise`: Slack, Teams, Discord, Matrix and the rest, by the library of that name (an extra)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, ClassVar

from pydantic import Field, SecretStr, model_validator

from mdpc import escape
from mdpc.channel import ChannelSettings, Problem
from mdpc.messages import Message, MessageOutcome
from mdpc_channels.common import unset

_LONGEST_LINE = 2000
_LONGEST_TITLE = 200
_UNKNOWN = "no service is known that has such an address"
_LIST = "look at the address: https://github.com/caronc/apprise/wiki lists how each service is written"
_INERT = str.maketrans({"@": "@\u200b", "<": "\u2039", ">": "\u203a", "[": "(", "]": ")"})
"""What chat services take for a mention (`@everyone`, `<!channel>`), or for a link under other words, made text."""


class AppriseSettings(ChannelSettings):
    """The table of a channel of type `apprise`: one address, whose form says which service it is."""

    url: SecretStr | None = Field(None, description="from the environment only: https://github.com/caronc/apprise/wiki")

    @model_validator(mode="after")
    def _installed(self) -> AppriseSettings:
        if find_spec("apprise") is None:
            raise ValueError("apprise is not installed; install it with: pip install 'mdpc[apprise]'")
        return self


class AppriseChannel:
    """One place of one chat service."""

    Settings: ClassVar[type[ChannelSettings]] = AppriseSettings

    def __init__(self, name: str, settings: AppriseSettings) -> None:
        """Connects to nothing yet."""
        self.name = name
        self._url = settings.url.get_secret_value() if settings.url else ""

    def preflight(self) -> Sequence[Problem]:
        """Whether apprise knows the address; nothing is sent."""
        where = f"channels.{self.name}"
        if not self._url:
            what, step = unset(self.name, "url", "it says which service, and where there")
            return [Problem("error", where, what, step)]
        if self._service() is None:
            return [Problem("error", where, _UNKNOWN, _LIST)]
        return [Problem("info", where, "it is known once something is sent")]

    def send(self, message: Message) -> tuple[MessageOutcome, str]:
        """As the contract says; apprise tells no more than whether the service took it."""
        service = self._service()
        if service is None:
            return "failed", f"{_UNKNOWN}: `mdpc doctor` says more"
        body = "\n".join([*_called(message), *(_inert(line) for line in message.text.splitlines())])
        # A subject has no address of mdpc's own in it, so that no service's markup and link may come of it either.
        title = escape.line(message.subject, _LONGEST_TITLE).translate(_INERT)
        sent = service.notify(title=title, body=body, body_format=_form(message))
        return ("done", "") if sent else ("failed", "the service did not take it")

    def _service(self) -> Any:
        """apprise with the address; None where it knows no such service. What it logs may hold the address."""
        import apprise  # noqa: PLC0415 - an extra, and slow to load

        logging.getLogger("apprise").disabled = True
        found = apprise.Apprise()
        return found if self._url and found.add(self._url) else None


def _form(message: Message) -> str | None:
    """How apprise is to take the text: as plain, unless it would then spell out mentions such as Slack's `<@U1>`.

    No other text has such brackets in it, so that nothing else comes of it as it is.
    """
    return None if any("<" in each.handle for each in message.to) else "text"


def _called(message: Message) -> list[str]:
    """Who is meant, by what the configuration says they are called there."""
    called = [each.handle for each in message.to if each.handle]
    return [" ".join(called)] if called else []


def _inert(line: str) -> str:
    return escape.terminal(line, _LONGEST_LINE).translate(_INERT)
