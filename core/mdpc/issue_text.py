"""What mdpc writes on a coordination issue: its own part of the body, and each kind of comment. Pure.

Only comments notify, so only they mention anybody, and nobody but those who are meant. Every text ends in a mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdpc import escape
from mdpc.gates import Heard, Objection
from mdpc.gating import BYPASS
from mdpc.hearing import ISSUE
from mdpc.ledger import Ledger, text_of
from mdpc.marks import NOTICE, mark
from mdpc.model import Bypass, Container, Finding, Markup, Milestone, Notice, Owner, Record
from mdpc.people import ACCOUNT, NAME, PERSON, called, login_of
from mdpc.render import facts_of
from mdpc.settings import Settings
from mdpc.standing import Standing, Vote
from mdpc.status import BEGIN, END

ANSWER = "answer"
VOID = "void"
MOST = 10
"""Things in a row that a text names; the rest is counted."""

GUARDED = "What mdpc keeps about this milestone. It counts only as mdpc wrote it: what is changed here is ignored."


@dataclass(frozen=True, slots=True)
class Page:
    """Where a text is written: how it is marked up, what may be told there, and who can be mentioned.

    `told` is the milestone as it may be told there, `all_told` that it may be told whole.
    """

    told: Milestone
    all_told: bool
    markup: Markup
    home: Container
    settings: Settings

    def text(self, raw: str, limit: int = 300) -> str:
        """Text from a tracker, harmless here."""
        return escape.markdown(raw, limit) if self.markup is Markup.BLOCK else escape.line(raw, limit)

    def prose(self, sentence: str) -> str:
        """A sentence of mdpc's own, in which backquotes mean code."""
        return escape.prose(sentence) if self.markup is Markup.BLOCK else escape.line(sentence, 1000)

    def code(self, raw: str) -> str:
        """What somebody is to type."""
        return escape.code(raw) if self.markup is Markup.BLOCK else raw

    def name(self, identity: str) -> str:
        """What somebody is called, without a mention; in public nobody is named who has no login there."""
        login = self._login(identity)
        if login is not None and self.markup is Markup.BLOCK:
            return escape.code(login)
        return self.text(called(identity).removeprefix("@")) if self.all_told else "somebody"

    def mention(self, identity: str) -> str:
        """A mention of somebody who has a login here, else the name."""
        login = self._login(identity)
        plain = login is not None and login == "".join(login.split()) and not set(login) & set("{}[]<>|`")
        return self.home.mention.format(login) if login and plain and self.home.mention else self.name(identity)

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
    """What the issue is called when it is made; people may call it otherwise."""
    return f"Milestone: {' '.join(told.title.split())}"[:255]


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
        lines += ["", "To be done:", *(_finding_line(page, finding) for finding in findings[:MOST])]
    if len(told.dues) > 1:
        lines += ["", f"Due dates: {_dues(told)}"]
    if told.records:
        lines += ["", f"Records: {page.listed(_record(page, record) for record in told.records)}"]
    return lines


def _gate_lines(page: Page) -> list[str]:
    lines = [f"- {_gate(page, gate)}" for gate in page.told.gates]
    open_ones = [gate for gate in page.told.gates if not gate.passed]
    if open_ones:
        name = open_ones[0].name
        lines += [
            "",
            f"To approve, write a comment with the line {page.code(f'/approve {name}')} "
            f"({page.code(f'/reject {name} WHY')}, {page.code(f'/withdraw {name}')}). "
            f"Where a slash does not work: {page.code(f'mdpc approve {name}')}. Edited comments do not count.",
        ]
    return lines


def _gate(page: Page, gate: Standing) -> str:
    when = "before it closes" if gate.at_close else f"by {gate.by.isoformat()}" if gate.by else "before its due date"
    said = f"{page.code(gate.name)} ({when}): {gate.state}"
    if gate.approved_by:
        said += f", approved by {page.listed(map(page.name, gate.approved_by))}"
    if not gate.passed:
        said += f"; still needed: {gate.missing}"
        if gate.waiting_for:
            said += f"; may approve: {page.listed(dict.fromkeys(map(page.name, gate.waiting_for)))}"
        said += "".join(f"; nobody knows who is in {page.code(team)}" for team, _ in gate.unreadable)
    return said


def _finding_line(page: Page, finding: Finding) -> str:
    return f"- {page.code(finding.rule)}" + (f": {page.prose(finding.remedy)}" if page.all_told else "")


def _dues(told: Milestone) -> str:
    return ", then ".join(f"{due.isoformat()} (since {since.isoformat()})" for due, since in told.dues[-MOST:])


