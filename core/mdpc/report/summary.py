"""What every report says first and last: how it stands in a sentence, what is shown, and what to do next. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mdpc.model import Change, Finding, Health, Level, Milestone, OutcomeStatus, Plan
from mdpc.report.words import HEALTH, counted, listed

DONE: tuple[OutcomeStatus, ...] = ("done", "already")

OUTCOMES: Mapping[OutcomeStatus, str] = {
    "failed": "failed",
    "unknown": "not known to be written, the answer was lost",
    "stale": "not written, somebody changed it meanwhile",
    "withheld": "withheld",
    "done": "written",
    "already": "stood there already",
}
"""How a change can end, in words: trouble first."""

Saying = tuple[Level, str, str]
Row = tuple[Milestone, tuple[Finding, ...]]
Rows = Sequence[Row]
Item = TypeVar("Item")
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Group:
    """Milestones of one health that a reader should see, in the plan's order, each with its findings.

    `common` is what the findings of all of them say alike, so that it can be said once; only of three and more.
    """

    health: Health
    milestones: Rows
    common: frozenset[Saying]


def saying(finding: Finding) -> Saying:
    """What a finding says, whichever milestone it is about."""
    return finding.level, finding.rule, finding.message


def open_milestones(plan: Plan) -> list[Milestone]:
    """The milestones that are open and therefore no history."""
    return [milestone for milestone in plan.milestones if not milestone.closed]


def groups(plan: Plan) -> tuple[Group, ...]:
    """Every milestone that has a finding, or is open and not on track: worst health first."""
    found = grouped(plan.findings, lambda finding: finding.milestone)
    shown: dict[Health, list[Row]] = {health: [] for health in Health}
    for milestone in plan.milestones:
        findings = found.get(milestone.key, [])
        if findings or not (milestone.closed or milestone.health is Health.ON_TRACK):
            shown[milestone.health].append((milestone, tuple(sorted(findings, key=lambda each: -each.level.rank))))
    return tuple(Group(health, tuple(rows), _in_common(rows)) for health, rows in shown.items() if rows)


def _in_common(rows: Rows) -> frozenset[Saying]:
    """What is said of every one of three and more milestones."""
    if len(rows) < 3:
        return frozenset()
    return frozenset.intersection(*(frozenset(map(saying, findings)) for _, findings in rows))


def headline(plan: Plan) -> str:
    """How the milestones stand, in a sentence."""
    if plan.command == "forget":
        return _forget_headline(plan)
    live = open_milestones(plan)
    if not plan.milestones:
        return "No milestone could be read." if plan.unread else "No milestone was found."
    if not live:
        return f"No milestone is open; {counted(len(plan.milestones), 'is', 'are')} closed."
    by_health = Counter(milestone.health for milestone in live)
    if by_health[Health.ON_TRACK] == len(live):
        return (
            "The one open milestone is on track."
            if len(live) == 1
            else f"All {len(live):,} open milestones are on track."
        )
    parts = [_standing(health, by_health[health]) for health in Health if by_health[health]]
    return f"{counted(len(live), 'open milestone')}: {listed(parts)}."


def _standing(health: Health, count: int) -> str:
    if health is Health.NO_DATE:
        return f"{count:,} {'has' if count == 1 else 'have'} no due date"
    return f"{count:,} {'is' if count == 1 else 'are'} {HEALTH[health]}"


def _forget_headline(plan: Plan) -> str:
    if is_applied(plan):
        done = sum(change.outcome in DONE for change in plan.changes)
        return f"mdpc's status was taken out of {counted(done, 'description')}."
    return f"mdpc's status stands in {counted(len(plan.changes), 'description')}."


def verdict(plan: Plan) -> str:
    """How many findings there are, in a sentence."""
    if not plan.findings:
        return "No rule is broken." if plan.milestones else ""
    levels = Counter(finding.level for finding in plan.findings)
    words = {Level.ERROR: "error", Level.WARN: "warning"}
    parts = [counted(levels[level], word) for level, word in words.items() if levels[level]]
    return f"{listed(parts)} on {counted(len({finding.milestone for finding in plan.findings}), 'milestone')}."


def alarms(plan: Plan) -> tuple[str, ...]:
    """What makes a run incomplete or refused, a sentence each: to be said at the top."""
    unread = [entry.container for entry in plan.unread if not entry.optional]
    names = listed(unread) if len(unread) <= 3 else counted(len(unread), "container")
    trouble = by_outcome(allowed_changes(plan)).items()
    ended = {outcome: len(changes) for outcome, changes in trouble if outcome not in DONE}
    told = [
        f"{counted(len(plan.refused), 'program is', 'programs are')} refused by [limits]." if plan.refused else "",
        f"{names} could not be read." if unread else "",
        *(f"{counted(count, 'change')} {OUTCOMES[outcome]}." for outcome, count in ended.items()),
        "The run stopped early; the rest was not done." if plan.stats.truncated else "",
    ]
    return tuple(filter(None, told))


def what_was_read(plan: Plan) -> str:
    """How many records of how many containers each connector gave, and what of it is not shown; a sentence each."""
    parts = [
        f"{counted(plan.stats.records.get(name, 0), 'record')} in {counted(count, 'container')} on {name}"
        for name, count in sorted(plan.stats.containers.items())
    ]
    sentences = [f"Read {listed(parts)}."] if parts else []
    if plan.command == "forget":
        return " ".join(sentences)
    shown = sum(len(group.milestones) for group in groups(plan))
    history = sum(milestone.history for milestone in plan.milestones)
    quiet = len(plan.milestones) - shown - history
    if quiet:
        sentences.append(f"{counted(quiet, 'more milestone is', 'more milestones are')} on track or achieved.")
    if history:
        sentences.append(f"{counted(history, 'was', 'were')} closed before mdpc came: history, not judged.")
    return " ".join(sentences)


def remedies(plan: Plan) -> tuple[tuple[str, str], ...]:
    """What to do, for each rule: the rule and its remedy once, whatever the number of milestones that need it."""
    known: dict[tuple[str, str], None] = {}
    refs = {milestone.key: [str(record.ref) for record in milestone.records] for milestone in plan.milestones}
    for finding in plan.findings:
        known[finding.rule, _general(finding.remedy, refs.get(finding.milestone, []))] = None
    return tuple(sorted(known, key=lambda each: each[0]))


def _general(remedy: str, refs: Sequence[str]) -> str:
    """A remedy that names no record, so that it is the same for all; the longest ref first, `#1` begins `#12`."""
    for ref in sorted(refs, key=len, reverse=True):
        remedy = remedy.replace(ref, "the milestone")
    return remedy


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """The items by a key, keys and items in the order in which they came."""
    found: dict[Key, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def allowed_changes(plan: Plan) -> list[Change]:
    """The changes of programs that `[limits]` did not refuse."""
    refused = {refusal.program for refusal in plan.refused}
    return [change for change in plan.changes if change.program not in refused]


def refused_changes(plan: Plan) -> list[Change]:
    """The changes of programs that `[limits]` refused."""
    refused = {refusal.program for refusal in plan.refused}
    return [change for change in plan.changes if change.program in refused]


def by_outcome(changes: Sequence[Change]) -> dict[OutcomeStatus, list[Change]]:
    """The changes that were applied by how they ended: trouble first."""
    ended = grouped((change for change in changes if change.outcome), lambda change: change.outcome)
    return {outcome: ended[outcome] for outcome in OUTCOMES if outcome in ended}


def is_applied(plan: Plan) -> bool:
    """Whether the plan was applied, or at least its first change."""
    return any(change.outcome for change in plan.changes)


def costs(plan: Plan) -> str:
    """How many requests each tracker was sent, and how long it took."""
    requests = [f"{name} {count:,}" for name, count in sorted(plan.stats.requests.items())]
    return f"Requests: {', '.join(requests) or 'none'}; {plan.stats.seconds:.1f} seconds."


def next_step(plan: Plan) -> str:  # noqa: PLR0911 - a decision table reads best as one
    """What to do now, in a sentence."""
    if plan.refused:
        adopting = sum(refusal.count for refusal in plan.refused if refusal.limit == "adopt")
        command = f"`mdpc sync --adopt {adopting}`" if adopting else "`mdpc sync`, once [limits] allows it,"
        return f"Look at the list; if these are the right records, {command} writes to them."
    if is_applied(plan):
        left = [change for change in plan.changes if change.outcome not in DONE]
        return (
            "Run the command again for what was not written; what is done stays done."
            if left
            else "Nothing: all is written."
        )
    if plan.changes and plan.command == "plan":
        which = "this change" if len(plan.changes) == 1 else "these changes"
        return f"`mdpc sync` writes {which}; this run wrote nothing."
    if plan.changes and plan.command == "forget":
        return "Descriptions are then byte for byte what people wrote."
    if any(not entry.optional for entry in plan.unread):
        return "Repair what could not be read, then run it again; `mdpc doctor` looks at tokens and rights."
    if plan.findings:
        return "`mdpc explain KEY` (or a ref, or a rule) says why a rule applies and what else is known."
    return "Nothing to do." if plan.milestones else "Look at what the configuration names, or ask `mdpc doctor`."
