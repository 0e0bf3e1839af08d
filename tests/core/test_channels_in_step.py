"""What goes out besides the comment: after it, once, and again only where it did not go out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mdpc import run
from mdpc.changes import Plan
from mdpc.exits import is_incomplete
from mdpc.ledger import ledger_of, text_of, with_owed
from mdpc.model import Markup
from mdpc.plan import Request
from tests.core.test_escalation_in_step import DUE, STEPS, TEAM, Office, at
from tests.core.test_in_step import ROOMY
from tests.memory_channel import ByAddress, ByName, MemoryChannel
from tests.memory_issues import HeldComment
from tests.memory_tracker import Killed

BY = [{**step, "via": ["team", "mail"]} for step in STEPS]
PEOPLE = {name: {**person, "email": f"{name}@acme.example"} for name, person in TEAM.items()}
LATE = DUE + timedelta(days=1)


class Wired(Office):
    """The office with two channels."""

    def __init__(self, **tables: Any) -> None:
        channels = {"team": ByName(type="team"), "mail": ByAddress(type="mail")}
        super().__init__(
            **{"channels": channels, "people": PEOPLE, "escalation": {"steps": BY}, "limits": ROOMY, **tables}
        )
        self.team, self.mail = MemoryChannel("team"), MemoryChannel("mail")

    def sync(self, day: date) -> Plan:
        """One run."""
        self.acme.github.desk.clock = max(self.acme.github.desk.clock, at(day))
        planned = run.plan(self.acme.settings, self.acme.connectors, Request("sync", at(day)))
        return run.sync(planned, self.acme.connectors, lambda _: None, {"team": self.team, "mail": self.mail})

    def planned(self, day: date) -> Plan:
        """What the next run would do."""
        return run.plan(self.acme.settings, self.acme.connectors, Request("plan", at(day)))


def test_the_channels_follow_the_comment_once() -> None:
    office = Wired()
    office.sync(DUE - timedelta(days=20))
    said = office.sync(LATE)
    assert [(each.channel, each.outcome) for each in said.messages] == [("team", "done"), ("mail", "done")]
    assert not is_incomplete(said)
    assert [each.via for each in said.notices] == [("team", "mail")]
    (message,) = office.mail.sent
    assert [(each.name, each.address) for each in message.to] == [("alice", "alice@acme.example")]
    assert message.subject == f"v1.0: overdue since {DUE.isoformat()}"
    assert message.text.startswith(f"alice: this milestone was due on {DUE.isoformat()} and is overdue.")
    assert "mdpc:" not in message.text
    assert office.issue is not None
    assert message.text.endswith("Talk about it at https://github.example/acme/api/issue-1")
    for _ in range(3):
        again = office.sync(LATE)
        assert (again.changes, again.messages) == ((), ())
    assert len(office.notices()) == len(office.team.sent) == len(office.mail.sent) == 1


def test_a_channel_that_fails_is_said_and_tried_again_alone() -> None:
    office = Wired()
    office.sync(DUE - timedelta(days=20))
    office.mail.down = True
    for run_number in range(3):
        said = office.sync(LATE + timedelta(days=run_number))
        assert is_incomplete(said)
        assert [(each.channel, each.answer) for each in said.messages if each.outcome == "failed"] == [
            ("mail", "the server is down")
        ]
    office.mail.down = False
    assert [each.channel for each in office.planned(LATE + timedelta(days=3)).messages] == ["mail"]
    said = office.sync(LATE + timedelta(days=3))
    assert [(each.channel, each.outcome) for each in said.messages] == [("mail", "done")]
    assert office.sync(LATE + timedelta(days=3)).changes == ()
    assert len(office.notices()) == len(office.team.sent) == len(office.mail.sent) == 1


def test_what_a_channel_owes_ends_with_the_milestone_and_with_the_next_step() -> None:
    closed, late = Wired(), Wired()
    for office in (closed, late):
        office.sync(DUE - timedelta(days=20))
        office.mail.down = True
        office.sync(LATE)
        office.mail.down = False
    closed.held.closed = True
    assert closed.sync(LATE).messages == ()
    assert closed.sync(LATE).changes == ()
    late.sync(DUE + timedelta(days=5))
    assert [[each.name for each in message.to] for message in late.mail.sent] == [["carol"]]


def test_a_channel_that_is_added_later_tells_of_nothing_old() -> None:
    office = Wired(escalation={"steps": STEPS})
    office.sync(DUE - timedelta(days=20))
    office.sync(LATE)
    office.acme.settings = Wired().acme.settings
    said = office.sync(LATE)
    assert (said.messages, said.changes) == ((), ())


def test_mail_without_an_address_is_said_and_does_not_wait() -> None:
    office = Wired(people=TEAM)
    office.sync(DUE - timedelta(days=20))
    said = office.sync(LATE)
    assert [each.channel for each in said.messages] == ["team"]
    assert [each.what for each in said.withheld] == ["step +1d of platform/1.0 by mail"]
    assert office.sync(LATE).changes == ()


def test_beyond_the_limit_messages_wait_for_the_next_run() -> None:
    office = Wired()
    office.sync(DUE - timedelta(days=20))
    office.acme.settings = Wired(limits={"adopt": 1000, "comments": 3}).acme.settings
    first = office.sync(LATE)
    assert first.stats.truncated
    assert [each.channel for each in first.messages] == ["team"]
    second = office.sync(LATE)
    assert [(each.channel, each.outcome) for each in second.messages] == [("mail", "done")]
    assert office.sync(LATE).changes == ()


@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_at_any_write_or_message_the_comment_comes_once_and_a_message_twice_at_most(side: str) -> None:
    twice: set[str] = set()
    for moment in range(1, 40):
        office = Wired()
        office.sync(DUE - timedelta(days=20))
        left = [moment]

        def count(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        setattr(office.acme.github, f"{side}_write", count)
        setattr(office.team, side, count)
        setattr(office.mail, side, count)
        killed = _dies(office)
        for _ in range(3):
            office.sync(LATE)
        planned = office.planned(LATE)
        assert (planned.changes, planned.messages) == ((), ())
        assert len(office.notices()) == 1
        for channel in (office.team, office.mail):
            assert 1 <= len(channel.sent) <= 2
            assert len({each.id for each in channel.sent}) == 1
        if max(len(office.team.sent), len(office.mail.sent)) == 2:
            twice.add(killed)
        if not killed:
            break
    else:
        pytest.fail("it always died")
    assert twice == {"after a message"}  # the one window: sent, and not noted yet


def _dies(office: Wired) -> str:
    """A run; when it was killed, empty where it was not."""
    try:
        office.sync(LATE)
    except Killed:
        return "after a message" if office.team.sent or office.mail.sent else "before any"
    return ""


def test_a_ledger_is_the_same_whether_it_is_planned_or_noted_afterwards() -> None:
    office = Wired()
    office.sync(DUE - timedelta(days=20))
    office.sync(LATE)
    held = _ledger(office)
    found = ledger_of(_comments(office), frozenset({held.id}))
    assert found is not None
    owed = {"n1": ("mail",), "n0": ("team", "mail")}
    noted = with_owed(held.body, None, owed)
    again = ledger_of([each for each in _comments(office, noted) if each.id == held.id], frozenset({held.id}))
    assert again is not None
    assert again.owed == owed
    assert noted == text_of(again, held.body.split("\n\n")[0], Markup.BLOCK)
    assert with_owed(noted, held.body, {}) == noted


def _ledger(office: Wired) -> HeldComment:
    assert office.issue is not None
    return next(each for each in office.issue.comments if "mdpc:ledger" in each.body)


def _comments(office: Wired, body: str | None = None) -> Any:
    held = _ledger(office)
    if body is not None:
        held.body = body
    (talk,) = office.acme.github.desk.read(_scope()).issues
    return talk.comments


def _scope() -> Any:
    from mdpc.coordination import IssueScope  # noqa: PLC0415

    return IssueScope(homes=("acme/api",))


def test_a_subject_is_one_line_of_which_all_can_be_seen() -> None:
    office = Wired()
    office.held.title = "v1.0\r\nBcc: mallory@evil.example \u202e\x1b[31m"
    office.sync(DUE - timedelta(days=20))
    office.sync(LATE)
    (message,) = office.mail.sent
    assert message.subject == f"v1.0 Bcc: mallory@evil.example <U+202E><U+001B>[31m: overdue since {DUE.isoformat()}"
