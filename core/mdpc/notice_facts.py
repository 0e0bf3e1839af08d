"""The facts that the templates of notices are given, each harmless where it is told (`docs/templates.md`). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from mdpc.celebrating import closed_on
from mdpc.coordination import Delivered
from mdpc.issue_text import SOMEBODY, Page
from mdpc.model import Account, Achievement, Markup, Milestone, Notice, Record
from mdpc.people import ACCOUNT, identity_of, identity_of_owner
from mdpc.standing import Standing
from mdpc.templating import MOST, Trusted

Facts = dict[str, Any]

_LACKS: Mapping[str, str] = {
    r"\d+ (?:more )?approvals?": "approvals",
    r"a rejection to be withdrawn": "rejection",
    r"open issues to be closed": "open-work",
    r".*\bchecklist\b.*": "checklist",
    r"gate (?P<gate>\S+)": "gate",
}
"""What is missing at a gate in the words of `mdpc.gates`, and in one word for a template in another language."""


def notice_facts(page: Page, notice: Notice) -> Facts:
    """What is known of a milestone when a step of its ladder is due."""
    told = page.told
    issues = told.open_issues + told.closed_issues if page.all_told else 0
    return {
        **_common(page, notice),
        "overdue": told.due is not None and told.late,
        "issues": issues,
        "open_issues": told.open_issues if issues else 0,
        "open_gates": [_gate(page, gate) for gate in told.gates if not gate.passed],
        "snooze": Trusted(page.code("/snooze YYYY-MM-DD WHY")),
        "hand_over": Trusted(page.code("/owner NAME")),
    }


def achieved_facts(page: Page, notice: Notice, achievement: Achievement) -> Facts:
    """What is known of a milestone when it is achieved."""
    told = page.told
    delivered = [each for each in page.delivered if _may_be_told(each, told)]
    day = achievement.day if page.all_told else closed_on(told, page.settings) or achievement.day
    return {
        **_common(page, notice),
        "achieved": day.isoformat(),
        "days_late": _days_late(day, told.original_due),
        "days_late_last": _days_late(day, told.due),
        "issues": told.open_issues + told.closed_issues if page.all_told else 0,
        "closed_issues": told.closed_issues if page.all_told else 0,
        "delivered": [_issue(page, each) for each in delivered[:MOST]],
        "people": _named(_person(page, each.by) for each in delivered if each.by and not each.by.bot),
        "gates": [_gate(page, gate) for gate in told.gates if gate.passed and _approved(page, gate)],
        "streak": achievement.streak,
    }


def _common(page: Page, notice: Notice) -> Facts:
    told = page.told
    owner = identity_of_owner(told.owner, page.settings) if told.owner else ""
    return {
        "mentions": Trusted(page.listed(dict.fromkeys(page.mention(identity) for identity in notice.to))),
        "title": told.title,
        "program": told.program if page.all_told else "",
        "step": notice.step,
        "due": _day(told.due),
        "first_due": _day(told.original_due),
        "moved": told.original_due != told.due,
        "owner": Trusted(page.name(owner)) if owner else "",
        "link": _record(page, told.records[0]),
        "records": [_record(page, record) for record in told.records],
        "markup": "markdown" if page.markup is Markup.BLOCK else "plain",
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _days_late(day: date, due: date | None) -> int:
    """How many days after its due date something was; below 0 where it was before."""
    return (day - due).days if due else 0


def _record(page: Page, record: Record) -> Trusted:
    return Trusted(page.link(str(record.ref), record.url))


# ── Gates ─────────────────────────────────────────────────────────────────────────────────────────


def _gate(page: Page, gate: Standing) -> Facts:
    return {
        "name": Trusted(page.code(gate.name)),
        "at_close": gate.at_close,
        "by": _day(gate.by),
        "state": gate.state,
        "approved_by": [Trusted(name) for name in _approved(page, gate)],
        "absent": [Trusted(page.code(name)) for name in gate.absent],
        "missing": gate.missing,
        "lacks": list(_lacks(page, gate)),
        "waiting_for": [Trusted(name) for name in dict.fromkeys(page.reviewers(gate))],
        "unknown_teams": [Trusted(page.code(team)) for team, _ in gate.unreadable],
    }


def _approved(page: Page, gate: Standing) -> list[str]:
    return page.voters(vote for vote in gate.votes if vote.who in gate.approved_by and not vote.against)


def _lacks(page: Page, gate: Standing) -> Iterator[Facts]:
    for words in filter(None, gate.missing.split(", ")):
        found = ((what, match) for pattern, what in _LACKS.items() if (match := re.fullmatch(pattern, words)))
        what, match = next(found, ("other", None))
        named = Trusted(page.code(match["gate"])) if what == "gate" and match else ""
        count = gate.approvals - len(gate.approved_by) if what == "approvals" else 0
        yield {"what": what, "words": words, "count": count, "gate": named}


# ── What an achieved milestone delivered, and who had a part in it ────────────────────────────────


def _may_be_told(issue: Delivered, told: Milestone) -> bool:
    """Whether an issue belongs to a record that may be told, and is not the one where the milestone is talked about."""
    own = told.issue is not None and issue.url == told.issue[1]
    return not own and any(record.ref == issue.record for record in told.records)


def _issue(page: Page, issue: Delivered) -> Facts:
    return {"name": issue.name, "title": issue.title, "link": Trusted(page.link(issue.name, issue.url))}


def _person(page: Page, account: Account) -> str:
    """What somebody who did an issue is called; of whom only an account is known, as people read it."""
    identity = identity_of(account, page.settings)
    readable = account.name if account.name != account.login else ""
    if identity.startswith(f"{ACCOUNT}:") and readable:
        return page.text(readable) if page.all_told and not page.public else SOMEBODY
    return page.name(identity)


def _named(names: Iterable[str]) -> list[Trusted]:
    """Each name once; who may not be named is left out."""
    return [Trusted(name) for name in dict.fromkeys(names) if name != SOMEBODY]
