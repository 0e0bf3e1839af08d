"""Which statuses are to be written, which are not for a reason, and which are to be taken out again. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mdpc.matching import matches
from mdpc.memory import mark_of
from mdpc.model import Change, Markup, Milestone, Record, Snapshot, Unread, Withheld
from mdpc.render import Setting, status_text
from mdpc.settings import Program, Settings
from mdpc.status import find, place

LONGEST_LINE = 16_384
"""Bytes that a Jira version's description may have (Jira's own API descriptions, Cloud and Data Center)."""

_TOO_LONG = f"its description would be longer than the {LONGEST_LINE} bytes that Jira allows. Shorten it"

Written = tuple[tuple[Change, ...], tuple[Withheld, ...]]


def write_statuses(milestones: Iterable[Milestone], setting: Setting, unread: Sequence[Unread]) -> Written:
    """The changes that bring every live milestone's statuses up to date, and what is withheld.

    Nothing is written for a milestone while a container of its program could not be read completely.
    """
    if not setting.settings.writeback.status:
        return (), ()
    changes: list[Change] = []
    withheld: list[Withheld] = []
    for milestone in milestones:
        wanted = [] if milestone.history else list(_outdated(milestone, setting))
        reason = _reason_to_withhold(milestone, wanted, setting.programs[milestone.program], unread)
        if reason:
            withheld.append(Withheld(f"the status of {milestone.key}", reason))
        else:
            changes += wanted
    writable, kept_back = _writable(changes, setting.settings)
    return writable, (*withheld, *kept_back)


def take_statuses_out(milestones: Iterable[Milestone], settings: Settings) -> Written:
    """The changes that take every status of mdpc out of every description, and what is withheld."""
    changes = [
        _change(milestone, record, status, None, "mdpc's status is taken out")
        for milestone in milestones
        for record in milestone.records
        if (status := find(record.description, record.markup)) is not None
    ]
    return _writable(changes, settings)


def lost_containers(
    milestones: Iterable[Milestone], programs: Mapping[str, Program], snapshot: Snapshot
) -> Iterator[Unread]:
    """Containers that a milestone's memory names and that no listing has any more: unread, not empty."""
    known = {str(container).casefold() for container in snapshot.containers}
    known |= {entry.container.casefold() for entry in snapshot.unread}
    known |= {entry.container.casefold() for entry in snapshot.skipped}
    for milestone in milestones:
        marks = (mark for record in milestone.records if (mark := mark_of(record)) is not None)
        for container in (str(ref.container) for mark in marks for ref in mark.members):
            if container.casefold() not in known and may_belong(container, programs[milestone.program]):
                known.add(container.casefold())
                yield Unread(
                    container,
                    f"{milestone.key} has a record there, but the tracker no longer lists it. "
                    "Give the token its right back, or, if it was renamed or deleted, take it out of the program",
                )


def may_belong(container: str, program: Program) -> bool:
    """Whether a container, or a glob of containers that could not be listed, may belong to the program."""
    return any(matches(member.ref, container) or matches(container, member.ref) for member in program.members)


def _outdated(milestone: Milestone, setting: Setting) -> Iterator[Change]:
    for record in milestone.records:
        before = find(record.description, record.markup)
        after = status_text(milestone, record, setting)
        if before != after:
            why = "what the status says has changed" if before else "the milestone gets its status"
            yield _change(milestone, record, before, after, why)


def _reason_to_withhold(
    milestone: Milestone, wanted: Sequence[Change], program: Program, unread: Sequence[Unread]
) -> str:
    if not wanted:
        return ""
    if milestone.ambiguous:
        refs = ", ".join(str(record.ref) for record in milestone.records)
        return f"two records of one container have this title: {refs}. Rename one of them"
    missing = [entry.container for entry in unread if may_belong(entry.container, program)]
    if missing:
        return f"{', '.join(missing)} could not be read completely"
    return next((_TOO_LONG for change in wanted if _is_too_long(change, milestone)), "")


def _is_too_long(change: Change, milestone: Milestone) -> bool:
    record = next(record for record in milestone.records if record.ref == change.ref)
    text = place(record.description, str(change.after), record.markup) or ""
    return record.markup is Markup.LINE and len(text.encode()) > LONGEST_LINE


def _writable(changes: Iterable[Change], settings: Settings) -> Written:
    """The changes to records that may be written to; the others counted by connector."""
    writable: list[Change] = []
    read_only: Counter[str] = Counter()
    for change in changes:
        connector = change.ref.container.connector
        if settings.connectors[connector].access == "read":
            read_only[connector] += 1
        else:
            writable.append(change)
    return tuple(writable), tuple(
        Withheld(
            f"the status of {count} {'record' if count == 1 else 'records'} on {connector}",
            f'connectors.{connector} has access = "read"',
        )
        for connector, count in sorted(read_only.items())
    )


def _change(milestone: Milestone, record: Record, before: str | None, after: str | None, why: str) -> Change:
    identity = hashlib.sha256("\0".join((str(record.ref), "status", after or "")).encode()).hexdigest()[:12]
    return Change(
        id="c" + identity,
        write=str(record.ref),
        kind="status",
        program=milestone.program,
        ref=record.ref,
        uid=record.uid,
        field="status",
        before=before,
        after=after,
        why=why,
    )
