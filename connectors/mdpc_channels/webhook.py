"""The channel `webhook`: signed JSON, by the conventions of https://www.standardwebhooks.com."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, ClassVar

import requests
from pydantic import AfterValidator, Field, SecretStr, field_validator

from mdpc.channel import ChannelSettings, Problem
from mdpc.messages import Message, MessageOutcome
from mdpc.settings.base import is_safe_address
from mdpc_channels.common import TIMEOUT, said, unset

SCHEMA = "mdpc/message/1"
_PREFIX = "whsec_"
_WHY = "it signs what is sent, so that a receiver knows who sent it"


def _https(url: str) -> str:
    if not is_safe_address(url):
        raise ValueError('this is no address that can be sent to safely; write one that begins with "https://"')
    return url


class WebhookSettings(ChannelSettings):
    """The table of a channel of type `webhook`."""

    url: Annotated[str, AfterValidator(_https)] = Field(description="where to post to")
    secret: SecretStr | None = Field(None, description="from the environment only: what signs")

    @field_validator("secret")
    @classmethod
    def _signs(cls, secret: SecretStr | None) -> SecretStr | None:
        text = secret.get_secret_value() if secret else ""
        if text.startswith(_PREFIX) and not _decoded(text):
            raise ValueError(f'what follows "{_PREFIX}" is no base64; set it exactly as the receiver shows it')
        return secret


class WebhookChannel:
    """A POST of JSON to one address."""

    Settings: ClassVar[type[ChannelSettings]] = WebhookSettings

    def __init__(self, name: str, settings: WebhookSettings) -> None:
        """Connects to nothing yet."""
        self.name = name
        self._url = settings.url
        self._secret = key_of(settings.secret.get_secret_value() if settings.secret else "")

    def preflight(self) -> Sequence[Problem]:
        """Whether there is a secret; more cannot be known without sending something."""
        if not self._secret:
            return [Problem("error", f"channels.{self.name}", *unset(self.name, "secret", _WHY))]
        return [Problem("info", f"channels.{self.name}", "it is known once something is sent")]

    def send(self, message: Message) -> tuple[MessageOutcome, str]:
        """As the contract says; only an answer from 200 to 299 means that it was taken."""
        if not self._secret:
            return "failed", ". ".join(unset(self.name, "secret", _WHY))
        body = body_of(message)
        headers = signed(message.id, str(int(datetime.now(UTC).timestamp())), body, self._secret)
        headers["content-type"] = "application/json"
        try:
            answer = requests.post(self._url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except requests.ReadTimeout:
            return "unknown", "there was no answer in time"
        except requests.RequestException as error:
            return "failed", f"the address cannot be reached ({type(error).__name__})"
        if answer.ok and answer.status_code < 300:
            return "done", ""
        return "failed", f"the answer was {answer.status_code} {said(answer.reason)}"


def key_of(secret: str) -> bytes:
    """The key that a secret is: what follows `whsec_` in base64, else the text itself."""
    return _decoded(secret) if secret.startswith(_PREFIX) else secret.encode()


def _decoded(secret: str) -> bytes:
    """What stands in base64 after the prefix; nothing where it is none."""
    with suppress(binascii.Error, ValueError):
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    return b""


def body_of(message: Message) -> bytes:
    """What is posted: a JSON object in ASCII."""
    told = {
        "schema": SCHEMA,
        "id": message.id,
        "kind": message.kind,
        "program": message.program,
        "milestone": message.milestone,
        "subject": message.subject,
        "text": message.text,
        "markdown": message.markdown,
        "to": [asdict(each) for each in message.to],
        "facts": dict(message.facts),
    }
    return json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode()


def signed(identity: str, stamp: str, body: bytes, key: bytes) -> dict[str, str]:
    """The headers by which a receiver knows who sent a body, when, and whether it came before."""
    digest = hmac.new(key, b".".join([identity.encode(), stamp.encode(), body]), hashlib.sha256).digest()
    return {
        "webhook-id": identity,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
