"""Issues by JQL, page by page, in the way that each deployment offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mdpc.connector import TrackerError
from mdpc_jira.client import Api, JiraClient

Json = dict[str, Any]

PAGE = 1000
"""Issues asked for at once. Cloud gives as many as it likes, Data Center at most what its administrator allows."""


def search(
    client: JiraClient, jql: str, fields: Sequence[str], *, api: Api = "2", issue_property: str = ""
) -> Iterator[Json]:
    """Every issue that `jql` finds, once, with `fields`; pages are asked for as they are needed.

    On Cloud a search can bring one `issue_property` of each. Raises TrackerError also where Jira gives fewer issues
    than it announced.
    """
    pages = _cloud_pages if client.cloud else _data_center_pages
    query = {"jql": jql, "fields": ",".join(fields), "maxResults": PAGE}
    seen: set[str] = set()
    for issue in pages(client, query | ({"properties": issue_property} if issue_property else {}), api):
        if issue["id"] not in seen:
            seen.add(issue["id"])
            yield issue


def _cloud_pages(client: JiraClient, query: Json, api: Api) -> Iterator[Json]:
    token: str | None = None
    while True:
        page = client.get("search/jql", query | ({"nextPageToken": token} if token else {}), api=api)
        yield from page["issues"]
        following = page.get("nextPageToken")
        if not following:
            return
        if following == token:
            raise incomplete("Jira gave the same page of issues twice")
        token = following


def _data_center_pages(client: JiraClient, query: Json, api: Api) -> Iterator[Json]:
    start = 0
    while True:
        page = client.get("search", query | {"startAt": start}, api=api)
        yield from page["issues"]
        start += len(page["issues"])
        if start >= page["total"]:
            return
        if not page["issues"]:
            raise incomplete("Jira gave fewer issues than it announced")


def incomplete(what: str) -> TrackerError:
    """The error for a list that cannot be trusted to be whole."""
    return TrackerError(what, reason="server", next_step="Run again.")
