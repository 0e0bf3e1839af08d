"""Review gates: what was said of each, what of it counts, and whether a milestone has passed. Pure.

    what somebody said                                what it comes to
    -------------------------------------------------  ------------------------------------------------
    before mdpc began to watch the milestone           nothing, without a word
    in a comment that was edited                       nothing: what was approved could be changed after
    by a bot, by mdpc itself                           nothing, without a word
    by nobody the gate names                           nothing
    an approval or a waiver by the owner, or by who    nothing, unless the gate has `owner_may_approve`
      has been the owner since mdpc knows the milestone
    a rejection or a waiver without a reason           nothing
    an earlier word of the same person, anywhere       nothing: the latest word counts
    an approval, and then the due date moved or        void, where the gate has that in `void_on`
      issues were added

A gate is waived by one waiver that counts; else rejected by one rejection; else approved by enough approvals once all
that it requires is so; else void where an approval is, else pending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from graphlib import CycleError, TopologicalSorter

from mdpc.comment_commands import Command, commands_in
from mdpc.coordination import Approver, Comment, Issue
from mdpc.ledger import START, Ledger, Since, gate_print, somebody
from mdpc.matching import applying
from mdpc.model import Account, ContainerRef, Milestone, Record
from mdpc.owners import visible_text
from mdpc.people import identity_of
from mdpc.reviewers import Panel, Teams, panel_of
from mdpc.settings import Gate, Settings
from mdpc.settings.gates import GATES
from mdpc.standing import GateState, Standing, Vote, Word

_BOX = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[(?P<mark>[ xX])\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heard:
    """All that was heard of a milestone besides its records.

    `issue` is its coordination issue, `own` the ids of the comments there that mdpc alone has written, `ledger` what
    they keep. `lost` says that there is an issue and no ledger that could be trusted. `approvers` are those of its
    records, each with the record. `scope` are its issues now, as people see them, by fingerprint; `inside` says
    that somebody put the coordination issue itself among them, and that it is open: it is no work.
    """

    issue: Issue | None = None
    own: frozenset[str] = frozenset()
    ledger: Ledger | None = None
    lost: bool = False
    approvers: tuple[tuple[Record, Approver], ...] = ()
    scope: Mapping[str, str] = field(default_factory=dict)
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Objection:
    """A command that cannot count, to be answered once: the comment, who wrote it, and why in a sentence."""

    comment: Comment
    author: Account
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The gates of a milestone, and the commands that cannot count."""

    standings: tuple[Standing, ...] = ()
    objections: tuple[Objection, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What gates are judged by: the settings, the teams, where the coordination issue is, and the day.

    `speechless` says that there can be no issue: its home is public, and nothing of the milestone may be told there.
    `dated` are the records whose due dates may be told there, as this run leaves them.
    """

    settings: Settings
    teams: Teams
    home: ContainerRef
    today: date
    speechless: bool = False
    dated: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing that somebody said of one gate; `since` is how it stands to what the ledger keeps."""

    who: str
    command: Command
    url: str
    at: datetime | None
    since: Since | None = None
    comment: Comment | None = None
    author: Account | None = None


def gates_for(milestone: Milestone, settings: Settings) -> tuple[Gate, ...]:
    """The gates that are meant for a milestone as it is called now: those that match it, or any of its records."""
    return applying(settings.gates, milestone.records, milestone.key)


def gates_in(ledger: Ledger, settings: Settings) -> tuple[Gate, ...]:
    """The gates that a milestone has to pass: once meant for it they stay, whatever it is called later."""
    return tuple(gate for gate in settings.gates if gate_print(gate.name, gate.match) in ledger.gates)


def judged(milestone: Milestone, heard: Heard, ledger: Ledger, bench: Bench) -> Judged:
    """How a milestone stands with its gates. `ledger` is the one that this run would write, this reading included."""
    gates = gates_in(ledger, bench.settings)
    if not gates:
        return Judged()
    said = sorted(_said(heard, ledger, bench.settings), key=_order)
    found: dict[str, Standing] = {}
    objections: list[Objection] = []
    for gate in _ordered(gates):
        hearing = _Hearing(gate, milestone, heard, ledger, bench)
        votes = [hearing.vote(each) for each in said if each.command.gate.lower() == gate.name]
        objections += [
            Objection(each.comment, each.author, vote.against)
            for each, vote in zip((s for s in said if s.command.gate.lower() == gate.name), votes, strict=True)
            if vote.against and each.comment and each.author and not _is_early(each, ledger)
        ]
        found[gate.name] = hearing.standing(votes, found)
    known = {gate.name for gate in gates}
    objections += _unknown((each for each in said if not _is_early(each, ledger)), known)
    standings = tuple(found[gate.name] for gate in gates)
    return Judged(standings, tuple(sorted(objections, key=lambda each: each.comment.created_at)))


def _ordered(gates: Sequence[Gate]) -> list[Gate]:
    """The gates, each after those that it requires; the configuration has no circle (`mdpc.settings`)."""
    named = {gate.name: gate for gate in gates}
    needs = {gate.name: [name for name in _required(gate) if name in named] for gate in gates}
    try:
        return [named[name] for name in TopologicalSorter(needs).static_order()]
    except CycleError:
        return list(gates)


def _required(gate: Gate) -> list[str]:
    return [each.removeprefix(GATES) for each in gate.requires if each.startswith(GATES)]


def _unknown(said: Iterable[_Said], known: Iterable[str]) -> Iterator[Objection]:
    names = sorted(known)
    for each in said:
        if each.comment and each.author and each.command.gate.lower() not in names:
            listed = ", ".join(names)
            what = "names no gate" if not each.command.gate else "names a gate that this milestone does not have"
            yield Objection(each.comment, each.author, f"it {what}: the gates here are {listed}")


def _order(said: _Said) -> tuple[datetime, bool]:
    """A record's own answer comes after every comment that was there when it was first seen."""
    if said.since is not None:
        return said.since.moment, True
    return said.at or START, False


def _said(heard: Heard, ledger: Ledger, settings: Settings) -> Iterator[_Said]:
    """Everything that people said: in comments, and as approvers of records."""
    for comment in heard.issue.comments if heard.issue else ():
        author = comment.author
        if comment.id in heard.own or author is None or author.bot:
            continue
        markup = heard.issue.markup if heard.issue else None
        for command in commands_in(comment.body, markup) if markup else ():
            who = identity_of(author, settings)
            yield _Said(who, command, comment.url, comment.created_at, None, comment, author)
    names = [gate.name for gate in settings.gates if "jira:approvers" in gate.reviewers]
    for record, approver in heard.approvers:
        word = _WORDS.get(approver.answer)
        who = identity_of(approver.account, settings)
        since = ledger.answers.get(somebody(who))
        if word and since:
            for name in names:
                why = approver.why or ("declined in Jira" if word == "reject" else "")
                yield _Said(who, Command(word, name, why), record.url, None, since[1])


_WORDS: Mapping[str, Word] = {"approved": "approve", "declined": "reject"}


@dataclass(slots=True)
class _Hearing:
    """One gate of one milestone while it is judged."""

    gate: Gate
    milestone: Milestone
    heard: Heard
    ledger: Ledger
    bench: Bench
    panel: Panel = field(init=False)
    waivers: Panel = field(init=False)

    def __post_init__(self) -> None:
        """Find out who may speak."""
        accounts = [approver.account for _, approver in self.heard.approvers]
        bench = self.bench
        self.panel = panel_of(self.gate.reviewers, accounts, bench.home, bench.teams, bench.settings)
        self.waivers = panel_of(self.gate.waivers_by, accounts, bench.home, bench.teams, bench.settings)

    def vote(self, said: _Said) -> Vote:
        """What one thing that was said comes to, but for later words of the same person."""
        word = said.command.word
        against = self._against(said)
        void = not against and word == "approve" and self._is_void(said)
        return Vote(said.who, word, said.command.why, said.url, said.at, against, void)

    def _against(self, said: _Said) -> str:
        """Why something does not count, in words that follow "it does not count:"; empty where it does."""
        word, name = said.command.word, self.gate.name
        if word == "approve" and not self.ledger.anew and _is_early(said, self.ledger):
            return "it was said before mdpc began to watch this milestone"
        if said.comment is not None and said.comment.edited_at is not None:
            return "the comment was edited, and edited comments do not count. Write a new one"
        if not self._may_say(said.who, word):
            return (
                f"you are not among those who may waive {name}"
                if word == "waive"
                else (f"you are not among the reviewers of {name}")
            )
        if word in ("approve", "waive") and self.owns(said.who):
            return "you are the owner, or have been, and somebody else has to look at it"
        if word in ("reject", "waive") and not said.command.why:
            return f"a reason is missing. Write /{word} {name} and why"
        return ""

    def _may_say(self, who: str, word: Word) -> bool:
        if word == "waive":
            return who in self.waivers.identities
        return who in self.panel.identities or (word == "withdraw" and who in self.waivers.identities)

    def owns(self, who: str) -> bool:
        """Whether somebody owns the milestone or has owned it, and may therefore not approve it."""
        return not self.gate.owner_may_approve and somebody(who) in self.ledger.owners

    def _is_void(self, said: _Said) -> bool:
        return any(_is_later(since, said) for since in self._changes())

    def _changes(self) -> Iterator[Since]:
        """Since when all is so that an approval of this gate is bound to."""
        if "due" in self.gate.void_on and self.ledger.dues:
            yield self.ledger.dues[-1].since
        if "scope" in self.gate.void_on:
            yield from self.ledger.scope.values()

    def standing(self, votes: Sequence[Vote], others: Mapping[str, Standing]) -> Standing:
        """How the milestone stands with the gate."""
        latest = {vote.who: vote for vote in votes if not vote.against}
        said = [*latest.values()]
        approving = tuple(vote.who for vote in said if vote.word == "approve" and not vote.void)
        voided = tuple(vote.who for vote in said if vote.word == "approve" and vote.void)
        able = {who for who in self.panel.identities if not self.owns(who)}
        lacking = [*self._lacking_approvals(len(approving)), *self._lacking(others)]
        state = _state(said, bool(lacking), bool(voided))
        due = self.milestone.due
        return Standing(
            name=self.gate.name,
            state=state,
            at_close=self.gate.at_close,
            by=due - self.gate.ahead if due and not self.gate.at_close else None,
            approvals=self.gate.approvals,
            approved_by=approving,
            missing=_missing(state, lacking),
            waiting_for=tuple(sorted(able - set(approving))),
            voided_for=voided,
            unreadable=(*self.panel.unreadable, *self.waivers.unreadable),
            vacant=self.bench.speechless or len(able) < self.gate.approvals,
            votes=_marked(votes, latest),
            absent=tuple(name for name in _required(self.gate) if name not in others),
        )

    def _lacking_approvals(self, have: int) -> Iterator[str]:
        more = self.gate.approvals - have
        if more > 0:
            yield (
                f"{more} {'approval' if more == 1 else 'approvals'}"
                if not have
                else (f"{more} more {'approval' if more == 1 else 'approvals'}")
            )

    def _lacking(self, others: Mapping[str, Standing]) -> Iterator[str]:
        """What the gate requires and is not so."""
        for each in self.gate.requires:
            if each == "no-open-work":
                if self.milestone.open_issues > self.heard.inside:
                    yield "open issues to be closed"
            elif each == "checklist":
                yield from _unchecked(self.milestone.records)
            else:
                other = others.get(each.removeprefix(GATES))
                if other is not None and not other.passed:
                    yield f"gate {other.name}"


def _is_early(said: _Said, ledger: Ledger) -> bool:
    """Whether something was said before the first ledger was written."""
    began = ledger.began
    if said.since is not None:
        return said.since.writing <= began.writing
    return said.at is not None and said.at <= began.moment


def _missing(state: GateState, lacking: Sequence[str]) -> str:
    if state in ("approved", "waived"):
        return ""
    return "a rejection to be withdrawn" if state == "rejected" else ", ".join(lacking)


def _state(said: Sequence[Vote], lacking: bool, voided: bool) -> GateState:
    if any(vote.word == "waive" for vote in said):
        return "waived"
    if any(vote.word == "reject" for vote in said):
        return "rejected"
    if not lacking:
        return "approved"
    return "void" if voided else "pending"


def _marked(votes: Sequence[Vote], latest: Mapping[str, Vote]) -> tuple[Vote, ...]:
    """All votes; of those that count, every one but the latest of somebody says so."""
    return tuple(
        replace(vote, against="a later word of the same person counts")
        if not vote.against and latest[vote.who] is not vote
        else vote
        for vote in votes
    )


def _is_later(since: Since, said: _Said) -> bool:
    """Whether a change was seen no earlier than what was said, so that nobody knows that it was meant."""
    if said.since is not None:
        return since.writing >= said.since.writing
    return said.at is None or since.moment >= said.at


def _unchecked(records: Sequence[Record]) -> Iterator[str]:
    """What the checklists in the descriptions lack."""
    marks = [found["mark"] for record in records for found in _BOX.finditer(visible_text(record))]
    if not marks:
        yield "a checklist in the description"
    elif " " in marks:
        yield "the rest of the checklist"
