"""What every connector's table in the configuration has: a plain value, so that the pure part may know it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from mdpc.matching import is_unclosed
from mdpc.part_settings import PartSettings


def whole_glob(text: str) -> str:
    """A validator's part for globs: raises ValueError where a `[` is not closed."""
    if is_unclosed(text):
        raise ValueError(f'a "[" is not closed in "{text}"; close it as in [ab], or leave it out')
    return text


class ConnectorSettings(PartSettings):
    """What every connector's table in the configuration has; a connector adds its own keys."""

    logins_have_case: ClassVar[bool] = True
    """Whether two logins that differ in case are two accounts."""

    access: Literal["read", "write"] = Field("write", description="`read`: mdpc never writes there")
    optional: tuple[Annotated[str, AfterValidator(whole_glob)], ...] = Field(
        (), description="containers whose loss is not an incomplete run; globs"
    )
    accounts: tuple[str, ...] = Field((), description="further accounts that mdpc has written as")
    pace: Annotated[float, Field(ge=0)] | None = Field(
        None, description="seconds between two writes; default: as the service asks, none on loopback"
    )
    token: SecretStr | None = Field(None, description="from the environment only")

    @classmethod
    def container_problem(cls, name: str) -> str:
        """Why no container of this tracker can have this name, and what to write (`WHY; WHAT`); empty where one can.

        `name` may be a glob, as members of programs are.
        """
        del name
        return ""
