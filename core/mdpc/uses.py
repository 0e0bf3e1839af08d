"""What a configuration has mdpc do in each container, so that a connector knows which rights are needed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mdpc import notebook
from mdpc.join import home_of
from mdpc.matching import is_glob, matches, may_overlap
from mdpc.model import ContainerRef
from mdpc.rights import Use
from mdpc.settings import Program, Settings
from mdpc.settings.tables import MERGE, OFF, REPORT


def uses_of(settings: Settings, container: ContainerRef) -> frozenset[Use]:
    """What mdpc does there; where that depends on what people write, what it may come to do."""
    if settings.connectors[container.connector].access == "read":
        return frozenset({Use.READ})
    name = str(container)
    programs = [program for program in settings.programs if any(matches(each.ref, name) for each in program.members)]
    used = {Use.READ, Use.WRITE}
    if _changes_states(settings, programs, container):
        used.add(Use.STATES)
    if programs and any(matches(each, place) for each in settings.sync.create for place in (name, container.connector)):
        used.add(Use.CREATE)
    if any(_is_linked(program, container) for program in programs):
        used.add(Use.LINKS)
    if not programs or any(_keeps_notes(program, container) for program in programs):
        used.add(Use.MEMORY)
    homes = [program for program in programs if _is_home(program, name)]
    talked = any(_talks(settings, program) for program in homes)
    if talked or (not programs and _talks(settings, _of_its_own(name))):
        used.add(Use.ISSUES)
    return frozenset(used)


def teams_of(settings: Settings) -> tuple[str, ...]:
    """The teams whose members a tracker is asked for: those of gates that `[teams]` does not list."""
    listed = {name.casefold() for name in settings.teams}
    named = (team for gate in settings.gates for team in gate.teams)
    return tuple(dict.fromkeys(team for team in named if team.casefold() not in listed))


def _of_its_own(name: str) -> Program:
    """What a container is that no program names."""
    return Program.model_validate({"name": name, "members": [name]})


def _is_home(program: Program, name: str) -> bool:
    """Whether a program's coordination issues may live there: in its home, else wherever a milestone's holder is."""
    home = home_of(program)
    return home is None or matches(home, name)


def _keeps_notes(program: Program, container: ContainerRef) -> bool:
    """Whether what no record may hold of a program's memory stands there."""
    places = (str(place).casefold() for place in notebook.places(program, [container.connector]))
    return str(container).casefold() in places


def _is_linked(program: Program, container: ContainerRef) -> bool:
    return any(ContainerRef.parse(each.ref).connector != container.connector for each in program.members)


def _changes_states(settings: Settings, programs: Sequence[Program], container: ContainerRef) -> bool:
    """Whether mdpc may close milestones there, or open them again: by another side that leads, or by a gate."""
    leading = settings.sync.fields.state
    follows = not any(matches(leading, each) for each in (REPORT, OFF, container.connector, str(container)))
    reopening = [gate.match for gate in settings.gates if gate.on_bypass == "reopen"]
    places = [*programs] or [_of_its_own(str(container))]
    return (bool(programs) and follows) or any(_concerns(match, each) for match in reopening for each in places)


def _talks(settings: Settings, program: Program) -> bool:
    """Whether a program may have coordination issues or a dashboard."""
    if settings.writeback.dashboard:
        return True
    if settings.writeback.issue != "when-needed":
        return settings.writeback.issue == "always"
    matched = [*(gate.match for gate in settings.gates), *(step.match for step in settings.escalation.steps)]
    announced = settings.celebrate is not None
    return announced or _may_conflict(settings, program) or any(_concerns(match, program) for match in matched)


def _may_conflict(settings: Settings, program: Program) -> bool:
    """Whether its records may come to say different things, which is then told on the coordination issue."""
    fields = settings.sync.fields
    several = len(program.members) > 1 or is_glob(program.members[0].ref)
    return several and MERGE in (fields.title, fields.due, fields.start)


def _concerns(match: str, program: Program) -> bool:
    """Whether a `match` may mean a milestone of the program."""
    places = [each.ref for each in program.members]
    return any(may_overlap(match, name) for place in (program.name, *places) for name in (place, f"{place}[#/]*"))
