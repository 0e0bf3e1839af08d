"""What every report says: how it stands in a sentence, what is shown, what it cost. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mdpc.changes import Change, OutcomeStatus, Plan
from mdpc.exits import kept, read_nothing
from mdpc.model import Finding, Health, Level, Milestone, Record
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
        return _nothing_headline(plan)
    bypassed = sum(milestone.bypass is not None for milestone in plan.milestones)
    if bypassed:
        rest = f"; {counted(len(live), 'is', 'are')} open" if live else ""
        return f"{counted(bypassed, 'milestone was', 'milestones were')} closed without review{rest}."
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


def _nothing_headline(plan: Plan) -> str:
    if plan.stats.idle:
        return "Nothing falls to this shard: all of it is others'."
    return "No milestone could be read." if plan.unread else "No milestone was found."


def _standing(health: Health, count: int) -> str:
    if health is Health.NO_DATE:
        return f"{count:,} {'has' if count == 1 else 'have'} no due date"
    return f"{count:,} {'is' if count == 1 else 'are'} {HEALTH[health]}"


def _forget_headline(plan: Plan) -> str:
    if is_applied(plan):
        done = descriptions(change for change in plan.changes if change.outcome in DONE)
        return f"mdpc's status was taken out of {counted(done, 'description')}."
    standing = descriptions(plan.changes) + len(kept(plan))
    return f"mdpc's status stands in {counted(standing, 'description')}."


def descriptions(changes: Iterable[Change]) -> int:
    """How many descriptions these changes are about."""
    return len({change.ref for change in changes if change.field == "status"})


def verdict(plan: Plan) -> str:
    """How many findings there are, in a sentence, and how many more the baseline holds."""
    known = f" {counted(plan.baselined, 'known finding is', 'known findings are')} left out." if plan.baselined else ""
    return f"{_broken(plan)}{known}".strip()


def _broken(plan: Plan) -> str:
    if not plan.findings:
        word = "No further rule" if plan.baselined else "No rule"
        return f"{word} is broken." if plan.milestones else ""
    levels = Counter(finding.level for finding in plan.findings)
    words = {Level.ERROR: "error", Level.WARN: "warning"}
    parts = [counted(levels[level], word) for level, word in words.items() if levels[level]]
    return f"{listed(parts)} on {counted(len({finding.milestone for finding in plan.findings}), 'milestone')}."


def alarms(plan: Plan) -> tuple[str, ...]:
    """What makes a run incomplete or refused, a sentence each: to be said at the top."""
    unread = [entry.container for entry in plan.unread if not (entry.optional or entry.left)]
    trouble = by_outcome(allowed_changes(plan)).items()
    ended = {outcome: len(changes) for outcome, changes in trouble if outcome not in DONE}
    told = [
        "Nothing was read: of what the configuration names, nothing is left." if nothing_is_left(plan) else "",
        f"{counted(len(plan.refused), 'program is', 'programs are')} refused by [limits]." if plan.refused else "",
        f"{_containers(unread)} could not be read." if unread else "",
        _absent(plan),
        *(f"{counted(count, 'change')} {OUTCOMES[outcome]}." for outcome, count in ended.items()),
        f"{counted(len(kept(plan)), 'description keeps', 'descriptions keep')} it: mdpc may not write there."
        if kept(plan)
        else "",
        _stopped(plan) if plan.stats.truncated else "",
    ]
    return tuple(filter(None, told))


def _stopped(plan: Plan) -> str:
    why = f": {plan.stats.stopped}" if plan.stats.stopped else ""
    left = [entry.container for entry in plan.unread if entry.left]
    before = f", before {_containers(left)} {'was' if len(left) == 1 else 'were'} read" if left else ""
    return f"The run stopped early{why}{before}; the next one does the rest."


def _containers(names: Sequence[str]) -> str:
    return listed(names) if len(names) <= 3 else counted(len(names), "container")


def _absent(plan: Plan) -> str:
    """Which shards are missing, where several were put together."""
    if not plan.absent:
        return ""
    named = listed([str(each) for each in plan.absent]) if len(plan.absent) <= 10 else f"{len(plan.absent):,} of them"
    if len(plan.absent) == 1:
        return f"Shard {named} is missing: what it did is not told here, and its messages wait for the next run."
    return f"Shards are missing, {named}: what they did is not told here, and their messages wait for the next run."


def nothing_is_left(plan: Plan) -> bool:
    """Whether nothing was read although nothing failed."""
    return read_nothing(plan) and not plan.unread


def what_was_read(plan: Plan) -> str:
    """How many records of how many containers each connector gave, and what of it is not shown; a sentence each."""
    parts = [
        f"{counted(plan.stats.records.get(name, 0), 'record')} in {counted(count, 'container')} on {name}"
        for name, count in sorted(plan.stats.containers.items())
    ]
    sentences = [f"Shard {plan.shard}."] if plan.shard else []
    sentences += [f"Read {listed(parts)}."] if parts else []
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
    """What to do, for each rule: the rule and its remedy once, whatever the number of milestones that need it.

    Where a rule has several remedies, each says for which connectors it is, unless that is the same for all.
    """
    known: dict[str, dict[str, dict[str, None]]] = {}
    records = {milestone.key: milestone.records for milestone in plan.milestones}
    for finding in plan.findings:
        remedy, connectors = _general(finding.remedy, records.get(finding.milestone, ()))
        known.setdefault(finding.rule, {}).setdefault(remedy, {}).update(dict.fromkeys(connectors))
    return tuple((rule, each) for rule in sorted(known) for each in _told_apart(known[rule]))


def _told_apart(remedies: Mapping[str, Collection[str]]) -> Iterator[str]:
    differ = len({tuple(sorted(connectors)) for connectors in remedies.values()}) > 1
    for remedy, connectors in remedies.items():
        yield f"On {listed(sorted(connectors))}: {remedy}" if differ and connectors else remedy


def _general(remedy: str, records: Sequence[Record]) -> tuple[str, list[str]]:
    """A remedy that names no record, so that it is the same for all, and the connectors of those that it named."""
    connectors = []
    for record in sorted(records, key=lambda record: len(str(record.ref)), reverse=True):  # `#1` begins `#12`
        if str(record.ref) in remedy:
            connectors.append(record.ref.container.connector)
            remedy = remedy.replace(str(record.ref), "the milestone")
    return remedy, connectors


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


_REQUEST = re.compile(r"\((GET|POST|PUT|PATCH|DELETE) \S+?(: \d{3})?\)")


def by_answer(ended: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes by what the tracker said of them; where it said the same of several, without their refs and paths."""
    alike = grouped(ended, _general_answer)
    answers = {said: {change.answer for change in changes} for said, changes in alike.items()}
    return {answers[said].pop() if len(answers[said]) == 1 else said: changes for said, changes in alike.items()}


def _general_answer(change: Change) -> str:
    return _REQUEST.sub(r"(\1\2)", change.answer.replace(str(change.ref), "the milestone"))


def is_applied(plan: Plan) -> bool:
    """Whether the plan was applied, or at least its first change."""
    return plan.command == "send" or any(change.outcome for change in plan.changes)


def costs(plan: Plan) -> str:
    """How many requests each tracker was sent, and how long it took."""
    requests = [f"{name} {count:,}" for name, count in sorted(plan.stats.requests.items())]
    return f"Requests: {', '.join(requests) or 'none'}; {plan.stats.seconds:.1f} seconds."
