"""The tables of escalation: who hears of a milestone, and when."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from holidays import country_holidays, list_supported_countries
from pydantic import AfterValidator, Field

from mdpc.settings.base import AtLeastOne, Day, Table

_AT = re.compile(r"(?P<sign>[+-]?)(?P<count>\d{1,4})(?P<unit>d|wd)")


def _at(text: str) -> str:
    found = _AT.fullmatch(text)
    if not found or (not found["sign"] and found["count"] != "0"):
        raise ValueError(
            f'"{text}" is no distance to the due date; write days or working days before or after it, such as "-7d", '
            '"+1d" or "-5wd"'
        )
    return text


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    return list_supported_countries(include_aliases=True)


def _calendar(text: str) -> str:
    country, _, part = text.partition("-")
    if country not in _countries():
        raise ValueError(f'no public holidays are known for "{text}"; write a country\'s two letters, such as "DE"')
    if part and part not in _countries()[country]:
        known = ", ".join(_countries()[country][:6])
        raise ValueError(f'"{part}" is no part of "{country}" whose holidays are known; those are {known} ...')
    return text


def named_recipient(text: str) -> str:
    """A validator's part: raises ValueError for what can name nobody."""
    base = text
    while base.endswith(".manager"):
        base = base.removesuffix(".manager")
    if not base.strip() or base == "@":
        raise ValueError('this names nobody; write "owner", "owner.manager", "stakeholders", a person or "@login"')
    return text


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{2,4})?", text):
        raise ValueError(f'"{text}" is no language; write its short name, such as "en" or "de"')
    return text


Language = Annotated[str, AfterValidator(_language)]


class Step(Table):
    """One step of the ladder: when, relative to the due date, and who hears of it."""

    at: Annotated[str, AfterValidator(_at)] = Field(
        description='days ("-7d", "+1d") or working days ("-5wd") relative to the due date'
    )
    to: Annotated[tuple[Annotated[str, AfterValidator(named_recipient)], ...], Field(min_length=1)] = Field(
        description='"owner", "owner.manager", "stakeholders", people, "@login", mail addresses'
    )
    via: tuple[str, ...] = Field((), description="channels that tell of it besides the comment, which comes first")
    match: str = Field("*", description="a container, a ref, CONTAINER#TITLE or a milestone's key; globs")
    template: str | None = Field(None, description="a file with the text (default: the one for all steps)")

    @property
    def text(self) -> str:
        """By which name its template is known in `Settings.texts`."""
        return f"step {self.template or self.at}"

    @property
    def offset(self) -> tuple[int, bool]:
        """The distance, negative before the due date, and whether it is counted in working days."""
        return offset_of(self.at) or (0, False)


def offset_of(at: str) -> tuple[int, bool] | None:
    """What `at` says: the distance, negative before the due date, and whether in working days; None where nothing."""
    found = _AT.fullmatch(at)
    if not found:
        return None
    count = int(found["count"])
    return (-count if found["sign"] == "-" else count), found["unit"] == "wd"


class Escalation(Table):
    """Who hears of a milestone, when: a ladder of steps relative to the due date, each sent once."""

    since: Day | None = Field(
        None, description="what was overdue before is listed, not escalated: a day (default: when first seen)"
    )
    workdays: bool = Field(False, description="true: never on a weekend")
    holidays: Annotated[str, AfterValidator(_calendar)] | None = Field(
        None, description='nor on a public holiday of this country or part of one, such as "DE" or "DE-BE"'
    )
    per_person_per_week: AtLeastOne | None = Field(
        None, description="notices that mention somebody in a week at most; what exceeds it waits for the digest"
    )
    templates: str | None = Field(None, description="a folder with templates of your own, beside the configuration")
    language: Language = Field(
        "en", description='the language of notices: "en", "de", or one that you have templates in'
    )
    steps: tuple[Step, ...] = Field((), description="the ladder: who hears of it when")


class Celebrate(Table):
    """What is said once a milestone is achieved: in a comment, and by channels; nothing without this table."""

    via: tuple[str, ...] = Field((), description="channels that tell of it besides the comment")
    streaks: bool = Field(False, description="true: how many of the program in a row were on time")
    template: str | None = Field(None, description="a file with the text (default: mdpc's own)")

    @property
    def text(self) -> str:
        """By which name its template is known in `Settings.texts`."""
        return "achieved"


@lru_cache(maxsize=64)
def holidays_of(calendar: str, year: int) -> frozenset[object]:
    """The public holidays of a country, or of a part of one, in a year."""
    country, _, part = calendar.partition("-")
    return frozenset(country_holidays(country, subdiv=part or None, years=year))
