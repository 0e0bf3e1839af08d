"""What somebody would write without mdpc: a loop over PyGithub, then one over jira, with both libraries' defaults.

Run as `python -m benchmarks.plain_loop GITHUB-URL REPOSITORIES JIRA-URL PROJECTS`. It prints one line of JSON: for each
tracker how many milestones were read, and the seconds that took.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from itertools import islice

from github import Auth, Github
from jira import JIRA

from benchmarks.trackers import GITHUB_TOKEN, JIRA_TOKEN, JIRA_USER, project_keys

Facts = tuple[object, ...]
"""Address, title, description, due date, whether it is closed, open issues, all issues."""


def github_facts(url: str, repositories: int) -> list[Facts]:
    """The open milestones of an organisation's first repositories: a request for each of them.

    `lazy` spares the one request that would read the organisation itself. The counts include pull requests.
    """
    github = Github(auth=Auth.Token(GITHUB_TOKEN), base_url=url, lazy=True)
    return [
        (m.html_url, m.title, m.description, m.due_on, m.closed_at, m.open_issues, m.open_issues + m.closed_issues)
        for repository in islice(github.get_organization("acme").get_repos(), repositories)
        for m in repository.get_milestones(state="open")
    ]


def jira_facts(url: str, projects: int) -> list[Facts]:
    """The versions of the first projects: a request for each of them, and for each version two for its counts."""
    jira = JIRA(url, basic_auth=(JIRA_USER, JIRA_TOKEN))
    facts: list[Facts] = []
    for project in project_keys(projects):
        for v in jira.project_versions(project):
            due, description = getattr(v, "releaseDate", None), getattr(v, "description", None)
            unresolved = jira.version_count_unresolved_issues(v.id)
            total = jira.version_count_related_issues(v.id)["issuesFixedCount"]
            facts.append((v.self, v.name, description, due, v.released, unresolved, total))
    return facts


def _timed(read: Callable[[str, int], list[Facts]], url: str, containers: int) -> dict[str, float]:
    started = time.perf_counter()
    return {"milestones": len(read(url, containers)), "seconds": time.perf_counter() - started}


def main(github_url: str, repositories: str, jira_url: str, projects: str) -> None:
    """Read both trackers, one after the other."""
    github = _timed(github_facts, github_url, int(repositories))
    print(json.dumps({"github": github, "jira": _timed(jira_facts, jira_url, int(projects))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
