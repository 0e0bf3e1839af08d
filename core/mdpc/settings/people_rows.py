"""People as a spreadsheet has them: a row each, the first row names the columns. Pure.

The columns are `name` and the keys that a person's table may have; `handles.team` is the key `team` of a table
`handles`. An empty cell leaves its key out, and a cell of a list holds several texts with `;` between them.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from mdpc.settings import Person
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import did_you_mean, one_of, quoted
from mdpc.settings.toml_text import Fault

NAME = "name"

Row = tuple[int, Sequence[str]]
"""A row's cells, and the line in which it begins."""


@dataclass(slots=True)
class Sheet:
    """The people of a CSV text as tables by name, the line of each, and what is wrong with the text."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: KeyPath) -> int | None:
        """The line of what stands at a path such as `("people", "alice", "github")`."""
        return self.lines.get(str(path[1])) if len(path) > 1 else None

    def at(self, line: int) -> KeyPath:
        """The person whose row begins in a line; () where none does."""
        return next((("people", name) for name, begun in self.lines.items() if begun == line), ())


Kinds = Mapping[str, object]
"""What each key of a person holds: `tuple` for several texts, `Mapping` for a table, `bool`, else `str`."""


def sheet_of(text: str, logins: Collection[str], person: type[Person] = Person) -> Sheet:
    """The people of a CSV text. `logins` are the keys that logins may have: connectors' names and types.

    Cells are separated by `,` or `;`, whichever the first row has more of. `person` says which other keys there are.
    """
    fields = {name: _kind(info.annotation) for name, info in person.model_fields.items() if name != "logins"}
    kinds = {**dict.fromkeys(logins, str), **fields}
    found = Sheet()
    rows = list(_rows(text, found.faults))
    if not rows:
        if not found.faults:
            found.faults.append(
                Fault(1, "this file is empty", f"write the columns first, such as {NAME},github,manager")
            )
        return found
    (line, head), *others = rows
    columns = _columns(line, head, kinds, found.faults)
    if columns is not None:
        for line, cells in others:
            _read_row(line, cells, columns, kinds, found)
    return found


def _rows(text: str, faults: list[Fault]) -> Iterator[Row]:
    """The rows that hold anything."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        begun = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            faults.append(
                Fault(begun, f"this is not CSV: {error}", 'a quotation mark inside a cell is written twice: ""')
            )
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield begun, [cell.strip() for cell in cells]


def _columns(line: int, head: Sequence[str], kinds: Kinds, faults: list[Fault]) -> list[tuple[str, ...]] | None:
    """The key that each column is for, () for one that is none; None where no column has the names."""
    columns: list[tuple[str, ...]] = []
    for title in head:
        path = _path(title, kinds)
        if path in columns and path:
            faults.append(Fault(line, "this column stands here twice", "leave one of them out", title))
        elif not title:
            faults.append(Fault(line, "a column has no name", "name it, or leave it out"))
        elif not path:
            known = [NAME, *(f"{key}.KEY" if kind is Mapping else key for key, kind in kinds.items())]
            step = did_you_mean(title, known, f"the columns are {one_of(known)}")
            faults.append(Fault(line, "there is no such column", step, title))
        columns.append(() if path in columns else path)
    if (NAME,) not in columns:
        faults.append(Fault(line, f"no column is called {quoted(NAME)}", "name the columns in the first row"))
        return None
    return columns


def _path(title: str, kinds: Kinds) -> tuple[str, ...]:
    """The key that a column is for; () where there is none. Case does not count, nor do spaces around."""
    first, dot, rest = (part.strip() for part in title.partition("."))
    if not dot and first.casefold() == NAME:
        return (NAME,)
    key = next((key for key in kinds if key.casefold() == first.casefold()), "")
    if not key or bool(rest) != (kinds[key] is Mapping) or bool(dot) != bool(rest):
        return ()
    return (key, rest) if rest else (key,)


def _kind(annotation: Any) -> object:
    parts = [annotation, *(part for part in get_args(annotation) if part is not type(None))]
    kinds = [get_origin(part) or part for part in parts]
    if bool in kinds:
        return bool
    is_table = any(isinstance(kind, type) and issubclass(kind, Mapping) for kind in kinds)
    return Mapping if is_table else tuple if tuple in kinds else str


def _read_row(line: int, cells: Sequence[str], columns: Sequence[tuple[str, ...]], kinds: Kinds, found: Sheet) -> None:
    more = len([cell for cell in cells[len(columns) :] if cell])
    if more:
        what = f"this row has {len(cells)} cells, and there are {len(columns)} columns"
        found.faults.append(Fault(line, what, "put a cell that holds the delimiter in quotation marks"))
    named = {path: cell for path, cell in zip(columns, cells, strict=False) if path and cell}
    name = named.pop((NAME,), "")
    if not name:
        found.faults.append(Fault(line, "this row names nobody", f"write who it is in the column {quoted(NAME)}"))
    elif name in found.people:
        what = f"{quoted(name)} stands in line {found.lines[name]} already"
        found.faults.append(Fault(line, what, "join the two rows", f"people.{name}"))
    else:
        found.lines[name] = line
        found.people[name] = _person(named, kinds)


def _person(named: Mapping[tuple[str, ...], str], kinds: Kinds) -> dict[str, Any]:
    person: dict[str, Any] = {}
    for (key, *rest), cell in named.items():
        if rest:
            person.setdefault(key, {})[rest[0]] = cell
        else:
            person[key] = _value(kinds[key], cell)
    return person


def _value(kind: object, cell: str) -> object:
    if kind is tuple:
        return [part.strip() for part in cell.split(";") if part.strip()]
    if kind is bool:
        try:
            return TypeAdapter(bool).validate_python(cell)
        except ValidationError:
            return cell  # what is wrong with it is said where the person is read
    return cell
