"""The sandbox's GitHub as an ASGI application: the strict list of what it answers, and how a call is answered."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mdpc_sandbox.github import rest, rest_issues
from mdpc_sandbox.github.call import Answer, Call, Refused, not_found, respond
from mdpc_sandbox.github.graphql import GraphQL
from mdpc_sandbox.github.state import GitHubState
from mdpc_sandbox.github.tokens import Meter, Viewer

Handler = Callable[[Call], Answer]
Endpoint = Callable[[Request], Awaitable[Response]]

REPOSITORY = "/repos/{owner}/{repo}"

CALLS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/user", rest.user),
    ("GET", "/user/repos", rest.own_repositories),
    ("GET", "/orgs/{login}/repos", rest.organization_repositories),
    ("GET", "/users/{login}/repos", rest.user_repositories),
    ("GET", "/installation/repositories", rest.installation_repositories),
    ("GET", REPOSITORY, rest.repository),
    ("GET", REPOSITORY + "/milestones", rest.milestones),
    ("POST", REPOSITORY + "/milestones", rest.create_milestone),
    ("GET", REPOSITORY + "/milestones/{number:int}", rest.milestone),
    ("PATCH", REPOSITORY + "/milestones/{number:int}", rest.edit_milestone),
    ("GET", REPOSITORY + "/issues", rest_issues.issues),
    ("POST", REPOSITORY + "/issues", rest_issues.create_issue),
    ("GET", REPOSITORY + "/issues/{number:int}", rest_issues.issue),
    ("PATCH", REPOSITORY + "/issues/{number:int}", rest_issues.edit_issue),
    ("GET", REPOSITORY + "/issues/{number:int}/comments", rest_issues.comments),
    ("POST", REPOSITORY + "/issues/{number:int}/comments", rest_issues.create_comment),
    ("GET", REPOSITORY + "/issues/comments/{number:int}", rest_issues.comment),
    ("PATCH", REPOSITORY + "/issues/comments/{number:int}", rest_issues.edit_comment),
    ("DELETE", REPOSITORY + "/issues/comments/{number:int}", rest_issues.delete_comment),
    ("GET", "/orgs/{login}/teams/{slug}/members", rest_issues.team_members),
)

# Calls that an App signs with its key.
SIGNED: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/app", rest.app),
    ("GET", "/app/installations", rest.installations),
    ("GET", REPOSITORY + "/installation", rest.installation),
    ("POST", "/app/installations/{number:int}/access_tokens", rest.access_token),
)


def github_app(state: GitHubState) -> Starlette:
    """REST at `/api/v3`, GraphQL at `/api/graphql`, and a 404 in GitHub's shape for everything else."""

    async def missing(request: Request, _: Exception) -> Response:
        return respond(request, not_found(), None, None)

    routes = [_route(method, path, _counted(state, handler)) for method, path, handler in CALLS]
    # A moved repository answers at its id.
    routes += [
        _route(method, path.replace(REPOSITORY, "/repositories/{id:int}"), _counted(state, handler))
        for method, path, handler in CALLS
        if path.startswith(REPOSITORY)
    ]
    routes += [_route(method, path, _signed(state, handler)) for method, path, handler in SIGNED]
    routes.append(_route("GET", "/rate_limit", _counted(state, rest.rate_limit, cost=0)))
    if state.graphql:
        routes.append(Route("/api/graphql", _graphql(state), methods=["POST"]))
    return Starlette(routes=routes, exception_handlers={404: missing, 405: missing})


def _route(method: str, path: str, endpoint: Endpoint) -> Route:
    return Route(f"/api/v3{path}", endpoint, methods=[method])


def _counted(state: GitHubState, handler: Handler, cost: int = 1) -> Endpoint:
    def answer(call: Call) -> Answer:
        _spend(call.viewer, cost)
        return handler(call)

    return _endpoint(state, answer, lambda viewer: viewer.core)


def _signed(state: GitHubState, handler: Handler) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        answer: Answer | Refused = Refused(401, "A JSON web token could not be decoded")
        if state.access.app.signed(_credential(request)):
            try:
                answer = handler(Call(state, state.access.nobody, request, await _body(request)))
            except Refused as refused:
                answer = refused
        return respond(request, answer, None, None)

    return endpoint


def _graphql(state: GitHubState) -> Endpoint:
    engine = GraphQL(state)

    def answer(call: Call) -> Answer:
        if call.viewer.token is None:
            raise Refused(401, "This endpoint requires you to be authenticated.")
        call.viewer.graphql.renew()
        content, status = engine.answer(call.viewer, call.body.get("query"), call.body.get("variables") or {})
        return Answer(content, status)

    return _endpoint(state, answer, lambda viewer: viewer.graphql)


def _endpoint(state: GitHubState, handler: Handler, meter: Callable[[Viewer], Meter]) -> Endpoint:
    """An endpoint that knows who asks and says what is left of `meter`."""

    async def endpoint(request: Request) -> Response:
        viewer = state.access.viewer(_credential(request))
        if viewer is None:
            return respond(request, Refused(401, "Bad credentials"), None, None)
        answer: Answer | Refused
        try:
            answer = handler(Call(state, viewer, request, await _body(request)))
        except Refused as refused:
            answer = refused
        return respond(request, answer, meter(viewer), viewer)

    return endpoint


def _credential(request: Request) -> str:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    return credential.strip() if scheme.lower() in ("token", "bearer") else ""


def _spend(viewer: Viewer, cost: int) -> None:
    viewer.core.renew()
    if viewer.core.remaining < cost:
        raise Refused(403, f"API rate limit exceeded for {viewer.login or '127.0.0.1'}.")
    viewer.core.used += cost


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "Body should be a JSON object")
    return body
