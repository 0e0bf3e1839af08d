"""What the noise budget makes of a run: which notices are sent, to whom, and what is left to the digest. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mdpc.budget import Rationed, Spent, mentioned_in_week, rationed, spent_on, unnoted, with_mentioned
from mdpc.changes import Change, Withheld
from mdpc.dashboards import may_note
from mdpc.decide import Decided, Decider
from mdpc.ledger import somebody
from mdpc.limits import with_dependants
from mdpc.marks import NOTICE, mark_at_end
from mdpc.model import Milestone
from mdpc.people import called
from mdpc.program_ledger import Note, Waiting, short
from mdpc.recipients import Cast


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A notice of which not everybody hears before the next digest.

    Where that cannot be `noted`, it is not sent at all, and is due again in the next run.
    """

    milestone: Milestone
    rationed: Rationed
    noted: bool = True

    @property
    def wholly(self) -> bool:
        """Whether nobody is mentioned, so that it is not sent."""
        return not self.rationed.notice.to

    def waiting(self, today: date) -> Waiting:
        """What the ledger of its program is to say."""
        notice = self.rationed.notice
        to = tuple(map(somebody, self.rationed.later))
        return Waiting(notice.id, short(self.milestone.id), notice.step, today, to)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A run's milestones with the notices that are within the budget, what is held back, and what was spent before.

    `mentioned` are those whom earlier notices of this week mentioned, as fingerprints, by the notice's id.
    """

    decided: tuple[Decided, ...]
    held_back: tuple[HeldBack, ...] = ()
    mentioned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def spent(self) -> Spent:
        """How many of them mentioned whom."""
        return spent_on(self.mentioned)


def quiet(decided: Sequence[Decided], milestones: Iterable[Milestone], decider: Decider, *, narrowed: bool) -> Quiet:
    """The same milestones with the notices that the noise budget allows; `milestones` are as they were assembled.

    `narrowed` says that they are not all of their programs.

    What is held back wholly is decided anew: no issue is made for what nobody is mentioned for.
    """
    most, today = decider.around.settings.escalation.per_person_per_week, decider.around.today
    if most is None:
        return Quiet(tuple(decided))
    casts = _casts(decided, decider)
    before = mentioned_in_week(decider.hearing, decided, casts, today)
    due = [(each.milestone.notice, _ladder_due(each, today)) for each in decided if each.milestone.notice]
    found = {each.notice.milestone: each for each in rationed(due, spent_on(before), most)}
    bare = {each.key: each for each in milestones}
    programs = {bare[key].program for key, each in found.items() if each.later}
    named = decider.assembly.programs
    can = {name for name in programs if may_note(named[name], decider, narrowed=narrowed)}
    held = {key: each if bare[key].program in can else _unsent(each) for key, each in found.items() if each.later}
    nobody_left = {key for key, each in held.items() if not each.notice.to}
    decider.put_off |= {held[key].notice.id for key in nobody_left}
    after = tuple(
        decider.decided(bare[key]) if key in nobody_left else _within(each, found.get(key), casts.get(key), today)
        for each in decided
        for key in (each.milestone.key,)
    )
    kept = tuple(HeldBack(bare[key], each, bare[key].program in can) for key, each in held.items())
    return Quiet(after, kept, before)


def _unsent(each: Rationed) -> Rationed:
    """The same of which nobody hears yet."""
    return Rationed(replace(each.notice, to=()), (*each.notice.to, *each.later))


def _casts(decided: Iterable[Decided], decider: Decider) -> Mapping[str, Cast]:
    """Who fills the roles of each milestone of which anything is decided."""
    joined = decider.assembly.joined
    return {
        each.milestone.key: decider.cast(joined[each.milestone.key], each.task.future)
        for each in decided
        if each.task is not None and each.gated is not None
    }


def _ladder_due(each: Decided, today: date) -> date:
    ledger = each.gated.ledger if each.gated else None
    return (ledger.ladder.due if ledger else None) or today


def _within(each: Decided, found: Rationed | None, cast: Cast | None, today: date) -> Decided:
    """The milestone with its notice to those who are mentioned, and with a ledger that says who was."""
    if each.gated is None or each.gated.ledger is None or each.gated.ledger == each.gated.before:
        return each
    more = dict(unnoted(each, cast, today))
    notice = found.notice if found else None
    if notice is not None:
        more[notice.id] = tuple(map(somebody, notice.to))
    gated = replace(each.gated, ledger=with_mentioned(each.gated.ledger, more, today))
    return replace(each, gated=gated, milestone=replace(each.milestone, notice=notice))


def withheld(held_back: Iterable[HeldBack], most: int | None) -> tuple[Withheld, ...]:
    """What is said of it in the plan."""
    why = f"[escalation] per_person_per_week = {most} is reached in this week"
    return tuple(
        Withheld(
            f"step {each.rationed.notice.step} of {each.milestone.key} "
            f"for {', '.join(map(called, each.rationed.later))}",
            f"{why}. The next digest tells of it" if each.noted else f"{why}, and its dashboard cannot note it",
        )
        for each in held_back
    )


def notes(held_back: Iterable[HeldBack], today: date) -> Mapping[str, Note]:
    """What is to be noted, by the program's name."""
    found: dict[str, list[HeldBack]] = defaultdict(list)
    for each in held_back:
        if each.noted:
            found[each.milestone.program].append(each)
    return {
        name: Note(
            tuple(each.waiting(today) for each in several),
            {short(each.milestone.id): each.rationed.notice.id for each in several if each.wholly},
        )
        for name, several in found.items()
    }


def after_notes(changes: Sequence[Change], own: Sequence[Change], held_back: Iterable[HeldBack]) -> tuple[Change, ...]:
    """The changes, each notice that some people hear of later after the ledger in which that is noted (of `own`).

    Where that has to wait for another run, so does the notice.
    """
    ledgers = {change.program: change.write for change in own if change.field == "ledger"}
    partly = {each.rationed.notice.id for each in held_back if not each.wholly}

    def is_partly(change: Change) -> bool:
        kind, name = mark_at_end(str(change.after)) or ("", "")
        return change.kind == "comment" and kind == NOTICE and name in partly

    late = {change.write for change in changes if is_partly(change) and change.program not in ledgers}
    waiting = with_dependants(changes, late)
    return tuple(
        replace(change, needs=(*change.needs, ledgers[change.program])) if is_partly(change) else change
        for change in changes
        if change.write not in waiting
    )
