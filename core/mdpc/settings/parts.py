"""The tables of a configuration, read one by one, so that a mistake in one hides none in another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from pydantic import BaseModel, SecretStr

from mdpc.channel_settings import ChannelSettings
from mdpc.connector_settings import ConnectorSettings
from mdpc.installed import channel_class, channel_types, connector_class, connector_types, installed_rules
from mdpc.judge import laid_over
from mdpc.part_settings import PartSettings
from mdpc.settings import Gate, Override, Owners, Person, Program, RuleValue, Waiver
from mdpc.settings.checks import report_unknown_rule
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, one_of, quoted, variable_name
from mdpc.settings.secrets import with_secrets
from mdpc.settings.words import attempted, validated

Model = TypeVar("Model", bound=BaseModel)


@dataclass(slots=True)
class Parts:
    """What of a configuration could be read, ready for `Settings`.

    `types` are the types of all configured connectors by name, also of those whose tables have mistakes.
    """

    types: dict[str, str] = field(default_factory=dict)
    connectors: dict[str, ConnectorSettings] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    programs: tuple[Program, ...] = ()
    owners: Owners | None = None
    rules: dict[str, RuleValue] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    gates: tuple[Gate, ...] = ()
    channels: dict[str, ChannelSettings] = field(default_factory=dict)


def read_parts(tables: Mapping[str, Any], environ: Mapping[str, str], problems: Problems) -> Parts:
    """Every table that can be read by itself; what cannot is a problem and left out."""
    parts = Parts()
    parts.types, parts.connectors = _read_installed(_CONNECTORS, tables, environ, problems)
    _, parts.channels = _read_installed(_CHANNELS, tables, environ, problems)
    for name, raw in _entries(tables, "people", problems):
        person = _person(raw, ("people", name), parts, problems)
        if person:
            parts.people[name] = person
    parts.programs = _list_of(Program, tables, "programs", problems)
    parts.owners = validated(Owners, tables.get("owners", {}), ("owners",), problems)
    for name, raw in _entries(tables, "rules", problems):
        if _configured(name, raw, None, ("rules", name), problems):
            parts.rules[name] = raw
    parts.overrides = _list_of(Override, _with_good_rules(tables, parts, problems), "overrides", problems)
    parts.waivers = _list_of(Waiver, tables, "waivers", problems)
    parts.gates = _list_of(Gate, tables, "gates", problems)
    return parts


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of installed parts: the table of their tables, what one is called, and how to find them."""

    table: str
    word: str
    load: Callable[[str], Any]
    types: Callable[[], tuple[str, ...]]


_CONNECTORS = _Kind("connectors", "connector", connector_class, connector_types)
_CHANNELS = _Kind("channels", "channel", channel_class, channel_types)


def _read_installed(
    kind: _Kind, tables: Mapping[str, Any], environ: Mapping[str, str], problems: Problems
) -> tuple[dict[str, str], dict[str, Any]]:
    """The types of all tables of a kind by name, and the settings of those that could be read."""
    raw_tables = dict(_entries(tables, kind.table, problems))
    types = {name: str(raw.get("type", name)) if isinstance(raw, Mapping) else name for name, raw in raw_tables.items()}
    settings: dict[str, Any] = {}
    _report_alike(kind, raw_tables, problems)
    for name, raw in raw_tables.items():
        path = (kind.table, name)
        if not isinstance(raw, Mapping):
            problems.add(path, "must be a table", f"write [{kind.table}.{name}] and its keys below it")
            continue
        if set(name) & set(":/#*?[]@ "):
            problems.add(path, f"a {kind.word}'s name stands in addresses", 'write letters, digits and "-" alone')
        found = _part(kind, types[name], raw, path, problems)
        if found:
            # one token belongs to one host: of several connectors of a type only its namesake takes the usual variable
            alone = list(types.values()).count(types[name]) == 1
            fall_back = alone or types[name] == name
            table = with_secrets(raw, found.Settings, environ, path, problems, fall_back=fall_back)
            for secret in (value for value in table.values() if isinstance(value, SecretStr)):
                problems.hide(secret.get_secret_value())
            table["type"] = types[name]
            read = validated(found.Settings, table, path, problems)
            if read:
                settings[name] = read
                _report_missing(read, path, problems)
    return types, settings


