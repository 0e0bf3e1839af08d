"""What goes wrong, in one sentence each, never a traceback: every command runs inside `told_in_words`."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer

from mdpc.connector import TrackerError
from mdpc.escape import guard, terminal
from mdpc.exits import FINE, INCOMPLETE, USAGE
from mdpc.gathering import NotTogetherError
from mdpc.join import OverlapError
from mdpc.matching import AmbiguousError
from mdpc.plan import NothingMatchesError
from mdpc.report.summary import grouped
from mdpc.report.words import sentence
from mdpc.run import NotReadError
from mdpc.settings.file import SettingsError

DEBUG = "MDPC_DEBUG"
"""The environment variable that, set to 1, shows where an unexpected error came from."""


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class UsageError(Exception):
    """A command was called in a way that cannot work: one sentence with what to do instead; exit status 2."""


class OutputError(Exception):
    """The result was made but could not be written where it should be; exit status 3."""


@contextmanager
def told_in_words() -> Iterator[None]:
    """Whatever is raised inside becomes words on stderr and an exit status."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except SettingsError as error:
        say_problems(error)
        raise typer.Exit(USAGE) from None
    except (UsageError, OverlapError, NothingMatchesError, AmbiguousError, NotTogetherError) as error:
        say(str(error))
        raise typer.Exit(USAGE) from None
    except NotReadError as error:
        say_not_read(error)
        raise typer.Exit(INCOMPLETE) from None
    except (TrackerError, OutputError) as error:
        say(str(error))
        raise typer.Exit(INCOMPLETE) from None
    except KeyboardInterrupt:
        say("Interrupted")
        raise typer.Exit(INCOMPLETE) from None
    except BrokenPipeError:
        hush()  # whoever read it (`| head`) has seen enough
        raise typer.Exit(FINE) from None
    except OSError as error:
        if error.errno not in _FULL:
            _say_unexpected(error)
        else:
            hush()
            say(full(error))
        raise typer.Exit(INCOMPLETE) from None
    except Exception as error:
        _say_unexpected(error)
        raise typer.Exit(INCOMPLETE) from None


def full(error: OSError) -> str:
    """What to say of standard output that takes no more."""
    return f"standard output could not be written ({error.strerror}); make room, or send it elsewhere"


def hush() -> None:
    """Let nothing more reach standard output: Python flushes it once more at its end, and would complain then."""
    null = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError):  # what is no file needs no hushing
        os.dup2(null, sys.stdout.fileno())
    os.close(null)


def say(text: str) -> None:
    """One sentence on stderr."""
    note(f"mdpc: {sentence(terminal(text))}")


def note(text: str) -> None:
    """Lines on stderr, safe for a CI log."""
    sys.stderr.write(guard(text).rstrip("\n") + "\n")
    sys.stderr.flush()


def say_problems(error: SettingsError) -> None:
    """Every problem of the configuration, a line each."""
    count = len(error.problems)
    note(f"mdpc: The configuration has {'a problem' if count == 1 else f'{count} problems'}; nothing was read.")
    note("\n".join(f"  {terminal(str(problem))}" for problem in error.problems))


def say_not_read(error: NotReadError) -> None:
    """What was not found, and what it may be in: a line for each reason, with the containers that it is given for."""
    note(f"mdpc: {terminal(str(error))}. What was not:")
    for why, lost in grouped(error.lost, lambda entry: entry.why).items():
        names = ", ".join(terminal(entry.container) for entry in lost)
        note(f"  {names}: {sentence(terminal(why))}")


def _say_unexpected(error: Exception) -> None:
    # The message may hold anything, a secret too; so only its type and place are shown unless somebody asks for more.
    if os.environ.get(DEBUG) == "1":
        told = "".join(traceback.format_exception(error)).splitlines()
        note("\n".join(" " * (len(line) - len(line.lstrip(" "))) + terminal(line, 10_000) for line in told))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {frame.name}, line {frame.lineno} of {os.path.basename(frame.filename)}"  # noqa: PTH119
    say(f"This is a mistake in mdpc, not in what you did: {place}. Please report it, with what {DEBUG}=1 shows")
