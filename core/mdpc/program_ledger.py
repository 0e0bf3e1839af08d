"""The ledger of a program: what mdpc must remember of it as a whole, kept where people cannot write unseen. Pure.

It is one comment of mdpc's own on the program's dashboard, trusted only while mdpc is its author and its last editor.
As in the ledger of a milestone nothing stands in it that may not be told in public.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from mdpc import hidden_data
from mdpc.coordination import Comment
from mdpc.fingerprint import fingerprint
from mdpc.marks import mark, mark_at_end
from mdpc.model import Health, Markup

VERSION = 1
KIND = "program"
DASHBOARD = "dashboard"
"""The kind of the mark in the body of a dashboard; its name is the fingerprint of the program's name."""

ALL = "*"
"""Stands for all messages of a digest: the run that wrote its comment ended before it noted what went out."""


@dataclass(frozen=True, slots=True)
class Last:
    """The last run in which mdpc wrote something of the program: its day, and how much of each sort."""

    day: date
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """What a digest told of a milestone, as far as the next one has to know."""

    health: Health
    due: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the last digest told of milestones, by their short ids; `partly` where there were too many for all."""

    known: Mapping[str, Fact] = field(default_factory=dict)
    partly: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step of the ladder that the noise budget left to the next digest, on a day, for these people (fingerprints).

    `milestone` is the milestone's short id.
    """

    notice: str
    milestone: str
    step: str
    day: date
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProgramLedger:
    """What mdpc keeps of a program on its dashboard.

    `program` is the fingerprint of the program's name, `writing` counts how often the ledger was written. `digest` is
    the period of the last digest (None: none yet), and `facts` what that told. `waiting` is what the next one has to
    tell besides, `put_off` the latest notice of each milestone, by its short id, that is not sent for that reason.
    `unsent` are the messages of the last digest that did not go out yet, by their ids; `ALL` stands for all of them.
    `ran` is the day of a run, noted with whatever else is, and once a week at least.
    """

    program: str
    writing: int = 0
    last: Last | None = None
    digest: date | None = None
    facts: Facts = Facts()
    waiting: tuple[Waiting, ...] = ()
    put_off: Mapping[str, str] = field(default_factory=dict)
    unsent: tuple[str, ...] = ()
    ran: date | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What the noise budget wants to be noted in a run: what the next digest has to tell, and what is not sent."""

    waiting: tuple[Waiting, ...] = ()
    put_off: Mapping[str, str] = field(default_factory=dict)


def with_note(ledger: ProgramLedger, note: Note) -> ProgramLedger:
    """The ledger with a note. Of what waits already nothing is noted twice."""
    known = {(each.notice, who) for each in ledger.waiting for who in each.to}
    new = (replace(each, to=tuple(who for who in each.to if (each.notice, who) not in known)) for each in note.waiting)
    waiting = (*ledger.waiting, *(each for each in new if each.to))
    return replace(ledger, waiting=waiting, put_off={**ledger.put_off, **note.put_off})


def closed_dashboard(url: str) -> str:
    """What to say of a dashboard that was closed so long ago that it is not read any more."""
    return f"The program's dashboard was closed longer ago than `history` reaches. Open {url} again, or delete it"


def short(identity: str) -> str:
    """A milestone's id as the ledger of its program spells it: there may be many."""
    return identity[1:9]


def program_print(program: str) -> str:
    """The fingerprint of a program's name, by which marks tell one dashboard from another."""
    return fingerprint("d", program)


def is_program_ledger(comment: Comment) -> bool:
    """Whether a comment ends as the ledger of a program does, whoever wrote it."""
    found = mark_at_end(comment.body)
    return found is not None and found[0] == KIND


def held_ledger(comments: Iterable[Comment], trusted: frozenset[str]) -> tuple[Comment, ProgramLedger] | None:
    """The latest ledger of a program among the comments with these ids, and the comment that holds it."""
    own = (comment for comment in comments if comment.id in trusted and is_program_ledger(comment))
    found = [(comment, ledger) for comment in own if (ledger := _read(comment.body)) is not None]
    return max(found, key=lambda each: each[1].writing, default=None)


def text_of(ledger: ProgramLedger, shown: str, markup: Markup) -> str:
    """The whole comment: what people see, then the ledger."""
    data = hidden_data.spelt(_as_object(ledger), markup)
    return "\n".join([shown, "", data, mark(KIND, ledger.program, markup)])


