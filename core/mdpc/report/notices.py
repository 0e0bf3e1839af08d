"""Notices in words: those of a plan, and who would hear what on which day. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from mdpc.changes import Plan
from mdpc.escape import code, guard, json_text, markdown, terminal
from mdpc.messages import SENT, Message
from mdpc.model import Notice
from mdpc.people import called
from mdpc.report.as_json import SCHEMA, notice_object
from mdpc.report.page import DIM, LEVEL_STYLES, Look, Page
from mdpc.report.summary import grouped, is_applied
from mdpc.report.words import counted, sentence
from mdpc.simulation import Foreseen


def who(notice: Notice) -> str:
    """Who hears of it."""
    return ", ".join(map(called, notice.to)) or "whoever watches its issue"


def foreseen_who(foreseen: Foreseen) -> str:
    """Who hears of it, and who in the next digest instead."""
    later = ", ".join(map(called, foreseen.later))
    parts = [who_and_how(foreseen.notice)] if foreseen.notice.to else []
    return "; ".join([*parts, *([f"{later} in the next digest"] if later else [])])


def notices_text(page: Page, plan: Plan) -> None:
    """A heading, and a line for each notice of a plan."""
    if plan.notices:
        page.heading((f"NOTICES  {len(plan.notices):,}", "bold cyan"))
    for notice in plan.notices:
        page.paragraph(
            terminal(notice.milestone),
            (f"  {notice.step}  ", DIM),
            f"to {terminal(who_and_how(notice))}",
            indent=2,
            hang=2,
        )
    messages_text(page, plan)


def who_and_how(notice: Notice) -> str:
    """Who hears of it, and by which channels besides the comment."""
    return f"{who(notice)}, by {', '.join(('comment', *notice.via))}" if notice.via else who(notice)


def messages_text(page: Page, plan: Plan) -> None:
    """What goes out by channels; after a sync what became of it, trouble first."""
    if not plan.messages:
        return
    for head, several in _by_outcome(plan).items():
        good = head in (_TO_SEND, _WAITING, *(_OUTCOMES[outcome] for outcome in SENT))
        page.heading((f"{head.upper()}  {len(several):,}", "bold cyan" if good else LEVEL_STYLES["error"]))
        for each in several:
            to = ", ".join(person.name for person in each.to)
            page.paragraph(
                terminal(each.milestone or each.subject),
                (f"  {terminal(each.channel)}  ", DIM),
                f"to {terminal(to)}",
                indent=2,
            )
            if each.answer:
                page.paragraph(sentence(terminal(each.answer)), indent=4)


_TO_SEND = "messages"
_WAITING = "waiting for the last job"
_OUTCOMES = {
    "failed": "not sent, the next run tries again",
    "unknown": "maybe not sent, the next run tries again",
    "stale": "not sent, wanted no more as the plan has them",
    "withheld": "not sent",
    "done": "sent",
    "already": "went out before",
}


def _by_outcome(plan: Plan) -> dict[str, list[Message]]:
    order = [*_OUTCOMES, None]
    ranked = sorted(plan.messages, key=lambda each: order.index(each.outcome))
    waiting = _WAITING if plan.shard and is_applied(plan) else _TO_SEND
    return grouped(ranked, lambda each: _OUTCOMES[each.outcome] if each.outcome else waiting)


def messages_markdown(plan: Plan) -> str:
    """The messages as a Markdown list, by what became of them; empty where there are none."""
    lines: list[str] = []
    for head, several in _by_outcome(plan).items():
        lines += ["", f"**{counted(len(several), 'message')}: {head}**" if head != _TO_SEND else "**Messages**", ""]
        for each in several:
            to = ", ".join(markdown(person.name) for person in each.to)
            answer = f": {markdown(each.answer)}" if each.answer else ""
            lines.append(f"- {code(each.milestone or each.subject)} by {code(each.channel)} to {to}{answer}")
    return "\n".join(lines[1:])


def notices_markdown(plan: Plan) -> str:
    """The same as a Markdown list; empty where there are none."""
    lines = [
        f"- {code(notice.milestone)}, step {code(notice.step)}: to {markdown(who_and_how(notice))}"
        for notice in plan.notices
    ]
    return "\n".join([f"**{counted(len(lines), 'notice')}**", "", *lines]) if lines else ""


def ladder_text(page: Page, foreseen: Sequence[Foreseen]) -> None:
    """A heading, and who will hear of one milestone when."""
    if not foreseen:
        return
    page.heading(("WHO WILL HEAR OF IT", "bold cyan"))
    for each in foreseen:
        page.line(
            (f"{each.day.isoformat()}  ", DIM), f"{each.notice.step:>6}  {terminal(foreseen_who(each))}", indent=2
        )


def ladder_markdown(foreseen: Sequence[Foreseen]) -> Iterator[str]:
    """The same as lines of a Markdown list."""
    for each in foreseen:
        yield f"- on {each.day.isoformat()} (step {code(each.notice.step)}): {markdown(foreseen_who(each))}"


def foreseen_object(foreseen: Foreseen) -> dict[str, object]:
    """One notice of a simulation for JSON, with its day, and who would hear of it in the next digest instead."""
    later = [called(each) for each in foreseen.later]
    return {"sent": foreseen.day.isoformat(), **notice_object(foreseen.notice), "digest": later}


def simulation_text(foreseen: Sequence[Foreseen], first: date, last: date, look: Look) -> str:
    """Who would hear what on which day, for a terminal."""
    page = Page(look)
    page.paragraph((_headline(foreseen, first, last), "bold"))
    for day, several in groupby(foreseen, key=lambda each: each.day):
        page.blank()
        page.line((f"{day:%a} {day.isoformat()}", "bold"))
        for each in several:
            notice = each.notice
            page.paragraph(
                terminal(notice.milestone),
                (f"  {notice.step}  ", DIM),
                f"to {terminal(foreseen_who(each))}",
                indent=2,
                hang=2,
            )
    return page.text


def simulation_markdown(foreseen: Sequence[Foreseen], first: date, last: date) -> str:
    """The same as a Markdown table."""
    lines = [_headline(foreseen, first, last), "", "| day | milestone | step | who |", "| --- | --- | --- | --- |"]
    for each in foreseen:
        notice = each.notice
        cells = (each.day.isoformat(), code(notice.milestone), code(notice.step), markdown(foreseen_who(each)))
        lines.append(f"| {' | '.join(cells)} |")
    return guard("\n".join(lines) + "\n")


def simulation_json(foreseen: Sequence[Foreseen], first: date, last: date) -> str:
    """The same as one JSON object."""
    told = {"schema": SCHEMA, "command": "simulate", "from": first.isoformat(), "to": last.isoformat()}
    return json_text({**told, "notices": [foreseen_object(each) for each in foreseen]}) + "\n"


def _headline(foreseen: Sequence[Foreseen], first: date, last: date) -> str:
    sent = sum(bool(each.notice.to) for each in foreseen)
    count = counted(sent, "notice") if sent else "No notice"
    return f"{count} from {first.isoformat()} to {last.isoformat()}, if nothing else happens."
