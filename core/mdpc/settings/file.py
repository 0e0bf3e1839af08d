"""Reading the configuration: the file, the environment over it, and every check that needs no network.

The words of the format stand in `mdpc.settings`, those of environment variables in `mdpc.settings.env`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mdpc.installed import channel_class, connector_class, installed_rules
from mdpc.settings import Settings
from mdpc.settings.checks import cross_check
from mdpc.settings.env import overlaid, read_environment, report_unknown
from mdpc.settings.parts import Parts, read_parts
from mdpc.settings.people_file import KEY, PeopleFile, read_people_file, with_people
from mdpc.settings.places import Places
from mdpc.settings.problems import Problems, SettingsError, SettingsProblem
from mdpc.settings.raw import table_of
from mdpc.settings.secrets import report_secret_lines, report_secrets, without_secrets
from mdpc.settings.template_files import with_templates
from mdpc.settings.toml_text import Fault, tables_in
from mdpc.settings.words import validated

__all__ = ["MINIMAL", "SettingsError", "SettingsProblem", "from_tables", "load"]

MINIMAL = '[connectors.github]\nrepositories = ["acme/*"]\naccess = "read"'
"""The three lines that are enough for a first run."""

_MINIMAL_LINE = " / ".join(MINIMAL.splitlines())


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The configuration of a file, with what `environ` says laid over it.

    Raises SettingsError with every problem that can be found without a network: no such file, TOML that cannot be
    read, unknown or wrong keys, secrets in the file, and what does not fit together.
    """
    text = _text(path)
    tables = tables_in(text)
    if isinstance(tables, Fault):
        problems = Problems(str(path))
        report_secret_lines(text, problems)
        problems.add_line(tables.line, tables.what, tables.next_step)
        raise SettingsError(problems.found())
    return _settings(tables, environ, path, text)


def from_tables(tables: Mapping[str, Any], environ: Mapping[str, str], *, file: str = "command line") -> Settings:
    """The configuration that a file with these tables would be, checked in the same way.

    `file` is what problems name as their place. Raises SettingsError with all of them.
    """
    return _settings(tables, environ, Path(file), None)


def _settings(tables: Mapping[str, Any], environ: Mapping[str, str], file: Path, text: str | None) -> Settings:
    named = overlaid(tables, read_environment(environ, tables).tables).get(KEY)
    people = read_people_file(named, file.parent, tables)
    own = table_of(tables, "people")
    if isinstance(people, PeopleFile):
        tables = with_people(tables, people.people)
    layer = read_environment(environ, tables)
    problems = Problems(str(file), None if text is None else Places(text), layer.variables)
    there = people.report(own, problems) if isinstance(people, PeopleFile) else problems
    if isinstance(people, Fault):
        problems.add((KEY,), people.what, people.next_step)
    report_unknown(environ, tables, problems)
    tables = _without_secrets(tables, problems)
    merged = overlaid(tables, layer.tables)
    report_secrets(_without_secrets(merged, Problems(str(file))), problems)
    report_secret_lines(text or "", problems)
    report_secret_lines(people.text if isinstance(people, PeopleFile) else "", there)
    parts = read_parts(merged, environ, problems)
    if not merged.get("connectors"):
        problems.add((), "no tracker is configured", f"three lines are enough for a start: {_MINIMAL_LINE}")
    settings = validated(Settings, _assembled(merged, parts), (), problems)
    cross_check(merged, parts.types, installed_rules(), problems)
    if settings is not None:
        settings = with_templates(settings, file.parent, problems)
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
