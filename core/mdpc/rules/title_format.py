"""The rule `title-format`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from mdpc.model import Milestone
from mdpc.rules.base import Breach, Context, Rule
from mdpc.settings import Pattern


class TitleFormat(Rule):
    """Open milestones are named as the team agreed.

    Every open record's title has to match the regular expression `pattern`, anywhere in the title unless the pattern
    is anchored with `^` and `$`.
    """

    name: ClassVar[str] = "title-format"

    pattern: Pattern = Field(description="a regular expression that titles must match", examples=[r"^v?\d+\.\d+"])

    def check(self, milestone: Milestone, context: Context) -> Iterator[Breach]:
        """A breach for each open record whose title does not match."""
        for record in milestone.records:
            if not (record.closed or record.archived or re.search(self.pattern, record.title)):
                yield Breach(
                    f"its title does not match {self.pattern}",
                    f"Rename {record.ref} so that its title matches {self.pattern}.",
                    record.ref,
                )
