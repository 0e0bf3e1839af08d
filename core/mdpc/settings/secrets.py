"""Secrets: those in the file are found and refused, those in the environment are brought to their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import SecretStr

from mdpc.part_settings import PartSettings
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, variable_name

_LOOKS_LIKE = {
    "a GitHub token": re.compile(r"\b(?:gh[oprsu]_\w{6,}|github_pat_\w{6,})"),
    "an Atlassian API token": re.compile(r"\bATATT[\w=-]{6,}"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "an address with a user's name or password": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/@\"']+@", re.IGNORECASE),
}

_CALLED_SECRET = re.compile(r"passw(or)?d|passphrase|\bpwd\b|secret|token|api_?-?key|private_?-?key|\bpat\b|credential")


def secret_fields(settings: type[PartSettings]) -> tuple[str, ...]:
    """The keys of a part's table that hold secrets: those of type SecretStr."""
    return tuple(name for name, info in settings.model_fields.items() if _is_secret(info.annotation))


def without_secrets(
    table: Mapping[str, Any], settings: type[PartSettings], path: KeyPath, problems: Problems
) -> dict[str, Any]:
    """A part's table of the file without the secrets in it, each of them a problem.

    Keys that do not exist and are called as secrets are (`password`) hold one all the same.
    """
    found = {name: key for name in table if (key := _secret_meant(name, settings))}
    for name, key in found.items():
        variables = [variable_name(*(str(part) for part in path), key)]
        variables += [settings.env_fallback[key]] if key in settings.env_fallback else []
        what = "this is a secret" if name == key else "there is no such key, and by its name this is a secret"
        problems.hide(str(table[name]))
        problems.add(
            (*path, name),
            f"{what}, and secrets do not belong in a file",
            f"take it out of the file, revoke it, and set {' or '.join(variables)}",
            settles=True,
            in_file=True,
        )
    return {name: value for name, value in table.items() if name not in found}


def _secret_meant(name: str, settings: type[PartSettings]) -> str | None:
    """The key for a secret that a key of a part's table is, or by its name is meant to be; None for others."""
    secrets = secret_fields(settings)
    if name in secrets:
        return name
    if name in settings.model_fields:
        return None
    close = get_close_matches(name.casefold(), secrets, n=1, cutoff=0.75)
    if close:
        return close[0]
    return "token" if _CALLED_SECRET.search(name.casefold()) else None


def with_secrets(  # noqa: PLR0913 - where it is read, what it is for, where problems go
    table: Mapping[str, Any],
    settings: type[PartSettings],
    environ: Mapping[str, str],
    path: KeyPath,
    problems: Problems,
    *,
    fall_back: bool,
) -> dict[str, Any]:
    """A part's table with its secrets: from its own variables, else (where allowed) from its usual ones."""
    result = dict(table)
    for name in secret_fields(settings):
        value = str(result.pop(name, "")).strip()
        usual = settings.env_fallback.get(name, "")
        if not value and fall_back and (value := environ.get(usual, "").strip()):
            problems.came_from((*path, name), usual)
        if value:
            result[name] = SecretStr(value)
    _report_unusable(result.get("token"), (*path, "token"), problems)
    return result


def _report_unusable(token: object, path: KeyPath, problems: Problems) -> None:
    """Report a token that no request can carry; what was pasted along with it is rarely seen."""
    secret = token.get_secret_value() if isinstance(token, SecretStr) else ""
    if "\n" in secret or "\r" in secret:
        problems.add(path, "the token has a line end in it", "set it again, as one line and nothing else")
    elif not (secret.isascii() and secret.isprintable()):
        problems.add(path, "the token holds a character that no token has", "set it again, exactly as it was given")


def report_secrets(tables: Mapping[str, Any], problems: Problems) -> None:
    """Name every value that looks like a secret; the value itself is never told."""
    for path, value in _texts((), tables):
        if kind := _kind_of_secret(value, problems):
            problems.add(path, *_sentence(kind, path), settles=True)


def report_secret_lines(text: str, problems: Problems) -> None:
    """The same of the lines of a file, comments too, as far as what stands in them is no problem already."""
    for number, line in enumerate(text.splitlines(), start=1):
        path = problems.at(number)
        known = problems.settled(path) or (path and problems.settled_inside(path))
        if not known and (kind := _kind_of_secret(line, problems)):
            problems.add_line(number, *_sentence(kind, path))


def _kind_of_secret(text: str, problems: Problems) -> str | None:
    """What a text gives away, which no later sentence then repeats; None for harmless text."""
    for kind, pattern in _LOOKS_LIKE.items():
        found = pattern.search(text)
        if found:
            problems.hide(found[0])
            return kind
    return None


def _sentence(kind: str, path: KeyPath) -> tuple[str, str]:
    known = path[:1] in (("connectors",), ("channels",)) and len(path) > 1
    table, name = (str(path[0]), str(path[1])) if known else ("connectors", "github")
    key = "token" if table == "connectors" else "..."
    return (
        f"this looks like {kind}, and secrets come from their own environment variables alone",
        f"take it out, revoke it, and set the {table.removesuffix('s')}'s variable: {variable_name(table, name, key)}",
    )


def _texts(path: KeyPath, value: object) -> Iterator[tuple[KeyPath, str]]:
    """Every text of the tables, keys included, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*path, key), key
            yield from _texts((*path, key), inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts((*path, index), inner)


def _is_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(_is_secret(part) for part in get_args(annotation))
