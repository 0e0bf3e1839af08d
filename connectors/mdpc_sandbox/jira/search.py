"""Searching issues: `search/jql` and approximate counts on Cloud, `search` on Data Center."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from mdpc_sandbox.jira.call import Call, Refused, Reply
from mdpc_sandbox.jira.jql import Query, parse
from mdpc_sandbox.jira.model import Issue
from mdpc_sandbox.jira.views import JSON, chosen_fields, comments_json, issue_json

GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
MAX_IDS, MAX_ISSUES, MAX_PROPERTIES = 5000, 100, 5


def removed_search(_: Call) -> Reply:
    """GET and POST search on Cloud, which is no more."""
    raise Refused(410, GONE)


def search_by_token(call: Call) -> Reply:
    """GET and POST search/jql (Cloud): pages by token, no total, and no more than ids unless fields are asked for.

    A page holds at most 5,000 ids or keys, or 100 issues with other fields; a bounded query is required. Of an issue's
    comments only the first few come along. What is not indexed yet is found with `reconcileIssues` alone.
    """
    jql = _parameter(call, "jql")
    query = _bounded(call, jql)
    fields = chosen_fields(call, _list(call, "fields"), "id")
    properties = _list(call, "properties")
    if len(properties) > MAX_PROPERTIES:
        raise Refused(400, f"The maximum number of properties is {MAX_PROPERTIES}.")
    highest = MAX_IDS if set(fields) <= {"id", "key"} and not properties else MAX_ISSUES
    start, size = _start(_parameter(call, "nextPageToken"), jql), call.number("maxResults", 50, highest)
    hidden = call.state.unindexed - set(_list(call, "reconcileIssues"))
    found = [issue for issue in query.run(call.state.visible(call.user)) if issue.id not in hidden]
    last = start + size >= len(found)
    page = {"issues": [_shown(call, issue, fields, properties) for issue in found[start : start + size]]}
    return Reply(page | {"isLast": last} | ({} if last else {"nextPageToken": _token(jql, start + size)}))


def approximate_count(call: Call) -> Reply:
    """POST search/approximate-count (Cloud)."""
    found = _bounded(call, _parameter(call, "jql")).run(call.state.visible(call.user))
    return Reply({"count": len(found)})


def search_by_start(call: Call) -> Reply:
    """GET and POST search (Data Center): pages by `startAt` with a total, at most 1,000 issues each."""
    projects = call.state.visible(call.user)
    found = parse(call.state, projects, _parameter(call, "jql"), call.user).run(projects)
    fields = chosen_fields(call, _list(call, "fields"), "*navigable")
    start, size = call.number("startAt", 0, 10**9), call.number("maxResults", 50, 1000)
    shown = [issue_json(call, issue, fields) for issue in found[start : start + size]]
    page = {"expand": "names,schema", "startAt": start, "maxResults": size, "total": len(found), "issues": shown}
    return Reply(page)


def _shown(call: Call, issue: Issue, fields: list[str], properties: list[str]) -> JSON:
    view = issue_json(call, issue, fields, properties)
    if "comment" in fields:
        view["fields"]["comment"] = comments_json(call, issue, issue.comments, 0, call.state.inline_comments)
    return view


def _bounded(call: Call, jql: str) -> Query:
    query = parse(call.state, call.state.visible(call.user), jql, call.user)
    if not query.bounded:
        raise Refused(400, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    return query


def _parameter(call: Call, name: str) -> str:
    given = call.query.get(name) if call.body is None else call.object().get(name)
    if given is not None and not isinstance(given, str):
        raise Refused(400, f"The value of '{name}' must be a string.")
    return given or ""


def _list(call: Call, name: str) -> list[str]:
    if call.body is None:
        return call.words(name)
    given = call.object().get(name) or []
    if not isinstance(given, list) or not all(isinstance(word, str | int) for word in given):
        raise Refused(400, f"The value of '{name}' must be a list of strings.")
    return [str(word) for word in given]


def _token(jql: str, start: int) -> str:
    return urlsafe_b64encode(f"{start} {sha256(jql.encode()).hexdigest()}".encode()).decode()


def _start(token: str, jql: str) -> int:
    """Where a page begins; a token is good for the query alone that it was given for."""
    if not token:
        return 0
    try:
        start, digest = urlsafe_b64decode(token).decode().split()
    except ValueError:
        start, digest = "", ""
    if not start.isdecimal() or digest != sha256(jql.encode()).hexdigest():
        raise Refused(400, "The nextPageToken is invalid or was given for another query.")
    return int(start)
