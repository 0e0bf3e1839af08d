"""Whether addresses in the configuration can mean anything: `CONNECTOR:CONTAINER`, globs of them, and matches. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mdpc.matching import is_glob, is_unclosed, matches
from mdpc.settings.places import KeyPath
from mdpc.settings.problems import Problems, did_you_mean, one_of, quoted


@dataclass(frozen=True, slots=True)
class Names:
    """The names that an address may start with: connectors, each with its type, and programs."""

    types: Mapping[str, str]
    programs: tuple[str, ...]

    @property
    def connectors(self) -> tuple[str, ...]:
        """The connectors' names."""
        return tuple(self.types)


def check_container(text: str, path: KeyPath, names: Names, problems: Problems) -> bool:
    """Whether the text is an address of a container, or a glob of some, on a configured connector; else a problem."""
    connector, colon, name = text.partition(":")
    if not (connector and colon and name) or text != text.strip():
        example = f"{_first(names)}:{text.strip(': ') if text.strip(': ') and not name else 'acme/api'}"
        step = f"write CONNECTOR:CONTAINER, such as {quoted(example)}"
        problems.add(path, f"{quoted(text)} is not a container's address", step)
        return False
    if "#" in name:
        step = f"name its container, {quoted(text.partition('#')[0])}"
        problems.add(path, f"{quoted(text)} is the address of one milestone", step)
        return False
    return _check_connector(connector, path, names, problems) and check_glob(name, path, problems)


def check_match(pattern: str, path: KeyPath, names: Names, problems: Problems) -> None:
    """Report a match that is no glob of a container, a ref, CONTAINER#TITLE or a milestone's key, PROGRAM/TITLE."""
    head, colon, rest = pattern.partition(":")
    if not pattern.strip():
        problems.add(path, "must not be empty", 'write "*" for everything')
    elif not check_glob(pattern, path, problems):
        return
    elif colon and "/" not in head and not is_glob(head):
        container = f"{head}:{rest.partition('#')[0]}"
        check_container(container, path, names, problems)
    elif not is_glob(pattern.partition("/")[0]):
        _check_key(pattern, path, names, problems)


def check_glob(pattern: str, path: KeyPath, problems: Problems) -> bool:
    """Whether every `[` of a glob is closed; else a problem."""
    if not is_unclosed(pattern):
        return True
    problems.add(path, f'a "[" is not closed in {quoted(pattern)}', "close it as in [ab], or leave it out")
    return False


def _check_connector(connector: str, path: KeyPath, names: Names, problems: Problems) -> bool:
    if connector in names.connectors:
        return True
    step = f"add [connectors.{connector}]"
    if names.connectors:
        step = did_you_mean(connector, names.connectors, f"{step}, or write {one_of(names.connectors)}")
    problems.add(path, f"no connector is named {quoted(connector)}", step)
    return False


def _check_key(pattern: str, path: KeyPath, names: Names, problems: Problems) -> None:
    program, slash, _ = pattern.partition("/")
    known = next((name for name in names.programs if matches(program, name)), None)
    container = f"{_first(names)}:{pattern if slash else 'acme/api'}"
    step = f'write a container such as {quoted(container)}, or PROGRAM/TITLE such as "platform/*"'
    if slash and not known:
        what = f"no program is named {quoted(program)}"
        problems.add(path, what, did_you_mean(program, names.programs, step))
    elif not slash:
        step = f"write {quoted(known + '/*')} for all its milestones" if known else step
        problems.add(path, f"{quoted(pattern)} names neither a container nor a milestone", step)


def _first(names: Names) -> str:
    return next(iter(names.connectors), "github")
