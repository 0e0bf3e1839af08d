"""A terminal of 80 columns, in which a command runs and somebody types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

PATIENCE = 30.0
_MDPC = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches it
from mdpc.cli import main
main()
"""
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A context manager: mdpc with these arguments in a folder, with a terminal as input and both outputs."""

    def __init__(self, folder: Path, *arguments: str, environment: Mapping[str, str]) -> None:
        self._own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _MDPC, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env={**kept, "TERM": "xterm", **environment},
            start_new_session=True,
        )
        os.close(theirs)
        self._seen = ""
        self._place = self._before = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._own)

    @property
    def screen(self) -> str:
        """Everything that was shown so far, without colours."""
        return _SEQUENCE.sub("", self._seen).replace("\r\n", "\n")

    def until(self, words: str) -> str:
        """Wait until these words are shown, after what was waited for before; what came with them."""
        while (found := self.screen.find(words, self._place)) < 0:
            assert self._read(), f"it ended without saying {words!r}:\n{self.screen}"
        self._before = found
        said = self.screen[self._place : found + len(words)]
        self._place = found + len(words)
        return said

    def again(self) -> None:
        """What was waited for last may be waited for once more."""
        self._place = self._before

    def type(self, keys: str) -> None:
        """Type something."""
        os.write(self._own, keys.encode())

    def ended(self) -> int:
        """Wait for the end; the exit status."""
        while self._read():
            pass
        return self._process.wait(PATIENCE)

    def broken_off(self) -> int:
        """Ctrl-C, and the exit status."""
        self._waits()
        self.type("\x03")
        return self.ended()

    def _waits(self) -> None:
        """Wait until the command waits itself: Python takes no notice of a Ctrl-C that comes just before that.

        Without /proc nothing tells.
        """
        state = Path(f"/proc/{self._process.pid}/stat")
        end = time.monotonic() + PATIENCE
        while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "S":
            assert time.monotonic() < end, f"it never waits:\n{self.screen}"

    def _read(self) -> bool:
        ready, _, _ = select.select([self._own], [], [], PATIENCE)
        assert ready, f"nothing more came:\n{self.screen}"
        try:
            got = os.read(self._own, 65536)
        except OSError:  # Linux says so where nobody holds the other end any more
            return False
        self._seen += got.decode(errors="replace")
        return bool(got)
