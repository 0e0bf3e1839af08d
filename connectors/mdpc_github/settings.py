"""The GitHub connector's table in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from mdpc.connector import LOOPBACK, ConnectorSettings
from mdpc_github.selection import check_entry, member_problem


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("url is the address of the API; write https://HOST/api/v3, or leave it out for github.com")
    if parts.username or parts.password:
        raise ValueError("url holds a user name or password; take it out and set the token in the environment")
    if parts.hostname in ("github.com", "www.github.com"):
        raise ValueError("url is the address of the API, and this is the website; leave it out for github.com")
    if parts.scheme == "http" and not is_loopback(url):
        raise ValueError("url would send the token unencrypted; write https://")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine itself, where nothing needs pacing or encryption."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK or f"[{host}]" in LOOPBACK


class GitHubSettings(ConnectorSettings):
    """What `[connectors.github]` may say.

    Who mdpc is: a token (`MDPC_CONNECTORS__GITHUB__TOKEN`, else `GITHUB_TOKEN`), or a GitHub App by `app_id` and
    `private_key`, which wins over a token. With neither, only public repositories are read and nothing is written.
    """

    env_fallback: ClassVar[Mapping[str, str]] = {"token": "GITHUB_TOKEN"}
    logins_have_case: ClassVar[bool] = False

    repositories: tuple[Annotated[str, AfterValidator(check_entry)], ...] = Field(
        (),
        description="OWNER/NAME, globs (OWNER/*, or */* for all that the token can see), `topic:NAME`, `public`, "
        "`private`; `!` before one takes away; default: what the programs' members name",
    )
    url: Annotated[str, AfterValidator(_checked_url)] = Field(
        "https://api.github.com", description="address of the API; https://HOST/api/v3 on GitHub Enterprise Server"
    )
    app_id: int | str | None = Field(None, description="a GitHub App's id or client id")
    private_key: SecretStr | None = Field(None, description="the App's key in PEM; from the environment only")
    installation_id: int | None = Field(None, description="default: looked up")
    ca_bundle: str | None = Field(None, description="file with the certificates to trust (PEM)")

    @classmethod
    def container_problem(cls, name: str) -> str:
        """Why no repository can be called so, empty where one can."""
        return member_problem(name)

    @field_validator("private_key")
    @classmethod
    def _pem(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None:
            return None
        text = key.get_secret_value().replace("\\n", "\n").strip()
        if not text.startswith("-----BEGIN"):
            raise ValueError("private_key is no PEM; give the whole text of the .pem file, not its name")
        return SecretStr(text + "\n")

    @field_validator("ca_bundle")
    @classmethod
    def _file(cls, path: str | None) -> str | None:
        if path is not None and not Path(path).is_file():
            raise ValueError(f"there is no file {path}; write the path of a PEM file")
        return path

    @model_validator(mode="after")
    def _whole_app(self) -> GitHubSettings:
        if (self.app_id is None) != (self.private_key is None):
            missing = "private_key" if self.private_key is None else "app_id"
            raise ValueError(f"a GitHub App needs app_id and private_key; set {missing} too")
        return self
