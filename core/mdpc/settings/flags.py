"""Where a table has something else in place of true or false that pydantic would take for it, such as `"yes"`. Pure.

In the environment there is nothing but text, so that there `true` and `false` are written as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, variable_part

_FLAG = TypeAdapter(bool)


def taken_for_flags(model: type[BaseModel], raw: object, path: KeyPath, problems: Problems) -> Iterator[KeyPath]:
    """The keys of a table for `model` at `path`, and of tables within it, whose value only counts as true or false."""
    if not isinstance(raw, Mapping):
        return
    for name, value in raw.items():
        field = model.model_fields.get(str(name))
        if field is None:
            continue
        place = (*path, name)
        if bool in (field.annotation, *get_args(field.annotation)):
            if _is_taken(value) and not _is_text_of_variable(place, problems):
                yield place
        elif (inner := nested(field.annotation)) is not None:
            for deeper, each in _tables(value, place):
                yield from taken_for_flags(inner, each, deeper, problems)


def _tables(value: Any, place: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    """The table that a value is, or those in its list."""
    if isinstance(value, list | tuple):
        yield from (((*place, index), each) for index, each in enumerate(cast(Any, value)))
    else:
        yield place, value


def _is_taken(value: object) -> bool:
    try:
        _FLAG.validate_python(value)
    except ValidationError:
        return False  # which pydantic reports itself
    return not isinstance(value, bool)


def _is_text_of_variable(place: KeyPath, problems: Problems) -> bool:
    """Whether a variable is called after this very key; in the JSON of one for a table true and false are words."""
    variable = problems.variable(place)
    return variable is not None and variable_part(variable).endswith(f"__{variable_part(str(place[-1]))}")


def nested(annotation: Any) -> type[BaseModel] | None:
    """The table that a type is or is made of, if any."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := nested(part))), None)
