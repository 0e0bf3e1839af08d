"""What a last job sends of what shards left, over trackers in memory: once, within the budget, and nothing is lost."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mdpc import run
from mdpc.allowance import Allowance
from mdpc.changes import Plan, Refusal
from mdpc.commands.sending import sent_of
from mdpc.commands.session import Session
from mdpc.exits import FailOn, exit_status
from mdpc.gathering import NotTogetherError, Part, gathered
from mdpc.messages import Message
from mdpc.model import Unread
from mdpc.plan import Request
from mdpc.report.as_json import as_json
from mdpc.report.noise import noise_of, run_of
from mdpc.saved import SavedPlanError, as_run, as_saved, from_saved, part_from, run_from
from mdpc.shard import Shard
from tests.core.test_in_step import ROOMY, Company
from tests.memory_channel import ByAddress, ByName, MemoryChannel

MONDAY = date(2026, 11, 23)
COUNT = 3
NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
VIA = ["team", "mail"]
STEPS = [{"at": at, "to": ["owner"], "via": VIA} for at in ("+1d", "+2d", "+3d", "+8d")]
PEOPLE = {
    name: {"logins": {"github": f"{name}-gh", "jira": f"{name}-j"}, "email": f"{name}@acme.example"}
    for name in ("alice", "bob")
}


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


class Divided:
    """Programs of one organisation whose run is divided; some have their home in Jira."""

    def __init__(self, most: int | None = None, **tables: Any) -> None:
        budget = {} if most is None else {"per_person_per_week": most}
        defaults: dict[str, Any] = {
            "programs": [
                {"name": name, "members": [{"ref": f"{home}:{name}"}]}
                for name, home in zip(NAMES, ("github", "jira") * 3, strict=True)
            ],
            "people": PEOPLE,
            "escalation": {"steps": STEPS, **budget},
            "digest": {"every": "friday", "to": ["owner"], "via": ["team"]},
            "writeback": {"dashboard": True},
            "channels": {"team": ByName(type="team"), "mail": ByAddress(type="mail")},
            "limits": {**ROOMY, "comments": 1000},
        }
        self.acme = Company(**{**defaults, **tables})
        for name, tracker in zip(NAMES, (self.acme.github, self.acme.jira) * 3, strict=True):
            tracker.box(name, public=False)
        self.channels = {"team": MemoryChannel("team"), "mail": MemoryChannel("mail")}

    def add(self, name: str, title: str, due: date, owner: str = "alice") -> None:
        tracker = self.acme.github if name in self.acme.github.boxes else self.acme.jira
        login = f"{owner}-gh" if tracker is self.acme.github else owner
        text = f"Owner: @{login}" if tracker is self.acme.github else f"Owner: {owner}"
        tracker.add(name, title, due=due, description=text)

    def shards(self, day: date, command: str = "sync", of: tuple[int, ...] = (1, 2, 3)) -> list[Part]:
        """What these shards do, as their files have it."""
        for tracker in (self.acme.github, self.acme.jira):
            tracker.desk.clock = max(tracker.desk.clock, at(day))
        return [Part(f"{number}.json", self._shard(Shard(number, COUNT), day, command)) for number in of]

    def _shard(self, shard: Shard, day: date, command: str) -> Plan:
        request = Request(command, at(day), shard=shard)
        if command == "digest":
            planned, _ = run.digest(self.acme.settings, self.acme.connectors, request)
        else:
            planned = run.plan(self.acme.settings, self.acme.connectors, request)
        done = run.sync(planned, self.acme.connectors, lambda _: None, self.channels)
        assert {change.outcome for change in done.changes} <= {"done", "already"}
        return run_from(as_run(done))

    def send(self, parts: list[Part]) -> Plan:
        return sent_of(parts, Session(self.acme.settings, self.acme.connectors, self.channels, Allowance()))

    @property
    def sent(self) -> list[Message]:
        return [message for channel in self.channels.values() for message in channel.sent]


def ready(most: int | None = None, due: date = MONDAY, **tables: Any) -> Divided:
    """One milestone a program, due on a day, all of alice's, on the day before the first notice."""
    divided = Divided(most, **tables)
    for name in NAMES:
        divided.add(name, "v1.0", due)
    divided.send(divided.shards(due - timedelta(days=3)))
    assert divided.sent == []
    return divided


