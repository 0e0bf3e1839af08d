"""Hostile texts, and what readers of mdpc's outputs would do with what they are given.

Each reader is small and written from what the service says it does, not from what mdpc escapes: GitHub's runner, its
Markdown, a terminal, Jira's two forms of text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

FORGED = "mdpc:notice n000000000000"
"""What a forged mark says."""

TEXTS = (
    "::error::x",
    "::add-mask::a",
    "##[add-mask]e",
    "a ##[group]b %0A::error::x",
    "$(touch x) `touch x` \"; touch x; ' && touch x",
    "@everyone @acme/leads @mallory a@evil.example",
    "<!channel> <!here> <@U0MALLORY>",
    f"<!-- {FORGED} -->",
    "--> <!-- mdpc:end --> (mdpc:notice n000000000000)",
    "<script>alert(1)</script> <img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) ![y](https://evil.example/p.png) https://evil.example www.evil.example",
    "{{ 7*7 }} {% for x in y %} {{ ''.__class__ }} ${{ github.token }}",
    "[~mallory-j] [~accountid:mallory-j] {code}x{code} {panel} !http://evil.example/x.png! [x|http://evil.example]",
    "=HYPERLINK(1) +1 | a | b |",
    "\u202eright to left\u2066 and\u200b zero\ufeff width\u200f",
    "\x1b[31mred\x1b]8;;https://evil.example\x07 and\x00\x08\x7f\x9b1m",
    "Release\r\nBcc: mallory@evil.example\r\nSubject: hello\r\n\r\n::stop-commands::t\n##[error]x",
    "mdpc: achieved [m000000000000]",
    "# heading #1 acme/api#1 GH-1",
    "--only",
)
"""One a milestone: all are in use as titles, in both trackers."""

LONG = "x" * 300_000

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]*)(?:/[A-Za-z0-9_-]+)?"
_MENTION = re.compile(rf"(?:^|(?<=[^\w`]))@({_NAME})")
_AUTOLINK = re.compile(r"(?:https?|ftp)://[^\s<]+|(?<![\w.])www\.\w+\.\w+|(?<!\w)[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)
_REFERENCE = re.compile(r"(?<![\w&/])(?:[\w-]+/[\w.-]+)?#\d+|\bGH-\d+", re.IGNORECASE)
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;]*m|\]8;[^;\x1b\x07]*;([^\x1b\x07]*)\x1b\\)")
_WORDS_OF_OURS = re.compile(r"<!-- mdpc:(?:begin|end|memory \{.*\}|[a-z]+ [^\s<>]+) -->", re.DOTALL)
_FOLD = re.compile(r"</?details>|<summary>[\w ,:]*</summary>|<br>")


def runner_lines(log: str) -> list[str]:
    """The lines of a log as the runner reads them."""
    return re.split(r"\r\n|\r|\n", log)


def runner_commands(log: str) -> list[tuple[str, str, str]]:
    """What GitHub's runner would do: the name, the properties and the text of each workflow command in a log."""
    found = []
    for line in runner_lines(log):
        if modern := re.match(r"\s*::([A-Za-z][\w-]*)(?: ([^:]*))?::(.*)", line):
            found.append((modern[1], modern[2] or "", modern[3]))
        elif old := re.search(r"##\[([\w-]+)([^\]]*)\](.*)", line):
            found.append((f"##[{old[1]}]", old[2], old[3]))
    return found


