"""The configuration's format as JSON Schema, for editors: with everything that is installed, and without secrets. Pure.

It knows what one key can hold, and nothing of what several keys say together: `mdpc check-config` knows both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel

from mdpc.model import Level
from mdpc.part_settings import PartSettings
from mdpc.rules.base import Rule
from mdpc.settings import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_WORDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""What pydantic leaves in its own words where a validator of ours comes before a bound."""

Schema = dict[str, Any]


def schema_of(
    connectors: Mapping[str, type[PartSettings]],
    channels: Mapping[str, type[PartSettings]],
    rules: Mapping[str, type[Rule]],
) -> Schema:
    """The schema of a configuration file; the arguments are the installed types by name, and the rules."""
    shared: Schema = {}
    found = _hoisted("", Settings, shared)
    properties = found["properties"]
    for table, word, types in (("connectors", "connector", connectors), ("channels", "channel", channels)):
        properties[table] |= _parts(word, types, shared)
    for name, rule in rules.items():
        shared[f"rule {name}"] = _rule(name, rule, shared)
    by_rule = {
        "properties": {name: {"$ref": f"#/$defs/rule {name}"} for name in rules},
        "additionalProperties": False,
    }
    properties["rules"] |= by_rule
    shared["Override"]["properties"]["rules"] |= by_rule
    shared["Waiver"]["properties"]["rules"]["items"] = {"enum": list(rules)}
    _with_logins(shared["Person"], connectors)
    shared.pop("ConnectorSettings", None)
    shared.pop("ChannelSettings", None)
    head = {"$schema": DIALECT, "title": "The configuration of mdpc"}
    return cast(Schema, _tidied(head | found | {"$defs": dict(sorted(shared.items()))}))


def _hoisted(prefix: str, model: type[BaseModel], shared: Schema) -> Schema:
    """A model's schema, with what it refers to among the shared definitions, told apart by a prefix."""
    found = model.model_json_schema(ref_template=f"#/$defs/{prefix}{{model}}")
    shared |= {f"{prefix}{name}": each for name, each in found.pop("$defs", {}).items()}
    return found


def _parts(word: str, types: Mapping[str, type[PartSettings]], shared: Schema) -> Schema:
    """Tables by name, each of the type that it says, or else is named after."""
    for name, settings in types.items():
        shared[f"{word} {name}"] = _part(f"{word} {name} ", name, settings, shared)
    by_type = [{"if": _has_type(name), "then": {"$ref": f"#/$defs/{word} {name}"}} for name in types]
    known = {"properties": {"type": {"enum": list(types)}}, "allOf": by_type}
    namesakes = {
        name: {"if": {"required": ["type"]}, "then": known, "else": {"$ref": f"#/$defs/{word} {name}"}}
        for name in types
    }
    return {"properties": namesakes, "additionalProperties": {"required": ["type"], **known}}


def _has_type(name: str) -> Schema:
    return {"required": ["type"], "properties": {"type": {"const": name}}}


def _part(prefix: str, name: str, settings: type[PartSettings], shared: Schema) -> Schema:
    found = _hoisted(prefix, settings, shared)
    properties = {key: each for key, each in found["properties"].items() if not _is_secret(each)}
    properties["type"] = {"const": name, "description": "default: the table's name"}
    required = [key for key in found.get("required", ()) if key != "type"]
    return {**found, "properties": properties, "required": required}


def _is_secret(key: Schema) -> bool:
    """Whether a key is of type SecretStr, which comes from the environment alone."""
    return any(each.get("format") == "password" for each in (key, *key.get("anyOf", ())))


def _rule(name: str, rule: type[Rule], shared: Schema) -> Schema:
    """A level, or a table with the rule's own settings."""
    table = _hoisted(f"rule {name} ", rule, shared)
    levels = {"enum": [level.value for level in Level]}
    described = {"description": f"off, warn or error (default {Level.WARN.value})"}
    table["properties"]["level"] = {**levels, **described}
    about = f"{table.pop('description', '')}\n\nDefault: {rule.default.value}.".strip()
    return {"description": about, "anyOf": [levels, table]}


def _with_logins(person: Schema, connectors: Mapping[str, type[PartSettings]]) -> None:
    """Logins stand in a person's table by the name or the type of a connector."""
    del person["properties"]["logins"]
    login = {"type": "string", "minLength": 1}
    person["properties"] |= {name: {**login, "description": f"their login on {name}"} for name in connectors}
    person["additionalProperties"] = login


def _tidied(part: Any) -> Any:
    """Without what TOML cannot say (null), and without titles that only repeat a key."""
    if isinstance(part, list):
        return [_tidied(each) for each in part]
    if not isinstance(part, dict):
        return part
    tidy = dict(_tidy(part))
    several = tidy.get("anyOf", ())
    return {**several[0], **{key: each for key, each in tidy.items() if key != "anyOf"}} if len(several) == 1 else tidy


def _tidy(part: Schema) -> Iterator[tuple[str, Any]]:
    for key, each in part.items():
        if key == "properties":
            yield key, {name: _tidied(one) for name, one in each.items()}
        elif key == "anyOf":
            yield key, [_tidied(one) for one in each if one != {"type": "null"}]
        elif not (key == "default" and each is None) and not (key == "title" and "$schema" not in part):
            yield _WORDS.get(key, key), _tidied(each)
