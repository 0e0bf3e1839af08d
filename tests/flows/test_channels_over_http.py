"""Channels as people meet them: the command line, a sandbox, a mail server and a receiver of webhooks."""

from __future__ import annotations

import json
from pathlib import Path

from mdpc_sandbox.server import Sandbox
from tests.channels.receivers import mailbox, web
from tests.flows.rehearsal import WRITE, Rehearsal
from tests.flows.test_escalation_over_http import CONFIGURATION, seed

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


def test_a_comment_then_the_channels_and_what_failed_again(tmp_path: Path) -> None:
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud").replace("HOME", "github:acme/api")
    text = text.replace('jira = "bob-j"', 'jira = "bob-j"\nemail = "bob@acme.example"')
    with Sandbox(seed("cloud")) as sandbox, web() as board, mailbox() as box:
        channels = CHANNELS.replace("BOARD", board.url).replace("PORT", str(box.port))
        acme = Rehearsal(sandbox, tmp_path, text + channels, {**WRITE, **SECRET}, now="2026-11-23")
        assert acme.mdpc("check-config").status == 0
        doctor = acme.mdpc("doctor").out
        assert "channels.mail" in doctor
        assert f"127.0.0.1:{box.port} answers" in doctor
        assert acme.json("sync").status == 0
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
    issue = next(each for each in sandbox.github.repository("acme/api").issues.values() if "milestone" in each.labels)
    assert sum("mdpc:notice" in comment.body for comment in issue.comments) == 1
    told = [json.loads(each.body) for each in board.received]
    assert [each["id"] for each in told] == [told[0]["id"]] * 2
    assert told[0]["facts"]["issue"].endswith("/acme/api/issues/1")
    (mail,) = box.mails
    assert mail["To"] == "bob <bob@acme.example>"
    assert told[0]["facts"]["issue"] in next(mail.iter_parts()).get_content()
