"""The files that the shards of one run kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mdpc.changes import Plan
from mdpc.commands.errors import UsageError
from mdpc.gathering import Part
from mdpc.saved import SavedPlanError


def parts_of(paths: Iterable[Path], read: Callable[[str], Plan]) -> list[Part]:
    """What these files say, and all `.json` files in these folders. Raises UsageError for what cannot be read."""
    return [Part(str(path), _plan(path, read)) for path in dict.fromkeys(_files(paths))]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.json"))
        else:
            yield path


def _plan(path: Path, read: Callable[[str], Plan]) -> Plan:
    try:
        return read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "this is not text in UTF-8"
        raise UsageError(f"{path} cannot be read ({reason})") from None
    except SavedPlanError as error:
        raise UsageError(f"{path}: {error}") from None
