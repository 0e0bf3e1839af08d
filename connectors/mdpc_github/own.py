"""Which accounts are mdpc's own. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mdpc.model import Account

BOT = "[bot]"
"""What REST adds to the name of an App's account."""
MOST_AUTHORS = 5
"""Names that REST is asked about, of those that mdpc has."""


def normalised(login: str) -> str:
    """An account's name as it is compared: lower case, without an App's `[bot]`."""
    return login.strip().lower().removesuffix(BOT)


@dataclass(frozen=True, slots=True)
class Own:
    """mdpc's own accounts, as `normalised` gives them. A person's and an App's may have the same name.

    `creator` is the login by which GitHub itself may choose what mdpc opened; empty where it may not: there are several
    accounts, none is known, or it is an App's, which some servers do not find by its name. `authors` are the names that
    REST may be asked about one by one all the same, the token's own first.
    """

    people: frozenset[str] = frozenset()
    bots: frozenset[str] = frozenset()
    creator: str = ""
    authors: tuple[str, ...] = ()

    @classmethod
    def of(cls, login: str, further: Sequence[str], *, app: bool = False) -> Own:
        """From the token's login (empty where unknown) and what `accounts` in the settings names.

        What is named there without `[bot]` may be either.
        """
        is_bot = app or login.endswith(BOT)
        people = [name for name in further if not name.strip().endswith(BOT)]
        bots = list(further)
        (bots if is_bot else people).append(login)
        alone = {normalised(name) for name in further} <= {normalised(login)} and not is_bot
        authors = [_as_bot(login)] if is_bot and login else [login]
        for name in further:
            authors += [name.strip()] if name.strip().endswith(BOT) else [name.strip(), _as_bot(name)]
        several = tuple(dict.fromkeys(each for each in authors if each))[:MOST_AUTHORS]
        return cls(_names(people), _names(bots), login if alone else "", several)

    @property
    def known(self) -> bool:
        """Whether any is."""
        return bool(self.people or self.bots)

    @property
    def names(self) -> frozenset[str]:
        """Their names, an App's with `[bot]` unless a person's may be meant as well."""
        return self.people | {name + BOT for name in self.bots - self.people}

    def wrote(self, author: Account | None) -> bool:
        """Whether that account is one of mdpc's."""
        return author is not None and normalised(author.login) in (self.bots if author.bot else self.people)


def _as_bot(login: str) -> str:
    return login.strip().removesuffix(BOT) + BOT


def _names(logins: Sequence[str]) -> frozenset[str]:
    return frozenset(normalised(login) for login in logins) - {""}
