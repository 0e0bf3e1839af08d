"""What mdpc writes on a coordination issue: its own part of the body, and each kind of comment. Pure.

Only comments notify, so only they mention anybody, and nobody but those who are meant. Every text ends in a mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mdpc import escape
from mdpc.coordination import Delivered
from mdpc.gates import Heard, Objection
from mdpc.gating import BYPASS
from mdpc.hearing import ISSUE
from mdpc.ledger import Ledger, text_of
from mdpc.marks import mark
from mdpc.model import Bypass, Container, Finding, Markup, Milestone
from mdpc.people import ACCOUNT, MAIL, NAME, PERSON, called, login_of
from mdpc.render import facts_of
from mdpc.reviewers import named_as
from mdpc.settings import Settings
from mdpc.settings.gates import APPROVERS, TEAM
from mdpc.standing import Standing, Vote
from mdpc.status import BEGIN, END
from mdpc.templating import MOST
from mdpc.voiding import VOID, changed

ANSWER = "answer"
SOMEBODY = "somebody"
"""Who may not be named."""

_ONE_LOGIN = {
    Markup.BLOCK: re.compile(r"[A-Za-z0-9][\w-]*(?:/[\w.-]*\w)?", re.ASCII),
    Markup.LINE: re.compile(r"[^\s{}\[\]<>|`]+"),
}
"""What mentions one account, or on GitHub one team, and nobody else: whoever writes an `Owner:` line chooses it."""

GUARDED = "What mdpc keeps about this milestone. It counts only as mdpc wrote it: what is changed here is ignored."


@dataclass(frozen=True, slots=True)
class Page:
    """Where a text is written: how it is marked up, what may be told there, and who can be mentioned.

    `told` is the milestone as it may be told there, `all_told` that it may be told whole. In `public` nobody is named
    but for what stands there anyway: who is in a team, or asked in another tracker, is not for everybody. `by_name`
    says that people are not called by their logins. `delivered` are closed issues of a milestone that is achieved, the
    latest first.
    """

    told: Milestone
    all_told: bool
    markup: Markup
    home: Container
    settings: Settings
    public: bool = False
    by_name: bool = False
    delivered: tuple[Delivered, ...] = ()

    def text(self, raw: str, limit: int = 300) -> str:
        """Text from a tracker, harmless here."""
        return escape.markdown(raw, limit) if self.markup is Markup.BLOCK else escape.line(raw, limit)

    def prose(self, sentence: str) -> str:
        """A sentence of mdpc's own, in which backquotes mean code."""
        return escape.prose(sentence) if self.markup is Markup.BLOCK else escape.line(sentence, 1000)

    def code(self, raw: str) -> str:
        """What somebody is to type."""
        return escape.code(raw) if self.markup is Markup.BLOCK else raw

    def link(self, name: str, url: str) -> str:
        """Something on the web by its name, with its address."""
        if self.markup is Markup.BLOCK:
            return escape.code_link(name, url)
        return f"{escape.line(name)} {escape.web_address(url) or ''}".rstrip()

    def name(self, identity: str) -> str:
        """What somebody is called, without a mention; in public nobody is named who has no login there."""
        if self.by_name:
            return self.text(called(identity).removeprefix("@"))
        login = self._login(identity)
        if login is not None and self.markup is Markup.BLOCK:
            return escape.code(login)
        if identity.startswith(f"{MAIL}:") and self.public:
            return SOMEBODY
        return self.text(called(identity).removeprefix("@")) if self.all_told else SOMEBODY

    def mention(self, identity: str) -> str:
        """A mention of somebody who has a login here, else the name."""
        login = None if self.by_name else self._login(identity)
        known = login is not None and _ONE_LOGIN[self.markup].fullmatch(login) and login == escape.plain(login)
        return self.home.mention.format(login) if known and self.home.mention else self.name(identity)

    def voters(self, votes: Iterable[Vote]) -> list[str]:
        """Who gave some votes; in public those alone who gave them in a comment there."""
        return [
            self.name(vote.who) if vote.at is not None or not self.public else SOMEBODY
            for vote in {vote.who: vote for vote in votes}.values()
        ]

    def reviewers(self, gate: Standing) -> list[str]:
        """Who may still approve; in public as the configuration names them: people, and teams as such."""
        if not self.public:
            return [self.name(who) for who in gate.waiting_for]
        return [name for each in self._configured(gate) if (name := self._reviewer(each, gate.waiting_for))]

    def _configured(self, gate: Standing) -> tuple[str, ...]:
        return next((each.reviewers for each in self.settings.gates if each.name == gate.name), ())

    def _reviewer(self, name: str, waiting: Sequence[str]) -> str:
        if name == APPROVERS:
            return "its approvers in Jira" if self.all_told else ""
        if name.startswith(TEAM):
            return self.code(name.removeprefix(TEAM))
        identity = named_as(name, self.home.ref, self.settings)
        return self.name(identity) if identity in waiting else ""

    def _login(self, identity: str) -> str | None:
        kind, _, rest = identity.partition(":")
        if kind == PERSON:
            return login_of(rest, self.home.ref.connector, self.settings)
        connector, _, login = rest.partition(":")
        return login if kind == ACCOUNT and connector == self.home.ref.connector else None

    def listed(self, texts: Iterable[str]) -> str:
        """Some texts in a row, of many the count of the others."""
        known = list(texts)
        rest = len(known) - MOST
        return ", ".join([*known[:MOST], *([f"and {rest} more"] if rest > 0 else [])])


