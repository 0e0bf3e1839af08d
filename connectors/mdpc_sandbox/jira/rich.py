"""Rich text: on Cloud, version 3 speaks Atlassian documents where version 2 speaks wiki markup.

What was written is kept as it was; the other version is given its plain words, a paragraph for each line. (The real
Cloud translates the markup too, and loses some of it: the reason why version 3 exists.)
"""

from __future__ import annotations

from typing import Any

from mdpc_sandbox.jira.call import Call, Refused

Rich = str | dict[str, Any]
TEXT_LIMIT = 32_767


def shown(call: Call, text: Rich | None) -> Rich | None:
    """A text as the version of the request shows it."""
    if text is None or isinstance(text, dict) == call.documents:
        return text
    return "\n".join(map(_words, text["content"])) if isinstance(text, dict) else _document(text)


def taken(call: Call, value: Any, field: str) -> Rich | None:
    """A text that a request brings for `field`, None where it brings none; refused where it is of the wrong kind."""
    if call.documents and value is not None:
        if not isinstance(value, dict) or value.get("type") != "doc" or not isinstance(value.get("content"), list):
            raise Refused(
                400, **{field: "Operation value must be an Atlassian Document (see the Atlassian Document Format)"}
            )
        return _named(call, value) if value["content"] else None
    return None if value is None else plain(value, field) or None


def plain(value: Any, field: str) -> str:
    """A text without markup, at most as long as Jira takes."""
    if not isinstance(value, str):
        raise Refused(400, **{field: "Operation value must be a string"})
    if len(value) > TEXT_LIMIT:
        what = f"The entered text is too long. It exceeds the allowed limit of {TEXT_LIMIT:,} characters."
        raise Refused(400, **{field: what})
    return value


def _document(text: str) -> dict[str, Any]:
    lines = text.split("\n")
    content = [{"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []} for line in lines]
    return {"type": "doc", "version": 1, "content": content}


def _named(call: Call, node: dict[str, Any]) -> dict[str, Any]:
    """A document in which every mention also says the name, as Cloud stores it."""
    if node.get("type") == "mention":
        user = call.state.users.get(node["attrs"]["id"])
        return {**node, "attrs": {"text": f"@{user.display_name}" if user else "@unknown", **node["attrs"]}}
    return {**node, "content": [_named(call, each) for each in node["content"]]} if "content" in node else node


def _words(node: dict[str, Any]) -> str:
    if node["type"] == "hardBreak":
        return "\n"
    if node["type"] == "mention":
        return f"[~accountid:{node['attrs']['id']}]"
    return str(node.get("text", "")) + "".join(map(_words, node.get("content", ())))
