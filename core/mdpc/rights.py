"""What mdpc does in a container, and which rights it has there, lacks, or has beyond need. Frozen values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Use(StrEnum):
    """What the configuration has mdpc do in a container; each tracker has its own rights for it (`mdpc.uses`)."""

    READ = "read"
    """Read its milestones and issues."""
    WRITE = "write"
    """Write the status, titles and dates of its milestones."""
    STATES = "states"
    """Close its milestones and open them again."""
    MEMORY = "memory"
    """Keep what its records may not hold of the memory of a program's milestones."""
    CREATE = "create"
    """Make milestones there that it lacks."""
    LINKS = "links"
    """Link its milestones to the same ones on other trackers."""
    ISSUES = "issues"
    """Open and edit coordination issues and dashboards there, and comment on them: it is a home."""


@dataclass(frozen=True, slots=True)
class Right:
    """One right, in its tracker's own words, and what it is for; of one that is too much, what it lets somebody do.

    `level` says what it means where it stands: a missing one is an `error`, or a `warn` where mdpc does without it; one
    that is more than needed is a `warn` where it is dangerous. `instead` is what to do about this one where it is
    missing, in a sentence, if not what `Rights.give` says.
    """

    name: str
    why: str
    level: Literal["info", "warn", "error"] = "info"
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """What an account may do in one container, `CONNECTOR:CONTAINER`, compared with what the configuration needs.

    `unknown` are rights that are needed and that the tracker does not tell of. `give` is what to do about missing ones,
    `take` about those that are more than needed; both are whole sentences, the same for all containers alike.
    """

    container: str
    there: tuple[Right, ...] = ()
    missing: tuple[Right, ...] = ()
    more: tuple[Right, ...] = ()
    unknown: tuple[Right, ...] = ()
    give: str = ""
    take: str = ""

    @property
    def dangerous(self) -> tuple[Right, ...]:
        """Those beyond need that do harm in the wrong hands."""
        return tuple(right for right in self.more if right.level != "info")
