"""Applying a plan: what others depend on first, each tracker serially, trackers side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from mdpc import allowance, staging
from mdpc.changes import Change, Outcome, Plan
from mdpc.channel import Channel
from mdpc.connector import Connector, stumbled
from mdpc.ledger import with_owed
from mdpc.limits import owed
from mdpc.messages import SENT, Message, MessageOutcome
from mdpc.noting import without
from mdpc.program_ledger import is_program_text, with_unsent
from mdpc.side_by_side import side_by_side
from mdpc.staging import Part, Writes, grouped, is_of_dashboard
from mdpc.tokens import Made, filled_in, makes_issue, resolved, seeds_in, without_issue

_INTERRUPTED = "interrupted before this write"
_LEFT_ALONE = "interrupted while it was written. Run it again: what is there already is not written twice"
_DEPENDS = "what it depends on was not written"
_LEFT_UNSENT = "interrupted while it was sent. Run it again: it may come twice"
_CIRCLE = (
    "records of one container are to swap their titles, and none can get its own before another lets go of it. Give "
    "one of them its new title by hand, by way of a third"
)
_WRITTEN = ("done", "already")

MOST_WRITES = 30
"""A part of so many writes is ended once it is begun: a milestone seldom has more."""


def apply_plan(
    plan: Plan, connectors: Mapping[str, Connector], channels: Mapping[str, Channel], told: Callable[[Change], None]
) -> Plan:
    """Apply a plan; the same plan comes back with an outcome for each change and each message.

    A change or message that has an outcome already keeps it. A write goes out once all that it needs has succeeded and
    all that it follows was tried; else it is withheld. What a creation gave rise to is filled in. `told` hears of each
    change as soon as its outcome is known, from any thread but never from two at once. Changes of programs that
    `[limits]` refused are withheld. Once the run's allowance is used up nothing more is begun (`truncated`).
    Interrupted (Ctrl-C), it lets the write under way finish, notes what went out, withholds the rest and says
    `truncated`; interrupted again, it does not wait for that write, whose outcome is then `unknown`. Of a shard no
    message is sent: those that may be keep no outcome, and ledgers note them as owed.
    """
    applying = _Applying(plan, connectors, channels, told)
    changes = [change for change in plan.changes if change.outcome is None]
    messages = [each for each in plan.messages if each.outcome is None and plan.shard is None]
    # Where it may end early, one thing is done wholly before the next is begun; else all trackers are kept busy.
    parts = staging.parts(changes, messages) if allowance.is_limited() else [(changes, messages)]
    try:
        for part in parts:
            applying.begin(part)
            for stage, sending in staging.stages(*part):
                by_connector = grouped(stage, lambda change: change.ref.container.connector)
                jobs = {name: partial(applying.all_of, name, changes) for name, changes in by_connector}
                by_channel = groupby(sorted(sending, key=lambda each: each.channel), key=lambda each: each.channel)
                jobs |= {f"channel {name}": partial(applying.send_all, list(each)) for name, each in by_channel}
                side_by_side(jobs, interrupted=applying.stop.set)
    except KeyboardInterrupt:
        applying.stop.set()
    stats = replace(plan.stats, truncated=plan.stats.truncated or applying.stop.is_set())
    sent = applying.waiting() if plan.shard else tuple(map(applying.sent, plan.messages))
    return replace(plan, changes=tuple(map(applying.outcome_of, plan.changes)), messages=sent, stats=stats)


def _circular(changes: Iterable[Change]) -> frozenset[str]:
    """The writes of new titles that wait for one another (`mdpc.writeback.in_order`)."""
    titles = [change for change in changes if change.field == "title" and change.kind == "update"]
    found = {change.write: set(change.follows) for change in titles}
    while free := {name for name, others in found.items() if not others & found.keys()}:
        found = {name: others for name, others in found.items() if name not in free}
    return frozenset(found)


class _Applying:
    """One application of a plan, shared by a thread per connector and per channel."""

    def __init__(
        self,
        plan: Plan,
        connectors: Mapping[str, Connector],
        channels: Mapping[str, Channel],
        told: Callable[[Change], None],
    ) -> None:
        self.stop = threading.Event()
        self.used_up = ""
        self._ends_part = False
        self._refused = {refusal.program: refusal.why for refusal in plan.refused}
        self._connectors = connectors
        self._channels = channels
        self._messages = plan.messages
        self._sent = {message.id: message for message in plan.messages if message.outcome is not None}
        self._begun_to_send: set[str] = set()
        self._ledgers = {ledger for message in plan.messages for ledger in message.ledgers}
        self._told = told
        self._done = {change.id: change for change in plan.changes if change.outcome is not None}
        self._circular = _circular(plan.changes)
        self._begun: set[str] = set()
        self._failed: set[str] = set()
        self._made: dict[str, Made] = {}
        # What looks like a token and stands for nothing that this plan creates is what people wrote.
        creations = (change for change in plan.changes if change.kind == "create" and change.outcome is None)
        self._to_come = {seed for change in creations for seed in seeds_in(change.ref.id)}
        issues = (change for change in plan.changes if change.kind == "issue")
        self._wanted = self._to_come | {seed for change in issues for seed in seeds_in(change.ref.id)}
        self._lost_issues: set[str] = set()
        self._made_issues: set[str] = set()
        self._lock = threading.Lock()

    def all_of(self, connector: str, changes: Writes) -> None:
        """Apply one connector's changes of one stage, write by write."""
        for name, write in grouped(changes, lambda change: change.write):
            sent, outcomes = self._write(connector, name, write)
            with self._lock:
                for planned, change, outcome in zip(write, sent, outcomes, strict=True):
                    self._note(connector, name, planned, change, outcome)

    def send_all(self, messages: Sequence[Message]) -> None:
        """Send one channel's messages of one stage, one after the other."""
        for message in messages:
            with self._lock:
                reason = self._reason_against_sending(message)
                filled = filled_in(message, self._made)
            outcome: tuple[MessageOutcome, str] = ("withheld", reason)
            if not reason:
                self._begun_to_send.add(message.id)
                try:
                    outcome = self._channels[message.channel].send(filled)
                except Exception as error:
                    outcome = "unknown", stumbled(error, "channel")
            with self._lock:
                self._sent[message.id] = replace(filled, outcome=outcome[0], answer=outcome[1])

    def sent(self, message: Message) -> Message:
        """The message with what became of it."""
        if message.id in self._sent:
            return self._sent[message.id]
        if message.id in self._begun_to_send:
            return replace(message, outcome="unknown", answer=_LEFT_UNSENT)
        return replace(message, outcome="withheld", answer=self._why_stopped)

    @property
    def _why_stopped(self) -> str:
        return f"{self.used_up}, before this was written" if self.used_up else _INTERRUPTED

    def begin(self, part: Part) -> None:
        """Begin a part, if anything is begun at all. One that is no longer than most is then ended, too."""
        self._ends_part = False
        self._ends_part = not self._is_over() and len({change.write for change in part[0]}) <= MOST_WRITES

    def _is_over(self) -> bool:
        """Whether nothing more is begun: for Ctrl-C, or since the run has used up what it may use."""
        if not self.stop.is_set() and not self._ends_part and (why := allowance.used_up()):
            self.used_up = why
            self.stop.set()
        return self.stop.is_set()

    def waiting(self) -> tuple[Message, ...]:
        """The messages as they wait for the last job, without an outcome; withheld where what they need is not there.

        That includes the ledger which says that they are owed: it alone keeps them from being sent twice.
        """
        there = {change.write for change in self._done.values() if change.outcome in _WRITTEN} - self._failed

        def told(message: Message) -> Message:
            if message.outcome is not None:
                return message
            if {*message.needs, *message.ledgers} <= there:
                return filled_in(message, self._made)
            why = self._why_stopped if self.stop.is_set() else _DEPENDS
            return replace(message, outcome="withheld", answer=self._refused.get(message.program, why))

        return tuple(map(told, self._messages))

    def _reason_against_sending(self, message: Message) -> str:
        if self._is_over():
            return self._why_stopped
        if message.program in self._refused:
            return self._refused[message.program]
        return _DEPENDS if set(message.needs) & self._failed else ""

    def outcome_of(self, change: Change) -> Change:
        """The change with what became of it."""
        if change.id in self._done:
            return self._done[change.id]
        if change.id in self._begun:
            return replace(change, outcome="unknown", answer=_LEFT_ALONE)
        return replace(change, outcome="withheld", answer=self._why_stopped)

    def _note(self, connector: str, name: str, planned: Change, change: Change, outcome: Outcome) -> None:
        if outcome.status in _WRITTEN and makes_issue(planned):
            self._made_issues.add(name)
        if outcome.status not in _WRITTEN:
            self._failed.add(name)
            self._lost_issues.update(seeds_in(planned.ref.id) if makes_issue(planned) else ())
        if outcome.created is not None and planned.kind == "comment":
            change = replace(change, made=outcome.created.id)
        elif outcome.created is not None:
            for seed in seeds_in(planned.ref.id):
                self._made[seed] = Made(connector, outcome.created)
            change = resolved(change, self._made)
        self._done[planned.id] = replace(change, outcome=outcome.status, answer=outcome.answer)
        self._told(self._done[planned.id])

    def _write(self, connector: str, name: str, write: Writes) -> tuple[Writes, Sequence[Outcome]]:
        """The changes as they were sent, and their outcomes."""
        with self._lock:
            ready = [change for change in map(self._filled_in, write) if change is not None]
        reason = self._reason_against(write, ready)
        if reason:
            return write, [Outcome(change.id, "withheld", reason) for change in write]
        if name in self._ledgers and all(change.after == change.before for change in ready):
            return ready, [Outcome(change.id, "already") for change in ready]
        self._begun.update(change.id for change in write)
        try:
            return ready, self._connectors[connector].apply(ready)
        except Exception as error:
            answer = stumbled(error)
            return write, [Outcome(change.id, "unknown", answer) for change in write]

    def _reason_against(self, write: Writes, ready: Writes) -> str:
        if self._is_over() and not (self._notes_what_went_out(write[0].write) or self._ends_an_issue(write)):
            return self._why_stopped
        if write[0].program in self._refused:
            return self._refused[write[0].program]
        if write[0].write in self._circular:
            return _CIRCLE
        needs = {name for change in write for name in change.needs}
        return _DEPENDS if needs & self._failed or len(ready) < len(write) else ""

    def _filled_in(self, change: Change) -> Change | None:
        """The change with all that earlier writes made known; None where that is missing."""
        failed = {entry.id: entry.before for entry in change.entries if self._failed & set(entry.needs)}
        if failed:
            change = replace(change, after=without(str(change.after) if change.after else None, failed))
            if change.after == change.before:
                return None
        if change.kind == "create":
            return change
        change = resolved(change, self._made)
        if change.write in self._ledgers:
            change = replace(change, after=self._with_owed(change))
        if self._lost_issues and isinstance(change.after, str) and change.field in ("status", "memory"):
            change = replace(change, after=without_issue(change.after, frozenset(self._lost_issues)))
            if change.after == change.before:
                return None
        if self._names_unmade(change):
            return None
        text = str(change.after) if change.field in ("status", "memory", "link") else ""
        return None if self._to_come & set(seeds_in(f"{change.ref.id} {change.uid} {text}")) else change

    def _with_owed(self, change: Change) -> str:
        """The ledger's text with the messages that did not go out: the next run sends them."""
        own = [self.sent(each) for each in self._messages if change.write in each.ledgers]
        unsent = [each for each in own if each.outcome not in SENT]
        after, before = str(change.after), str(change.before or "")
        if is_program_text(after):
            return with_unsent(after, before, [each.id for each in unsent])
        return with_owed(after, before, owed(unsent).get(change.write, {}))

    def _notes_what_went_out(self, write: str) -> bool:
        """Whether a write is a ledger's that keeps a message from going out twice."""
        return any(write in each.ledgers and each.outcome == "done" for each in self._sent.values())

    def _ends_an_issue(self, write: Writes) -> bool:
        """Whether a write is the ledger of an issue that this run made: without it, it would look like one deleted."""
        return any(change.field == "ledger" and set(change.needs) & self._made_issues for change in write)

    def _names_unmade(self, change: Change) -> bool:
        """Whether a dashboard, which names what is made in this run, would name what was not."""
        if not is_of_dashboard(change):
            return False
        return bool(self._wanted & set(seeds_in(str(change.after))) - set(self._made))
