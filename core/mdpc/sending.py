"""What the last job of a divided run sends: the messages that its shards left, within everybody's noise budget. Pure.

Comments stand already, as the shards wrote them. A message goes out only while the ledger that notes it is as its shard
left it, and what went out is then taken off there: so nothing goes out twice, and what is lost the next run has again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from mdpc.budget import rationed, spent_on
from mdpc.changes import Change, Plan, Withheld
from mdpc.digest_text import subject_of
from mdpc.fingerprint import fingerprint
from mdpc.ledger import somebody, without_owed
from mdpc.marks import NOTICE, mark_at_end
from mdpc.messages import Message, MessageOutcome
from mdpc.model import Health, Milestone, Notice, Ref
from mdpc.people import called
from mdpc.program_ledger import Waiting, is_program_text, short, with_waiting, without_unsent
from mdpc.settings import Settings
from mdpc.telling import reached

_WRITTEN = ("done", "already")

State = Literal["as-left", "settled", "changed", "unknown"]
"""How a ledger stands now: as its shard left it, as it is once all went out, or otherwise."""


@dataclass(frozen=True, slots=True)
class Held:
    """A ledger as a shard left it: where it stands, its whole text, and what it says once all is dealt with."""

    change: Change
    ref: Ref
    text: str
    settled: str = ""

    @property
    def name(self) -> str:
        """The name of the write that settles it."""
        return f"{self.ref} sent"

    def edit(self, after: str) -> Change:
        """The write that makes it say something else."""
        return Change(
            id=fingerprint("c", self.name, after),
            write=self.name,
            kind="comment",
            program=self.change.program,
            ref=self.ref,
            uid=self.ref.id.partition("/")[2],
            field="ledger",
            before=self.text,
            after=after,
            why="what channels still owe has changed",
            milestone=self.change.milestone,
        )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be sent, and the ledgers that note it, by the names of their writes.

    `dropped` are messages of which nobody is left within the budget, `stopped` those that cannot go out, each with an
    outcome. `waiting` is what the next digest has to tell, by the ledgers of programs.
    """

    messages: tuple[Message, ...] = ()
    dropped: tuple[Message, ...] = ()
    stopped: tuple[Message, ...] = ()
    ledgers: Mapping[str, Held] = field(default_factory=dict)
    waiting: Mapping[str, Sequence[Waiting]] = field(default_factory=dict)
    withheld: tuple[Withheld, ...] = ()


def outgoing(plans: Sequence[Plan], settings: Settings, out: Container[str] = ()) -> Outgoing:
    """What the shards of one run left to be sent. The notices `out` went out before: they count, whatever comes now."""
    ration, ledgers = _Ration(plans, settings, out), _Ledgers(plans)
    messages: list[Message] = []
    dropped: list[Message] = []
    stopped: list[Message] = []
    for number, plan in enumerate(plans):
        for message in (each for each in plan.messages if each.outcome is None):
            told = ledgers.noted(number, message)
            obstacle = _obstacle(told, settings)
            if obstacle:
                stopped.append(replace(message, outcome="withheld", answer=obstacle))
                continue
            allowed = ration.allowed(told)
            (messages if allowed.to else dropped).append(allowed)
    waiting: dict[str, list[Waiting]] = defaultdict(list)
    for program, each in ration.waiting():
        if program in ledgers.programs:
            waiting[ledgers.programs[program]].append(each)
    held = ledgers.settled([*messages, *dropped], waiting)
    withheld = tuple(ration.withheld(ledgers.programs))
    return Outgoing(tuple(messages), tuple(dropped), tuple(stopped), held, waiting, withheld)


def _obstacle(message: Message, settings: Settings) -> str:
    """Why a message cannot go out, empty where it can."""
    if message.channel not in settings.channels:
        return f"this configuration has no channel {message.channel}"
    if not reached(message.who, message.channel, settings):
        return f"in this configuration {message.channel} reaches none of its recipients"
    return "" if message.ledgers else "nobody knows where its ledger stands, so the next run sends it"


def went_out(outgoing: Outgoing, states: Mapping[str, State]) -> frozenset[str]:
    """The notices with which an earlier last job of the same run was done already."""
    known = (*outgoing.messages, *outgoing.dropped)
    done = (each for each in known if _worst(states[name] for name in each.ledgers) == "settled")
    return frozenset(each.notice for each in done if each.notice)