def title_of(told: Milestone) -> str:
    """What mdpc calls the issue; people may call it otherwise."""
    return f"Milestone: {escape.plain(told.title)}"[:255].rstrip()


def block_of(page: Page, findings: Sequence[Finding]) -> str:
    """mdpc's own part of the body on GitHub."""
    return "\n".join([BEGIN, *_lines(page, findings), "", mark(ISSUE, page.told.id, page.markup), END])


def first_text(page: Page) -> str:
    """The body of a Jira issue when it is made; afterwards it is people's."""
    lines = ["Here this milestone is talked about, reviewed and decided on. What mdpc knows of it stands in a comment."]
    return "\n".join([*lines, "", mark(ISSUE, page.told.id, page.markup)])


def ledger_text(page: Page, ledger: Ledger, findings: Sequence[Finding]) -> str:
    """The comment that holds the ledger; in Jira it shows what stands in the body on GitHub."""
    shown = GUARDED if page.markup is Markup.BLOCK else "\n".join([*_lines(page, findings), "", GUARDED])
    return text_of(ledger, shown, page.markup)


def _lines(page: Page, findings: Sequence[Finding]) -> list[str]:
    told = page.told
    strong = "**mdpc:**" if page.markup is Markup.BLOCK else "mdpc:"
    lines = [f"{strong} {' · '.join(facts_of(told, page.markup))}"]
    if told.gates:
        lines += ["", *_gate_lines(page)]
    if findings:
        done = dict.fromkeys(_finding_line(page, finding) for finding in findings)
        lines += ["", "To be done:", *list(done)[:MOST]]
    if len(told.dues) > 1:
        lines += ["", f"Due dates: {_dues(told)}"]
    if told.quiet_until:
        lines += ["", f"The next reminder waits until {told.quiet_until.isoformat()}, as its owner asked."]
    if told.records:
        lines += ["", f"Records: {page.listed(page.link(str(record.ref), record.url) for record in told.records)}"]
    return lines


def _gate_lines(page: Page) -> list[str]:
    lines = [f"- {_gate(page, gate)}" for gate in page.told.gates]
    open_ones = [gate.name for gate in page.told.gates if not gate.passed]
    if open_ones:
        name = open_ones[0] if len(open_ones) == 1 else "GATE"
        lines += [
            "",
            f"To approve, write a comment with the line {_approvals(page, open_ones)} "
            f"({page.code(f'/reject {name} WHY')}, {page.code(f'/withdraw {name}')}). "
            f"Where a slash does not work: {page.code(f'mdpc approve {name}')}. Edited comments do not count.",
        ]
    return lines


