"""What every channel's table in the configuration has: a plain value, so that the pure part may know it."""

from __future__ import annotations

from typing import ClassVar

from mdpc.part_settings import PartSettings


class ChannelSettings(PartSettings):
    """What every channel's table in the configuration has; a channel adds its own keys."""

    by_address: ClassVar[bool] = False
    """Whether it reaches people by their mail addresses, rather than all who read it somewhere."""
