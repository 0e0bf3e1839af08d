"""What the sandbox's commands do where its libraries, the extra `mdpc[sandbox]`, are not installed."""

from __future__ import annotations

import importlib.util
from typing import NoReturn

import typer

_EXTRA = ("starlette", "uvicorn", "graphql")


def require_extra() -> None:
    """Leave with exit status 2 and the next step where the sandbox's libraries are not installed."""
    if any(importlib.util.find_spec(name) is None for name in _EXTRA):
        leave("The sandbox is not installed. Install it with: pip install 'mdpc[sandbox]'")


def leave(message: str) -> NoReturn:
    """End the command with exit status 2: wrong usage, said on stderr."""
    typer.echo(f"mdpc: {message}", err=True)
    raise typer.Exit(2)
