"""The JSON that other programs rely on."""

from __future__ import annotations

import json

from mdpc.changes import Refusal, Withheld
from mdpc.model import Skipped, Unread
from mdpc.report.as_json import as_json
from tests.core.reports import WORKFLOW_COMMAND, applied, hostile, team

KEYS = [
    *("schema", "command", "now", "shard", "absent", "milestones", "findings", "baselined", "changes", "notices"),
    *("messages", "conflicts", "withheld", "refused", "unread", "skipped", "stats"),
]


def test_every_key_is_there_even_if_there_is_nothing_to_say() -> None:
    told = json.loads(as_json(team(milestones=(), findings=(), changes=())))
    assert list(told) == KEYS
    assert told["schema"] == "mdpc/1"
    assert told["command"] == "plan"
    assert told["now"] == "2026-11-22T09:00:00+00:00"
    assert told["milestones"] == told["notices"] == told["conflicts"] == told["unread"] == []


def test_a_milestone() -> None:
    (told,) = [each for each in json.loads(as_json(team()))["milestones"] if each["title"] == "v1.0"]
    assert told.pop("id").startswith("m")
    assert told == {
        "key": "github:acme/api/1.0",
        "title": "v1.0",
        "program": "github:acme/api",
        "state": "open",
        "due": "2026-11-02",
        "original_due": "2026-11-02",
        "owner": "bob",
        "health": "off-track",
        "history": False,
        "progress": {"open": 3, "closed": 7},
        "records": [
            {
                "ref": "github:acme/api#1",
                "url": "https://tracker.example/acme/api/1",
                "title": "v1.0",
                "due": "2026-11-02",
                "state": "open",
            }
        ],
        "gates": [],
        "bypass": [],
        "issue": None,
    }


def test_findings_and_changes() -> None:
    shown = applied(team(), n1="failed")
    told = json.loads(as_json(shown))
    first = shown.findings[0]
    assert told["findings"][0] == {
        "id": first.id,
        "rule": "overdue",
        "level": "error",
        "milestone": first.milestone,
        "ref": None,
        "message": first.message,
        "remedy": first.remedy,
    }
    change = told["changes"][0]
    assert list(change) == [
        *("id", "write", "kind", "program", "milestone", "ref", "field", "before", "after", "why", "outcome", "answer")
    ]
    assert (change["outcome"], change["answer"]) == ("failed", "the tracker said failed (PATCH /x: 500)")
    assert {each["outcome"] for each in json.loads(as_json(team()))["changes"]} == {None}


def test_what_is_missing() -> None:
    told = json.loads(
        as_json(
            team(
                withheld=(Withheld("a status", "read only"),),
                refused=(Refusal("platform", "adopt", 30, 25, "too many"),),
                unread=(Unread("jira:OLD", "gone", optional=True),),
                skipped=(Skipped("github:acme/attic", "archived"),),
            )
        )
    )
    assert told["withheld"] == [{"what": "a status", "why": "read only"}]
    assert told["refused"] == [{"program": "platform", "limit": "adopt", "count": 30, "allowed": 25, "why": "too many"}]
    assert told["unread"] == [{"container": "jira:OLD", "why": "gone", "optional": True}]
    assert told["skipped"] == [{"container": "github:acme/attic", "why": "archived"}]


def test_stats_have_a_key_per_connector_in_order() -> None:
    stats = json.loads(as_json(team()))["stats"]
    assert stats["truncated"] is False
    assert stats["seconds"] == 1.25
    assert stats["requests"] == {"github": 1, "jira": 2}
    assert list(stats["requests"]) == ["github", "jira"]
    assert stats["records"] == {"github": 5, "jira": 2}
    assert stats["containers"] == {"github": 2, "jira": 1}


def test_hostile_text_arrives_as_it_is_and_commands_nothing() -> None:
    shown = hostile()
    text = as_json(shown)
    assert not WORKFLOW_COMMAND.search(text)
    assert text.isascii()
    assert [each["title"] for each in json.loads(text)["milestones"]] == [each.title for each in shown.milestones]


def test_the_same_plan_gives_the_same_text() -> None:
    assert as_json(team()) == as_json(team())