def to_apply(outgoing: Outgoing, states: Mapping[str, State], run: Plan) -> tuple[Plan, tuple[Message, ...]]:
    """The plan that sends and notes it, and the messages that are not sent, with why.

    `states` are those of the ledgers, `run` is what this is the end of.
    """
    ready: list[Message] = []
    ended = list(outgoing.stopped)
    for message in outgoing.messages:
        state = _worst(states[name] for name in message.ledgers)
        if state == "as-left":
            ready.append(message)
        else:
            outcome, answer = _ENDED[state]
            ended.append(replace(message, outcome=outcome, answer=answer))
    dropped = [each for each in outgoing.dropped if _worst(states[name] for name in each.ledgers) == "as-left"]
    changes = _noted(outgoing, [*ready, *dropped], states)
    return Plan(run.command, run.now, changes=changes, messages=tuple(_joined(ready))), tuple(ended)


_ENDED: Mapping[State, tuple[MessageOutcome, str]] = {
    "settled": ("already", ""),
    "changed": ("stale", "its ledger was written since then: what that says is still owed is the next run's"),
    "unknown": ("withheld", "its ledger could not be read, so the next run sends it"),
}


def _worst(states: Iterable[State]) -> State:
    found = set(states)
    return next(each for each in ("unknown", "changed", "settled", "as-left") if each in found)


def _noted(outgoing: Outgoing, handled: Sequence[Message], states: Mapping[str, State]) -> tuple[Change, ...]:
    """What is written into ledgers: those of programs first, so that nothing is taken off that is not noted there."""
    notices = {each.notice for each in handled}
    waiting = {
        name: [each for each in several if each.notice in notices]
        for name, several in outgoing.waiting.items()
        if states[name] == "as-left"
    }
    first = tuple(name for name, several in waiting.items() if several)
    names = dict.fromkeys((*first, *(name for each in handled for name in each.ledgers)))
    found = (_final(outgoing.ledgers[name], handled, waiting.get(name, ())) for name in names)
    changes = (held.edit(held.settled) for held in found if held.settled != held.text)
    return tuple(each if each.write in first else replace(each, follows=first) for each in changes)


def _final(held: Held, messages: Iterable[Message], waiting: Sequence[Waiting]) -> Held:
    """A ledger with what it says once these messages need not be sent any more, and this is left to the digest."""
    own = [each for each in messages if held.name in each.ledgers]
    if is_program_text(held.text):
        settled = with_waiting(without_unsent(held.text, [each.id for each in own]), waiting)
    else:
        settled = without_owed(held.text, [(each.notice, each.channel) for each in own])
    return replace(held, settled=settled)


class _Ledgers:
    """The ledgers as the shards left them; `programs` are the writes of programs' ledgers, by the program."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._held: dict[str, Held] = {}
        self._names: dict[tuple[int, str], str] = {}
        self.programs: dict[str, str] = {}
        for number, plan in sorted(enumerate(plans), key=lambda each: each[1].now):
            for book in plan.books:
                change = Change("", "", "comment", book.program, book.ref, "", "ledger", None, None, "")
                self.programs[book.program] = self._keep(Held(change, book.ref, book.text))
            for change in plan.changes:
                ref = _address(change)
                if ref is not None and change.field == "ledger" and change.outcome in _WRITTEN:
                    name = self._names[number, change.write] = self._keep(Held(change, ref, str(change.after)))
                    if is_program_text(str(change.after)):
                        self.programs[change.program] = name

    def _keep(self, held: Held) -> str:
        self._held[held.name] = held
        return held.name

    def noted(self, number: int, message: Message) -> Message:
        """A plan's message by the writes that settle its ledgers; without any where not all of them are known."""
        names = [self._names.get((number, write), "") for write in message.ledgers]
        return replace(message, needs=(), ledgers=tuple(names) if all(names) else ())

    def settled(self, messages: Sequence[Message], waiting: Mapping[str, Sequence[Waiting]]) -> dict[str, Held]:
        """The ledgers that these are about, with what they say once all is dealt with."""
        names = dict.fromkeys((*waiting, *(name for each in messages for name in each.ledgers)))
        return {name: _final(self._held[name], messages, waiting.get(name, ())) for name in names}


