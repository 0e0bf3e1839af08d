"""Who owns a milestone since its owner handed it over, by `/owner NAME` on its coordination issue. Pure.

    what somebody wrote                                what it comes to
    -------------------------------------------------  ------------------------------------------------
    `/owner NAME`, who owned it when mdpc heard of it  NAME owns it, and may hand it over again
    the same, anybody else                             nothing
    a NAME that is nobody, or gone                     nothing
    in a comment that was edited, or deleted           nothing, nor any more
    another owner in the description, or in any other  the sources of `[owners]` count again, and what was handed
      of the sources                                   over before does not come back

Whoever was the owner in between stays one who has been (`mdpc.gates`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mdpc.comment_commands import owners_in
from mdpc.coordination import Comment
from mdpc.gates import Heard, Objection
from mdpc.handover import NOTHING_HANDED, Handover
from mdpc.hearing import Talk
from mdpc.ledger import somebody
from mdpc.model import Account, Markup, Milestone, Owner
from mdpc.owners import HANDED, is_gone, named_first, owner_by_account
from mdpc.people import identity_of, identity_of_owner
from mdpc.rules.base import quoted
from mdpc.settings import Settings

_LOGIN = re.compile(r"(?:@(?P<login>[^\s,;]+)|\[~(?:accountid:)?(?P<mention>[^\]\s]+)\])(?:[\s,;].*)?")

_EDITED = "the comment was edited, and edited comments do not count. Write a new one"
_NOT_THEIRS = "you did not own it when you wrote that, and only the owner hands it over"


def handed_over(milestone: Milestone, talk: Talk, settings: Settings) -> Milestone:
    """The milestone with whom it was handed over to; `milestone` has the owner that the sources name."""
    before = talk.ledger.handover if talk.ledger else NOTHING_HANDED
    named = named_first(milestone.owner, milestone.gone)
    handed = _standing(before, milestone, talk, settings)
    after = before if handed else replace(before, by="")
    for comment in _said(talk.issue.comments, talk.own, talk.issue.markup):
        if comment.created_at <= before.heard:
            continue
        after = replace(after, heard=max(after.heard, comment.created_at))
        owner, meant = handed or milestone.owner, _meant_by(comment, talk, settings)
        if owner and isinstance(meant, Owner) and _wrote(comment, owner, settings):
            by = after.by or _print(named or owner, settings)
            after = replace(after, by=by, chain=(*after.chain, (comment.id, _print(meant, settings))))
            handed = meant
    return replace(milestone, handed=handed, handover=after)


def owner_now(milestone: Milestone, owner: Owner | None, gone: Sequence[Owner], settings: Settings) -> Owner | None:
    """Who owns a milestone for which the sources name these: whom it was handed over to, as far as that stands."""
    return milestone.handed if milestone.handed and _stands(milestone.handover, owner, gone, settings) else owner


def _stands(handover: Handover, owner: Owner | None, gone: Sequence[Owner], settings: Settings) -> bool:
    """Whether the sources name nobody, whom they named then, or whom it was handed over to."""
    named = named_first(owner, gone)
    return named is None or _print(named, settings) in (handover.by, handover.chain[-1][1])


def _print(owner: Owner, settings: Settings) -> str:
    return somebody(identity_of_owner(owner, settings))


def objections(heard: Heard, handover: Handover, settings: Settings) -> Iterator[Objection]:
    """The comments that hand over nothing, each with why."""
    issue = heard.issue
    counted = {comment for comment, _ in handover.chain}
    for comment in _said(issue.comments, heard.own, issue.markup) if issue else ():
        if comment.author is None or issue is None:
            continue
        if comment.edited_at is not None:
            yield Objection(comment, comment.author, _EDITED)
        elif comment.id not in counted:
            meant = _meant(owners_in(comment.body, issue.markup)[-1], comment.author.connector, settings)
            yield Objection(comment, comment.author, meant if isinstance(meant, str) else _NOT_THEIRS)


def _standing(before: Handover, milestone: Milestone, talk: Talk, settings: Settings) -> Owner | None:
    """Whom a milestone was handed over to in earlier runs, as long as that stands."""
    if not before.by or not before.chain or not _stands(before, milestone.owner, milestone.gone, settings):
        return None
    comment, to = before.chain[-1]
    said = next((each for each in talk.issue.comments if each.id == comment and each.id not in talk.own), None)
    meant = _meant_by(said, talk, settings) if said else ""
    return meant if isinstance(meant, Owner) and _print(meant, settings) == to else None


def _said(comments: Sequence[Comment], own: frozenset[str], markup: Markup) -> Iterator[Comment]:
    """What people wrote with `/owner` in it."""
    for each in comments:
        if each.id not in own and each.author is not None and not each.author.bot and owners_in(each.body, markup):
            yield each


def _wrote(comment: Comment, owner: Owner, settings: Settings) -> bool:
    return comment.author is not None and identity_of(comment.author, settings) == identity_of_owner(owner, settings)


def _meant_by(comment: Comment, talk: Talk, settings: Settings) -> Owner | str:
    """Whom a comment hands the milestone over to, by the last of its lines; else why to nobody."""
    names = owners_in(comment.body, talk.issue.markup)
    if comment.edited_at is not None or not names:
        return _EDITED
    return _meant(names[-1], talk.issue.ref.container.connector, settings)


def _meant(text: str, connector: str, settings: Settings) -> Owner | str:
    if not text:
        return "it names nobody. Write /owner and a person's name, or a login with an @"
    login = _LOGIN.fullmatch(text)
    if login:
        found = (login["login"] or login["mention"]).rstrip(".:!")
        if "/" in found or not found:
            return f"{quoted(text)} is no login, and an owner is one person"
        owner = owner_by_account(Account(connector, found), HANDED, None, settings)
    else:
        name = next((each for each in settings.people if each.casefold() == text.casefold()), None)
        if name is None:
            return f"{quoted(text)} is nobody in [people]. Write /owner and a person's name, or a login with an @"
        owner = Owner(name, HANDED, True)
    return f"{quoted(text)} is gone" if is_gone(owner, settings) else owner
