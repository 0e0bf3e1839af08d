"""The keys of titles: what makes two of them one milestone's. Pure."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_VERSION_LETTER = re.compile(r"\bv(?=\d)")


def normalise(title: str) -> str:
    """The key of a title: NFKC, without case, outer and repeated spaces, and a `v` before a digit."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return _VERSION_LETTER.sub("", _SPACES.sub(" ", folded).strip())
