"""What of a saved plan still stands: what a plan made now, of the same moment, would do as well. Pure.

Trackers are read again and all is decided anew. Of the saved changes those are done that the new plan has too, to the
byte and with all that they depend on; nothing is done that the new plan alone has.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mdpc.changes import Change, Created, Plan, Value
from mdpc.hearing import heard, is_own
from mdpc.marks import mark_at_end
from mdpc.messages import Message
from mdpc.model import Record, Ref
from mdpc.noting import without
from mdpc.snapshot import Snapshot
from mdpc.status import find
from mdpc.tokens import Made, filled_in, issue_seed, resolved, seed, seeds_in

_EDITED = "people changed it, or what it comes from, since the plan was made. `mdpc plan` shows what is to be done now"
_UNREAD = "not everything could be read again, so that nobody knows whether it still holds"

_Key = tuple[Ref, str, str, Value, Value]


def renewed(saved: Plan, fresh: Plan, snapshot: Snapshot) -> Plan:
    """The saved plan with an outcome for all that is not to be done any more; `fresh` is what the snapshot asks for.

    `already` is what stands there, `stale` what is wanted no more, `withheld` what cannot be known.
    """
    made = _made(saved, fresh, snapshot)
    changes = [resolved(change, made) for change in saved.changes]
    there = {
        change.id
        for before, change in zip(saved.changes, changes, strict=True)
        if _stands(change, snapshot, fresh) or (before.kind == "issue" and _is_made(before, change))
    }
    wanted = {_key(change): change for change in fresh.changes}
    sound = _sound([change for change in changes if change.id not in there], fresh.changes)

    def told(change: Change) -> Change:
        if change.id in there:
            return replace(change, outcome="already")
        new = wanted.get(_key(change))
        if new is not None and new.write in sound:
            return replace(new, id=change.id)
        partly = _partly(change, fresh.changes, sound)
        if partly is not None:
            return partly
        return replace(change, outcome="withheld" if fresh.unread else "stale", answer=_answer(fresh))

    renewed_changes = tuple(map(told, changes))
    kept = _Kept({change.write: change for change in renewed_changes}, sound, fresh)
    messages = tuple(kept.told(filled_in(message, made)) for message in saved.messages)
    return replace(
        saved,
        changes=renewed_changes,
        messages=messages,
        unread=fresh.unread,
        skipped=fresh.skipped,
        stats=fresh.stats,
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """What of the saved changes is left by now: `changes` by their write, and what of the new plan was saved too."""

    changes: Mapping[str, Change]
    sound: frozenset[str]
    fresh: Plan

    def told(self, message: Message) -> Message:
        """The message as the new plan has it, to the letter, or with what became of it.

        It is sent only where its comment, and the ledger that notes that it went out, are written as they were saved.
        """
        new = next((each for each in self.fresh.messages if each.id == message.id), None)
        if new is not None and {*new.needs, *new.ledgers} <= self.sound and _content(new) == _content(message):
            return new
        if self.fresh.unread:
            return replace(message, outcome="withheld", answer=_UNREAD)
        written = [self.changes[name].outcome for name in message.needs if name in self.changes]
        if new is None and written and set(written) == {"already"}:
            return replace(message, outcome="already")
        return replace(message, outcome="stale", answer=_EDITED)


def _content(message: Message) -> Message:
    return replace(message, needs=(), ledgers=())


def _answer(fresh: Plan) -> str:
    return _UNREAD if fresh.unread else _EDITED


def _key(change: Change) -> _Key:
    return change.ref, change.kind, change.field, change.before, change.after


def _is_made(saved: Change, now: Change) -> bool:
    """Whether what was to be made is there by now."""
    return bool(seeds_in(saved.ref.id)) and not seeds_in(now.ref.id)


def _made(saved: Plan, fresh: Plan, snapshot: Snapshot) -> dict[str, Made]:
    """The records and issues that are there by now and that the saved plan was to create, by their seeds."""
    wanted = {
        each for change in saved.changes if change.kind in ("create", "issue") for each in seeds_in(change.ref.id)
    }
    issues = {
        issue_seed(milestone.id, ref.container): Made(ref.container.connector, Created(ref.id, "", url))
        for milestone in fresh.milestones
        for ref, url in ([milestone.issue] if milestone.issue else [])
        if not seeds_in(ref.id)
    } | {
        issue_seed(program, home): Made(home.connector, Created(dashboard.issue.ref.id, "", dashboard.issue.url))
        for (home, program), dashboard in heard(snapshot).dashboards.items()
    }
    return {own: made for own, made in issues.items() if own in wanted} | {
        own: Made(record.ref.container.connector, Created(record.ref.id, record.uid, record.url))
        for milestone in fresh.milestones
        for record in milestone.records
        if (own := seed(milestone.id, record.ref.container)) in wanted
    }


def _sound(changes: Iterable[Change], fresh: Iterable[Change]) -> frozenset[str]:
    """The new plan's writes of which everything was in the saved plan, and everything that they need."""
    known = {_key(change) for change in changes}
    writes: dict[str, list[Change]] = defaultdict(list)
    for change in fresh:
        writes[change.write].append(change)
    sound = {name for name, write in writes.items() if all(_key(change) in known for change in write)}
    while unsound := {name for name in sound if not _needed(writes[name]) <= sound}:
        sound -= unsound
    return frozenset(sound)


