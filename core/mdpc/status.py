"""mdpc's own place in a description: found, written and taken out again without touching people's own text.

On GitHub it is a block between `<!-- mdpc:begin -->` and `<!-- mdpc:end -->`, on Jira one plain line that starts with
`mdpc:` and ends with the milestone's id in brackets. Placing is reversible to the byte: what was null, empty or ended
in blank lines is that again once the status is taken out.
"""

from __future__ import annotations

import re
from itertools import pairwise

from mdpc.model import Markup

BEGIN = "<!-- mdpc:begin -->"
END = "<!-- mdpc:end -->"

_DEEPEST = 20
"""Marks inside one another that are looked for; only somebody who means harm writes more."""

MEMORY = r"<!-- mdpc:memory \{[^<>\r\n]*\} -->"
"""The hidden comment inside a block (`mdpc.memory` writes it without any `<` or `>`)."""

_GAP = {Markup.BLOCK: "\n\n", Markup.LINE: "\n"}
_BEGIN, _END = re.escape(BEGIN), re.escape(END)
_PATTERN = {
    # A begin without an end is people's text: it must not swallow what stands between it and the real block. A block
    # whose end somebody deleted ends with its memory, and memory whose block was torn is ours as well.
    Markup.BLOCK: re.compile(
        rf"{_BEGIN}(?:(?!{_BEGIN}).)*?(?:{_END}|{MEMORY}(?!\s*{_END}))|{MEMORY}(?:\s*{_END})?", re.DOTALL
    ),
    Markup.LINE: re.compile(r"^mdpc: [^\r\n]* \[m[0-9a-f]{12}\](?=\r?$)", re.MULTILINE),
}


def find(description: str | None, markup: Markup) -> str | None:
    """All that mdpc wrote in a description, without the gaps before it; None where there is nothing.

    Line ends are given as `\\n`, since a tracker's editor may have changed them. Where somebody pasted a second status
    it is there too: what is found equals what was placed only if that is all there is.
    """
    return _GAP[markup].join(statuses(description, markup)) or None


def statuses(description: str | None, markup: Markup) -> list[str]:
    """Every status in a description, in its order."""
    return [found.replace("\r\n", "\n") for found in _PATTERN[markup].findall(description or "")]


def place(description: str | None, status: str | None, markup: Markup) -> str | None:
    """The description with `status` as its only status, after people's own text; with None, without any.

    Text that people wrote after the status stays there. Returns None where nothing at all was there before mdpc
    wrote; on Jira, which does not tell the two apart, also for an empty description.
    """
    own = _own_text(description, markup)
    if status is None:
        return own
    return status if own is None or (own == "" and markup is Markup.LINE) else own + _GAP[markup] + status


def _own_text(description: str | None, markup: Markup) -> str | None:
    """What people wrote: the description without any status and without the gap that mdpc put before it."""
    own = description
    for _ in range(_DEEPEST):  # taking one out of marks inside one another may leave another
        parts = _PATTERN[markup].split(own or "")
        if len(parts) == 1:
            break
        *before, after = parts
        kept = [_without_gap(part, then, markup) for part, then in pairwise(parts)]
        own = "".join(kept) + after
        was_empty = markup is Markup.BLOCK and kept != before
        if not own:
            return "" if was_empty else None
    return own


def _without_gap(text: str, then: str, markup: Markup) -> str:
    """The text before a status without the gap; `then` is the text after the status."""
    gap = _GAP[markup]
    rewritten = gap.replace("\n", "\r\n")
    # An editor rewrote it; before a line, though, that \r may be people's own, unless they wrote on after it.
    if text.endswith(rewritten) and (markup is Markup.BLOCK or then.startswith("\r\n")):
        return text.removesuffix(rewritten)
    return text.removesuffix(gap)
