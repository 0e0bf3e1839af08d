"""Text from trackers is data: each function here makes it harmless in one place where mdpc shows or writes it.

What a reader could not see (control and bidirectional characters, zero-width ones, broken halves of characters) is
spelled out as `<U+202E>`, white space becomes one space, and what is longer than `limit` is cut and says so. All
functions return a single line and are to be applied once: to raw text, at the place where it leaves mdpc.
"""

from __future__ import annotations

import json
import re
import unicodedata
from urllib.parse import quote, urlsplit

_BLANKS = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
_JOINER = re.compile(r"(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")

# A line whose first text is `::` is a command to GitHub's runner, and so is `##[` anywhere in it; `##vso[` and
# `##teamcity[` are the same elsewhere.
_LINE_COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)
_WORD_COMMAND = re.compile(r"(?<!\S)::")
_HASH_COMMAND = re.compile(r"##(\w*)\[")

_BREAK = "\u200b"
_LINKS = re.compile(r"(?i)(?<=@)|(?<=#)(?=\w)|(?<=\bgh-)(?=\d)|(?<=[a-z]:)(?=//)|(?<=\bwww)(?=\.)")
_MARKDOWN_START = re.compile(r"^(\d*(?=[.)](?:\s|$))|(?=[-+=]))(.)")
_MARKDOWN_SIGNS = str.maketrans(
    {sign: f"\\{sign}" for sign in "\\`*_[]~#"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "$": "&#36;", _BREAK: "&#8203;"}
)

_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")

_JIRA_SIGNS = str.maketrans({"{": "(", "}": ")", "[": "(", "]": ")", "\\": "/", "|": "/"})
_JIRA_EMBED = re.compile(r"!(?=[^\s!])")


def plain(text: str, limit: int = 255) -> str:
    """Text for a place that knows no markup, such as a title or a subject: one line of which all can be seen."""
    shown, rest = _cut(text, limit)
    return shown + rest


def terminal(text: str, limit: int = 1000) -> str:
    """Text for a terminal or a CI log: no control sequence, no workflow command, no reordered reading."""
    shown, rest = _cut(text, limit)
    safe = _HASH_COMMAND.sub(r"##\1\\[", _WORD_COMMAND.sub(r"\\::", shown))
    return safe + rest


def markdown(text: str, limit: int = 1000) -> str:
    """Text for GitHub Markdown, inline or in a table's cell: no markup, HTML, mention, link or mathematics."""
    shown, rest = _cut(text, limit)
    safe = _LINKS.sub(_BREAK, shown).translate(_MARKDOWN_SIGNS)
    safe = _MARKDOWN_START.sub(r"\1\\\2", safe)
    return _WORD_COMMAND.sub(r"\\::", safe) + rest


def code(text: str, limit: int = 1000) -> str:
    """Text as a code span of GitHub Markdown, to be copied as it is: for refs, keys and what to type.

    What a code span in a table's cell cannot hold is escaped as other text, and so is what looks like a mark of mdpc's.
    """
    shown, rest = _cut(text, limit)
    fits = shown and not set(shown) & {"`", "|", "\\"} and "<!--" not in shown
    return f"`{shown}`{rest}" if fits else markdown(text, limit)


def code_link(text: str, url: str) -> str:
    """A Markdown link on a code span, or the code span alone where `url` is not an address on the web."""
    address = web_address(url)
    return f"[{code(text)}]({address})" if address else code(text)


def prose(text: str) -> str:
    """A sentence of mdpc's own as GitHub Markdown: what stands in backquotes is code, all else is escaped."""
    parts = _CODE.split(text)
    return "".join(code(part) if number % 2 else _keeping_blanks(part) for number, part in enumerate(parts))


def _keeping_blanks(text: str) -> str:
    inner = text.strip(" ")
    if not inner:
        return text
    start, end = text.split(inner, 1)
    return f"{start}{markdown(inner)}{end}"


def web_address(url: str) -> str | None:
    """`url` with everything unsafe in it percent-encoded; None unless it is http or https with a host."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return quote(url.strip(), safe=":/?#@&=+,;%~-._", errors="replace") if usable else None


def line(text: str, limit: int = 255) -> str:
    """Text for one plain line in Jira: no wiki markup, macro, image, mention or link comes of it."""
    shown, rest = _cut(text, limit)
    safe = _JIRA_EMBED.sub(" ", shown.translate(_JIRA_SIGNS)).strip()
    return safe.replace("://", ": //") + rest


def guard(text: str) -> str:
    """A whole output of several lines, of which no line is a workflow command, wherever it was wrapped."""
    return _HASH_COMMAND.sub(r"##\1\\[", _LINE_COMMAND.sub(_inert, text))


def json_text(value: object, indent: int | None = 2) -> str:
    """JSON in ASCII, safe to print into a CI log; keys stay in the order given. On one line without an `indent`."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=True, allow_nan=False)
    return _HASH_COMMAND.sub(r"##\1\\u005b", text.replace("\x7f", "\\u007f"))


def _inert(found: re.Match[str]) -> str:
    blanks = found[1]
    # The backslash takes a blank's place where there is one, so that columns stay in line.
    return (blanks[:-1] if blanks.endswith(" ") else blanks) + "\\::"


def _cut(text: str, limit: int) -> tuple[str, str]:
    """What is shown of the text, seen by eyes, and the words for what is not."""
    over = len(text) - limit
    kept = text if over <= 0 else text[:limit]
    shown = "".join(map(_seen, _JOINER.sub("", _BLANKS.sub(" ", kept)))).strip()
    return shown, f"… ({over:,} more characters)" if over > 0 else ""


def _seen(character: str) -> str:
    return f"<U+{ord(character):04X}>" if unicodedata.category(character) in _UNSEEN else character
