"""The gates of one milestone explained: how it stands with each, and all that was said of it, with links. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from mdpc.escape import code, code_link, markdown, prose, terminal, web_address
from mdpc.model import Bypass, Milestone
from mdpc.people import called
from mdpc.report.as_json import gate_object
from mdpc.report.page import DIM, LEVEL_STYLES, Page, link
from mdpc.report.words import counted, listed
from mdpc.standing import Standing, Vote
from mdpc.tokens import seeds_in

_SAID = {"approve": "approved", "reject": "rejected", "withdraw": "withdrew what was said before", "waive": "waived it"}
_STYLES = {"approved": "ok", "waived": "ok", "rejected": "error", "void": "warn", "pending": "warn"}
_VOID = "void: what was approved has changed since"


def issue_text(milestone: Milestone) -> str:
    """Where a milestone is talked about; empty where it has no coordination issue and needs none."""
    if milestone.issue is None:
        return ""
    ref, url = milestone.issue
    return "on an issue that is not made yet" if seeds_in(ref.id) else f"{ref} {web_address(url) or ''}".rstrip()


def gates_text(page: Page, milestone: Milestone, zone: tzinfo | None) -> None:
    """A heading, each gate and its history, oldest first; moments in `zone`."""
    if not milestone.gates:
        return
    page.heading(("GATES", "bold cyan"))
    if milestone.bypass:
        page.paragraph((terminal(bypass_words(milestone.bypass)), LEVEL_STYLES["error"]), indent=2, hang=2)
    for gate in milestone.gates:
        state = (gate.state, LEVEL_STYLES[_STYLES[gate.state]])
        page.paragraph(terminal(gate.name), "  ", state, (f"  {when_words(gate)}", DIM), indent=2, hang=2)
        for fact in _facts(gate):
            page.paragraph(terminal(fact), indent=4, hang=2)
        for vote in gate.votes:
            moment = (f"{_moment(vote.at, zone)}  ", DIM)
            page.paragraph(moment, (terminal(_said(vote)), link(vote.url)), indent=4, hang=2)
            if web_address(vote.url):
                page.line((terminal(vote.url), DIM), indent=6)


def gates_markdown(milestone: Milestone, zone: tzinfo | None) -> Iterator[str]:
    """The same as lines of a Markdown list."""
    if milestone.bypass:
        yield f"- **{prose(bypass_words(milestone.bypass))}**"
    for gate in milestone.gates:
        yield f"- gate {code(gate.name)}: {gate.state}, {when_words(gate)}"
        yield from (f"  - {prose(fact)}" for fact in _facts(gate))
        for vote in gate.votes:
            where = f" ({code_link('link', vote.url)})" if web_address(vote.url) else ""
            yield f"  - {_moment(vote.at, zone)}: {markdown(_said(vote))}{where}"


def gates_objects(milestone: Milestone, zone: tzinfo | None) -> list[dict[str, object]]:
    """The same for JSON: what a plan says of each gate, who may still approve, and `votes`, oldest first.

    `counts` is false for a word that does not count or no longer does; `against` says why where it never did.
    """
    return [
        {
            **gate_object(gate),
            "approvals": gate.approvals,
            "waiting_for": list(map(called, gate.waiting_for)),
            "voided_for": list(map(called, gate.voided_for)),
            "unreadable": [{"team": team, "why": why} for team, why in gate.unreadable],
            "vacant": gate.vacant,
            "votes": [_vote_object(vote, zone) for vote in gate.votes],
        }
        for gate in milestone.gates
    ]


def _vote_object(vote: Vote, zone: tzinfo | None) -> dict[str, object]:
    return {
        "who": called(vote.who),
        "word": vote.word,
        "why": vote.why,
        "at": vote.at.astimezone(zone).isoformat() if vote.at else None,
        "url": vote.url,
        "counts": not vote.against and not vote.void,
        "void": vote.void,
        "against": _of_them(vote.against),
    }


def bypass_words(bypass: Bypass) -> str:
    """That a milestone was closed without its review, and what becomes of that."""
    said = f"closed without passing {listed(bypass.gates)}"
    if bypass.reopened:
        said += f"; mdpc has opened it again {'once' if bypass.reopened == 1 else counted(bypass.reopened, 'time')}"
    return (
        f"{said}; it is to be opened again"
        if bypass.reopening
        else f"{said}; it stays closed"
        if bypass.final
        else said
    )


def when_words(gate: Standing) -> str:
    """By when it is to be passed."""
    if gate.at_close:
        return "before it closes"
    return f"by {gate.by.isoformat()}" if gate.by else "before its due date, which it does not have"


def _facts(gate: Standing) -> Iterator[str]:
    """Who waived or approved it, what is missing and who may help."""
    yield from (f'waived by {called(vote.who)}: "{vote.why}"' for vote in gate.waivers)
    if gate.approved_by:
        yield f"approved by {_names(gate.approved_by)}"
    if gate.passed:
        return
    yield f"still needed: {gate.missing}"
    if gate.vacant:
        yield "nobody who is there can pass it"
    if gate.waiting_for:
        yield f"may approve: {_names(gate.waiting_for)}, by the line `/approve {gate.name}` in a comment"
    yield from (f"nobody knows who is in team {team}: {why}" for team, why in gate.unreadable)


def _names(identities: Sequence[str]) -> str:
    return listed(list(dict.fromkeys(map(called, identities))))


def _said(vote: Vote) -> str:
    why = f': "{vote.why}"' if vote.why else ""
    ends = f" (does not count: {_of_them(vote.against)})" if vote.against else f" ({_VOID})" if vote.void else ""
    return f"{called(vote.who)} {_SAID[vote.word]}{why}{ends}"


def _of_them(against: str) -> str:
    """Why a word does not count, which is written for whoever said it, for others to read."""
    return against.replace("you are", "they are")


def _moment(at: datetime | None, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "(no moment)"
