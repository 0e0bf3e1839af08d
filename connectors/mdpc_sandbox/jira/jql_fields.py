"""The fields that the sandbox's JQL knows: what a value in a query stands for, and what an issue has there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from mdpc_sandbox.jira.model import EPIC_LINK, ISSUE_TYPES, STATUSES, Issue, Project
from mdpc_sandbox.jira.state import JiraState

Ids = frozenset[str]


@dataclass(frozen=True, slots=True)
class JqlField:
    """What a value stands for (ids; none if there is no such thing), and the ids that an issue has there.

    `resolve` is also told whether the value is a bare number: those are ids, while quoted ones are names first.
    """

    resolve: Callable[[JiraState, Collection[Project], str, bool], Ids]
    ids: Callable[[Issue], Ids]


def _project(_: JiraState, projects: Collection[Project], value: str, __: bool) -> Ids:
    wanted = value.casefold()
    return frozenset(p.id for p in projects if wanted in (p.key.casefold(), p.name.casefold(), p.id))


def _version(_: JiraState, projects: Collection[Project], value: str, number: bool) -> Ids:
    versions = [version for project in projects for version in project.versions]
    named = frozenset(version.id for version in versions if version.name.casefold() == value.casefold())
    by_id = frozenset(version.id for version in versions if version.id == value)
    return (by_id or named) if number else (named or by_id)


def _issue(state: JiraState, projects: Collection[Project], value: str, _: bool) -> Ids:
    issue = state.issue(value)
    return frozenset([issue.id]) if issue and issue.project in projects else frozenset()


def _type(_: JiraState, __: Collection[Project], value: str, ___: bool) -> Ids:
    return frozenset(id_ for name, id_ in ISSUE_TYPES.items() if value.casefold() in (name.casefold(), id_))


def _status(_: JiraState, __: Collection[Project], value: str, ___: bool) -> Ids:
    return frozenset(s.id for s in STATUSES.values() if value.casefold() in (s.name.casefold(), s.id))


def _category(_: JiraState, __: Collection[Project], value: str, ___: bool) -> Ids:
    wanted = value.casefold()
    return frozenset(
        s.category_key for s in STATUSES.values() if wanted in (s.name.casefold(), s.category_key, str(s.category_id))
    )


_KEY = JqlField(_issue, lambda issue: frozenset([issue.id]))

_EPIC_LINK = JqlField(
    lambda state, _, value, __: frozenset([value.upper()]) & state.issues.keys(),
    lambda issue: frozenset([str(issue.custom.get(EPIC_LINK))]),
)


def _user(state: JiraState, _: Collection[Project], value: str, __: bool) -> Ids:
    return frozenset([value]) & state.users.keys()


_CREATOR = JqlField(_user, lambda issue: frozenset([issue.creator.id] if issue.creator else []))
_PARENT = JqlField(_issue, lambda issue: frozenset([issue.parent.id] if issue.parent else []))

JQL_FIELDS = {
    "project": JqlField(_project, lambda issue: frozenset([issue.project.id])),
    "issuetype": JqlField(_type, lambda issue: frozenset([ISSUE_TYPES[issue.type]])),
    "fixversion": JqlField(_version, lambda issue: frozenset(version.id for version in issue.fix_versions)),
    "status": JqlField(_status, lambda issue: frozenset([issue.status.id])),
    "statuscategory": JqlField(_category, lambda issue: frozenset([issue.status.category_key])),
    "labels": JqlField(lambda _, __, value, ___: frozenset([value]), lambda issue: frozenset(issue.labels)),
    "creator": _CREATOR,
    "parent": _PARENT,
    f"cf[{EPIC_LINK.removeprefix('customfield_')}]": _EPIC_LINK,
    "key": _KEY,
    "issuekey": _KEY,
    "id": _KEY,
}


def _due(issue: Issue) -> datetime | None:
    return datetime.combine(issue.duedate, datetime.min.time(), UTC) if issue.duedate else None


def _resolved(issue: Issue) -> datetime | None:
    return issue.resolved


JQL_DATES: dict[str, Callable[[Issue], datetime | None]] = {
    "updated": lambda issue: issue.updated,
    "created": lambda issue: issue.created,
    "resolved": _resolved,
    "resolutiondate": _resolved,
    "due": _due,
    "duedate": _due,
}

JQL_SORTS: dict[str, Callable[[Issue], tuple[str, int]]] = {
    "key": lambda issue: (issue.project.key, int(issue.key.rpartition("-")[2])),
    "id": lambda issue: ("", int(issue.id)),
    "created": lambda issue: (issue.created.isoformat(), int(issue.id)),
    "updated": lambda issue: (issue.updated.isoformat(), int(issue.id)),
    "due": lambda issue: (str(issue.duedate or "9999"), int(issue.id)),
    "duedate": lambda issue: (str(issue.duedate or "9999"), int(issue.id)),
}
