"""GraphQL through graphql-core: what is asked is answered from plain mappings, lists page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from mdpc_sandbox.github import listing
from mdpc_sandbox.github.connection import Object, connection, ordered, typed
from mdpc_sandbox.github.cost import Cost, measure
from mdpc_sandbox.github.graphql_issues import IssueAnswers, actor
from mdpc_sandbox.github.model import Milestone, Repository, stamp
from mdpc_sandbox.github.state import GitHubState
from mdpc_sandbox.github.tokens import Viewer

Info = GraphQLResolveInfo

# Repository faults that are errors of that repository alone; any other status fails the query.
_FAULTS = {404: "NOT_FOUND", 403: "FORBIDDEN"}


class Broken(Exception):  # noqa: N818 - an answer, not an error
    """A fault that fails the whole query with an HTTP status."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(str(status))


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The part of GitHub's schema that the sandbox serves."""
    return build_schema(files("mdpc_sandbox.github").joinpath("schema.graphql").read_text(encoding="utf-8"))


@lru_cache(maxsize=256)
def _document(query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """A parsed document and what is wrong with it. The same queries come again and again."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(schema(), document))


class GraphQL:
    """Answers queries over a state."""

    def __init__(self, state: GitHubState) -> None:
        self._state = state

    def answer(self, viewer: Viewer, query: object, variables: Mapping[str, Any]) -> tuple[Object, int]:
        """The content of the answer and its HTTP status; spends points of the viewer's allowance."""
        if not isinstance(query, str):
            return _failed([GraphQLError("A query attribute must be specified and must be a string.")]), 200
        document, errors = _document(query)
        if document is None or errors:
            return _failed(errors), 200
        try:
            cost = measure(document, variables)
        except GraphQLError as error:
            return _failed([error]), 200
        if viewer.graphql.remaining < cost.points:
            return _failed([typed("RATE_LIMITED", f"API rate limit exceeded for {viewer.login}.")]), 200
        viewer.graphql.used += cost.points
        root = _Answers(self._state, viewer, cost).query()
        result = execute_sync(schema(), document, root, variable_values=dict(variables))
        for met in result.errors or ():
            if isinstance(met.original_error, Broken):
                message = "Something went wrong while executing your query. Please try again."
                return {"data": None, "errors": [{"message": message}]}, met.original_error.status
        content: dict[str, Any] = {"data": result.data}
        if result.errors:
            content["errors"] = [_error(met) for met in result.errors]
        return content, 200


def _failed(errors: Sequence[GraphQLError]) -> Object:
    return {"errors": [_error(error) for error in errors]}


def _error(error: GraphQLError) -> Object:
    """GitHub writes an error's `type` beside its message, not into `extensions`."""
    formatted: dict[str, Any] = dict(error.formatted)
    kind = formatted.pop("extensions", {}).get("type")
    return ({"type": kind} if kind else {}) | formatted


class _Answers:
    """The objects of one query: mappings whose functions graphql-core calls with a field's arguments."""

    def __init__(self, state: GitHubState, viewer: Viewer, cost: Cost) -> None:
        self._state = state
        self._viewer = viewer
        self._cost = cost
        self._talk = IssueAnswers(state, viewer)

    def query(self) -> Object:
        """The fields of `Query`."""
        return {
            "viewer": self._own,
            "rateLimit": self._rate_limit,
            "repository": self._by_name,
            "repositoryOwner": lambda _, login: self._owner(login) if listing.is_owner(self._state, login) else None,
            "organization": self._organization,
            "user": self._user,
            "node": self._talk.node,
        }

    def _rate_limit(self, _: Info, **__: Any) -> Object:
        meter = self._viewer.graphql
        return {
            "cost": self._cost.points,
            "nodeCount": self._cost.nodes,
            "limit": meter.limit,
            "used": meter.used,
            "remaining": meter.remaining,
            "resetAt": stamp(datetime.fromtimestamp(meter.reset, UTC)),
        }

    # ── Owners ────────────────────────────────────────────────────────────────────────────────────

    def _organization(self, _: Info, login: str) -> Object:
        if not listing.is_organization(self._state, login):
            raise typed("NOT_FOUND", f"Could not resolve to an Organization with the login of '{login}'.")
        return self._owner(login)

    def _user(self, _: Info, login: str) -> Object:
        if login.lower() not in self._state.people:
            raise typed("NOT_FOUND", f"Could not resolve to a User with the login of '{login}'.")
        return self._owner(login)

    def _owner(self, login: str) -> Object:
        def repositories(_: Info, **arguments: Any) -> Object:
            owns = "OWNER" in arguments["ownerAffiliations"]
            return self._repositories(listing.owned(self._state, self._viewer, login) if owns else [], **arguments)

        kind = "Organization" if listing.is_organization(self._state, login) else "User"
        return {"__typename": kind, "login": login, "repositories": repositories, "team": self._talk.team_of(login)}

    def _own(self, _: Info) -> Object:
        def repositories(_: Info, **arguments: Any) -> Object:
            wanted = arguments["ownerAffiliations"]
            held = listing.own(self._state, self._viewer)
            mine = [one for one in held if listing.affiliation(self._state, self._viewer, one) in wanted]
            return self._repositories(mine, **arguments)

        return {"__typename": "User", "login": self._viewer.login, "repositories": repositories}

    def _repositories(  # noqa: PLR0913 - GitHub's own arguments
        self,
        held: list[Repository],
        *,
        first: int | None = None,
        after: str | None = None,
        affiliations: list[str] | None = None,
        hasIssuesEnabled: bool | None = None,  # noqa: N803
        isArchived: bool | None = None,  # noqa: N803
        visibility: str | None = None,
        orderBy: Object | None = None,  # noqa: N803
        **_: Any,
    ) -> Object:
        chosen = [
            one
            for one in held
            if hasIssuesEnabled in (None, one.has_issues)
            and isArchived in (None, one.archived)
            and visibility in (None, "PRIVATE" if one.private else "PUBLIC")
            and (affiliations is None or listing.affiliation(self._state, self._viewer, one) in affiliations)
        ]
        in_order = ordered(chosen, orderBy, {"NAME": "name", "CREATED_AT": "created_at"})
        return connection(in_order, self._listed, first, after)

    # ── Repositories ──────────────────────────────────────────────────────────────────────────────

    def _by_name(self, _: Info, owner: str, name: str, followRenames: bool = True) -> Object:  # noqa: N803
        full_name = f"{owner}/{name}"
        held = self._state.get(full_name) or (self._state.renamed(full_name) if followRenames else None)
        if held is None or not self._viewer.sees(held):
            raise self._missing(full_name)
        return self._repository(held)

    def _missing(self, full_name: str) -> GraphQLError:
        return typed("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")

    def _listed(self, held: Repository) -> Object | Exception:
        """A repository in a list; an error stands for it where it has one."""
        try:
            return self._repository(held)
        except GraphQLError as error:
            return error

    def _repository(self, held: Repository) -> Object:
        self._check_faults(held)
        return {
            "id": held.node_id,
            "databaseId": held.id,
            "name": held.name,
            "nameWithOwner": held.full_name,
            "owner": lambda _: self._owner(held.owner),
            "url": f"{self._state.web}/{held.full_name}",
            "createdAt": held.created_at,
            "hasIssuesEnabled": held.has_issues,
            "isArchived": held.archived,
            "isPrivate": held.private,
            "visibility": "PRIVATE" if held.private else "PUBLIC",
            "viewerPermission": self._viewer.role(held).upper(),
            "repositoryTopics": lambda _, first=None, after=None: connection(
                held.topics, lambda name: {"topic": {"name": name}}, first, after
            ),
            "milestones": lambda _, **arguments: self._milestones(held, **arguments),
            "milestone": lambda _, number: self._numbered(held, number),
            "issues": lambda _, **arguments: self._talk.issues(held, **arguments),
            "issue": lambda _, number: self._talk.numbered(held, number),
        }

    def _check_faults(self, held: Repository) -> None:
        fault = self._state.faults.take_repository(held.full_name)
        if fault is None:
            return
        if fault.status not in _FAULTS:
            raise Broken(fault.status)
        if fault.status == 404:
            raise self._missing(held.full_name)
        raise typed(_FAULTS[fault.status], "Resource not accessible by personal access token")

    # ── Milestones and issues ─────────────────────────────────────────────────────────────────────

    def _milestones(
        self,
        within: Repository,
        *,
        first: int | None = None,
        after: str | None = None,
        states: list[str] | None = None,
        orderBy: Object | None = None,  # noqa: N803
    ) -> Object:
        held = [one for one in within.milestones.values() if states is None or one.state.upper() in states]
        names = {"NUMBER": "number", "CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "DUE_DATE": "due_on"}
        return connection(ordered(held, orderBy, names), lambda one: self._milestone(within, one), first, after)

    def _numbered(self, within: Repository, number: int) -> Object | None:
        """A milestone by its number; one that is not there is null, without an error."""
        held = within.milestones.get(number)
        return None if held is None else self._milestone(within, held)

    def _milestone(self, within: Repository, held: Milestone) -> Object:
        opened, closed = within.counts(held)
        return {
            "id": held.node_id,
            "number": held.number,
            "title": held.title,
            "description": held.description,
            "dueOn": held.due_on,
            "state": held.state.upper(),
            "closed": held.state == "closed",
            "closedAt": held.closed_at,
            "createdAt": held.created_at,
            "updatedAt": held.updated_at,
            "url": f"{self._state.web}/{within.full_name}/milestone/{held.number}",
            "creator": actor(held.creator),
            "progressPercentage": 100 * closed / max(opened + closed, 1),
            "issues": lambda _, **arguments: self._talk.issues(within, held, **arguments),
        }
