"""The ledger: what guards a milestone against people, kept where people cannot write unseen. Pure.

It is one comment of mdpc's own on the coordination issue, trusted only while mdpc is its author and its last editor. It
tells nothing that may not be told in public: people and issues stand in it as fingerprints.

What was approved is known by order, not by clocks. Every writing of the ledger has a number and the moment of the last
comment that was there when mdpc read: an approval in a later comment was given when all of that was so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from mdpc import hidden_data
from mdpc.coordination import Comment
from mdpc.escalation import NO_LADDER, Ladder
from mdpc.fingerprint import fingerprint
from mdpc.handover import NEVER, NOTHING_HANDED, Handover
from mdpc.marks import mark, mark_at_end
from mdpc.model import Markup

VERSION = 1
KIND = "ledger"

MOST_ISSUES = 2000
"""Issues of one milestone that are told apart; beyond that every change of their number is one of the scope."""

START = datetime.min.replace(tzinfo=UTC)
"""The moment of what was so before there was any comment."""


@dataclass(frozen=True, slots=True)
class Since:
    """From when on something is so: the number of the ledger's writing, and the last comment's moment then."""

    writing: int
    moment: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """A due date that a milestone has had (None: none), since when it is so, and the day on which mdpc noted it."""

    due: date | None
    since: Since
    noted: date


@dataclass(frozen=True, slots=True)
class Ledger:
    """What mdpc keeps of a milestone on its coordination issue.

    `id` is the milestone's, `writing` counts how often it was written. `seen_open` are the records seen open whose
    closing was not accepted yet, by fingerprint, and `members` all of them. `dues` are all due dates in their order,
    with since when. `scope` is since when each issue belongs, by fingerprint. `owners` are all that it has had, as
    fingerprints. `assigned` is whom mdpc assigned the issue to, `titled` the title that it gave it last, both as
    fingerprints. `answers` are what approvers of records were last seen to say, with since when. `reopened` counts what
    mdpc opened again, `ladder` is how far escalation has come, `handover` what the owner's `/owner` came to. `gates`
    are those that it has to pass, by fingerprint (`gate_print`), `others` the due dates that open records have besides
    the milestone's. `owed` are the channels by which a notice did not go out yet, by its id. `achieved` is the day on
    which its closing was accepted. `mentioned` are those whom notices of late mentioned, as fingerprints, by the
    notice's id: for the noise budget. `anew` says that an earlier ledger was lost, `let_be` that a closing without
    review was said and left as it was.
    """

    id: str
    writing: int = 0
    seen_open: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    dues: tuple[Planned, ...] = ()
    scope: Mapping[str, Since] = field(default_factory=dict)
    owners: tuple[str, ...] = ()
    assigned: str = ""
    titled: str = ""
    answers: Mapping[str, tuple[str, Since]] = field(default_factory=dict)
    reopened: int = 0
    ladder: Ladder = NO_LADDER
    handover: Handover = NOTHING_HANDED
    gates: frozenset[str] = frozenset()
    others: frozenset[date] = frozenset()
    owed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    achieved: date | None = None
    mentioned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    anew: bool = False
    let_be: bool = False

    @property
    def began(self) -> Since:
        """When the first of it was written: what was said before was not about what it knows."""
        return self.dues[0].since if self.dues else Since(1, START)


def gate_print(name: str, match: str) -> str:
    """The fingerprint of a gate with its `match`: one that is matched otherwise is asked anew to whom it applies."""
    return fingerprint("g", name, match)[:8]


def somebody(identity: str) -> str:
    """The fingerprint of a person or an account."""
    return fingerprint("p", identity)


def title_print(title: str) -> str:
    """The fingerprint of an issue's title."""
    return fingerprint("t", title)


def assignee(login: str) -> str:
    """The fingerprint of whom an issue is assigned to; a tracker may give a login back in other case."""
    return somebody(login.lower() if login.isascii() else login)


def issue_print(connector: str, container: str, issue: str) -> str:
    """The fingerprint of an issue of a milestone, short since there may be many."""
    return fingerprint("", connector, container, issue)[:8]


def ledger_of(comments: Iterable[Comment], trusted: frozenset[str], identity: str | None = None) -> Ledger | None:
    """The latest ledger among the comments with these ids, which mdpc alone has written; None where there is none.

    Where `identity` is given, only the ledger of that milestone counts.
    """
    found = (_read(comment.body) for comment in comments if comment.id in trusted and is_ledger(comment))
    fitting = [each for each in found if each is not None and identity in (None, each.id)]
    return max(fitting, key=lambda each: each.writing, default=None)


def is_ledger(comment: Comment) -> bool:
    """Whether a comment ends as a ledger does, whoever wrote it."""
    found = mark_at_end(comment.body)
    return found is not None and found[0] == KIND


def text_of(ledger: Ledger, shown: str, markup: Markup) -> str:
    """The whole comment: what people see, then the ledger."""
    data = hidden_data.spelt(_as_object(ledger), markup)
    return "\n".join([shown, "", data, mark(KIND, ledger.id, markup)])


def kept_issues(current: Iterable[str], before: Mapping[str, Since], now: Since) -> dict[str, Since]:
    """Since when each of the issues belongs; of too many only their number is known."""
    issues = list(current)
    if len(issues) > MOST_ISSUES:
        issues = [fingerprint("", str(len(issues)))[:8]]
    return {issue: before.get(issue, now) for issue in issues}


