"""What is wrong with a configuration: each problem with its place, and all of them in one error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Protocol

from mdpc.settings.places import KeyPath

ENVIRONMENT = "environment"
"""Stands in a problem's `file` where the value came from an environment variable."""

PREFIX = "MDPC_"
"""Every variable of mdpc's starts so."""

DELIMITER = "__"
"""Stands between a variable's tables and keys."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_QUOTE = 80
_LONGEST_HARMLESS = 5


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """One thing wrong with the configuration.

    `line` is None where no line can be named; `key` is a dotted path such as `connectors.github.repositories[1]`
    (counted from 0, as lists are elsewhere), or a variable's name where `file` is `environment`; empty for the file
    as a whole. `what` is wrong, `next_step` what to write instead. No part of it holds a secret.
    """

    file: str
    line: int | None
    key: str
    what: str
    next_step: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        where = f"{place}: {self.key}" if self.key else place
        return f"{where}: {self.what}; {self.next_step}" if self.next_step else f"{where}: {self.what}"


class SettingsError(Exception):
    """The configuration cannot be used; `problems` are all that were found, in the order of the file's lines."""

    def __init__(self, problems: Iterable[SettingsProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Lines(Protocol):
    """Knows the lines of a file by key path (`mdpc.settings.places.Places`)."""

    def line(self, path: KeyPath) -> int | None:
        """The line of what stands at a path; None where none can be named."""

    def at(self, line: int) -> KeyPath:
        """The path of what stands in a line; () where nothing does."""


class Problems:
    """Collects what is wrong and knows where: in a file's lines, or in the variable that a value came from."""

    def __init__(self, file: str, places: Lines | None = None, variables: Mapping[KeyPath, str] | None = None) -> None:
        self._file = file
        self._places = places
        self._variables = dict(variables or {})
        self._found: dict[SettingsProblem, None] = {}
        self._settled: set[KeyPath] = set()
        self._hidden: set[str] = set()
        self._elsewhere: dict[KeyPath, Problems] = {}

    def of_file(self, file: str, places: Lines | None) -> Problems:
        """The same problems, for whoever finds more of them in another file."""
        other = Problems(file, places)
        other._found, other._settled, other._hidden = self._found, self._settled, self._hidden
        return other

    def stands_in(self, path: KeyPath, other: Problems) -> None:
        """Note that what is at a path stands in that other file."""
        self._elsewhere[path] = other

    def add(
        self, path: KeyPath, what: str, next_step: str = "", *, settles: bool = False, in_file: bool = False
    ) -> None:
        """Something is wrong at a key path of the configuration: `in_file`, whatever the environment says besides.

        What is said of a path after a problem that `settles` it would only confuse, and is left out.
        """
        if self.settled(path):
            return
        if settles:
            self._settled.add(path)
        variable = None if in_file else self.variable(path)
        if variable is not None:
            self.add_variable(variable, what, next_step)
        else:
            (self._other(path) or self)._add_here(path, what, next_step)

    def _add_here(self, path: KeyPath, what: str, next_step: str) -> None:
        line = self._places.line(path) if self._places and path else None
        self._note(SettingsProblem(self._file, line, key_text(path), what, next_step))

    def add_variable(self, name: str, what: str, next_step: str = "") -> None:
        """Something is wrong with an environment variable."""
        self._note(SettingsProblem(ENVIRONMENT, None, name, what, next_step))

    def add_line(self, line: int, what: str, next_step: str = "", key: str = "") -> None:
        """Something is wrong in a line of the file, whatever its key where none is given."""
        self._note(SettingsProblem(self._file, line, key or key_text(self.at(line)), what, next_step))

    def settled(self, path: KeyPath) -> bool:
        """Whether a problem at the path, or around it, says all that there is to say."""
        return any(path[:end] in self._settled for end in range(1, len(path) + 1))

    def settled_inside(self, path: KeyPath) -> bool:
        """Whether something inside the table at the path is settled, so that the table is not what was meant."""
        return any(settled[: len(path)] == path for settled in self._settled)

    def at(self, line: int) -> KeyPath:
        """The innermost key path that covers a line of the file."""
        return self._places.at(line) if self._places else ()

    def hide(self, secret: str) -> None:
        """Keep a secret out of every later sentence, whoever writes it; what is too short to be one stays."""
        if len(secret) > _LONGEST_HARMLESS:
            self._hidden.add(secret)

    def variable(self, path: KeyPath) -> str | None:
        """The environment variable that the value at a path came from, if it did."""
        return next(
            (self._variables[path[:end]] for end in range(1, len(path) + 1) if path[:end] in self._variables), None
        )

    def came_from(self, path: KeyPath, variable: str) -> None:
        """Note that the value at a path came from a variable that is not called after it (`GITHUB_TOKEN`)."""
        self._variables.setdefault(path, variable)

    def _other(self, path: KeyPath) -> Problems | None:
        """The problems of the file in which a path stands, if that is another."""
        ends = range(len(path), 0, -1) if self._elsewhere else ()
        return next((self._elsewhere[path[:end]] for end in ends if path[:end] in self._elsewhere), None)

    def found(self) -> list[SettingsProblem]:
        """The problems so far, each once: the file's first, in the order of its lines, the environment's last."""

        def place(problem: SettingsProblem) -> tuple[bool, bool, int, str]:
            return problem.file == ENVIRONMENT, problem.file != self._file, problem.line or 0, problem.key

        return sorted(self._found, key=place)

    def _note(self, problem: SettingsProblem) -> None:
        texts = (problem.key, problem.what, problem.next_step)
        key, what, next_step = (self._without_secrets(text) for text in texts)
        self._found[replace(problem, key=key, what=what, next_step=next_step)] = None

    def _without_secrets(self, text: str) -> str:
        for secret in self._hidden:
            text = text.replace(secret, "***")
        return text


def key_text(path: KeyPath) -> str:
    """A key path as people write it: `connectors.github.repositories[1]`, `owners.map."github:acme/*"`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if _BARE_KEY.fullmatch(part) else quoted(part)
            text += f".{key}" if text else key
    return text


def variable_name(*path: str) -> str:
    """The environment variable for a key path: `MDPC_CONNECTORS__ACME_JIRA__TOKEN`."""
    return PREFIX + DELIMITER.join(variable_part(part).upper() for part in path)


def variable_part(name: str) -> str:
    """A name as far as a variable can hold it, in small letters: `acme_jira` for `Acme-Jira`."""
    return re.sub(r"[^a-z0-9]", "_", name.lower())


def quoted(value: object) -> str:
    """A value in double quotes on one line, whatever it contains, cut where it is very long."""
    text = str(value)
    return json.dumps(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…", ensure_ascii=False)


def one_of(known: Iterable[str]) -> str:
    """Names for a sentence: `"a", "b" or "c"`."""
    *most, last = [quoted(name) for name in known] or ["none"]
    return f"{', '.join(most)} or {last}" if most else last


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """What to write instead of a name that is not known: the one most like it, else `otherwise`."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return f"did you mean {quoted(by_folded[close[0]])}?" if close else otherwise