def unseen(text: str, allowed: str = "\n") -> list[str]:
    """What nobody sees in a text, or what makes it read otherwise than it stands: control, bidirectional, no width."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return [f"U+{ord(each):04X}" for each in text if each not in allowed and unicodedata.category(each) in hidden]


def terminal_effects(text: str, web: Iterable[str]) -> list[str]:
    """What a text does to a terminal besides being read: anything but colours, and links to these addresses."""
    wrong = [f"links to {each[1]}" for each in _ESCAPE.finditer(text) if each[1] and not each[1].startswith(tuple(web))]
    return wrong + unseen(_ESCAPE.sub("", text))


@dataclass
class Effects:
    """What a text of GitHub Markdown does besides being read."""

    mentions: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    html: set[str] = field(default_factory=set)
    images: int = 0
    unseen: list[str] = field(default_factory=list)
    forged: bool = False

    def wrong(self, web: Iterable[str], mentioned: Iterable[str] = ()) -> list[str]:
        """What of it mdpc cannot have meant, if these may be mentioned and these addresses may be linked to."""
        found = [f"mentions {each}" for each in self.mentions - set(mentioned)]
        found += [f"links to {each}" for each in self.links if not each.startswith(tuple(web))]
        found += [f"html {each[:80]}" for each in self.html]
        found += [f"unseen {each}" for each in self.unseen]
        return found + (["an image"] if self.images else []) + (["a forged mark"] if self.forged else [])


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("gfm-like", {"linkify": False})
    reader.validateLink = re.compile("").match  # type: ignore[method-assign, assignment]
    return reader


def github_effects(markdown: str) -> Effects:
    """What GitHub makes of a text: Markdown first, then mentions, addresses and references in what is plain text."""
    # In `@<U+200B>name` of mdpc's own the character of no width is what keeps it from being a mention.
    effects = Effects(unseen=unseen(markdown.replace("@\u200b", ""), "\n"), forged=f"<!-- {FORGED}" in markdown)
    for token in _all(_reader().parse(markdown)):
        if token.type in ("html_block", "html_inline"):
            rest = _FOLD.sub("", _WORDS_OF_OURS.sub("", token.content)).strip()
            effects.html |= {rest} if rest else set()
        elif token.type == "link_open":
            effects.links.add(str(token.attrs.get("href")))
        elif token.type == "image":
            effects.images += 1
        elif token.type == "inline":
            said = "".join(_plain(token.children or ()))
            effects.mentions |= {each[1] for each in _MENTION.finditer(said)}
            effects.links |= {each[0] for each in _AUTOLINK.finditer(said)} | {
                f"reference {each[0]}" for each in _REFERENCE.finditer(said)
            }
    return effects


def _all(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def _plain(children: Iterable[Token]) -> Iterator[str]:
    """The words of a paragraph in which GitHub looks for mentions: not code, and no link."""
    inside = 0
    for child in children:
        inside += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if child.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif child.type in ("text", "text_special") and not inside:
            yield child.content
        elif child.type != "text":
            yield "\ufffc"


def jira_effects(text: Any, web: Iterable[str], mentioned: Iterable[str]) -> list[str]:
    """What Jira makes of a text besides showing it: a document (Cloud) or wiki markup (Data Center)."""
    return _document(text, web, mentioned) if isinstance(text, dict) else wiki_effects(text, web, mentioned)


def wiki_effects(text: str, web: Iterable[str], mentioned: Iterable[str] = ()) -> list[str]:
    """What wiki markup does: mentions, links, macros, images, tables."""
    bare = text
    for login in mentioned:
        bare = bare.replace(f"[~{login}]", "").replace(f"[~accountid:{login}]", "")
    bare = re.sub(r"\(mdpc:data \{[^<>()\s]*\}\)", "", bare)
    bare = re.sub(r"^mdpc: [^\n]* \[m[0-9a-f]{12}\]$", lambda each: each[0].rpartition(" [")[0], bare, flags=re.M)
    wrong = [f"opens markup: {each}" for each in re.findall(r"[\[{|].{0,20}|!\S+!|\\\\", bare)]
    links = [each for each in re.findall(r"\w+://\S+", bare) if not each.startswith(tuple(web))]
    return wrong + [f"links to {each}" for each in links] + unseen(bare)


def _document(node: dict[str, Any], web: Iterable[str], mentioned: Iterable[str]) -> list[str]:
    wrong: list[str] = []
    if node.get("type") == "mention" and node["attrs"]["id"] not in set(mentioned):
        wrong.append(f"mentions {node['attrs']['id']}")
    for mark in node.get("marks", ()):
        if mark["type"] != "link" or not mark["attrs"]["href"].startswith(tuple(web)):
            wrong.append(f"marks {mark}")
    if node.get("type") not in ("doc", "paragraph", "text", "mention"):
        wrong.append(f"a node {node.get('type')}")
    wrong += unseen(str(node.get("text", "")))
    return wrong + [each for child in node.get("content", ()) for each in _document(child, web, mentioned)]
