"""The REST calls that the sandbox's GitHub answers: one function each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import NoneType
from typing import Any

from mdpc_sandbox.github import listing, shapes
from mdpc_sandbox.github.call import Answer, Call, Refused, not_found
from mdpc_sandbox.github.model import Milestone, Repository, stamp
from mdpc_sandbox.github.state import Invalid
from mdpc_sandbox.github.tokens import HOUR

DIRECTIONS = ("asc", "desc")
STATES = ("open", "closed", "all")


def valid(change: Callable[[], Any]) -> Any:
    """What a change of the state returns; what it refuses is a 422."""
    try:
        return change()
    except Invalid as error:
        raise Refused(422, "Validation Failed", errors=error.errors) from error


# ── The viewer ────────────────────────────────────────────────────────────────────────────────────


def user(call: Call) -> Answer:
    """GET /user."""
    call.query()
    if call.viewer.token is None:
        raise Refused(401, "Requires authentication")
    if call.viewer.token.is_app:
        raise Refused(403, "Resource not accessible by integration")
    return Answer(shapes.account(call.state, call.viewer.login))


def rate_limit(call: Call) -> Answer:
    """GET /rate_limit, which costs nothing."""
    call.query()
    core, graphql = call.viewer.core.as_json(), call.viewer.graphql.as_json()
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": core["reset"]}
    return Answer({"resources": {"core": core, "graphql": graphql, "search": search}, "rate": core})


# ── Repositories ──────────────────────────────────────────────────────────────────────────────────


def repository(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}."""
    call.query()
    return Answer(shapes.repository(call.state, call.viewer, call.repository()))


def _page(call: Call, held: Sequence[Repository]) -> Answer:
    return call.page(held, lambda one: shapes.repository(call.state, call.viewer, one))


def organization_repositories(call: Call) -> Answer:
    """GET /orgs/{login}/repos."""
    call.query(type=("all",))
    login = call.request.path_params["login"]
    if not listing.is_organization(call.state, login):
        raise not_found()
    return _page(call, listing.owned(call.state, call.viewer, login))


def user_repositories(call: Call) -> Answer:
    """GET /users/{login}/repos, of people and organisations: the public ones alone."""
    call.query(type=("owner", "all"))
    login = call.request.path_params["login"]
    if not listing.is_owner(call.state, login):
        raise not_found()
    return _page(call, [one for one in listing.owned(call.state, call.viewer, login) if not one.private])


def own_repositories(call: Call) -> Answer:
    """GET /user/repos: those that the viewer owns, may push to, or sees although they are private."""
    query = call.query(visibility=("all",), affiliation=None)
    if call.viewer.token is None:
        raise Refused(401, "Requires authentication")
    if call.viewer.token.is_app:
        raise Refused(403, "Resource not accessible by integration")
    wanted = query.get("affiliation", "owner,collaborator,organization_member").upper().split(",")
    held = listing.own(call.state, call.viewer)
    return _page(call, [one for one in held if listing.affiliation(call.state, call.viewer, one) in wanted])


def installation_repositories(call: Call) -> Answer:
    """GET /installation/repositories: those of an App's token."""
    call.query()
    if call.viewer.token is None or not call.viewer.token.is_app:
        raise Refused(403, "You must authenticate with an installation access token in order to list repositories.")
    held = listing.covered(call.state, call.viewer)
    answer = _page(call, held)
    selection = "all" if call.viewer.token.repositories is None else "selected"
    answer.content = {"total_count": len(held), "repositories": answer.content, "repository_selection": selection}
    return answer


# ── Milestones ────────────────────────────────────────────────────────────────────────────────────


