"""The sandbox's process: `python -m benchmarks.serve REPOSITORIES PROJECTS`.

It prints its addresses as one line of JSON, takes a latency in milliseconds from each line of its input, and ends
with its input.
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from typing import Any

from benchmarks.trackers import GITHUB_TOKEN, MILESTONES, VERSIONS, project_keys
from mdpc_sandbox.server import Sandbox

ABOUT = "What this is about, in a sentence.\n\nOwner: @octocat"


def seed(repositories: int, projects: int) -> dict[str, Any]:
    """What the sandbox holds. The last milestone of each container has no due date, as some never have."""
    milestones = [
        {"title": f"{number}.0", "description": ABOUT, "due": _due(number, MILESTONES), "open": 3, "closed": 2}
        for number in range(1, MILESTONES + 1)
    ]
    issues = {"todo": 2, "in_progress": 1, "done": 2}
    versions = [
        {"name": f"{number}.0", "description": ABOUT, "releaseDate": _due(number, VERSIONS), "issues": issues}
        for number in range(1, VERSIONS + 1)
    ]
    names = [f"acme/repository-{number}" for number in range(1, repositories + 1)]
    token = {"value": GITHUB_TOKEN, "login": "mdpc-bot", "limit": 10**9}  # the first sync needs more than an hour's
    return {
        "github": {"tokens": [token], "repositories": [{"name": name, "milestones": milestones} for name in names]},
        "jira": {"projects": [{"key": key, "versions": versions} for key in project_keys(projects)]},
    }


def _due(number: int, last: int) -> date | None:
    return date.today() + timedelta(days=30 * number) if number < last else None


def main(repositories: str, projects: str) -> None:
    """Serve until the input ends."""
    with Sandbox(seed(int(repositories), int(projects))) as sandbox:
        addresses = {"url": sandbox.url, "github_url": sandbox.github_url, "jira_url": sandbox.jira_url}
        print(json.dumps(addresses), flush=True)
        for line in sys.stdin:
            sandbox.latency = float(line) / 1000


if __name__ == "__main__":
    main(*sys.argv[1:])
