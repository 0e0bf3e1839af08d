"""What can become of a write, or of a message. A plain word."""

from __future__ import annotations

from typing import Literal

OutcomeStatus = Literal["done", "already", "stale", "failed", "unknown", "withheld"]
