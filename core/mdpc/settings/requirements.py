"""Whether a gate that another requires applies wherever that one does: where it does not, it is not asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mdpc.matching import is_glob, matches
from mdpc.settings.gates import GATES, Gate
from mdpc.settings.places import KeyPath
from mdpc.settings.tables import Program


@dataclass(frozen=True, slots=True)
class Loose:
    """A gate that requires another which may not apply where it does; `path` is where it says so."""

    path: KeyPath
    gate: Gate
    required: Gate


def loose_requirements(gates: tuple[Gate, ...], programs: tuple[Program, ...]) -> Iterator[Loose]:
    """What gates require and may do without, since it cannot be told that the other applies as well."""
    named = {gate.name: gate for gate in gates}
    for index, gate in enumerate(gates):
        for place, each in enumerate(gate.requires):
            required = named.get(each.removeprefix(GATES)) if each.startswith(GATES) else None
            if required is not None and not covers(required.match, gate.match, programs):
                yield Loose(("gates", index, "requires", place), gate, required)


def covers(wide: str, narrow: str, programs: tuple[Program, ...]) -> bool:
    """Whether one match means every milestone that another means; False wherever that is not certain."""
    wide, narrow = wide.casefold(), narrow.casefold()
    if wide in ("*", narrow) or (not is_glob(narrow) and matches(wide, narrow)):
        return True
    start = wide.removesuffix("*")
    if start != wide and not is_glob(start) and narrow.startswith(start):
        return True
    container = narrow.partition("#")[0]
    if ":" not in container or is_glob(container):
        return False
    if container != narrow and covers(wide, container, programs):
        return True  # what means a container means whatever is in it
    within = [each for each in programs if any(matches(member.ref, container) for member in each.members)]
    return bool(within) and all(covers(wide, f"{program.name}/*", ()) for program in within)
