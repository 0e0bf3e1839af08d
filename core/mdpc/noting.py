"""What is to be written into a program's notes, page by page. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mdpc.changes import Change, Entry
from mdpc.fingerprint import fingerprint
from mdpc.model import Ref
from mdpc.notebook import Notebook
from mdpc.notes import canonical


@dataclass(slots=True)
class Noting:
    """The entries of one program's notes in this run: canonical JSON by milestone's id, None for those without.

    `needs` are the writes that have to succeed before an entry may say so.
    """

    notebook: Notebook
    program: str
    entries: dict[str, str | None] = field(default_factory=dict)
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def note(self, identity: str, entry: str | None, needs: tuple[str, ...]) -> None:
        """Add what a milestone wants to be noted."""
        self.entries[identity] = entry
        self.needs[identity] = needs

    def changes(self, present: Collection[str]) -> Iterator[Change]:
        """A change for each page.

        Entries of milestones that are neither in this run nor `present` are dropped, unless their containers were not
        read. An entry stands on its new page before it is taken from the old one, so that it is never lost.
        """
        there = {*present, *self.notebook.unread}
        kept = {identity: value for identity, value in self.notebook.kept.items() if identity in there}
        wanted = {identity: json.loads(text) for identity, text in self.entries.items() if text is not None}
        stay = {identity: value for identity, value in kept.items() if identity not in self.entries}
        pages = self.notebook.written({**stay, **wanted})
        now = {identity: key for key, text in pages.items() for identity in json.loads(text)["milestones"]}
        for key in sorted({*self.notebook.pages, *pages}):
            before, after = self.notebook.pages.get(key), pages.get(key)
            if before != after:
                arriving = {
                    now[each] for each in self._stood(key) if each in now and each not in self._stood(now[each])
                }
                needs = tuple(self._write(page) for page in sorted(arriving - {key}))
                yield replace(self._change(key, before, after), needs=needs)

    def _stood(self, key: str) -> frozenset[str]:
        return self.notebook.stand.get(key, frozenset())

    def _write(self, key: str) -> str:
        return f"{self.notebook.place}#{key}"

    def _change(self, key: str, before: str | None, after: str | None) -> Change:
        book = self.notebook
        return Change(
            id=fingerprint("c", str(book.place), key, after or ""),
            write=self._write(key),
            kind="memory",
            program=self.program,
            ref=Ref(book.place, key),
            uid="",
            field="memory",
            before=before,
            after=after,
            why="what is remembered has changed",
            entries=tuple(self._entries(key, after)),
        )

    def _entries(self, key: str, after: str | None) -> Iterator[Entry]:
        """The entries of a page that are not as they were, those that are taken out included."""
        here = json.loads(after)["milestones"] if after else {}
        gone = self._stood(key) & self.entries.keys() - here.keys()
        for identity in (*here, *sorted(name for name in gone if self.entries[name] is None)):
            old = canonical(self.notebook.kept[identity]) if identity in self.notebook.kept else None
            if identity not in here or old != canonical(here[identity]):
                yield Entry(identity, self.needs.get(identity, ()), old)


def without(text: str | None, failed: Mapping[str, str | None]) -> str | None:
    """A page with these entries as they were before; None where nothing is left of it."""
    page: dict[str, Any] = json.loads(text) if text else {"v": 1, "pages": 1, "milestones": {}}
    for identity, before in failed.items():
        if before is None:
            page["milestones"].pop(identity, None)
        else:
            page["milestones"][identity] = json.loads(before)
    return canonical(page) if page["milestones"] else None
