"""What stands on a program's dashboard: all its milestones, worst first, and what mdpc has to say of them. Pure.

Only absolute dates, so that a day passing alone changes nothing; nobody is mentioned; and what does not fit into the
tracker's longest text is counted instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from mdpc import escape
from mdpc.changes import Withheld
from mdpc.health import WORST_FIRST
from mdpc.issue_text import Page
from mdpc.leading import leads
from mdpc.marks import mark
from mdpc.model import Conflict, Health, Markup, Milestone
from mdpc.program_ledger import DASHBOARD, Last, ProgramLedger, program_print, text_of
from mdpc.settings import Settings
from mdpc.status import BEGIN, END
from mdpc.templating import MOST

LONGEST = {Markup.BLOCK: 65_536, Markup.LINE: 32_767}
"""Characters that a text may have: GitHub's bodies and comments, Jira's comments."""

GUARDED = "What mdpc keeps about this program. It counts only as mdpc wrote it: what is changed here is ignored."
INCOMPLETE = "Not all of this program could be read, so what stands here may be old."
"""How the line begins that stands first while something could not be read."""

HEALTH = {
    Health.OFF_TRACK: "off track",
    Health.AT_RISK: "at risk",
    Health.NO_DATE: "no date",
    Health.ON_TRACK: "on track",
    Health.ACHIEVED: "achieved",
}

SORTS = {
    "create": ("new record", "new records"),
    "field": ("field", "fields"),
    "status": ("status", "statuses"),
    "issue": ("new issue", "new issues"),
    "comment": ("new comment", "new comments"),
}
"""What mdpc writes, as the ledger counts it, and as people read it: one, and several."""

_HEADS = ("milestone", "health", "due", "against the first date", "owner", "gates", "where")
_NOTHING = "-"
_MORE = 200
"""Characters kept free for the line that counts what did not fit."""


@dataclass(frozen=True, slots=True)
class Affairs:
    """What a program's dashboard tells: `pages` are its milestones as they may be told there, worst first.

    `last` is when mdpc last wrote something, and how much; `ran` when it last noted that it ran.
    """

    program: str
    pages: tuple[Page, ...]
    withheld: tuple[Withheld, ...]
    last: Last | None
    markup: Markup
    ran: date | None = None


def title_of(program: str) -> str:
    """What the issue is called when it is made; people may call it otherwise."""
    return f"Milestones of {' '.join(program.split())}"[:255]


def first_text(program: str) -> str:
    """The body of a Jira issue when it is made; afterwards it is people's."""
    lines = ["Here stands how the milestones of this program do. What mdpc knows of them stands in a comment."]
    return "\n".join([*lines, "", mark(DASHBOARD, program_print(program), Markup.LINE)])


def block_of(affairs: Affairs, room: int) -> str:
    """mdpc's own part of the body on GitHub, of at most so many characters."""
    end = ["", mark(DASHBOARD, program_print(affairs.program), affairs.markup), END]
    lines = _lines(affairs, room - length("\n".join([BEGIN, *end])))
    return "\n".join([BEGIN, *lines, *end])


def ledger_text(affairs: Affairs, ledger: ProgramLedger) -> str:
    """The comment that holds the ledger; in Jira it shows what stands in the body on GitHub."""
    if affairs.markup is Markup.BLOCK:
        return text_of(ledger, GUARDED, affairs.markup)
    room = LONGEST[affairs.markup] - length(text_of(ledger, GUARDED, affairs.markup))
    return text_of(ledger, "\n".join([*_lines(affairs, room), "", GUARDED]), affairs.markup)


def with_incomplete(text: str, lost: Sequence[str], markup: Markup) -> str:
    """A dashboard's text as it stands, with a first line that says what could not be read; without one for nothing."""
    lines = [line for line in text.split("\n") if not line.startswith(INCOMPLETE)]
    if not lost:
        return "\n".join(lines)
    escaped = escape.code if markup is Markup.BLOCK else escape.line
    named = ", ".join([*map(escaped, lost[:MOST]), *([f"and {len(lost) - MOST} more"] if len(lost) > MOST else [])])
    place = 1 if lines[:1] == [BEGIN] else 0
    return "\n".join([*lines[:place], f"{INCOMPLETE} Not read: {named}", *lines[place:]])


def fitted(text: str, room: int) -> str:
    """A dashboard's text as it stands, without as many of the last rows of its lists as do not fit any more."""
    lines = text.split("\n")
    over = length(text) - room
    for number in reversed(range(len(lines))):
        if over > 0 and lines[number].startswith(("| ", "- ")):
            over -= length(lines.pop(number)) + 1
    return "\n".join(lines)


