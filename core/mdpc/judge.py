"""What the team's policy says of each milestone: levels, overrides, waivers, breaches. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from mdpc.matching import names_record
from mdpc.model import Change, Finding, Level, Milestone, Record
from mdpc.rules.base import Breach, Context, Rule
from mdpc.rules.waiver_expired import WaiverExpired
from mdpc.settings import RuleValue, Settings, Waiver


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
        _finding(milestone, verdict, number, breach)
        for verdict in said
        if verdict.level is not Level.OFF and verdict.waiver is None
        for number, breach in enumerate(verdict.breaches)
    )


def _finding(milestone: Milestone, verdict: Verdict, number: int, breach: Breach) -> Finding:
    ref = str(breach.ref) if breach.ref else None
    identity = "\0".join((verdict.rule, milestone.id, ref or str(number)))
    return Finding(
        id="f" + hashlib.sha256(identity.encode()).hexdigest()[:12],
        rule=verdict.rule,
        level=verdict.level,
        milestone=milestone.key,
        ref=ref,
        message=breach.message,
        remedy=breach.remedy,
    )


def _verdict(name: str, milestone: Milestone, policy: Policy, context: Context) -> Verdict:
    rule, source = _strictest(name, milestone, policy)
    level = rule.level
    if level is Level.ERROR and policy.settings.enforce_after and context.today <= policy.settings.enforce_after:
        level, source = Level.WARN, f"{source}, a warning until {policy.settings.enforce_after.isoformat()}"
    if level is Level.OFF:
        return Verdict(name, level, source, None, ())
    breaches = tuple(rule.check(milestone, context))
    return Verdict(name, level, source, _waived_by(name, milestone, policy.settings, context.today), breaches)


def _strictest(name: str, milestone: Milestone, policy: Policy) -> tuple[Rule, str]:
    """The rule as set for the record for which it is strictest, the first of equals."""
    choices = [_rule_for(name, record, milestone.key, policy) for record in milestone.records]
    return max(choices, key=lambda choice: choice[0].level.rank)


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


def _waivers(name: str | None, milestone: Milestone, settings: Settings) -> Iterator[Waiver]:
    for waiver in settings.waivers:
        meant = any(names_record(waiver.match, record, milestone.key) for record in milestone.records)
        if meant and (name is None or name in waiver.rules):
            yield waiver


def _waived_by(name: str, milestone: Milestone, settings: Settings, today: date) -> str | None:
    if name == WaiverExpired.name:
        return None
    for waiver in _waivers(name, milestone, settings):
        if today <= waiver.until:
            return f'"{waiver.match}" until {waiver.until.isoformat()}: {waiver.reason}'
    return None


def _ended_waivers(milestone: Milestone, settings: Settings, today: date) -> tuple[tuple[str, date], ...]:
    ended = (waiver for waiver in _waivers(None, milestone, settings) if waiver.until < today)
    return tuple((waiver.match, waiver.until) for waiver in ended)
