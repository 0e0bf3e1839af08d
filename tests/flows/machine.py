"""People and mdpc take turns, in any order that hypothesis thinks of; a watch checks every run."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mdpc.changes import Plan
from mdpc.status import find, place
from tests.flows.families import Group, Rows
from tests.flows.watch import Watch
from tests.flows.world import Row, Setup, World

MOST = 9
"""Records that people make."""

DAYS = (None, date(2026, 10, 1), date(2026, 12, 1), date(2026, 12, 24), date(2027, 3, 2))
TITLES = ("1.0", "v1.0", "2.0", "V2.0", "web 1.0", "web 2.0")
TEXTS = (None, "", "Ours.", "Two\n\nlines\n", "Ours.\r\n\r\n", "mdpc: ours [m000000000000]", "<!-- mdpc:begin -->")

numbers = st.integers(0, 11)
days = st.sampled_from(DAYS)
titles = st.sampled_from(TITLES)
texts = st.sampled_from(TEXTS)

Edit = tuple[Any, ...]
"""What somebody does: the name of a method of `Machine`, and what it is told."""

edits: st.SearchStrategy[Edit] = st.one_of(
    st.tuples(st.just("move"), numbers, days),
    st.tuples(st.just("rename"), numbers, titles),
    st.tuples(st.just("add"), numbers, titles, days, texts),
    st.tuples(st.just("add_everywhere"), titles, days),
    st.tuples(st.just("begin"), numbers, days),
    st.tuples(st.just("close"), numbers, st.booleans(), days),
    st.tuples(st.just("reopen"), numbers),
    st.tuples(st.just("archive"), numbers),
    st.tuples(st.just("delete"), numbers),
    st.tuples(st.just("recreate"), numbers, days, st.booleans()),
    st.tuples(st.just("write"), numbers, texts),
    st.tuples(st.just("overwrite"), numbers, texts),
    st.tuples(st.just("copy"), numbers, numbers, st.sampled_from(("instead", "before", "after"))),
    st.tuples(st.just("other_line_ends"), numbers),
    st.tuples(st.just("rename_box"), numbers, st.sampled_from(("one", "two"))),
)
some_edits = st.lists(edits, max_size=3)
interruptions = st.integers(0, 6)


class Machine(RuleBasedStateMachine):
    """One company; subclasses say how it is set up."""

    setup: ClassVar[Setup]

    def __init__(self) -> None:
        super().__init__()
        self.world = self.new_world()
        self.watch = Watch(self.world.settings, partial=bool(self.setup.public))

    def new_world(self) -> World:
        """The company."""
        return World(self.setup)

    # ── What people do ────────────────────────────────────────────────────────────────────────────

    def people(self, edit: Edit) -> None:
        """Somebody edits something."""
        name, *told = edit
        before = self.world.rows()
        getattr(self, name)(*told)
        self.watch.people(before, self.world.rows())

    def _one(self, number: int) -> Row | None:
        rows = list(self.world.rows().values())
        return rows[number % len(rows)] if rows else None

    def _change(self, number: int, **facts: object) -> None:
        row = self._one(number)
        if row is not None and not row.archived:
            self.world.change(row.uid, **facts)

    def _box(self, number: int) -> str:
        return list(self.world.boxes)[number % len(self.world.boxes)]

    def add(self, number: int, title: str, due: date | None, text: str | None) -> None:
        if len(self.world.rows()) < MOST:
            self.world.add(self._box(number), title, due=due, description=text)

    def add_everywhere(self, title: str, due: date | None) -> None:
        for number in range(len(self.world.boxes)):
            self.add(number, title, due, None)

    def move(self, number: int, due: date | None) -> None:
        self._change(number, due=due)

    def begin(self, number: int, start: date | None) -> None:
        row = self._one(number)
        if row is not None and row.jira:
            self._change(number, start=start)

    def rename(self, number: int, title: str) -> None:
        self._change(number, title=title)

    def close(self, number: int, dated: bool, due: date | None) -> None:
        """Close or release, and perhaps write down the actual date."""
        self._change(number, closed=True, **({"due": due} if dated else {}))

    def reopen(self, number: int) -> None:
        self._change(number, closed=False)

    def archive(self, number: int) -> None:
        row = self._one(number)
        if row is not None and row.jira:
            self.world.change(row.uid, archived=not row.archived)

    def delete(self, number: int) -> None:
        row = self._one(number)
        if row is not None:
            self.world.delete(row.uid)

    def recreate(self, number: int, due: date | None, copies: bool) -> None:
        """Delete it and create it again, perhaps with all of its description."""
        row = self._one(number)
        if row is not None:
            self.world.delete(row.uid)
            self.world.add(row.box, row.title, due=due, description=row.description if copies else None)

    def write(self, number: int, text: str | None) -> None:
        """Change one's own text, and leave the rest."""
        row = self._one(number)
        if row is not None:
            self._change(number, description=place(text, find(row.description, row.markup), row.markup))

    def overwrite(self, number: int, text: str | None) -> None:
        """Write over the whole description."""
        self._change(number, description=text)

    def copy(self, number: int, other: int, beside: str) -> None:
        """Paste another milestone's whole description."""
        row, source = self._one(number), self._one(other)
        if row is not None and source is not None:
            own, text = row.description or "", source.description or ""
            both = {"instead": text, "before": f"{text}\n{own}", "after": f"{own}\n{text}"}
            self._change(number, description=both[beside])

    def other_line_ends(self, number: int) -> None:
        """An editor rewrites all line ends."""
        row = self._one(number)
        if row is not None and row.description:
            self._change(number, description=row.description.replace("\r\n", "\n").replace("\n", "\r\n"))

    def rename_box(self, number: int, name: str) -> None:
        """Call a container otherwise."""
        box = self._box(number)
        called = f"{box.partition(':')[2]}-{name}"
        if called not in self.world.tracker(box).boxes:
            self.world.rename_box(box, called)

    # ── Turns ─────────────────────────────────────────────────────────────────────────────────────

    @initialize(first=some_edits, second=st.none() | days, runs=st.booleans())
    def begin_with(self, first: list[Edit], second: date | None, runs: bool) -> None:
        """A milestone that all have, and perhaps some more."""
        for edit in (("add_everywhere", "1.0", second), *first):
            self.people(edit)
        if runs:
            self.run(forward=True)

    @rule(edits=some_edits, forward=st.booleans())
    def people_then_run(self, edits: list[Edit], forward: bool) -> None:
        for edit in edits:
            self.people(edit)
        self.run(forward)

    @rule(edits=some_edits, forward=st.booleans(), after=interruptions, again=st.booleans())
    def people_then_killed_run(self, edits: list[Edit], forward: bool, after: int, again: bool) -> None:
        """The run is killed after some write, or before it, and perhaps started again at once."""
        for edit in edits:
            self.people(edit)
        self.world.forward = forward
        plan, before, groups = self._planned()
        self.world.killed(plan, after)
        self._interrupted(groups, before, before, set())
        if again:
            self.run(not forward)

    @rule(edits=some_edits, forward=st.booleans(), after=interruptions, meanwhile=edits)
    def people_then_run_and_people(self, edits: list[Edit], forward: bool, after: int, meanwhile: Edit) -> None:
        """Somebody edits something while the run writes."""
        for edit in edits:
            self.people(edit)
        self.world.forward = forward
        plan, before, groups = self._planned()
        since = [before]
        made: set[str] = set()

        def edit_now() -> None:
            now = self.world.rows()
            made.update(now.keys() - before.keys())
            self.watch.ran(before, now, groups)
            self.watch.met(self.watch.groups(self.world.plan(), now))
            self.people(meanwhile)
            since.append(self.world.rows())

        done = self.world.met(plan, after, edit_now)
        self.watch.met(groups, done, self.world.rows())
        self._interrupted(groups, before, since[-1], made)

    @rule(edits=some_edits, number=numbers, how=st.sampled_from(("readable", "listed")))
    def people_then_run_in_vain(self, edits: list[Edit], number: int, how: str) -> None:
        """A right is lost: nothing is written while something that the milestones have is unread."""
        box = self._box(number)
        for edit in edits:
            self.people(edit)
        setattr(self.world.boxes[box], how, False)
        plan = self._plan()
        named = {member.ref for member in self.world.settings.programs[0].members}
        if box in named or how == "readable" or box in self.watch.remembered():
            before = self._ours()
            self.world.apply(plan)
            assert self._ours() == before, "written though a container was unread"
        setattr(self.world.boxes[box], how, True)

    @rule(weeks=st.sampled_from((1, 2, 14)))
    def time_passes(self, weeks: int) -> None:
        self.world.now += timedelta(weeks=weeks)

    # ── What mdpc does ────────────────────────────────────────────────────────────────────────────

    def _plan(self) -> Plan:
        before = self.world.rows()
        plan = self.world.plan()
        assert self.world.rows() == before, "a plan wrote something"
        return plan

    def _planned(self) -> tuple[Plan, Rows, list[Group]]:
        plan, rows = self._plan(), self.world.rows()
        groups = self.watch.groups(plan, rows)
        self.watch.joined(groups, rows)
        return plan, rows, groups

    def _ours(self) -> list[object]:
        """What stands in the program's records, and its notes."""
        rows = [row for row in self.world.rows().values() if self.watch.means.key(row) is not None]
        return [*rows, self.world.notes()]

    def run(self, forward: bool) -> None:
        """A run that completes; a second one has nothing to do, today and tomorrow."""
        self.world.forward = forward
        plan, before, groups = self._planned()
        done = self.world.apply(plan)
        after = self.world.rows()
        stuck = self._stuck(done, after)
        self.watch.ran(before, after, groups)
        self.watch.met(groups)
        again = self.world.plan()
        for later in (again, self.world.plan(days=1)):
            left = [change for change in later.changes if not stuck or change.milestone not in stuck | {""}]
            assert not left, ("a second run would write", left)
        new = after.keys() - before.keys()
        then = self.watch.groups(again, after)
        partition = {frozenset(group.uids - new) for group in then}
        assert partition == {frozenset(group.uids) for group in groups}, "joined otherwise after a run"
        for group in then:
            self.watch.created(group, new, before, after)
        self._kept(groups, then, plan, before, after, stuck)

    def _kept(
        self, groups: list[Group], then: list[Group], plan: Plan, before: Rows, after: Rows, stuck: set[str]
    ) -> None:
        stuck = stuck | self._withheld(groups, plan, before, after)
        kept = [group for group in groups if group.live and group.milestone.key not in stuck]
        fitting = [self.watch.kept(group, plan, before, after) for group in kept]
        self.watch.may_have(
            [group for group in groups if group.milestone.key in stuck],
            before,
            then,
            after.keys() - before.keys(),
            after,
        )
        for group, fits in zip(kept, fitting, strict=True):
            now = next(each for each in then if group.uids <= each.uids)
            self.watch.done(group, now, fits, after)
        self.watch.met(then)

    @staticmethod
    def _withheld(groups: list[Group], plan: Plan, before: Rows, after: Rows) -> set[str]:
        """The milestones that were left alone, for a reason that was said."""
        said = {entry.what for entry in plan.withheld}
        keys = {group.milestone.key for group in groups}
        left = {key for key in keys if {f"the status of {key}", f"what would be written for {key}"} & said}
        for group in groups:
            if group.milestone.key in left:
                assert all(after[uid] == before[uid] for uid in group.uids), "written though it was withheld"
        return left

    def _stuck(self, done: Plan, rows: Rows) -> set[str]:
        """The milestones of which something was not written, for a title that is taken.

        Where a closed record that nobody reads has it, and the mark of another copied, that one's mark is left alone.
        """
        stuck: set[str] = set()
        found = {change.ref for change in done.changes if change.kind == "create" and change.outcome == "already"}
        titles = {change.write: str(change.after) for change in done.changes if change.field == "title"}
        for change in done.changes:
            if change.outcome in ("done", "already"):
                continue
            stuck.add(change.milestone)
            if change.ref in found:
                assert any(row.old and row.ref == str(change.ref) for row in rows.values()), change
            elif change.outcome != "withheld":
                assert change.outcome == ("stale" if change.kind == "create" else "failed"), change
                where, title, box = str(change.ref), titles[change.write], str(change.ref.container)
                others = [row for row in rows.values() if row.ref.rpartition("#")[0] == box and row.ref != where]
                assert any(row.title == title for row in others), (change, "the title is not taken")
        return stuck

    def _interrupted(self, groups: list[Group], before: Rows, since: Rows, made: set[str]) -> None:
        after = self.world.rows()
        meanwhile = {uid for uid, row in since.items() if before.get(uid) != row}
        self.watch.ran(since, after, groups, meanwhile)
        then = self.watch.groups(self.world.plan(), after)
        new = (after.keys() - since.keys()) | made
        self.watch.may_have(groups, before, then, new, after)
        self.watch.met(groups)
        self.watch.joined(then, after)
        self.watch.met(then)
        for group in then:
            self.watch.created(group, new & after.keys(), before, after)

    def teardown(self) -> None:
        """At the end mdpc is taken out: descriptions are what people wrote, and nothing is left behind."""
        for box in self.world.boxes.values():
            box.readable = box.listed = True
        before = self.world.rows()
        done = self.world.apply(self.world.forget())
        assert {change.outcome for change in done.changes} <= {"done", "already"}, done.changes
        after = self.world.rows()
        for uid, row in after.items():
            left = {**vars(row), "description": before[uid].description}
            assert left == vars(before[uid]), "more than a description was changed"
            if self.watch.means.writable(row):
                own = self.watch.own[uid]
                assert row.description == own or (row.jira and not row.description and not own), "not what people wrote"
        assert self.world.notes() == {}
        assert self.world.forget().changes == ()
