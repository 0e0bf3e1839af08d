"""Whether notices are worth their noise: what was fixed after them, over saved runs, by person and step. Pure.

A finding is fixed once a later complete run still lists its milestone and does not find it any more. It is credited to
the last notice of that milestone before, and to everybody whom that mentioned.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from mdpc.escape import code, guard, json_text, markdown, terminal
from mdpc.report.as_json import SCHEMA
from mdpc.report.page import DIM, Look, Page
from mdpc.report.summary import DONE
from mdpc.report.words import counted


class NotARunError(ValueError):
    """A text that is not the JSON of a run."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class SavedMilestone(_Part):
    """A milestone of a saved run."""

    key: str


class SavedFinding(_Part):
    """A finding of a saved run; `milestone` is the milestone's key."""

    id: str
    milestone: str


class SavedNotice(_Part):
    """A notice of a saved run, and what became of it."""

    id: str
    milestone: str
    step: str
    to: tuple[str, ...] = ()
    outcome: str | None = None


class SavedRun(_Part):
    """A run as `mdpc sync --format json` writes it, as far as notices and findings go."""

    version: Literal["mdpc/1"] = Field(alias="schema")
    command: str
    now: AwareDatetime
    milestones: tuple[SavedMilestone, ...] = ()
    findings: tuple[SavedFinding, ...] = ()
    notices: tuple[SavedNotice, ...] = ()
    unread: tuple[object, ...] = ()

    @property
    def sent(self) -> Iterator[SavedNotice]:
        """The notices that were sent in it."""
        return (each for each in self.notices if each.outcome in DONE)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many notices were sent, after how many of them something was fixed, and how many findings that were."""

    sent: int = 0
    heeded: int = 0
    fixed: int = 0


@dataclass(frozen=True, slots=True)
class Noise:
    """What was counted over so many runs; `unasked` are findings that were fixed without any notice."""

    runs: int = 0
    first: datetime | None = None
    last: datetime | None = None
    whole: Tally = Tally()
    unasked: int = 0
    by_step: Mapping[str, Tally] = field(default_factory=dict)
    by_person: Mapping[str, Tally] = field(default_factory=dict)


def run_of(text: str) -> SavedRun:
    """A saved run. Raises NotARunError."""
    try:
        return SavedRun.model_validate_json(text)
    except ValidationError:
        raise NotARunError(
            f"this is no run of this version ({SCHEMA}): `mdpc sync --format json --output FILE` writes one"
        ) from None


def noise_of(runs: Iterable[SavedRun]) -> Noise:
    """What is counted over these runs, in the order of their moments."""
    in_order = sorted((each for each in runs if each.command == "sync"), key=lambda each: each.now)
    if not in_order:
        return Noise()
    notices = [notice for run in in_order for notice in run.sent]
    credited = Counter(_credits(in_order))
    fixed = {notice.id: credited[notice.id] for notice in notices}
    return Noise(
        runs=len(in_order),
        first=in_order[0].now,
        last=in_order[-1].now,
        whole=_tally(notices, fixed),
        unasked=credited[""],
        by_step=_by(((each.step, each) for each in notices), fixed),
        by_person=_by(((who, each) for each in notices for who in each.to), fixed),
    )


def _credits(runs: Sequence[SavedRun]) -> Iterator[str]:
    """For each finding that was fixed, the id of the notice that it is credited to; empty where there was none."""
    last: dict[str, str] = {}
    open_ones: dict[str, str] = {}
    for run in runs:
        listed = {each.key for each in run.milestones}
        found = {each.id: each.milestone for each in run.findings}
        if not run.unread:
            for finding in [each for each, key in open_ones.items() if key in listed and each not in found]:
                yield last.get(open_ones.pop(finding), "")
        open_ones |= found
        last |= {each.milestone: each.id for each in run.sent}


def _by(pairs: Iterable[tuple[str, SavedNotice]], fixed: Mapping[str, int]) -> dict[str, Tally]:
    found: dict[str, list[SavedNotice]] = defaultdict(list)
    for name, notice in pairs:
        found[name].append(notice)
    tallies = {name: _tally(notices, fixed) for name, notices in found.items()}
    return dict(sorted(tallies.items(), key=lambda each: (-each[1].sent, each[0])))


def _tally(notices: Sequence[SavedNotice], fixed: Mapping[str, int]) -> Tally:
    counts = [fixed[each.id] for each in notices]
    return Tally(len(counts), sum(count > 0 for count in counts), sum(counts))


_HEADS = ("notices", "heeded", "findings fixed")


def noise_text(noise: Noise, look: Look) -> str:
    """What was counted, for a terminal."""
    page = Page(look)
    page.paragraph((_headline(noise), "bold"))
    for head, tallies in (("BY STEP", noise.by_step), ("BY PERSON", noise.by_person)):
        if tallies:
            page.heading((head, "bold cyan"))
            page.line((f"{'':24}{_HEADS[0]:>10}{_HEADS[1]:>10}{_HEADS[2]:>18}", DIM), indent=2)
        for name, each in tallies.items():
            page.line(f"{terminal(name, 24):24}{each.sent:>10,}{each.heeded:>10,}{each.fixed:>18,}", indent=2)
    return page.text


def noise_markdown(noise: Noise) -> str:
    """The same as Markdown tables."""
    lines = [_headline(noise)]
    for head, tallies, spelt in (("step", noise.by_step, code), ("person", noise.by_person, markdown)):
        if tallies:
            lines += ["", f"| {' | '.join((head, *_HEADS))} |", "| --- | --- | --- | --- |"]
            lines += [
                f"| {spelt(name)} | {each.sent} | {each.heeded} | {each.fixed} |" for name, each in tallies.items()
            ]
    return guard("\n".join(lines) + "\n")


def noise_json(noise: Noise) -> str:
    """The same as one JSON object."""
    return (
        json_text(
            {
                "schema": SCHEMA,
                "command": "report noise",
                "runs": noise.runs,
                "from": noise.first.isoformat() if noise.first else None,
                "to": noise.last.isoformat() if noise.last else None,
                **_object(noise.whole),
                "unasked": noise.unasked,
                "steps": [{"step": name, **_object(each)} for name, each in noise.by_step.items()],
                "people": [{"person": name, **_object(each)} for name, each in noise.by_person.items()],
            }
        )
        + "\n"
    )


def _object(tally: Tally) -> dict[str, int]:
    return {"notices": tally.sent, "heeded": tally.heeded, "fixed": tally.fixed}


def _headline(noise: Noise) -> str:
    if noise.first is None or noise.last is None:
        return "None of these is a sync, and nothing else sends notices."
    span = f"from {noise.first.date()} to {noise.last.date()}"
    return (
        f"{counted(noise.runs, 'run')} {span}: {counted(noise.whole.sent, 'notice')}, {noise.whole.heeded:,} of them "
        f"heeded; {counted(noise.whole.fixed, 'finding')} fixed after a notice, {noise.unasked:,} without."
    )
