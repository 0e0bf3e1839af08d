"""What is said once a milestone is achieved: once, on the day on which its closing is accepted or after it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from mdpc.coordination import Delivered
from mdpc.escalating import with_sent
from mdpc.escalation import noted
from mdpc.fingerprint import fingerprint
from mdpc.gating import Gated
from mdpc.ledger import Ledger
from mdpc.model import Achievement, Milestone, Notice, Ref
from mdpc.people import identity_of_owner
from mdpc.recipients import Cast, stand_in
from mdpc.settings import Settings
from mdpc.settings.escalation import Celebrate
from mdpc.workdays import is_workday

ACHIEVED = "achieved"
"""What stands as the step of the notice that a milestone is achieved."""


def achieved_id(milestone: str) -> str:
    """The notice's id: one for each milestone, so that what is opened and closed again is not told of twice."""
    return fingerprint("n", milestone, ACHIEVED)


def celebrated(judged: Gated, milestone: Milestone, cast: Cast, others: Iterable[Milestone]) -> Gated:
    """The same with the notice that it is achieved, where that is due; `milestone` is as this run leaves it.

    It is due once the closing is accepted of what mdpc has seen open, on that day or the next working day after it.
    `others` are all milestones, of which those of its program make a streak.
    """
    table = cast.settings.celebrate
    ledger = judged.ledger
    if table is None or ledger is None or judged.milestone.issue is None:
        return judged
    if not milestone.closed or milestone.bypass is not None:
        return replace(judged, ledger=replace(ledger, achieved=None))
    first = ledger.achieved or (cast.today if judged.accepting else None)
    ladder = with_sent(ledger.ladder, judged.heard, ZoneInfo(cast.settings.timezone))
    ledger = replace(ledger, achieved=first, ladder=ladder, owed={})
    judged = replace(judged, ledger=ledger)
    if first is None:
        return judged
    own = achieved_id(milestone.id)
    notice = Notice(own, milestone.key, ACHIEVED, first, owner_of(cast), via=table.via, text=table.text)
    notice = replace(notice, achievement=_achievement(milestone, first, table, cast, others))
    if own in dict(ladder.sent):
        return _owed(judged, notice, cast)
    judged = replace(judged, announcing=notice)
    if not may_announce(notice, cast):
        return judged
    ledger = replace(ledger, ladder=noted(ladder, own, cast.today))
    return replace(judged, ledger=ledger, milestone=replace(judged.milestone, notice=notice))


def may_announce(notice: Notice, cast: Cast) -> bool:
    """Whether that is a notice for today: no day off, and no older than `history` goes, when it is news to nobody."""
    first = cast.settings.closed_since(cast.today)
    past = first is not None and notice.achievement is not None and notice.achievement.day < first
    return is_workday(cast.today, cast.settings.escalation) and not past


def _owed(judged: Gated, notice: Notice, cast: Cast) -> Gated:
    """What channels still owe of an announcement: to be sent today, or on a day off to be kept."""
    owing = _owing(notice, judged.before or Ledger(judged.milestone.id))
    if judged.ledger is None or is_workday(cast.today, cast.settings.escalation):
        return replace(judged, pending=owing)
    return replace(judged, ledger=replace(judged.ledger, owed={each.id: each.via for each in owing}))


def _owing(notice: Notice, before: Ledger) -> tuple[Notice, ...]:
    """The notice for the channels that still owe it: all, where the run that wrote it ended before it noted more."""
    known = notice.id in dict(before.ladder.sent)
    owed = before.owed.get(notice.id, ()) if known else notice.via
    via = tuple(each for each in owed if each in notice.via)
    return (replace(notice, via=via),) if via else ()


def owner_of(cast: Cast) -> tuple[str, ...]:
    """Who hears that a milestone is achieved: its owner, or whoever stands in for them."""
    found = stand_in(identity_of_owner(cast.owner, cast.settings), cast) if cast.owner else None
    return (found,) if found else ()


def _achievement(
    milestone: Milestone, first: date, table: Celebrate, cast: Cast, others: Iterable[Milestone]
) -> Achievement:
    streak = 0
    if table.streaks:
        program = (each for each in others if each.program == milestone.program and each.id != milestone.id)
        streak = streak_of((milestone, *program), cast.settings)
    return Achievement(closed_on(milestone, cast.settings) or first, streak)


def streak_of(milestones: Iterable[Milestone], settings: Settings) -> int:
    """How many of these milestones, the last that were achieved, were on time one after the other."""
    known = [(day, each) for each in milestones if each.closed and (day := closed_on(each, settings))]
    count = 0
    for day, each in sorted(known, key=lambda entry: entry[0], reverse=True):
        promised = each.original_due or each.due
        if promised is None or day > promised:
            break
        count += 1
    return count


def closed_on(milestone: Milestone, settings: Settings) -> date | None:
    """The day on which the last of its records was closed, as far as trackers tell."""
    moments = [record.closed_at for record in milestone.records if record.closed_at]
    return max(moments).astimezone(ZoneInfo(settings.timezone)).date() if moments else None


def latest(delivered: Mapping[Ref, tuple[Delivered, ...]], milestone: Milestone) -> tuple[Delivered, ...]:
    """The closed issues of a milestone's records, as far as they were read, those that were closed last first."""
    known = [each for record in milestone.records for each in delivered.get(record.ref, ())]
    return tuple(sorted(known, key=lambda each: each.closed_at or _NEVER, reverse=True))


_NEVER = datetime.min.replace(tzinfo=UTC)
