"""Why approvals of a gate are void: what changed since they were given, since when, and where mdpc said so. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mdpc.coordination import Comment
from mdpc.gates import Heard
from mdpc.ledger import MOST_ISSUES, Ledger, Since, somebody
from mdpc.marks import mark_at_end
from mdpc.settings import Gate
from mdpc.standing import Standing, Voided, Vote

VOID = "void"
"""The kind of the mark of a comment that says that approvals are void; its name is the gate's and a number."""

MOST = 10
"""Issues that are named; the rest is counted."""

UNKNOWN = "mdpc does not know any more what they were about"


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed since the approvals that are void were given.

    `moved` is the due date then and now (the same where it came back), None where it did not move; `noted` the day on
    which mdpc saw that. `added` counts issues, `names` are what people call them. `uncounted` says that there are too
    many to be told apart, so that only their number is known to be another.
    """

    moved: tuple[date | None, date | None] | None = None
    noted: date | None = None
    added: int = 0
    names: tuple[str, ...] = ()
    uncounted: bool = False

    def words(self, said: Callable[[str], str] = str, *, whole: bool = True) -> str:
        """What changed; names as `said` writes them. Where not the `whole` may be told, nothing of the issues."""
        parts = []
        if self.moved is not None:
            before, after = map(_day, self.moved)
            moved = f"moved from {before} to {after}" if before != after else f"moved away from {before} and back"
            parts.append(f"the due date {moved}")
        if self.added and not whole:
            parts.append("the issues changed" if self.uncounted else "issues were added")
        elif self.added:
            parts.append("the number of its issues changed" if self.uncounted else self._counted(said))
        return " and ".join(parts) or UNKNOWN

    def _counted(self, said: Callable[[str], str]) -> str:
        count = f"{self.added:,} {'issue was' if self.added == 1 else 'issues were'} added"
        rest = len(self.names) - MOST
        listed = [*map(said, self.names[:MOST]), *([f"and {rest} more"] if rest > 0 else [])]
        return f"{count} ({', '.join(listed)})" if listed else count


def void_votes(standing: Standing) -> tuple[Vote, ...]:
    """The approvals that are void and that nobody has replaced."""
    return tuple(vote for vote in standing.votes if vote.void and not vote.against and vote.who in standing.voided_for)


def changed(standing: Standing, gates: Sequence[Gate], ledger: Ledger, heard: Heard) -> Changed:
    """What changed since the approvals of a gate that are void were given."""
    void = void_votes(standing)
    binding = next((gate.void_on for gate in gates if gate.name == standing.name), ())
    moved, noted = _moved(void, ledger) if "due" in binding else (None, None)
    added = [issue for issue, since in ledger.scope.items() if "scope" in binding and _is_later(since, void, ledger)]
    uncounted = len(heard.scope) > MOST_ISSUES
    names = () if uncounted else sorted((heard.scope[each] for each in added if each in heard.scope), key=_place)
    return Changed(moved, noted, len(added), tuple(names), uncounted)


def _moved(void: Sequence[Vote], ledger: Ledger) -> tuple[tuple[date | None, date | None] | None, date | None]:
    """How the due date moved since, and when mdpc first saw it move."""
    later = [each for each in ledger.dues if _is_later(each.since, void, ledger)]
    known = [each for each in ledger.dues if each not in later]
    return ((known[-1].due, later[-1].due), later[0].noted) if known and later else (None, None)


def _is_later(since: Since, void: Sequence[Vote], ledger: Ledger) -> bool:
    """Whether something came after any of these approvals; one of a record's own has its place in the ledger."""
    for vote in void:
        answered = ledger.answers.get(somebody(vote.who))
        if vote.at is not None and since.moment >= vote.at:
            return True
        if vote.at is None and (answered is None or since.writing >= answered[1].writing):
            return True
    return False


def void_comments(gate: str, heard: Heard) -> list[Comment]:
    """The comments by which mdpc said that approvals of a gate are void, oldest first."""
    found = []
    for comment in heard.issue.comments if heard.issue else ():
        said = mark_at_end(comment.body)
        if comment.id in heard.own and said and said[0] == VOID and said[1].rpartition(".")[0] == gate:
            found.append(comment)
    return sorted(found, key=lambda comment: comment.created_at)


def told_of(standing: Standing, heard: Heard) -> Comment | None:
    """The comment that says that these approvals are void: none where one of them came after the last."""
    last = next(reversed(void_comments(standing.name, heard)), None)
    again = last is not None and any(vote.at is not None and vote.at > last.created_at for vote in void_votes(standing))
    return None if again else last


def with_voided(
    standings: Sequence[Standing], gates: Sequence[Gate], heard: Heard, ledger: Ledger, today: date
) -> tuple[Standing, ...]:
    """The standings with what made their approvals void, where any are."""
    return tuple(
        replace(each, voided=_voided(each, gates, heard, ledger, today)) if void_votes(each) else each
        for each in standings
    )


def _voided(standing: Standing, gates: Sequence[Gate], heard: Heard, ledger: Ledger, today: date) -> Voided:
    what = changed(standing, gates, ledger, heard)
    comment = told_of(standing, heard)
    said = comment.created_at if comment else None
    noted = what.noted or (None if said else today)
    return Voided(what.words(), noted, said, comment.url if comment else "")


def _place(name: str) -> tuple[str, int, str]:
    """Where an issue stands in a row: `acme/api#9` before `acme/api#10`."""
    return name.rpartition("#")[0], len(name), name


def _day(day: date | None) -> str:
    return day.isoformat() if day else "no date"
