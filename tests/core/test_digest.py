"""The digest over trackers in memory: once a period, to whom it is for, with everything that changed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdpc import run
from mdpc.changes import Plan
from mdpc.dashboard_text import LONGEST, length
from mdpc.digest import period_of
from mdpc.exits import INCOMPLETE, FailOn, exit_status
from mdpc.model import Markup
from mdpc.plan import Request
from mdpc.settings.digest import Digest
from tests.core.test_dashboards import HOME, board, company, dashboards
from tests.core.test_gates_in_step import RELEASE
from tests.core.test_in_step import PLATFORM, Company, killed_at
from tests.memory_channel import ByName, MemoryChannel
from tests.memory_issues import ME
from tests.memory_tracker import Killed

PROGRAM = {**HOME, "stakeholders": ["carol", "bob"]}
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def office(**tables: Any) -> Company:
    digest = {"every": "monday", "to": ["stakeholders"], **tables.pop("digest", {})}
    return company(**{"programs": [PROGRAM], "digest": digest, **tables})


def planned(acme: Company, now: datetime = MONDAY) -> Plan:
    return run.digest(acme.settings, acme.connectors, Request("digest", now))[0]


def send(acme: Company, now: datetime = MONDAY) -> Plan:
    sent = run.sync(planned(acme, now), acme.connectors, lambda _: None)
    assert {change.outcome for change in sent.changes} <= {"done", "already"}
    return sent


def digests(acme: Company) -> list[str]:
    return [comment.body for comment in board(acme).comments if "mdpc:digest" in comment.body]


@pytest.mark.parametrize(
    ("every", "today", "period"),
    [
        ("daily", date(2026, 11, 25), date(2026, 11, 25)),
        ("monday", date(2026, 11, 23), date(2026, 11, 23)),
        ("monday", date(2026, 11, 29), date(2026, 11, 23)),
        ("friday", date(2026, 11, 23), date(2026, 11, 20)),
        ("1st", date(2026, 11, 30), date(2026, 11, 1)),
        ("1st", date(2027, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_is_called_by_the_day_on_which_it_began(every: Any, today: date, period: date) -> None:
    assert period_of(Digest(every=every, to=("stakeholders",)), today) == period


def test_it_is_sent_once_a_period_however_often_it_runs() -> None:
    acme = office()
    acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    acme.settled()
    for day in range(14):
        now = MONDAY + timedelta(days=day)
        acme.github.desk.clock = now
        acme.settled(now)
        send(acme, now)
        assert send(acme, now).changes == ()
        assert acme.plan(now).changes == ()
    assert [text.splitlines()[0] for text in digests(acme)] == [
        "@carol-gh, @bob-gh: the digest of platform for 2026-11-23.",
        "@carol-gh, @bob-gh: the digest of platform for 2026-11-30.",
    ]


def test_a_late_run_sends_the_latest_period_alone() -> None:
    acme = office()
    acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    acme.settled()
    send(acme)
    send(acme, MONDAY + timedelta(days=24))
    assert [text.splitlines()[-1] for text in digests(acme)] == [
        "<!-- mdpc:digest 2026-11-23 -->",
        "<!-- mdpc:digest 2026-12-14 -->",
    ]


def test_nothing_else_sends_it() -> None:
    acme = office()
    acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    acme.settled(MONDAY)
    assert digests(acme) == []


def test_it_waits_for_a_working_day() -> None:
    acme = office(digest={"every": "daily"}, escalation={"workdays": True})
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    saturday = datetime(2026, 11, 28, 9, tzinfo=UTC)
    assert planned(acme, saturday).changes == ()
    assert len(planned(acme, saturday + timedelta(days=2)).changes) == 2


def test_it_says_what_changed_since_the_last_one() -> None:
    acme = office()
    slips, done, _, gone = (
        acme.github.add("acme/api", name, due=due)
        for name, due in (
            ("slips", date(2027, 1, 1)),
            ("done", date(2026, 11, 15)),
            ("worse", date(2026, 11, 25)),
            ("gone", date(2027, 5, 1)),
        )
    )
    acme.settled()
    send(acme)
    assert "Since the digest" not in digests(acme)[0]
    slips.due = date(2027, 1, 15)
    done.closed = True
    del acme.github.boxes["acme/api"].records[gone.number]
    acme.github.add("acme/api", "fresh", due=date(2027, 3, 1))
    later = MONDAY + timedelta(days=7)
    acme.settled(later)
    send(acme, later)
    _, _, told = digests(acme)[1].partition("Since the digest of 2026-11-23:\n")
    lines = [re.sub(r"\[(\w+)\]\(https:[^)]+\)", r"\1", line) for line in told.split("\n\n")[0].splitlines()]
    assert lines == [
        "- worse: off track, and was on track",
        "- slips: slipped by 14 days to 2027-01-15",
        "- fresh: new, due 2027-03-01",
        "- done: achieved 2026-11-20, 5 days late",
        "- 1 milestone is not there any more",
    ]


def test_a_second_slip_counts_against_the_first_date_too() -> None:
    acme = office(digest={"every": "daily"})
    held = acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    for day, due in enumerate((date(2027, 1, 1), date(2027, 1, 8), date(2027, 1, 10), None, date(2026, 12, 31))):
        held.due = due
        acme.settled(MONDAY + timedelta(days=day))
        send(acme, MONDAY + timedelta(days=day))
    said = [line.partition("): ")[2] for text in digests(acme) for line in text.splitlines() if "](" in line]
    changes = [line for line in said if line.startswith(("slipped", "has", "is due"))]
    assert changes == [
        "slipped by 7 days to 2027-01-08",
        "slipped by 2 days to 2027-01-10, 9 days later than first promised",
        "has no date any more; no date, and was on track",
        "is due 2026-12-31 now; on track, and was no date",
    ]


def test_it_says_what_needs_whom() -> None:
    acme = office(gates=[RELEASE], digest={"to": ["stakeholders", "owner"]})
    acme.github.add("acme/api", "v1.0", due=date(2026, 11, 1), description="Owner: @alice-gh")
    acme.settled()
    send(acme)
    (text,) = digests(acme)
    assert text.startswith("@carol-gh, @bob-gh, @alice-gh: ")
    assert "- `bob-gh`: [v1.0](" in text
    assert "waits for a review, `/approve release-review`" in text
    assert "- `alice-gh`: [v1.0](" in text
    assert "is off track, and theirs" in text
    assert text.count("@") == 3


def test_whoever_is_away_is_stood_in_for() -> None:
    people = {
        "carol": {"logins": {"github": "carol-gh"}, "away": ["2026-11-20/2026-11-30"], "delegate": "dora"},
        "dora": {"logins": {"github": "dora-gh"}},
    }
    acme = office(people=people, programs=[{**HOME, "stakeholders": ["carol"]}])
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    send(acme)
    assert digests(acme)[0].startswith("@dora-gh: ")


def test_a_program_without_readers_gets_none() -> None:
    acme = office(programs=[HOME])
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    assert planned(acme).changes == ()


def test_nothing_that_is_off_track_is_left_out_however_much_it_is() -> None:
    acme = office()
    for number in range(900):
        acme.github.add("acme/api", f"Overdue and with quite a long name {number:04}", due=date(2026, 11, 1))
    acme.settled()
    send(acme)
    texts = digests(acme)
    assert len(texts) > 1
    assert all(length(text) <= LONGEST[Markup.BLOCK] for text in texts)
    assert all(sum(f"name {number:04}]" in text for text in texts) >= 1 for number in range(900))
    assert [text.startswith("@") for text in texts] == [True] + [False] * (len(texts) - 1)
    assert planned(acme).changes == ()


def test_while_something_is_unread_it_waits() -> None:
    acme = office()
    acme.github.add("acme/api", "v1.0")
    acme.github.add("acme/web", "v2.0")
    acme.settled()
    acme.github.boxes["acme/web"].readable = False
    found = planned(acme)
    assert found.changes == ()
    assert [entry.what for entry in found.withheld] == ["the digest of platform"]
    assert exit_status(found, FailOn.NEVER) == INCOMPLETE


def test_the_dashboard_is_made_for_it_and_names_nothing_that_is_not_there() -> None:
    acme = office(gates=[RELEASE])
    acme.github.add("acme/api", "v1.0", due=date(2027, 1, 1))
    send(acme)
    assert len(digests(acme)) == 1
    assert "mdpcnew" not in board(acme).body + digests(acme)[0]
    acme.settled(MONDAY)


def test_the_forged_and_the_edited_count_as_nothing() -> None:
    acme = office()
    acme.github.add("acme/api", "v1.0")
    acme.settled()
    acme.github.desk.say(board(acme), "mallory", "Done.\n\n<!-- mdpc:digest 2026-11-23 -->")
    acme.github.desk.say(board(acme), ME, "Odd.\n\n<!-- mdpc:digest today -->", bot=True)
    send(acme)
    assert len(digests(acme)) == 3


@pytest.mark.parametrize("number", range(4))
def test_killed_after_any_write_it_is_sent_once(number: int) -> None:
    acme = office()
    acme.github.add("acme/api", "v1.0")
    killed_at(number, acme, partial(send, acme))
    send(acme)
    acme.settled(MONDAY)
    send(acme)
    assert len(digests(acme)) == 1
    assert planned(acme).changes == ()


def test_a_run_in_between_notes_what_a_killed_one_has_sent() -> None:
    acme = office()
    acme.github.add("acme/api", "v1.0")
    acme.settled()

    def kill() -> None:
        raise Killed

    acme.github.after_write = kill
    with pytest.raises(Killed):
        send(acme)
    acme.github.after_write = lambda: None
    acme.settled(MONDAY)
    assert planned(acme).changes == ()


def test_with_channels_each_reader_gets_one_message_with_all_programs_of_theirs() -> None:
    programs = [
        {"name": "platform", "members": [{"ref": "github:acme/api"}], "stakeholders": ["carol", "bob"]},
        {"name": "apps", "members": [{"ref": "github:acme/web"}], "stakeholders": ["carol"]},
    ]
    channels = {name: ByName(type=name) for name in ("mail", "team")}
    acme = office(programs=programs, digest={"via": ["mail", "team"]}, channels=channels)
    acme.github.add("acme/api", "v1 <b>@zoe</b>", due=date(2026, 11, 1))
    acme.github.add("acme/web", "v2.0", due=date(2027, 11, 1))
    acme.settled()
    found = planned(acme)
    assert [(each.channel, each.to[0].name, each.program) for each in found.messages] == [
        ("mail", "carol", ""),
        ("mail", "bob", "platform"),
        ("team", "carol", ""),
        ("team", "bob", "platform"),
    ]
    carol, bob = found.messages[:2]
    assert carol.subject == "Milestones: 1 off track, 1 on track"
    assert "The digest of apps" in carol.text
    assert "apps" not in bob.markdown
    assert "<b>" not in carol.markdown
    assert set(carol.needs) == {change.write for change in found.changes if change.field == "comment"}
    assert len({each.id for each in found.messages}) == 4
    wired(acme, {name: MemoryChannel(name) for name in channels})
    assert digests(acme)[0].splitlines()[0] == "The digest of platform for 2026-11-23."
    assert planned(acme).messages == ()


def test_in_jira_it_is_a_comment_there() -> None:
    acme = office(programs=[{**PLATFORM, "home": "jira:API", "stakeholders": ["carol"]}])
    acme.jira.add("API", "v1.0", due=date(2026, 11, 1))
    acme.settled()
    send(acme)
    ledger, digest = acme.jira.desk.one("API").comments
    assert digest.body.splitlines()[0] == "[~carol-j]: the digest of platform for 2026-11-23."
    assert "Off track (1):\n- v1.0 https://" in digest.body
    assert "- v1.0: off track" in ledger.body
    assert planned(acme).changes == ()
    acme.settled(MONDAY)


def test_in_jira_the_table_makes_room_for_what_is_remembered() -> None:
    acme = office(programs=[{**PLATFORM, "home": "jira:API", "stakeholders": ["carol"]}])
    for number in range(700):
        acme.jira.add("API", f"v{number}.0", due=date(2027, 1, 1))
    acme.settled()
    (ledger,) = acme.jira.desk.one("API").comments
    before = length(ledger.body)
    send(acme)
    assert 30_000 < before <= LONGEST[Markup.LINE]
    assert 30_000 < length(ledger.body) <= LONGEST[Markup.LINE]
    acme.settled(MONDAY)
    assert 30_000 < length(ledger.body) <= LONGEST[Markup.LINE]
    assert planned(acme, MONDAY).changes == ()


def test_limits_hold_back_what_is_too_much() -> None:
    programs = [
        {"name": name, "members": [{"ref": f"github:acme/{name}"}], "stakeholders": ["carol"]}
        for name in ("api", "web")
    ]
    acme = office(programs=programs)
    for name in ("api", "web"):
        acme.github.add(f"acme/{name}", "v1.0")
    acme.settled()
    acme.settings = acme.settings.model_copy(update={"limits": acme.settings.limits.model_copy(update={"comments": 1})})
    assert send(acme).stats.truncated
    assert not send(acme).stats.truncated
    assert planned(acme).changes == ()
    assert [len(dashboards(acme, f"acme/{name}")[0].comments) for name in ("api", "web")] == [2, 2]


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sampled_from(["daily", "monday", "sunday", "1st"]))
def test_every_day_has_one_period_and_days_never_go_back(today: date, every: Any) -> None:
    table = Digest(every=every, to=("stakeholders",))
    period, following = period_of(table, today), period_of(table, today + timedelta(days=1))
    assert period <= today
    assert following in (period, today + timedelta(days=1))
    assert period_of(table, period) == period


def wired(acme: Company, channels: dict[str, MemoryChannel], now: datetime = MONDAY) -> Plan:
    """The digest that is due, sent with these channels."""
    return run.sync(planned(acme, now), acme.connectors, lambda _: None, channels)


def with_mail() -> tuple[Company, dict[str, MemoryChannel]]:
    programs = [
        {"name": "platform", "members": [{"ref": "github:acme/api"}], "stakeholders": ["carol", "bob"]},
        {"name": "apps", "members": [{"ref": "github:acme/web"}], "stakeholders": ["carol"]},
    ]
    acme = office(programs=programs, digest={"via": ["team"]}, channels={"team": ByName(type="team")})
    acme.github.add("acme/api", "v1.0", due=date(2026, 11, 1))
    acme.github.add("acme/web", "v2.0", due=date(2027, 11, 1))
    acme.settled()
    return acme, {"team": MemoryChannel("team")}


def test_a_digest_that_a_channel_did_not_take_is_sent_again_to_whom_it_did_not_reach() -> None:
    acme, channels = with_mail()
    team = channels["team"]
    team.refusing = {"carol"}
    first = wired(acme, channels)
    assert sorted((each.to[0].name, each.outcome) for each in first.messages) == [("bob", "done"), ("carol", "failed")]
    comments = digests(acme)
    team.refusing = set()
    acme.settled()
    second = wired(acme, channels)
    assert [(each.to[0].name, each.outcome) for each in second.messages] == [("carol", "done")]
    assert "v1.0" in team.sent[-1].text
    assert "The digest of apps" in team.sent[-1].text
    assert "mdpc:" not in team.sent[-1].text
    assert digests(acme) == comments
    assert (planned(acme).messages, planned(acme).changes) == ((), ())
    assert sorted(each.to[0].name for each in team.sent) == ["bob", "carol"]


@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_at_any_message_of_a_digest_nobody_misses_it_and_nobody_has_it_thrice(side: str) -> None:
    for moment in range(1, 30):
        acme, channels = with_mail()
        left = [moment]

        def count(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        setattr(acme.github, f"{side}_write", count)
        setattr(channels["team"], side, count)
        try:
            wired(acme, channels)
        except Killed:
            pass
        else:
            return
        for _ in range(2):
            wired(acme, channels)
        assert planned(acme).messages == ()
        told = [each.to[0].name for each in channels["team"].sent]
        assert set(told) == {"bob", "carol"}
        assert max(map(told.count, told)) <= 2
        assert len(digests(acme)) == len(set(digests(acme)))
    pytest.fail("it always died")