def _approvals(page: Page, gates: Sequence[str]) -> str:
    """The line to write for each of these gates: nobody has to put it together."""
    return " or ".join(page.code(f"/approve {name}") for name in gates)


def _gate(page: Page, gate: Standing) -> str:
    when = "before it closes" if gate.at_close else f"by {gate.by.isoformat()}" if gate.by else "before its due date"
    said = f"{page.code(gate.name)} ({when}): {gate.state}"
    if gate.waivers:
        said += f" by {page.listed(f'{page.name(vote.who)} ({page.text(vote.why)})' for vote in gate.waivers)}"
    if gate.approved_by:
        approvals = [vote for vote in gate.votes if vote.who in gate.approved_by and not vote.against]
        said += f", approved by {page.listed(page.voters(approvals))}"
    said += "".join(f"; gate {page.code(name)} does not apply here" for name in gate.absent)
    if not gate.passed:
        said += f"; still needed: {gate.missing}"
        if gate.waiting_for:
            said += f"; may approve: {page.listed(dict.fromkeys(page.reviewers(gate)))}"
        said += "".join(f"; nobody knows who is in {page.code(team)}" for team, _ in gate.unreadable)
    return said


def _finding_line(page: Page, finding: Finding) -> str:
    return f"- {page.code(finding.rule)}" + (f": {page.prose(finding.remedy)}" if page.all_told else "")


def _dues(told: Milestone) -> str:
    return ", then ".join(f"{due.isoformat()} (since {since.isoformat()})" for due, since in told.dues[-MOST:])


def answer_text(page: Page, objections: Sequence[Objection], identity: str) -> str:
    """The answer to a comment whose commands cannot count."""
    whys = [page.text(each.why) for each in objections]
    lines = [f"{page.mention(identity)}: this does not count, since {'; '.join(dict.fromkeys(whys))}."]
    return "\n".join([*lines, "", mark(ANSWER, objections[0].comment.id, page.markup)])


def void_text(page: Page, gate: Standing, name: str, ledger: Ledger, heard: Heard) -> str:
    """What changed since the approvals that are void, and who has to look again."""
    void = [vote for vote in gate.votes if vote.void and not vote.against and vote.who in gate.voided_for]
    told = [vote for vote in void if vote.at is not None or not page.public]
    who = page.listed(dict.fromkeys(page.mention(vote.who) for vote in told)) or "Somebody"
    what = changed(gate, page.settings.gates, ledger, heard)
    lines = [
        f"{who}: {'an approval' if len(void) == 1 else 'approvals'} of {page.code(gate.name)} no longer "
        f"{'counts' if len(void) == 1 else 'count'}, since {what.words(page.text, whole=page.all_told)}.",
        "",
        f"Please look again, and if it is still right write {page.code(f'/approve {gate.name}')}.",
    ]
    return "\n".join([*lines, "", mark(VOID, name, page.markup)])


def bypass_text(page: Page, bypass: Bypass, most: int) -> str:
    """Why a milestone was opened again, and how it can be closed."""
    told = page.told
    gates = [gate for gate in told.gates if gate.name in bypass.gates]
    owner = page.mention(_owner_identity(told)) if told.owner else ""
    names = ", ".join(page.code(gate.name) for gate in gates)
    lines = [
        f"{owner}{': t' if owner else 'T'}his milestone was closed without passing {names}, so mdpc opens it again "
        f"({bypass.reopened + 1} of at most {most} times).",
        "",
        *(f"- {_gate(page, gate)}" for gate in gates),
        "",
        f"Who may approve writes {_approvals(page, [gate.name for gate in gates])} here; then it can be closed.",
    ]
    return "\n".join([*lines, "", mark(BYPASS, str(bypass.reopened + 1), page.markup)])


def _owner_identity(told: Milestone) -> str:
    owner = told.owner
    if owner is None:
        return ""
    if owner.known:
        return f"{PERSON}:{owner.name}"
    account = owner.account
    return f"{ACCOUNT}:{account.connector}:{account.login}" if account else f"{NAME}:{owner.name}"