def _report_missing(settings: PartSettings, path: KeyPath, problems: Problems) -> None:
    """Report what the table lacks for what it has to work; it can come from the environment, as secrets do."""
    for key, why in settings.missing().items():
        step = f"set {variable_name(*map(str, path), key)}"
        problems.add((*path, key), f"this is missing: {why}", step)


def _report_alike(kind: _Kind, names: Iterable[str], problems: Problems) -> None:
    """Report parts that environment variables, where their secrets come from, cannot tell apart."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(variable_name(kind.table, name), name)
        if other != name:
            what = f"{quoted(name)} and {quoted(other)} are the same in names of environment variables"
            problems.add((kind.table, name), what, "rename one of them")


def _part(kind: _Kind, of_type: str, raw: Mapping[str, Any], path: KeyPath, problems: Problems) -> Any:
    try:
        return kind.load(of_type)
    except KeyError:
        types = kind.types()
        step = did_you_mean(of_type, types, f"the types are {one_of(types)}: name the table so, or write type = ...")
        place = (*path, "type") if "type" in raw else path
        problems.add(place, f"no {kind.word} of type {quoted(of_type)} is installed", step)
    except Exception as error:
        problems.add(path, f"the {kind.word} {quoted(of_type)} cannot be loaded ({error})", "install its package again")
    return None


def _person(raw: object, path: KeyPath, parts: Parts, problems: Problems) -> Person | None:
    if not isinstance(raw, Mapping):
        problems.add(path, "must be a table", 'write the logins into it, such as { github = "alice-gh" }')
        return None
    trackers = dict.fromkeys([*parts.types, *connector_types()])
    logins: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for key, value in raw.items():
        if key in Person.model_fields and key != "logins":
            rest[key] = value
        elif key not in trackers:
            known = [*trackers, *(name for name in Person.model_fields if name != "logins")]
            step = did_you_mean(key, known, f"the keys here are {one_of(known)}")
            problems.add((*path, key), "there is no such key", step)
        elif not isinstance(value, str) or not value.strip().removeprefix("@"):
            problems.add((*path, key), "must be a login", 'put it in quotes, such as "alice-gh"')
        elif value.startswith("@"):
            problems.add((*path, key), "a login stands here without @", f"write {quoted(value[1:])}")
        else:
            logins[key] = value
    return validated(Person, {**rest, "logins": logins}, path, problems)


def _configured(name: str, value: object, base: RuleValue | None, path: KeyPath, problems: Problems) -> bool:
    """Whether a rule can be made of a value, laid over the one of `[rules]` where that is there."""
    if report_unknown_rule(name, path, installed_rules(), problems):
        return False
    if not isinstance(value, str | Mapping):
        step = 'write "off", "warn", "error", or a table such as { level = "warn" }'
        problems.add(path, "must be a level or a table", step)
        return False
    rule = installed_rules()[name]
    whole = laid_over(base, cast(RuleValue, value))
    return attempted(lambda: rule.configure(whole), rule, value, path, problems) is not None


def _entries(tables: Mapping[str, Any], key: str, problems: Problems) -> Iterator[tuple[str, Any]]:
    table = tables.get(key, {})
    if isinstance(table, Mapping):
        yield from table.items()
    else:
        problems.add((key,), "must be a table", f"write [{key}]")


def _with_good_rules(tables: Mapping[str, Any], parts: Parts, problems: Problems) -> dict[str, Any]:
    """The overrides without those of their rules that cannot be used, each of which is a problem."""
    overrides = tables.get("overrides", [])
    if not isinstance(overrides, list | tuple):
        return {"overrides": overrides}
    good: list[Any] = []
    for index, raw in enumerate(overrides):
        rules = raw.get("rules") if isinstance(raw, Mapping) else None
        if isinstance(rules, Mapping):
            path = ("overrides", index, "rules")
            base = parts.rules.get
            kept = {
                name: value
                for name, value in rules.items()
                if _configured(name, value, base(name), (*path, name), problems)
            }
            good.append({**raw, "rules": kept})
        else:
            good.append(raw)
    return {"overrides": good}


def _list_of(model: type[Model], tables: Mapping[str, Any], key: str, problems: Problems) -> tuple[Model, ...]:
    raw = tables.get(key, [])
    if not isinstance(raw, list | tuple):
        problems.add((key,), "must be a list of tables", f"write [[{key}]], with two brackets")
        return ()
    found = (validated(model, entry, (key, index), problems) for index, entry in enumerate(raw))
    return tuple(entry for entry in found if entry is not None)
