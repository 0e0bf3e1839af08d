"""Which texts of the environment are secrets, for a log that can be told what to hide.

It goes by what installed connectors and channels declare a secret (`SecretStr`), whether or not the configuration can
be read: what is wrong with that is told in the same log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mdpc.installed import channel_class, channel_types, connector_class, connector_types
from mdpc.settings.env import decoded, path_of
from mdpc.settings.secrets import secret_fields

SHORTEST = 4
"""Characters below which nothing is hidden: every log is full of them, and would be unreadable."""

_WRITEBACK = "writeback"
"""Its heartbeat's address is no password, but whoever knows it can call it."""

_LINE_ENDS = re.compile(r"\r\n|\r|\n|\\n")
"""Those of a key in PEM, too, where it is set on one line."""


@dataclass(frozen=True, slots=True)
class _Kind:
    fields: frozenset[str]
    variables: frozenset[str]


def secrets_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every line of every secret that the environment holds, the longest first; none of them is short.

    What is a secret of any installed type is one of all parts of that kind: better one text too many.
    """
    kinds = {
        "connectors": _kind(connector_types(), connector_class),
        "channels": _kind(channel_types(), channel_class),
        _WRITEBACK: _Kind(frozenset({"heartbeat_url"}), frozenset()),
    }
    usual = frozenset().union(*(kind.variables for kind in kinds.values()))
    found: set[str] = set()
    for name, value in environ.items():
        secrets = [value] if name.upper() in usual else _held(path_of(name), value, kinds)
        found |= {line.strip() for secret in secrets for line in _LINE_ENDS.split(secret)}
    return tuple(sorted((each for each in found if len(each) >= SHORTEST), key=lambda each: (-len(each), each)))


def _kind(types: tuple[str, ...], load: Callable[[str], Any]) -> _Kind:
    fields: set[str] = set()
    variables: set[str] = set()
    for name in types:
        try:
            settings = load(name).Settings
        except Exception:  # noqa: S112 - one that cannot be loaded takes no secret, and reading its table says so
            continue
        secrets = secret_fields(settings)
        fields |= set(secrets)
        variables |= {settings.env_fallback[each].upper() for each in secrets if each in settings.env_fallback}
    return _Kind(frozenset(fields), frozenset(variables))


def _held(path: tuple[str, ...], value: str, kinds: Mapping[str, _Kind]) -> Iterator[str]:
    """The secrets in a variable: one of its own, or in the JSON of a whole table."""
    kind = kinds.get(path[0]) if path else None
    if kind is None:
        return
    if path[-1] in kind.fields and (len(path) > 2 or path[0] == _WRITEBACK):
        yield value
    elif len(path) <= 2:
        yield from _in_tables(decoded(value), kind.fields)


def _in_tables(value: object, fields: frozenset[str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if str(key).lower() in fields and isinstance(inner, str):
                yield inner
            yield from _in_tables(inner, fields)
