"""The file of its own in which people may stand, as `people_file` names it: TOML or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mdpc.installed import connector_types
from mdpc.settings.people_rows import Sheet, sheet_of
from mdpc.settings.places import Places
from mdpc.settings.problems import Problems, key_text, quoted
from mdpc.settings.raw import table_of
from mdpc.settings.toml_text import Fault, tables_in

KEY = "people_file"


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What a people file holds: people as tables by name, where each stands, and what is wrong with the text."""

    file: str
    text: str
    people: Mapping[str, Any]
    places: Places | Sheet | None
    faults: tuple[Fault, ...] = ()

    def report(self, own: Mapping[str, Any], problems: Problems) -> Problems:
        """Report what is wrong with the text, and who is in the configuration itself (`own`) as well.

        From then on problems of the people know that they stand in this file, and so do those that come back.
        """
        there = problems.of_file(self.file, self.places)
        for fault in self.faults:
            there.add_line(fault.line, fault.what, fault.next_step, fault.key)
        for name in self.people:
            path = ("people", name)
            if name in own:
                what = f"{quoted(name)} is in [people] of the configuration already"
                there.add(path, what, "leave them out of one of the two")
            else:
                problems.stands_in(path, there)
        return there


def read_people_file(name: object, folder: Path, tables: Mapping[str, Any]) -> PeopleFile | Fault | None:
    """The people file of that name in a folder; a fault (of no line) where it cannot be read, None where none is named.

    `tables` are those of the configuration, whose connectors people may have logins for.
    """
    if not isinstance(name, str):
        return None  # what is wrong with it is said where the settings are read
    path = folder / name
    kind = path.suffix.lower()
    text = _text(path) if kind in (".toml", ".csv") else Fault(0, f"{quoted(name)} is neither TOML nor CSV", _ENDINGS)
    if isinstance(text, Fault):
        return text
    return _from_toml(str(path), text) if kind == ".toml" else _from_csv(str(path), text, tables)


_ENDINGS = 'name a file that ends in ".toml" or ".csv"'


def _text(path: Path) -> str | Fault:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Fault(0, f"there is no file {path}", "its place is relative to that of the configuration")
    except UnicodeDecodeError:
        return Fault(0, f"{path} is not text in UTF-8", "save it in that encoding")
    except (OSError, ValueError) as error:  # a name may hold what no file's name can
        why = error.strerror if isinstance(error, OSError) else error
        return Fault(0, f"{path} cannot be read ({why})", "name a file that can be")


def _from_csv(file: str, text: str, tables: Mapping[str, Any]) -> PeopleFile:
    logins = dict.fromkeys([*table_of(tables, "connectors"), *connector_types()])
    sheet = sheet_of(text, logins)
    return PeopleFile(file, text, sheet.people, sheet, tuple(sheet.faults))


def _from_toml(file: str, text: str) -> PeopleFile:
    found = tables_in(text)
    if isinstance(found, Fault):
        return PeopleFile(file, text, {}, None, (found,))
    places = Places(text)
    return PeopleFile(file, text, table_of(found, "people"), places, tuple(_strays(found, places)))


def _strays(tables: Mapping[str, Any], places: Places) -> Iterator[Fault]:
    """What stands in the file and is not of the table `people`."""
    for key, value in tables.items():
        line, is_table = places.line((key,)) or 1, isinstance(value, Mapping)
        if key != "people":
            step = f"write [people.{key_text((key,))}]" if is_table else "leave it out"
            yield Fault(line, "people alone stand in this file", step, key_text((key,)))
        elif not is_table:
            yield Fault(line, "must be a table", "write [people.NAME] for each person", key)


def with_people(tables: Mapping[str, Any], people: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a configuration with further people; who is in both stays as the configuration has them."""
    own = tables.get("people", {})
    if not people or not isinstance(own, Mapping):
        return dict(tables)
    return {**tables, "people": {**own, **{name: each for name, each in people.items() if name not in own}}}
