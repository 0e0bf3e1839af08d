"""GitHub's issues, comments and accounts as mdpc's nouns. Pure.

GraphQL calls an App's account by its bare name, REST by `NAME[bot]`. Here both are the account `NAME` with `bot` set,
called `NAME[bot]`: a person may have the same name. Who deleted their account is nobody; REST calls them `ghost`. So is
a mannequin, to whom an import ascribed what somebody of that name had written elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from mdpc.coordination import LABEL, Comment, Delivered, Issue
from mdpc.model import Account, ContainerRef, Markup, Ref
from mdpc_github.own import BOT
from mdpc_github.records import moment

PREFIX = "issue-"
"""What an issue's id begins with in its ref, so that it is no milestone's."""

_NUMBER = re.compile(rf"{PREFIX}([1-9][0-9]*)")


def issue_ref(container: ContainerRef, number: int) -> Ref:
    """The address of an issue: `github:acme/api#issue-12`."""
    return Ref(container, f"{PREFIX}{number}")


def issue_number(identifier: str) -> int | None:
    """The number in an issue's id; None where it is no issue's."""
    found = _NUMBER.fullmatch(identifier)
    return int(found[1]) if found else None


def account(connector: str, login: str, *, bot: bool = False) -> Account:
    """An account by its login, with or without `[bot]`."""
    name = login.removesuffix(BOT)
    is_bot = bot or name != login
    return Account(connector, name, name + BOT if is_bot else name, is_bot)


def graphql_account(connector: str, actor: Mapping[str, Any] | None) -> Account | None:
    """From GraphQL's `Actor`."""
    if actor is None or actor["__typename"] not in ("User", "Bot"):
        return None
    return account(connector, actor["login"], bot=actor["__typename"] == "Bot")


def rest_account(connector: str, user: Mapping[str, Any] | None) -> Account | None:
    """From the REST API's user."""
    if user is None or user["login"] == "ghost" or user.get("type", "User") not in ("User", "Bot"):
        return None
    return account(connector, user["login"], bot=user.get("type") == "Bot")


def graphql_comment(connector: str, node: Mapping[str, Any]) -> Comment:
    """From GraphQL's `IssueComment`."""
    edited = moment(node["lastEditedAt"])
    return Comment(
        id=str(node["fullDatabaseId"]),
        url=node["url"],
        author=graphql_account(connector, node["author"]),
        body=node["body"],
        created_at=_certain(node["createdAt"]),
        edited_at=edited,
        editor=graphql_account(connector, node["editor"]) if edited else None,
    )


def rest_comment(connector: str, data: Mapping[str, Any]) -> Comment:
    """From the REST API's comment, which does not tell who edited it: `editor` is None.

    One that changed after it was made counts as edited then.
    """
    changed = data["updated_at"] != data["created_at"]
    return Comment(
        id=str(data["id"]),
        url=data["html_url"],
        author=rest_account(connector, data["user"]),
        body=data.get("body") or "",
        created_at=_certain(data["created_at"]),
        edited_at=moment(data["updated_at"]) if changed else None,
    )


def graphql_issue(container: ContainerRef, node: Mapping[str, Any], comments: Iterable[Mapping[str, Any]]) -> Issue:
    """From GraphQL's `Issue` and all its comments."""
    connector = container.connector
    edited = moment(node["lastEditedAt"])
    return Issue(
        ref=issue_ref(container, node["number"]),
        uid=node["id"],
        url=node["url"],
        title=node["title"],
        markup=Markup.BLOCK,
        author=graphql_account(connector, node["author"]),
        body=node["body"],
        edited_at=edited,
        editor=graphql_account(connector, node["editor"]) if edited else None,
        closed=node["state"] == "CLOSED",
        assignees=tuple(account(connector, each["login"]) for each in _nodes(node["assignees"])),
        labels=node_labels(node),
        comments=tuple(graphql_comment(connector, each) for each in comments),
    )


def rest_issue(container: ContainerRef, data: Mapping[str, Any], comments: Iterable[Mapping[str, Any]]) -> Issue:
    """From the REST API's issue and all its comments. Whether its body was edited is not told there."""
    connector = container.connector
    return Issue(
        ref=issue_ref(container, data["number"]),
        uid=data["node_id"],
        url=data["html_url"],
        title=data["title"],
        markup=Markup.BLOCK,
        author=rest_account(connector, data["user"]),
        body=data.get("body") or "",
        closed=data["state"] == "closed",
        assignees=tuple(account(connector, login) for login in assigned(data)),
        labels=labels(data),
        comments=tuple(rest_comment(connector, each) for each in comments),
    )


def graphql_delivered(record: Ref, node: Mapping[str, Any]) -> Delivered:
    """From GraphQL's `Issue` with the last event that closed it."""
    events = [each for each in _nodes(node["timelineItems"]) if each.get("actor")]
    by = graphql_account(record.container.connector, events[-1]["actor"]) if events else None
    return _delivered(record, node["number"], node["title"], node["url"], by, node["closedAt"])


def rest_delivered(record: Ref, data: Mapping[str, Any]) -> Delivered:
    """From the REST API's issue."""
    by = rest_account(record.container.connector, data.get("closed_by"))
    return _delivered(record, data["number"], data["title"], data["html_url"], by, data.get("closed_at"))


def _delivered(  # noqa: PLR0913, PLR0917 - what both APIs tell, by other names
    record: Ref, number: int, title: str, url: str, by: Account | None, closed_at: str | None
) -> Delivered:
    return Delivered(record, f"{record.container.name}#{number}", title, url, by, moment(closed_at))


def assigned(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The logins to whom an issue of the REST API is assigned."""
    return tuple(each["login"] for each in data.get("assignees") or ())


def labels(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels of an issue of the REST API, which may be objects or names."""
    found = (each if isinstance(each, str) else each.get("name") for each in data.get("labels") or ())
    return tuple(name for name in found if name)


def midnight(day: date) -> str:
    """The moment at which a day begins, UTC, as GitHub takes it in `since`."""
    return f"{day.isoformat()}T00:00:00Z"


def is_labelled(names: Iterable[str]) -> bool:
    """Whether the label of coordination issues is among an issue's; GitHub compares labels without case."""
    return any(name.lower() == LABEL for name in names)


def may_coordinate(names: Iterable[str], body: str | None) -> bool:
    """Whether an issue with these labels and this text may be a coordination issue, if mdpc opened it."""
    return is_labelled(names) or "mdpc:" in (body or "")


def node_labels(node: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels of GraphQL's `Issue`."""
    return tuple(each["name"] for each in _nodes(node["labels"]))


def _nodes(connection: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [each for each in (connection or {}).get("nodes") or () if each]


def _certain(text: str) -> datetime:
    return datetime.fromisoformat(text)