def milestones(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/milestones."""
    query = call.query(state=STATES, sort=("due_on", "completeness"), direction=DIRECTIONS)
    within = call.tracked()
    held = [one for one in within.milestones.values() if query["state"] in ("all", one.state)]
    by_due = query["sort"] == "due_on"
    held.sort(key=lambda one: one.number)
    held.sort(
        key=lambda one: (one.due_on is None, one.due_on or "") if by_due else _completeness(within, one),
        reverse=query["direction"] == "desc",
    )
    return call.page(held, lambda one: shapes.milestone(call.state, within, one))


def _completeness(within: Repository, milestone: Milestone) -> tuple[float, str]:
    opened, closed = within.counts(milestone, pull_requests=True)
    return closed / max(opened + closed, 1), ""


def milestone(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/milestones/{number}."""
    call.query()
    return Answer(shapes.milestone(call.state, *call.milestone()))


def _milestone_fields(call: Call, needed: str | None = None) -> dict[str, Any]:
    text = (str, NoneType)
    fields = call.fields(needed, title=(str,), description=text, due_on=text, state=(str,))
    due = fields.get("due_on")
    if due is not None:
        try:
            # fromisoformat takes more than GitHub does; a bare date is what callers get wrong.
            valid = "T" in due and datetime.fromisoformat(due).tzinfo is not None
        except ValueError:
            valid = False
        if not valid:
            raise Refused(422, f"Invalid request.\n\nFor 'properties/due_on', \"{due}\" is not a valid date-time.")
    return fields


def create_milestone(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/milestones."""
    within = call.tracked()
    call.may_write(within, push=True)
    fields = _milestone_fields(call, "title")
    held = valid(lambda: call.state.create_milestone(within, call.viewer.login, **fields))
    return Answer(shapes.milestone(call.state, within, held), 201)


def edit_milestone(call: Call) -> Answer:
    """PATCH /repos/{owner}/{repo}/milestones/{number}."""
    within, held = call.milestone()
    call.may_write(within, push=True)
    fields = _milestone_fields(call)
    valid(lambda: call.state.edit_milestone(within, held.number, **fields))
    return Answer(shapes.milestone(call.state, within, held))


# ── The App ───────────────────────────────────────────────────────────────────────────────────────


def app(call: Call) -> Answer:
    """GET /app."""
    return Answer(shapes.app(call.state, call.state.access.app.seed))


def installations(call: Call) -> Answer:
    """GET /app/installations: the one installation, at the owner of its first repository."""
    call.query()
    app = call.state.access.app
    owner = next((one.owner for one in call.state.repositories if app.installed(one)), None)
    return call.page([] if owner is None else [owner], lambda at: shapes.installation(call.state, app.seed, at))


def installation(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/installation."""
    seed = call.state.access.app.seed
    held = call.state.get("{owner}/{repo}".format(**call.request.path_params))
    if held is None or not call.state.access.app.installed(held):
        raise not_found()
    return Answer(shapes.installation(call.state, seed, held.owner))


def _granted(held: Mapping[str, str], asked: Mapping[str, str] | None) -> Mapping[str, str]:
    """What a token may do: all that the App may, or as much of it as was asked for."""
    if not asked:
        return held
    both = {name: "read" if "read" in (held[name], level) else level for name, level in asked.items() if name in held}
    return {"metadata": "read"} | both


def access_token(call: Call) -> Answer:
    """POST /app/installations/{number}/access_tokens: valid for an hour, by the real clock."""
    app = call.state.access.app
    if call.request.path_params["number"] != app.seed.installation:
        raise not_found()
    fields = call.fields(repositories=(list,), permissions=(dict,))
    names = fields.get("repositories")
    chosen = names and tuple(
        one.full_name for one in call.state.repositories if one.name in names and app.installed(one)
    )
    granted = _granted(shapes.permissions(app.seed), fields.get("permissions"))
    write = granted.get("issues") == "write"
    token = call.state.access.issue(write=write, repositories=chosen)
    expires = stamp(datetime.fromtimestamp(time.time() + HOUR, UTC))
    return Answer(
        {
            "token": token.value,
            "expires_at": expires,
            "permissions": granted,
            "repository_selection": "all" if token.repositories is None else "selected",
        },
        201,
    )
