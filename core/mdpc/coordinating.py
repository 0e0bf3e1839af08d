"""What is written on coordination issues: the issue itself, mdpc's part of it, its ledger and its comments. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mdpc import status
from mdpc.changes import Change, Kind, Value, Withheld
from mdpc.coordination import LABEL, Comment, Issue
from mdpc.decide import Decided
from mdpc.fingerprint import fingerprint
from mdpc.gates import Objection
from mdpc.gating import BYPASS, Gated
from mdpc.issue_text import (
    ANSWER,
    Page,
    answer_text,
    block_of,
    bypass_text,
    first_text,
    ledger_text,
    title_of,
    void_text,
)
from mdpc.ledger import Ledger, assignee, is_ledger, ledger_of, title_print, with_debt
from mdpc.marks import NOTICE, mark_at_end
from mdpc.messages import Message
from mdpc.model import Container, ContainerRef, Finding, Markup, Milestone, Owner, Ref
from mdpc.notice_text import notice_text
from mdpc.owners import HANDED
from mdpc.people import identity_of, login_of
from mdpc.render import Surroundings, as_told_at
from mdpc.settings import Settings
from mdpc.standing import Standing
from mdpc.telling import messages_of
from mdpc.tokens import seeds_in, token_uid
from mdpc.voiding import VOID


@dataclass(frozen=True, slots=True)
class Coordinated:
    """What is written on one coordination issue; `before_reopening` are writes that opening again has to wait for.

    `ledger` is the write of the ledger, which comes after all others. `messages` go out by channels once the comments
    that they need stand there; `untold` are those that could reach nobody. `before_memory` are writes that memory of
    the milestone with this `id` has to wait for: once that says that the closing is accepted, nobody knows it for news.
    """

    changes: tuple[Change, ...] = ()
    before_reopening: tuple[str, ...] = ()
    ledger: str = ""
    messages: tuple[Message, ...] = ()
    untold: tuple[Withheld, ...] = ()
    id: str = ""
    before_memory: tuple[str, ...] = ()


def coordinated(
    decided: Sequence[Decided], findings: Sequence[Finding], around: Surroundings
) -> Mapping[str, Coordinated]:
    """What is written on the coordination issues of these milestones, by the milestone's key.

    `findings` are of the milestones as they will be.
    """
    by_milestone: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_milestone[finding.milestone].append(finding)
    found: dict[str, Coordinated] = {}
    for each in decided:
        task = _task(each, by_milestone[each.milestone.key], around)
        if task is not None:
            found[each.milestone.key] = task.coordinated()
    return found


def _task(each: Decided, findings: Sequence[Finding], around: Surroundings) -> _Task | None:
    judged, milestone = each.gated, each.milestone
    if judged is None or judged.ledger is None or milestone.issue is None or each.left_alone or each.task is None:
        return None
    ref = milestone.issue[0]
    home = around.containers.get(ref.container)
    if home is None or around.settings.connectors[ref.container.connector].access == "read":
        return None
    future = replace(each.task.future, quiet_until=milestone.quiet_until)
    told = as_told_at(home.ref, future, around)
    if not told.records:
        return None
    achieved = future.closed and future.bypass is None
    public = _is_public(home, milestone, around)
    return _Task(milestone, achieved, judged, told, findings, home, around.settings, public)


def page_of(judged: Gated, milestone: Milestone, home: Container, around: Surroundings) -> Page:
    """Where texts about a milestone are written; `home` has its issue, or is where that would be made."""
    told = as_told_at(home.ref, milestone, around)
    return _page(judged, told, home, around.settings, public=_is_public(home, milestone, around))


def _page(judged: Gated, told: Milestone, home: Container, settings: Settings, *, public: bool) -> Page:
    whole = len(told.records) == len(judged.milestone.records)
    return Page(told, whole, _markup(judged, home), home, settings, public, delivered=judged.delivered)


def _markup(judged: Gated, home: Container) -> Markup:
    issue = judged.heard.issue
    if issue is not None:
        return issue.markup
    return home.created.markup if home.created else Markup.LINE


def _is_public(home: Container, milestone: Milestone, around: Surroundings) -> bool:
    return home.public is True and not around.programs[milestone.program].public


@dataclass(slots=True)
class _Task:
    """One coordination issue to be brought up to date."""

    milestone: Milestone
    achieved: bool
    judged: Gated
    told: Milestone
    findings: Sequence[Finding]
    home: Container
    settings: Settings
    public: bool

    @property
    def issue(self) -> Issue | None:
        """The issue as it was read."""
        return self.judged.heard.issue

    @property
    def ref(self) -> Ref:
        """Its address, a token until it is there."""
        return self.milestone.issue[0] if self.milestone.issue else Ref(self.home.ref, "")

    @property
    def is_new(self) -> bool:
        """Whether it is to be made."""
        return bool(seeds_in(self.ref.id))

    @property
    def is_record(self) -> bool:
        """Whether it is one of the milestone's own records, of which people write body, state and the rest."""
        return any(record.ref == self.ref for record in self.milestone.records)

    @property
    def uid(self) -> str:
        """Its immutable id, a token until it is there."""
        if self.is_new:
            return token_uid(seeds_in(self.ref.id)[0])
        own = next((record.uid for record in self.milestone.records if record.ref == self.ref), "")
        return self.issue.uid if self.issue else own

    @property
    def page(self) -> Page:
        """Where texts are written."""
        return _page(self.judged, self.told, self.home, self.settings, public=self.public)

    @property
    def markup(self) -> Markup:
        """How texts are marked up there."""
        return _markup(self.judged, self.home)

    def coordinated(self) -> Coordinated:
        """Everything to be written."""
        issue = list(self._creation() if self.is_new else self._edits())
        bypass = list(self._bypass())
        notice = list(self._notice())
        comments = [*self._answers(), *self._voids(), *bypass, *notice]
        if self.is_new and self.achieved:
            closing = self._change("issue", "state", "open", "closed", "the milestone is achieved")
            issue.append(replace(closing, needs=(str(self.ref),), follows=tuple(each.write for each in comments)))
        ledger = list(self._ledger())
        made = (str(self.ref),) if self.is_new else ()
        comments = [replace(change, needs=(*change.needs, *made)) for change in comments]
        said = tuple(change.write for change in notice)  # a notice counts as sent once it stands there
        # What it says of the issue's title is so only once that is written.
        titled = tuple(change.write for change in issue if change.field == "title" and not self.is_new)
        ledger = [replace(change, needs=(*change.needs, *made, *said, *titled)) for change in ledger]
        kept = ledger[0].write if ledger else ""
        told = list(self._messages())
        debt = list(self._debt(ledger[0])) if ledger else []
        if debt:
            said = (debt[0].write,)
            ledger = [replace(ledger[0], before=debt[0].after, needs=(*ledger[0].needs, *said))]
        return Coordinated(
            (*issue, *comments, *debt, *ledger),
            tuple(change.write for change in bypass),
            kept,
            tuple(
                replace(each, needs=said, ledgers=(kept,) if kept else ()) for each in told if isinstance(each, Message)
            ),
            tuple(each for each in told if isinstance(each, Withheld)),
            self.milestone.id,
            (*made, *said) if self._is_news else (),
        )

    @property
    def _is_news(self) -> bool:
        """Whether memory alone knows that the milestone was open until this run, and that is to be announced."""
        return self.settings.celebrate is not None and self.judged.accepting and self.judged.before is None

    def _messages(self) -> Iterator[Message | Withheld]:
        """What channels are to bring: today's notice, and what they still owe."""
        notice = self.milestone.notice
        url = self.milestone.issue[1] if self.milestone.issue else ""
        for each in (*((notice,) if notice else ()), *self.judged.pending):
            yield from messages_of(each, self.page, url)

    def _creation(self) -> Iterator[Change]:
        body = block_of(self.page, self.findings) if self.markup is Markup.BLOCK else first_text(self.page)
        why = "the milestone gets an issue to be talked about, reviewed and decided on"
        values = {"title": title_of(self.told), "body": body, "assignee": self._assignee(), "label": LABEL}
        for name, value in values.items():
            if value:
                yield self._change("issue", name, None, value, why, write=str(self.ref))

    def _edits(self) -> Iterator[Change]:
        issue = self.issue
        if issue is None or self.is_record:
            return
        if self.markup is Markup.BLOCK:
            before, after = status.find(issue.body, Markup.BLOCK), block_of(self.page, self.findings)
            if before != after:
                yield self._change("issue", "body", before, after, "what is known of the milestone has changed")
        title = title_of(self.told)
        if self._is_titled_by_mdpc(issue) and issue.title != title:
            yield self._change("issue", "title", issue.title, title, "the milestone is called otherwise now")
        if issue.closed is not self.achieved:
            now, then = ("closed", "open") if issue.closed else ("open", "closed")
            why = "the milestone is achieved" if self.achieved else "the milestone is open"
            yield self._change("issue", "state", now, then, why)
        if LABEL not in issue.labels:
            yield self._change("issue", "label", None, LABEL, "every coordination issue carries it")
        wanted, ours = self._assignee(), self._assigned(issue)
        if wanted and not any(assignee(each.login) == assignee(wanted) for each in issue.assignees):
            yield self._change("issue", "assignee", ours, wanted, "the owner answers for it")

    def _is_titled_by_mdpc(self, issue: Issue) -> bool:
        """Whether an issue still has the title that mdpc gave it last, or would give it now."""
        before = self.judged.before
        return issue.title == title_of(self.told) or (before is not None and title_print(issue.title) == before.titled)

    def _assigned(self, issue: Issue) -> str | None:
        """Whom mdpc assigned it to, if that still stands."""
        said = self.judged.before.assigned if self.judged.before else ""
        return next((each.login for each in issue.assignees if assignee(each.login) == said), None)

    def _assignee(self) -> str | None:
        """The owner's login, where mdpc has not assigned the issue to it yet; None where there is none."""
        login, before = self._owners_login(), self.judged.before
        return None if login is None or (before and before.assigned == assignee(login)) else login

    def _owners_login(self) -> str | None:
        """The owner's login where the issue is; None where people assigned the issue themselves, to somebody else."""
        owner = self.told.owner
        by_hand = owner is not None and owner.source == HANDED and self.milestone.assigned is not None
        return None if by_hand else _login_of(owner, self.home.ref, self.settings)

    def _ledger(self) -> Iterator[Change]:
        ledger, before = self.judged.ledger, self.judged.before
        if ledger is None:
            return
        login = self._owners_login()
        if login is not None and ledger.assigned != assignee(login):
            ledger = replace(ledger, assigned=assignee(login), writing=(before.writing if before else 0) + 1)
        titled = title_print(title_of(self.told))
        mine = self.is_new or (self.issue is not None and not self.is_record and self._is_titled_by_mdpc(self.issue))
        if mine and ledger.titled != titled:
            ledger = replace(ledger, titled=titled, writing=(before.writing if before else 0) + 1)
        text = ledger_text(self.page, ledger, self.findings)
        held = self._held_ledger()
        if held is None:
            yield self._comment("ledger", None, text, "what guards the milestone is kept here", ledger.id)
        elif held.body != text:
            yield self._comment("ledger", held, text, "what guards the milestone has changed", ledger.id)

    def _debt(self, ledger: Change) -> Iterator[Change]:
        """The ledger with what channels owe of a notice that it does not know, to be written before they tell of it.

        A run that could not write the ledger left the comment there; if it stayed so, they would tell again and again.
        """
        held, before = self._held_ledger(), self.judged.before
        unknown = [each for each in self.judged.pending if before and each.id not in dict(before.ladder.sent)]
        if held is not None and unknown and ledger.before is not None:
            notice = unknown[0]
            text = with_debt(held.body, notice.id, notice.day, notice.via)
            why = "channels are to tell of a notice whose comment stands there"
            yield self._comment("ledger", held, text, why, f"{self.judged.milestone.id} owing {notice.id}")

    def _held_ledger(self) -> Comment | None:
        """The comment that holds the ledger that counts."""
        heard = self.judged.heard
        comments = heard.issue.comments if heard.issue else ()
        own = [each for each in comments if each.id in heard.own and is_ledger(each)]
        return next((each for each in own if ledger_of([each], heard.own) == heard.ledger and heard.ledger), None)

    def _answers(self) -> Iterator[Change]:
        answered = set(self._marks(ANSWER))
        by_comment: dict[str, list[Objection]] = defaultdict(list)
        for each in self.judged.objections:
            if each.comment.id not in answered:
                by_comment[each.comment.id].append(each)
        for name, several in by_comment.items():
            who = identity_of(several[0].author, self.settings)
            text = answer_text(self.page, several, who)
            yield self._comment("comment", None, text, "a command that cannot count is answered once", f"answer {name}")

    def _voids(self) -> Iterator[Change]:
        if self.milestone.closed and self.milestone.bypass is None:
            return
        for gate in self.told.gates:
            if gate.voided_for and self.judged.ledger is not None:
                yield from self._void(gate, self.judged.ledger)

    def _void(self, gate: Standing, ledger: Ledger) -> Iterator[Change]:
        """One comment, edited as more changes come; another once an approval after it is void again."""
        told = self._marks(VOID)
        own = [told[name] for name in told if name.rpartition(".")[0] == gate.name]
        last = max(own, key=lambda comment: comment.created_at, default=None)
        void = [vote.at for vote in gate.votes if vote.void and not vote.against and vote.at is not None]
        again = last is not None and any(at > last.created_at for at in void)
        number = len(own) if last is not None and not again else len(own) + 1
        name = f"{gate.name}.{number}"
        text = void_text(self.page, gate, name, ledger, self.judged.heard)
        why = "approvals are void since what was approved has changed"
        if last is None or again:
            yield self._comment("comment", None, text, why, f"void {name}")
        elif last.body != text:
            yield self._comment("comment", last, text, why, f"void {name}")

    def _bypass(self) -> Iterator[Change]:
        bypass = self.milestone.bypass
        if bypass is None or not bypass.reopening or str(bypass.reopened + 1) in self._marks(BYPASS):
            return
        limits = [gate.max_reopens for gate in self.settings.gates if gate.name in bypass.gates]
        text = bypass_text(self.page, bypass, min(limits, default=0))
        why = "a milestone that was closed without its review is opened again"
        change = self._comment("comment", None, text, why, f"bypass {bypass.reopened + 1}")
        yield replace(change, seen=self._last_comment())

    def _notice(self) -> Iterator[Change]:
        notice = self.milestone.notice
        if notice is None or notice.id in self._marks(NOTICE):
            return
        text = notice_text(self.page, notice)
        why = "the milestone is achieved" if notice.achievement else f"step {notice.step} of the ladder is due"
        yield self._comment("comment", None, text, why, f"notice {notice.id}")

    def _last_comment(self) -> str:
        comments = self.issue.comments if self.issue else ()
        return max(enumerate(comments), key=lambda each: (each[1].created_at, each[0]))[1].id if comments else ""

    def _marks(self, kind: str) -> dict[str, Comment]:
        """mdpc's own comments of a kind, by the names of their marks."""
        heard = self.judged.heard
        found: dict[str, Comment] = {}
        for comment in heard.issue.comments if heard.issue else ():
            said = mark_at_end(comment.body)
            if comment.id in heard.own and said and said[0] == kind:
                found[said[1]] = comment
        return found

    def _comment(self, field: str, held: Comment | None, text: str, why: str, name: str) -> Change:
        """A comment to be written, or to be edited where it is there."""
        ref = Ref(self.ref.container, f"{self.ref.id}/{held.id}") if held else self.ref
        write = f"{self.ref} {field} {name}"
        change = self._change("comment", field, held.body if held else None, text, why, write=write)
        return replace(change, ref=ref, uid=held.id if held else self.uid, id=fingerprint("c", write, text))

    def _change(self, kind: Kind, field: str, before: Value, after: Value, why: str, *, write: str = "") -> Change:  # noqa: PLR0913
        return Change(
            id=fingerprint("c", str(self.ref), kind, field, str(after or "")),
            write=write or f"{self.ref} issue",
            kind=kind,
            program=self.milestone.program,
            ref=self.ref,
            uid=self.uid,
            field=field,
            before=before,
            after=after,
            why=why,
            milestone=self.milestone.key,
        )


def _login_of(owner: Owner | None, home: ContainerRef, settings: Settings) -> str | None:
    """The login that an owner has where the issue is; None for whom people assigned it to themselves."""
    if owner is None or (owner.source == "assignee" and owner.ref is None):
        return None
    if owner.known:
        return login_of(owner.name, home.connector, settings)
    account = owner.account
    return account.login if account and account.connector == home.connector and "/" not in account.login else None
