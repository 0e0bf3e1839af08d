"""What goes wrong is a sentence, never a traceback, and never a secret."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, EntryPoints

import pytest
import typer

from mdpc import run
from mdpc.changes import Change, Plan
from mdpc.commands import extensions
from mdpc.connector import Connector, TrackerError
from mdpc.join import OverlapError
from tests.core.command_line import Typed, mdpc
from tests.core.reports import WORKFLOW_COMMAND

__all__ = ["mdpc"]


def raising(error: BaseException) -> Callable[..., Plan]:
    def fail(*_: object, **__: object) -> Plan:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (
            TrackerError("GitHub refuses the token", reason="auth", status=401, next_step="Set GITHUB_TOKEN."),
            3,
            "mdpc: GitHub refuses the token (401). Set GITHUB_TOKEN.\n",
        ),
        (OverlapError("two programs claim it"), 2, "mdpc: Two programs claim it.\n"),
        (BrokenPipeError(), 0, ""),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            3,
            "mdpc: Standard output could not be written (No space left on device); make room, or send it elsewhere.\n",
        ),
        (KeyboardInterrupt(), 3, "mdpc: Interrupted while reading; nothing was written.\n"),
    ],
)
def test_expected_errors(
    mdpc: Typed, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, told: str
) -> None:
    monkeypatch.setattr(run, "plan", raising(error))
    result = mdpc("plan")
    assert (result.exit_code, result.stderr, result.stdout) == (status, told, "")


def test_an_unexpected_error_shows_its_type_and_place_but_not_its_words(
    mdpc: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "plan", raising(LookupError("token-123")))
    result = mdpc("plan")
    assert result.exit_code == 3
    assert result.stderr.startswith("mdpc: This is a mistake in mdpc, not in what you did: LookupError in fail, line ")
    assert result.stderr.endswith(" of test_cli_errors.py. Please report it, with what MDPC_DEBUG=1 shows.\n")
    assert "token-123" not in result.stderr
    assert "Traceback" not in result.stderr


def test_another_error_of_the_system_is_as_unexpected(mdpc: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "plan", raising(OSError(errno.EMFILE, "Too many open files")))
    result = mdpc("plan")
    assert result.exit_code == 3
    assert "This is a mistake in mdpc, not in what you did: OSError in fail" in result.stderr


def test_a_traceback_is_shown_to_whoever_asks(mdpc: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "plan", raising(LookupError("what \x1b[31m\u202e ##[group]")))
    monkeypatch.setenv("MDPC_DEBUG", "1")
    result = mdpc("plan")
    assert not WORKFLOW_COMMAND.search(result.stderr)
    assert not {"\x1b", "\u202e"} & set(result.stderr)
    assert '\n  File "' in result.stderr
    assert "Traceback (most recent call last)" in result.stderr
    assert "LookupError: what" in result.stderr
    assert result.exit_code == 3


def test_a_hostile_error_commands_nothing(mdpc: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "plan", raising(TrackerError("\n::error::x ##[group]\x1b[31m", reason="server")))
    result = mdpc("plan")
    assert not WORKFLOW_COMMAND.search(result.stderr)
    assert "\x1b" not in result.stderr
    assert result.exit_code == 3


def test_an_output_that_cannot_be_written_is_said(mdpc: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathlib.Path.write_text", raising(PermissionError(13, "Permission denied")))
    result = mdpc("plan", "--output", "out.txt")
    assert (result.exit_code, result.stderr) == (3, "mdpc: out.txt could not be written (Permission denied).\n")


def test_an_interrupted_sync_says_what_was_done(mdpc: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    real = run.sync

    def interrupted(
        plan: Plan, connectors: Mapping[str, Connector], told: Callable[[Change], None], *channels: object
    ) -> Plan:
        def interrupt(change: Change) -> None:
            told(change)
            raise KeyboardInterrupt

        return real(plan, connectors, interrupt, *channels)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "sync", interrupted)
    del mdpc.connectors["jira"]
    with open("mdpc.toml", "w", encoding="utf-8") as file:  # noqa: PTH123 - a short file
        file.write('[connectors.github]\nrepositories = ["acme/*"]\n')
    result = mdpc("sync", "--now", "2026-11-22")
    assert result.exit_code == 3
    assert "mdpc: Stopped early: 1 change written, 1 not. Run it again to do the rest.\n" in result.stderr
    assert "The run stopped early; the next one does the rest.\n" in result.stdout


REAL_LOAD = EntryPoint.load


def hello(name: str = "you") -> None:
    """Greet. Example: mdpc hello"""
    if name == "trouble":
        raise ValueError("oops")
    typer.echo(f"hello {name}")


def points(*found: EntryPoint) -> Callable[..., EntryPoints]:
    return lambda **selected: EntryPoints(found).select(**selected)


@pytest.fixture
def extended(mdpc: Typed, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """mdpc with one command that works, one that cannot be loaded, and one that would replace `plan`."""
    found = points(
        EntryPoint("hello", f"{__name__}:hello", extensions.GROUP),
        EntryPoint("broken", "no_such_package:command", extensions.GROUP),
        EntryPoint("plan", f"{__name__}:hello", extensions.GROUP),
    )
    monkeypatch.setattr(extensions, "entry_points", found)
    monkeypatch.setattr(EntryPoint, "load", load)
    return mdpc


def load(point: EntryPoint) -> object:
    if point.module == __name__:
        return hello
    return REAL_LOAD(point)


def test_other_packages_add_commands(extended: Typed) -> None:
    assert extended("hello", "--name", "Ada").stdout == "hello Ada\n"
    text = extended("--help").stdout
    assert "\n  hello " in text
    assert text.count("\n  plan ") == 1


def test_a_broken_command_does_not_break_the_others(extended: Typed) -> None:
    result = extended("broken")
    assert result.exit_code == 2
    assert result.stderr == (
        "mdpc: `broken` cannot be loaded from no_such_package:command (ModuleNotFoundError: No module named "
        "'no_such_package'). Install or repair the package that it comes from.\n"
    )
    assert extended("plan").exit_code == 0
    assert "Not available: ModuleNotFoundError." in extended("--help").stdout


def test_an_added_command_fails_in_words_too(extended: Typed) -> None:
    result = extended("hello", "--name", "trouble")
    assert result.exit_code == 3
    assert "Traceback" not in result.stderr
    assert "mdpc: This is a mistake in mdpc, not in what you did: ValueError in hello" in result.stderr
