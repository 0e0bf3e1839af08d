"""What the page on extending mdpc shows works as it stands there."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mdpc.connector import Connector, TrackerError
from mdpc.coordination import IssueScope
from mdpc.installed import _points
from mdpc.messages import Message, Recipient
from mdpc.model import Record
from mdpc.rules.base import Context, Rule
from mdpc_sandbox.server import Sandbox
from tests.contract import EVERYTHING, ReadingContract, Stand, status_change
from tests.core.build import milestone, record
from tests.flows.rehearsal import typed
from tests.test_contract import SEED

PAGE = (Path(__file__).parent.parent / "docs" / "extending.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
GROUPS = {"mdpc.rules", "mdpc.connectors", "mdpc.channels"}


def names_shown() -> dict[str, Any]:
    """What the page's Python defines, by name: one module, as the page's package is."""
    names: dict[str, Any] = {"__name__": "acme_mdpc"}
    for code in CODE:
        exec(compile(code, "docs/extending.md", "exec", dont_inherit=True), names)
    return names


SHOWN = names_shown()


def test_its_entry_points_name_what_it_shows() -> None:
    project = tomllib.loads(re.findall(r"```toml title=\S+\n(.*?)```", PAGE, re.DOTALL)[0])["project"]
    assert project["entry-points"].keys() == GROUPS
    for points in project["entry-points"].values():
        for place in points.values():
            package, _, name = place.partition(":")
            assert package == "acme_mdpc"
            assert isinstance(SHOWN[name], type)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The page's package, installed as pip would."""
    places = tomllib.loads(re.findall(r"```toml title=\S+\n(.*?)```", PAGE, re.DOTALL)[0])["project"]["entry-points"]
    folder = tmp_path / "site-packages"
    about = folder / "acme_mdpc-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "acme_mdpc.py").write_text("\n".join(CODE), encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-mdpc\nVersion: 1.0\n", encoding="utf-8")
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in points.items())
        for group, points in places.items()
    ]
    (about / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    _points.cache_clear()
    yield
    _points.cache_clear()
    sys.modules.pop("acme_mdpc", None)


@pytest.mark.usefixtures("installed")
def test_installed_it_is_known_everywhere(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "mdpc.toml"
    table = f'[connectors.versions]\nurl = "{sandbox.jira_url}"\nuser = "mdpc-bot@example.com"\nprojects = ["API"]\n'
    rules = '[rules]\nnot-too-large = { level = "error", issues = 2 }\n[channels.log]\nfile = "log"\n'
    path.write_text(table + rules, encoding="utf-8")
    token = {"MDPC_CONNECTORS__VERSIONS__TOKEN": "sandbox-write"}
    assert typed("check-config", "--config", str(path)).status == 0
    assert "not-too-large" in typed("schema").out
    assert typed("explain", "not-too-large").out.startswith("not-too-large\n\nA milestone stays small enough")
    said = typed("check", "--config", str(path), "--format", "json", environment=token)
    assert said.status == 1, said.err
    found = {each["milestone"]: each["message"] for each in said.json["findings"] if each["rule"] == "not-too-large"}
    assert found == {"versions:API/1": "it has 3 issues, more than 2"}


def test_its_rule_finds_what_it_says() -> None:
    shown = SHOWN["NotTooLarge"]
    assert issubclass(shown, Rule)
    rule = shown.configure({"issues": 2})
    today = Context(date(2026, 11, 22))
    larger = milestone(record("github:acme/api#1", open_issues=2, closed_issues=1))
    assert [breach.message for breach in rule.check(larger, today)] == ["it has 3 issues, more than 2"]
    assert list(rule.check(milestone(record("github:acme/api#1", open_issues=2)), today)) == []


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SEED) as running:
        yield running


def connector(sandbox: Sandbox, *, token: str = "sandbox-write", projects: tuple[str, ...], **options: Any) -> Any:
    table = {"url": sandbox.jira_url, "user": "mdpc-bot@example.com", "token": SecretStr(token), "projects": projects}
    settings = SHOWN["VersionsSettings"].model_validate({"type": "versions", **table})
    return SHOWN["VersionsConnector"]("versions", settings, **options)


class TestTheConnector(ReadingContract):
    """The page's connector keeps the part of the contract that is about reading."""

    @pytest.fixture
    def stand(self, sandbox: Sandbox) -> Stand:
        def make(**options: Any) -> Connector:
            made: Connector = connector(sandbox, projects=("API", "WEB"), **options)
            return made

        def rename() -> tuple[str, str]:
            sandbox.jira.change_key("API", "CORE")
            return "API", "CORE"

        def unused(*_: Any) -> Any:
            raise AssertionError("nothing of reading changes a record")

        return Stand(sandbox, make, unused, unused, rename, unused, unused, "jira")

    def test_it_reads_what_the_tracker_holds(self, sandbox: Sandbox) -> None:
        reading = connector(sandbox, projects=("API",)).read(EVERYTHING)
        found = {each.title: (each.due, each.closed, each.open_issues, each.closed_issues) for each in reading.records}
        assert found == {"1": (date(2026, 12, 1), False, 2, 1), "0": (date(2026, 11, 1), True, 0, 0)}
        since = connector(sandbox, projects=("API",)).read(replace(EVERYTHING, closed_since=date(2026, 11, 2)))
        assert [each.title for each in since.records] == ["1"]

    def test_what_is_not_there_is_unread_and_the_rest_is_read(self, sandbox: Sandbox) -> None:
        reading = connector(sandbox, projects=("API", "GONE")).read(EVERYTHING)
        assert [each.container for each in reading.unread] == ["versions:GONE"]
        assert [str(each.ref) for each in reading.containers] == ["versions:API"]

    def test_it_writes_nothing_and_says_so(self, sandbox: Sandbox) -> None:
        made = connector(sandbox, projects=("API",))
        first: Record = made.read(EVERYTHING).records[0]
        (outcome,) = made.apply([status_change(first, None, "mdpc: on track [m0123456789ab]")])
        assert outcome.status == "failed"
        assert made.read_issues(IssueScope(homes=("API",))).unread[0].container == "versions:API"
        assert sandbox.log.writes() == ()

    def test_a_server_that_is_away_is_an_error(self, sandbox: Sandbox) -> None:
        sandbox.faults.add("*", tracker="jira", drop="before")
        with pytest.raises(TrackerError, match="does not answer"):
            connector(sandbox, projects=("API",), sleep=lambda _: None).read(EVERYTHING)

    def test_a_name_that_is_no_key_is_said(self) -> None:
        problem = SHOWN["VersionsSettings"].container_problem
        assert (problem("API"), bool(problem("A*"))) == ("", True)


def test_its_channel_adds_a_line_for_each_message(tmp_path: Path) -> None:
    file = tmp_path / "log"
    channel = SHOWN["LogChannel"]("log", SHOWN["LogSettings"].model_validate({"type": "log", "file": file}))
    alice = (Recipient("alice"),)
    message = Message(
        "n1-log", "notice", "log", "platform", "platform/2.0", "n1", "v2.0: overdue", "a\nb", "a\nb", alice
    )
    assert (list(channel.preflight()), channel.send(message)) == ([], ("done", ""))
    assert channel.send(message) == ("done", "")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert lines == [{"id": "n1-log", "to": ["alice"], "text": "a\nb"}] * 2
    nowhere = SHOWN["LogChannel"](
        "log", SHOWN["LogSettings"].model_validate({"type": "log", "file": tmp_path / "a" / "b"})
    )
    assert [each.level for each in nowhere.preflight()] == ["error"]
    assert nowhere.send(message) == ("failed", "the file cannot be written to (FileNotFoundError)")
