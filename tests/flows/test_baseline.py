"""A baseline as a team begins with it: what is found today is known, what is found later counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

CONFIGURATION = """
[connectors.github]
url = "{github}"
repositories = ["acme/*"]
[rules]
owner-required = "error"
"""
SEED = {"github": {"repositories": [{"name": "acme/api", "milestones": [{"title": "v1.0", "due": "2026-12-01"}]}]}}


def test_what_was_found_first_does_not_count_and_what_comes_later_does(tmp_path: Path) -> None:
    with Sandbox(SEED) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, CONFIGURATION, WRITE, now="2026-11-23")
        assert acme.mdpc("check").status == 1
        kept = acme.mdpc("check", "--write-baseline", str(tmp_path / "known.json"))
        assert kept.status == 0
        assert "1 finding kept in " in kept.err
        assert [each["milestone"] for each in json.loads((tmp_path / "known.json").read_text())["findings"]] == [
            "github:acme/api/1.0"
        ]
        acme.configuration = 'baseline = "known.json"\n' + CONFIGURATION
        quiet = acme.mdpc("check")
        assert quiet.status == 0
        assert "No further rule is broken. 1 known finding is left out." in quiet.out
        assert acme.json("plan").json["baselined"] == 1
        assert acme.json("plan").json["findings"] == []
        sandbox.github.create_milestone(sandbox.github.repository("acme/api"), "bob", "v2.0")
        later = acme.json("check")
        assert later.status == 1
        assert {each["milestone"] for each in later.json["findings"]} == {"github:acme/api/2.0"}
        acme.mdpc("check", "--write-baseline", str(tmp_path / "known.json"))
        assert acme.json("check").json["findings"] == []
        assert not sandbox.log.writes()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "there is no such file; `mdpc check --write-baseline FILE` makes one"),
        ("[]", "this is no baseline"),
        ("not json", "this is no baseline"),
        ('{"schema": "mdpc/baseline/9"}', "its schema is 'mdpc/baseline/9', and this version knows"),
        ('{"schema": "mdpc/baseline/1", "findings": [{}]}', "it is damaged"),
    ],
)
def test_a_baseline_that_cannot_be_read_is_a_mistake(tmp_path: Path, text: str | None, why: str) -> None:
    if text is not None:
        (tmp_path / "known.json").write_text(text)
    with Sandbox(SEED) as sandbox:
        acme = Rehearsal(sandbox, tmp_path, 'baseline = "known.json"\n' + CONFIGURATION, WRITE)
        said = acme.mdpc("check")
        assert said.status == 2
        assert f"baseline = 'known.json': {why}" in " ".join(said.err.split())
        assert not sandbox.log.entries


def test_an_incomplete_reading_makes_no_baseline(tmp_path: Path) -> None:
    with Sandbox(SEED) as sandbox:
        sandbox.faults.add("*", status=403)
        acme = Rehearsal(sandbox, tmp_path, CONFIGURATION, WRITE, now="2026-11-23")
        assert acme.mdpc("check", "--write-baseline", str(tmp_path / "known.json")).status == 3
        assert not (tmp_path / "known.json").exists()
        narrowed = acme.mdpc("check", "--write-baseline", str(tmp_path / "known.json"), "--only", "acme/api")
        assert narrowed.status == 2
