"""The quiet that the owner of a milestone asks for: `/snooze DATE why` on its coordination issue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from mdpc.comment_commands import snoozes_in, wants_quiet
from mdpc.coordination import Comment
from mdpc.escalation import Ladder, snoozed
from mdpc.gates import Heard, Objection
from mdpc.marks import NOTICE, mark_at_end
from mdpc.model import Markup, Milestone
from mdpc.people import identity_of, identity_of_owner
from mdpc.settings import Settings

_EDITED = "the comment was edited, and edited comments do not count. Write a new one"
_HOW = "it names no day, or no reason. Write /snooze, a day such as 2027-01-10, and why"


def with_snooze(ladder: Ladder, milestone: Milestone, heard: Heard, settings: Settings) -> Ladder:
    """The ladder with the quiet that the owner asked for since the last notice of it."""
    for _, until in _wanted(milestone, heard, settings):
        ladder = snoozed(ladder, until)
    return ladder


def _wanted(milestone: Milestone, heard: Heard, settings: Settings) -> Iterator[tuple[Comment, date]]:
    """The days until which the owner asked for quiet, since the last notice, in comments that nobody edited."""
    if heard.issue is None or milestone.owner is None:
        return
    owner = identity_of_owner(milestone.owner, settings)
    for comment in _recent(heard):
        if comment.edited_at is None and comment.author and identity_of(comment.author, settings) == owner:
            yield from ((comment, until) for until in snoozes_in(comment.body, heard.issue.markup))


def _recent(heard: Heard) -> Iterator[Comment]:
    """What people wrote since the last notice, or since the due date was moved."""
    moments = [each.created_at for each in own_comments(heard) if _is_notice(each)]
    moments += [each.since.moment for each in heard.ledger.dues] if heard.ledger else []
    since = max(moments, default=None)
    for comment in heard.issue.comments if heard.issue else ():
        if comment.id not in heard.own and (since is None or comment.created_at > since):
            yield comment


def unheeded(milestone: Milestone, heard: Heard, ladder: Ladder, settings: Settings) -> Iterator[Objection]:
    """The comments that ask for quiet and get none, each with why; `ladder` is as they leave it."""
    owned = {comment.id for comment, _ in _wanted(milestone, heard, settings)}
    for comment in _recent(heard):
        author, markup = comment.author, heard.issue.markup if heard.issue else Markup.BLOCK
        if author is None or author.bot or not wants_quiet(comment.body, markup):
            continue
        if ladder.snoozed in snoozes_in(comment.body, markup):  # heeded, perhaps of who owned it then
            continue
        if comment.id in owned:
            yield Objection(comment, author, f"it is quiet until {ladder.snoozed} already, and once for each due date")
        elif comment.edited_at is not None:
            if ladder.snoozed is None:  # else it may be the one that was heeded
                yield Objection(comment, author, _EDITED)
        elif not snoozes_in(comment.body, markup):
            yield Objection(comment, author, _HOW)
        else:
            yield Objection(comment, author, "only the owner of the milestone may ask for quiet")


def own_comments(heard: Heard) -> Iterable[Comment]:
    """What mdpc wrote there."""
    return [each for each in (heard.issue.comments if heard.issue else ()) if each.id in heard.own]


def _is_notice(comment: Comment) -> bool:
    said = mark_at_end(comment.body)
    return said is not None and said[0] == NOTICE
