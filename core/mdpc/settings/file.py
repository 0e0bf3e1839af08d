"""Reading the configuration: the file, the environment over it, and every check that needs no network.

The words of the format stand in `mdpc.settings`, those of environment variables in `mdpc.settings.env`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mdpc.installed import channel_class, connector_class, installed_rules
from mdpc.settings import Settings
from mdpc.settings.checks import cross_check
from mdpc.settings.env import overlaid, read_environment, report_unknown
from mdpc.settings.parts import Parts, read_parts
from mdpc.settings.places import Places
from mdpc.settings.problems import Problems, SettingsError, SettingsProblem
from mdpc.settings.secrets import report_secrets, without_secrets
from mdpc.settings.words import validated

__all__ = ["MINIMAL", "SettingsError", "SettingsProblem", "from_tables", "load"]

MINIMAL = '[connectors.github]\nrepositories = ["acme/*"]\naccess = "read"'
"""The three lines that are enough for a first run."""

_MINIMAL_LINE = " / ".join(MINIMAL.splitlines())
_AT = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The configuration of a file, with what `environ` says laid over it.

    Raises SettingsError with every problem that can be found without a network: no such file, TOML that cannot be
    read, unknown or wrong keys, secrets in the file, and what does not fit together.
    """
    text = _text(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems = Problems(str(path))
        report_secrets({}, text, problems)
        _report_syntax(str(error), text.splitlines(), problems)
        raise SettingsError(problems.found()) from None
    return _settings(tables, environ, str(path), text)


def from_tables(tables: Mapping[str, Any], environ: Mapping[str, str], *, file: str = "command line") -> Settings:
    """The configuration that a file with these tables would be, checked in the same way.

    `file` is what problems name as their place. Raises SettingsError with all of them.
    """
    return _settings(tables, environ, file, None)


def _settings(tables: Mapping[str, Any], environ: Mapping[str, str], file: str, text: str | None) -> Settings:
    layer = read_environment(environ, tables)
    problems = Problems(file, None if text is None else Places(text), layer.variables)
    report_unknown(environ, tables, problems)
    tables = _without_secrets(tables, problems)
    merged = overlaid(tables, layer.tables)
    report_secrets(_without_secrets(merged, Problems(file)), text or "", problems)
    parts = read_parts(merged, environ, problems)
    if not merged.get("connectors"):
        problems.add((), "no tracker is configured", f"three lines are enough for a start: {_MINIMAL_LINE}")
    settings = validated(Settings, _assembled(merged, parts), (), problems)
    cross_check(merged, parts.types, installed_rules(), problems)
    found = problems.found()
    if found or settings is None:
        raise SettingsError(found)
    return settings


def _assembled(tables: Mapping[str, Any], parts: Parts) -> dict[str, Any]:
    """The tables with those parts in place that were read by themselves already."""
    return {
        **tables,
        "connectors": parts.connectors,
        "people": parts.people,
        "programs": parts.programs,
        "owners": parts.owners or {},
        "rules": parts.rules,
        "overrides": parts.overrides,
        "waivers": parts.waivers,
        "gates": parts.gates,
        "channels": parts.channels,
    }


def _without_secrets(tables: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """The tables without what stands in keys for secrets, each of which is a problem."""
    found = dict(tables)
    for key, load in (("connectors", connector_class), ("channels", channel_class)):
        table = tables.get(key)
        if isinstance(table, Mapping):
            found[key] = _bare(key, table, load, problems)
    return found


def _bare(key: str, tables: Mapping[str, Any], load: Callable[[str], Any], problems: Problems) -> dict[str, Any]:
    kept = dict(tables)
    for name, table in tables.items():
        if isinstance(table, Mapping):
            try:
                found = load(str(table.get("type", name)))
            except Exception:  # noqa: S112 - reading the part's table says what is wrong with it
                continue
            kept[name] = without_secrets(table, found.Settings, (key, name), problems)
    return kept


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        what = "there is no such file"
        step = f"write one (three lines are enough: {_MINIMAL_LINE}), or name another with --config"
    except UnicodeDecodeError:
        what, step = "this is not text in UTF-8", "save it in that encoding"
    except OSError as error:
        what, step = f"cannot be read ({error.strerror})", "name a file that can be, with --config"
    raise SettingsError([SettingsProblem(str(path), None, "", what, step)])


def _report_syntax(message: str, lines: Sequence[str], problems: Problems) -> None:
    """What `tomllib` stumbled over, its line, and the usual reason."""
    place = _AT.search(message)
    number = int(place["line"]) if place and place["line"] else len(lines)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    problems.add_line(number, f"this is not TOML: {_AT.sub('', message)}", _usual_reason(message, line))


def _usual_reason(message: str, line: str) -> str:
    if "overwrite" in message or "twice" in message:
        return "a key or table may stand there once only: join the two"
    if "Unescaped" in message or ("\\" in line and "escape" in message.lower()):
        return "write text with backslashes in single quotes: '^v?\\d+'"
    if re.match(r"\s*[\w.-]+\s*:", line):
        return 'write key = "value", with =, not :'
    if "Invalid value" in message and "end of document" not in message:
        return 'put text in quotes: key = "value"'
    return "look for a quote or bracket that is not closed, here or just above"
