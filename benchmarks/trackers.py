"""The trackers that are read: a sandbox in a process of its own, so that its memory and its work do not count."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from urllib.request import ProxyHandler, Request, build_opener

MILESTONES = 5
"""Open milestones of a repository."""
VERSIONS = 20
"""Versions of a project."""
GITHUB_TOKEN = "benchmark"
JIRA_USER, JIRA_TOKEN = "mdpc-bot@example.com", "sandbox-write"


def project_keys(count: int) -> list[str]:
    """The keys of the first projects."""
    return [f"P{number}" for number in range(1, count + 1)]


@dataclass(frozen=True, slots=True)
class Trackers:
    """A running sandbox: its addresses, and the input that it takes its latency from."""

    url: str
    github_url: str
    jira_url: str
    orders: IO[str]

    def set_latency(self, milliseconds: float) -> None:
        """Add this to every request that arrives from now on."""
        print(milliseconds, file=self.orders, flush=True)

    def requests(self) -> Counter[str]:
        """How many requests `github` and `jira` met since the last look, and how many of all were `writes`."""
        opener = build_opener(ProxyHandler({}))
        with opener.open(f"{self.url}/_log") as answer:
            entries = json.load(answer)
        opener.open(Request(f"{self.url}/_log", method="DELETE")).close()
        return Counter(entry["tracker"] for entry in entries) + Counter(writes=sum(e["write"] for e in entries))


@contextmanager
def running(repositories: int, projects: int) -> Iterator[Trackers]:
    """Start the sandbox, without latency; it ends with the block."""
    command = [sys.executable, "-m", "benchmarks.serve", str(repositories), str(projects)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        addresses = process.stdout.readline() if process.stdout else ""
        if not addresses or not process.stdin:
            raise SystemExit("The sandbox did not start; what it said stands above.")
        yield Trackers(**json.loads(addresses), orders=process.stdin)
