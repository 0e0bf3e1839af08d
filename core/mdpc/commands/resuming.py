"""`--resume FILE`: where a run that ended early leaves word of it, for the next one to go on from there."""

from __future__ import annotations

import json
from pathlib import Path

from mdpc.changes import Plan
from mdpc.commands.errors import say
from mdpc.settings import Settings
from mdpc.turns import ROUND, next_first

SCHEMA = "mdpc/resume/1"


def kept_in(path: Path | None) -> int | None:
    """Where the last run ended, by its own word; None where it read everything. Tells of a file that says nothing."""
    if path is None or not path.exists():
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        first = said["first"] if said["schema"] == SCHEMA else None
    except (OSError, ValueError, TypeError, KeyError):
        first = None
    if type(first) is int and 0 <= first < ROUND:
        return first
    say(f"--resume {path} does not say where the last run ended: this one begins anywhere")
    return None


def keep_in(path: Path | None, plan: Plan, settings: Settings, first: int | None) -> None:
    """Leave word of where this run ended, or take away what was left once everything is read. Tells where it cannot."""
    if path is None or first is None:
        return
    left = [each.container for each in plan.unread if each.left]
    following = next_first(left, settings.programs, first)
    try:
        if following is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"schema": SCHEMA, "first": following}) + "\n", encoding="utf-8")
    except OSError as error:
        say(f"--resume {path} cannot be written ({error.strerror}): the next run begins anywhere")
