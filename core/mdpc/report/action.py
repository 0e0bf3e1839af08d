"""What a run says to GitHub Actions: annotations, a job summary, outputs. Pure.

Limits and forms are GitHub's: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mdpc.changes import Plan
from mdpc.escape import json_text, terminal
from mdpc.model import Finding, Level
from mdpc.report.as_json import change_object, finding_object, notice_object, unread_objects
from mdpc.report.problems import Entry, problem_object
from mdpc.report.words import sentence

MOST_ANNOTATIONS = 10
"""So many of a type are shown of one step; the rest GitHub drops."""

SUMMARY_BYTES = 1_000_000
"""A summary beyond 1 MiB is not shown at all."""

OUTPUT_BYTES = 200_000
"""All outputs of a job together may have 1 MB."""

_TYPES = {Level.ERROR: "error", Level.WARN: "warning"}


def annotated(plan: Plan, problems: Sequence[Entry] = ()) -> Iterator[str]:
    """The workflow commands that annotate a run: what is missing or unread, what `doctor` found, then the findings, the
    worst first.
    """
    lost = [entry for entry in plan.unread if not (entry.optional or entry.left)]
    told = [(_TYPES[Level.ERROR], "missing", f"shard {each}: there is no result of it") for each in plan.absent]
    told += [(_TYPES[Level.ERROR], "not read", f"{entry.container}: {entry.why}") for entry in lost]
    if plan.stats.stopped:
        told.append((_TYPES[Level.WARN], "stopped early", f"{plan.stats.stopped}; the next run does the rest"))
    told += [(_TYPES[Level(each.level)], "doctor", _words(each)) for each in problems if each.level in _TYPES]
    told += [(_TYPES[finding.level], finding.rule, _sentence(finding)) for finding in plan.findings]
    for kind in _TYPES.values():
        own = [each for each in told if each[0] == kind]
        shown = own if len(own) <= MOST_ANNOTATIONS else own[: MOST_ANNOTATIONS - 1]
        yield from (command(kind, text, title) for _, title, text in shown)
        if len(own) > len(shown):
            yield command(kind, f"and {len(own) - len(shown):,} more: see the summary", "more")


def _words(problem: Entry) -> str:
    return " ".join(filter(None, (f"{problem.where}: {sentence(problem.what)}", problem.next_step)))


def _sentence(finding: Finding) -> str:
    return f"{finding.milestone}: {finding.message}. {finding.remedy}"


def command(kind: str, text: str, title: str = "") -> str:
    """A workflow command with a text that stays in it, whatever it holds."""
    shown = f" title={_property(terminal(title, 100))}" if title else ""
    return f"::{kind}{shown}::{_data(terminal(text, 1000))}"


def masked(secret: str) -> str:
    """The command that hides one line of a secret in all that is logged later; it holds the line itself."""
    return f"::add-mask::{_data(secret)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(markdown: str, limit: int = SUMMARY_BYTES) -> str:
    """The report as a job summary: as much of it as GitHub shows, cut between lines, what matters most first."""
    if len(markdown.encode()) <= limit:
        return markdown
    rest = "\n\n… the rest is in the report file (output `report-file`).\n"
    kept = markdown.encode()[: limit - len(rest.encode())].decode(errors="ignore")
    return kept[: kept.rfind("\n") + 1].rstrip() + rest


def outputs(plan: Plan, files: Mapping[str, str], problems: Sequence[Entry] = ()) -> Iterator[str]:
    """The lines of the outputs file: each value is JSON in ASCII, on one line."""
    lists: Mapping[str, Sequence[object]] = {
        "findings": [finding_object(finding) for finding in plan.findings],
        "changes": [change_object(change) for change in plan.changes],
        "notices": [notice_object(notice, plan.changes) for notice in plan.notices],
        "unread": unread_objects(plan),
        "problems": [problem_object(problem) for problem in problems],
    }
    for name, values in lists.items():
        yield f"{name}={_json_list(values)}"
    yield f"truncated={_json(plan.stats.truncated)}"
    for name, path in files.items():
        yield f"{name}={_json(path)}"


def _json_list(values: Iterable[object]) -> str:
    """As many of the values as an output may hold."""
    kept: list[str] = []
    size = 2
    for value in values:
        text = _json(value)
        if size + len(text) < OUTPUT_BYTES:
            kept.append(text)
            size += len(text) + 1
    return f"[{','.join(kept)}]"


def _json(value: object) -> str:
    return json_text(value, indent=None)
