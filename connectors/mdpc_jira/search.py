"""Issues by JQL, page by page, in the way that each deployment offers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mdpc.connector import TrackerError
from mdpc_jira.client import Api, JiraClient

Json = dict[str, Any]
Ask = Callable[[str, Json], Json]
"""Asks for the JSON at a path, with a query."""

MOST_RECONCILED = 50
"""Issues that Cloud brings up to date for one search."""

PAGE = 1000
"""Issues asked for at once. Cloud gives as many as it likes, Data Center at most what its administrator allows."""


def search(  # noqa: PLR0913 - each says something else of the search
    client: JiraClient,
    jql: str,
    fields: Sequence[str],
    *,
    api: Api = "2",
    issue_property: str = "",
    reconcile: Sequence[str] = (),
    once: bool = False,
) -> Iterator[Json]:
    """Every issue that `jql` finds, once, with `fields`; pages are asked for as they are needed.

    On Cloud a search can bring one `issue_property` of each, and lags behind what was written: of the issues with the
    ids in `reconcile` it sees even that, of the first 50. With `once` each page is asked for a single time, within
    `JiraClient.attempt`. Raises TrackerError also where Jira gives fewer issues than it announced.
    """
    pages = _cloud_pages if client.cloud else _data_center_pages
    query: Json = {"jql": jql, "fields": ",".join(fields), "maxResults": PAGE}
    if issue_property:
        query["properties"] = issue_property
    if reconcile and client.cloud:
        query["reconcileIssues"] = list(reconcile[:MOST_RECONCILED])
    get = client.look if once else client.get
    seen: set[str] = set()
    for issue in pages(lambda path, asked: get(path, asked, api=api), query):
        if issue["id"] not in seen:
            seen.add(issue["id"])
            yield issue


def _cloud_pages(ask: Ask, query: Json) -> Iterator[Json]:
    token: str | None = None
    while True:
        page = ask("search/jql", query | ({"nextPageToken": token} if token else {}))
        yield from page["issues"]
        following = page.get("nextPageToken")
        if not following:
            return
        if following == token:
            raise incomplete("Jira gave the same page of issues twice")
        token = following


def _data_center_pages(ask: Ask, query: Json) -> Iterator[Json]:
    start = 0
    while True:
        page = ask("search", query | {"startAt": start})
        yield from page["issues"]
        start += len(page["issues"])
        if start >= page["total"]:
            return
        if not page["issues"]:
            raise incomplete("Jira gave fewer issues than it announced")


def incomplete(what: str) -> TrackerError:
    """The error for a list that cannot be trusted to be whole."""
    return TrackerError(what, reason="server", next_step="Run again.")
