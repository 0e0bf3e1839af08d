"""What the team's policy says of each milestone: levels, overrides, waivers, breaches. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from mdpc.fingerprint import fingerprint
from mdpc.matching import names_record
from mdpc.model import Change, Finding, Level, Milestone, Record, Ref
from mdpc.rules.base import Breach, Context, Rule
from mdpc.rules.waiver_expired import WaiverExpired
from mdpc.settings import RuleValue, Settings


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one milestone, and on whose word it applies.

    `source` is `the default`, `[rules]` or the `[[overrides]]` entry that decided; `waiver` says which waiver holds the
    breaches back, None where none does.
    """

    rule: str
    level: Level
    source: str
    waiver: str | None
    breaches: tuple[Breach, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings together with the rules there are."""

    settings: Settings
    rules: Mapping[str, type[Rule]]
    configured: Mapping[str, Rule] = field(init=False, compare=False, repr=False)
    """Every rule as `[rules]` sets it, which is what most milestones meet: made once."""

    def __post_init__(self) -> None:
        values = self.settings.rules
        configured = {name: kind.configure(values.get(name)) for name, kind in self.rules.items()}
        object.__setattr__(self, "configured", configured)

    @property
    def wants_activity(self) -> bool:
        """Whether any rule that is on, for all or by an override, looks at when issues last changed."""
        values = self.settings.rules
        rules = list(self.configured.values())
        for override in self.settings.overrides:
            rules += [
                self.rules[name].configure(laid_over(values.get(name), over)) for name, over in override.rules.items()
            ]
        return any(rule.needs_activity and rule.level is not Level.OFF for rule in rules)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is known of one milestone: why its records belong together, and what each rule says."""

    milestone: Milestone
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]


def verdicts(milestone: Milestone, policy: Policy, today: date) -> tuple[Verdict, ...]:
    """What every rule says of a milestone, those that are off included; nothing for history."""
    if milestone.history:
        return ()
    context = Context(today, ZoneInfo(policy.settings.timezone), _ended_waivers(milestone, policy.settings, today))
    return tuple(_verdict(name, milestone, policy, context) for name in policy.rules)


def findings(milestone: Milestone, said: tuple[Verdict, ...]) -> tuple[Finding, ...]:
    """The breaches that count: those of rules that are on and not waived. Their ids stay the same from run to run."""
    return tuple(
        _finding(milestone, verdict, breach)
        for verdict in said
        if verdict.level is not Level.OFF and verdict.waiver is None
        for breach in verdict.breaches
    )


def _finding(milestone: Milestone, verdict: Verdict, breach: Breach) -> Finding:
    ref = str(breach.ref) if breach.ref else None
    return Finding(
        id=fingerprint("f", verdict.rule, milestone.id, ref or "", breach.what),
        rule=verdict.rule,
        level=verdict.level,
        milestone=milestone.key,
        ref=ref,
        message=breach.message,
        remedy=breach.remedy,
    )


def _verdict(name: str, milestone: Milestone, policy: Policy, context: Context) -> Verdict:
    """One rule on one milestone. What it says of the milestone is judged by the rule as set for the strictest record,
    what it says of a record by the rule as set for that record; a waiver counts for the records it matches."""
    each = {record.ref: _rule_for(name, record, milestone.key, policy) for record in milestone.records}
    rule, source = max(each.values(), key=lambda choice: choice[0].level.rank)
    level = rule.level
    if level is Level.ERROR and policy.settings.enforce_after and context.today <= policy.settings.enforce_after:
        level, source = Level.WARN, f"{source}, a warning until {policy.settings.enforce_after.isoformat()}"
    if level is Level.OFF:
        return Verdict(name, level, source, None, ())
    waivers = {
        record.ref: _waived_by(name, record, milestone.key, policy.settings, context) for record in milestone.records
    }
    waiver = None if None in waivers.values() else next(iter(waivers.values()))
    of_milestone = (breach for breach in rule.check(milestone, context) if breach.ref is None)
    own = {ref: rule for ref, (rule, _) in each.items() if waiver or waivers[ref] is None}
    return Verdict(name, level, source, waiver, (*of_milestone, *_of_records(milestone, own, context)))


def _of_records(milestone: Milestone, rules: Mapping[Ref, Rule], context: Context) -> Iterator[Breach]:
    """The breaches of single records, each by the rule as set for it."""
    different: list[Rule] = []
    for rule in rules.values():
        if rule.level is Level.OFF or rule in different:
            continue
        different.append(rule)
        for breach in rule.check(milestone, context):
            if breach.ref is not None and rules.get(breach.ref) == rule:
                yield breach


def _rule_for(name: str, record: Record, key: str, policy: Policy) -> tuple[Rule, str]:
    value = policy.settings.rules.get(name)
    source = "the default" if value is None else "[rules]"
    overridden = False
    for override in policy.settings.overrides:
        if name in override.rules and names_record(override.match, record, key):
            value = laid_over(value, override.rules[name])
            source = f'[[overrides]] "{override.match}"'
            overridden = True
    return policy.rules[name].configure(value) if overridden else policy.configured[name], source


def laid_over(value: RuleValue | None, over: RuleValue) -> RuleValue:
    """An override on a rule's value: keys of a table replace the same keys, a level alone replaces the level."""
    table = dict(value) if isinstance(value, Mapping) else {} if value is None else {"level": value}
    return {**table, **(over if isinstance(over, Mapping) else {"level": over})}


def _waived_by(name: str, record: Record, key: str, settings: Settings, context: Context) -> str | None:
    """The waiver that holds a rule's breaches back for a record, in words."""
    if name == WaiverExpired.name:
        return None
    for waiver in settings.waivers:
        if context.today <= waiver.until and name in waiver.rules and names_record(waiver.match, record, key):
            return f'"{waiver.match}" until {waiver.until.isoformat()}: {waiver.reason}'
    return None


def _ended_waivers(milestone: Milestone, settings: Settings, today: date) -> tuple[tuple[str, date], ...]:
    """Waivers that no longer count and still match a record: what they match, and their last day."""
    ended = (waiver for waiver in settings.waivers if waiver.until < today)
    return tuple(
        (waiver.match, waiver.until)
        for waiver in ended
        if any(names_record(waiver.match, record, milestone.key) for record in milestone.records)
    )
