"""Reading the notes of projects: project properties, in which mdpc keeps what versions cannot hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

from mdpc.connector import TrackerError
from mdpc.model import Scope
from mdpc.notes import OWN, canonical, note_key
from mdpc_jira.client import JiraClient
from mdpc_jira.projects import Project

MOST_PAGES = 100
"""Pages of one program that are read: far more than any program fills, and an end to what a forged number may cost."""

LONGEST_QUERY = 2_000
"""Characters of keys that a listing is asked for: far below the length of address that servers accept."""


def property_path(key: str, name: str) -> str:
    """Where a property of a project lies in the API."""
    return f"project/{quote(key, safe='')}/properties/{quote(name, safe='')}"


class Notes:
    """The notes that a scope asks for, of projects that go by several names: those that they were asked for by."""

    def __init__(self, client: JiraClient, scope: Scope) -> None:
        self._client = client
        self._programs = {name.upper(): programs for name, programs in scope.notes.items()}
        self._whole = tuple(member.upper() for member in scope.members if member not in scope.partial)
        self._own = scope.own_notes

    @property
    def listed(self) -> tuple[str, ...]:
        """The first pages that a listing of projects had better bring: it costs nothing there, on Cloud.

        Where there are too many for an address, the rest is asked for one by one.
        """
        programs = {program for programs in self._programs.values() for program in programs}
        kept: list[str] = []
        for program in (*((OWN,) if self._own else ()), *sorted(programs)):
            kept.append(note_key(program, 0))
            if sum(map(len, kept)) > LONGEST_QUERY:
                return tuple(kept[:-1])
        return tuple(kept)

    def read(self, project: Project, names: Sequence[str]) -> Mapping[str, str] | None:
        """A project's notes by their keys, as canonical JSON; None where none are asked for. Raises TrackerError.

        What the listing brought is not asked for again. A page that is not there is left out.
        """
        programs = self._asked(names)
        if not programs:
            return None
        pages: dict[str, str] = {}
        for program in programs:
            first = self._first(project, note_key(program, 0))
            for number, value in enumerate((first, *self._further(project, program, first))):
                if value is not None:
                    pages[note_key(program, number)] = canonical(value)
        return pages

    def _asked(self, names: Sequence[str]) -> tuple[str, ...]:
        """The programs whose notes stand on a project; one of which no member takes all has its own."""
        upper = [name.upper() for name in names]
        programs = [program for name in upper for program in self._programs.get(name, ())]
        if self._own and not any(fnmatchcase(name, member) for name in upper for member in self._whole):
            programs.append(OWN)
        return tuple(dict.fromkeys(programs))

    def _first(self, project: Project, key: str) -> Any:
        if project.properties is not None and key in self.listed:
            return project.properties.get(key)
        return self._get(project, key)

    def _further(self, project: Project, program: str, first: Any) -> list[Any]:
        """The pages after the first, which says how many there are."""
        count = first.get("pages") if isinstance(first, dict) else None
        if not isinstance(count, int) or count < 2:
            return []
        if count > MOST_PAGES:
            raise TrackerError(
                f"The property {note_key(program, 0)} of {project.key} says that mdpc's notes have {count} pages",
                reason="refused",
                next_step=f"mdpc reads {MOST_PAGES}. Somebody changed it: delete the property, or put it right.",
            )
        return [self._get(project, note_key(program, page)) for page in range(1, count)]

    def _get(self, project: Project, key: str) -> Any:
        """The value of a property, None where the project has none of that name."""
        try:
            return self._client.get(property_path(project.key, key))["value"]
        except TrackerError as error:
            if error.reason == "missing":
                return None
            raise
