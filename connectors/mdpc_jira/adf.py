"""mdpc's status in an Atlassian document, the rich text of issues on Jira Cloud.

Through wiki markup (REST version 2) Cloud would translate people's text there and back, and lose of it what wiki markup
does not know; here only mdpc's own line is added and taken out. The format is described at
developer.atlassian.com/cloud/jira/platform/apis/document/structure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mdpc import status
from mdpc.model import Markup

Node = dict[str, Any]

_MENTION_OR_LINK = re.compile(
    r"\[~accountid:(?P<account>[A-Za-z0-9:_-]{1,128})\]"
    r"|(?P<link>https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9/._~%+=&?#@:,;!$*-]*)?)"
)
_NO_END_OF_A_LINK = ".,:;!?"

_AROUND = {
    "code": ("`", "`"),
    "strike": ("-", "-"),
    "textColor": ("{color:}", "{color}"),
    "backgroundColor": ("{color:}", "{color}"),
}
"""What stands around words that a reader may not see, or not as what somebody says, by their mark."""

_LEAVES = {"mention": "text", "emoji": "text", "date": "timestamp", "inlineCard": "url", "status": "text"}


def text(document: Node | None, *, accounts: bool = False) -> str | None:
    """The document's words, a line for each paragraph or break; None for no document.

    Somebody who is mentioned is called as people read it, or with `accounts` by the account: `[~accountid:ID]`. Then
    the text of what `written` made is what it was made of.
    """
    return None if document is None else "\n".join(_lines(document, _words_by_account if accounts else _words))


def spoken(document: Node | None) -> str | None:
    """The document's words, of which commands can be told: what is quoted, listed or shown as code shows that.

    Whatever is no paragraph by itself stands between `{quote}` lines; code within a line, and what is struck through or
    coloured, between the signs of wiki markup; accounts stand for who is mentioned. The text of what `written` made is
    what it was made of.
    """
    if document is None:
        return None
    lines: list[str] = []
    for node in document.get("content", ()):
        plain = node.get("type") in ("paragraph", "heading")
        found = _lines(node, _words_said)
        lines += found if plain else ["{quote}", *found, "{quote}"]
    return "\n".join(lines)


def written(plain: str) -> Node:
    """A document of a plain text: a paragraph for each line, web addresses as links, `[~accountid:ID]` as mentions."""
    lines = [{"type": "paragraph", "content": list(_nodes(line))} for line in plain.split("\n")]
    return {"type": "doc", "version": 1, "content": lines}


def _nodes(line: str) -> Iterator[Node]:
    start = 0
    for found in _MENTION_OR_LINK.finditer(line):
        end = found.end()
        if found["link"]:
            end = found.start() + len(found["link"].rstrip(_NO_END_OF_A_LINK))
        if found.start() > start:
            yield {"type": "text", "text": line[start : found.start()]}
        if found["link"]:
            address = line[found.start() : end]
            yield {"type": "text", "text": address, "marks": [{"type": "link", "attrs": {"href": address}}]}
        else:
            yield {"type": "mention", "attrs": {"id": found["account"]}}
        start = end
    if start < len(line):
        yield {"type": "text", "text": line[start:]}


def place(document: Node | None, line: str | None) -> Node | None:
    """The document with `line` as mdpc's only status, in a last paragraph; None for an empty document."""
    content = [] if document is None else [kept for node in document.get("content", ()) if (kept := _without(node))]
    if line is not None:
        content.append({"type": "paragraph", "content": [{"type": "text", "text": line}]})
    return {**(document or {"type": "doc", "version": 1}), "content": content} if content else None


def _lines(node: Node, words: Callable[[Node], str]) -> list[str]:
    content = node.get("content", [])
    if _inline(content):
        return ["".join(map(words, piece)) for piece in _pieces(content)]
    return [line for child in content for line in _lines(child, words)] if content else [""]


def _words(node: Node) -> str:
    if node.get("type") == "text":
        return str(node.get("text", ""))
    return str(node.get("attrs", {}).get(_LEAVES.get(node.get("type", ""), ""), ""))


def _words_by_account(node: Node) -> str:
    account = node.get("attrs", {}).get("id") if node.get("type") == "mention" else None
    return f"[~accountid:{account}]" if account else _words(node)


def _words_said(node: Node) -> str:
    marks = {mark.get("type") for mark in node.get("marks", ())}
    around = next((signs for mark, signs in _AROUND.items() if mark in marks), None)
    return _words_by_account(node) if around is None else f"{around[0]}{_words(node)}{around[1]}"


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
