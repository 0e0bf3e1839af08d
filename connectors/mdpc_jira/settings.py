"""The table of a Jira connector in the configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from mdpc.connector import LOOPBACK, ConnectorSettings
from mdpc.connector_settings import whole_glob
from mdpc_jira.jql import clause_problem

_HOSTS = frozenset(host.strip("[]") for host in LOOPBACK)


def _project_key(name: str) -> str:
    if not re.fullmatch(r"!?[A-Za-z0-9_*?\[\]!-]+", name):
        raise ValueError(f'{name!r} is not a project key or a glob of keys; write such as "WEB" or "WEB*"')
    return whole_glob(name)


OURS = ("project", "issuetype", "summary", "description", "labels", "assignee")
"""The fields of a coordination issue that mdpc sets itself."""


class IssueSettings(BaseModel):
    """How a coordination issue is made here."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    type: str = Field("Task", min_length=1, description="its issue type")
    fields: Mapping[str, JsonValue] = Field(
        {},
        description=(
            "further fields by their name or id in Jira, such as one that the project requires; a plain string stands "
            "for a priority, component, version or option of that name, anything else is sent as it is"
        ),
    )

    @field_validator("fields", mode="before")
    @classmethod
    def _days(cls, value: object) -> object:
        """TOML has dates, Jira takes them as text."""
        if not isinstance(value, Mapping):
            return value
        return {name: each.isoformat() if isinstance(each, date) else each for name, each in value.items()}

    @field_validator("fields")
    @classmethod
    def _further(cls, value: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        for name in value:
            if name.casefold() in OURS:
                raise ValueError(f"mdpc sets {name} itself; leave it out")
        return value


class JiraSettings(ConnectorSettings):
    """One Jira site: where it is, which projects of it, and what of them is a milestone.

    On Cloud `user` (an e-mail address) and `token` (an API token) sign in; on Data Center `token` alone, a personal
    access token. Without a token only what everybody may read is read.

    Usernames of Data Center differ in more than case (https://confluence.atlassian.com/crowd/ "Case Sensitivity of
    Usernames and Groups"), and so do the accountIds of Cloud.
    """

    logins_have_case: ClassVar[bool] = False

    url: str = Field(description="the site's address as browsers know it, with the context path on Data Center")
    api_url: str | None = Field(None, description="for scoped tokens: https://api.atlassian.com/ex/jira/CLOUD-ID")
    ca_bundle: Path | None = Field(None, description="certificates to trust besides the public ones")
    deployment: Literal["cloud", "data-center"] | None = Field(None, description="default: found out")
    user: str | None = Field(None, description="the account's e-mail address, on Cloud")
    projects: tuple[Annotated[str, AfterValidator(_project_key)], ...] = Field(
        (), description="project keys; globs, `!` excludes; default: what members name"
    )
    milestones: Literal["versions", "epics", "issues"] = Field("versions", description="what a milestone is here")
    jql: str | None = Field(None, description='which issues are milestones, with `milestones = "issues"`')
    due_field: str = Field("duedate", description="the issues' field that holds the due date")
    done_transition: str | None = Field(None, description="the transition that closes an issue")
    issue: IssueSettings = Field(IssueSettings(), description="how a coordination issue is made: type, fields")

    @field_validator("url", "api_url")
    @classmethod
    def _plain_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError('it is not on the web; write a whole address such as "https://acme.atlassian.net"')
        if parts.username or parts.password:
            raise ValueError("user and password stand in the address; leave them out: they come from the environment")
        if parts.query or parts.fragment or "/rest/" in f"{parts.path}/":
            raise ValueError(
                "this is more than the site; write its base address alone, without a page, a query or /rest"
            )
        return value.rstrip("/")

    @field_validator("jql")
    @classmethod
    def _whole_clause(cls, value: str | None) -> str | None:
        if value is not None and (problem := clause_problem(value)):
            raise ValueError(problem)
        return value

    @field_validator("due_field")
    @classmethod
    def _field_id(cls, value: str) -> str:
        if not re.fullmatch(r"duedate|customfield_[0-9]+", value):
            raise ValueError(f'{value!r} is no field; write "duedate" or a date field\'s id, "customfield_10015"')
        return value

    @model_validator(mode="after")
    def _whole(self) -> JiraSettings:
        if self.milestones == "issues" and not self.jql:
            raise ValueError('milestones = "issues" needs jql; write such as jql = "issuetype = Milestone"')
        if self.jql and self.milestones != "issues":
            raise ValueError('jql is for milestones = "issues"; set that, or leave jql out')
        return self

    @classmethod
    def container_problem(cls, name: str) -> str:
        """Why no project can have this key, empty where one can."""
        try:
            _project_key(name)
        except ValueError as error:
            return str(error)
        return ""

    def missing(self) -> Mapping[str, str]:
        """On Cloud a site takes a token along with its account's address alone; only the gateway takes it by itself."""
        on_site = self.known_deployment() == "cloud" and not self.api_url
        alone = on_site and self.token is not None and not self.user
        return {"user": "Jira Cloud takes a token only with its account's e-mail address"} if alone else {}

    @property
    def api(self) -> str:
        """The address that requests go to; links for people always start with `url`."""
        return self.api_url or self.url

    @property
    def loopback(self) -> bool:
        """Whether requests stay on this machine."""
        return urlsplit(self.api).hostname in _HOSTS

    def known_deployment(self) -> Literal["cloud", "data-center"] | None:
        """Cloud or Data Center as far as the configuration tells; None where the server has to be asked."""
        if self.deployment:
            return self.deployment
        on_cloud_host = (urlsplit(self.url).hostname or "").endswith(".atlassian.net")
        return "cloud" if self.api_url or on_cloud_host or (self.user and self.token) else None