def test_shards_send_nothing_and_the_last_job_everything_once() -> None:
    divided = ready()
    parts = divided.shards(MONDAY + timedelta(days=1))
    assert divided.sent == []
    assert {message.outcome for part in parts for message in part.plan.messages} == {None}
    assert {exit_status(part.plan, FailOn.NEVER) for part in parts} == {0}
    sent = divided.send(parts)
    assert {message.outcome for message in sent.messages} == {"done"}
    assert Counter(message.milestone.partition("/")[0] for message in divided.sent) == dict.fromkeys(NAMES, 2)
    assert {each.address for message in divided.channels["mail"].sent for each in message.to} == {"alice@acme.example"}
    again = divided.send(parts)
    assert {message.outcome for message in again.messages} == {"already"}
    assert exit_status(again, FailOn.NEVER) == 0
    assert divided.acme.plan(at(MONDAY + timedelta(days=1))).messages == ()
    assert len(divided.sent) == 2 * len(NAMES)


def test_what_a_shard_keeps_has_no_address_and_no_description() -> None:
    divided = ready()
    parts = divided.shards(MONDAY + timedelta(days=1))
    text = "".join(as_run(part.plan) for part in parts)
    assert "@acme.example" not in text
    assert "Owner: @alice-gh" not in text
    assert json.loads(as_run(parts[0].plan))["schema"] == "mdpc/run/1"


def test_an_address_that_a_step_spells_out_is_who_is_meant_and_is_written_to() -> None:
    steps = [{**step, "to": ["owner", "partner@elsewhere.example"]} for step in STEPS]
    divided = ready(escalation={"steps": steps})
    parts = divided.shards(MONDAY + timedelta(days=1))
    text = "".join(as_run(part.plan) for part in parts)
    assert "partner@elsewhere.example" in text
    assert "alice@acme.example" not in text
    divided.send(parts)
    told = {each.address for message in divided.channels["mail"].sent for each in message.to}
    assert told == {"alice@acme.example", "partner@elsewhere.example"}


def test_the_most_urgent_first_and_the_digest_tells_the_rest_once() -> None:
    divided = ready(most=3)
    parts = divided.shards(MONDAY + timedelta(days=1))
    assert sum(len(part.plan.notices) for part in parts) == len(NAMES)
    sent = divided.send(parts)
    assert Counter(message.channel for message in divided.sent) == {"team": 3, "mail": 3}
    (left,) = [each for each in sent.withheld if each.what.startswith("the messages of step +1d of zeta")]
    assert left.why.endswith("over all shards. The next digest tells of it")
    assert exit_status(sent, FailOn.NEVER) == 0
    divided.send(parts)
    assert len(divided.sent) == 6
    assert divided.acme.plan(at(MONDAY + timedelta(days=1))).messages == ()
    divided.channels["team"].sent.clear()
    digests = divided.shards(MONDAY + timedelta(days=4), "digest")
    divided.send(digests)
    (digest,) = divided.channels["team"].sent
    assert digest.text.count("Not told at the time") == digest.text.count("step +1d of v1.0") == 3
    assert digest.subject == "Milestones: 6 off track"
    divided.send(divided.shards(MONDAY + timedelta(days=4), "digest"))
    assert len(divided.channels["team"].sent) == 1


def test_without_a_dashboard_what_exceeds_the_budget_is_not_owed_for_ever() -> None:
    divided = ready(most=3, writeback={"dashboard": False}, digest=None)
    parts = divided.shards(MONDAY + timedelta(days=1))
    sent = divided.send(parts)
    assert len(divided.sent) == 6
    assert {each.why.rpartition(". ")[2] for each in sent.withheld} == {"Its comment stands there"}
    assert divided.acme.plan(at(MONDAY + timedelta(days=1))).messages == ()


