"""Which statuses are to be written, which are not for a reason, and which are to be taken out again. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from mdpc.fingerprint import fingerprint
from mdpc.matching import may_overlap
from mdpc.missing import Missing
from mdpc.model import Change, Markup, Milestone, Record, Unread, Withheld
from mdpc.render import Surroundings, status_text
from mdpc.settings import Program, Settings
from mdpc.status import find, place

LONGEST_LINE = 16_384
"""Bytes that a Jira version's description may have (Jira's own API descriptions, Cloud and Data Center)."""

_TOO_LONG = f"its description would be longer than the {LONGEST_LINE} bytes that Jira allows. Shorten it"

Written = tuple[tuple[Change, ...], tuple[Withheld, ...]]


def write_statuses(
    milestones: Iterable[Milestone], around: Surroundings, unread: Sequence[Unread], missing: Missing
) -> Written:
    """The changes that bring every live milestone's statuses up to date, and what is withheld.

    Nothing is written for a milestone while a container of its program could not be read completely (`unread`), or
    while a record that its marks name is `missing`.
    """
    if not around.settings.writeback.status:
        return (), ()
    changes: list[Change] = []
    withheld: list[Withheld] = []
    incomplete = {name: _unread_of(program, unread) for name, program in around.programs.items()} if unread else {}
    for milestone in milestones:
        wanted = [] if milestone.history else list(_outdated(milestone, around))
        reason = _reason_to_withhold(milestone, wanted, incomplete.get(milestone.program, ""), missing)
        if reason:
            withheld.append(Withheld(f"the status of {milestone.key}", reason))
        else:
            changes += wanted
    writable, kept_back = _writable(changes, around.settings)
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


def _unread_of(program: Program, unread: Sequence[Unread]) -> str:
    """Why a program is incomplete: the containers, or globs that could not be listed, that may belong to it."""
    lost = [each.container for each in unread if any(may_overlap(m.ref, each.container) for m in program.members)]
    return f"{', '.join(lost)} could not be read completely" if lost else ""


def _outdated(milestone: Milestone, around: Surroundings) -> Iterator[Change]:
    for record in milestone.records:
        before = find(record.description, record.markup)
        after = status_text(milestone, record, around)
        if before != after:
            why = "what the status says has changed" if before else "the milestone gets its status"
            yield _change(milestone, record, before, after, why)


def _reason_to_withhold(milestone: Milestone, wanted: Sequence[Change], incomplete: str, missing: Missing) -> str:
    if not wanted:
        return ""
    if milestone.ambiguous:
        refs = ", ".join(str(record.ref) for record in milestone.records)
        return f"two records of one container have this title: {refs}. Rename one of them"
    if incomplete:
        return incomplete
    if milestone.key in missing.refs:
        return missing.reason(milestone.key)
    return next((_TOO_LONG for change in wanted if _is_too_long(change, milestone)), "")


def _is_too_long(change: Change, milestone: Milestone) -> bool:
    record = next(record for record in milestone.records if record.ref == change.ref)
    text = place(record.description, str(change.after), record.markup) or ""
    return record.markup is Markup.LINE and len(text.encode("utf-8", "surrogatepass")) > LONGEST_LINE


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
    return Change(
        id=fingerprint("c", str(record.ref), "status", after or ""),
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
