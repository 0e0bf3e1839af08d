"""Who is known to a configuration as it is written: people, their logins, and teams. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdpc.settings import Person
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, one_of, quoted
from mdpc.settings.raw import table_of


@dataclass(frozen=True, slots=True)
class People:
    """Who is known: `gone` by name, the names by login (in small letters), and the teams that are listed."""

    gone: Mapping[str, bool]
    logins: Mapping[str, str]
    teams: tuple[str, ...]

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> People:
        """Of the tables of a configuration."""
        people = {name: raw for name, raw in table_of(tables, "people").items() if isinstance(raw, Mapping)}
        gone = {name: raw.get("gone") is True for name, raw in people.items()}
        logins = {
            login.lower(): name
            for name, raw in people.items()
            for key, login in raw.items()
            if isinstance(login, str) and key not in Person.model_fields
        }
        return cls(gone, logins, tuple(table_of(tables, "teams")))

    def one(self, who: str) -> str:
        """The same word for whoever is the same person."""
        return self.logins.get(who[1:].lower(), who) if who.startswith("@") else who

    def check(
        self, who: str, path: KeyPath, problems: Problems, others: Sequence[str] = (), alike: Sequence[str] = ()
    ) -> bool:
        """Whether somebody is meant, present or gone; else a problem.

        `others` may stand there besides people, and `alike` are words of that kind that may have been meant.
        """
        if who.startswith("@"):
            if not who[1:].strip():
                problems.add(path, f"{quoted(who)} names nobody", 'write a login such as "@alice-gh"')
        elif who not in self.gone:
            login = self.logins.get(who.lower())
            step = did_you_mean(who, [*self.gone, *alike], f"add [people.NAME], or write {one_of(['@LOGIN', *others])}")
            step = f"did you mean {quoted(login)}?" if login else step
            problems.add(path, f"{quoted(who)} is nobody in [people]", step)
        return who.startswith("@") or who in self.gone
