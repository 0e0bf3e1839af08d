"""The configuration as values: what `mdpc.toml` may say, with every default in its place.

Reading the file, the environment and all cross-checks live in `mdpc.settings.file`; nothing here touches either.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, SerializeAsAny

from mdpc.channel_settings import ChannelSettings
from mdpc.connector_settings import ConnectorSettings
from mdpc.model import Level
from mdpc.settings.base import (
    Absence,
    Address,
    AtLeastOne,
    Count,
    Day,
    Share,
    Span,
    Table,
    TitlePattern,
    WebAddress,
    Zone,
    days_of,
    span_of,
)
from mdpc.settings.digest import Digest
from mdpc.settings.escalation import Celebrate, Escalation
from mdpc.settings.gates import Gate
from mdpc.templating import Text


def _member(value: object) -> object:
    return {"ref": value} if isinstance(value, str) else value


class Member(Table):
    """A container (or a glob of containers) of a program, and which of its records take part.

    `title` is a regular expression that a record's title must match; its group `key`, if it has one, is what of the
    title joins.
    """

    ref: str = Field(description='a container or a glob of them, such as "github:acme/api" or "github:acme/web-*"')
    title: TitlePattern | None = Field(
        None, description="only records whose title matches this regular expression; its group `key` is what joins"
    )


class Program(Table):
    """A named set of containers that work towards the same milestones.

    `home` is where a milestone's memory and its coordination issue live; default: the first member without a glob.
    `public` allows facts of private containers to appear in public repositories. A member may be written as its ref
    alone.
    """

    name: Annotated[str, Field(min_length=1)] = Field(description='a short name such as "platform"')
    members: Annotated[
        tuple[Annotated[Member, BeforeValidator(_member, json_schema_input_type=str | Member)], ...],
        Field(min_length=1, description='containers and globs, such as ["github:acme/api", "jira:API"]'),
    ]
    home: str | None = Field(
        None, description="the container where coordination issues live (default: the first member without a glob)"
    )
    stakeholders: tuple[str, ...] = Field((), description='people or "@login"s whom escalation and digests may name')
    public: bool = Field(
        False, description="true: facts of Jira and private repositories may appear in public repositories"
    )


class Person(Table):
    """Somebody, by the names that trackers know them by; `gone` people no longer count as owners or reviewers.

    The logins are keyed by the connector's name or type: `github` a login, `jira` an accountId (Cloud) or a username
    (Data Center). In the file they are keys of the person's table.
    """

    logins: Mapping[str, str] = Field(default_factory=dict, description="logins by connector")
    manager: str | None = Field(None, description="the person who hears of it after them")
    away: tuple[Absence, ...] = Field(
        (), description='when they are away: days or spans such as "2026-12-21/2027-01-06"'
    )
    delegate: str | None = Field(None, description="the person who hears of it meanwhile, or once they are gone")
    gone: bool = Field(False, description="true: no longer counts as an owner or reviewer")
    email: Address | None = Field(None, description="where mail reaches them")
    handles: Mapping[str, str] = Field(
        default_factory=dict, description='what a channel calls them, by the channel\'s name: { team = "U024BE7LH" }'
    )

    def is_away(self, day: date) -> bool:
        """Whether they are away on a day; both ends of a span belong to it."""
        return any(first <= day <= last for first, last in map(span_of, self.away))


FieldRule = Annotated[str, Field(min_length=1)]
"""How a field is kept in step: `merge`, the name of a connector or container that leads, `report` or `off`."""

MERGE, REPORT, OFF = "merge", "report", "off"


class SyncFields(Table):
    """How each field is kept in step: `merge` (three-way), a connector's or a container's name, `report` or `off`."""

    title: FieldRule = Field(MERGE, description='"merge", a connector or container that leads, "report" or "off"')
    due: FieldRule = Field(MERGE, description='"merge", a connector or container that leads, "report" or "off"')
    start: FieldRule = Field(REPORT, description='"merge", a connector or container that leads, "report" or "off"')
    state: FieldRule = Field(REPORT, description='a connector or container that leads, "report" or "off"')


class Sync(Table):
    """What is carried from one record of a milestone to the others, and where missing ones are created."""

    create: tuple[str, ...] = Field(
        (), description='connectors or containers in which a missing counterpart is created, such as ["jira:API"]'
    )
    create_from: tuple[str, ...] = Field(
        (), description="connectors or containers whose milestones are; default: any member's"
    )
    on_delete: Literal["report", "unlink"] = Field(
        "report", description='a record that vanished: "report", or "unlink" (forget that it belonged)'
    )
    fields: SyncFields = Field(SyncFields(), description="how each field is kept in step")


Source = Literal["description", "driver", "assignee", "map"]


class Owners(Table):
    """Who owns a milestone: the first source that names somebody. `map` is by glob, the last match wins."""

    sources: tuple[Source, ...] = Field(
        ("description", "driver", "assignee", "map"),
        description="where an owner may be named; the first that does wins",
    )
    map: Mapping[str, str] = Field(
        default_factory=dict, description="an owner (a person's name or @login) by glob; the last match wins"
    )


RuleValue = Level | Mapping[str, Any]
"""A level, or a table with a level and the rule's own settings."""


