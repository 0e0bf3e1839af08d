"""The table of the digest: who is told of whole programs, and how often."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mdpc.settings.base import Table
from mdpc.settings.escalation import named_recipient

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Every = Literal["daily", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "1st"]


class Digest(Table):
    """Who is told of whole programs, how often, and how: one digest a period, however often `mdpc digest` runs."""

    every: Every = Field(description='"daily", a weekday such as "monday", or "1st" (of the month)')
    to: Annotated[tuple[Annotated[str, AfterValidator(named_recipient)], ...], Field(min_length=1)] = Field(
        description='"owner", "owner.manager", "stakeholders", people, "@login"'
    )
    via: tuple[str, ...] = Field((), description="channels that reach the people instead of a mention on the dashboard")
