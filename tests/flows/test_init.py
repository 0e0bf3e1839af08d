"""`mdpc init` as a team begins with it: a configuration that can be used as it stands, from what was read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from mdpc.proposing import Wishes, proposal
from mdpc.settings.file import from_tables
from mdpc.snapshot import Snapshot
from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import READ, WRITE, typed

ALIKE = [
    {"title": "v1.0", "due": "2026-12-01", "description": "Owner: @alice-gh"},
    {"title": "v2.0", "due": "2027-03-01", "description": "Owner: @alice-gh"},
]
SEED: dict[str, Any] = {
    "github": {
        "repositories": [
            {"name": "acme/api", "private": True, "milestones": ALIKE},
            {"name": "acme/web", "milestones": [{"title": "1.0", "due": "2026-12-01"}]},
            {"name": "acme/wiki", "milestones": [{"title": '"""\n[evil]', "description": "Owner: @bob"}]},
        ]
    },
    "jira": {
        "users": [{"id": "carol-j", "displayName": "Carol"}],
        "projects": [{"key": "API", "versions": [{"name": "v2.0", "releaseDate": "2027-03-01", "driver": "carol-j"}]}],
    },
}


def init(sandbox: Sandbox, path: Path, *options: str) -> Any:
    github = ("--github", "acme/*", "--github-url", sandbox.github_url)
    jira = ("--jira", sandbox.jira_url, "--project", "API")
    return typed("init", *github, *jira, "--output", str(path), *options, environment=READ)


def test_what_is_called_alike_is_one_program_and_owners_are_people(tmp_path: Path) -> None:
    path = tmp_path / "mdpc.toml"
    with Sandbox(SEED) as sandbox:
        said = init(sandbox, path, "--timezone", "Europe/Berlin", "--enforce-after", "2027-02-01")
        assert said.status == 0, said.err
        assert "from 5 milestones in 4 containers" in said.out
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        assert typed("check-config", "--config", str(path), environment=READ).status == 0
        planned = typed("plan", "--config", str(path), "--now", "2026-11-23", environment=READ)
        assert planned.status == 0, planned.err
        assert not sandbox.log.writes()
    assert found["timezone"] == "Europe/Berlin"
    assert found["enforce_after"].isoformat() == "2027-02-01"
    (program,) = found["programs"]
    assert program["members"] == ["github:acme/api", "github:acme/web", "jira:API"]
    assert program["home"] == "github:acme/api"
    assert found["people"]["alice-gh"] == {"github": "alice-gh"}
    assert found["people"]["carol-j"] == {"jira": "carol-j"}
    assert {table["access"] for table in found["connectors"].values()} == {"read"}
    assert set(found["rules"].values()) == {"error"}
    assert "evil" not in found


def test_what_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "mdpc.toml"
    path.write_text("mine")
    with Sandbox(SEED) as sandbox:
        said = init(sandbox, path)
        assert said.status == 2
        assert "is there already, and stays" in said.err
        assert path.read_text() == "mine"
        assert not sandbox.log.entries


@pytest.mark.parametrize("text", ['a"b\\', "\u202e\x7f\x1b\n", "é 👩\u200d💻", "]\n[evil]", "\U000e0041"])
def test_a_text_stays_in_its_quotes_and_all_of_it_can_be_seen(text: str) -> None:
    wishes = Wishes({"jira": {"url": text, "projects": [text]}}, timezone=text)
    written = proposal(Snapshot(()), from_tables({"connectors": {"github": {}}}, {}), wishes)
    found = tomllib.loads(written)
    assert (found["timezone"], found["connectors"]["jira"]) == (
        text,
        {"url": text, "projects": [text], "access": "read"},
    )
    assert all(each.isprintable() or each == "\n" for each in written)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ((), "Name a tracker: --github 'OWNER/*', or --jira URL with --project KEY"),
        (("--github", "acme"), "write OWNER/NAME"),
        (("--github", "acme/*", "--enforce-after", "soon"), "--enforce-after 'soon' is no day"),
        (("--github", "acme/*", "--timezone", "Berlin"), '"Berlin" is not a time zone'),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_read(
    tmp_path: Path, options: tuple[str, ...], complaint: str
) -> None:
    path = tmp_path / "mdpc.toml"
    said = typed("init", *options, "--output", str(path), environment=READ)
    assert said.status == 2
    assert complaint in " ".join(said.err.split())
    assert not path.exists()


def test_what_could_not_be_read_is_said_and_the_rest_is_proposed(tmp_path: Path) -> None:
    path = tmp_path / "mdpc.toml"
    with Sandbox(SEED) as sandbox:
        sandbox.faults.add("*", tracker="jira", status=403)
        said = init(sandbox, path)
        assert said.status == 3
        assert "jira" in said.err
        assert tomllib.loads(path.read_text(encoding="utf-8"))["programs"]


def test_with_write_it_can_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mdpc.toml"
    with Sandbox(SEED) as sandbox:
        assert init(sandbox, path, "--write").status == 0
        synced = typed("sync", "--config", str(path), "--now", "2026-11-23", environment=WRITE)
        assert synced.status == 0, synced.out
        assert sandbox.log.writes()
