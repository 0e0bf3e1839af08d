"""Who answers for a milestone: the first of four sources that names somebody who is still there. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from mdpc.matching import means, names_of
from mdpc.model import Account, Owner, Record, Ref
from mdpc.people import person_of
from mdpc.settings import Settings
from mdpc.status import place

_HIDDEN = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_OWNER_LINE = re.compile(r"^[ \t>*_-]*owner[ \t*_]*:[ \t*_]*(?P<who>[^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_LOGIN = re.compile(r"(?<![\w.])@([A-Za-z0-9](?:[A-Za-z0-9_.@/-]*[A-Za-z0-9])?(?:\[bot\])?)")
_REMARK = re.compile(r"\s*[(,;].*|\s+[-\u2013\u2014]\s.*", re.DOTALL)
_PLACEHOLDERS = frozenset({"tbd", "tba", "todo", "none", "nobody", "n/a", "na", "unassigned", "unknown"})
LONGEST_NAME = 80

HANDED = "handed"
"""The source of an owner to whom the milestone was handed over."""


def owner_and_gone(
    records: Sequence[Record], holder: Record, key: str, settings: Settings, assigned: Account | None = None
) -> tuple[Owner | None, tuple[Owner, ...]]:
    """The owner of a milestone, and who is named before them and is gone; the holder is asked first, then the other
    records in member order.

    `assigned` is whom people assigned its coordination issue to.

    An unknown login or name is an owner all the same. People marked `gone` do not count, nor do words such as "TBD".
    """
    ordered = [holder, *(record for record in records if record is not holder)]
    sources: Mapping[str, Callable[[], Iterator[Owner]]] = {
        "description": lambda: _described(ordered, settings),
        "driver": lambda: _accounts("driver", [(record.driver, record.ref) for record in ordered], settings),
        "assignee": lambda: _accounts(
            "assignee", [(assigned, None), *((record.assignee, record.ref) for record in ordered)], settings
        ),
        "map": lambda: _mapped(ordered, key, settings),
    }
    found = (owner for source in settings.owners.sources for owner in sources[source]())
    gone: list[Owner] = []
    for owner in found:
        if not is_gone(owner, settings):
            return owner, tuple(gone)
        gone.append(owner)
    return None, tuple(gone)


def named_first(owner: Owner | None, gone: Sequence[Owner]) -> Owner | None:
    """Whom the sources name first, still there or not."""
    return next(iter(gone), owner)


def without_owner_lines(record: Record) -> str:
    """What people wrote in a record's description, without hidden comments and lines that name the owner."""
    return _OWNER_LINE.sub("", visible_text(record))


def visible_text(record: Record) -> str:
    """What people wrote in a record's description, without hidden comments."""
    return _HIDDEN.sub("", place(record.description, None, record.markup) or "")


def _described(records: Sequence[Record], settings: Settings) -> Iterator[Owner]:
    for record in records:
        for line in _OWNER_LINE.finditer(visible_text(record)):
            owner = _named(line["who"], record, settings)
            if owner is not None:
                yield owner


def _named(text: str, record: Record, settings: Settings) -> Owner | None:
    """Whom an owner line names: the first @login in it (a team too), else the words before any remark."""
    login = _LOGIN.search(text)
    who = login[1] if login else _REMARK.sub("", text).strip(" \t*_`")
    if who.casefold().strip("?.! ") in _PLACEHOLDERS or not any(letter.isalnum() for letter in who):
        return None
    if login:
        account = Account(record.ref.container.connector, who)
        return owner_by_account(account, "description", record.ref, settings)
    for name in settings.people:
        if name.casefold() == who.casefold():
            return Owner(name, "description", True, record.ref)
    return Owner(who[:LONGEST_NAME], "description", False, record.ref)


def _accounts(source: str, found: Sequence[tuple[Account | None, Ref | None]], settings: Settings) -> Iterator[Owner]:
    for account, ref in found:
        if account is not None:
            yield owner_by_account(account, source, ref, settings)


def owner_by_account(account: Account, source: str, ref: Ref | None, settings: Settings) -> Owner:
    """Whoever an account is, as an owner by this source."""
    name = person_of(account, settings)
    if name is not None:
        return Owner(name, source, True, ref, account)
    return Owner(account.name or account.login, source, False, ref, account)


def _mapped(records: Sequence[Record], key: str, settings: Settings) -> Iterator[Owner]:
    """The last entry of `[owners.map]` that matches, as for every list of globs."""
    named = [(record, names_of(record, key)) for record in records]
    for pattern, who in reversed(list(settings.owners.map.items())):
        for record, names in named:
            if means(pattern, names):
                if who.startswith("@"):
                    account = Account(record.ref.container.connector, who[1:])
                    yield owner_by_account(account, "map", record.ref, settings)
                else:
                    yield Owner(who, "map", who in settings.people, record.ref)
                return


def is_gone(owner: Owner, settings: Settings) -> bool:
    """Whether an owner is marked `gone`."""
    return owner.known and settings.people[owner.name].gone
