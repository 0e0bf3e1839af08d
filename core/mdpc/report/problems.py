"""What is wrong with a configuration, or with tokens and rights: a list, the worst first, each with its place. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mdpc.escape import code, guard, json_text, markdown, prose, terminal
from mdpc.problem import Problem
from mdpc.report.as_json import SCHEMA
from mdpc.report.markdown import table
from mdpc.report.page import DIM, LEVEL_STYLES, Look, Page
from mdpc.report.rights import problems_of_rights, rights_markdown, rights_object, rights_text
from mdpc.report.words import counted, listed, sentence
from mdpc.rights import Rights
from mdpc.settings import Settings
from mdpc.settings.problems import SettingsProblem, key_text, quoted
from mdpc.settings.requirements import Loose, loose_requirements

_LEVELS = ("error", "warn", "info")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to know: `level` is `info`, `warn` or `error`; the last two have a next step."""

    level: str
    where: str
    what: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a command found: a sentence for all of it, and the problems, worst first.

    `rights` are those in each container, None where the command does not ask for them.
    """

    command: str
    headline: str
    problems: tuple[Entry, ...]
    rights: tuple[Rights, ...] | None = None

    @property
    def failed(self) -> bool:
        """Whether any of the problems is an error."""
        return any(problem.level == "error" for problem in self.problems)

    def as_text(self, look: Look) -> str:
        """For a terminal: each problem with its next step."""
        page = Page(look)
        page.paragraph((terminal(self.headline), LEVEL_STYLES["error" if self.failed else "ok"]))
        before = ""
        for problem in self.problems:
            if problem.level != before or problem.level != "info":  # facts stand close, each problem by itself
                page.blank()
            before = problem.level
            label = ((f"{problem.level:5} ", LEVEL_STYLES[problem.level]),)
            page.paragraph((f"{terminal(problem.where)}  ", "bold"), terminal(problem.what), indent=6, label=label)
            if problem.next_step:
                page.paragraph((f"→ {sentence(terminal(problem.next_step))}", DIM), indent=6, hang=2)
        rights_text(self.rights or (), page)
        return page.text

    def as_json(self) -> str:
        """One object with `problems` (level, where, what, next_step) and, of `doctor`, `rights` in each container."""
        found: dict[str, object] = {"problems": list(map(problem_object, self.problems))}
        if self.rights is not None:
            found["rights"] = list(map(rights_object, self.rights))
        return json_text({"schema": SCHEMA, "command": self.command, **found}) + "\n"

    def as_markdown(self) -> str:
        """A table for a job's summary, and one of the rights."""
        rows = [
            (
                one.level,
                code(one.where),
                prose(one.what),
                prose(sentence(one.next_step)) if one.next_step else "",
            )
            for one in self.problems
        ]
        found = table(("", "Where", "What", "Next step"), rows) if rows else ""
        parts = (f"### {markdown(self.headline)}", found, rights_markdown(self.rights or ()))
        return guard("\n\n".join(filter(None, parts))) + "\n"


def problem_object(problem: Entry) -> dict[str, str]:
    """One problem for JSON."""
    return {
        "level": problem.level,
        "where": problem.where,
        "what": problem.what,
        "next_step": problem.next_step,
    }


def of_settings(problems: Sequence[SettingsProblem]) -> Listing:
    """What is wrong with a configuration."""
    found = tuple(Entry("error", _place(one), one.what, one.next_step) for one in problems)
    return Listing("check-config", f"The configuration has {counted(len(found), 'problem')}.", found)


def _place(problem: SettingsProblem) -> str:
    place = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
    return f"{place}: {problem.key}" if problem.key else place


def of_good_settings(settings: Settings) -> Listing:
    """A configuration without a problem: what it says, counted, and what in it may not be meant so."""
    parts = [
        f"{counted(len(settings.connectors), 'connector')} ({', '.join(settings.connectors)})",
        counted(len(settings.programs), "program"),
        counted(len(settings.people), "person", "people"),
        counted(len(settings.waivers), "waiver"),
    ]
    warnings = tuple(map(_loose, loose_requirements(settings.gates, settings.programs)))
    told = f" {counted(len(warnings), 'warning')}." if warnings else ""
    return Listing(
        "check-config", f"The configuration is valid: {listed(parts)}.{told} Nothing was contacted.", warnings
    )


def _loose(loose: Loose) -> Entry:
    """A gate that may be passed without another that it requires."""
    gate, required = loose.gate, loose.required
    return Entry(
        "warn",
        key_text(loose.path),
        f"{quoted(required.name)} is for {quoted(required.match)} and this gate for {quoted(gate.match)}: a milestone "
        "that only this one is for passes it without the other",
        f"give both the same match, or {quoted(required.name)} a wider one",
    )


_WHERE = re.compile(r"(.*?\((?:[A-Z]+ \S+: )?\d{3}\))\. (.+)", re.DOTALL)


def _with_step(problem: Entry) -> Entry:
    """A problem whose next step stands in the sentence, as it does in what is unread: taken out of there."""
    if problem.level == "info" or problem.next_step:
        return problem
    request = _WHERE.fullmatch(problem.what)
    what, _, step = (request[1], "", request[2]) if request else problem.what.partition(". ")
    return replace(problem, what=what, next_step=step)


def of_preflight(found: Iterable[Problem | Rights], connectors: Iterable[str]) -> Listing:
    """What the connectors found, worst first, and the rights in each container."""
    told: list[Entry] = []
    rights: list[Rights] = []
    for one in found:
        if isinstance(one, Rights):
            rights.append(one)
        else:
            told.append(_with_step(Entry(one.level, one.where, one.what, one.next_step)))
    told += [Entry(one.level, one.where, one.what, one.next_step) for one in problems_of_rights(rights)]
    return _listing(told, tuple(rights), connectors)


def _listing(told: Iterable[Entry], rights: tuple[Rights, ...], connectors: Iterable[str]) -> Listing:
    found = tuple(sorted(told, key=lambda problem: _LEVELS.index(problem.level)))
    levels = Counter(problem.level for problem in found)
    words = {"error": "error", "warn": "warning"}
    parts = [counted(levels[level], word) for level, word in words.items() if levels[level]]
    names = listed(list(connectors))
    headline = f"{listed(parts)} with {names}." if parts else f"All is well with {names}."
    return Listing("doctor", headline, found, rights)
