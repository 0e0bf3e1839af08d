"""The notice that is due for a milestone, out of all that is known of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from mdpc.escalation import Climb, Ladder, continued, due_step, noted, notice_id
from mdpc.gates import Heard
from mdpc.gating import Gated
from mdpc.ledger import Ledger, is_ledger
from mdpc.marks import NOTICE, mark_at_end
from mdpc.matching import applying, means, names_of
from mdpc.model import Milestone, Notice
from mdpc.recipients import Cast, addressed
from mdpc.settings import Settings
from mdpc.settings.escalation import Step
from mdpc.snoozing import own_comments, unheeded, with_snooze
from mdpc.standing import Standing
from mdpc.workdays import is_workday


def steps_for(milestone: Milestone, settings: Settings) -> tuple[Step, ...]:
    """The steps of the ladder that apply to a milestone: those that match it, or any of its records."""
    return applying(settings.escalation.steps, milestone.records, milestone.key)


def climb_of(
    milestone: Milestone, ledger: Ledger | None, settings: Settings, today: date, put_off: frozenset[str]
) -> Climb:
    """What the milestone's step depends on; `put_off` as in `Climb`."""
    by_memory = (since for _, since in milestone.dues)
    known = [each.noted for each in ledger.dues if each.due] if ledger else list(by_memory)
    first_seen = min(known, default=today)
    return Climb(milestone.id, steps_for(milestone, settings), settings.escalation, first_seen, put_off)


def ladder_of(milestone: Milestone, ledger: Ledger | None, settings: Settings, today: date, *, agreed: bool) -> Ladder:
    """The milestone's ladder after this reading: as the ledger has it, or where there is no issue yet, by memory.

    A due date in conflict moves nothing.
    """
    ladder = ledger.ladder if ledger is not None else _remembered(milestone, settings)
    disputed = any(conflict.field == "due" for conflict in milestone.conflicts)
    return ladder if disputed else continued(ladder, milestone.due, today, agreed=agreed)


def _remembered(milestone: Milestone, settings: Settings) -> Ladder:
    """The ladder as the due dates that memory knows make it, with what was waived when they were moved."""
    ladder = Ladder()
    taken = dict(milestone.undated)
    for count, (due, since) in enumerate(milestone.dues, start=1):
        ladder = continued(ladder, due, since, agreed=is_agreed(milestone, (), settings, since))
        if count in taken:
            gone = taken[count]
            ladder = continued(ladder, None, gone, agreed=is_agreed(milestone, (), settings, gone))
    return ladder


def is_agreed(milestone: Milestone, standings: Sequence[Standing], settings: Settings, today: date) -> bool:
    """Whether a date that was moved after it had passed is accepted: a review of it, or a waiver of `overdue`."""
    bound = {gate.name for gate in settings.gates if "due" in gate.void_on}
    if any(each.state == "approved" and each.name in bound for each in standings):
        return True
    named = [names_of(record, milestone.key) for record in milestone.records]
    waivers = [each for each in settings.waivers if "overdue" in each.rules and today <= each.until]
    return all(any(means(waiver.match, names) for waiver in waivers) for names in named)


def with_sent(ladder: Ladder, heard: Heard, zone: ZoneInfo) -> Ladder:
    """The ladder with what mdpc's own marks say was sent, should the ledger not have been written any more."""
    known = dict(ladder.sent)
    for comment in own_comments(heard):
        said = mark_at_end(comment.body)
        if said and said[0] == NOTICE and said[1] not in known:
            ladder = noted(ladder, said[1], comment.created_at.astimezone(zone).date())
    return ladder


def ladder_now(judged: Gated, milestone: Milestone, cast: Cast) -> Ladder:
    """The ladder of a milestone today, before anything is sent; `milestone` is as this run leaves it."""
    agreed = is_agreed(milestone, judged.milestone.gates, cast.settings, cast.today)
    ladder = ladder_of(milestone, judged.before, cast.settings, cast.today, agreed=agreed)
    ladder = with_sent(ladder, judged.heard, ZoneInfo(cast.settings.timezone))
    return with_snooze(ladder, milestone, judged.heard, cast.settings)


def escalated(judged: Gated, milestone: Milestone, cast: Cast, put_off: frozenset[str]) -> Gated:
    """The same with the notice that is due today, and with the ladder that the ledger is to hold.

    `milestone` is as this run leaves it: its due date, and whether it is closed. `put_off` are not due any more.
    """
    if not cast.settings.escalation.steps or judged.ledger is None or judged.milestone.issue is None:
        return judged
    ladder = ladder_now(judged, milestone, cast)
    climb = climb_of(milestone, judged.before, cast.settings, cast.today, put_off)
    notice = due_notice(milestone, climb, ladder, cast)
    if notice is not None:
        ladder = noted(ladder, notice.id, cast.today)
    pending = () if notice or milestone.closed else tuple(_pending(judged, climb, ladder, cast))
    # As it is once all is sent (`mdpc.ledger.with_owed`); on a day off nothing is.
    off = not is_workday(cast.today, climb.table)
    changed = replace(judged.ledger, ladder=ladder, owed={each.id: each.via for each in pending} if off else {})
    objections = () if milestone.closed else unheeded(milestone, judged.heard, ladder, cast.settings)
    milestone = replace(judged.milestone, notice=notice, quiet_until=None if milestone.closed else ladder.snoozed)
    return replace(
        judged,
        ledger=changed,
        milestone=milestone,
        pending=() if off else pending,
        objections=(*judged.objections, *objections),
    )


def _pending(judged: Gated, climb: Climb, ladder: Ladder, cast: Cast) -> Iterator[Notice]:
    """The last notice of the ladder, where channels still owe it: those that the ledger names.

    All of its channels owe a notice that the ledger does not know though its comment stands there: the run that wrote
    it ended before it noted what else went out. Of a ledger that people changed nobody knows, and nothing is owed.
    """
    if ladder.due is None or (judged.before is None and _was_noted(judged.heard)):
        return
    before = judged.before or Ledger(climb.milestone)
    known, last = dict(before.ladder.sent), ladder.sent[-1:]
    for number, step in enumerate(climb.steps):
        own = notice_id(climb.milestone, step, ladder.due)
        for sent, day in last:
            owed = before.owed.get(own, ()) if own in known else step.via
            via = tuple(each for each in owed if each in step.via)
            who = addressed(climb.steps, number, cast)
            if sent == own and via and who.to:
                yield Notice(own, judged.milestone.key, step.at, day, who.to, who.nobody, via, text=step.text)


def _was_noted(heard: Heard) -> bool:
    """Whether there is a ledger, trusted or not."""
    return any(is_ledger(comment) for comment in (heard.issue.comments if heard.issue else ()))


def due_notice(milestone: Milestone, climb: Climb, ladder: Ladder, cast: Cast) -> Notice | None:
    """The notice that is due today for a milestone with this ladder; None where none is, or nobody could hear it."""
    due = None if milestone.closed else due_step(ladder, climb, cast.today)
    if due is None:
        return None
    who = addressed(climb.steps, due.number, cast)
    step = due.step
    said = Notice(due.id, milestone.key, step.at, due.day, who.to, who.nobody, step.via, text=step.text)
    return said if who.to else None
