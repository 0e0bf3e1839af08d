"""What the environment says: `MDPC_<TABLE>__<KEY>`, laid over the tables of the file.

In a variable's name every character of a connector's, person's or rule's name that is neither a letter nor a digit is
written `_`, and case does not matter: `MDPC_CONNECTORS__ACME_JIRA__TOKEN` is for `[connectors.acme-jira]`. Text,
numbers, dates and true or false are written as they are, lists and tables as JSON. An empty variable counts as unset.
The environment completes the table of a connector or a channel, it does not add one: a token of a tracker that the file
does not name is no configuration.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, SkipValidation, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from mdpc.installed import connector_types, installed_rules
from mdpc.settings import Settings
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import DELIMITER, PREFIX, Problems, did_you_mean, variable_name, variable_part

_PARTS = ("connectors", "channels")

_NO_SETTINGS = frozenset({"debug"})
"""What the command line itself reads: MDPC_DEBUG."""


@dataclass(slots=True)
class Layer:
    """What the environment says: `tables` as the file would, and the variable that each value came from."""

    tables: dict[str, Any] = field(default_factory=dict)
    variables: dict[KeyPath, str] = field(default_factory=dict)


class _Shape(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=DELIMITER, env_ignore_empty=True)


class _Environment(EnvSettingsSource):
    """pydantic-settings' own reading of names, from a given environment and without guessing at types.

    Only lists and tables are JSON: a login of digits stays text, and pydantic reads numbers from text itself.
    """

    def __init__(self, shape: type[BaseSettings], environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(shape)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        # a variable for a whole table comes first, for what comes later is laid over it
        named = sorted(self._environ.items(), key=lambda entry: entry[0].count(DELIMITER))
        return {name.lower(): value for name, value in named if value}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002 - theirs
        """A list or a table from JSON; anything else, broken JSON too, stays the text it is."""
        return decoded(value)


def read_environment(environ: Mapping[str, str], tables: Mapping[str, Any]) -> Layer:
    """What the environment says about a configuration whose file holds `tables`."""
    layer = Layer()
    names = _Names(tables)
    for top, value in _Environment(_shape(), environ)().items():
        layer.tables[top] = names.table(top, value) if isinstance(value, dict) else value
    for name in environ:
        path = names.path(path_of(name))
        if path and environ[name]:
            layer.variables |= dict.fromkeys(_leaves(path, layer.tables), name)
    for table in _PARTS:
        parts = layer.tables.get(table)
        if isinstance(parts, dict):
            for name in parts.keys() - set(_keys(tables, table)) - set(_whole_tables(table, environ, names)):
                del parts[name]
    return layer


def report_unknown(environ: Mapping[str, str], tables: Mapping[str, Any], problems: Problems) -> None:
    """Name every `MDPC_` variable that no table of the configuration could have."""
    known = [PREFIX + DELIMITER.join(path).upper() for path in _known_paths()]
    parts = {"connectors": [*_keys(tables, "connectors"), *connector_types()], "channels": _keys(tables, "channels")}
    for name in sorted(environ):
        top, *rest = path_of(name) or ("connectors",)
        if _kind(top) == "list" and rest:
            problems.add_variable(name, "a list cannot be set entry by entry", f"set {PREFIX}{top.upper()} to JSON")
        elif _kind(top) is None or (rest and _kind(top) == "value") or "" in rest:
            example = f"write {PREFIX}<TABLE>{DELIMITER}<KEY>, such as MDPC_LIMITS__ADOPT=20"
            problems.add_variable(name, "mdpc knows no such variable", did_you_mean(name, known, example))
        elif top in parts and len(rest) > 1 and _spelt(rest[0], parts[top]) not in parts[top]:
            likely = [variable_name(top, part, *rest[1:]) for part in parts[top]]
            step = did_you_mean(name, likely, f"the file's [{top}] tables name them")
            problems.add_variable(name, f"no {top.removesuffix('s')} has this name", step)


def overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables with other tables laid over them, key by key; a list replaces a list."""
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        merged[key] = overlaid(lower, value) if isinstance(lower, Mapping) and isinstance(value, Mapping) else value
    return merged


