"""What is wrong, or worth knowing, before anything is done. A frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """What preflight found at one place: `info` is a fact worth knowing, `warn` and `error` have a next step."""

    level: Literal["info", "warn", "error"]
    where: str
    what: str
    next_step: str = ""
