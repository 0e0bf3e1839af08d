"""Which records were one milestone, as `tests.flows.watch` remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mdpc.model import Milestone
from tests.flows.tables import Base
from tests.flows.world import Row

VALUES = ("title", "due", "start")
FIELDS = (*VALUES, "state")
Rows = Mapping[str, Row]


@dataclass
class Family:
    """Records that were one milestone, with every base that is possible for each field.

    `members` has the box of each record and whether it was closed; `absent` the same of records that were members
    before. `sure` ones were a milestone after a completed run; `had` are all boxes that ever had a record of it then.
    """

    members: dict[str, tuple[str, bool]]
    bases: dict[str, list[Base | None]]
    absent: dict[str, tuple[str, bool]] = field(default_factory=dict)
    had: set[str] = field(default_factory=set)
    sure: bool = True
    doubtful: bool = False
    """Whether memory may have been lost, and with it who is absent."""


@dataclass
class Group:
    """A milestone of the program as a plan has it: its records, and the families that these were of."""

    milestone: Milestone
    uids: set[str]
    families: list[Family]

    @property
    def live(self) -> bool:
        """Whether anything may be written for it."""
        return not self.milestone.history and not self.milestone.ambiguous
