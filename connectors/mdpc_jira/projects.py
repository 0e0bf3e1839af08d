"""Which projects are meant: keys and globs of the configuration become the site's projects under their current keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

from mdpc.connector import TrackerError
from mdpc.sharding import Share
from mdpc_jira.client import JiraClient

GLOB = frozenset("*?[")
KEYS_A_REQUEST = 50
"""Cloud's `project/search` takes at most 50 `keys`."""
FEW = 3
"""Up to so many keys Data Center is asked one by one; more, and its whole list is one request."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project that this account sees. `id` is immutable, `key` the current one. `private` is None where unknown.

    `properties` are those that a listing was asked for and brought, None where it brought none.
    """

    id: str
    key: str
    private: bool | None = None
    properties: Mapping[str, Any] | None = field(default=None, compare=False)


@dataclass(slots=True)
class Found:
    """What names came to: projects in order, and by name why one could not be read or was left out.

    `renamed` has the names that projects were found by and are not called now, with their current keys. `listed` are
    the keys that a listing had, and `elsewhere` counts the projects that were left to other shards.
    """

    projects: list[Project] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    elsewhere: int = 0

    def names(self, key: str) -> list[str]:
        """What a project is called, and by which other names it was asked for."""
        return [key, *(name for name, now in self.renamed.items() if now == key)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names from the configuration: `keys` stand for one project each, `globs` for many but those of `excluded`."""

    keys: tuple[str, ...]
    globs: tuple[str, ...]
    excluded: tuple[str, ...]

    @classmethod
    def of(cls, projects: Sequence[str], members: Sequence[str], share: Share | None = None) -> Wanted:
        """Read the connector's `projects` and what programs name; keys are compared in capitals, as Jira has them.

        `!` takes projects out of every glob and out of `projects`; a key that a program names stays. Of `projects` the
        keys are left out that other shards' programs name.
        """
        excluded = _unique(name[1:] for name in projects if name.startswith("!"))
        own = [name for name in projects if not name.startswith("!")]
        if share is not None:
            own = [name for name in own if is_glob(name) or not share.others.name(name)]
        names = [name for name in own if is_glob(name) or not _matches(name, excluded)] + list(members)
        return cls(
            _unique(name for name in names if not is_glob(name)),
            _unique(name for name in names if is_glob(name)),
            excluded,
        )


def is_glob(name: str) -> bool:
    """Whether a name stands for several projects."""
    return not GLOB.isdisjoint(name)


def find(client: JiraClient, wanted: Wanted, properties: Sequence[str] = ()) -> Found:
    """The projects that `wanted` names; every key and glob ends up as projects, unread or skipped.

    Literal keys need no listing: Cloud is asked for 50 at once, and for these `properties` of each on the way. Raises
    TrackerError only where the credentials are wrong or nobody answers.
    """
    found = Found()
    listing = _listing(client, wanted, properties, found)
    by_key = {project.key.upper(): project for project in listing}
    found.listed = frozenset(by_key)
    chosen: dict[str, Project] = {}
    for key in wanted.keys:
        project = by_key.get(key) or _single(client, key, found)
        if project is None:
            continue
        chosen.setdefault(project.id, project)
        if project.key.upper() != key:
            found.renamed[key] = project.key
    for glob in wanted.globs:
        matching = [project for project in listing if fnmatchcase(project.key.upper(), glob)]
        kept = [project for project in matching if not _matches(project.key, wanted.excluded)]
        chosen.update((project.id, project) for project in kept if project.id not in chosen)
        if not matching and glob not in found.unread:
            found.unread[glob] = (
                "No project whose key matches is visible to this account. Check the glob and the rights."
            )
    found.projects = list(chosen.values())
    return found


def _listing(client: JiraClient, wanted: Wanted, properties: Sequence[str], found: Found) -> list[Project]:
    """The visible projects, all of them for globs; where listing fails, globs are unread and keys go one by one."""
    try:
        if client.cloud:
            return list(_cloud_listing(client, wanted, {"properties": ",".join(properties)} if properties else {}))
        if wanted.globs or len(wanted.keys) > FEW:
            return [_project(raw) for raw in client.get("project")]
    except TrackerError as error:
        if error.reason in ("auth", "network"):
            raise
        found.unread.update((glob, error.sentence()) for glob in wanted.globs)
    return []


def _cloud_listing(client: JiraClient, wanted: Wanted, query: dict[str, Any]) -> Iterator[Project]:
    if wanted.globs:
        return _search(client, query)
    chunks = (wanted.keys[start : start + KEYS_A_REQUEST] for start in range(0, len(wanted.keys), KEYS_A_REQUEST))
    return (project for chunk in chunks for project in _search(client, query | {"keys": list(chunk)}))


def _search(client: JiraClient, query: dict[str, Any]) -> Iterator[Project]:
    start = 0
    while True:
        page = client.get("project/search", query | {"startAt": start, "maxResults": 100})
        yield from (_project(raw) for raw in page["values"])
        start += len(page["values"])
        if page.get("isLast", True) or not page["values"]:
            return


def _single(client: JiraClient, key: str, found: Found) -> Project | None:
    """One project by a key that the listing lacks: an old key, an archived project, or none for this account."""
    try:
        raw = client.get(f"project/{quote(key, safe='')}")
    except TrackerError as error:
        if error.reason in ("auth", "network"):
            raise
        found.unread[key] = _why(error, key)
        return None
    project = _project(raw)
    if raw.get("archived"):
        found.skipped |= dict.fromkeys((project.key, key), "The project is archived.")
        return None
    return project


def ids_of(client: JiraClient, keys: Iterable[str]) -> tuple[dict[str, list[str]], str]:
    """The keys by the ids of the projects that they lead to, and why not all are known, empty where they are.

    A key that leads nowhere for this account is left out. Raises TrackerError where nobody answers.
    """
    by_id: dict[str, list[str]] = {}
    doubt = ""
    for key in keys:
        try:
            project = _project(client.get(f"project/{quote(key, safe='')}"))
        except TrackerError as error:
            if error.reason in ("auth", "network"):
                raise
            doubt = doubt if error.reason in ("missing", "forbidden") else error.sentence()
            continue
        by_id.setdefault(project.id, []).append(key)
    return by_id, doubt


def _why(error: TrackerError, key: str) -> str:
    if error.reason not in ("missing", "forbidden"):
        return error.sentence()
    return (
        f"There is no project {key}, or this account may not see it ({error.status}). "
        f"Check the key, and give the account Browse Projects on {key}."
    )


def _project(raw: dict[str, Any]) -> Project:
    return Project(str(raw["id"]), str(raw["key"]), raw.get("isPrivate"), raw.get("properties"))


def _matches(key: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(key.upper(), glob.upper()) for glob in globs)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.upper() for name in names))
