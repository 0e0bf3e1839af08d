"""Issues, comments and teams in GraphQL."""

from __future__ import annotations

from collections.abc import Callable

from graphql import GraphQLResolveInfo

from mdpc_sandbox.github.connection import Object, connection, ordered, typed
from mdpc_sandbox.github.model import Comment, Issue, Milestone, Repository
from mdpc_sandbox.github.state import GitHubState
from mdpc_sandbox.github.tokens import Viewer

Info = GraphQLResolveInfo

_ORDERS = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "COMMENTS": "number_of_comments"}


def actor(login: str | None) -> Object | None:
    """An account; an App's has its bare name here, and who is gone (REST's `ghost`) is nobody."""
    if not login or login == "ghost":
        return None
    name = login.removesuffix("[bot]")
    return {"__typename": "User" if name == login else "Bot", "login": name}


class IssueAnswers:
    """The objects of one query that are about issues: mappings whose functions take a field's arguments."""

    def __init__(self, state: GitHubState, viewer: Viewer) -> None:
        self._state = state
        self._viewer = viewer

    def node(self, _: Info, id: str) -> Object:
        """An issue or a comment by its global id."""
        for within in self._state.repositories:
            for issue in within.issues.values() if self._viewer.sees(within) else ():
                if issue.node_id == id:
                    return {"__typename": "Issue", **self.issue(within, issue)}
                for comment in issue.comments:
                    if comment.node_id == id:
                        return {"__typename": "IssueComment", **self._comment(within, issue, comment)}
        raise typed("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")

    def numbered(self, within: Repository, number: int) -> Object:
        """An issue by its number; deleted and transferred ones are not found, nor are pull requests."""
        held = within.issues.get(number)
        if held is None or held.pull_request:
            raise typed("NOT_FOUND", f"Could not resolve to an Issue with the number of {number}.")
        return self.issue(within, held)

    def issues(  # noqa: PLR0913 - GitHub's own arguments
        self,
        within: Repository,
        milestone: Milestone | None = None,
        *,
        first: int | None = None,
        after: str | None = None,
        states: list[str] | None = None,
        labels: list[str] | None = None,
        filterBy: Object | None = None,  # noqa: N803
        orderBy: Object | None = None,  # noqa: N803
    ) -> Object:
        """The issues of a repository or of a milestone; pull requests are none."""
        if milestone is None:
            known = [one for one in within.issues.values() if not one.pull_request]
        else:
            known = [*within.issues_of(milestone.number), *within.unnamed(milestone)]
        chosen = filterBy or {}
        creator = chosen.get("createdBy")
        held = [
            one
            for one in known
            if one.state.upper() in (states or ["OPEN", "CLOSED"])
            and (labels is None or set(labels) & set(one.labels))
            and (creator is None or one.user.lower() == creator.lower())
            and one.updated_at >= (chosen.get("since") or "")
        ]
        return connection(ordered(held, orderBy, _ORDERS), lambda one: self.issue(within, one), first, after)

    def issue(self, within: Repository, held: Issue) -> Object:
        """An issue."""
        return {
            "id": held.node_id,
            "databaseId": held.id,
            "fullDatabaseId": str(held.id),
            "number": held.number,
            "title": held.title,
            "body": held.body or "",
            "state": held.state.upper(),
            "author": actor(held.user),
            "editor": actor(held.editor),
            "lastEditedAt": held.edited_at,
            "createdAt": held.created_at,
            "updatedAt": held.updated_at,
            "closedAt": held.closed_at,
            "url": f"{self._state.web}/{within.full_name}/issues/{held.number}",
            "repository": {"id": within.node_id, "nameWithOwner": within.full_name},
            "assignees": lambda _, first=None, after=None: connection(held.assignees, actor, first, after),
            "labels": lambda _, first=None, after=None: connection(
                held.labels, lambda name: {"name": name}, first, after
            ),
            "timelineItems": lambda _, first=None, last=None, **__: connection(
                self._closings(held), lambda one: one, first or last, None
            ),
            "comments": lambda _, first=None, after=None: connection(
                held.comments, lambda one: self._comment(within, held, one), first, after
            ),
        }

    def _closings(self, held: Issue) -> list[Object]:
        """The last event that closed an issue; the sandbox keeps no others."""
        if held.closed_at is None:
            return []
        event = {"id": f"CE_sandbox{held.id}", "createdAt": held.closed_at, "actor": actor(held.closed_by)}
        return [{"__typename": "ClosedEvent", **event}]

    def _comment(self, within: Repository, on: Issue, held: Comment) -> Object:
        return {
            "id": held.node_id,
            "fullDatabaseId": str(held.id),
            "url": f"{self._state.web}/{within.full_name}/issues/{on.number}#issuecomment-{held.id}",
            "author": actor(held.user),
            "editor": actor(held.editor),
            "body": held.body,
            "createdAt": held.created_at,
            "updatedAt": held.updated_at,
            "lastEditedAt": held.edited_at,
        }

    def team_of(self, organisation: str) -> Callable[..., Object | None]:
        """The teams of an organisation: null for one that is not there, an error without the right."""

        def team(_: Info, slug: str) -> Object | None:
            if not self._viewer.reads_teams:
                raise self._refused()
            members = self._state.teams.get(f"{organisation}/{slug}".lower())
            if members is None:
                return None
            return {
                "slug": slug,
                "members": lambda _, first=None, after=None, **__: connection(members, actor, first, after),
            }

        return team

    def _refused(self) -> Exception:
        if self._viewer.token and self._viewer.token.kind == "classic":
            message = "Your token has not been granted the required scopes to execute this query: ['read:org']."
            return typed("INSUFFICIENT_SCOPES", message)
        return typed("FORBIDDEN", "Resource not accessible by integration")
