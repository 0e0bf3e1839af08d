"""Commands that other packages add, through the entry-point group `mdpc.commands`: loaded only when asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
import typer.main
from pydantic import ValidationError
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

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what is wrong with an option's value is said in mdpc's words, not in a library's."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = _plainly(error)
            raise

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name; mdpc's own cannot be replaced."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        return next((_loaded(point) for point in entry_points(group=GROUP, name=cmd_name)), None)


def summary(function: Callable[..., None]) -> str:
    """What the list of commands says of one: the first paragraph of its help, uncut."""
    return " ".join((function.__doc__ or "").strip().partition("\n\n")[0].split())


_KINDS = {"int": "a whole number", "float": "a number"}
_BOUNDS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}


def _plainly(error: typer.BadParameter) -> str:
    """What is wrong with an option's value; typer says it in the words of pydantic, which reads the values for it."""
    if not isinstance(error.__cause__, ValidationError):
        return error.message
    detail = error.__cause__.errors(include_url=False)[0]
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"{given} is not possible: write {words} {context[bound]}."
    name = _KINDS.get(kind.partition("_")[0])
    return f"{str(given)!r} is not {name}." if name else error.message.removeprefix("Value error, ")


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
    app.command(name, short_help=summary(function))(_told(function))
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
