"""What a configuration means for the rows of a world, as `tests.flows.watch` understands it."""

from __future__ import annotations

import re

from mdpc.settings import Settings
from mdpc.status import place
from tests.flows.world import Row


class Meaning:
    """A configuration with one program."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        (self.program,) = settings.programs

    def key(self, row: Row) -> str | None:
        """What of a title joins; None for a record that takes no part."""
        member = next(each for each in self.program.members if each.ref == row.box or each.ref.endswith("*"))
        if member.title is None:
            return _plain(row.title)
        found = re.search(member.title, row.title)
        return _plain(found["key"]) if found else None

    def value(self, row: Row, name: str) -> str | None:
        """A field as it is compared."""
        if name == "title":
            return self.key(row)
        if name == "state":
            return "closed" if row.closed else "open"
        day = getattr(row, name)
        return day.isoformat() if day else None

    def writable(self, row: Row) -> bool:
        """Whether the configuration lets mdpc write there."""
        return self.settings.connectors[row.box.partition(":")[0]].access == "write"


def named(rule: str, box: str) -> bool:
    """Whether a connector or a container of the configuration means a box."""
    return rule in (box, box.partition(":")[0])


def own_text(row: Row) -> str | None:
    """People's own text; Jira does not tell an empty description from none."""
    text = place(row.description, None, row.markup)
    return (text or None) if row.jira else text


def _plain(title: str) -> str:
    return title.casefold().removeprefix("v").strip()