def test_what_an_earlier_last_job_of_the_same_run_sent_counts() -> None:
    divided = ready(most=2)
    parts = divided.shards(MONDAY + timedelta(days=1))
    for count in (1, 2, 3):  # shards that failed were run again, and the last job after each
        divided.send(parts[:count])
    heard = Counter(message.channel for message in divided.sent)
    assert heard == {"team": 2, "mail": 2}
    divided.send(parts)
    assert Counter(message.channel for message in divided.sent) == heard


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("chance", range(6))
def test_whatever_jobs_do_not_run_nobody_hears_twice_or_too_often(chance: int, missing: bool) -> None:
    """A week in which last jobs, or shards, fail to run, and saved runs are sent again.

    What a shard that is missing spent of anybody's budget nobody knows.
    """
    rolled = random.Random(chance)
    most = rolled.randint(1, 4)
    divided = Divided(most)
    for number, name in enumerate(NAMES * 2):
        due = MONDAY - timedelta(days=rolled.randint(-2, 1))
        divided.add(name, f"v{number}", due, rolled.choice(("alice", "bob")))
    divided.send(divided.shards(MONDAY - timedelta(days=3)))
    kept: list[list[Part]] = []
    for number in range(5):
        day = MONDAY + timedelta(days=number)
        there = rolled.sample((1, 2, 3), rolled.randint(1, 3)) if missing else (1, 2, 3)
        kept.append(divided.shards(day, of=tuple(sorted(there))))
        if rolled.random() < 0.5:
            divided.send(kept[-1])
        divided.send(rolled.choice(kept))
    heard = Counter((message.channel, each.name) for message in divided.sent for each in message.to)
    assert heard
    assert missing or max(heard.values()) <= most
    last = divided.shards(MONDAY + timedelta(days=4))
    divided.send(last)
    assert max(Counter((message.channel, message.id) for message in divided.sent).values()) == 1
    assert divided.acme.plan(at(MONDAY + timedelta(days=4))).messages == ()


def test_a_message_without_a_channel_or_a_reader_in_this_configuration_stays_owed() -> None:
    divided = ready()
    parts = divided.shards(MONDAY + timedelta(days=1))
    whole = divided.acme.settings
    bare = {name: person.model_copy(update={"email": None}) for name, person in whole.people.items()}
    divided.acme.settings = whole.model_copy(update={"people": bare, "channels": {"mail": whole.channels["mail"]}})
    sent = divided.send(parts)
    assert {(message.channel, message.outcome, message.answer) for message in sent.messages} == {
        ("team", "withheld", "this configuration has no channel team"),
        ("mail", "withheld", "in this configuration mail reaches none of its recipients"),
    }
    assert exit_status(sent, FailOn.NEVER) == 3
    divided.acme.settings = whole
    divided.send(parts)
    assert len(divided.sent) == 2 * len(NAMES)


def test_one_channel_that_fails_is_owed_alone() -> None:
    divided = ready()
    parts = divided.shards(MONDAY + timedelta(days=1))
    divided.channels["mail"].down = True
    assert exit_status(divided.send(parts), FailOn.NEVER) == 3
    divided.channels["mail"].down = False
    later = divided.shards(MONDAY + timedelta(days=1))
    assert {message.channel for part in later for message in part.plan.messages} == {"mail"}
    divided.send(later)
    assert [len(channel.sent) for channel in divided.channels.values()] == [6, 6]


def test_a_ledger_that_cannot_be_looked_at_keeps_its_message_back() -> None:
    divided = ready()
    parts = divided.shards(MONDAY + timedelta(days=1))
    divided.acme.github.desk.issues.clear()
    sent = divided.send(parts)
    outcomes = {message.milestone.partition("/")[0]: message.outcome for message in sent.messages}
    assert outcomes == dict(zip(NAMES, ("withheld", "done") * 3, strict=True))
    assert len(divided.sent) == 6


def test_what_limits_refuse_to_a_shard_is_not_sent() -> None:
    divided = ready()
    request = Request("sync", at(MONDAY + timedelta(days=1)), shard=Shard(1, 1))
    planned = run.plan(divided.acme.settings, divided.acme.connectors, request)
    refused = replace(planned, refused=(Refusal("alpha", "changes", 9, 1, "too many"),))
    done = run.sync(refused, divided.acme.connectors, lambda _: None, divided.channels)
    sent = divided.send([Part("1.json", done)])
    assert {each.answer for each in sent.messages if each.outcome == "withheld"} == {"too many"}
    assert {message.milestone for message in divided.sent} == {f"{name}/1.0" for name in NAMES[1:]}
    assert exit_status(sent, FailOn.NEVER) == 4


