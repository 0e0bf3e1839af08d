"""What a plan would write or has written, what it does not and why, and what was not read: text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mdpc.changes import Change, Plan
from mdpc.escape import terminal
from mdpc.report import issues, summary
from mdpc.report.page import DIM, LEVEL_STYLES, Page
from mdpc.report.words import counted, ref_words, sentence, value_words

SAID = 240
"""How many characters of a comment a list shows: about four lines of a narrow terminal."""

NAMED = 20
"""How many containers, changes or names a list shows before it counts the rest."""

_HEADS = {"forget": "WOULD BE TAKEN OUT"}
_GOOD = {"done": LEVEL_STYLES["ok"], "already": LEVEL_STYLES["ok"]}


def changes(page: Page, plan: Plan) -> None:
    """The changes, or after a sync what became of them; what was not written comes first and in full."""
    allowed = summary.allowed_changes(plan)
    if summary.is_applied(plan):
        for outcome, ended in summary.by_outcome(allowed).items():
            page.heading(
                (f"{summary.OUTCOMES[outcome].upper()}  {len(ended):,}", _GOOD.get(outcome, LEVEL_STYLES["error"]))
            )
            if outcome in summary.DONE:
                _listed(page, ended)
            else:
                _troubled(page, ended)
    elif allowed:
        page.heading((f"{_HEADS.get(plan.command, 'TO WRITE')}  {len(allowed):,}", "bold cyan"))
        _listed(page, allowed)


def conflicts(page: Page, plan: Plan) -> None:
    """The fields that records hold differently, with what each holds."""
    if not plan.conflicts:
        return
    page.heading((f"CONFLICTS, LEFT ALONE UNTIL PEOPLE AGREE  {len(plan.conflicts):,}", LEVEL_STYLES["warn"]))
    for conflict in plan.conflicts[:NAMED]:
        values = [f"{value_words(value)} in {ref}" for ref, value in conflict.values.items()]
        label = ((f"  {terminal(conflict.milestone)}  ", DIM),)
        page.paragraph(*label, f"{conflict.field}: {terminal(', '.join(values))}", indent=0, hang=4)
    if len(plan.conflicts) > NAMED:
        page.paragraph(f"… and {len(plan.conflicts) - NAMED:,} more: `--format json` has all.", indent=2)


def _listed(page: Page, listed: Sequence[Change]) -> None:
    """What is created by title, what people wrote one by one, what is all alike by container."""
    for (what, why), alike in summary.grouped(listed, lambda change: (_sort(change), _why(change))).items():
        count = len({change.write for change in alike}) if what in _MADE else len(alike)
        page.paragraph(f"{what}: {terminal(why)}", (f" ({count:,})", DIM), indent=2)
        if what in _MADE:
            _created(page, alike)
        elif what in _OWN:
            _by_container(page, alike)
        elif what == "comment":
            _comments(page, alike)
        else:
            _one_by_one(page, alike)


_MADE = ("create", issues.NEW)
_OWN = ("status", "memory", "link", issues.BODY, issues.LEDGER)
"""mdpc's own texts: which record or issue gets one is all that is told."""


def _sort(change: Change) -> str:
    if change.kind in ("issue", "comment"):
        return issues.sort_of(change)
    return "link" if change.field == "link" else change.kind


def _why(change: Change) -> str:
    return "to the same milestone on another tracker" if change.field == "link" and change.after else change.why


def _created(page: Page, alike: Sequence[Change]) -> None:
    """Each new record or issue by its title and what else people see of it."""
    writes = list(summary.grouped(alike, lambda change: change.write).values())
    for write in writes[:NAMED]:
        fields = {change.field: value_words(change.after) for change in write if change.field not in _UNTOLD}
        title = terminal(fields.pop("title", ""), limit=120)
        facts = "".join(f", {name} {terminal(value)}" for name, value in fields.items())
        page.paragraph((f"{terminal(ref_words(write[0].ref))}  ", DIM), f"{title}{facts}", indent=4, hang=2)
    _more(page, len(writes) - NAMED)


_UNTOLD = ("status", *issues.MADE_WITH)


def _comments(page: Page, alike: Sequence[Change]) -> None:
    """Each comment by how it begins."""
    for change in alike[:NAMED]:
        said = terminal(issues.said_in(change), limit=SAID)
        page.paragraph((f"{terminal(issues.place_of(change))}  ", DIM), said, indent=4, hang=2)
    _more(page, len(alike) - NAMED)


