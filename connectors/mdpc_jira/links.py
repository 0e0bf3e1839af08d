"""Links that a version or an issue shows to its counterparts in other trackers.

Versions have related work on Cloud and remote links on Data Center; issues have remote links on both. Remote links are
known by a global id, so that writing one twice leaves one; related work is not, and is written once at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from mdpc import escape
from mdpc.changes import Change, Value
from mdpc.connector import TrackerError
from mdpc.fingerprint import fingerprint
from mdpc.model import Ref
from mdpc_jira.client import JiraClient
from mdpc_jira.writing import LOST, Step

CATEGORY = "Development"
RELATIONSHIP = "is kept in step with"
LONGEST_TITLE = 255
_HARMFUL = re.compile(r"[^A-Za-z0-9 ._~/%-]+")


def is_address(url: str) -> bool:
    """Whether it is an address of the web, with nothing in it that would have to be escaped, and no user's name."""
    return escape.web_address(url) == url and "@" not in urlsplit(url).netloc


def link_title(url: str) -> str:
    """What a link is called, out of its address alone: no name from a tracker, and no markup, can be in it."""
    parts = urlsplit(url)
    match [part for part in parts.path.split("/") if part]:
        case [*_, owner, repository, "milestone", number]:
            title = f"{owner}/{repository} milestone {number}"
        case [*_, "projects", key, "versions", number]:
            title = f"{key} version {number}"
        case [*_, "browse", key]:
            title = key
        case _:
            title = f"{parts.hostname}{parts.path}"
    return _HARMFUL.sub("-", title)[:LONGEST_TITLE]


def global_id(url: str) -> str:
    """What tells mdpc's link to an address from all other links."""
    return f"mdpc-{fingerprint('u', url)}"


class Links(Protocol):
    """The links of one version or issue. Their requests are sent once, within an attempt, and raise TrackerError."""

    def load(self) -> None:
        """Ask Jira for them."""

    def has(self, url: str) -> bool:
        """Whether anybody's link leads there."""

    def owns(self, url: str) -> bool:
        """Whether mdpc's own link leads there."""

    def add(self, url: str) -> None:
        """Make a link."""

    def remove(self, url: str) -> None:
        """Take mdpc's own link out."""


class RelatedWork:
    """The related work of a version on Cloud; `path` is the version's. Keeps `Links`."""

    def __init__(self, client: JiraClient, path: str) -> None:
        self._client = client
        self._path = f"{path}/relatedwork"
        self._held: list[Mapping[str, Any]] = []
        self._lost = False

    def load(self) -> None:
        """Ask Jira for it."""
        self._held = self._client.look(self._path)

    def has(self, url: str) -> bool:
        """Whether anybody's link leads there."""
        return any(work.get("url") == url for work in self._held)

    def owns(self, url: str) -> bool:
        """Whether one leads there that is as mdpc makes them."""
        return any(self._own(url))

    def add(self, url: str) -> None:
        """One POST; another would make a second link, so none is sent after a lost answer."""
        if self._lost:
            raise TrackerError(
                "The answer was lost, and the link is not there", reason="refused", next_step="Run again."
            )
        try:
            self._client.post(self._path, {"category": CATEGORY, "title": link_title(url), "url": url})
        except TrackerError as error:
            self._lost = error.reason in LOST
            raise

    def remove(self, url: str) -> None:
        """Take out what mdpc made."""
        for work in self._own(url):
            self._client.delete(f"{self._path}/{quote(str(work['relatedWorkId']), safe='')}")

    def _own(self, url: str) -> Iterable[Mapping[str, Any]]:
        made = {"url": url, "title": link_title(url), "category": CATEGORY}
        return [work for work in self._held if made.items() <= work.items() and work.get("relatedWorkId")]


class _RemoteLinks:
    """What remote links of versions and issues have in common; `_held` are their contents."""

    def __init__(self, client: JiraClient, path: str) -> None:
        self._client = client
        self._path = f"{path}/remotelink"
        self._held: list[Mapping[str, Any]] = []

    def has(self, url: str) -> bool:
        """Whether anybody's link leads there."""
        return self.owns(url) or any(_target(link) == url for link in self._held)

    def owns(self, url: str) -> bool:
        """Whether mdpc's own link leads there."""
        return any(link.get("globalId") == global_id(url) for link in self._held)

    @staticmethod
    def _body(url: str) -> dict[str, Any]:
        return {
            "globalId": global_id(url),
            "relationship": RELATIONSHIP,
            "object": {"url": url, "title": link_title(url)},
        }


class VersionLinks(_RemoteLinks):
    """The remote links of a version on Data Center; `path` is the version's. Keeps `Links`."""

    def load(self) -> None:
        """Ask Jira for them."""
        found = [each["link"] for each in self._client.look(self._path)["links"]]
        self._held = [link for link in found if isinstance(link, dict)]

    def add(self, url: str) -> None:
        """One POST, which replaces what has the same global id."""
        self._client.post(f"{self._path}/{global_id(url)}", self._body(url))

    def remove(self, url: str) -> None:
        """Take mdpc's own link out."""
        self._client.delete(f"{self._path}/{global_id(url)}")


class IssueLinks(_RemoteLinks):
    """The remote links of an issue; `path` is the issue's. Keeps `Links`."""

    def load(self) -> None:
        """Ask Jira for them."""
        self._held = self._client.look(self._path)

    def add(self, url: str) -> None:
        """One POST, which replaces what has the same global id."""
        self._client.post(self._path, self._body(url))

    def remove(self, url: str) -> None:
        """Take mdpc's own link out."""
        self._client.delete(self._path, {"globalId": global_id(url)})


def held_link(links: Links, change: Change) -> Value:
    """The address that a change is about, where a link leads there; to be taken out it has to be mdpc's own."""
    if change.after is None:
        return change.before if links.owns(str(change.before)) else None
    return change.after if links.has(str(change.after)) else None


def link_obstacle(change: Change) -> str | None:
    """Why nobody should be led there, in a sentence; None if they may."""
    if change.after is None or is_address(str(change.after)):
        return None
    return "mdpc links to addresses of the web alone, and this is none."


def link_steps(links: Links | None, changes: Sequence[Change]) -> list[Step]:
    """A request for each link among the changes."""

    def step(change: Change, at: Links) -> Step:
        if change.after is None:
            return Step((change,), lambda: at.remove(str(change.before)))
        return Step((change,), lambda: at.add(str(change.after)))

    return [step(change, links) for change in changes if links and change.field == "link"]


def missing_link_right(error: TrackerError, ref: Ref) -> str | None:
    """What the account lacks where a link was refused; None where the error is about something else."""
    if error.method == "GET" or error.status not in (403, 404):
        return None
    for resource, rights in _RIGHTS.items():
        if re.search(resource, error.path):
            return f"{error.sentence()} Linking it needs {rights} on {ref.container.name}."
    return None


_RIGHTS = {
    "/relatedwork": "Resolve Issues and Edit Issues",
    "/version/[^/]+/remotelink": "Administer Projects",
    "/issue/[^/]+/remotelink": "Link Issues",
}


def _target(link: Mapping[str, Any]) -> object:
    """Where a link leads: a version's may be any JSON that an app made."""
    there = link.get("object")
    return there.get("url") if isinstance(there, dict) else None
