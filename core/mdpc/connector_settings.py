"""What every connector's table in the configuration has: a plain value, so that the pure part may know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ConnectorSettings(BaseModel):
    """What every connector's table in the configuration has; a connector adds its own keys.

    A field of type SecretStr is a secret: it comes from the environment alone, `MDPC_CONNECTORS__<NAME>__<FIELD>`,
    or else from the variable that `env_fallback` names for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    env_fallback: ClassVar[Mapping[str, str]] = {}

    type: str
    access: Literal["read", "write"] = Field("write", description="`read`: mdpc never writes there")
    optional: tuple[str, ...] = Field((), description="containers whose loss is not an incomplete run; globs")
    accounts: tuple[str, ...] = Field((), description="further accounts that mdpc has written as")
    pace: Annotated[float, Field(ge=0)] | None = Field(
        None, description="seconds between two writes; default: as the service asks, none on loopback"
    )
    token: SecretStr | None = Field(None, description="from the environment only")