def _more(page: Page, count: int) -> None:
    if count > 0:
        page.paragraph(f"… and {count:,} more: `--format json` has all.", indent=4)


def _by_container(page: Page, alike: Sequence[Change]) -> None:
    containers = list(summary.grouped(alike, lambda change: str(change.ref.container)).items())
    for container, inside in containers[:NAMED]:
        known = list(dict.fromkeys(issues.place_of(change).removeprefix(container) for change in inside))
        ids = known[:NAMED]
        more = [f"and {len(known) - NAMED:,} more"] if len(known) > NAMED else []
        page.paragraph(terminal(container), (f"  {' '.join([*ids, *more])}", DIM), indent=4, hang=2)
    rest = containers[NAMED:]
    if rest:
        count = sum(len(inside) for _, inside in rest)
        page.paragraph(
            f"… and {count:,} more in {counted(len(rest), 'other container')}: `--format json` has all.", indent=4
        )


def _one_by_one(page: Page, alike: Sequence[Change]) -> None:
    for change in alike[:NAMED]:
        page.paragraph(
            (f"{terminal(ref_words(change.ref))}  ", DIM),
            f"{terminal(change.field)}: {_value(change.before)} → {_value(change.after)}",
            indent=4,
            hang=2,
        )
    _more(page, len(alike) - NAMED)


def _value(value: str | int | bool | None) -> str:
    return terminal(value_words(value), limit=120)


def _troubled(page: Page, ended: Sequence[Change]) -> None:
    """Every change that was not written, with what the tracker said; refs with the same answer together."""
    for answer, alike in summary.by_answer(ended).items():
        if answer:
            page.paragraph(sentence(terminal(answer)), indent=2)
        for ref, changes in summary.grouped(alike, issues.place_of).items():
            fields = ", ".join(dict.fromkeys(terminal(issues.name_of(change)) for change in changes))
            page.paragraph(f"{terminal(ref)}  {fields}", indent=4, hang=2)


def not_written(page: Page, plan: Plan) -> None:
    """What `[limits]` refused and what is withheld, each with why."""
    if plan.refused:
        refused = summary.refused_changes(plan)
        page.heading((f"REFUSED BY [limits], NOT WRITTEN  {len(refused):,}", LEVEL_STYLES["error"]))
        for why in summary.grouped(plan.refused, lambda refusal: refusal.why):
            page.paragraph(sentence(terminal(why)), indent=2)
        # A program that is one container is named by the list of changes.
        containers = {str(change.ref.container) for change in refused}
        programs = [terminal(refusal.program) for refusal in plan.refused if refusal.program not in containers]
        if programs:
            page.paragraph(f"programs: {', '.join(programs)}", indent=2, hang=2)
        _listed(page, refused)
    if plan.withheld:
        page.heading((f"WITHHELD  {len(plan.withheld):,}", LEVEL_STYLES["warn"]))
        withheld = summary.grouped(plan.withheld, lambda entry: entry.why)
        _with_reasons(page, ((why, [entry.what for entry in each]) for why, each in withheld.items()))


def unread(page: Page, plan: Plan) -> None:
    """What could not be read, each with why."""
    for optional, head in ((False, "NOT READ"), (True, "NOT READ, AND OPTIONAL")):
        lost = [entry for entry in plan.unread if entry.optional is optional]
        if lost:
            page.heading((f"{head}  {len(lost):,}", LEVEL_STYLES["warn" if optional else "error"]))
            whys = summary.grouped(lost, lambda entry: entry.why)
            _with_reasons(page, ((why, [entry.container for entry in each]) for why, each in whys.items()), named=None)


def left_out(page: Page, plan: Plan) -> None:
    """What was left out on purpose, each with why."""
    if plan.skipped:
        page.heading((f"LEFT OUT  {len(plan.skipped):,}", DIM))
        skipped = summary.grouped(plan.skipped, lambda entry: entry.why)
        _with_reasons(page, ((why, [entry.container for entry in each]) for why, each in skipped.items()))


def _with_reasons(page: Page, reasons: Iterable[tuple[str, Sequence[str]]], named: int | None = NAMED) -> None:
    for why, names in reasons:
        shown = names[:named]
        more = f" and {len(names) - len(shown):,} more (`--format json` has all)" if len(names) > len(shown) else ""
        page.paragraph(f"{', '.join(map(terminal, shown))}{more}", indent=2, hang=2)
        page.paragraph((sentence(terminal(why)), DIM), indent=4)
