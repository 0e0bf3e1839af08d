"""Channels as people meet them: the command line, a sandbox, a mail server and a receiver of webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from mdpc.messages import Message
from mdpc_channels.mail import SmtpChannel
from mdpc_channels.webhook import WebhookChannel
from mdpc_github import GitHubConnector
from mdpc_sandbox.server import Sandbox
from tests.channels.receivers import mailbox, web
from tests.flows.rehearsal import WRITE, Rehearsal
from tests.flows.test_escalation_over_http import CONFIGURATION, seed
from tests.memory_tracker import Killed

CHANNELS = """
via = ["board", "mail"]
[channels.board]
type = "webhook"
url = "BOARD"
[channels.mail]
type = "smtp"
host = "127.0.0.1"
port = PORT
sender = "mdpc@acme.example"
tls = "none"
"""
SECRET = {"MDPC_CHANNELS__BOARD__SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


def rehearsal(sandbox: Sandbox, folder: Path, board: str, port: int) -> Rehearsal:
    """A ladder whose last step goes by a webhook and by mail, to bob."""
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud").replace("HOME", "github:acme/api")
    text = text.replace('jira = "bob-j"', 'jira = "bob-j"\nemail = "bob@acme.example"')
    channels = CHANNELS.replace("BOARD", board).replace("PORT", str(port))
    return Rehearsal(sandbox, folder, text + channels, {**WRITE, **SECRET}, now="2026-11-23")


def notices(sandbox: Sandbox) -> int:
    """How many comments of the ladder's last step stand on the coordination issue."""
    issues = sandbox.github.repository("acme/api").issues.values()
    issue = next(each for each in issues if "milestone" in each.labels)
    return sum("mdpc:notice" in comment.body for comment in issue.comments)


def test_a_comment_then_the_channels_and_what_failed_again(tmp_path: Path) -> None:
    with Sandbox(seed("cloud")) as sandbox, web() as board, mailbox() as box:
        acme = rehearsal(sandbox, tmp_path, board.url, box.port)
        assert acme.mdpc("check-config").status == 0
        doctor = acme.mdpc("doctor").out
        assert "channels.mail" in doctor
        assert f"127.0.0.1:{box.port} answers" in doctor
        assert acme.json("sync").status == 0
        foreseen = acme.mdpc("simulate", "--from", "2026-11-25", "--to", "2026-12-20").out
        assert "  platform/2.0  +1d  to bob, by comment, board, mail\n" in foreseen
        assert "2026-12-02     +1d  bob, by comment, board, mail" in acme.mdpc("explain", "v2.0").out
        acme.now = "2026-12-02"
        planned = acme.mdpc("plan")
        assert "  platform/2.0  +1d  to bob, by comment, board, mail\n" in planned.out
        assert "MESSAGES  2\n" in planned.out
        assert (board.received, box.mails) == ([], [])
        board.status = 503
        first = acme.mdpc("sync")
        assert first.status == 3
        assert "NOT SENT, THE NEXT RUN TRIES AGAIN  1\n" in first.out
        assert "The answer was 503" in first.out
        assert "Next: Run the command again for what was not sent; what is done stays done." in first.out
        board.status = 200
        second = acme.json("sync")
        assert second.status == 0
        assert [(each["channel"], each["outcome"]) for each in second.json["messages"]] == [("board", "done")]
        assert second.json["notices"] == []
        assert acme.json("sync").json["changes"] == []
    assert notices(sandbox) == 1
    told = [json.loads(each.body) for each in board.received]
    assert [each["id"] for each in told] == [told[0]["id"]] * 2
    assert told[0]["facts"]["issue"].endswith("/acme/api/issues/1")
    (mail,) = box.mails
    assert mail["To"] == "bob <bob@acme.example>"
    assert told[0]["facts"]["issue"] in next(mail.iter_parts()).get_content()


@contextmanager
def dying(after: int, sandbox: Sandbox) -> Iterator[list[str]]:
    """While it lasts a run dies after so many writes and messages; what comes back are those that it came to.

    Each message is met by the comment that is its record.
    """
    begun: list[str] = []

    def counted(what: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, given: Any) -> Any:
            if len(begun) >= after:
                raise Killed
            if isinstance(given, Message):
                assert notices(sandbox) == 1
            begun.append(what)
            done = real(self, given)
            if len(begun) >= after:
                raise Killed
            return done

        return call

    with (
        mock.patch.object(GitHubConnector, "apply", counted("write", GitHubConnector.apply)),
        mock.patch.object(WebhookChannel, "send", counted("board", WebhookChannel.send)),
        mock.patch.object(SmtpChannel, "send", counted("mail", SmtpChannel.send)),
    ):
        yield begun


@pytest.mark.long
@pytest.mark.parametrize("after", range(1, 7))
def test_killed_after_any_write_or_message_nothing_is_lost_and_only_what_was_not_noted_comes_again(
    after: int, tmp_path: Path
) -> None:
    with Sandbox(seed("cloud")) as sandbox, web() as board, mailbox() as box:
        acme = rehearsal(sandbox, tmp_path, board.url, box.port)
        assert acme.json("sync").status == 0
        acme.now = "2026-12-02"
        with dying(after, sandbox) as begun, suppress(Killed):
            acme.json("sync")
        assert acme.json("sync").status == 0
        assert (acme.json("plan").json["changes"], acme.json("plan").json["messages"]) == ([], [])
        assert notices(sandbox) == 1
    sent = {
        "board": [each.headers["webhook-id"] for each in board.received],
        "mail": [m["Message-ID"] for m in box.mails],
    }
    noted = begun[-1] == "write" and {"board", "mail"} <= set(begun)
    for channel, ids in sent.items():
        assert len(set(ids)) == 1
        assert len(ids) == (2 if channel in begun and not noted else 1)
