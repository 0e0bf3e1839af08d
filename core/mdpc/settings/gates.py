"""The table of a review gate."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mdpc.settings.base import AtLeastOne, Count, Table

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_BY = re.compile(r"-(\d{1,4})d|0d")
_REQUIREMENTS = ("no-open-work", "checklist")

CLOSE = "close"
APPROVERS = "jira:approvers"
TEAM = "team:"
GATES = "gates:"


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(
            f'"{text}" cannot be written in a comment as one word; write small letters, digits and "-", such as '
            '"release-review"'
        )
    return text


def _by(text: str) -> str:
    if text != CLOSE and not _BY.fullmatch(text):
        raise ValueError(
            f'"{text}" is not when a gate is to be passed; write days before the due date such as "-21d", or "close"'
        )
    return text


def _requirement(text: str) -> str:
    if text not in _REQUIREMENTS and not (text.startswith(GATES) and text != GATES):
        raise ValueError(f'"{text}" cannot be required; write "no-open-work", "checklist" or "gates:NAME"')
    return text


def _reviewer(text: str) -> str:
    if not text.strip() or text in ("@", TEAM):
        raise ValueError('this names nobody; write a person, "@login", "team:ORG/NAME" or "jira:approvers"')
    return text


Reviewer = Annotated[str, AfterValidator(_reviewer)]


class Gate(Table):
    """A review that milestones must pass.

    `by` is a number of days before the due date (`-21d`) or `close`. Reviewers are people, `@login`s, `team:NAME` and
    `jira:approvers`. `void_on` is what makes an approval void when it changes. With `on_bypass` `reopen` a milestone
    that was closed without passing is opened again, at most `max_reopens` times.
    """

    name: Annotated[str, AfterValidator(_name)] = Field(description='a short name such as "release-review"')
    match: str = Field("*", description="a container, a ref, CONTAINER#TITLE or a milestone's key; globs")
    by: Annotated[str, AfterValidator(_by)] = Field(
        CLOSE, description='to be passed so many days before the due date ("-21d"), or before it closes ("close")'
    )
    reviewers: Annotated[tuple[Reviewer, ...], Field(min_length=1)] = Field(
        description='who may approve: people, "@login", "team:ORG/NAME", "jira:approvers"'
    )
    approvals: AtLeastOne = Field(1, description="how many of them must approve")
    requires: tuple[Annotated[str, AfterValidator(_requirement)], ...] = Field(
        (), description='what else must be so: "no-open-work", "checklist", "gates:NAME"'
    )
    void_on: tuple[Literal["due", "scope"], ...] = Field(
        ("due", "scope"), description='a change that makes an approval void: of the due date, of the issues ("scope")'
    )
    on_bypass: Literal["report", "reopen"] = Field(
        "report", description='a milestone closed without passing: "report" it, or "reopen" it'
    )
    max_reopens: Count = Field(3, description="after so many times a bypass stands, as an error")
    waivers_by: tuple[Reviewer, ...] = Field((), description="who may waive the gate in a comment")
    owner_may_approve: bool = Field(False, description="true: the owner's own approval counts")

    @property
    def at_close(self) -> bool:
        """Whether it is to be passed before the milestone closes."""
        return self.by == CLOSE

    @property
    def ahead(self) -> timedelta:
        """How long before the due date it is to be passed; nothing for a gate at the close."""
        days = _BY.fullmatch(self.by)
        return timedelta(days=int(days[1] or 0)) if days else timedelta()

    @property
    def teams(self) -> tuple[str, ...]:
        """The names of the teams among its reviewers and who may waive it."""
        return tuple(
            dict.fromkeys(who.removeprefix(TEAM) for who in (*self.reviewers, *self.waivers_by) if who.startswith(TEAM))
        )
