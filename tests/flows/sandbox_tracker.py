"""The sandbox's trackers with the handles of `tests.memory_tracker`: people turn them, mdpc comes over HTTP.

What mdpc reads and writes goes through the real connectors; what people do is done to the sandbox's state, as its own
tests do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from mdpc.changes import Change, Outcome
from mdpc.connector import Connector, Problem, Rights
from mdpc.model import Reading, Scope
from mdpc_sandbox.faults import Fault
from mdpc_sandbox.github.model import Milestone, Repository
from mdpc_sandbox.jira.model import Project, Version
from mdpc_sandbox.server import Sandbox


@dataclass
class GitHubHeld:
    """A milestone of the sandbox's GitHub, with the fields of `Held`."""

    sandbox: Sandbox
    repository: Repository
    milestone: Milestone

    number = property(lambda self: self.milestone.number)
    uid = property(lambda self: self.milestone.node_id)

    def _get_due(self) -> date | None:
        due = self.milestone.due_on
        return datetime.fromisoformat(due).astimezone(UTC).date() if due else None

    def _edit(self, **fields: Any) -> None:
        self.sandbox.github.edit_milestone(self.repository, self.milestone.number, **fields)

    title = property(lambda self: self.milestone.title, lambda self, value: self._edit(title=value))
    description = property(lambda self: self.milestone.description, lambda self, value: self._edit(description=value))
    due = property(_get_due, lambda self, day: self._edit(due_on=day and f"{day}T12:00:00Z"))
    closed = property(
        lambda self: self.milestone.state == "closed",
        lambda self, closed: self._edit(state="closed" if closed else "open"),
    )


@dataclass
class JiraHeld:
    """A version of the sandbox's Jira, with the fields of `Held`."""

    version: Version

    number = property(lambda self: int(self.version.id))
    uid = property(lambda self: self.version.id)

    def _get_due(self) -> date | None:
        day = self.version.raw.get("releaseDate")
        return date.fromisoformat(day) if day else None

    def _set(self, **fields: Any) -> None:
        self.version.raw |= fields

    title = property(lambda self: self.version.name, lambda self, value: self._set(name=value))
    description = property(
        lambda self: self.version.raw.get("description"), lambda self, value: self._set(description=value or "")
    )
    due = property(_get_due, lambda self, day: self.version.set_day("releaseDate", day))
    closed = property(lambda self: self.version.released, lambda self, closed: self._set(released=closed))


class GitHubBox:
    """A repository with the handles of `Box`."""

    def __init__(self, sandbox: Sandbox, repository: Repository) -> None:
        self.sandbox, self.repository, self.name = sandbox, repository, repository.full_name
        self.notes: dict[str, str] = {}
        self._fault: Fault | None = None

    @property
    def readable(self) -> bool:
        return self._fault is None

    @readable.setter
    def readable(self, readable: bool) -> None:
        if readable and self._fault is not None:
            self.sandbox.faults.rules.remove(self._fault)
            self._fault = None
        elif not readable and self._fault is None:
            self._fault = self.sandbox.faults.add(repository=self.name, status=403)

    @property
    def records(self) -> Records:
        held = (GitHubHeld(self.sandbox, self.repository, each) for each in self.repository.milestones.values())
        return Records(list(held), lambda each: self.sandbox.github.delete_milestone(self.repository, each.number))


class JiraBox:
    """A project with the handles of `Box`; unreadable it gives the account no right."""

    def __init__(self, sandbox: Sandbox, project: Project) -> None:
        self.sandbox, self.project, self.name = sandbox, project, project.key

    @property
    def notes(self) -> dict[str, Any]:
        return self.project.properties

    @property
    def _rights(self) -> dict[str, str]:
        (bot,) = {id(user): user for user in self.sandbox.jira.tokens.values() if user.rights == "admin"}.values()
        if not isinstance(bot.projects, dict):
            bot.projects = dict(bot.projects)
        return bot.projects

    @property
    def readable(self) -> bool:
        return self.name not in self._rights

    @readable.setter
    def readable(self, readable: bool) -> None:
        if readable:
            self._rights.pop(self.name, None)
        else:
            self._rights[self.name] = "none"

    @property
    def records(self) -> Records:
        held = [JiraHeld(each) for each in self.project.versions]
        return Records(held, lambda each: self.sandbox.jira.delete_version(each.version))


class Records:
    """The records of a box by number, as they are now."""

    def __init__(self, held: list[Any], delete: Callable[[Any], None]) -> None:
        self._held, self._delete = {each.number: each for each in held}, delete

    def values(self) -> list[Any]:
        return list(self._held.values())

    def __iter__(self) -> Iterator[int]:
        return iter(self._held)

    def __delitem__(self, number: int) -> None:
        self._delete(self._held[number])


class SandboxTracker:
    """One tracker of a sandbox: the real connector for mdpc, and handles for people."""

    def __init__(self, sandbox: Sandbox, connector: Connector, *, jira: bool) -> None:
        self.sandbox, self.connector, self.jira, self.name = sandbox, connector, jira, connector.name
        self.boxes: dict[str, Any] = {}
        self.after_write: Callable[[], None] = lambda: None

    @property
    def writes(self) -> list[Any]:
        return [entry for entry in self.sandbox.log.writes() if entry.tracker == self.name]

    @property
    def requests(self) -> int:
        return self.connector.requests

    def box(self, name: str, *, public: bool | None = None) -> None:
        if self.jira:
            project = self.sandbox.jira.add_project(name, private=True)
            self.boxes[name] = JiraBox(self.sandbox, project)
        else:
            repository = self.sandbox.github.add_repository(name)
            repository.private = not public
            self.boxes[name] = GitHubBox(self.sandbox, repository)

    def add(self, box: str, title: str, due: date | None = None) -> Any:
        place = self.boxes[box]
        if self.jira:
            version = self.sandbox.jira.add_version(
                place.project, {"name": title, "released": False, "archived": False}
            )
            held: Any = JiraHeld(version)
            version.set_day("releaseDate", due)
        else:
            milestone = self.sandbox.github.create_milestone(place.repository, "somebody", title)
            held = GitHubHeld(self.sandbox, place.repository, milestone)
            held.due = due
        return held

    def taken(self, box: str, title: str, but: Any = None) -> bool:
        mine = but.uid if but else None
        return any(
            held.title.lower() == title.lower() and held.uid != mine for held in self.boxes[box].records.values()
        )

    def preflight(self, scope: Scope) -> Sequence[Problem | Rights]:
        return self.connector.preflight(scope)

    def read(self, scope: Scope) -> Reading:
        return self.connector.read(scope)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        before = len(self.writes)
        outcomes = self.connector.apply(changes)
        for _ in self.writes[before:]:
            self.after_write()
        return outcomes
