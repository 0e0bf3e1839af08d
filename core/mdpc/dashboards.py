"""What is written on the programs' dashboards: the issue itself, mdpc's part of it, and the program's ledger. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mdpc import status
from mdpc.budget import same_week
from mdpc.changes import Change, Kind, Value, Withheld
from mdpc.coordination import LABEL
from mdpc.dashboard_text import (
    LONGEST,
    Affairs,
    block_of,
    first_text,
    fitted,
    ledger_text,
    length,
    title_of,
    with_incomplete,
)
from mdpc.decide import Decided, Decider
from mdpc.digest_text import DIGEST
from mdpc.fingerprint import fingerprint
from mdpc.health import worst_first
from mdpc.hearing import Dashboard
from mdpc.issue_text import Page
from mdpc.join import home_of
from mdpc.marks import mark_at_end, without_mark
from mdpc.matching import may_overlap
from mdpc.model import Container, ContainerRef, Markup, Ref
from mdpc.program_ledger import (
    ALL,
    Last,
    Note,
    ProgramLedger,
    program_print,
    short,
    shown_in,
    text_of,
    unchanged,
    with_note,
)
from mdpc.render import as_told_at
from mdpc.settings import Program
from mdpc.tokens import issue_seed, seeds_in, token_id, token_uid


@dataclass(frozen=True, slots=True)
class Desk:
    """One program's dashboard and what it is to tell; `held` is the one that is there, None where it is to be made.

    `pages` are the program's milestones as they may be told there, worst first, `open_ones` the short ids of all that
    are open. `note` is what is to be noted in the ledger. `incomplete` says that some of its
    containers were not read, and `lost` which, as far as those may be told. `public` are the containers of which alone
    may be told, None for all.
    """

    program: str
    home: Container
    held: Dashboard | None
    pages: tuple[Page, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    incomplete: bool = False
    lost: tuple[str, ...] = ()
    open_ones: frozenset[str] = frozenset()
    public: frozenset[ContainerRef] | None = None
    note: Note = field(default_factory=Note)

    @property
    def print(self) -> str:
        """The fingerprint of the program's name."""
        return program_print(self.program)

    @property
    def ref(self) -> Ref:
        """The dashboard's address, a token until it is there."""
        return self.held.issue.ref if self.held else Ref(self.home.ref, token_id(self._seed))

    @property
    def uid(self) -> str:
        """Its immutable id, a token until it is there."""
        return self.held.issue.uid if self.held else token_uid(self._seed)

    @property
    def _seed(self) -> str:
        return issue_seed(self.print, self.home.ref)

    @property
    def markup(self) -> Markup:
        """How texts are marked up there."""
        if self.held is not None:
            return self.held.issue.markup
        return self.home.created.markup if self.home.created else Markup.LINE

    @property
    def before(self) -> ProgramLedger:
        """The ledger that is there, or an empty one."""
        return self.held.ledger if self.held and self.held.ledger else ProgramLedger(self.print)

    @property
    def known(self) -> ProgramLedger:
        """The ledger with what mdpc's own marks say besides, should a run have been killed before it was written."""
        told = _digests_told(self.held) if self.held else []
        latest = max([*told, *([self.before.digest] if self.before.digest else [])], default=None)
        if latest == self.before.digest:
            return self.before
        return replace(self.before, digest=latest, waiting=(), unsent=(ALL,))

    @property
    def noted(self) -> ProgramLedger:
        """The same with what is to be noted, and without what it says of milestones that are open no more."""
        ledger = with_note(self.known, self.note)
        if self.incomplete or not self.open_ones:
            return ledger
        return replace(ledger, put_off={key: each for key, each in ledger.put_off.items() if key in self.open_ones})


def _digests_told(dashboard: Dashboard) -> list[date]:
    """The periods of all digests that stand there, whole."""
    own = (mark_at_end(each.body) for each in dashboard.issue.comments if each.id in dashboard.own)
    return [day for found in own if found and found[0] == DIGEST and (day := _day(found[1])) is not None]