def _address(change: Change) -> Ref | None:
    """Where a ledger that was written stands; None where its comment's id is not known."""
    if "/" in change.ref.id:
        return change.ref
    return Ref(change.ref.container, f"{change.ref.id}/{change.made}") if change.made else None


class _Ration:
    """Whom the noise budget leaves in which notice, over all shards."""

    def __init__(self, plans: Sequence[Plan], settings: Settings, out: Container[str]) -> None:
        self._settings = settings
        self._milestones = {each.key: each for plan in plans for each in plan.milestones}
        self._today = max(plan.now for plan in plans).date()
        self._most = settings.escalation.per_person_per_week
        notices = {each.id: each for plan in plans for each in _notices(plan)}
        before = {notice: who for plan in plans for notice, who in plan.mentioned.items() if notice not in notices}
        before |= {each.id: tuple(map(somebody, each.to)) for each in notices.values() if each.id in out}
        due = [(each, each.day) for each in notices.values() if each.id not in out]
        self._found = {each.notice.id: each for each in rationed(due, spent_on(before), self._most)}
        self._cut: dict[str, dict[str, None]] = defaultdict(dict)

    def allowed(self, message: Message) -> Message:
        """The message to those who are within the budget."""
        found = self._found.get(message.notice)
        later = [who for who in message.who if found is not None and who in found.later]
        if later:
            self._cut[message.notice] |= dict.fromkeys(later)
        to = reached([who for who in message.who if who not in later], message.channel, self._settings)
        return replace(message, who=tuple(to), to=tuple(to.values()))

    def waiting(self) -> Iterator[tuple[str, Waiting]]:
        """What the next digests have to tell, with the program of each."""
        for notice, milestone, later in self._left_out():
            to = tuple(map(somebody, later))
            yield milestone.program, Waiting(notice.id, short(milestone.id), notice.step, self._today, to)

    def withheld(self, noted: Container[str]) -> Iterator[Withheld]:
        """The same in words; `noted` are the programs on whose dashboards it can be noted."""
        why = f"[escalation] per_person_per_week = {self._most} is reached in this week, over all shards"
        for notice, milestone, later in self._left_out():
            what = f"the messages of step {notice.step} of {milestone.key} for {', '.join(map(called, later))}"
            end = "The next digest tells of it" if milestone.program in noted else "Its comment stands there"
            yield Withheld(what, f"{why}. {end}")

    def _left_out(self) -> Iterator[tuple[Notice, Milestone, Sequence[str]]]:
        for identity, later in self._cut.items():
            notice = self._found[identity].notice
            if notice.milestone in self._milestones:
                yield notice, self._milestones[notice.milestone], tuple(later)


def _notices(plan: Plan) -> Iterator[Notice]:
    """The notices that mention somebody in this run, and those of earlier ones that messages bring."""
    there = {
        mark_at_end(str(each.after)) for each in plan.changes if each.kind == "comment" and each.outcome in _WRITTEN
    }
    yield from (each for each in plan.notices if (NOTICE, each.id) in there)
    known = {each.id for each in plan.notices}
    for message in plan.messages:
        if message.outcome is None and message.notice and message.notice not in known:
            day = date.fromisoformat(str(message.facts.get("day")))
            yield Notice(message.notice, message.milestone, str(message.facts.get("step")), day, message.who)


def _joined(messages: Sequence[Message]) -> Iterator[Message]:
    """The messages, with what one reader gets by one channel from several shards in one."""
    by_id: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_id[message.id].append(message)
    for several in by_id.values():
        yield several[0] if len(several) == 1 else _as_one(several)


def _as_one(several: Sequence[Message]) -> Message:
    first = several[0]
    programs = [each for message in several for each in message.facts.get("programs", ())]
    healths = [Health(each["health"]) for program in programs for each in program.get("milestones", ())]
    return replace(
        first,
        program="",
        subject=subject_of(healths) if healths else first.subject,
        text="\n\n".join(each.text for each in several),
        markdown="\n\n".join(each.markdown for each in several),
        facts={**first.facts, "programs": programs},
        ledgers=tuple(dict.fromkeys(name for each in several for name in each.ledgers)),
    )
