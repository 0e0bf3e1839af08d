"""What reviews cost where nothing has changed, beside a plain loop that reads the same; see benchmarks/README.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from github import Auth, Github

from benchmarks.trackers import GITHUB_TOKEN
from mdpc import run
from mdpc.changes import Plan
from mdpc.connector import Connector
from mdpc.coordination import IssueScope
from mdpc.plan import Request
from mdpc.settings import Settings
from mdpc.settings.file import from_tables
from mdpc_sandbox.server import Sandbox

HOME = "acme/platform"
ACCOUNT = "mdpc-bot"
HEADINGS = f"{'':<40}{'GitHub req.':>12}{'issues':>8}{'comments':>10}"
TIMES_FEWER = 10


def seed(milestones: int) -> dict[str, Any]:
    """One repository with so many open milestones, each due on another day."""
    due = [date.today() + timedelta(days=30 + number) for number in range(milestones)]
    planned = [{"title": f"{number}.0", "description": "Owner: @octocat", "due": day} for number, day in enumerate(due)]
    token = {"value": GITHUB_TOKEN, "login": ACCOUNT, "limit": 10**9}
    return {"github": {"tokens": [token], "repositories": [{"name": HOME, "milestones": planned}]}}


def configuration(url: str) -> dict[str, Any]:
    """One program with its home, and a gate that two people pass."""
    ref, most = f"github:{HOME}", 10**6
    gate = {"name": "release-review", "by": "close", "reviewers": ["ann", "bob"], "approvals": 2}
    return {
        "connectors": {"github": {"url": url}},
        "programs": [{"name": "platform", "members": [ref], "home": ref}],
        "people": {name: {"github": f"{name}-gh"} for name in ("ann", "bob")},
        "gates": [gate],
        "limits": {"adopt": most, "changes": most, "share": 1.0, "comments": most},
    }


class Bench:
    """The sandbox, and mdpc at work in it in this process: it is requests that count here, and not time."""

    def __init__(self, sandbox: Sandbox, issues: int) -> None:
        self.sandbox, self.issues = sandbox, issues
        environment = {"MDPC_CONNECTORS__GITHUB__TOKEN": GITHUB_TOKEN}
        self.settings: Settings = from_tables(configuration(sandbox.github_url), environment)

    def prepare(self) -> None:
        """Every milestone gets its issue, people approve once in each, and mdpc takes note of it."""
        self._sync()
        for issue in self.sandbox.github.repository(HOME).issues.values():
            self.sandbox.github.add_comment(issue, "octocat", "Looks good.")
            self.sandbox.github.add_comment(issue, "ann-gh", "/approve release-review")
        while self._sync().changes:
            pass

    def idle(self) -> tuple[str, int, int, int]:
        """A whole run with nothing to do."""
        before = self._requests()
        found = run.plan(self.settings, self._connected(), Request("plan", datetime.now(UTC)))
        if found.changes or found.unread or len(found.milestones) != self.issues:
            raise SystemExit(f"mdpc went wrong: {len(found.milestones)} milestones, {len(found.changes)} changes")
        return f"mdpc plan, {len(found.changes)} changes", self._requests() - before, *self._there()

    def issues_alone(self) -> tuple[str, int, int, int]:
        """The reading of the issues and all their comments, as a part of that run."""
        before = self._requests()
        reading = self._connected()["github"].read_issues(IssueScope(homes=(HOME,)))
        counts = len(reading.issues), sum(len(issue.comments) for issue in reading.issues)
        return "mdpc, the issues alone", self._requests() - before, *counts

    def plain_loop(self) -> tuple[str, int, int, int]:
        """What somebody would write with PyGithub and its defaults: a request for each issue's comments."""
        before = self._requests()
        github = Github(auth=Auth.Token(GITHUB_TOKEN), base_url=self.sandbox.github_url, lazy=True)
        issues = list(github.get_repo(HOME).get_issues(labels=["milestone"]))
        comments = sum(len(list(issue.get_comments())) for issue in issues)
        return "plain loop", self._requests() - before, len(issues), comments

    def _there(self) -> tuple[int, int]:
        issues = self.sandbox.github.repository(HOME).issues.values()
        return len(issues), sum(len(issue.comments) for issue in issues)

    def _sync(self) -> Plan:
        connectors: Mapping[str, Connector] = self._connected()
        planned = run.plan(self.settings, connectors, Request("sync", datetime.now(UTC)))
        return run.sync(planned, connectors, lambda _: None)

    def _connected(self) -> Mapping[str, Connector]:
        return run.connect(self.settings)

    def _requests(self) -> int:
        return sum(entry.tracker == "github" for entry in self.sandbox.log.entries)


def measure(issues: int) -> bool:
    """Measure and print everything; whether every aim was reached."""
    with Sandbox(seed(issues)) as sandbox:
        bench = Bench(sandbox, issues)
        bench.prepare()
        rows = idle, alone, plain = bench.idle(), bench.issues_alone(), bench.plain_loop()
    print(
        f"{issues:,} open milestones of one repository, each with its coordination issue in it:\n", HEADINGS, sep="\n"
    )
    for label, requests, found, comments in rows:
        print(f"{label:<40}{requests:>12,}{found:>8,}{comments:>10,}")
    print(f"\nthe plain loop against the issues alone: {plain[1] / alone[1]:.1f} times the requests;")
    print(f"against the whole run: {plain[1] / idle[1]:.1f} times\n")
    most = -(-issues // 50) + 2
    aims = {
        "the same issues and comments in each": idle[2:] == alone[2:] == plain[2:],
        f"at most {most} requests for the issues (2, and one for 50)": alone[1] <= most,
        f"{TIMES_FEWER} times fewer than the plain loop for the whole run": plain[1] >= TIMES_FEWER * idle[1],
    }
    for aim, reached in aims.items():
        print(f"{'reached' if reached else 'missed':<9}{aim}")
    return all(aims.values())


def main() -> None:
    """Read the options and measure; ends with 1 where an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gates", description=__doc__)
    parser.add_argument("--issues", type=int, default=200)
    options = parser.parse_args()
    if options.issues < 1:
        parser.error("there is at least 1 issue")
    sys.exit(0 if measure(options.issues) else 1)


if __name__ == "__main__":
    main()
