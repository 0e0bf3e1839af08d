"""mdpc's status in an Atlassian document, the rich text of issues on Jira Cloud.

Through wiki markup (REST version 2) Cloud would translate people's text there and back, and lose of it what wiki markup
does not know; here only mdpc's own line is added and taken out. The format is described at
developer.atlassian.com/cloud/jira/platform/apis/document/structure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mdpc import status
from mdpc.model import Markup

Node = dict[str, Any]

_LEAVES = {"mention": "text", "emoji": "text", "date": "timestamp", "inlineCard": "url", "status": "text"}


def text(document: Node | None) -> str | None:
    """The document's words, a line for each paragraph or break; None for no document."""
    return None if document is None else "\n".join(_lines(document))


def place(document: Node | None, line: str | None) -> Node | None:
    """The document with `line` as mdpc's only status, in a last paragraph; None for an empty document."""
    content = [] if document is None else [kept for node in document.get("content", ()) if (kept := _without(node))]
    if line is not None:
        content.append({"type": "paragraph", "content": [{"type": "text", "text": line}]})
    return {**(document or {"type": "doc", "version": 1}), "content": content} if content else None


def _lines(node: Node) -> list[str]:
    content = node.get("content", [])
    if _inline(content):
        return ["".join(map(_words, piece)) for piece in _pieces(content)]
    return [line for child in content for line in _lines(child)] if content else [""]


def _words(node: Node) -> str:
    if node.get("type") == "text":
        return str(node.get("text", ""))
    return str(node.get("attrs", {}).get(_LEAVES.get(node.get("type", ""), ""), ""))


def _without(node: Node) -> Node | None:
    """The node without mdpc's line; None where nothing else was in it. A node without the line stays as it is."""
    content = node.get("content", [])
    if _inline(content):
        pieces = _pieces(content)
        own = [piece for piece in pieces if status.find("".join(map(_words, piece)), Markup.LINE) is None]
        if len(own) == len(pieces):
            return node
        return {**node, "content": _joined(own)} if own else None
    kept = [child for child in map(_without, content) if child is not None]
    if kept == content:
        return node
    return {**node, "content": kept} if kept else None


def _inline(content: Iterable[Node]) -> bool:
    return any(node.get("type") in ("text", "hardBreak", *_LEAVES) for node in content)


def _pieces(content: Iterable[Node]) -> list[list[Node]]:
    pieces: list[list[Node]] = [[]]
    for node in content:
        if node.get("type") == "hardBreak":
            pieces.append([])
        else:
            pieces[-1].append(node)
    return pieces


def _joined(pieces: list[list[Node]]) -> list[Node]:
    first, *others = pieces
    return first + [node for piece in others for node in ({"type": "hardBreak"}, *piece)]