def _day(text: str) -> date | None:
    """The day that a mark names; None for an earlier part of a digest, and for what mdpc has not written."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def told_in(desk: Desk) -> str:
    """The words of the last digest on a dashboard, as its comments have them."""
    held, period = desk.held, desk.known.digest
    if held is None or period is None:
        return ""
    said = {
        found[1]: without_mark(comment.body)
        for comment in held.issue.comments
        if comment.id in held.own and (found := mark_at_end(comment.body)) and found[0] == DIGEST
    }
    own = [name for name in said if name.partition(".")[0] == period.isoformat()]
    return "\n".join(said[name] for name in sorted(own, key=lambda name: (not name.partition(".")[2], name)))


def desks(
    decided: Sequence[Decided], decider: Decider, notes: Mapping[str, Note] | None = None, *, now: bool = False
) -> tuple[Desk, ...]:
    """The dashboards of all programs whose live milestones were looked at, where there is, or may be, one.

    They tell of milestones as this run leaves them, or as they are `now` where nothing else is written. `notes` are to
    be noted, by the program's name.
    """
    by_program: dict[str, list[Decided]] = defaultdict(list)
    for each in decided:
        if not each.milestone.history:
            by_program[each.milestone.program].append(each)
    found = (_desk(decider.assembly.programs[name], several, decider, now) for name, several in by_program.items())
    wanted = notes or {}
    return tuple(replace(desk, note=wanted.get(desk.program, Note())) for desk in found if desk is not None)


def _desk(program: Program, decided: Sequence[Decided], decider: Decider, now: bool) -> Desk | None:
    around = decider.around
    home = _home(program, decider)
    if home is None or around.settings.connectors[home.ref.connector].access == "read":
        return None
    lost = [each.container for each in decider.unread if _may_be_of(program, each.container)]
    if any(may_overlap(str(home.ref), each.container) for each in decider.unread):
        return None
    held = decider.hearing.dashboards.get((home.ref, program_print(program.name)))
    pages = [page for each in decided if (page := _page(each, home, decider, now)) is not None]
    pages.sort(key=lambda page: worst_first(page.told))
    if held is None and not (pages and not lost):
        return None
    whole = {page.told.key for page in pages if page.all_told}
    withheld = tuple(entry for each in decided if each.milestone.key in whole for entry in each.withheld)
    everything = home.public is not True or program.public
    public = frozenset(ref for ref, each in around.containers.items() if each.public is True)
    open_ones = frozenset(short(each.milestone.id) for each in decided if not each.milestone.closed)
    return Desk(
        program.name,
        home,
        held,
        tuple(pages),
        withheld,
        incomplete=bool(lost),
        lost=tuple(lost) if everything else (),
        open_ones=open_ones,
        public=None if everything else public,
    )


def _home(program: Program, decider: Decider) -> Container | None:
    home = home_of(program)
    found = decider.homes.get(home.casefold()) if home else None
    return decider.around.containers.get(found) if found else None


def _may_be_of(program: Program, container: str) -> bool:
    return any(may_overlap(member.ref, container) for member in program.members)


def _page(each: Decided, home: Container, decider: Decider, now: bool) -> Page | None:
    """A milestone as it is now, or as this run leaves it, and as it may be told in its program's home.

    None where it may not be told there.
    """
    future = each.milestone if now or each.task is None or each.left_alone else each.task.future
    told = as_told_at(home.ref, future, decider.around)
    if now and told.issue is not None and seeds_in(told.issue[0].id):
        told = replace(told, issue=None)
    if not told.records:
        return None
    markup = home.created.markup if home.created else Markup.LINE
    return Page(told, len(told.records) == len(future.records), markup, home, decider.around.settings)


def written(desks: Iterable[Desk], changes: Sequence[Change], today: date) -> tuple[Change, ...]:
    """What is written on these dashboards; `changes` are all others of the run: they are told of, and go first."""
    by_program: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_program[change.program].append(change)
    return tuple(change for desk in desks for change in _written(desk, by_program[desk.program], today))


def _written(desk: Desk, others: Sequence[Change], today: date) -> list[Change]:
    made = {seed for change in others if change.kind == "issue" for seed in seeds_in(change.ref.id)}
    pages = tuple(_naming(page, made) for page in desk.pages)
    counts = _counts(each for each in others if desk.public is None or each.ref.container in desk.public)
    last = Last(today, counts) if counts else desk.before.last
    everything = tuple(dict.fromkeys(change.write for change in others))
    # Notices may wait for the ledger, so it waits for nothing but what it names.
    creations = tuple(dict.fromkeys(change.write for change in others if _creates(change)))

    def told(ran: date | None) -> list[Change]:
        affairs = Affairs(desk.program, pages, desk.withheld, last, desk.markup, ran)
        issue = (replace(change, follows=everything) for change in _issue(desk, affairs))
        ledger = _ledger(desk, affairs, replace(desk.noted, last=last, ran=ran))
        return [*issue, *(replace(change, follows=creations) for change in ledger)]

    ran = desk.before.ran
    due = ran is None or not same_week(ran, today)
    if desk.incomplete or not (others or due or told(ran)):
        return told(ran)  # a day passing alone is no reason to write
    return told(today)


def _creates(change: Change) -> bool:
    """Whether a change is part of making a record or an issue."""
    return change.kind in ("create", "issue") and bool(seeds_in(change.ref.id))


def may_note(program: Program, decider: Decider, *, narrowed: bool) -> bool:
    """Whether anything can be noted on a program's dashboard in this run: it is there, or can be made."""
    home = _home(program, decider)
    if home is None or decider.around.settings.connectors[home.ref.connector].access == "read":
        return False
    if any(may_overlap(str(home.ref), each.container) for each in decider.unread):
        return False
    there = (home.ref, program_print(program.name)) in decider.hearing.dashboards
    return there or not (narrowed or any(_may_be_of(program, each.container) for each in decider.unread))


