"""Milestones as the real GitHub returned them, served by the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mdpc.model import Scope
from mdpc_sandbox.server import Sandbox
from tests.github.helpers import connector

PAYLOAD = Path(__file__).parents[3] / "shared" / "data" / "github-milestones.json"


@pytest.fixture(scope="module")
def payload() -> list[dict[str, Any]]:
    if not PAYLOAD.is_file():
        pytest.skip("the recorded milestones are not beside the repository")
    loaded: list[dict[str, Any]] = json.loads(PAYLOAD.read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("graphql", [True, False], ids=["graphql", "rest"])
def test_every_milestone_is_read_as_people_saw_it(payload: list[dict[str, Any]], graphql: bool) -> None:
    with Sandbox(graphql=graphql) as sandbox:
        sandbox.github.add_payload(payload)
        names = tuple(sorted({"/".join(one["url"].split("/")[4:6]) for one in payload}))
        reading = connector(url=sandbox.github_url, token="sandbox-write").read(Scope(members=names))
    assert not reading.unread
    assert len(reading.containers) == 14
    found = {str(record.ref): record for record in reading.records}
    assert len(found) == 49
    assert len({record.uid for record in reading.records}) == 49
    for one in payload:
        owner, name, _, number = one["url"].split("/")[4:]
        record = found[f"github:{owner}/{name}#{number}"]
        assert record.title == one["title"]
        assert record.description == one["description"]
        assert record.closed == (one["state"] == "closed")
        # Midnight US-Pacific is 07:00Z or 08:00Z of the day that people chose; none of them is near the other midnight.
        assert (str(record.due) if record.due else None) == (one["due_on"] and one["due_on"][:10])
