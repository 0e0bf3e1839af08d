"""What must always hold, over any order of what people and mdpc do (`machine`)."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.flows.machine import Machine
from tests.flows.world import Setup

PATTERN = {"ref": "github:acme/web", "title": "^web (?P<key>.+)$"}
SETUPS = {
    "merged": Setup({"sync": {"fields": {"start": "merge"}}}),
    "created": Setup({"sync": {"create": ["jira", "github:acme/web"]}}),
    "versions-alone": Setup(
        {"sync": {"create": ["jira:WEB"], "fields": {"start": "merge"}}}, boxes=("jira:API", "jira:WEB")
    ),
    "public": Setup({"sync": {"create": ["github", "jira"]}}, public=("github:acme/api",)),
    "pattern": Setup(
        {
            "programs": [{"name": "p", "members": [{"ref": "github:acme/api"}, PATTERN, {"ref": "jira:API"}]}],
            "sync": {"create": ["github", "jira"]},
        }
    ),
    "github-closes": Setup({"sync": {"create": ["jira"], "fields": {"state": "github"}}}),
    "jira-closes": Setup({"sync": {"fields": {"state": "jira"}, "on_delete": "unlink"}}),
    "jira-leads": Setup({"sync": {"fields": {"due": "jira", "title": "github"}}}),
    "unlinked": Setup({"sync": {"create": ["jira", "github:acme/api"], "on_delete": "unlink"}}),
    "globs": Setup({"programs": [{"name": "p", "members": [{"ref": "github:acme/*"}, {"ref": "jira:API"}]}]}),
    "reported": Setup({"sync": {"fields": {"title": "report", "due": "report", "state": "report"}}}),
    "read-only": Setup({"access": {"jira": "read"}, "sync": {"fields": {"state": "github"}}}),
    "two-projects": Setup(
        {"sync": {"create": ["jira:WEB"], "fields": {"start": "jira:API"}}},
        boxes=("github:acme/api", "jira:API", "jira:WEB"),
    ),
}
EXAMPLES = int(os.environ.get("CHECK_EXAMPLES", "40"))
STEPS = int(os.environ.get("CHECK_STEPS", "25"))


@pytest.mark.long
@pytest.mark.parametrize("name", SETUPS)
def test_people_and_mdpc(name: str) -> None:
    machine = type("Machine", (Machine,), {"setup": SETUPS[name]})
    run_state_machine_as_test(
        machine,
        settings=settings(
            derandomize="CHECK_EXAMPLES" not in os.environ,
            database=None,
            deadline=None,
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            report_multiple_bugs=False,
        ),
    )
