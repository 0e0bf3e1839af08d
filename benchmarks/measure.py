"""A command's wall time and peak memory, from its start to its end, interpreter and imports included."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_BYTES = 1 if sys.platform == "darwin" else 1024
"""The unit in which getrusage gives memory."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command took; `peak` is the largest resident memory of its process, in MiB."""

    seconds: float
    peak: float
    output: str


def measured(command: Sequence[str], environment: Mapping[str, str]) -> Measured:
    """Run a command and wait for it; its stderr goes where ours goes. Ends the benchmark where it fails."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output) as process:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"`{' '.join(command[1:4])} ...` ended with {process.returncode}; why stands above.")
        output.seek(0)
        return Measured(seconds, usage.ru_maxrss * _BYTES / 2**20, output.read().decode())
