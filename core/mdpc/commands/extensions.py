"""Commands that other packages add, through the entry-point group `mdpc.commands`: loaded only when asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
import typer.main
from typer.core import TyperGroup

from mdpc.commands.errors import say, told_in_words
from mdpc.exits import USAGE

GROUP = "mdpc.commands"


class Extensible(TyperGroup):
    """mdpc's own commands and those of entry points. One that cannot be loaded says so and leaves the others alone."""

    def list_commands(self, ctx: Any) -> list[str]:
        """mdpc's own commands in their order, then the others by name."""
        own = super().list_commands(ctx)
        return [*own, *sorted({point.name for point in entry_points(group=GROUP)} - set(own))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name; mdpc's own cannot be replaced."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        return next((_loaded(point) for point in entry_points(group=GROUP, name=cmd_name)), None)


def _loaded(point: EntryPoint) -> Any:
    try:
        return _command(point.name, point.load())
    except Exception as error:
        return _broken(point, error)


def _command(name: str, function: Any) -> Any:
    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command(name)(_told(function))
    return typer.main.get_command(app)


def _told(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def run(*args: Any, **options: Any) -> None:
        with told_in_words():
            function(*args, **options)

    return run


def _broken(point: EntryPoint, error: Exception) -> Any:
    """A command that only says why it is not there."""
    why = f"`{point.name}` cannot be loaded from {point.value} ({type(error).__name__}: {error})"

    def unavailable() -> None:
        say(f"{why}. Install or repair the package that it comes from")
        raise typer.Exit(USAGE)

    unavailable.__doc__ = f"Not available: {type(error).__name__}."
    return _command(point.name, unavailable)
