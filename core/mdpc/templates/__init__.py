"""The texts that ship with mdpc: a template for each kind of notice and each language, part of the package's code."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from mdpc.templating import Text

NOTICE, ACHIEVED = "notice", "achieved"
"""The kinds: a step of the ladder, and a milestone that is achieved."""

ENGLISH = "en"
LANGUAGES = (ENGLISH, "de")


def _shipped(name: str) -> Text:
    return Text(files("mdpc.templates").joinpath(name).read_text(encoding="utf-8"), f"mdpc/templates/{name}")


_SHIPPED: Mapping[tuple[str, str], Text] = {
    (kind, language): _shipped(f"{kind}.md" if language == ENGLISH else f"{kind}.{language}.md")
    for kind in (NOTICE, ACHIEVED)
    for language in LANGUAGES
}


def shipped(kind: str, language: str) -> Text:
    """The text of a kind in a language; in English where it is in no other."""
    return _SHIPPED.get((kind, language), _SHIPPED[kind, ENGLISH])
