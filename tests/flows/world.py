"""A company in memory, for the machine: people and mdpc take turns, and a run may be killed or met half-way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from unittest import mock

from mdpc import run
from mdpc.changes import Plan
from mdpc.model import Markup
from mdpc.plan import Request
from mdpc.settings import Settings
from tests.core.build import NOW, alone, settings
from tests.memory_tracker import Box, Held, Killed, MemoryTracker

Result = TypeVar("Result")


@dataclass(frozen=True)
class Setup:
    """A company: its containers, what is public, and the tables of its configuration."""

    tables: Mapping[str, Any]
    boxes: tuple[str, ...] = ("github:acme/api", "github:acme/web", "jira:API")
    public: tuple[str, ...] = ()

    @property
    def settings(self) -> Settings:
        """The configuration as a value."""
        members = [{"ref": name} for name in self.boxes]
        roomy = {"adopt": 1000, "changes": 1000, "share": 1.0}
        programs = [{"name": "p", "members": members}]
        return settings(**alone({"programs": programs, "limits": roomy, **self.tables}))


@dataclass(frozen=True)
class Row:
    """A milestone as its tracker holds it now. `box` is its container as it was first called.

    `old` ones were closed on GitHub so long ago that nobody reads them any more.
    """

    uid: str
    box: str
    ref: str
    title: str
    description: str | None
    due: date | None
    start: date | None
    closed: bool
    archived: bool
    old: bool

    @property
    def jira(self) -> bool:
        """Whether it is a version."""
        return self.box.startswith("jira:")

    @property
    def markup(self) -> Markup:
        """How mdpc's status stands in it."""
        return Markup.LINE if self.jira else Markup.BLOCK


class World:
    """A GitHub and a Jira in memory, set up in one of many ways, and mdpc."""

    def __init__(self, setup: Setup) -> None:
        self.settings = setup.settings
        self.github = MemoryTracker("github", self.settings.connectors["github"])
        self.jira = MemoryTracker("jira", self.settings.connectors["jira"])
        self.trackers = {"github": self.github, "jira": self.jira}
        self.boxes: dict[str, Box] = {}
        for name in setup.boxes:
            tracker, _, plain = name.partition(":")
            self.boxes[name] = self.trackers[tracker].box(
                plain, public=name in setup.public if tracker == "github" else None
            )
        self.now = NOW
        self.forward = True
        """Which tracker is written to first."""

    # ── What stands there ─────────────────────────────────────────────────────────────────────────

    def rows(self) -> dict[str, Row]:
        """Every milestone by its immutable id."""
        return {
            held.uid: self._row(name, box, held) for name, box in self.boxes.items() for held in box.records.values()
        }

    def notes(self) -> dict[str, dict[str, str]]:
        """Every project's notes."""
        return {name: dict(box.notes) for name, box in self.boxes.items() if box.notes}

    @property
    def writes(self) -> int:
        """How many writes there were."""
        return sum(len(tracker.writes) for tracker in self.trackers.values())

    def _row(self, name: str, box: Box, held: Held) -> Row:
        connector = name.partition(":")[0]
        since = self.settings.closed_since(self.now.date())
        old = connector == "github" and held.closed and since is not None and held.closed_at < since
        kept = (held.title, held.description, held.due, held.start, held.closed, held.archived)
        return Row(held.uid, name, f"{connector}:{box.name}#{held.number}", *kept, old)

    # ── What people do ────────────────────────────────────────────────────────────────────────────

    def tracker(self, box: str) -> MemoryTracker:
        """The tracker of a container."""
        return self.trackers[box.partition(":")[0]]

    def add(self, box: str, title: str, **facts: object) -> str | None:
        """A new milestone's id; None where the title is taken."""
        tracker, name = self.tracker(box), self.boxes[box].name
        return None if tracker.taken(name, title) else tracker.add(name, title, **facts).uid

    def change(self, uid: str, **facts: object) -> bool:
        """Change fields of a milestone; False where the title is taken."""
        name, held = self._held(uid)
        title = facts.get("title")
        if title is not None and self.tracker(name).taken(self.boxes[name].name, str(title), held):
            return False
        for field, value in facts.items():
            setattr(held, field, value)
        if facts.get("closed"):
            held.closed_at = self.now.date()
        return True

    def delete(self, uid: str) -> None:
        """Delete a milestone."""
        name, held = self._held(uid)
        del self.boxes[name].records[held.number]

    def _held(self, uid: str) -> tuple[str, Held]:
        found = ((name, held) for name, box in self.boxes.items() for held in box.records.values() if held.uid == uid)
        return next(found)

    def rename_box(self, box: str, name: str) -> None:
        """Call a container otherwise; its former name leads there."""
        self.tracker(box).rename(self.boxes[box].name, name)

    # ── What mdpc does ────────────────────────────────────────────────────────────────────────────

    def plan(self, days: int = 0) -> Plan:
        """The plan for now or some days later."""
        with self._side_by_side():
            return run.plan(self.settings, self.connectors, Request("plan", self.now + timedelta(days), ()))

    def apply(self, plan: Plan) -> Plan:
        """What became of a plan."""
        for tracker in self.trackers.values():
            tracker.today = self.now.date()
        with self._side_by_side():
            return run.sync(plan, self.connectors, lambda _: None)

    def forget(self) -> Plan:
        """The plan that takes mdpc out."""
        with self._side_by_side():
            return run.forget(self.settings, self.connectors, Request("forget", self.now, ()))

    def killed(self, plan: Plan, after: int) -> bool:
        """Apply a plan until the run is killed after so many writes; False where there were no more than that."""
        count = self._counted()

        def kill() -> None:
            if count() >= after:
                raise Killed

        with self._hooked(before=kill):
            try:
                self.apply(plan)
            except Killed:
                return True
        return False

    def met(self, plan: Plan, after: int, people: Callable[[], None]) -> Plan:
        """What became of a plan; after so many writes somebody edited something."""
        count = self._counted()

        def meet() -> None:
            if count() == after:
                people()

        if after == 0:
            people()
        with self._hooked(after=meet):
            return self.apply(plan)

    def _counted(self) -> Callable[[], int]:
        before = self.writes
        return lambda: self.writes - before

    @contextmanager
    def _hooked(
        self, before: Callable[[], None] = lambda: None, after: Callable[[], None] = lambda: None
    ) -> Iterator[None]:
        for tracker in self.trackers.values():
            tracker.before_write, tracker.after_write = before, after
        try:
            yield
        finally:
            for tracker in self.trackers.values():
                tracker.before_write = tracker.after_write = lambda: None

    @contextmanager
    def _side_by_side(self) -> Iterator[None]:
        """Trackers one after the other, so that a run goes the same way each time."""

        def read(jobs: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
            return {name: job() for name, job in jobs.items()}

        def write(jobs: Mapping[str, Callable[[], Result]], **_: object) -> dict[str, Result]:
            return {name: jobs[name]() for name in sorted(jobs, reverse=not self.forward)}

        with mock.patch("mdpc.run.side_by_side", read), mock.patch("mdpc.applying.side_by_side", write):
            yield

    @property
    def connectors(self) -> Any:
        """The trackers as mdpc is given them."""
        return self.trackers
