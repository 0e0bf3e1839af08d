"""`[channels]` in the configuration: what is refused, with what to write, and secrets that stay out of it."""

from __future__ import annotations

import pytest

from mdpc.settings.file import SettingsError
from tests.core.settings_text import complaints as said
from tests.core.settings_text import read as load_text

STEP = '[connectors.github]\n[[escalation.steps]]\nat = "+1d"\nto = ["@alice-gh"]\nvia = ["{via}"]\n'
BOARD = '[channels.board]\ntype = "webhook"\nurl = "https://board.acme.example"\n'
STAKEHOLDER = '[[programs]]\nname = "p"\nmembers = ["github:acme/api"]\nstakeholders = ["release@acme.example"]\n'
MAIL = '[channels.mail]\ntype = "smtp"\nhost = "smtp.acme.example"\nsender = "mdpc@acme.example"\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            STEP.format(via="mial") + MAIL,
            'escalation.steps[0].via[0]: there is no channel "mial"; did you mean "mail"?',
        ),
        (
            STEP.format(via="team"),
            'escalation.steps[0].via[0]: there is no channel "team"; add [channels.team], or leave it out',
        ),
        (
            STEP.format(via="issue"),
            "escalation.steps[0].via[0]: the comment on the coordination issue always comes first; leave it out here",
        ),
        (
            STEP.format(via='mail", "mail') + MAIL,
            'escalation.steps[0].via[1]: "mail" stands here twice; leave one of them out',
        ),
        (
            '[connectors.github]\n[channels.team]\ntype = "slack"\n',
            'channels.team.type: no channel of type "slack" is installed; the types are "apprise", "smtp" or '
            '"webhook": name the table so, or write type = ...',
        ),
        (
            '[connectors.github]\n[channels.mail]\ntype = "smtp"\nhost = "mail.acme.example"\n',
            "channels.mail.sender: this is missing",
        ),
        (
            STEP.format(via="board").replace('"@alice-gh"', '"@alice-gh", "release@acme.example"') + MAIL + BOARD,
            'escalation.steps[0].to[1]: "release@acme.example" is an address, and no channel of this step reaches '
            'addresses; name one of type "smtp" in its `via`',
        ),
        (
            STEP.format(via="board").replace("@alice-gh", "stakeholders") + MAIL + BOARD + STAKEHOLDER,
            "escalation.steps[0].to: this step can never reach anybody: the stakeholders are addresses, and no channel "
            "of it reaches those; name somebody else, or leave the step out",
        ),
        (
            "[connectors.github]\n[people.alice]\nhandles = { team = '@alice' }\n",
            'people.alice.handles.team: there is no channel "team"; add [channels.team]',
        ),
        (
            '[connectors.github]\n[people.alice]\nemail = "alice"\n',
            'people.alice.email: "alice" is no mail address; write one such as "alice@acme.example"',
        ),
    ],
)
def test_what_does_not_fit_is_said(text: str, complaint: str) -> None:
    (found,) = said(text)
    line, _, problem = found.partition(" ")
    assert line.isdigit()
    assert problem.startswith(complaint)


@pytest.mark.parametrize(
    ("line", "variable"),
    [("password = 'hunter2'", "MDPC_CHANNELS__MAIL__PASSWORD"), ("passwd = 'hunter2'", "MDPC_CHANNELS__MAIL__")],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(line: str, variable: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_text(f"[connectors.github]\n{MAIL}{line}\n")
    assert variable in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_secrets_come_from_the_environment_by_the_channels_name() -> None:
    user = {"MDPC_CHANNELS__MAIL__USER": "mdpc"}
    with pytest.raises(SettingsError, match="MDPC_CHANNELS__MAIL__PASSWORD"):
        load_text(f"[connectors.github]\n{MAIL}", user)
    found = load_text(f"[connectors.github]\n{MAIL}", {**user, "MDPC_CHANNELS__MAIL__PASSWORD": "s3cret-words"})
    assert "s3cret" not in repr(found.channels["mail"])
    with pytest.raises(SettingsError, match="MDPC_CHANNELS__MAIL__USER"):
        load_text(f"[connectors.github]\n{MAIL}", {"MDPC_CHANNELS__MIAL__USER": "mdpc"})


def test_addresses_may_be_told_where_a_channel_sends_mail() -> None:
    text = STEP.format(via="mail").replace("@alice-gh", "release@acme.example") + MAIL
    assert load_text(text).escalation.steps[0].to == ("release@acme.example",)
