"""Each channel against a server of its kind: what arrives, what does not, and that nothing hostile comes of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import responses
import trustme
from pydantic import ValidationError

from mdpc.messages import Message, Recipient
from mdpc_channels.chat import AppriseChannel, AppriseSettings
from mdpc_channels.mail import SmtpChannel, SmtpSettings
from mdpc_channels.webhook import WebhookChannel, WebhookSettings, key_of, signed
from tests.channels.receivers import PASSWORD, USER, Web, mailbox, web

ALICE = Recipient("alice", "alice@acme.example", "<@U1>")
RELEASE = Recipient("release@acme.example", "release@acme.example")
HOSTILE = [
    "v2.0\r\nBcc: mallory@evil.example\r\n\r\nhello",
    "<script>alert(1)</script>",
    "@everyone <!channel> <!here> <@U999>",
    '::error::x ##[add-mask]x $(touch x) `x` "; rm',
    "\u202eevil\u202c\u200b",
    "x" * 300_000,
]


def message(title: str = "v2.0", to: tuple[Recipient, ...] = (ALICE, RELEASE)) -> Message:
    escaped = title.replace("<", "&lt;").replace("\r\n", " ")
    return Message(
        id="n123-team",
        kind="notice",
        channel="team",
        program="platform",
        milestone=f"platform/{title}",
        notice="n123",
        subject=f"{title}: overdue",
        text=f"alice: {title} is overdue.\n\nTalk about it at https://github.com/acme/api/issues/1",
        markdown=f"alice: {escaped} is **overdue**.\n\n- [here](https://github.com/acme/api/issues/1)",
        to=to,
        facts={"due": "2026-12-01"},
    )


def smtp(port: int, **more: Any) -> SmtpChannel:
    table = {"type": "smtp", "host": "127.0.0.1", "port": port, "sender": "mdpc@acme.example", "tls": "none", **more}
    return SmtpChannel("mail", SmtpSettings.model_validate(table))


def test_a_mail_has_both_forms_and_says_that_nobody_is_to_answer() -> None:
    with mailbox() as box:
        assert smtp(box.port).send(message()) == ("done", "")
    (mail,), (recipients,) = box.mails, box.recipients
    assert recipients == ["alice@acme.example", "release@acme.example"]
    assert mail["From"] == "mdpc <mdpc@acme.example>"
    assert mail["To"] == "alice <alice@acme.example>, release@acme.example <release@acme.example>".replace(
        "release@acme.example <", '"release@acme.example" <'
    )
    assert mail["Subject"] == "v2.0: overdue"
    assert mail["Message-ID"] == "<n123-team@acme.example>"
    assert mail["List-Id"] == "mdpc <platform.mdpc.acme.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = mail.iter_parts()
    assert plain.get_content().splitlines()[0] == "alice: v2.0 is overdue."
    shown = html.get_content()
    assert "<strong>overdue</strong>" in shown
    assert '<a href="https://github.com/acme/api/issues/1">here</a>' in shown


@pytest.mark.parametrize("title", HOSTILE)
def test_no_header_and_no_markup_comes_of_a_title(title: str) -> None:
    with mailbox() as box:
        assert smtp(box.port).send(message(title)) == ("done", "")
    (mail,), (recipients,) = box.mails, box.recipients
    assert recipients == ["alice@acme.example", "release@acme.example"]
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) < 300
    assert not {"\n", "\r", "\u202e"} & set(mail["Subject"])
    html = list(mail.iter_parts())[1].get_content()
    assert "<script" not in html
    assert len(mail.as_bytes()) < 1_000_000


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.example", "ftp://x.example", "tel:1", "data:x,y"])
def test_a_mail_links_to_the_web_alone(link: str) -> None:
    with mailbox() as box:
        told = replace(message(), markdown=f"[a]({link}) <{link}> ![b](https://x.example/pixel.png)")
        assert smtp(box.port).send(told) == ("done", "")
    html = list(box.mails[0].iter_parts())[1].get_content()
    assert re.findall('href="([^"]*)"', html) == ["https://x.example/pixel.png"]  # an image is a link at most
    assert "<img" not in html


def test_starttls_with_user_and_password(tmp_path: Path) -> None:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with mailbox(server) as box:
        secured = {"tls": "starttls", "ca_bundle": str(bundle), "user": USER, "password": PASSWORD}
        good = smtp(box.port, **secured)
        assert [each.level for each in good.preflight()] == ["info"]
        assert good.send(message()) == ("done", "")
        wrong = smtp(box.port, **{**secured, "password": "guess"})
        status, answer = wrong.send(message())
        assert status == "failed"
        assert "535" in answer
        assert "guess" not in answer
        (problem,) = wrong.preflight()
        assert problem.level == "error"
        strange = smtp(box.port, **{**secured, "ca_bundle": None})
        assert strange.send(message())[0] == "failed"
    assert len(box.mails) == 1


def test_what_a_mail_server_refuses_is_said() -> None:
    with mailbox() as box:
        box.refused = {"release@acme.example"}
        status, answer = smtp(box.port).send(message())
        assert status == "done"
        assert "release@acme.example (550 nobody here is called so)" in answer
        box.refused = {"release@acme.example", "alice@acme.example"}
        assert smtp(box.port).send(message())[0] == "failed"
        box.refused, box.answer = set(), "451 come back later"
        assert smtp(box.port).send(message()) == (
            "failed",
            f"127.0.0.1:{box.port} did not take it: 451 come back later",
        )
    assert smtp(box.port).send(message())[0] == "failed"
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"host": "smtp.acme.example", "tls": "none"}, "anybody on the way can read"),
        ({"host": "smtp.acme.example", "sender": "acme"}, "no mail address"),
        ({"host": "smtp.acme.example", "tls": "ssl"}, "'starttls', 'implicit' or 'none'"),
    ],
)
def test_a_table_that_cannot_work_is_refused(table: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        SmtpSettings.model_validate({"type": "smtp", "sender": "mdpc@acme.example", **table})


# ── Webhooks ──────────────────────────────────────────────────────────────────────────────────────

SECRET = "whsec_" + base64.b64encode(b"a key of 24 bytes or so.").decode()


def webhook(url: str, secret: str | None = SECRET) -> WebhookChannel:
    return WebhookChannel("board", WebhookSettings.model_validate({"type": "webhook", "url": url, "secret": secret}))


def is_signed(site: Web, key: bytes) -> bool:
    """Whether the last request is signed with the key, as a receiver would find out."""
    last = site.received[-1]
    text = b".".join([last.headers["webhook-id"].encode(), last.headers["webhook-timestamp"].encode(), last.body])
    wanted = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(wanted, last.headers["webhook-signature"])


def test_a_webhook_is_signed_and_can_be_told_from_its_repetition() -> None:
    with web() as site:
        channel = webhook(f"{site.url}/mdpc")
        assert channel.send(message()) == ("done", "")
        assert channel.send(message()) == ("done", "")
        assert is_signed(site, b"a key of 24 bytes or so.")
        assert not is_signed(site, b"another")
        webhook(f"{site.url}/mdpc", "plain words").send(message())
        assert is_signed(site, b"plain words")
    assert {each.headers["webhook-id"] for each in site.received} == {"n123-team"}
    told = json.loads(site.received[0].body)
    assert {name: told[name] for name in ("schema", "id", "kind", "program", "milestone", "facts")} == {
        "schema": "mdpc/message/1",
        "id": "n123-team",
        "kind": "notice",
        "program": "platform",
        "milestone": "platform/v2.0",
        "facts": {"due": "2026-12-01"},
    }
    assert told["to"][0] == {"name": "alice", "address": "alice@acme.example", "handle": "<@U1>"}


@pytest.mark.parametrize("title", HOSTILE)
def test_a_webhook_carries_any_title_as_it_is(title: str) -> None:
    with web() as site:
        assert webhook(site.url).send(message(title))[0] == "done"
    assert json.loads(site.received[0].body)["milestone"] == f"platform/{title}"
    assert site.received[0].body.isascii()


@pytest.mark.parametrize("status", [302, 400, 500])
def test_an_answer_that_is_no_yes_is_a_failure_and_nothing_is_followed(status: int) -> None:
    with web() as site:
        site.status = status
        outcome, answer = webhook(site.url).send(message())
    assert outcome == "failed"
    assert answer.startswith(f"the answer was {status}")
    assert len(site.received) == 1


def test_a_webhook_that_nobody_hears_or_nobody_signs_says_so() -> None:
    with web() as site:
        pass
    assert webhook(site.url).send(message()) == ("failed", "the address cannot be reached (ConnectionError)")
    unsigned = webhook("https://board.acme.example", None)
    outcome, answer = unsigned.send(message())
    assert outcome == "failed"
    assert answer.endswith("set MDPC_CHANNELS__BOARD__SECRET")
    assert [each.level for each in unsigned.preflight()] == ["error"]
    with pytest.raises(ValidationError, match="https://"):
        webhook("http://board.acme.example")
    with pytest.raises(ValidationError, match="is no base64") as caught:
        webhook("https://board.acme.example", "whsec_hunter2!")
    assert "hunter2" not in str(caught.value)


def test_the_signature_is_that_of_the_published_example() -> None:
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}', key)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


# ── Chat services ─────────────────────────────────────────────────────────────────────────────────


def apprise(url: str | None) -> AppriseChannel:
    return AppriseChannel("team", AppriseSettings.model_validate({"type": "apprise", "url": url}))


def test_a_chat_service_gets_who_is_meant_and_the_text() -> None:
    with web() as site:
        assert apprise(site.url.replace("http://", "json://")).send(message()) == ("done", "")
    told = json.loads(site.received[0].body)
    assert told["title"] == "v2.0: overdue"
    assert told["message"].splitlines() == [
        "<@U1>",
        "alice: v2.0 is overdue.",
        "",
        "Talk about it at https://github.com/acme/api/issues/1",
    ]


SLACK = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


@pytest.mark.parametrize("title", [*HOSTILE, "!channel&gt; @U999&gt; !here|x&gt;", "[sign in](https://evil.example)"])
@pytest.mark.parametrize("form", ["", "?format=markdown", "?blocks=yes"])
def test_slack_mentions_who_is_meant_and_nobody_else(title: str, form: str) -> None:
    with responses.RequestsMock() as slack:
        slack.post(f"https://hooks.slack.com/services/{SLACK}", body="ok")
        assert apprise(f"slack://{SLACK}/#general{form}").send(message(title)) == ("done", "")
        (call,) = slack.calls
    (told,) = json.loads(call.request.body or "")["attachments"]
    texts = [told["text"], told["title"]] if "text" in told else [each["text"]["text"] for each in told["blocks"][:2]]
    said = "\n".join(texts)
    assert said.count("<@U1>") == 1
    assert not {"<", ">"} & set(said.replace("<@U1>", ""))
    assert "](" not in said


def test_a_handle_without_brackets_is_plain_text() -> None:
    with web() as site:
        alice = Recipient("alice", "", "@alice")
        assert apprise(site.url.replace("http://", "json://")).send(message("a_b", (alice,)))[0] == "done"
    assert json.loads(site.received[0].body)["message"].splitlines()[:2] == ["@alice", "alice: a_b is overdue."]


@pytest.mark.parametrize("title", HOSTILE)
def test_nobody_else_is_mentioned_there(title: str) -> None:
    with web() as site:
        assert apprise(site.url.replace("http://", "json://")).send(message(title))[0] == "done"
    told = json.loads(site.received[0].body)
    for text in (told["title"], told["message"].replace("<@U1>", "", 1)):
        assert "@everyone" not in text
        assert not {"<", ">", "\u202e", "\r"} & set(text)


def test_a_service_that_does_not_take_it_and_an_address_of_none(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with web() as site, caplog.at_level(logging.DEBUG):
        site.status = 500
        secret = site.url.replace("http://", "json://user:hunter2@")
        assert apprise(secret).send(message()) == ("failed", "the service did not take it")
        for url in ("nosuch://hunter2", None):
            channel = apprise(url)
            assert channel.send(message())[0] == "failed"
            assert [each.level for each in channel.preflight()] == ["error"]
    assert [each.level for each in apprise(secret).preflight()] == ["info"]
    told = capfd.readouterr()
    assert "hunter2" not in told.out + told.err + caplog.text
