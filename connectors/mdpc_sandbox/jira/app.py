"""The routes of the sandbox's Jira, and what happens around each: login, JSON in, JSON out, errors in Jira's shape."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mdpc_sandbox.jira import comments, createmeta, groups, issues, links, properties, search, site, versions
from mdpc_sandbox.jira.call import Call, Refused, Reply, authenticate
from mdpc_sandbox.jira.state import JiraState

Handler = Callable[[Call], Reply]

_PROPERTY: dict[str, Handler] = {
    "GET": properties.get_property,
    "PUT": properties.put_property,
    "DELETE": properties.delete_property,
}
_COMMENT: dict[str, Handler] = {
    "GET": comments.get_comment,
    "PUT": comments.update_comment,
    "DELETE": comments.delete_comment,
}
_BOTH: dict[str, dict[str, Handler]] = {
    "serverInfo": {"GET": site.server_info},
    "myself": {"GET": site.myself},
    "mypermissions": {"GET": site.my_permissions},
    "field": {"GET": site.list_fields},
    "project/{project}": {"GET": site.get_project},
    "project/{project}/version": {"GET": versions.page_versions},
    "project/{project}/versions": {"GET": versions.list_versions},
    "version": {"POST": versions.create_version},
    "version/{version}": {"GET": versions.get_version, "PUT": versions.update_version},
    "version/{version}/relatedIssueCounts": {"GET": versions.related_counts},
    "version/{version}/unresolvedIssueCount": {"GET": versions.unresolved_count},
    "issue": {"POST": issues.create_issue},
    "issue/createmeta/{project}/issuetypes": {"GET": createmeta.list_types},
    "issue/createmeta/{project}/issuetypes/{type}": {"GET": createmeta.list_fields},
    "group/member": {"GET": groups.list_members},
    "issue/{issue}": {"GET": issues.get_issue, "PUT": issues.edit_issue},
    "issue/{issue}/assignee": {"PUT": issues.assign_issue},
    "issue/{issue}/comment": {"GET": comments.list_comments, "POST": comments.add_comment},
    "issue/{issue}/comment/{comment}": _COMMENT,
    "issue/{issue}/transitions": {"GET": issues.list_transitions, "POST": issues.move_issue},
    "issue/{issue}/remotelink": {
        "GET": links.list_issue_links,
        "POST": links.put_issue_link,
        "DELETE": links.delete_issue_link,
    },
    "issue/{issue}/properties": {"GET": properties.list_properties},
    "issue/{issue}/properties/{property}": _PROPERTY,
    "project/{project}/properties": {"GET": properties.list_properties},
    "project/{project}/properties/{property}": _PROPERTY,
}
_CLOUD: dict[str, dict[str, Handler]] = {
    "project/search": {"GET": site.search_projects},
    "search": {"GET": search.removed_search, "POST": search.removed_search},
    "search/jql": {"GET": search.search_by_token, "POST": search.search_by_token},
    "search/approximate-count": {"POST": search.approximate_count},
    "version/{version}/relatedwork": {"GET": links.list_work, "POST": links.add_work},
    "version/{version}/relatedwork/{work}": {"DELETE": links.delete_work},
}
_VERSION_LINK: dict[str, Handler] = {
    "GET": links.get_version_link,
    "POST": links.put_version_link,
    "DELETE": links.delete_version_link,
}
_DATA_CENTER: dict[str, dict[str, Handler]] = {
    "project": {"GET": site.list_projects},
    "version/{version}/remotelink": {"GET": links.list_version_links, "POST": links.put_version_link},
    "version/{version}/remotelink/{link}": _VERSION_LINK,
    "search": {"GET": search.search_by_start, "POST": search.search_by_start},
}


def served(*, cloud: bool) -> Mapping[str, Mapping[str, Handler]]:
    """The paths below `rest/api/2/` that a deployment serves, with a handler for each method."""
    return (_CLOUD if cloud else _DATA_CENTER) | _BOTH  # project/search has to stand before project/{project}


def jira_app(state: JiraState) -> Starlette:
    """The application that serves `state` at `rest/api`; mount it where the Jira's base address shall be."""
    routes = [
        Route(f"/rest/api/{version}/{path}", _endpoint(state, version, handlers), methods=list(handlers))
        for version in (("2", "3") if state.cloud else ("2",))
        for path, handlers in served(cloud=state.cloud).items()
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _not_served})


def _endpoint(
    state: JiraState, version: str, handlers: Mapping[str, Handler]
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            user = authenticate(state, request.headers.get("Authorization"))
            base = str(request.url).partition("/rest/api/")[0]
            body = _parsed(request, await request.body())
            call = Call(state, user, request.path_params, request.query_params, body, base, version, str(request.url))
            reply = handlers["GET" if request.method == "HEAD" else request.method](call)
        except Refused as refused:
            reply = Reply(refused.body, refused.status)
        return _response(reply)

    return answer


def _parsed(request: Request, body: bytes) -> Any:
    """The JSON of a request's body, None where it has none."""
    if request.method in ("GET", "HEAD", "DELETE") or not body:
        return None
    if not request.headers.get("Content-Type", "").startswith("application/json"):
        raise Refused(415, "The request body must be application/json.")
    try:
        return json.loads(body)
    except ValueError:
        raise Refused(400, "There was an error parsing JSON. Check that your request body is valid.") from None


def _response(reply: Reply) -> Response:
    if reply.body is None:
        return Response(status_code=reply.status)
    headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"} if reply.status == 401 else {}
    # Escaped to ASCII, so that even half of a surrogate pair travels as it came.
    body = json.dumps(reply.body, separators=(",", ":"))
    return Response(body, reply.status, headers, "application/json;charset=UTF-8")


async def _not_served(request: Request, error: Exception) -> Response:
    """What is no resource here is answered as Jira's REST layer does, before any Jira code is asked."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = f"null for uri: {request.url}" if status == 404 else f"HTTP {status} Method Not Allowed"
    return _response(Reply({"message": message, "status-code": status}, status))
