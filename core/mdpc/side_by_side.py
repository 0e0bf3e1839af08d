"""Jobs in threads, side by side, that Ctrl-C can end without losing what was done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Result = TypeVar("Result")


def side_by_side(
    jobs: Mapping[str, Callable[[], Result]], *, interrupted: Callable[[], None] | None = None
) -> dict[str, Result]:
    """Run jobs at the same time, a thread for each; their results by the same names.

    The first error of a job is raised once all have ended. Ctrl-C is raised at once and leaves the threads behind: they
    end with the process. With `interrupted`, the first Ctrl-C calls it and goes on waiting for the jobs begun.
    """
    results: dict[str, Result] = {}
    errors: list[BaseException] = []
    ended = {name: threading.Event() for name in jobs}

    def run(name: str) -> None:
        try:
            results[name] = jobs[name]()
        except BaseException as error:
            errors.append(error)  # it is raised in the thread that waits
        finally:
            ended[name].set()

    begun: list[str] = []
    try:
        for name in jobs:
            begun.append(name)
            threading.Thread(target=run, args=(name,), daemon=True).start()
        _wait_for(ended.values())
    except KeyboardInterrupt:
        if interrupted is None:
            raise
        interrupted()
        _wait_for(ended[name] for name in begun)
    if errors:
        raise errors[0]
    return {name: results[name] for name in jobs if name in results}


def _wait_for(ends: Iterable[threading.Event]) -> None:
    """Not by `Thread.join`, which Python 3.11 takes for done once Ctrl-C interrupted it."""
    for end in ends:
        end.wait()