class Override(Table):
    """Other levels or settings for what `match` (a glob) names; later entries win."""

    match: str = Field(description="a container, a ref, CONTAINER#TITLE or a milestone's key; globs")
    rules: Mapping[str, RuleValue] = Field(description='rules as in [rules], such as { overdue = "warn" }')


class Waiver(Table):
    """An exception with a reason and a last day, `until`; after it the waiver is itself a finding.

    A milestone of several records is excused where every one of them is matched, by its own waiver or by the key.
    """

    match: str = Field(description="a container, a ref, CONTAINER#TITLE or a milestone's key; globs")
    rules: Annotated[tuple[str, ...], Field(min_length=1)] = Field(description='names of rules, such as ["overdue"]')
    until: Day = Field(description="the last day of the exception, such as 2027-03-31")
    reason: Annotated[str, Field(min_length=1)] = Field(description="why, in a sentence for its readers")


class Writeback(Table):
    """What mdpc writes into trackers: `status`, its block or line in a milestone's description; where it needs them (a
    gate, a step of the ladder, a conflict), always or never, coordination issues; and one dashboard a program. The
    `heartbeat_url` is called after each run that did everything: whoever knows it can call it."""

    status: bool = Field(True, description="the status block in a milestone's description")
    issue: Literal["always", "when-needed", "never"] = Field(
        "when-needed", description='the coordination issue: "always", "when-needed" or "never"'
    )
    dashboard: bool = Field(False, description="one issue a program that shows all of its milestones")
    heartbeat_url: WebAddress = Field(
        "", description="called after each complete sync, a dead man's switch; or MDPC_WRITEBACK__HEARTBEAT_URL"
    )


class Limits(Table):
    """What stops a wrong configuration.

    `adopt` records may be written to for the first time in one run. Of one program, `changes` milestones may be
    created or changed in what people wrote; where the program has more than 10 milestones, also no larger `share`.
    Beyond `comments` comments and issues the rest waits for the next run, as it does once a run has sent `operations`
    requests to all trackers together, or has taken so many `minutes`.
    """

    adopt: Count = Field(25, description="records that mdpc writes to for the first time, in one run")
    changes: Count = Field(100, description="milestones of a program created, or changed in what people wrote")
    share: Share = Field(0.3, description="... as a share of the program's milestones, once it has more than 10")
    comments: Count = Field(50, description="comments and issues written in one run; the rest waits for the next")
    operations: AtLeastOne | None = Field(None, description="requests of one run, reading and writing; then it stops")
    minutes: AtLeastOne | None = Field(None, description="minutes of one run; then it stops, and the next goes on")


class Settings(Table):
    """The whole configuration of mdpc."""

    timezone: Zone = Field(
        "UTC", description='"today" and due dates are days here: an IANA name such as "Europe/Berlin"'
    )
    history: Span = Field(
        "90d", description='closed milestones are read this far back: a number of days such as "90d", or "all"'
    )
    enforce_after: Day | None = Field(None, description='until this day every "error" is a "warn": a day')
    baseline: str | None = Field(
        None, description="a file with findings that do not count (`mdpc check --write-baseline`)"
    )
    connectors: Mapping[str, SerializeAsAny[ConnectorSettings]] = Field(description="the trackers, by name")
    programs: tuple[Program, ...] = Field((), description="containers that work towards the same milestones")
    sync: Sync = Field(Sync(), description="what is carried from one record of a milestone to the others")
    owners: Owners = Field(Owners(), description="where a milestone's owner is named")
    people: Mapping[str, Person] = Field(default_factory=dict, description="people by name, with their logins")
    people_file: str | None = Field(
        None, description="a file with further people beside this one: TOML with [people.NAME] tables, or CSV"
    )
    rules: Mapping[str, RuleValue] = Field(
        default_factory=dict, description='rules by name: "off", "warn", "error", or a table with a level and settings'
    )
    overrides: tuple[Override, ...] = Field((), description="other levels or settings by glob; later entries win")
    waivers: tuple[Waiver, ...] = Field((), description="exceptions by glob, with a reason and an end")
    teams: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict, description="members of teams that the token may not read, by the team's name"
    )
    gates: tuple[Gate, ...] = Field((), description="reviews that milestones must pass by a day, or before they close")
    escalation: Escalation = Field(Escalation(), description="who hears of a milestone, and when")
    digest: Digest | None = Field(None, description="who is told of whole programs, how often; default: nobody")
    celebrate: Celebrate | None = Field(None, description="what is said once a milestone is achieved")
    channels: Mapping[str, SerializeAsAny[ChannelSettings]] = Field(
        default_factory=dict, description="further ways to reach people, by name"
    )
    writeback: Writeback = Field(Writeback(), description="what mdpc writes into trackers")
    limits: Limits = Field(Limits(), description="what stops a wrong configuration")
    _texts: Mapping[str, Text] = PrivateAttr(default_factory=dict)

    @property
    def texts(self) -> Mapping[str, Text]:
        """The team's own templates, by what they are for (`Step.text`, `Celebrate.text`); the rest is mdpc's own."""
        return self._texts

    def with_texts(self, texts: Mapping[str, Text]) -> Settings:
        """The same settings with these templates of the team's own."""
        told = self.model_copy()
        told._texts = dict(texts)
        return told

    def closed_since(self, today: date) -> date | None:
        """The first day from which closed milestones are read; None for all of them."""
        days = days_of(self.history)
        return today - days if days else None
