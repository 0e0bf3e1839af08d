"""One request as a handler sees it, and how Jira refuses."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from starlette.datastructures import QueryParams

from mdpc_sandbox.jira.model import Issue, Project, User, Version, may_browse
from mdpc_sandbox.jira.state import JiraState


class Refused(Exception):  # noqa: N818 - an answer, not a fault of the sandbox
    """A request that is answered with an error in Jira's shape; `errors` are by field."""

    def __init__(self, status: int, /, *messages: str, **errors: str) -> None:
        super().__init__(*messages)
        self.status = status
        self.body: dict[str, object] = {"errorMessages": list(messages), "errors": errors}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: a status, and what becomes the JSON body (None for no body at all)."""

    body: Any = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Call:
    """A request to `state` by `user` (None: without a token).

    `base` is the address of this Jira without a slash at its end, `version_of_api` is 2 or on Cloud also 3.
    """

    state: JiraState
    user: User | None
    path: Mapping[str, str]
    query: QueryParams
    body: Any
    base: str
    version_of_api: str
    url: str

    @property
    def api(self) -> str:
        """The address below which this version of the API lies."""
        return f"{self.base}/rest/api/{self.version_of_api}"

    @property
    def documents(self) -> bool:
        """Whether rich text is given as an Atlassian document, not as wiki markup."""
        return self.version_of_api == "3"

    def number(self, name: str, default: int, highest: int) -> int:
        """A whole number of the query, or of a search's body, cut to what Jira gives at most."""
        given = self.body.get(name) if isinstance(self.body, dict) else self.query.get(name)
        try:
            number = default if given is None else int(given)
        except (TypeError, ValueError):
            raise Refused(400, f"The value '{given}' is not a number for '{name}'.") from None
        return min(max(number, 0), highest)

    def words(self, name: str) -> list[str]:
        """The values of a comma-separated or repeated query parameter."""
        return [word for given in self.query.getlist(name) for word in given.split(",") if word]

    def page(self, things: Sequence[Any], show: Callable[[Any], object], highest: int = 100) -> Reply:
        """The page of things that the query asks for, as Jira's page bean."""
        start, size = self.number("startAt", 0, 10**9), self.number("maxResults", 50, highest)
        end = start + size
        page: dict[str, Any] = {"self": self.url, "maxResults": size, "startAt": start, "total": len(things)}
        if end < len(things):
            address, _, query = self.url.partition("?")
            rest = "&".join(part for part in query.split("&") if part and not part.startswith("startAt="))
            page["nextPage"] = f"{address}?{rest}&startAt={end}" if rest else f"{address}?startAt={end}"
        return Reply(page | {"isLast": end >= len(things), "values": [show(thing) for thing in things[start:end]]})

    def project(self, key: str | None = None) -> Project:
        """The project of the path, or with this key, if the user may browse it."""
        wanted = self.path.get("project", "") if key is None else key
        project = self.state.project(wanted)
        if project is None or not may_browse(self.user, project):
            raise Refused(404, f"No project could be found with key '{wanted}'.")
        return project

    def version(self) -> Version:
        """The version of the path, if the user may browse its project."""
        wanted = self.path["version"]
        version = self.state.versions.get(wanted)
        if version is None or not may_browse(self.user, version.project):
            raise Refused(404, f"Could not find version for id '{wanted}'.")
        return version

    def issue(self) -> Issue:
        """The issue of the path, if the user may browse its project."""
        issue = self.state.issue(self.path["issue"])
        if issue is None or not may_browse(self.user, issue.project):
            where = "Issue does not exist or you do not have permission to see it."
            raise Refused(404, where if self.state.cloud else "Issue Does Not Exist")
        return issue

    def may(self, right: str, project: Project) -> bool:
        """Whether the user has a right in the project."""
        return self.user is not None and self.user.may(right, project)

    def require(self, right: str, project: Project, status: int, message: str) -> User:
        """The user, who must have that right in the project; without a token it is 401."""
        if self.user is None:
            raise Refused(401, "You are not authenticated. Authentication required to perform this operation.")
        if not self.user.may(right, project):
            raise Refused(status, message)
        return self.user

    def object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        if not isinstance(self.body, dict):
            raise Refused(400, "There was an error parsing JSON. Check that your request body is valid.")
        return self.body


def authenticate(state: JiraState, header: str | None) -> User | None:
    """The user of an Authorization header: address and API token on Cloud, a personal access token on Data Center.

    None without a header; a header that names nobody is refused with 401.
    """
    if header is None:
        return None
    kind, _, secret = header.partition(" ")
    if state.cloud and kind.lower() == "basic":
        try:
            email, _, token = b64decode(secret, validate=True).decode().partition(":")
        except (Base64Error, UnicodeDecodeError):
            email, token = "", ""
        user = state.tokens.get(token)
        if user is not None and email.casefold() == user.email.casefold():
            return user
    elif not state.cloud and kind.lower() == "bearer" and secret in state.tokens:
        return state.tokens[secret]
    return unauthenticated()


def unauthenticated() -> NoReturn:
    """Refuse as Jira refuses a wrong or missing login."""
    raise Refused(401, "Client must be authenticated to access this resource.")
