"""What mdpc says of progress does not hang on how it reads: by GraphQL, by REST, or without a token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

SEED: dict[str, Any] = {
    "github": {
        "repositories": [
            {
                "name": "acme/docs",
                "milestones": [{"title": "Handbook", "due": "2026-11-27", "open": 3, "closed": 9}, {"title": "Next"}],
                "issues": [{"title": "Write", "milestone": "Handbook"}],
            }
        ]
    }
}
CONFIGURATION = '[connectors.github]\nurl = "{github}"\nrepositories = ["acme/docs"]\n'


@pytest.mark.parametrize("graphql", [True, False], ids=["graphql", "rest"])
@pytest.mark.parametrize("token", [True, False], ids=["token", "nobody"])
def test_progress_and_health_are_the_same(tmp_path: Path, graphql: bool, token: bool) -> None:
    with Sandbox(SEED, graphql=graphql) as sandbox:
        said = Rehearsal(sandbox, tmp_path, CONFIGURATION, WRITE if token else {"X": ""}, now="2026-11-23").json("plan")
    found = {each["title"]: (each["progress"], each["health"]) for each in said.json["milestones"]}
    assert found == {
        "Handbook": ({"open": 4, "closed": 9}, "at-risk"),
        "Next": ({"open": 0, "closed": 0}, "no-date"),
    }
