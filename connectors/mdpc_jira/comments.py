"""The comments of an issue: all of them, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdpc.coordination import Comment
from mdpc_jira.issues import issue_url, spoken_text
from mdpc_jira.search import Ask, incomplete
from mdpc_jira.values import account, moment

Json = dict[str, Any]

PAGE = 100


def comments_of(ask: Ask, connector: str, site: str, issue: Mapping[str, Any]) -> tuple[Comment, ...]:
    """Every comment of an issue that came with its field `comment`; `ask` asks for more where not all came along.

    `connector` is the connector's name, `site` the site's address for people. Raises TrackerError.
    """
    page = issue["fields"].get("comment") or {}
    came: list[Json] = page.get("comments", [])
    whole = len(came) >= page["total"] if "total" in page else False
    read = came if whole else _pages(ask, f"issue/{issue['id']}/comment")
    return tuple(sorted((_comment(connector, site, issue["key"], raw) for raw in read), key=lambda one: one.created_at))


def _pages(ask: Ask, path: str) -> list[Json]:
    found: dict[str, Json] = {}
    start = 0
    while True:
        page = ask(path, {"startAt": start, "maxResults": PAGE, "orderBy": "created"})
        found.update((str(raw["id"]), raw) for raw in page["comments"])
        start += len(page["comments"])
        if start >= page["total"]:
            break
        if not page["comments"]:
            raise incomplete("Jira gave fewer comments than it announced")
    if len(found) < page["total"]:
        raise incomplete("The comments changed while they were read")
    return list(found.values())


def _comment(connector: str, site: str, key: str, raw: Json) -> Comment:
    author, editor = account(connector, raw.get("author")), account(connector, raw.get("updateAuthor"))
    created, updated = moment(raw["created"]), moment(raw.get("updated"))
    if created is None:
        raise ValueError("a comment without a moment")
    edited = (updated is not None and updated != created) or (
        editor is not None and (author is None or editor.login != author.login)
    )
    return Comment(
        id=str(raw["id"]),
        url=f"{issue_url(site, key)}?focusedCommentId={raw['id']}",
        author=author,
        body=spoken_text(raw.get("body")) or "",
        created_at=created,
        edited_at=(updated or created) if edited else None,
        editor=editor if edited else None,
    )