def is_program_text(text: str) -> bool:
    """Whether a text is the ledger of a program."""
    found = mark_at_end(text)
    return found is not None and found[0] == KIND


def with_unsent(text: str, before: str, messages: Iterable[str]) -> str:
    """A ledger's text once it is known which messages did not go out; `before` where that says the same."""
    unsent = sorted(messages)
    if not unsent:
        return text
    noted = hidden_data.changed(text, lambda fields: fields | {"unsent": unsent})
    there, then = _read(before), _read(noted)
    return before if there and then and unchanged(there, then) else noted


def without_unsent(text: str, messages: Iterable[str]) -> str:
    """A ledger's text that does not say any more that these messages did not go out."""
    sent = set(messages)

    def settled(fields: dict[str, Any]) -> dict[str, Any]:
        left = [each for each in fields.get("unsent", ()) if each not in sent]
        return {name: value for name, value in fields.items() if name != "unsent"} | ({"unsent": left} if left else {})

    return hidden_data.changed(text, settled)


def with_waiting(text: str, waiting: Iterable[Waiting]) -> str:
    """A ledger's text with more for the next digest to tell; of what waits already nothing is noted twice."""
    ledger = _read(text)
    if ledger is None:
        return text
    more = _as_object(with_note(ledger, Note(tuple(waiting)))).get("waiting", ())
    return hidden_data.changed(text, lambda fields: fields | ({"waiting": more} if more else {}))


def shown_in(comment: Comment) -> str:
    """What people see of the comment that holds the ledger."""
    return "\n".join(comment.body.splitlines()[:-3])


def unchanged(one: ProgramLedger, other: ProgramLedger) -> bool:
    """Whether two say the same, but for the number of their writing."""
    return replace(one, writing=0) == replace(other, writing=0)


def _as_object(ledger: ProgramLedger) -> dict[str, Any]:
    fields: dict[str, Any] = {"v": VERSION, "program": ledger.program, "writing": ledger.writing}
    last = ledger.last
    optional: dict[str, Any] = {
        "last": [last.day.isoformat(), dict(last.counts)] if last else None,
        "digest": ledger.digest.isoformat() if ledger.digest else None,
        "facts": ",".join(_spelt(key, fact) for key, fact in ledger.facts.known.items()),
        "partly": ledger.facts.partly,
        "waiting": [
            [each.notice, each.milestone, each.step, each.day.isoformat(), *each.to] for each in ledger.waiting
        ],
        "put_off": dict(sorted(ledger.put_off.items())),
        "unsent": list(ledger.unsent),
        "ran": ledger.ran.isoformat() if ledger.ran else None,
    }
    return fields | {name: value for name, value in optional.items() if value}


def _read(text: str) -> ProgramLedger | None:
    """The ledger in a comment; None where there is none or it is damaged."""
    return hidden_data.read(text, VERSION, _ledger)


def _ledger(fields: Any) -> ProgramLedger:
    return ProgramLedger(
        program=str(fields["program"]),
        writing=int(fields["writing"]),
        last=_last(fields.get("last")),
        digest=date.fromisoformat(said) if (said := fields.get("digest")) else None,
        waiting=tuple(
            Waiting(str(notice), str(milestone), str(step), date.fromisoformat(day), tuple(map(str, to)))
            for notice, milestone, step, day, *to in fields.get("waiting", ())
        ),
        unsent=tuple(map(str, fields.get("unsent", ()))),
        ran=date.fromisoformat(said) if (said := fields.get("ran")) else None,
        put_off={str(milestone): str(notice) for milestone, notice in fields.get("put_off", {}).items()},
        facts=Facts(
            dict(map(_fact, said.split(","))) if (said := fields.get("facts")) else {}, bool(fields.get("partly"))
        ),
    )


_LETTERS = dict(zip("frnoa", Health, strict=True))
"""A letter for each health."""


def _spelt(key: str, fact: Fact) -> str:
    """A fact in as few characters as may be: `01234567o20261201`."""
    letter = next(letter for letter, health in _LETTERS.items() if health is fact.health)
    return key + letter + (fact.due.isoformat().replace("-", "") if fact.due else "")


def _fact(text: str) -> tuple[str, Fact]:
    key, letter, day = text[:8], text[8], text[9:]
    return key, Fact(_LETTERS[letter], date.fromisoformat(day) if day else None)


def _last(said: Any) -> Last | None:
    if not said:
        return None
    day, counts = said
    return Last(date.fromisoformat(day), {str(name): int(count) for name, count in counts.items()})
