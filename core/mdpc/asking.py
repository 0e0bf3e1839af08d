"""What is to be asked of coordination issues, once the records are read: as little as is needed. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from mdpc.assemble import is_closed
from mdpc.celebrating import achieved_id
from mdpc.coordination import IssueScope
from mdpc.gates import gates_in
from mdpc.hearing import Hearing, Talk, heard
from mdpc.join import Joined, home_of, join
from mdpc.matching import applying, may_overlap
from mdpc.memory import print_of
from mdpc.model import ContainerRef, Milestone, Ref
from mdpc.renaming import called_now
from mdpc.settings import Gate, Settings
from mdpc.settings.gates import APPROVERS
from mdpc.snapshot import Snapshot
from mdpc.tokens import issue_seed, token_id, token_url


@dataclass(slots=True)
class _Asked:
    """What is asked of one connector; dicts keep the order and each once."""

    homes: dict[str, None] = field(default_factory=dict)
    known: dict[Ref, None] = field(default_factory=dict)
    own: dict[Ref, None] = field(default_factory=dict)
    contents: dict[Ref, None] = field(default_factory=dict)
    approvers: dict[Ref, None] = field(default_factory=dict)
    teams: dict[str, None] = field(default_factory=dict)
    delivered: dict[Ref, None] = field(default_factory=dict)


def issue_scopes(snapshot: Snapshot, settings: Settings, closed_since: date | None) -> Mapping[str, IssueScope]:
    """What is to be asked of each connector and was not asked yet; connectors of which nothing is are left out.

    `closed_since` is the first day from which closed milestones were read.

    Raises OverlapError.
    """
    settings = called_now(settings, snapshot.renamed)
    if not (settings.writeback.dashboard or _issues_are_wanted(snapshot, settings)):
        return {}
    asked: dict[str, _Asked] = defaultdict(_Asked)
    homes = homes_of(snapshot)
    hearing = heard(snapshot)
    for joined in join(snapshot, settings, hearing.kept).milestones:
        _ask(joined, homes, hearing, settings, asked)
    for program in settings.programs if settings.gates else ():
        home = homes.get((home_of(program) or "").casefold())
        if home is not None:  # where an issue may be that has lost its milestone
            asked[home.connector].homes[home.name] = None
    before = {reading.connector: reading for reading in snapshot.issues}
    scopes: dict[str, IssueScope] = {}
    for name, each in asked.items():
        done = before.get(name)
        scope = IssueScope(
            homes=() if done else tuple(each.homes),
            closed_since=closed_since,
            known=() if done else tuple(each.known),
            own=tuple(ref for ref in each.own if not done or ref not in {issue.ref for issue in done.issues}),
            contents=tuple(ref for ref in each.contents if not done or ref not in done.contents),
            approvers=tuple(ref for ref in each.approvers if not done or ref not in done.approvers),
            teams=tuple(team for team in each.teams if not done or team not in {*done.teams, *done.teamless}),
            delivered=tuple(ref for ref in each.delivered if not done or ref not in done.delivered),
        )
        if not scope.empty:
            scopes[name] = scope
    return scopes


def _issues_are_wanted(snapshot: Snapshot, settings: Settings) -> bool:
    """Whether any milestone may have a coordination issue."""
    if settings.writeback.issue == "never":
        return False
    wanted = settings.gates or settings.escalation.steps or settings.celebrate is not None
    return bool(wanted) or _may_have_issues(snapshot, settings)


def _may_have_issues(snapshot: Snapshot, settings: Settings) -> bool:
    """Whether any memory may name a coordination issue, or all milestones have one."""
    if settings.writeback.issue == "always":
        return True
    texts = (text for record in snapshot.records for text in (record.description, record.memory) if text)
    noted = (text for reading in snapshot.readings for pages in reading.notes.values() for text in pages.values())
    return any(_NAMED in text for several in (texts, noted) for text in several)


_NAMED = '"issue":"'


def _ask(joined: Joined, homes: Homes, hearing: Hearing, settings: Settings, asked: Mapping[str, _Asked]) -> None:
    """What one milestone needs; where there are dashboards, the home of its program."""
    place = home_container(joined, homes) if home_of(joined.program) else None
    if settings.writeback.dashboard and place is not None and not joined.history:
        asked[place.connector].homes[place.name] = None
    if settings.writeback.issue == "never":
        return
    gates = _gates(joined, hearing, settings)
    named = joined.memory.issue if joined.memory else None
    if named is not None and str(named.container).casefold() in homes:
        asked[named.container.connector].known[named] = None
    steps = applying(settings.escalation.steps, joined.records, joined.key)
    always = settings.writeback.issue == "always" and not joined.history
    achieved = settings.celebrate is not None and _may_be_achieved(joined, hearing, settings)
    if not (gates or steps or named or always or achieved or _may_have_had_gates(joined, settings)):
        return
    home = home_container(joined, homes)
    if home is not None:
        asked[home.connector].homes[home.name] = None
    if joined.history:
        return
    for record in joined.records:
        if record.is_issue and record.ref.container == home:
            asked[home.connector].own[record.ref] = None
    _ask_for_gates(joined, gates, home, asked)
    if achieved and home is not None and home.connector in hearing.connectors and not _is_celebrated(joined, hearing):
        for record in joined.records:
            asked[record.ref.container.connector].delivered[record.ref] = None


def _may_be_achieved(joined: Joined, hearing: Hearing, settings: Settings) -> bool:
    """Whether a milestone is closed whose closing nobody had accepted, or that is to be announced still."""
    if joined.history or not is_closed(joined.records, settings):
        return False
    talk, memory = _talk(joined, hearing), joined.memory
    if talk is None or talk.ledger is None:
        return memory is not None and bool(memory.unaccepted)
    known = talk.ledger.seen_open.intersection(map(print_of, joined.records))
    return bool(known) or talk.ledger.achieved is not None


def _is_celebrated(joined: Joined, hearing: Hearing) -> bool:
    """Whether it was announced already."""
    talk = _talk(joined, hearing)
    if talk is None or talk.ledger is None:
        return False
    return achieved_id(talk.ledger.id) in dict(talk.ledger.ladder.sent)


def _talk(joined: Joined, hearing: Hearing) -> Talk | None:
    own = (hearing.by_record.get(record.ref) for record in joined.records)
    ids = (*joined.kept, *([joined.memory.id] if joined.memory else ()))
    return next((talk for talk in (*own, *map(hearing.by_id.get, ids)) if talk is not None), None)


def _gates(joined: Joined, hearing: Hearing, settings: Settings) -> tuple[Gate, ...]:
    """The gates that are meant for a milestone, or once were as its ledger knows."""
    meant = applying(settings.gates, joined.records, joined.key)
    talks = [*map(hearing.by_id.get, joined.kept), *(hearing.by_record.get(record.ref) for record in joined.records)]
    ledgers = [talk.ledger for talk in talks if talk and talk.ledger]
    known = {gate.name for ledger in ledgers for gate in gates_in(ledger, settings)}
    return tuple(gate for gate in settings.gates if gate in meant or gate.name in known)


def _may_have_had_gates(joined: Joined, settings: Settings) -> bool:
    """Whether a gate may have been meant for a milestone under another title: its issue is to be looked for."""
    places = dict.fromkeys(str(record.ref.container) for record in joined.records)
    globs = [f"{joined.program.name}/*", *(f"{place}#*" for place in places)]
    return any(may_overlap(gate.match, glob) for gate in settings.gates for glob in globs)


def _ask_for_gates(
    joined: Joined, gates: Iterable[Gate], home: ContainerRef | None, asked: Mapping[str, _Asked]
) -> None:
    refs = [record.ref for record in joined.records]
    places = {*(ref.container.connector for ref in refs), *([home.connector] if home else [])}
    for gate in gates:
        for ref in refs:
            if "scope" in gate.void_on:
                asked[ref.container.connector].contents[ref] = None
            if APPROVERS in gate.reviewers:
                asked[ref.container.connector].approvers[ref] = None
        for place in sorted(places):
            asked[place].teams |= dict.fromkeys(gate.teams)


Homes = Mapping[str, ContainerRef]
"""The containers that were read, by their addresses in small letters."""


def homes_of(snapshot: Snapshot) -> Homes:
    """Where coordination issues can live: looked up once for all milestones."""
    return {str(ref).casefold(): ref for ref in snapshot.containers}


def home_container(joined: Joined, homes: Homes) -> ContainerRef | None:
    """Where a milestone's coordination issue lives: the program's home, as it is called now, else the holder's.

    None where the home was not read.
    """
    home = home_of(joined.program)
    if home is None:
        return joined.holder.ref.container
    return homes.get(home.casefold())


def issue_to_be(milestone: Milestone, home: ContainerRef) -> tuple[Ref, str]:
    """The address of the coordination issue that is to be made for a milestone: tokens until it is there.

    A record that is an issue itself is its own.
    """
    own = next((each for each in milestone.records if each.is_issue and each.ref.container == home), None)
    if own is not None:
        return own.ref, own.url
    made = issue_seed(milestone.id, home)
    return Ref(home, token_id(made)), token_url(made)
