"""What the team's policy says of each milestone: levels, overrides, waivers, breaches. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from mdpc.changes import Change, Plan
from mdpc.fingerprint import fingerprint
from mdpc.matching import means, names_of
from mdpc.model import ContainerRef, Finding, Level, Milestone, Ref
from mdpc.preview import Preview
from mdpc.rules.base import Breach, Context, Rule, Siblings
from mdpc.rules.waiver_expired import WaiverExpired
from mdpc.settings import Override, Program, RuleValue, Settings, Waiver
from mdpc.simulation import Foreseen
from mdpc.untold import unreached, untold


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

    @property
    def worst(self) -> Level:
        """The level of the worst breach; the rule's own where there is none."""
        return max(
            (self.level_of(breach) for breach in self.breaches), key=lambda level: level.rank, default=self.level
        )

    def level_of(self, breach: Breach) -> Level:
        """How much a breach matters: as much as the rule, or more where the breach says so and the rule is on."""
        if self.level is Level.OFF or breach.at_least is None:
            return self.level
        return max(self.level, breach.at_least, key=lambda level: level.rank)


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings together with the rules there are."""

    settings: Settings
    rules: Mapping[str, type[Rule]]
    configured: Mapping[str, Rule] = field(init=False, compare=False, repr=False)
    """Every rule as `[rules]` sets it, which is what most milestones meet: made once."""
    programs: Mapping[str, Program] = field(init=False, compare=False, repr=False)
    """The configured programs by name."""

    def __post_init__(self) -> None:
        values = self.settings.rules
        configured = {name: kind.configure(values.get(name)) for name, kind in self.rules.items()}
        object.__setattr__(self, "configured", configured)
        object.__setattr__(self, "programs", {each.name: each for each in self.settings.programs})

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
class Company:
    """What stands around a milestone in its program: the containers that were read, and all its milestones."""

    containers: tuple[ContainerRef, ...] = ()
    siblings: Siblings = field(default_factory=Siblings)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is known of one milestone: why its records belong together, and what each rule says.

    `foreseen` is who will hear of it within a year, if nothing happens meanwhile; `preview` is what would be said on a
    day that was asked for.
    """

    milestone: Milestone
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    foreseen: tuple[Foreseen, ...] = ()
    preview: Preview | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """Milestones explained, worst first, and the plan for them, which says what is unread and what is withheld."""

    plan: Plan
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class _Meant:
    """What of the policy means a milestone: overrides and waivers by record, found once for all rules."""

    overrides: Mapping[Ref, tuple[Override, ...]]
    waivers: Mapping[Ref, tuple[Waiver, ...]]

    @classmethod
    def of(cls, milestone: Milestone, settings: Settings) -> _Meant:
        named = {record.ref: names_of(record, milestone.key) for record in milestone.records}
        return cls(
            {ref: tuple(o for o in settings.overrides if means(o.match, names)) for ref, names in named.items()},
            {ref: tuple(w for w in settings.waivers if means(w.match, names)) for ref, names in named.items()},
        )

    def ended_waivers(self, today: date) -> tuple[tuple[str, date], ...]:
        """Waivers that no longer count: what they match, and their last day."""
        ended = (waiver for waivers in self.waivers.values() for waiver in waivers if waiver.until < today)
        return tuple(dict.fromkeys((waiver.match, waiver.until) for waiver in ended))


def verdicts(milestone: Milestone, policy: Policy, today: date, company: Company | None = None) -> tuple[Verdict, ...]:
    """What every rule says of a milestone, those that are off included; nothing for history."""
    if milestone.history:
        return ()
    meant = _Meant.of(milestone, policy.settings)
    zone, around = ZoneInfo(policy.settings.timezone), company or Company()
    nobody = untold(milestone, policy.programs, policy.settings, today)
    beyond = unreached(milestone, policy.programs, policy.settings, today)
    context = Context(today, zone, meant.ended_waivers(today), around.containers, around.siblings, nobody, beyond)
    return tuple(_verdict(name, milestone, policy, meant, context) for name in policy.rules)


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
        level=verdict.level_of(breach),
        milestone=milestone.key,
        ref=ref,
        message=breach.message,
        remedy=breach.remedy,
    )


def _verdict(name: str, milestone: Milestone, policy: Policy, meant: _Meant, context: Context) -> Verdict:
    """One rule on one milestone. What it says of the milestone is judged by the rule as set for the strictest record,
    what it says of a record by the rule as set for that record; a waiver counts for the records it matches."""
    each = {ref: _rule_for(name, overrides, policy) for ref, overrides in meant.overrides.items()}
    rule, source = max(each.values(), key=lambda choice: choice[0].level.rank)
    level = rule.level
    lenient = _lenient_until(policy, context.today)
    if level is Level.ERROR and lenient:
        level, source = Level.WARN, f"{source}, a warning until {lenient.isoformat()}"
    if level is Level.OFF:
        return Verdict(name, level, source, None, ())
    waivers = {ref: _waived_by(name, own, context.today) for ref, own in meant.waivers.items()}
    waiver = None if None in waivers.values() else next(iter(waivers.values()))
    of_milestone = (breach for breach in rule.check(milestone, context) if breach.ref is None)
    own = {ref: rule for ref, (rule, _) in each.items() if waiver or waivers[ref] is None}
    breaches = (*of_milestone, *_of_records(milestone, own, context))
    if lenient:
        breaches = tuple(replace(breach, at_least=None) for breach in breaches)
    return Verdict(name, level, source, waiver, breaches)


def _lenient_until(policy: Policy, today: date) -> date | None:
    """The last day on which every error is a warning still; None where that is over."""
    last = policy.settings.enforce_after
    return last if last and today <= last else None


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


def _rule_for(name: str, overrides: Sequence[Override], policy: Policy) -> tuple[Rule, str]:
    value = policy.settings.rules.get(name)
    source = "the default" if value is None else "[rules]"
    overridden = False
    for override in overrides:
        if name in override.rules:
            value = laid_over(value, override.rules[name])
            source = f'[[overrides]] "{override.match}"'
            overridden = True
    return policy.rules[name].configure(value) if overridden else policy.configured[name], source


def laid_over(value: RuleValue | None, over: RuleValue) -> RuleValue:
    """An override on a rule's value: keys of a table replace the same keys, a level alone replaces the level."""
    table = dict(value) if isinstance(value, Mapping) else {} if value is None else {"level": value}
    return {**table, **(over if isinstance(over, Mapping) else {"level": over})}


def _waived_by(name: str, waivers: Sequence[Waiver], today: date) -> str | None:
    """The waiver that holds a rule's breaches back, in words."""
    if name == WaiverExpired.name:
        return None
    for waiver in waivers:
        if today <= waiver.until and name in waiver.rules:
            return f'"{waiver.match}" until {waiver.until.isoformat()}: {waiver.reason}'
    return None
