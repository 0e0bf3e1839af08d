"""The configuration in the names that containers have now, where it still has those from before a rename. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mdpc.model import ContainerRef
from mdpc.settings import Program, Settings
from mdpc.settings.tables import Sync


def called_now(settings: Settings, renamed: Mapping[ContainerRef, ContainerRef]) -> Settings:
    """The settings with every member, home and side of `[sync]` as it is called now; globs stay as they are."""
    if not renamed:
        return settings
    names = {str(old).casefold(): str(now) for old, now in renamed.items()}

    def now(name: str) -> str:
        return names.get(name.casefold(), name)

    programs = tuple(_program(program, now) for program in settings.programs)
    return settings.model_copy(update={"programs": programs, "sync": _sync(settings.sync, now)})


def _program(program: Program, now: Callable[[str], str]) -> Program:
    members = tuple(member.model_copy(update={"ref": now(member.ref)}) for member in program.members)
    return program.model_copy(update={"members": members, "home": program.home and now(program.home)})


def _sync(sync: Sync, now: Callable[[str], str]) -> Sync:
    fields = sync.fields.model_copy(update={name: now(rule) for name, rule in sync.fields})
    places = {"create": tuple(map(now, sync.create)), "create_from": tuple(map(now, sync.create_from))}
    return sync.model_copy(update={"fields": fields, **places})
