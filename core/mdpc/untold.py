"""Which recipients of a milestone's ladder are nobody who is there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mdpc.escalating import steps_for
from mdpc.join import home_of, own_program
from mdpc.model import ContainerRef, Milestone
from mdpc.recipients import MANAGER, OWNER, Cast, addressed, is_reached, present
from mdpc.settings import Program, Settings

Untold = tuple[tuple[str, tuple[str, ...]], ...]
"""Recipients as steps name them, each with the steps (`+5d`) that are for them."""


def untold(milestone: Milestone, programs: Mapping[str, Program], settings: Settings, today: date) -> Untold:
    """The recipients who are nobody today, for an open milestone that has a ladder; `programs` are by name.

    Where nobody owns the milestone, that is all that is to be said of its owner's managers.
    """
    if not settings.escalation.steps or milestone.closed or (milestone.due is None and not milestone.dues):
        return ()
    steps = steps_for(milestone, settings)
    cast = _cast(milestone, programs, settings, today)
    found: dict[str, dict[str, None]] = {}
    for number, step in enumerate(steps):
        for name in addressed(steps, number, cast).nobody:
            unowned = cast.owner is None and name.startswith(f"{OWNER}{MANAGER}")
            found.setdefault(OWNER if unowned else name, {})[step.at] = None
    return tuple((name, tuple(ats)) for name, ats in found.items())


def unreached(milestone: Milestone, programs: Mapping[str, Program], settings: Settings, today: date) -> Untold:
    """The recipients who are there and whom no step reaches: no login where the issue lives, and no channel either."""
    if not settings.escalation.steps or milestone.closed or (milestone.due is None and not milestone.dues):
        return ()
    cast = _cast(milestone, programs, settings, today)
    found: dict[str, dict[str, None]] = {}
    for step in steps_for(milestone, settings):
        for name in step.to:
            meant = present(name, cast)
            if meant and not any(is_reached(who, step, cast) for who in meant):
                found.setdefault(name, {})[step.at] = None
    return tuple((name, tuple(ats)) for name, ats in found.items())


def _cast(milestone: Milestone, programs: Mapping[str, Program], settings: Settings, today: date) -> Cast:
    container = milestone.holder.ref.container
    program = programs.get(milestone.program) or own_program(container)
    home = home_of(program)
    place = ContainerRef.parse(home) if home else container
    return Cast(milestone.owner, program, place, settings, today, milestone.gone)
