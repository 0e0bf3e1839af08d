"""Numbers, days and lists in words, as all reports say them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from mdpc.changes import Change, Value
from mdpc.model import Health, Milestone, Ref
from mdpc.tokens import TOLD, seeds_in, without_tokens

_WORD = re.compile(r"[a-z]+('s)?([ ,;]|\.$)")

HEALTH = {
    Health.OFF_TRACK: "off track",
    Health.AT_RISK: "at risk",
    Health.NO_DATE: "no due date",
    Health.ON_TRACK: "on track",
    Health.ACHIEVED: "achieved",
}


def counted(count: int, one: str, many: str = "") -> str:
    """`1 milestone`, `2,000 milestones`; `many` where an s does not do."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; nothing for nothing."""
    *most, last = parts or [""]
    return f"{', '.join(most)} and {last}" if most else last


def title_of(milestone: Milestone) -> str:
    """The title as it stands, or that there is none to see."""
    return milestone.title if milestone.title.strip() else "(no title)"


def progress_words(milestone: Milestone) -> str:
    """How many of its issues are done: `31/35`; `-` where it has none."""
    total = milestone.open_issues + milestone.closed_issues
    return f"{milestone.closed_issues}/{total}" if total else "-"


def due_words(milestone: Milestone, today: date, *, short: bool = False) -> str:
    """The due date and how far away it is: `2026-12-01, in 1 day`; the day alone once it is closed, or if `short`."""
    if milestone.due is None:
        return "no date"
    day = milestone.due.isoformat()
    return day if milestone.closed or short else f"{day}, {_distance((milestone.due - today).days)}"


def _distance(days: int) -> str:
    if days == 0:
        return "today"
    return f"in {counted(days, 'day')}" if days > 0 else f"{counted(-days, 'day')} late"


def ref_words(ref: Ref) -> str:
    """A ref; of a record or issue that is still to be created, `CONTAINER#new`."""
    return f"{ref.container}#new" if seeds_in(ref.id) else str(ref)


def value_words(value: Value) -> str:
    """A field's value as people write it: `nothing`, `yes`, `2026-11-22`."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def after_words(change: Change) -> Value:
    """What a change writes; in mdpc's own texts words stand for what is not known before it is made."""
    return without_tokens(change.after) if isinstance(change.after, str) and change.field in TOLD else change.after


def sentence(text: str) -> str:
    """The text with a full stop, and a capital first letter unless it begins with a name or an address."""
    whole = text if text.endswith((".", "!", "?", "…")) else f"{text}."
    return whole[:1].upper() + whole[1:] if _WORD.match(whole) else whole
