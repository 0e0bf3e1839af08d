"""What pydantic finds wrong with a table, in the words of somebody who writes one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from mdpc.settings import Settings
from mdpc.settings.flags import nested, taken_for_flags
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, one_of, quoted, variable_part

Model = TypeVar("Model", bound=BaseModel)

_LIST = ("must be a list", 'write it in brackets: ["...", "..."]')
_TABLE = ("must be a table", "write { key = value }, or a [TABLE] of its own")
_DATE = ("must be a date", "write a day such as 2027-02-01, without quotes")
_NUMBER = ("must be a number", "write digits without quotes")
_WHOLE = ("must be a whole number", "write digits without quotes")
_YES_NO = ("must be true or false", "write true or false, without quotes")
_EMPTY = ("must not be empty", "")

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "string_type": ("must be text", "put it in quotes"),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _TABLE,
    "mapping_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "too_short": _EMPTY,
    "string_too_short": _EMPTY,
    "greater_than_equal": ("must be at least {ge}", ""),
    "greater_than": ("must be more than {gt}", ""),
    "less_than_equal": ("must be at most {le}", ""),
    "less_than": ("must be less than {lt}", ""),
}


def validated(model: type[Model], raw: object, path: KeyPath, problems: Problems) -> Model | None:
    """The table at `path` as a value; None where it is not one, and then the problems say why."""
    return attempted(lambda: model.model_validate(raw), model, raw, path, problems)


def attempted(
    make: Callable[[], Model], model: type[BaseModel], raw: object, path: KeyPath, problems: Problems
) -> Model | None:
    """What `make` makes of `raw`, a table for `model`; None where it cannot, and then the problems say why."""
    for place in taken_for_flags(model, raw, path, problems):
        what, next_step = _YES_NO
        about = _about(model, place[len(path) :])
        problems.add(place, what, f"{next_step} ({about})" if about else next_step)
    try:
        return make()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        for detail in details:
            if not _follows_from_another(detail, details):
                _report(detail, model, raw, path, problems)
        return None


def _follows_from_another(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only since pydantic does not count an entry with a mistake, which is told itself."""
    loc = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(each["loc"]) > len(loc) and each["loc"][: len(loc)] == loc for each in details
    )


def _report(detail: ErrorDetails, model: type[BaseModel], raw: object, path: KeyPath, problems: Problems) -> None:
    kind, loc = detail["type"], detail["loc"]
    inside, value = _existing(loc, raw)
    place = (*path, *inside)
    if not loc and problems.settled_inside(path):
        return  # a validator of the whole table saw it without a key that is a problem already
    if kind == "missing":
        key = str(loc[-1])
        problems.add(
            (*place, key),
            "this is missing",
            f"write {key} = ... ({about})" if (about := _about(model, loc)) else f"write {key} = ...",
        )
    elif kind == "extra_forbidden":
        _report_unknown_key(str(loc[-1]), _model_at(model, loc[:-1]), place, problems)
    else:
        what, next_step = _sentence(detail, value)
        if problems.variable(place) and _SENTENCES.get(kind) in (_LIST, _TABLE):
            next_step = 'write JSON: ["...", "..."]' if _SENTENCES[kind] is _LIST else 'write JSON: {"key": "value"}'
        about = _about(model, loc) if kind not in ("value_error", "literal_error", "enum") else ""
        problems.add(place, what, f"{next_step} ({about})" if about and next_step else next_step or about)


def _report_unknown_key(key: str, model: type[BaseModel], place: KeyPath, problems: Problems) -> None:
    variable = problems.variable(place)
    if variable is not None and variable_part(variable).endswith(variable_part(key)):
        problems.add(place, "there is no such key", _variable_meant(variable, key, model.model_fields))
    elif len(place) > 1 and key in Settings.model_fields:
        problems.add(place, "this key belongs to no table", "write it above the first [table]")
    else:
        known = _keys(model)
        problems.add(place, "there is no such key", did_you_mean(key, known, f"the keys here are {one_of(known)}"))


def _variable_meant(variable: str, key: str, keys: Iterable[str]) -> str:
    """What to set instead of a variable whose last part is no key: secrets are keys here, too."""
    start = variable[: -len(key)]
    known = {variable_part(name): f"{start}{variable_part(name).upper()}" for name in keys if name != "type"}
    close = get_close_matches(variable_part(key), known, n=1)
    return f'did you mean "{known[close[0]]}"?' if close else f"set {one_of(known.values())}"


def _sentence(detail: ErrorDetails, value: object) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _SENTENCES:
        what, next_step = _SENTENCES[kind]
        return what.format(**context), next_step
    if kind in ("literal_error", "enum"):
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return f"{quoted(value)} is not possible here", did_you_mean(str(value), allowed, f"write {one_of(allowed)}")
    what, _, next_step = detail["msg"].removeprefix("Value error, ").partition("; ")
    return what.removesuffix("."), next_step


def _existing(loc: tuple[int | str, ...], raw: Any) -> tuple[KeyPath, object]:
    """How far a location leads into the table (pydantic's ends in names of types), and what stands there."""
    path: KeyPath = ()
    for part in loc:
        if not isinstance(raw, Mapping | list | tuple):
            break
        try:
            raw = cast(Any, raw)[part]
        except (LookupError, TypeError):
            break
        path = (*path, part)
    return path, raw


def _about(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """The description of the key that a location ends in, if it has one."""
    key = next((part for part in reversed(loc) if isinstance(part, str)), "")
    field = _model_at(model, loc[: loc.index(key)] if key else ()).model_fields.get(key)
    return (field.description or "") if field else ""


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel]:
    for part in loc:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = nested(field.annotation) or model
    return model


def _keys(model: type[BaseModel]) -> list[str]:
    """The keys to write in a table; secrets are none of them."""
    return [
        name
        for name, field in model.model_fields.items()
        if SecretStr not in (field.annotation, *get_args(field.annotation))
    ]
