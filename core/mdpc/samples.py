"""Milestones of no team, in every state that a notice can find one in: templates are tried against them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

from mdpc.coordination import Delivered
from mdpc.issue_text import Page
from mdpc.model import Account, Achievement, Container, ContainerRef, Markup, Milestone, Notice, Owner, Record, Ref
from mdpc.notice_facts import achieved_facts, notice_facts
from mdpc.settings import Settings
from mdpc.standing import Standing, Vote
from mdpc.templates import ACHIEVED

_DAY = date(2027, 1, 31)
_BEFORE = _DAY - timedelta(days=9)
_MOMENT = datetime(2027, 1, 31, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a template would be given, and how its text would be marked up."""

    facts: Mapping[str, Any]
    markup: Markup


def samples_of(kind: str, settings: Settings) -> Iterator[Sample]:
    """Everything that a notice of a kind can be about, where texts are Markdown and where they are plain."""
    connector = next(iter(settings.connectors))
    for markup in (Markup.BLOCK, Markup.LINE):
        for told in _milestones(connector, markup):
            page = _page(told, connector, markup, settings)
            who = (f"account:{connector}:alice",)
            if kind == ACHIEVED:
                for achievement, to, delivered in product(_achievements(), (who, ()), (_delivered(told), ())):
                    notice = Notice("n", told.key, ACHIEVED, achievement.day, to)
                    yield Sample(achieved_facts(replace(page, delivered=delivered), notice, achievement), markup)
            else:
                yield Sample(notice_facts(page, Notice("n", told.key, "+1d", _DAY, who)), markup)


def _page(told: Milestone, connector: str, markup: Markup, settings: Settings) -> Page:
    home = Container(ContainerRef(connector, "acme/api"), "c", "https://example.com/acme/api", mention="@{}")
    return Page(told, True, markup, home, settings)


def _milestones(connector: str, markup: Markup) -> Iterator[Milestone]:
    """One with all that there can be; the same overdue, and without a due date; and one with nothing."""
    container = ContainerRef(connector, "acme/api")
    url = "https://example.com/acme/api"
    full = Record(Ref(container, "1"), "r1", "v2.0", f"{url}/1", markup, due=_DAY, open_issues=3, closed_issues=12)
    owner = Owner("alice", "description", known=False, account=Account(connector, "alice"))
    bare = Milestone("acme/2.0", "m", "acme", "v2.0", (full,), full, False, _DAY)
    rich = replace(
        bare,
        dues=((_BEFORE, _BEFORE), (_DAY, _BEFORE)),
        owner=owner,
        gates=tuple(_gates(connector)),
        records=(full, replace(full, ref=Ref(container, "2"), uid="r2")),
    )
    yield rich
    yield replace(rich, late=True)
    yield replace(rich, due=None)
    empty = replace(full, due=None, open_issues=0, closed_issues=0)
    yield replace(bare, records=(empty,), holder=empty, due=None)
    yield replace(bare, records=(replace(full, open_issues=1, closed_issues=0),))


def _gates(connector: str) -> Iterator[Standing]:
    """Gates in every state, with all that can be missing at one."""
    who = tuple(f"account:{connector}:reviewer-{number}" for number in range(12))
    votes = tuple(Vote(each, "approve", "", "https://example.com/1", _MOMENT) for each in who)
    missing = (
        "1 more approval, open issues to be closed, the rest of the checklist, a checklist in the description, "
        "gate scope-review"
    )
    yield Standing("scope-review", "approved", False, _BEFORE, approved_by=who, votes=votes)
    yield Standing(
        "release-review",
        "pending",
        True,
        approvals=13,
        approved_by=who,
        missing=missing,
        waiting_for=who,
        unreadable=(("acme/leads", "it may not be read"),),
        votes=votes,
        absent=("security-review",),
    )
    yield Standing("plan-review", "rejected", False, _BEFORE, missing="a rejection to be withdrawn")
    yield Standing("void-review", "void", False, None, approvals=2, missing="2 approvals", voided_for=who)


def _achievements() -> Iterator[Achievement]:
    """On time, the fourth in a row; and late."""
    yield Achievement(_BEFORE, 4)
    yield Achievement(_DAY + timedelta(days=1))


def _delivered(told: Milestone) -> tuple[Delivered, ...]:
    record, account = told.records[0].ref, Account(told.records[0].ref.container.connector, "bob")
    return tuple(
        Delivered(record, f"acme/api#{number}", "An issue", f"https://example.com/{number}", account)
        for number in range(12)
    )
