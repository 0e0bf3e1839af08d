"""Where a milestone's records are going: each field settled, disputed or left, and how they will be. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mdpc.join import Joined, Seat, same_title, shared_title
from mdpc.leading import leads
from mdpc.memory import Agreed, Memory, Remembered, print_of
from mdpc.merge import (
    Disputed,
    Held,
    Same,
    Settled,
    State,
    Undecided,
    Verdict,
    carried,
    compared,
    equal,
    following,
    merged,
)
from mdpc.missing import Absent
from mdpc.model import Conflict, Record, Ref
from mdpc.retitle import LONGEST_TITLE, retitled
from mdpc.settings import Member, Settings
from mdpc.settings.tables import MERGE, OFF, REPORT

VALUES = ("title", "due", "start")


@dataclass(frozen=True, slots=True)
class Edit:
    """One field of one record that people wrote and that shall follow another; values as in `Change`."""

    ref: Ref
    field: str
    before: str | None
    after: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes of one milestone's fields.

    `future` are its records as they will be. `base` is what memory shall hold, `disputes` the fields in conflict with
    the day since when. `hindered` says of records that cannot follow, why. `held` are the records, by fingerprint, that
    stay closed though nobody has accepted that.
    """

    future: tuple[Record, ...]
    edits: tuple[Edit, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    differences: tuple[Conflict, ...] = ()
    base: Mapping[str, Agreed] = field(default_factory=dict)
    disputes: Mapping[str, date] = field(default_factory=dict)
    hindered: tuple[tuple[Ref, str], ...] = ()
    held: frozenset[str] = frozenset()

    @property
    def due(self) -> str | None:
        """The settled due date, if there is one."""
        agreed = self.base.get("due")
        return agreed.value if agreed else None


@dataclass(frozen=True, slots=True)
class Hold:
    """What the review gates hold back of a milestone's closing.

    `closing` says that it was closed without passing them, so that nothing of that is carried. `unaccepted` are the
    records, by fingerprint, whose closing nobody has accepted; `reopen` those that are opened again.
    """

    closing: bool = False
    unaccepted: frozenset[str] = frozenset()
    reopen: frozenset[Ref] = frozenset()


@dataclass(slots=True)
class _Plotting:
    """A course while it is plotted."""

    joined: Joined
    settings: Settings
    today: date
    hold: Hold
    records: dict[Ref, Record]
    edits: list[Edit] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    differences: list[Conflict] = field(default_factory=list)
    base: dict[str, Agreed] = field(default_factory=dict)
    disputes: dict[str, date] = field(default_factory=dict)
    hindered: list[tuple[Ref, str]] = field(default_factory=list)


NOTHING_HELD = Hold()


def course_of(joined: Joined, absent: Absent, settings: Settings, today: date, hold: Hold = NOTHING_HELD) -> Course:
    """Both tables of `mdpc.merge` on every field of a live, unambiguous milestone."""
    plotting = _Plotting(joined, settings, today, hold, {record.ref: record for record in joined.records})
    _state(absent, plotting)  # first: what is reopened takes part in all else
    for name in VALUES:
        _value(name, plotting)
    return Course(
        tuple(plotting.records[record.ref] for record in joined.records),
        tuple(plotting.edits),
        tuple(plotting.conflicts),
        tuple(plotting.differences),
        plotting.base,
        plotting.disputes,
        tuple(plotting.hindered),
        frozenset(print_of(record) for record in plotting.records.values() if record.closed) & hold.unaccepted,
    )


def with_created(
    course: Course, created: Sequence[Record], joined: Joined, settings: Settings, today: date
) -> tuple[Course, tuple[Record, ...]]:
    """The course with records that are to be created, and these: what the next run would agree on is agreed on now."""
    if not created:
        return course, ()
    records = (*course.future, *created)
    seats = {
        record.ref: replace(joined.seats[record.ref], title=_shared(record, joined))
        if record.ref in joined.seats
        else Seat(0, Member(ref=str(record.ref.container)), joined.shared)
        for record in records
    }
    members = tuple(Remembered(print_of(record), "", "open", None) for record in records)
    memory = Memory("", members=members, base=course.base, disputes=course.disputes)
    then = course_of(replace(joined, records=records, seats=seats, memory=memory), Absent(), settings, today)
    return replace(course, base=then.base), then.future[len(course.future) :]


def _shared(record: Record, joined: Joined) -> str:
    """What of a record's title joins, as it will be called."""
    seat = joined.seats[record.ref]
    return shared_title(record.title, seat.member) or seat.title


def value_of(record: Record, name: str, joined: Joined) -> str | None:
    """What a record holds of a field, as it is compared: of a title, the part that joins."""
    if name == "title":
        return joined.seats[record.ref].title
    day = record.due if name == "due" else record.start
    return day.isoformat() if day else None


def _value(name: str, plotting: _Plotting) -> None:
    joined = plotting.joined
    rule = getattr(plotting.settings.sync.fields, name)
    records = [record for record in joined.records if name != "start" or record.starts]
    if rule == OFF or not records:
        return
    same: Same = same_title if name == "title" else equal
    base = joined.memory.base.get(name) if joined.memory else None
    known = _known(joined, base)
    taking_part = _taking_part(records, plotting)
    held = [
        Held(
            print_of(record),
            value_of(record, name, joined),
            record not in taking_part,
            print_of(record) in known,
            leads(rule, record.ref.container),
        )
        for record in records
    ]
    verdict = _verdict(rule, held, base, same)
    if isinstance(verdict, Disputed) and all(plotting.records[record.ref].closed for record in taking_part):
        verdict = Undecided()  # nobody is left to agree
    if isinstance(verdict, Settled):
        who = next((each for each in records if same(value_of(each, name, joined), verdict.value)), None)
        for record in records:
            if record in taking_part and not same(value_of(record, name, joined), verdict.value):
                _follow(record, name, verdict.value, who, plotting)
        _agree(name, verdict.value, records, same, plotting)
    else:
        if base is not None and name != "title" and not taking_part:  # actual dates, whenever they were written
            base = replace(base, lagging=_elsewhere(name, base.value, records, same, plotting))
        _leave(name, verdict, base, records, plotting)


def _known(joined: Joined, base: Agreed | None) -> frozenset[str]:
    """The fingerprints of the records for which there is a base of a field."""
    known = joined.memory.known if joined.memory else frozenset()
    return known - frozenset(base.strangers if base else ())


def _taking_part(records: Sequence[Record], plotting: _Plotting) -> tuple[Record, ...]:
    """The records that will be open; where all are closed now, what was open until then has the last word."""
    staying = tuple(record for record in records if not plotting.records[record.ref].closed)
    return staying or tuple(record for record in records if not record.closed)


def _verdict(rule: str, held: Sequence[Held], base: Agreed | None, same: Same) -> Verdict:
    if rule == MERGE:
        return merged(held, base, same)
    return compared(held, same) if rule == REPORT else following(held, base, same)


def _agree(name: str, value: str | None, records: Sequence[Record], same: Same, plotting: _Plotting) -> None:
    """Remember what was settled, and which records are elsewhere for a reason."""
    following = {edit.ref for edit in plotting.edits if edit.field == name}
    staying = [record for record in records if record.ref not in following]
    plotting.base[name] = Agreed(value, _elsewhere(name, value, staying, same, plotting))


def _elsewhere(
    name: str, value: str | None, records: Sequence[Record], same: Same, plotting: _Plotting
) -> dict[str, str | None]:
    """What the records hold that hold something else, by fingerprint."""
    held = {print_of(record): value_of(record, name, plotting.joined) for record in records}
    return {known: other for known, other in held.items() if not same(other, value)}


def _leave(name: str, verdict: Verdict, base: Agreed | None, records: Sequence[Record], plotting: _Plotting) -> None:
    """Nothing is written: a conflict, a difference that is only reported, or nothing to be said.

    The base stays; for who is new and part of a conflict there is none, now or in the next run.
    """
    if base is not None:
        known = _known(plotting.joined, base)
        new = tuple(print_of(record) for record in records if print_of(record) not in known)
        plotting.base[name] = replace(base, strangers=new)
    if isinstance(verdict, Undecided):
        return
    taking_part = records if name == "state" else _taking_part(records, plotting)
    values = {str(record.ref): _shown(record, name) for record in taking_part}
    if getattr(plotting.settings.sync.fields, name) == REPORT:
        plotting.differences.append(Conflict(plotting.joined.key, name, values))
        return
    before = plotting.joined.memory.disputes if plotting.joined.memory else {}
    since = before.get(name, plotting.today)
    plotting.disputes[name] = since
    plotting.conflicts.append(Conflict(plotting.joined.key, name, values, since))


def _shown(record: Record, name: str) -> str | None:
    """What a record holds, as people see it in their tracker."""
    if name == "title":
        return record.title
    if name == "state":
        return "closed" if record.closed else "open"
    day = record.due if name == "due" else record.start
    return day.isoformat() if day else None


def _follow(record: Record, name: str, value: str | None, who: Record | None, plotting: _Plotting) -> None:
    hindrance = _hindrance(record, plotting)
    after = value
    if name == "title" and not hindrance:
        after, hindrance = _retitled(record, value or "", plotting)
    if hindrance:
        plotting.hindered.append((record.ref, f"its {name} should follow to {value or 'nothing'!r}: {hindrance}"))
        return
    why = f"as {who.ref} has it" if who else "as it was agreed on"
    plotting.edits.append(Edit(record.ref, name, _shown(record, name), after, why))
    now = plotting.records[record.ref]
    if name == "title":
        plotting.records[record.ref] = replace(now, title=after or "")
    else:
        day = date.fromisoformat(value) if value else None
        plotting.records[record.ref] = replace(now, due=day) if name == "due" else replace(now, start=day)


def _retitled(record: Record, shared: str, plotting: _Plotting) -> tuple[str | None, str]:
    seat = plotting.joined.seats[record.ref]
    after = retitled(record.title, seat.title, shared, seat.member)
    if after is None:
        return None, f"the title pattern {seat.member.title!r} does not say what it would be called. Rename it by hand"
    if len(after) > LONGEST_TITLE:
        return None, f"a title may have {LONGEST_TITLE} characters. Shorten it"
    return after, ""


def _hindrance(record: Record, plotting: _Plotting) -> str:
    connector = record.ref.container.connector
    if plotting.settings.connectors[connector].access == "read":
        return f'connectors.{connector} has access = "read"'
    return ""


def _state(absent: Absent, plotting: _Plotting) -> None:
    joined, rule = plotting.joined, plotting.settings.sync.fields.state
    _reopen(plotting)
    if rule == OFF:
        return
    base = joined.memory.base.get("state") if joined.memory else None
    if plotting.hold.closing:
        if any(record.closed for record in plotting.records.values()):
            _leave("state", Undecided(), base, joined.records, plotting)
        else:
            plotting.base["state"] = Agreed("open")
        return
    known = _known(joined, base)
    held = [
        Held(
            print_of(record),
            None,
            record.closed,
            print_of(record) in known,
            leads(rule, record.ref.container),
        )
        for record in joined.records
    ]
    if rule == REPORT:
        verdict: Verdict = _same_state(held)
    else:
        vanished = absent.vanished if plotting.settings.sync.on_delete == "report" else ()
        gone = [member for member in vanished if member.ref and leads(rule, member.ref.container)]
        past = [member for member in absent.past if member.ref and leads(rule, member.ref.container)]
        held += [Held(member.fingerprint, None, closed=True, leads=True) for member in past]
        verdict = Undecided() if gone else carried(held, _agreed_state(base))
    if isinstance(verdict, Settled):
        _carry(verdict.value or "", rule, base, plotting)
    else:
        _leave("state", verdict, base, joined.records, plotting)


def _reopen(plotting: _Plotting) -> None:
    """Open again what was closed without review, whichever side leads."""
    for record in plotting.joined.records:
        if record.ref not in plotting.hold.reopen:
            continue
        hindrance = _hindrance(record, plotting)
        if hindrance:
            plotting.hindered.append((record.ref, f"it was closed without review and should be open: {hindrance}"))
            continue
        plotting.edits.append(Edit(record.ref, "state", "closed", "open", "it was closed without its review"))
        plotting.records[record.ref] = replace(plotting.records[record.ref], closed=False)


def _agreed_state(base: Agreed | None) -> State | None:
    if base is None:
        return None
    return "closed" if base.value == "closed" else "open"


def _same_state(held: Sequence[Held]) -> Verdict:
    states = {each.closed for each in held}
    return Settled("closed" if states == {True} else "open") if len(states) == 1 else Disputed()


def _carry(state: str, rule: str, base: Agreed | None, plotting: _Plotting) -> None:
    """Close or reopen the others; while one of them cannot, the base stays, so that it is tried again."""
    hindered = False
    for record in plotting.joined.records:
        if leads(rule, record.ref.container) or record.closed is (state == "closed") or rule == REPORT:
            continue
        hindrance = _hindrance(record, plotting)
        if hindrance:
            hindered = True
            plotting.hindered.append((record.ref, f"it should be {state}: {hindrance}"))
            continue
        why = f"{rule} leads, and there it is {state}"
        plotting.edits.append(Edit(record.ref, "state", "closed" if record.closed else "open", state, why))
        plotting.records[record.ref] = replace(plotting.records[record.ref], closed=state == "closed")
    if not hindered:
        plotting.base["state"] = Agreed(state)
    elif base is not None:
        plotting.base["state"] = base