def _record(page: Page, record: Record) -> str:
    if page.markup is Markup.BLOCK:
        return escape.code_link(str(record.ref), record.url)
    return f"{escape.line(str(record.ref))} {escape.web_address(record.url) or ''}".rstrip()


def answer_text(page: Page, objections: Sequence[Objection], identity: str) -> str:
    """The answer to a comment whose commands cannot count."""
    whys = [page.text(each.why) for each in objections]
    lines = [f"{page.mention(identity)}: this does not count, since {'; '.join(dict.fromkeys(whys))}."]
    return "\n".join([*lines, "", mark(ANSWER, objections[0].comment.id, page.markup)])


def void_text(page: Page, gate: Standing, name: str, ledger: Ledger, heard: Heard) -> str:
    """What changed since the approvals that are void, and who has to look again."""
    void = [vote for vote in gate.votes if vote.void and not vote.against and vote.who in gate.voided_for]
    who = page.listed(dict.fromkeys(page.mention(vote.who) for vote in void))
    lines = [
        f"{who}: {'an approval' if len(void) == 1 else 'approvals'} of {page.code(gate.name)} no longer "
        f"{'counts' if len(void) == 1 else 'count'}, since {_changed(page, void, ledger, heard.scope)}.",
        "",
        f"Please look again, and if it is still right write {page.code(f'/approve {gate.name}')}.",
    ]
    return "\n".join([*lines, "", mark(VOID, name, page.markup)])


def _changed(page: Page, void: Sequence[Vote], ledger: Ledger, scope: Mapping[str, str]) -> str:
    first = min((vote.at for vote in void if vote.at is not None), default=None)
    known = [each.due for each in ledger.dues if first is not None and each.since.moment < first]
    parts = []
    due = ledger.dues[-1].due if ledger.dues else None
    if known and known[-1] != due:
        parts.append(f"the due date moved from {_day(known[-1])} to {_day(due)}")
    added = [issue for issue, since in ledger.scope.items() if first is None or since.moment >= first]
    names = sorted((scope[issue] for issue in added if issue in scope), key=_place) if page.all_told else []
    if added:
        count = f"{len(added)} {'issue was' if len(added) == 1 else 'issues were'} added"
        listed = f"{count} ({page.listed(map(page.text, names))})" if names else count
        parts.append(listed if page.all_told else "issues were added")
    return " and ".join(parts) or "mdpc does not know any more what they were about"


def _place(name: str) -> tuple[str, int, str]:
    """Where an issue stands in a row: `acme/api#9` before `acme/api#10`."""
    return name.rpartition("#")[0], len(name), name


def _day(due: object) -> str:
    return str(due) if due else "no date"


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
        f"Who may approve writes {page.code(f'/approve {gates[0].name}')} here; then it can be closed.",
    ]
    return "\n".join([*lines, "", mark(BYPASS, str(bypass.reopened + 1), page.markup)])


def notice_text(page: Page, notice: Notice, owner: Owner | None) -> str:
    """A step of the ladder: who is meant, how late it is, what is open, what to do, and how to have quiet."""
    told = page.told
    who = page.listed(dict.fromkeys(page.mention(identity) for identity in notice.to))
    overdue = told.due is not None and told.late
    when = f"was due on {_day(told.due)} and is overdue" if overdue else f"is due on {_day(told.due)}"
    lines = [f"{who}: this milestone {when}.", ""]
    if told.original_due != told.due:
        lines.append(f"- It was first promised for {_day(told.original_due)}.")
    if page.all_told and (told.open_issues or told.closed_issues):
        lines.append(f"- {told.open_issues} of its {told.open_issues + told.closed_issues} issues are open.")
    lines += [f"- {_gate(page, gate)}" for gate in told.gates if not gate.passed]
    first = told.records[0]
    link = _record(page, first)
    lines += [
        f"- Finish and close {link}, or move its due date and say why here"
        + (
            ", and have the new date reviewed: a date that is moved after it has passed stops nothing by itself."
            if overdue
            else "."
        ),
    ]
    if owner is not None:
        quiet, other = page.code("/snooze YYYY-MM-DD WHY"), page.code("/owner NAME")
        lines += ["", f"The owner may ask for quiet, once: {quiet}, or hand it over: {other}."]
    return "\n".join([*lines, "", mark(NOTICE, notice.id, page.markup)])


def _owner_identity(told: Milestone) -> str:
    owner = told.owner
    if owner is None:
        return ""
    if owner.known:
        return f"{PERSON}:{owner.name}"
    account = owner.account
    return f"{ACCOUNT}:{account.connector}:{account.login}" if account else f"{NAME}:{owner.name}"
