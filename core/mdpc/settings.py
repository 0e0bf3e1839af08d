"""The configuration as values: what `mdpc.toml` may say, with every default in its place.

Reading the file, the environment and all cross-checks live in `mdpc.settings_file`; nothing here touches either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SerializeAsAny

from mdpc.connector import ConnectorSettings
from mdpc.model import Level

_HISTORY = re.compile(r"(\d{1,5})d")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError) as error:
        raise ValueError(f'{name!r} is not a time zone; write an IANA name such as "Europe/Berlin"') from error
    return name


def _known_span(text: str) -> str:
    if text != "all" and not _HISTORY.fullmatch(text):
        raise ValueError(f'{text!r} is not a span of days; write a number of days such as "90d", or "all"')
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from error
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class Table(BaseModel):
    """A table of the configuration: unknown keys are errors, values never appear in messages, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Member(Table):
    """A container (or a glob of containers) of a program, and which of its records take part.

    `title` is a regular expression that a record's title must match; its group `key`, if it has one, is what of the
    title joins.
    """

    ref: str
    title: Pattern | None = None


class Program(Table):
    """A named set of containers that work towards the same milestones.

    `home` is where a milestone's memory and its coordination issue live; default: the first member without a glob.
    `public` allows facts of private containers to appear in public repositories.
    """

    name: Annotated[str, Field(min_length=1)]
    members: Annotated[tuple[Member, ...], Field(min_length=1)]
    home: str | None = None
    public: bool = False


class Person(Table):
    """Somebody, by the names that trackers know them by; `gone` people no longer count as owners.

    The logins are keyed by the connector's name or type: `github` a login, `jira` an accountId (Cloud) or a username
    (Data Center).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    logins: Mapping[str, str] = Field(default_factory=dict)
    gone: bool = False


Source = Literal["description", "driver", "assignee", "map"]


class Owners(Table):
    """Who owns a milestone: the first source that names somebody. `map` is by glob, the last match wins."""

    sources: tuple[Source, ...] = ("description", "driver", "assignee", "map")
    map: Mapping[str, str] = Field(default_factory=dict)


RuleValue = Level | Mapping[str, Any]
"""A level, or a table with a level and the rule's own settings."""


class Override(Table):
    """Other levels or settings for what `match` (a glob) names; later entries win."""

    match: str
    rules: Mapping[str, RuleValue]


class Waiver(Table):
    """An exception with a reason and a last day, `until`; after it the waiver is itself a finding."""

    match: str
    rules: Annotated[tuple[str, ...], Field(min_length=1)]
    until: date
    reason: Annotated[str, Field(min_length=1)]


class Writeback(Table):
    """What mdpc writes into trackers: `status`, its block or line in a milestone's description."""

    status: bool = True


class Limits(Table):
    """What stops a wrong configuration: `adopt` records may be written to for the first time in one run."""

    adopt: Annotated[int, Field(ge=0)] = 25


class Settings(Table):
    """The whole configuration. `now`-dependent values are methods, so that the rest stays a plain value."""

    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    history: Annotated[str, AfterValidator(_known_span)] = "90d"
    enforce_after: date | None = None
    connectors: Mapping[str, SerializeAsAny[ConnectorSettings]]
    programs: tuple[Program, ...] = ()
    owners: Owners = Owners()
    people: Mapping[str, Person] = Field(default_factory=dict)
    rules: Mapping[str, RuleValue] = Field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    writeback: Writeback = Writeback()
    limits: Limits = Limits()

    def closed_since(self, today: date) -> date | None:
        """The first day from which closed milestones are read; None for all of them."""
        days = _HISTORY.fullmatch(self.history)
        return today - timedelta(days=int(days[1])) if days else None