def _shape() -> type[BaseSettings]:
    """The configuration's outermost keys, with just enough of their types to read variables."""
    types: Mapping[str | None, Any] = {"table": dict, "list": list, "value": str}
    fields = {name: (Annotated[types[_kind(name)], SkipValidation], ...) for name in Settings.model_fields}
    return create_model("Shape", __base__=_Shape, **fields)  # type: ignore[call-overload, no-any-return]


def _kind(name: str) -> Literal["table", "list", "value"] | None:
    """What an outermost key of the configuration holds; None where there is no such key."""
    if name not in Settings.model_fields:
        return None
    annotation = _given(Settings.model_fields[name].annotation)
    outer = get_origin(annotation) or annotation
    if not isinstance(outer, type):
        return "value"
    return "table" if issubclass(outer, Mapping | BaseModel) else "list" if issubclass(outer, tuple) else "value"


def _given(annotation: Any) -> Any:
    """What a key holds where it is given: of a table that may be missing, that table."""
    given = [part for part in get_args(annotation) if part is not NoneType]
    table = len(given) == 1 and isinstance(given[0], type) and issubclass(given[0], BaseModel)
    return given[0] if table and NoneType in get_args(annotation) else annotation


def _leaves(path: KeyPath, tables: object) -> Iterator[KeyPath]:
    """The paths of the values that a variable at `path` gave: itself, or what its JSON holds."""
    inner = tables
    for part in path:
        inner = inner.get(part) if isinstance(inner, dict) else None
    if isinstance(inner, dict) and inner:
        for key in inner:
            yield from _leaves((*path, key), tables)
    else:
        yield path


def _whole_tables(table: str, environ: Mapping[str, str], names: _Names) -> Iterator[str]:
    """The connectors, or channels, that the environment gives as a whole, in JSON: those it may add."""
    for name, value in environ.items():
        path, held = path_of(name), decoded(value)
        if path[:1] == (table,) and len(path) <= 2 and isinstance(held, dict):
            yield from names.path(path)[1:] or held


def decoded(value: str) -> Any:
    """What a variable holds: a list or a table where it is JSON of one, else its text."""
    try:
        return json.loads(value) if value.lstrip().startswith(("[", "{")) else value
    except ValueError:
        return value


def path_of(variable: str) -> tuple[str, ...]:
    """The parts of a variable's name without the prefix, lower-cased; () where it is not one of mdpc's."""
    if not variable.upper().startswith(PREFIX):
        return ()
    path = variable[len(PREFIX) :].lower()
    return () if path in _NO_SETTINGS else tuple(path.split(DELIMITER))


def _known_paths() -> Iterator[tuple[str, ...]]:
    for name, info in Settings.model_fields.items():
        yield (name,)
        table = _given(info.annotation)
        if isinstance(table, type) and issubclass(table, BaseModel):
            yield from ((name, key) for key in table.model_fields)


class _Names:
    """Gives parts of variables' names their spelling in the file, as far as the file or an installed part has it."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._known: dict[str, list[str]] = {
            "connectors": [*_keys(tables, "connectors"), *connector_types()],
            "channels": _keys(tables, "channels"),
            "people": _keys(tables, "people"),
            "rules": [*_keys(tables, "rules"), *installed_rules()],
        }

    def path(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """A path of lower-case parts in the file's spelling."""
        if len(path) < 2 or path[0] not in self._known:
            return path
        second = _spelt(path[1], self._known[path[0]])
        if path[0] == "people" and len(path) > 2:
            return (path[0], second, _spelt(path[2], self._known["connectors"]), *path[3:])
        return (path[0], second, *path[2:])

    def table(self, top: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A table of the environment with the file's spelling of its keys."""
        result: dict[str, Any] = {}
        for name, value in values.items():
            spelt = self.path((top, name))[-1]
            if top == "people" and isinstance(value, dict):
                result[spelt] = {self.path((top, name, key))[-1]: login for key, login in value.items()}
            else:
                result[spelt] = value
        return result


def _keys(tables: Mapping[str, Any], top: str) -> list[str]:
    table = tables.get(top)
    return list(table) if isinstance(table, Mapping) else []


def _spelt(part: str, known: Iterable[str]) -> str:
    """The first known name that is written like this in a variable, else the part itself."""
    return next((name for name in known if variable_part(name) == variable_part(part)), part)
