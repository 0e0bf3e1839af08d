"""People and mdpc taking turns on trackers in memory: a state machine that watches what becomes of every edit.

It knows nothing of marks and memory. It remembers which records were one milestone after the last completed run and
what people did since, and after each completed run it asks whether that is what stands there.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mdpc import run
from mdpc.changes import Plan
from mdpc.model import Markup
from mdpc.plan import Request
from mdpc.settings import Settings
from mdpc.status import place
from mdpc.titles import normalise
from tests.core.build import NOW, alone, settings
from tests.memory_tracker import Box, Held, Killed, MemoryTracker

Result = TypeVar("Result")

BOXES = ("github:acme/api", "github:acme/web", "jira:API", "jira:WEB")
TITLES = st.sampled_from(["1.0", "2.0", "3.0", "v1.0"])
NEW_TITLES = st.sampled_from(["1.0", "2.0", "3.0", "4.0", "5.0", "6.0"])
DATES = st.none() | st.dates(date(2027, 3, 1), date(2027, 3, 9))
PICK = st.integers(0, 1_000)

CONFIGURATIONS: Mapping[str, dict[str, Any]] = {
    "nothing is created": {},
    "versions are created": {"sync": {"create": ["jira"]}},
    "everything is created": {"sync": {"create": ["github", "jira"]}},
    "GitHub leads the state": {"sync": {"create": ["jira:API"], "fields": {"state": "github"}}},
    "one project leads the state": {"sync": {"fields": {"state": "jira:API", "start": "merge"}}},
    "what vanished is let go": {"sync": {"create": ["jira"], "on_delete": "unlink"}},
    "versions alone": {"boxes": BOXES[2:], "sync": {"create": ["jira"]}},
    "one repository is public": {"public": BOXES[:1], "sync": {"create": ["jira"]}},
}


@dataclass(frozen=True)
class Row:
    """A record as it stands."""

    title: str
    due: date | None
    closed: bool


@dataclass(frozen=True)
class Together:
    """Records that were one milestone after a completed run, and whether all of them were open and agreed then."""

    uids: frozenset[str]
    clean: bool


class People(RuleBasedStateMachine):
    """The machine. Each rule is something that people do, or a run of mdpc, completed or killed."""

    def __init__(self) -> None:
        super().__init__()
        self.day = 0
        self.own: dict[str, str | None] = {}
        self.edits: dict[tuple[str, str], Any] = {}
        self.tampered: set[str] = set()
        self.together: dict[str, Together] = {}
        self.had: set[tuple[str, str]] = set()
        self.identity: dict[str, str] = {}
        self.carried: set[str] = set()
        self.joined: dict[str, frozenset[str]] = {}

    @initialize(name=st.sampled_from(sorted(CONFIGURATIONS)), shared=st.booleans())
    def configure(self, name: str, shared: bool) -> None:
        """A company with one of the configurations, perhaps with a milestone that all its containers share already."""
        tables = dict(CONFIGURATIONS[name])
        boxes, public = tables.pop("boxes", BOXES), tables.pop("public", ())
        roomy = {"adopt": 1000, "changes": 1000, "share": 1.0}
        program = {"name": "p", "members": [{"ref": ref} for ref in boxes]}
        self.trackers = self.connect(alone({"programs": [program], "limits": roomy, **tables}))
        for ref in boxes:
            connector, _, box = ref.partition(":")
            self.trackers[connector].box(box, public=ref in public if connector == "github" else None)
        if shared:
            for tracker, each in self._boxes():
                tracker.add(each.name, "1.0", due=date(2027, 3, 1))
            self.sync(0)

    def connect(self, tables: dict[str, Any]) -> dict[str, Any]:
        """The trackers that this is about, and `settings` for them."""
        self.settings: Settings = settings(**tables)
        return {each: MemoryTracker(each, self.settings.connectors[each]) for each in ("github", "jira")}

    # ── People ────────────────────────────────────────────────────────────────────────────────────

    @rule(pick=PICK, title=TITLES, due=DATES)
    def add(self, pick: int, title: str, due: date | None) -> None:
        """Somebody makes a milestone."""
        tracker, box = self._boxes()[pick % len(self._boxes())]
        if not tracker.taken(box.name, title):
            held = tracker.add(box.name, title, due=due)
            self.own[held.uid] = None

    @rule(pick=PICK, due=DATES)
    def move(self, pick: int, due: date | None) -> None:
        """Somebody moves a date."""
        for _, _, held in self._picked(pick):
            self.edits[held.uid, "due"] = held.due = due
            self.tampered |= {held.uid} & self.carried

    @rule(pick=PICK, title=NEW_TITLES)
    def rename(self, pick: int, title: str) -> None:
        """Somebody renames a milestone."""
        for tracker, box, held in self._picked(pick):
            if not tracker.taken(box.name, title, held):
                self.edits[held.uid, "title"] = held.title = title
                self.tampered |= {held.uid} & self.carried

    @rule(pick=PICK, closed=st.booleans())
    def close(self, pick: int, closed: bool) -> None:
        """Somebody closes or reopens a milestone."""
        for _, _, held in self._picked(pick):
            held.closed = closed
            self.tampered.add(held.uid)

    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        """Somebody deletes a milestone."""
        for _, box, held in self._picked(pick):
            del box.records[held.number]
            self.tampered.add(held.uid)

    @rule(pick=PICK, text=st.sampled_from([None, "", "text", "text\r\n\r\nmore\n"]))
    def overwrite(self, pick: int, text: str | None) -> None:
        """Somebody writes a whole description anew."""
        for tracker, _, held in self._picked(pick):
            held.description = text
            self._rewritten(tracker, held)

    @rule(pick=PICK, other=PICK)
    def copy(self, pick: int, other: int) -> None:
        """Somebody copies a whole description, mdpc's mark and all."""
        for tracker, _, held in self._picked(pick):
            for _, _, source in self._picked(other):
                held.description = source.description
                self._rewritten(tracker, held)

    @rule(pick=PICK, readable=st.booleans())
    def right(self, pick: int, readable: bool) -> None:
        """mdpc's account loses a right, or gets all of them back."""
        boxes = [box for _, box in self._boxes()]
        for box in boxes if readable else [boxes[pick % len(boxes)]]:
            box.readable = readable

    # ── mdpc ──────────────────────────────────────────────────────────────────────────────────────

    @rule(writes=st.integers(0, 5))
    def killed(self, writes: int) -> None:
        """A run that is killed after some writes.

        What it carried stands there like anybody's edit, so that another edit of the same milestone before the next
        completed run may well be a conflict; and what it joined is one milestone.
        """
        count, before = itertools.count(), self._rows()

        def die() -> None:
            if next(count) == writes:
                raise Killed

        for tracker in self.trackers.values():
            tracker.after_write = die
        with contextlib.suppress(Killed):
            self._applied(self._plan())
        for tracker in self.trackers.values():
            tracker.after_write = lambda: None
        self.carried |= {uid for uid, row in self._rows().items() if uid in before and before[uid] != row}
        for uids in self._groups():
            self.carried |= uids if uids & self.carried else frozenset()
            for uid in uids:
                self.joined[uid] = self.joined.get(uid, frozenset()) | (uids - self.together.keys())

    @rule(days=st.sampled_from([0, 0, 1, 9]))
    def sync(self, days: int) -> None:
        """A completed run, and what must be so after it."""
        self.day += days
        before, unread = self._rows(), [box.name for _, box in self._boxes() if not box.readable]
        writes = sum(len(tracker.writes) for tracker in self.trackers.values())
        planned = self._plan()
        self._nothing_comes_back(planned)
        applied = self._applied(planned)
        after = self._rows()
        assert before.keys() <= after.keys(), "something was deleted"
        self._text_is_kept()
        if unread:
            assert sum(len(tracker.writes) for tracker in self.trackers.values()) == writes, "written while unread"
            return
        refused = [change for change in applied.changes if change.outcome not in ("done", "already")]
        if not refused:
            self._nothing_is_left_to_do()
        self._edits_stand(planned, before, after, refused=bool(refused))
        self._remember(after, refused=bool(refused))

    # ── Both, in the order that is rare by chance ─────────────────────────────────────────────────

    @rule(pick=PICK, due=DATES, writes=st.integers(1, 3))
    def die_amid_an_edit(self, pick: int, due: date | None, writes: int) -> None:
        """A run dies while it carries somebody's edit, and the next one completes it."""
        self.sync(0)
        self.move(pick, due)
        self.killed(writes)
        self.sync(0)

    @rule(pick=PICK, other=PICK)
    def copy_into_another(self, pick: int, other: int) -> None:
        """Somebody copies the description of a milestone that mdpc knows into one of another title: they stay two."""
        self.right(0, readable=True)
        tracker, box = self._boxes()[pick % len(self._boxes())]
        if tracker.taken(box.name, "9.0"):
            return
        made = tracker.add(box.name, "9.0")
        self.own[made.uid] = None
        self.sync(0)
        before = next(uids for uids in self._groups() if made.uid in uids)
        for _, _, source in self._picked(other):
            made.description = source.description
            self._rewritten(tracker, made)
        after = next(uids for uids in self._groups() if made.uid in uids)
        assert after <= before, "a copied description made one milestone of two"
        self.sync(0)

    def teardown(self) -> None:
        """At the end everything is taken out again."""
        if not hasattr(self, "trackers"):
            return
        for _, box in self._boxes():
            box.readable = True
        request = Request("forget", NOW + timedelta(self.day))
        with one_after_the_other():
            run.sync(run.forget(self.settings, self.trackers, request), self.trackers, lambda _: None)
        assert not any(box.notes for _, box in self._boxes()), "notes were left"
        for _, _, held in self._held():
            expected = self.own.get(held.uid)
            assert (held.description or None) == (expected or None), "a description is not what people wrote"

    def _plan(self, later: int = 0) -> Plan:
        with one_after_the_other():
            return run.plan(self.settings, self.trackers, Request("plan", NOW + timedelta(self.day + later)))

    def _applied(self, plan: Plan) -> Plan:
        with one_after_the_other():
            return run.sync(plan, self.trackers, lambda _: None)

    # ── What must be so ───────────────────────────────────────────────────────────────────────────

    def _groups(self) -> list[frozenset[str]]:
        """The records of each milestone, as a run would see them now."""
        return [frozenset(record.uid for record in milestone.records) for milestone in self._plan().milestones]

    def _text_is_kept(self) -> None:
        for tracker, _, held in self._held():
            text = place(held.description, None, _markup(tracker))
            assert (text or None) == (self.own.setdefault(held.uid, None) or None), "people's text was changed"

    def _nothing_is_left_to_do(self) -> None:
        assert self._plan().changes == (), "a second plan has something to do"
        tomorrow = {change.field for change in self._plan(later=1).changes}
        assert tomorrow <= {"status"}, "a day alone changes more than how it does"

    def _nothing_comes_back(self, plan: Plan) -> None:
        """Nothing is created where the milestone has had a record."""
        for change in plan.changes:
            if change.kind == "create" and change.field == "title":
                identity = next(each.id for each in plan.milestones if each.key == change.milestone)
                assert (identity, str(change.ref.container)) not in self.had, "created again"
        for milestone in plan.milestones:
            self.had |= {(milestone.id, str(record.ref.container)) for record in milestone.records}
            self.identity |= {record.uid: milestone.id for record in milestone.records}

    def _edits_stand(self, plan: Plan, before: Mapping[str, Row], after: Mapping[str, Row], *, refused: bool) -> None:
        conflicts = [(conflict.milestone, conflict.field) for conflict in plan.conflicts]
        assert len(conflicts) == len(set(conflicts)), "one conflict is said twice"
        self._nobody_is_renamed_without_an_edit(before, after)
        for milestone in plan.milestones:
            uids = frozenset(record.uid for record in milestone.records)
            same = self.together.get(min(uids))
            withheld = any(milestone.key in entry.what for entry in plan.withheld)
            if refused or withheld or milestone.ambiguous or same != Together(uids, True) or uids & self.tampered:
                continue
            for name in ("title", "due"):
                self._edit_stands(name, uids, (milestone.key, name) in conflicts, before, after)

    def _edit_stands(
        self, name: str, uids: frozenset[str], disputed: bool, before: Mapping[str, Row], after: Mapping[str, Row]
    ) -> None:
        """One edit reaches all, two different ones are a conflict and nothing is written."""
        agreed = self.agreed[min(uids)]
        held = {uid: _shared(getattr(before[uid], name)) for uid in uids if (uid, name) in self.edits}
        edited = {value for value in held.values() if value != _shared(getattr(agreed, name))}
        now = {_shared(getattr(after[uid], name)) for uid in uids}
        if len(edited) > 1:
            assert disputed, f"{name} was edited differently, and that is no conflict"
            assert all(getattr(after[uid], name) == getattr(before[uid], name) for uid in uids), "a side was taken"
        else:
            assert not disputed, f"a conflict of {name} that nobody made"
            assert now == (edited or {_shared(getattr(agreed, name))}), f"an edit of {name} was lost"

    def _nobody_is_renamed_without_an_edit(self, before: Mapping[str, Row], after: Mapping[str, Row]) -> None:
        for uid, row in before.items():
            group = self.together.get(uid, Together(frozenset({uid}), True))
            members = group.uids | self.joined.get(uid, frozenset())
            edited = any((member, "title") in self.edits for member in members)
            if uid in self.together and not edited:
                assert after[uid].title == row.title, "renamed although nobody renamed anything"

    def _remember(self, after: Mapping[str, Row], *, refused: bool) -> None:
        """What is one milestone now, and what it agreed on."""
        found = self._plan()
        self.together, self.agreed = {}, {}
        for milestone in found.milestones:
            uids = frozenset(record.uid for record in milestone.records)
            rows = [after[uid] for uid in uids if uid in after]
            settled = len({_shared(row.due) for row in rows}) == len({_shared(row.title) for row in rows}) == 1
            clean = not (refused or milestone.history or milestone.ambiguous or milestone.conflicts or found.withheld)
            clean = clean and settled and not any(row.closed for row in rows)
            for uid in uids:
                self.together[uid] = Together(uids, clean)
                self.agreed[uid] = rows[0]
        self.edits.clear()
        self.tampered.clear()
        self.carried.clear()
        self.joined.clear()

    # ── What stands there ─────────────────────────────────────────────────────────────────────────

    def _boxes(self) -> list[tuple[MemoryTracker, Box]]:
        return [(tracker, box) for tracker in self.trackers.values() for box in tracker.boxes.values()]

    def _held(self) -> list[tuple[MemoryTracker, Box, Held]]:
        return [(tracker, box, held) for tracker, box in self._boxes() for held in box.records.values()]

    def _picked(self, pick: int) -> Iterator[tuple[MemoryTracker, Box, Held]]:
        held = self._held()
        if held:
            yield held[pick % len(held)]

    def _rows(self) -> dict[str, Row]:
        return {held.uid: Row(held.title, held.due, held.closed) for _, _, held in self._held()}

    def _rewritten(self, tracker: MemoryTracker, held: Held) -> None:
        self.own[held.uid] = place(held.description, None, _markup(tracker))
        # Whoever takes a milestone's memory out takes out with it which records it has had.
        self.had = {known for known in self.had if known[0] != self.identity.get(held.uid)}
        self.tampered |= self.together.get(held.uid, Together(frozenset({held.uid}), True)).uids


def _shared(value: str | date | None) -> str | None:
    return normalise(value) if isinstance(value, str) else value.isoformat() if value else None


def _markup(tracker: MemoryTracker) -> Markup:
    return Markup.LINE if tracker.jira else Markup.BLOCK


@contextlib.contextmanager
def one_after_the_other() -> Iterator[None]:
    """Trackers are read and written to in turn, so that a run goes the same way each time."""

    def jobs_in_turn(jobs: Mapping[str, Callable[[], Result]], **_: object) -> dict[str, Result]:
        return {name: job() for name, job in jobs.items()}

    with mock.patch("mdpc.run.side_by_side", jobs_in_turn), mock.patch("mdpc.applying.side_by_side", jobs_in_turn):
        yield
