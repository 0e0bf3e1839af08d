"""What the table of an installed part, a connector or a channel, has in the configuration: a plain value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class PartSettings(BaseModel):
    """What every part's table in the configuration has; a part adds its own keys.

    A field of type SecretStr is a secret: it comes from the environment alone, `MDPC_<TABLES>__<NAME>__<FIELD>`, or
    else from the variable that `env_fallback` names for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    env_fallback: ClassVar[Mapping[str, str]] = {}

    type: str

    def missing(self) -> Mapping[str, str]:
        """Keys that are not set and without which those that are set cannot work, each with why."""
        return {}
