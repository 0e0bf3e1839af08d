"""A JQL query cut into its pieces, quoting resolved as Jira resolves it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdpc_sandbox.jira.call import Refused

_PATTERN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<sign>>=|<=|!=|[=<>(),])
    |(?P<word>cf\[\d+\]|[^\s"'()=!<>,~|&*?;\\{}\[\]^$\#@%/`+]+))""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", " ": " "}
RESERVED = frozenset(
    ["and", "or", "not", "in", "is", "was", "changed", "order", "by", "empty", "null", "select", "where", "limit"]
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: `kind` is string, sign, word or end; `text` is unquoted; `at` counts from 0."""

    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """An unquoted word or sign in lower case; nothing for a string, which is never a keyword."""
        return "" if self.kind == "string" else self.text.lower()


def tokens(text: str) -> list[Token]:
    """The tokens of a query, closed by one without text. Raises Refused for what is no JQL."""
    found_so_far, at = [], 0
    while text[at:].strip():
        found = _PATTERN.match(text, at)
        if not found:
            rest = text[at:].lstrip()
            quoted = rest[0] in "\"'"
            what = "The quoted string has not been completed" if quoted else f"The character '{rest[0]}' is reserved"
            raise Refused(400, f"Error in the JQL Query: {what}. (line 1, character {len(text) - len(rest) + 1})")
        kind = found.lastgroup or ""
        token = found[kind]
        found_so_far.append(Token(kind, _unquoted(token) if kind == "string" else token, found.start(kind)))
        at = found.end()
    return [*found_so_far, Token("end", "", len(text))]


def _unquoted(token: str) -> str:
    def decode(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        if found[2] not in _ESCAPES:
            raise Refused(400, f"Error in the JQL Query: '\\{found[2]}' is an illegal JQL escape sequence.")
        return _ESCAPES[found[2]]

    return _ESCAPE.sub(decode, token[1:-1])
