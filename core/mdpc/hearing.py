"""What was heard on coordination issues: which issue is whose, and what of it mdpc wrote. Pure.

An issue is a milestone's coordination issue, or a program's dashboard, because mdpc opened it and says so in its
ledger, or, where that is lost, in its body; never because of its title.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mdpc.coordination import Approver, Comment, Delivered, Issue, IssueReading
from mdpc.ledger import Ledger, assignee, issue_print, ledger_of
from mdpc.marks import mark_at_end
from mdpc.memory import milestone_id, print_of
from mdpc.model import Account, ContainerRef, Milestone, Record, Ref
from mdpc.program_ledger import DASHBOARD, ProgramLedger, held_ledger
from mdpc.reviewers import Teams
from mdpc.snapshot import Snapshot

ISSUE = "issue"
"""The kind of the mark in the body of a coordination issue; its name is the milestone's id."""

_IN_BODY = re.compile(r"mdpc:issue (m[0-9a-f]{12})")

_DASHBOARD_IN_BODY = re.compile(rf"^(?:<!-- |\()mdpc:{DASHBOARD} (d[0-9a-f]{{12}})(?: -->|\))[ \t]*\r?$", re.MULTILINE)
"""On a line of its own, since what stands before it on a line may be people's words."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One coordination issue as it was read, with the ids of the comments that mdpc alone has written."""

    issue: Issue
    own: frozenset[str]
    ledger: Ledger | None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One program's dashboard as it was read, with the ids of the comments that mdpc alone has written.

    `held` is the comment with the program's ledger; None where there is none that counts.
    """

    issue: Issue
    own: frozenset[str] = frozenset()
    held: Comment | None = None
    ledger: ProgramLedger | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """All coordination issues of a snapshot: by the milestone's id, and by the record that is an issue itself.

    `dashboards` are by their container and the fingerprint of the program's name.
    `unnamed` are issues that mdpc opened and that no longer say of what: only memory may know them.
    `delivered` are closed issues by record, as far as they were asked for, `connectors` those that were heard.
    `kept` are the milestones by the fingerprints of the records that their ledgers know. `missing` are issues that
    memory named and that are gone.
    """

    by_id: Mapping[str, Talk] = field(default_factory=dict)
    by_record: Mapping[Ref, Talk] = field(default_factory=dict)
    unnamed: Mapping[Ref, Talk] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: frozenset[Ref] = frozenset()
    teams: Teams = field(default_factory=Teams)
    contents: Mapping[Ref, frozenset[str]] = field(default_factory=dict)
    approvers: Mapping[Ref, tuple[Approver, ...]] = field(default_factory=dict)
    dashboards: Mapping[tuple[ContainerRef, str], Dashboard] = field(default_factory=dict)
    delivered: Mapping[Ref, tuple[Delivered, ...]] = field(default_factory=dict)
    connectors: frozenset[str] = frozenset()

    def of(self, milestone: Milestone, named: Ref | None = None) -> Talk | None:
        """What was said of a milestone; None where it has no issue. `named` is the one that memory names."""
        for record in milestone.records:
            if record.ref in self.by_record:
                return self.by_record[record.ref]
        known = named or (milestone.issue[0] if milestone.issue else None)
        talk = self.by_id.get(milestone.id)
        return talk if talk is not None or known is None else self.unnamed.get(known)

    def scope_of(self, records: Iterable[Record], issue: Ref | None = None) -> dict[str, str]:
        """The issues of some records by fingerprint, as people call them; of records that were asked about.

        The coordination issue is none of them, should somebody have put it there.
        """
        return {
            issue_print(ref.container.connector, ref.container.name, each): _called(ref.container, each)
            for ref in (record.ref for record in records)
            for each in sorted(self.contents.get(ref, ()))
            if issue is None or not _is(issue, ref.container, each)
        }

    def inside(self, records: Iterable[Record], issue: Ref) -> bool:
        """Whether somebody put the coordination issue itself among the issues of these records."""
        return any(
            _is(issue, record.ref.container, each) for record in records for each in self.contents.get(record.ref, ())
        )


def _called(container: ContainerRef, issue: str) -> str:
    """An issue as people call it: `acme/api#12`, and `API-12`, where the key tells the project."""
    return f"{container.name}#{issue}" if issue.isdigit() else issue


def _is(issue: Ref, container: ContainerRef, number: str) -> bool:
    """Whether a record's issue, as people see it, is the coordination issue of that address."""
    return (container, number) == (issue.container, issue.id.removeprefix("issue-"))