def test_reports_say_what_waits_and_what_became_of_it() -> None:
    divided = ready()
    parts = divided.shards(MONDAY + timedelta(days=1))
    first = json.loads(as_json(parts[0].plan))
    assert (first["shard"], {each["outcome"] for each in first["messages"]}) == ("1/3", {None})
    sent = json.loads(as_json(divided.send(parts)))
    assert (sent["command"], sent["shard"], sent["absent"]) == ("send", None, [])
    assert {each["outcome"] for each in sent["notices"]} == {"done"}
    noise = noise_of(run_of(as_json(part.plan)) for part in parts)
    assert noise.whole.sent == len(NAMES)


# ── What does not belong together ────────────────────────────────────────────────────────────────


def part(number: int, count: int = 3, *, command: str = "sync", hours: int = 0, **facts: Any) -> Part:
    now = at(MONDAY) + timedelta(hours=hours)
    return Part(f"{command}{number}.json", Plan(command, now, shard=Shard(number, count), **facts))


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ([], "there is no saved run: name the files"),
        ([part(1), part(2, 4)], "sync1.json is shard 1/3, sync2.json is shard 2/4"),
        ([part(1), part(1, command="plan")], "sync1.json is of `mdpc sync`, plan1.json is of `mdpc plan`"),
        ([part(1), replace(part(1), file="again.json")], "sync1.json and again.json are both shard 1/3"),
        ([part(1), part(2, hours=13)], "of 2026-11-23 09:00 and sync2.json of 2026-11-23 22:00: they are not of one"),
        ([Part("whole.json", Plan("sync", at(MONDAY)))], "whole.json: of a run that was not divided"),
    ],
)
def test_what_is_not_of_one_run_is_refused(parts: list[Part], complaint: str) -> None:
    with pytest.raises(NotTogetherError) as raised:
        gathered(parts)
    assert complaint in str(raised.value)


def test_shards_with_different_configurations_are_refused() -> None:
    divided = ready()
    parts = divided.shards(MONDAY)
    other = next(each for each in parts if each.plan.milestones)
    rest = [replace(each, plan=replace(each.plan, milestones=other.plan.milestones)) for each in parts]
    with pytest.raises(NotTogetherError, match="ran with different configurations"):
        gathered(rest)


def test_a_digest_may_be_among_them_and_is_missed_by_itself() -> None:
    parts = [*(part(number) for number in (1, 2, 3)), part(2, command="digest")]
    assert gathered(parts).absent == (Shard(1, 3), Shard(3, 3))
    assert gathered(parts[:3]).absent == ()


def test_what_several_shards_could_not_read_is_said_once() -> None:
    lost = (Unread("github:acme/*", "the server is down"),)
    whole = gathered([part(1, unread=lost), part(2, unread=lost), part(3)])
    assert (whole.unread, exit_status(whole, FailOn.NEVER)) == (lost, 3)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "this is no saved run. Keep one with `mdpc sync --shard I/N --save FILE`"),
        ('{"schema": "mdpc/1"}', "this is no saved run of this version (its schema is 'mdpc/1', not 'mdpc/run/1')"),
        ('{"schema": "mdpc/run/1", "plan": {}}', "the saved run is damaged (at command)"),
        (as_saved(part(1).plan), "this is a plan that was not applied"),
    ],
)
def test_what_is_no_saved_run_is_said_to_be_none(text: str, complaint: str) -> None:
    with pytest.raises(SavedPlanError) as raised:
        run_from(text)
    assert complaint in str(raised.value)


def test_a_saved_run_is_no_plan_and_reports_take_both() -> None:
    with pytest.raises(SavedPlanError, match="this is what a shard did, and is done"):
        from_saved(as_run(part(1).plan), ())
    assert part_from(as_run(part(1).plan)) == part_from(as_saved(part(1).plan)) == part(1).plan