def length(text: str) -> int:
    """How long trackers say that a text is: they count some characters twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _lines(affairs: Affairs, room: int) -> list[str]:
    """Everything people read, of at most so many characters; the milestones that do not fit are counted."""
    head = [_summary(affairs), ""]
    tail = [*_conflicts(affairs), *_withheld(affairs), *_last(affairs.last), *_ran(affairs.ran)]
    table = _table_head(affairs.markup) if affairs.pages else []
    left = room - _MORE - length("\n".join([*head, *table, *tail]))
    rows = _fitting(map(_row, affairs.pages), left)
    more = len(affairs.pages) - len(rows)
    rest = ["", f"{more:,} more {'is' if more == 1 else 'are'} not shown, none of them worse."] if more else []
    return [*head, *table, *rows, *rest, *tail]


def _fitting(rows: Iterable[str], room: int) -> list[str]:
    found: list[str] = []
    for row in rows:
        room -= length(row) + 1
        if room < 0:
            break
        found.append(row)
    return found


def _summary(affairs: Affairs) -> str:
    strong = "**mdpc:**" if affairs.markup is Markup.BLOCK else "mdpc:"
    counts = Counter(page.told.health for page in affairs.pages)
    said = ", ".join(f"{counts[health]:,} {HEALTH[health]}" for health in WORST_FIRST if counts[health])
    total = len(affairs.pages)
    return f"{strong} {total:,} {'milestone' if total == 1 else 'milestones'}{f': {said}' if said else ''}"


def _table_head(markup: Markup) -> list[str]:
    if markup is Markup.LINE:
        return []
    return [f"| {' | '.join(_HEADS)} |", f"| {' | '.join('---' for _ in _HEADS)} |"]


def _row(page: Page) -> str:
    told = page.told
    cells = (
        _title(page),
        HEALTH[told.health],
        str(told.due) if told.due else _NOTHING,
        against_first_date(told, page.settings) or _NOTHING,
        page.text(told.owner.name, 80) if told.owner else "nobody",
        ", ".join(f"{gate.name} {gate.state}" for gate in told.gates) or _NOTHING,
        _where(page),
    )
    if page.markup is Markup.BLOCK:
        return f"| {' | '.join(cells)} |"
    named = (cells[1], f"due {cells[2]}", cells[3], f"owner {cells[4]}", cells[5])
    return f"- {cells[0]}: {', '.join(each for each in named if each != _NOTHING)}; {cells[6]}"


def _title(page: Page) -> str:
    return page.text(page.told.title, 100) or "(no title)"


def against_first_date(told: Milestone, settings: Settings) -> str:
    """How a milestone stands to what was first promised, in days that do not change by waiting; empty where nothing is.

    An achieved one by the day on which it was closed, an open one by the date it has now, and by its own once that
    has passed.
    """
    first = told.original_due
    if first is None:
        return ""
    closed = closed_on(told, settings) if told.closed else None
    if closed is not None:
        days = (closed - first).days
        return f"achieved {closed}, {_days(days)} late" if days > 0 else f"achieved {closed}, on time"
    said = [f"overdue since {told.due}"] if told.late else []
    if told.due != first:
        days = (told.due - first).days if told.due else 0
        moved = f", {_days(abs(days))} {'later' if days > 0 else 'earlier'}" if told.due else ""
        said.append(f"first {first}{moved}")
    return ", ".join(said)


def closed_on(told: Milestone, settings: Settings) -> date | None:
    """The day on which the last of a milestone's records was closed, as far as trackers tell.

    Where a side leads its records alone count: the others are closed by mdpc, whenever that ran.
    """
    rule = settings.sync.fields.state
    leading = [record for record in told.records if leads(rule, record.ref.container)] or told.records
    moments = [record.closed_at for record in leading if record.closed_at is not None]
    return max(moments).astimezone(ZoneInfo(settings.timezone)).date() if moments else None


def _days(count: int) -> str:
    return f"{count:,} {'day' if count == 1 else 'days'}"


def _where(page: Page) -> str:
    issue = page.told.issue
    parts = [_link(page, "issue", issue[1])] if issue is not None and issue[0].container == page.home.ref else []
    parts += [_link(page, str(record.ref), record.url) for record in page.told.records[:MOST]]
    more = len(page.told.records) - MOST
    return " ".join([*parts, *([f"and {more} more"] if more > 0 else [])])


def _link(page: Page, text: str, url: str) -> str:
    if page.markup is Markup.BLOCK:
        return escape.code_link(text, url)
    return f"{escape.line(text)} {escape.web_address(url) or ''}".rstrip()


def _conflicts(affairs: Affairs) -> list[str]:
    said = [
        f"- {_title(page)}: {_conflict(page, conflict)}" for page in affairs.pages for conflict in page.told.conflicts
    ]
    return ["", "In conflict, and left alone until people agree:", *_some(said)] if said else []


def _conflict(page: Page, conflict: Conflict) -> str:
    values = (f"{page.text(value or 'nothing', 80)} in {page.text(ref)}" for ref, value in conflict.values.items())
    return f"{conflict.field}: {page.listed(values)}"


def _withheld(affairs: Affairs) -> list[str]:
    escaped = escape.markdown if affairs.markup is Markup.BLOCK else escape.line
    said = [f"- {escaped(each.what, 200)}: {escaped(each.why, 300)}" for each in affairs.withheld]
    return ["", "Withheld:", *_some(said)] if said else []


def _some(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MOST
    return [*lines[:MOST], *([f"- and {more:,} more"] if more > 0 else [])]


def _last(last: Last | None) -> list[str]:
    if last is None:
        return []
    said = [f"{count:,} {SORTS[name][count != 1]}" for name, count in last.counts.items() if name in SORTS]
    return ["", f"mdpc last wrote something on {last.day}: {', '.join(said)}."]


def _ran(ran: date | None) -> list[str]:
    return ["", f"mdpc last ran on {ran}. While it runs, this is noted once a week at least."] if ran else []
