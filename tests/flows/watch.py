"""Who watches mdpc: what people did, what stood there, and what a run may have made of it.

The watch knows nothing of marks and memory. It has its own idea of what was agreed on, from what stood there after each
completed run, and it remembers every edit until the next one. Where a run did not complete, or people took marks away,
more than one base is possible; then one of them must explain what was written. That no edit is lost is checked apart
from any base.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations, product

from mdpc.changes import Plan
from mdpc.settings import Settings
from tests.flows.families import FIELDS, VALUES, Family, Group, Rows
from tests.flows.meaning import Meaning, named, own_text
from tests.flows.tables import All, Base, Conflict, Holding, Left, Promise, carry, follow, merge
from tests.flows.world import Row

Fitting = dict[str, list[tuple[Base | None, Promise]]]
"""By field, which bases explain what was written, and how."""


class Watch:
    """What is known of a program's milestones from outside."""

    def __init__(self, settings: Settings, *, partial: bool = False) -> None:
        self.settings = settings
        self.means = Meaning(settings)
        self.partial = partial
        """Whether some marks may not tell of all records."""
        self.own: dict[str, str | None] = {}
        self.families: list[Family] = []
        self.tampered: set[str] = set()
        """Records whose mark people took away or changed since their last completed run, and those that are gone."""
        self.log: dict[tuple[str, str], list[tuple[str, str | None]]] = defaultdict(list)
        """What each field held since the last completed run, and by whom; nobody wrote the first."""
        self.together: set[frozenset[str]] = set()

    # ── What people did ───────────────────────────────────────────────────────────────────────────

    def people(self, before: Rows, after: Rows) -> None:
        """Somebody edited something."""
        self._wrote("people", before, after)
        for uid, row in after.items():
            old = before.get(uid)
            if old is None or old.description != row.description:
                self.own[uid] = own_text(row)
                if old is not None:
                    self.tampered.add(uid)
        self.tampered |= before.keys() - after.keys()

    def _wrote(self, who: str, before: Rows, after: Rows) -> None:
        for uid, row in after.items():
            for name in VALUES:
                value, said = self.means.value(row, name), self.log[uid, name]
                if not said:
                    said.append(("nobody", self.means.value(before[uid], name) if uid in before else None))
                if value != said[-1][1]:
                    said.append((who, value))

    # ── What every run keeps, however it ends ─────────────────────────────────────────────────────

    def ran(self, before: Rows, after: Rows, groups: Sequence[Group], meanwhile: Collection[str] = ()) -> None:
        """Nothing is deleted, no text and no edit is lost; closed dates, history and archives are left alone.

        Of what people changed since the run looked (`meanwhile`) it could not know.
        """
        assert before.keys() <= after.keys(), "something was deleted"
        for uid, row in after.items():
            assert own_text(row) == self.own.setdefault(uid, None), (row, "people's own text was changed")
        for uid in before.keys() - set(meanwhile):
            row = before[uid]
            if row.archived:
                assert after[uid] == row, "archived"
            if row.closed and after[uid].closed:
                assert all(getattr(after[uid], name) == getattr(row, name) for name in VALUES), (row, "closed")
        for group in groups:
            if not group.live:
                assert all(after[uid] == before[uid] for uid in group.uids & before.keys()), "history, or ambiguous"
            for name in VALUES:
                for uid in sorted(group.uids & before.keys()):
                    self._no_edit_is_lost(group, name, uid, before, after)
        self._wrote("mdpc", before, after)

    def _no_edit_is_lost(self, group: Group, name: str, uid: str, rows: Rows, then: Rows) -> None:
        before, after = rows[uid], then[uid]
        old, new = self.means.value(before, name), self.means.value(after, name)
        if old == new:
            return
        rule = getattr(self.settings.sync.fields, name)
        assert rule not in ("report", "off")
        said = self.log[before.uid, name]
        if said[-1][0] != "people" or old == said[0][1] or (rule != "merge" and not named(rule, before.box)):
            return
        bases = self._bases(group, name, rows)
        if any(base is not None and old == base.value for base in bases):
            return  # back to what was agreed on
        if old is None and any(base is None or before.uid not in base.known for base in bases):
            return  # the empty follow
        if not any(self._saw(other, name, old, new) for other in group.uids):
            raise AssertionError(before, name, new, "an edit was lost")

    def _saw(self, uid: str, name: str, old: str | None, new: str | None) -> bool:
        """Whether somebody who saw `old` there wrote `new`."""
        said = self.log[uid, name]
        return any(
            who == "people" and value == new and any(before == old for _, before in said[:number])
            for number, (who, value) in enumerate(said)
        )

    # ── Who is together ───────────────────────────────────────────────────────────────────────────

    def groups(self, plan: Plan, rows: Rows) -> list[Group]:
        """The program's milestones in a plan."""
        by_ref = {row.ref: row.uid for row in rows.values()}
        found = []
        for milestone in plan.milestones:
            if milestone.program == self.means.program.name:
                uids = {by_ref[str(record.ref)] for record in milestone.records}
                found.append(Group(milestone, uids, [each for each in self.families if each.members.keys() & uids]))
        return found

    def joined(self, groups: Sequence[Group], rows: Rows) -> None:
        """Whoever is together has been so, or is called the same; whoever has been together is."""
        where = {
            uid: number for number, group in enumerate(groups) for uid in group.uids if not group.milestone.history
        }
        for group in groups:
            if group.milestone.history:
                assert all(rows[uid].closed or rows[uid].archived for uid in group.uids), "open, and taken for history"
            else:
                self._connected(group, rows)
        for family in self.families:
            if family.sure and not family.members.keys() & self.tampered:
                assert len({where[uid] for uid in family.members if uid in where}) <= 1, (family, "torn apart")
                for row in [rows[uid] for uid in family.members.keys() & rows.keys() - where.keys()]:
                    assert row.archived or row.closed or self.means.key(row) is None, (family, row, "was left out")
        shared = {uid for family in self.families if len(family.members) > 1 for uid in family.members}
        alone: dict[str | None, int] = defaultdict(int)
        for group in groups:
            keys = {self.means.key(rows[uid]) for uid in group.uids}
            if len(keys) == 1 and not group.milestone.history and not group.uids & shared:
                alone[keys.pop()] += 1
        assert all(number == 1 for number in alone.values()), (alone, "called the same, and not joined")

    def _connected(self, group: Group, rows: Rows) -> None:
        first, *left = sorted(group.uids)
        reached = {first}
        while left:
            more = [uid for uid in left if any(self._belong(rows[uid], rows[other]) for other in reached)]
            assert more, ([rows[uid] for uid in group.uids], "joined without a reason")
            reached |= set(more)
            left = [uid for uid in left if uid not in reached]

    def _belong(self, one: Row, other: Row) -> bool:
        return self.means.key(one) == self.means.key(other) or frozenset((one.uid, other.uid)) in self.together

    def met(self, groups: Sequence[Group], done: Plan | None = None, rows: Rows | None = None) -> None:
        """Remember who was together, since mdpc may, and what was created for whom."""
        by_ref = {row.ref: row.uid for row in (rows or {}).values()}
        changes = done.changes if done else ()
        made = {(each.milestone, str(each.ref)) for each in changes if each.kind == "create"}
        for group in groups:
            uids = {by_ref[ref] for key, ref in made if key == group.milestone.key and ref in by_ref} | group.uids
            self.together |= {frozenset(pair) for pair in combinations(sorted(uids), 2)}

    # ── What a completed run promises ─────────────────────────────────────────────────────────────

    def kept(self, group: Group, plan: Plan, before: Rows, after: Rows) -> Fitting:
        """What was written for a milestone is what the tables say, from one of the possible bases."""
        found: Fitting = {}
        for name in FIELDS:
            promises = self._promises(group, name, before, after)
            found[name] = [each for each in promises if self._fits(group, name, each[1], plan, before, after)]
            if not found[name]:
                rows = [(before[uid], after[uid]) for uid in sorted(group.uids)]
                raise AssertionError(name, promises, rows, plan.conflicts)
        return found

    def _promises(self, group: Group, name: str, rows: Rows, after: Rows) -> list[tuple[Base | None, Promise]]:
        """What each base promises; of values to those that will be open, or were until now where all are closed."""
        rule = getattr(self.settings.sync.fields, name)
        if rule in ("report", "off"):
            return [(base, Left()) for base in self._bases(group, name, rows)]
        uids = [uid for uid in sorted(group.uids) if name != "start" or rows[uid].jira]
        ending = all(after[uid].closed for uid in uids)
        closed = {uid: (rows if ending or name == "state" else after)[uid].closed for uid in uids}
        holdings = [
            Holding(uid, self.means.value(rows[uid], name), closed[uid], named(rule, rows[uid].box)) for uid in uids
        ]
        if name == "state":
            return list(dict.fromkeys(self._states(group, rule, holdings, rows)))
        table = merge if rule == "merge" else follow
        promises = [(base, table(holdings, base)) for base in self._bases(group, name, rows)]
        return [(base, Left() if ending and isinstance(each, Conflict) else each) for base, each in promises]

    def _states(
        self, group: Group, rule: str, holdings: list[Holding], rows: Rows
    ) -> Iterator[tuple[Base | None, Promise]]:
        absent = {uid: closed for uid, (box, closed) in self._absent(group, rows).items() if named(rule, box)}
        gone = not all(absent.values())
        past = [Holding(uid, None, True, True) for uid, closed in absent.items() if closed]
        for base in self._bases(group, "state", rows):
            yield base, Left() if gone else carry([*holdings, *past], base)
            doubtful = any(family.doubtful or not family.sure for family in group.families)
            if absent and (doubtful or self._may_have_lost(group, rows)):
                yield base, carry(holdings, base)

    def _bases(self, group: Group, name: str, rows: Rows) -> list[Base | None]:
        found: list[Base | None] = [base for family in group.families for base in family.bases[name]]
        if not found or self._may_have_lost(group, rows):
            found.append(None)
        return list(dict.fromkeys(found))

    def _may_have_lost(self, group: Group, rows: Rows) -> bool:
        """Whether its memory may be gone: changed by people, no longer read, or nowhere to be written."""
        uids = group.uids.union(*(family.members.keys() for family in group.families))
        if self.tampered & uids or any(rows[uid].old for uid in uids & rows.keys()):
            return True
        keepers = {uid for uid in uids & rows.keys() if self.means.writable(rows[uid])}
        return any(not family.members.keys() & keepers for family in group.families)

    def _fits(self, group: Group, name: str, promise: Promise, plan: Plan, before: Rows, after: Rows) -> bool:
        said = [each for each in plan.conflicts if each.milestone == group.milestone.key and each.field == name]
        if len(said) != isinstance(promise, Conflict):
            return False
        ending = all(after[uid].closed for uid in group.uids)
        return all(self._is_as(promise, name, before[uid], after[uid], ending) for uid in group.uids)

    def _is_as(self, promise: Promise, name: str, before: Row, after: Row, ending: bool) -> bool:
        attribute = "closed" if name == "state" else name
        same = bool(getattr(before, attribute) == getattr(after, attribute))
        if not isinstance(promise, All) or not self.means.writable(before) or (name == "start" and not before.jira):
            return same
        if name == "state":
            leads = named(self.settings.sync.fields.state, before.box)
            return same if leads else after.closed == (promise.value == "closed")
        closed = before.closed if ending else after.closed
        if closed or self.means.value(before, name) == promise.value:
            return same
        return self.means.value(after, name) == promise.value

    def created(self, group: Group, new: Collection[str], planned: Rows, rows: Rows) -> None:
        """Created only where it is asked for, and where no record of the milestone is or was."""
        old = [planned[uid] for uid in group.uids if uid in planned]
        had = set().union(*(family.had for family in group.families if family.sure))
        boxes = [rows[uid].box for uid in group.uids]
        for uid in group.uids & set(new):
            row = rows[uid]
            assert any(named(place, row.box) for place in self.settings.sync.create), (row, "nobody asked for it")
            assert boxes.count(row.box) == 1 or not group.live, (row, "created twice")
            assert not old or any(not other.closed for other in old), (row, "created from nothing open")
            if not self._undecidable(group, planned):
                assert row.box not in had, (row, old, "created in place of what was there")

    def _undecidable(self, group: Group, planned: Rows) -> bool:
        """Whether nothing can tell any more what the milestone had, or that this is no first run that was killed.

        A version's line names no members, and a mark in public none that are not public.
        """
        members = {uid for family in group.families for uid in family.members}
        marked = [uid for uid in members & planned.keys() if not planned[uid].jira and not planned[uid].old]
        touched = [uid in self.tampered for uid in marked]
        takes_part = {uid for uid, row in planned.items() if self.means.key(row) is not None}
        here = {uid for uid in takes_part if not planned[uid].archived and not planned[uid].old}
        return all(touched) or (any(touched) and (self.partial or not members <= here))

    def remembered(self) -> set[str]:
        """The boxes that marks outside of them name; a version's line names none, nor does what people changed."""
        found: set[str] = set()
        for family in self.families:
            boxes = {box for box, _ in family.members.values()}
            marked = {box for box in boxes if box.startswith("github:")}
            if family.sure and not self.tampered:
                found |= {box for box in boxes if marked - {box}}
        return found

    # ── What is known after a run ─────────────────────────────────────────────────────────────────

    def may_have(
        self, groups: Sequence[Group], rows: Rows, then: Sequence[Group], new: Collection[str], after: Rows
    ) -> None:
        """A run did not complete: what it would have agreed on may be so already, with what is new by it."""
        for group in groups:
            if not group.live:
                continue
            # What is archived, or takes no part any more, may have been let go.
            self.tampered |= {
                uid
                for family in group.families
                for uid in family.members.keys() & rows.keys()
                if rows[uid].archived or self.means.key(rows[uid]) is None
            }
            for uid, name in product(group.uids, VALUES):
                if rows[uid].closed and self.log[uid, name]:  # it may have been seen closed
                    self.log[uid, name].append(("nobody", self.log[uid, name][-1][1]))
            created = {uid for each in then if each.uids & group.uids for uid in each.uids & set(new)}
            bases: dict[str, list[Base | None]] = {}
            for name in FIELDS:
                promises = self._promises(group, name, rows, rows)
                agreed = [self._then(group.uids, name, base, promise, rows) for base, promise in promises]
                agreed = [base and base._replace(known=base.known | created) for base in agreed]
                if created:
                    agreed.append(self._shared((group.uids | created) & after.keys(), name, after))
                bases[name] = list(dict.fromkeys([*self._bases(group, name, rows), *agreed]))
            absent = {uid: each for family in group.families for uid, each in family.absent.items()}
            members = {
                uid: (row.box, row.closed) for uid, row in {**after, **rows}.items() if uid in group.uids | created
            }
            self.families.append(Family(members, bases, absent, sure=False))

    def done(self, old: Group, now: Group, fitting: Fitting, rows: Rows) -> None:
        """A milestone was completed: what stands there is what was agreed on, and no edit is open."""
        absent = self._absent(old, rows)
        if self.settings.sync.on_delete == "unlink":
            absent = {uid: each for uid, each in absent.items() if each[1]}
        bases: dict[str, list[Base | None]] = {}
        for name in FIELDS:
            then = [self._then(now.uids, name, base, promise, rows) for base, promise in fitting[name]]
            if now.uids > old.uids:
                then.append(self._shared(now.uids, name, rows))
            alone = [None] if len(now.uids) == 1 else []  # of which nothing need be remembered
            bases[name] = list(dict.fromkeys([*then, *alone]))
        members = self._members(now.uids, rows)
        forgotten = self._undecidable(old, rows)
        had = {box for box, _ in members.values()}.union(
            *(family.had for family in old.families if family.sure and not forgotten)
        )
        replaced = [family for family in self.families if family.members.keys() & now.uids]
        self.families = [family for family in self.families if family not in replaced]
        doubtful = self._may_have_lost(old, rows) or any(each.doubtful or not each.sure for each in old.families)
        self.families.append(Family(members, bases, absent, had, doubtful=doubtful))
        self.tampered -= now.uids.union(*(family.members.keys() for family in replaced))
        for uid in now.uids:
            for name in VALUES:
                self.log[uid, name] = [("nobody", self.means.value(rows[uid], name))]

    def _absent(self, group: Group, rows: Rows) -> dict[str, tuple[str, bool]]:
        """Former records that memory knows: those that vanished while open, and those that were closed before."""
        found = {uid: each for family in group.families for uid, each in family.absent.items()}
        for family in group.families:
            found |= {uid: each for uid, each in family.members.items() if each[1] or uid not in rows}
        taken = {rows[uid].box for uid in group.uids}
        return {uid: each for uid, each in found.items() if uid not in group.uids and each[0] not in taken}

    @staticmethod
    def _members(uids: Collection[str], rows: Rows) -> dict[str, tuple[str, bool]]:
        return {uid: (rows[uid].box, rows[uid].closed) for uid in sorted(uids)}

    def _shared(self, uids: Collection[str], name: str, rows: Rows) -> Base | None:
        """What all open records hold, some of them from the beginning."""
        values = {self.means.value(rows[uid], name) for uid in uids if not rows[uid].closed}
        return Base(values.pop(), frozenset(uids)) if len(values) == 1 else None

    def _then(self, uids: Collection[str], name: str, base: Base | None, promise: Promise, rows: Rows) -> Base | None:
        """The base once a promise is kept: who is elsewhere is so for a reason."""
        if isinstance(promise, All):
            if name == "state":
                stays = any(
                    not self.means.writable(rows[uid]) and rows[uid].closed != (promise.value == "closed")
                    for uid in uids
                )
                return base if stays else Base(promise.value, frozenset(uids))
            held = {uid: self.means.value(rows[uid], name) for uid in sorted(uids)}
            stuck = {uid for uid in uids if rows[uid].closed or not self.means.writable(rows[uid])}
            lagging = tuple((uid, value) for uid, value in held.items() if uid in stuck and value != promise.value)
            return Base(promise.value, frozenset(uids), lagging)
        if base is None or name == "state":
            return base
        if name != "title" and all(rows[uid].closed for uid in uids):
            actual = tuple((uid, self.means.value(rows[uid], name)) for uid in sorted(uids))
            return base._replace(lagging=tuple(each for each in actual if each[1] != base.value))
        return base
