"""The gates of one milestone explained: how it stands with each, and all that was said of it, with links. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from mdpc.escape import code, code_link, markdown, prose, terminal, web_address
from mdpc.model import Bypass, Milestone
from mdpc.people import called
from mdpc.report.as_json import gate_object
from mdpc.report.page import DIM, LEVEL_STYLES, Page, link
from mdpc.report.words import counted, listed
from mdpc.standing import Standing, Voided, Vote
from mdpc.tokens import seeds_in

_SAID = {"approve": "approved", "reject": "rejected", "withdraw": "withdrew what was said before", "waive": "waived it"}
_STYLES = {"approved": "ok", "waived": "ok", "rejected": "error", "void": "warn", "pending": "warn"}
_VOID = "void: what was approved has changed since"


@dataclass(frozen=True, slots=True)
class _Event:
    """One line of a gate's history; its moment in words, empty where the line itself tells it."""

    moment: str
    said: str
    url: str


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
        for event in _history(gate, zone):
            moment = (f"{event.moment}  ", DIM) if event.moment else ""
            page.paragraph(moment, (terminal(event.said), link(event.url)), indent=4, hang=2)
            if web_address(event.url):
                page.line((terminal(event.url), DIM), indent=6)


def gates_markdown(milestone: Milestone, zone: tzinfo | None) -> Iterator[str]:
    """The same as lines of a Markdown list."""
    if milestone.bypass:
        yield f"- **{prose(bypass_words(milestone.bypass))}**"
    for gate in milestone.gates:
        yield f"- gate {code(gate.name)}: {gate.state}, {when_words(gate)}"
        yield from (f"  - {prose(fact)}" for fact in _facts(gate))
        for event in _history(gate, zone):
            where = f" ({code_link('link', event.url)})" if web_address(event.url) else ""
            moment = f"{event.moment}: " if event.moment else ""
            yield f"  - {moment}{markdown(event.said)}{where}"


def gates_objects(milestone: Milestone, zone: tzinfo | None) -> list[dict[str, object]]:
    """The same for JSON: what a plan says of each gate, who may still approve, and `votes`, oldest first.

    `counts` is false for a word that does not count or no longer does; `against` says why where it never did. `voided`
    says since when approvals are void, what changed, and where mdpc said so.
    """
    return [
        {
            **gate_object(gate),
            "approvals": gate.approvals,
            "waiting_for": list(map(called, gate.waiting_for)),
            "voided_for": list(map(called, gate.voided_for)),
            "unreadable": [{"team": team, "why": why} for team, why in gate.unreadable],
            "vacant": gate.vacant,
            "absent": list(gate.absent),
            "voided": _voided_object(gate.voided, zone) if gate.voided else None,
            "votes": [_vote_object(vote, zone) for vote in gate.votes],
        }
        for gate in milestone.gates
    ]


def _voided_object(voided: Voided, zone: tzinfo | None) -> dict[str, object]:
    since = voided.since(zone)
    return {"since": since.isoformat() if since else None, "what": voided.what, "url": voided.url or None}


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
    if gate.absent:
        one = len(gate.absent) == 1
        yield f"{'gate' if one else 'gates'} {listed(gate.absent)} {'does' if one else 'do'} not apply here"
    if gate.passed:
        return
    yield f"still needed: {gate.missing}"
    if gate.vacant:
        yield "nobody who is there can pass it"
    if gate.waiting_for:
        yield f"may approve: {_names(gate.waiting_for)}, by the line `/approve {gate.name}` in a comment"
    yield from (f"nobody knows who is in team {team}: {why}" for team, why in gate.unreadable)


def _history(gate: Standing, zone: tzinfo | None) -> Iterator[_Event]:
    """All that was said, oldest first, and after the approvals that are void that they are."""
    last = max((place for place, vote in enumerate(gate.votes) if vote.void and not vote.against), default=-1)
    for place, vote in enumerate(gate.votes):
        yield _Event(_moment(vote.at, zone), _said(vote), vote.url)
        if place == last and gate.voided is not None:
            since = gate.voided.since(zone)
            when = f" since {since.isoformat()}" if since else ""
            yield _Event("", f"void{when}: {gate.voided.what}", gate.voided.url)


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
