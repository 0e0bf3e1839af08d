"""Notices in words: those of a plan, and who would hear what on which day. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from mdpc.changes import Plan
from mdpc.escape import code, guard, json_text, markdown, terminal
from mdpc.model import Notice
from mdpc.people import called
from mdpc.report.as_json import SCHEMA, notice_object
from mdpc.report.page import DIM, Look, Page
from mdpc.report.words import counted
from mdpc.simulation import Heard


def who(notice: Notice) -> str:
    """Who hears of it."""
    return ", ".join(map(called, notice.to))


def notices_text(page: Page, plan: Plan) -> None:
    """A heading, and a line for each notice of a plan."""
    if not plan.notices:
        return
    page.heading((f"NOTICES  {len(plan.notices):,}", "bold cyan"))
    for notice in plan.notices:
        page.paragraph(
            terminal(notice.milestone), (f"  {notice.step}  ", DIM), f"to {terminal(who(notice))}", indent=2, hang=2
        )


def notices_markdown(plan: Plan) -> str:
    """The same as a Markdown list; empty where there are none."""
    lines = [
        f"- {code(notice.milestone)}, step {code(notice.step)}: to {markdown(who(notice))}" for notice in plan.notices
    ]
    return "\n".join([f"**{counted(len(lines), 'notice')}**", "", *lines]) if lines else ""


def ladder_text(page: Page, heard: Sequence[Heard]) -> None:
    """A heading, and who will hear of one milestone when."""
    if not heard:
        return
    page.heading(("WHO WILL HEAR OF IT", "bold cyan"))
    for each in heard:
        page.line((f"{each.day.isoformat()}  ", DIM), f"{each.notice.step:>6}  {terminal(who(each.notice))}", indent=2)


def ladder_markdown(heard: Sequence[Heard]) -> Iterator[str]:
    """The same as lines of a Markdown list."""
    for each in heard:
        yield f"- on {each.day.isoformat()} (step {code(each.notice.step)}): {markdown(who(each.notice))}"


def heard_object(heard: Heard) -> dict[str, object]:
    """One notice of a simulation for JSON, with the day on which it would be sent."""
    return {"sent": heard.day.isoformat(), **notice_object(heard.notice)}


def simulation_text(heard: Sequence[Heard], first: date, last: date, look: Look) -> str:
    """Who would hear what on which day, for a terminal."""
    page = Page(look)
    page.paragraph((_headline(heard, first, last), "bold"))
    for day, several in groupby(heard, key=lambda each: each.day):
        page.blank()
        page.line((f"{day:%a} {day.isoformat()}", "bold"))
        for each in several:
            notice = each.notice
            page.paragraph(
                terminal(notice.milestone), (f"  {notice.step}  ", DIM), f"to {terminal(who(notice))}", indent=2, hang=2
            )
    return page.text


def simulation_markdown(heard: Sequence[Heard], first: date, last: date) -> str:
    """The same as a Markdown table."""
    lines = [_headline(heard, first, last), "", "| day | milestone | step | who |", "| --- | --- | --- | --- |"]
    for each in heard:
        notice = each.notice
        cells = (each.day.isoformat(), code(notice.milestone), code(notice.step), markdown(who(notice)))
        lines.append(f"| {' | '.join(cells)} |")
    return guard("\n".join(lines) + "\n")


def simulation_json(heard: Sequence[Heard], first: date, last: date) -> str:
    """The same as one JSON object."""
    told = {"schema": SCHEMA, "command": "simulate", "from": first.isoformat(), "to": last.isoformat()}
    return json_text({**told, "notices": [heard_object(each) for each in heard]}) + "\n"


def _headline(heard: Sequence[Heard], first: date, last: date) -> str:
    count = counted(len(heard), "notice") if heard else "No notice"
    return f"{count} from {first.isoformat()} to {last.isoformat()}, if nothing else happens."
