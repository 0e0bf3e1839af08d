"""mdpc's own place in a description: found, written and taken out again without touching people's own text.

On GitHub it is a block between `<!-- mdpc:begin -->` and `<!-- mdpc:end -->`, on Jira one plain line that starts with
`mdpc:` and ends with the milestone's id in brackets. Placing is reversible to the byte: what was null, empty or ended
in blank lines is that again once the status is taken out.
"""

from __future__ import annotations

import re

from mdpc.model import Markup

BEGIN = "<!-- mdpc:begin -->"
END = "<!-- mdpc:end -->"

_DEEPEST = 20
"""Marks inside one another that are looked for; only somebody who means harm writes more."""

_GAP = {Markup.BLOCK: "\n\n", Markup.LINE: "\n"}
_PATTERN = {
    # A begin without an end is people's text: it must not swallow what stands between it and the real block.
    Markup.BLOCK: re.compile(f"{re.escape(BEGIN)}(?:(?!{re.escape(BEGIN)}).)*?{re.escape(END)}", re.DOTALL),
    Markup.LINE: re.compile(r"^mdpc: [^\r\n]* \[m[0-9a-f]{12}\]$", re.MULTILINE),
}


def find(description: str | None, markup: Markup) -> str | None:
    """mdpc's status in a description, without the gap before it; None where there is none.

    Line ends are given as `\\n`, since a tracker's editor may have changed them. Of several (somebody pasted one) it is
    the last, for mdpc writes after people's own text.
    """
    found = _PATTERN[markup].findall(description or "")
    return found[-1].replace("\r\n", "\n") if found else None


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
        own = "".join(_without_gap(part, markup) for part in before) + after
        was_empty = markup is Markup.BLOCK and any(_without_gap(part, markup) != part for part in before)
        if not own:
            return "" if was_empty else None
    return own


def _without_gap(text: str, markup: Markup) -> str:
    gap = _GAP[markup]
    rewritten = gap.replace("\n", "\r\n")  # by an editor; for a lone line end, \r may be people's own
    if markup is Markup.BLOCK and text.endswith(rewritten):
        return text.removesuffix(rewritten)
    return text.removesuffix(gap)