def _needed(write: Sequence[Change]) -> set[str]:
    entries = (name for change in write for entry in change.entries for name in entry.needs)
    return {*(name for change in write for name in change.needs), *entries}


def _partly(change: Change, fresh: Iterable[Change], sound: Collection[str]) -> Change | None:
    """A page of notes with those entries alone that still stand; None where there are none, or it is no page."""
    new = next(
        (each for each in fresh if each.entries and (each.ref, each.before) == (change.ref, change.before)), None
    )
    if new is None or not set(new.needs) <= set(sound):
        return None
    mine, now = _entries(change.after), _entries(new.after)
    kept = tuple(
        each for each in new.entries if mine.get(each.id) == now.get(each.id) and set(each.needs) <= set(sound)
    )
    stay = {entry.id for entry in kept}
    left = {entry.id: entry.before for entry in change.entries if entry.id not in stay}
    after = without(change.after if isinstance(change.after, str) else None, left)
    if after == change.before:
        return None
    return replace(new, id=change.id, after=after, entries=kept)


def _entries(page: Value) -> Mapping[str, object]:
    return dict(json.loads(page)["milestones"]) if isinstance(page, str) else {}


def _stands(change: Change, snapshot: Snapshot, fresh: Plan) -> bool:
    """Whether it is there already."""
    if change.kind == "create":
        return not seeds_in(change.ref.id)
    if change.kind == "memory" and not change.milestone:
        notes = {ref: pages for reading in snapshot.readings for ref, pages in reading.notes.items()}
        return notes.get(change.ref.container, {}).get(change.ref.id) == change.after
    if change.field == "link":  # set when the two met
        met = (each.records for each in fresh.milestones if any(other.ref == change.ref for other in each.records))
        return any(record.url == change.after for records in met for record in records) and not any(
            _key(change) == _key(each) for each in fresh.changes
        )
    if change.kind in ("issue", "comment"):
        return _stands_on_issue(change, snapshot)
    record = next((each for each in snapshot.records if (each.ref, each.uid) == (change.ref, change.uid)), None)
    return record is not None and _held(record, change.field) == change.after


def _stands_on_issue(change: Change, snapshot: Snapshot) -> bool:
    """The same of a coordination issue and its comments."""
    accounts = {reading.connector: reading.accounts for reading in snapshot.readings}
    name, _, number = change.ref.id.partition("/")
    ref = Ref(change.ref.container, name)
    issue = next((each for reading in snapshot.issues for each in reading.issues if each.ref == ref), None)
    if issue is None:
        return False
    if number:
        return any(comment.id == number and comment.body == change.after for comment in issue.comments)
    if change.kind == "comment":
        own = (each for each in issue.comments if is_own(each.author, accounts[ref.container.connector]))
        return any(mark_at_end(each.body) == mark_at_end(str(change.after)) for each in own)
    held: dict[str, set[str | None]] = {
        "body": {find(issue.body, issue.markup)},
        "state": {"closed" if issue.closed else "open"},
        "label": {*issue.labels},
        "assignee": {account.login for account in issue.assignees},
    }
    return str(change.after) in held.get(change.field, set())


def _held(record: Record, name: str) -> Value:
    if name == "status":
        return find(record.description, record.markup)
    if name == "state":
        return "closed" if record.closed else "open"
    if name in ("due", "start"):
        day = record.due if name == "due" else record.start
        return day.isoformat() if day else None
    return record.title if name == "title" else record.memory