def heard(snapshot: Snapshot) -> Hearing:
    """What the coordination issues of a snapshot say."""
    records = {record.ref for record in snapshot.records if record.is_issue}
    by_id: dict[str, list[Talk]] = defaultdict(list)
    by_record: dict[Ref, Talk] = {}
    unnamed: dict[Ref, Talk] = {}
    dashboards: dict[tuple[ContainerRef, str], list[Dashboard]] = defaultdict(list)
    for reading, accounts in _readings(snapshot):
        for issue in reading.issues:
            talk = _talk(issue, accounts)
            if issue.ref in records:
                by_record[issue.ref] = talk
            elif is_own(issue.author, accounts) and (dashboard := _dashboard(talk)):
                dashboards[issue.ref.container, dashboard[0]].append(dashboard[1])
            elif is_own(issue.author, accounts) and (identity := _identity(talk)):
                by_id[identity].append(talk)
            elif is_own(issue.author, accounts):
                unnamed[issue.ref] = talk
    chosen = {identity: min(talks, key=_best) for identity, talks in by_id.items()}
    readings = [reading for reading, _ in _readings(snapshot)]
    return Hearing(
        by_id=chosen,
        by_record=by_record,
        unnamed=unnamed,
        kept=_kept([*chosen.values(), *by_record.values()]) | _named(chosen, snapshot.records),
        missing=frozenset(ref for reading in readings for ref in reading.missing),
        teams=_teams(readings),
        contents={ref: ids for reading in readings for ref, ids in reading.contents.items()},
        approvers={ref: told for reading in readings for ref, told in reading.approvers.items()},
        dashboards={key: min(several, key=_best) for key, several in dashboards.items()},
        connectors=frozenset(reading.connector for reading in readings),
        delivered={ref: issues for reading in readings for ref, issues in reading.delivered.items()},
    )


def is_own(account: Account | None, accounts: frozenset[str]) -> bool:
    """Whether an account is one of mdpc's own (`Reading.accounts`): a person never is an App of that name."""
    if account is None:
        return False
    login = account.login.lower()
    return login in accounts or (account.bot and f"{login}[bot]" in accounts)


def _readings(snapshot: Snapshot) -> Iterator[tuple[IssueReading, frozenset[str]]]:
    accounts = {reading.connector: reading.accounts for reading in snapshot.readings}
    for reading in snapshot.issues:
        yield reading, accounts.get(reading.connector, frozenset())


def _talk(issue: Issue, accounts: frozenset[str]) -> Talk:
    own = frozenset(comment.id for comment in issue.comments if _is_mdpcs(comment, accounts))
    return Talk(issue, own, ledger_of(issue.comments, own))


def _is_mdpcs(comment: Comment, accounts: frozenset[str]) -> bool:
    """Whether mdpc alone wrote a comment: it has a mark, and neither author nor last editor is anybody else.

    A comment without a mark by an account that mdpc shares with a person is that person's.
    """
    written = is_own(comment.author, accounts) and mark_at_end(comment.body) is not None
    return written and (comment.edited_at is None or is_own(comment.editor, accounts))


def _identity(talk: Talk) -> str | None:
    if talk.ledger is not None:
        return talk.ledger.id
    found = _IN_BODY.findall(talk.issue.body or "")
    return found[-1] if found else None


def _best(talk: Talk | Dashboard) -> tuple[bool, int, str]:
    """Issues with a ledger first, then the oldest."""
    return talk.ledger is None, len(talk.issue.ref.id), talk.issue.ref.id


def _dashboard(talk: Talk) -> tuple[str, Dashboard] | None:
    """The issue as the dashboard of a program, with the fingerprint of that; None where it is none.

    Its ledger says so; where there is neither that nor a milestone's, its body.
    """
    found = held_ledger(talk.issue.comments, talk.own)
    if found is not None:
        held, ledger = found
        return ledger.program, Dashboard(talk.issue, talk.own, held, ledger)
    said = _DASHBOARD_IN_BODY.findall(talk.issue.body or "") if talk.ledger is None else ()
    return (said[-1], Dashboard(talk.issue, talk.own)) if said else None


def _kept(talks: Sequence[Talk]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for talk in talks:
        for member in talk.ledger.members if talk.ledger else ():
            found[member].append(talk.ledger.id if talk.ledger else "")
    return {member: tuple(sorted(ids)) for member, ids in found.items()}


def _named(chosen: Mapping[str, Talk], records: Iterable[Record]) -> dict[str, tuple[str, ...]]:
    """Records that gave rise to a milestone whose issue has lost its ledger: those too were seen open."""
    lost = {identity for identity, talk in chosen.items() if talk.ledger is None}
    born = ((print_of(record), milestone_id(record)) for record in records) if lost else ()
    return {own: (identity,) for own, identity in born if identity in lost}


def _teams(readings: Sequence[IssueReading]) -> Teams:
    members: dict[str, tuple[Account, ...]] = {}
    unread: dict[str, str] = {}
    for reading in readings:
        unread = {**reading.teamless, **unread}
        for team, accounts in reading.teams.items():
            members[team] = (*members.get(team, ()), *accounts)
    return Teams(members, {team: why for team, why in unread.items() if team not in members})


def last_moment(issue: Issue | None) -> datetime | None:
    """When the last comment that was read was written; None where there is none."""
    return max((comment.created_at for comment in issue.comments), default=None) if issue else None


def assigned_by_people(talk: Talk) -> Account | None:
    """Whom people assigned a coordination issue to; None where mdpc did, or nobody knows."""
    if talk.ledger is None:
        return None
    others = (each for each in talk.issue.assignees if assignee(each.login) != talk.ledger.assigned)
    return next(others, None)