def _as_object(ledger: Ledger) -> dict[str, Any]:
    groups: dict[tuple[int, str], list[str]] = {}
    for issue, since in sorted(ledger.scope.items()):
        groups.setdefault((since.writing, _stamp(since)), []).append(issue)
    fields: dict[str, Any] = {"v": VERSION, "id": ledger.id, "writing": ledger.writing}
    optional: dict[str, Any] = {
        "open": sorted(ledger.seen_open),
        "members": sorted(ledger.members),
        "dues": [
            [each.due.isoformat() if each.due else None, each.noted.isoformat(), each.since.writing, _stamp(each.since)]
            for each in ledger.dues
        ],
        "scope": [[writing, stamp, ",".join(issues)] for (writing, stamp), issues in sorted(groups.items())],
        "owners": list(ledger.owners),
        "assigned": ledger.assigned,
        "titled": ledger.titled,
        "answers": {who: [said, since.writing, _stamp(since)] for who, (said, since) in sorted(ledger.answers.items())},
        "reopened": ledger.reopened,
        "ladder": ledger.ladder.due.isoformat() if ledger.ladder.due else "",
        "sent": [[notice, day.isoformat()] for notice, day in ledger.ladder.sent],
        "handed": _handed(ledger.handover) if ledger.handover != NOTHING_HANDED else None,
        "snoozed": ledger.ladder.snoozed.isoformat() if ledger.ladder.snoozed else "",
        "gates": sorted(ledger.gates),
        "others": sorted(each.isoformat() for each in ledger.others),
        "owed": {notice: list(channels) for notice, channels in ledger.owed.items()},
        "achieved": ledger.achieved.isoformat() if ledger.achieved else "",
        "anew": ledger.anew,
        "let_be": ledger.let_be,
        "mentioned": {notice: list(who) for notice, who in sorted(ledger.mentioned.items())},
    }
    return fields | {name: value for name, value in optional.items() if value}


def _handed(handover: Handover) -> list[Any]:
    return [handover.by, handover.heard.isoformat(), [list(each) for each in handover.chain]]


def _handover(fields: Any) -> Handover:
    by, heard, chain = fields or ("", NEVER.isoformat(), ())
    return Handover(str(by), tuple((str(comment), str(to)) for comment, to in chain), datetime.fromisoformat(heard))


def _stamp(since: Since) -> str:
    return "" if since.moment == START else since.moment.isoformat()


def _since(writing: Any, stamp: Any) -> Since:
    return Since(int(writing), datetime.fromisoformat(stamp) if stamp else START)


def _read(text: str) -> Ledger | None:
    """The ledger in a comment; None where there is none or it is damaged."""
    return hidden_data.read(text, VERSION, _ledger)


def _ledger(fields: Any) -> Ledger:
    scope = {
        issue: _since(writing, stamp)
        for writing, stamp, issues in fields.get("scope", ())
        for issue in issues.split(",")
    }
    return Ledger(
        id=str(fields["id"]),
        writing=int(fields["writing"]),
        seen_open=frozenset(map(str, fields.get("open", ()))),
        members=frozenset(map(str, fields.get("members", ()))),
        dues=tuple(
            Planned(date.fromisoformat(due) if due else None, _since(writing, stamp), date.fromisoformat(noted))
            for due, noted, writing, stamp in fields.get("dues", ())
        ),
        scope=scope,
        owners=tuple(map(str, fields.get("owners", ()))),
        assigned=str(fields.get("assigned", "")),
        titled=str(fields.get("titled", "")),
        answers={
            str(who): (str(said), _since(writing, stamp))
            for who, (said, writing, stamp) in fields.get("answers", {}).items()
        },
        reopened=int(fields.get("reopened", 0)),
        ladder=Ladder(
            _day(fields.get("ladder")),
            tuple((str(notice), date.fromisoformat(day)) for notice, day in fields.get("sent", ())),
            _day(fields.get("snoozed")),
        ),
        gates=frozenset(map(str, fields.get("gates", ()))),
        others=frozenset(map(date.fromisoformat, fields.get("others", ()))),
        owed={str(notice): tuple(map(str, channels)) for notice, channels in fields.get("owed", {}).items()},
        achieved=_day(fields.get("achieved")),
        anew=bool(fields.get("anew")),
        let_be=bool(fields.get("let_be")),
        handover=_handover(fields.get("handed")),
        mentioned={str(notice): tuple(map(str, who)) for notice, who in fields.get("mentioned", {}).items()},
    )


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def with_owed(text: str, before: str | None, owed: Mapping[str, tuple[str, ...]]) -> str:
    """A ledger's text once it is known by which channels a notice did not go out; `before` where that says the same."""
    if not owed:
        return text
    told = {notice: list(channels) for notice, channels in owed.items()}
    noted = hidden_data.changed(text, lambda fields: fields | {"owed": told})
    there, then = _read(before or ""), _read(noted)
    return before if before and there and then and unchanged(there, then) else noted


def without_owed(text: str, paid: Iterable[tuple[str, str]]) -> str:
    """A ledger's text without these debts: of each a notice and a channel."""
    done = set(paid)

    def settled(fields: dict[str, Any]) -> dict[str, Any]:
        left = {
            notice: rest
            for notice, channels in fields.get("owed", {}).items()
            if (rest := [each for each in channels if (notice, each) not in done])
        }
        return {name: value for name, value in fields.items() if name != "owed"} | ({"owed": left} if left else {})

    return hidden_data.changed(text, settled)


def with_debt(text: str, notice: str, day: date, channels: tuple[str, ...]) -> str:
    """A ledger's text that says besides that a notice was written on a day, and that all these channels owe it."""
    sent = [notice, day.isoformat()]
    more = {"owed": {notice: list(channels)}}
    return hidden_data.changed(text, lambda fields: fields | more | {"sent": [*fields.get("sent", ()), sent]})


def unchanged(one: Ledger, other: Ledger) -> bool:
    """Whether two say the same, but for the number of their writing."""
    return replace(one, writing=0) == replace(other, writing=0)