def noted(desk: Desk, comments: Sequence[str], after: ProgramLedger) -> tuple[Change, ...]:
    """New comments on a dashboard, one after the other, and the ledger once they stand there.

    The dashboard itself stays as it is; where there is none it is made.
    """
    affairs = Affairs(desk.program, desk.pages, desk.withheld, after.last, desk.markup, after.ran)
    made = list(_issue(desk, affairs)) if desk.held is None else []
    needs = tuple(dict.fromkeys(change.write for change in made))
    found = []
    for text in comments:
        kind, name = mark_at_end(text) or ("", "")
        change = _change(desk, "comment", "comment", None, text, f"the {kind} is due")
        found.append(replace(change, write=f"{desk.ref} {kind} {name}", needs=needs))
        needs = (*needs, found[-1].write)
    ledger = (replace(change, needs=(*change.needs, *needs)) for change in _ledger(desk, affairs, after, shown=False))
    return (*made, *found, *ledger)


def _naming(page: Page, made: Collection[str]) -> Page:
    """The page without a coordination issue that is not made in this run."""
    issue = page.told.issue
    if issue is None or set(seeds_in(issue[0].id)) <= set(made):
        return page
    return replace(page, told=replace(page.told, issue=None))


def _counts(changes: Iterable[Change]) -> Mapping[str, int]:
    """How much of each sort people will see of these changes."""
    seen = {
        (sort, change.id if sort in ("field", "status") else change.write): sort
        for change in changes
        if (sort := _sort(change))
    }
    return dict(sorted(Counter(seen.values()).items()))


def _sort(change: Change) -> str:
    if change.kind == "comment":
        return "comment" if change.field == "comment" and change.before is None else ""
    if change.kind == "issue":
        return "issue" if seeds_in(change.ref.id) else ""
    if change.kind in ("update", "reopen"):
        return "" if change.field == "link" else "field"
    return change.kind if change.kind in ("create", "status") else ""


def _issue(desk: Desk, affairs: Affairs) -> Iterator[Change]:
    """The issue where there is none; else what of it is not as it shall be."""
    if desk.held is None:
        body = block_of(affairs, LONGEST[desk.markup]) if desk.markup is Markup.BLOCK else first_text(desk.program)
        values = {"title": title_of(desk.program), "body": body, "label": LABEL}
        for name, value in values.items():
            yield _change(desk, "issue", name, None, value, "the program gets its dashboard")
        return
    issue = desk.held.issue
    if desk.markup is Markup.BLOCK:
        before = status.find(issue.body, Markup.BLOCK)
        own = status.place(issue.body, None, Markup.BLOCK) or ""
        room = LONGEST[desk.markup] - length(own) - 2
        after = block_of(affairs, room)
        if desk.incomplete:
            after = fitted(with_incomplete(before or after, desk.lost, desk.markup), room)
        if before != after:
            yield _change(desk, "issue", "body", before, after, "what is known of the program's milestones has changed")
    if issue.closed:
        yield _change(desk, "issue", "state", "closed", "open", "the program's dashboard stays open")
    if LABEL not in issue.labels:
        yield _change(desk, "issue", "label", None, LABEL, "every dashboard carries it")


def _ledger(desk: Desk, affairs: Affairs, after: ProgramLedger, *, shown: bool = True) -> Iterator[Change]:
    """The ledger, where it is to say something else. Unless it is `shown` anew, what people see of it stays."""
    held = desk.held.held if desk.held else None
    if held is None:
        text = ledger_text(affairs, replace(after, writing=desk.before.writing + 1))
        change = _change(desk, "comment", "ledger", None, text, "what mdpc remembers of the program is kept here")
        yield replace(change, needs=(str(desk.ref),) if desk.held is None else ())
        return
    same = unchanged(desk.before, after)
    ledger = desk.before if same else replace(after, writing=desk.before.writing + 1)
    text = ledger_text(affairs, ledger)
    if desk.markup is Markup.LINE and (desk.incomplete or not shown):
        before = with_incomplete(shown_in(held), desk.lost, desk.markup) if shown else shown_in(held)
        room = LONGEST[desk.markup] - length(text_of(ledger, "", desk.markup))
        text = text_of(ledger, fitted(before, room), desk.markup)
    if held.body != text:
        ref = Ref(desk.home.ref, f"{desk.ref.id}/{held.id}")
        change = _change(desk, "comment", "ledger", held.body, text, "what mdpc remembers of the program has changed")
        yield replace(change, ref=ref, uid=held.id)


def _change(desk: Desk, kind: Kind, field: str, before: Value, after: Value, why: str) -> Change:  # noqa: PLR0913, PLR0917
    write = (
        f"{desk.ref}" if kind == "issue" and desk.held is None else f"{desk.ref} {kind if kind == 'issue' else field}"
    )
    return Change(
        id=fingerprint("c", write, field, str(after or "")),
        write=write,
        kind=kind,
        program=desk.program,
        ref=desk.ref,
        uid=desk.uid,
        field=field,
        before=before,
        after=after,
        why=why,
    )
