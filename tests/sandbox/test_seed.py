"""Seeds and payloads from files, and the command that serves them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mdpc_sandbox import seed
from mdpc_sandbox.commands import introduction, sandbox
from mdpc_sandbox.faults import Fault
from mdpc_sandbox.seed import MILESTONES, VERSIONS, SeedError, read_payload, read_seed
from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import typed
from tests.sandbox.conftest import Hub

DATA = Path(__file__).parents[3] / "shared" / "data"

app = typer.Typer()
app.command()(sandbox)


def test_the_documented_seed_is_one(tmp_path: Path) -> None:
    text = "\n".join(line[4:] for line in (seed.__doc__ or "").splitlines() if line.startswith("    "))
    path = tmp_path / "seed.toml"
    path.write_text(text, encoding="utf-8")
    with Sandbox(read_seed(path)) as running:
        api = running.github.repository("acme/api")
        assert (api.topics, api.milestones[1].due_on) == (("product",), "2026-12-01T08:00:00Z")
        assert (api.issues[1].milestone, api.issues[1].comments[0].body) == (1, "On it.")
        assert [token.value for token in running.github.access.tokens] == ["only-api"]


def test_payloads_are_served_as_they_are(hub: Hub) -> None:
    path = DATA / "github-milestones.json"
    if not path.exists():
        pytest.skip("needs github-milestones.json of ../shared/data, which lies beside the repository")
    payload = read_payload(path, MILESTONES)
    hub.state.add_payload(payload)
    served: list[dict[str, Any]] = []
    for repository in {entry["url"].split("/repos/")[1].split("/milestones")[0] for entry in payload}:
        served += hub.get(f"/repos/{repository}/milestones?state=all&per_page=100").json()
    assert len({one["node_id"] for one in served}) == len(served) == len(payload)
    by_url = {one["url"].split("/repos/")[1]: one for one in served}
    same = ("number", "title", "description", "due_on", "state", "open_issues", "closed_issues", "created_at")
    for entry in payload:
        answer = by_url[entry["url"].split("/repos/")[1]]
        assert {key: answer[key] for key in same} == {key: entry[key] for key in same}


read_milestones = partial(read_payload, kind=MILESTONES)
read_versions = partial(read_payload, kind=VERSIONS)


@pytest.mark.parametrize(
    ("name", "text", "read", "message"),
    [
        ("none.toml", None, read_seed, "No such file"),
        ("a.toml", "= 1", read_seed, "cannot be read"),
        ("a.json", "[]", read_seed, "is no seed"),
        ("a.toml", "[gitlab]", read_seed, "unknown table gitlab"),
        ("a.json", "{}", read_milestones, "holds no milestones of GitHub: it is no list of objects"),
        ("a.txt", "not json", read_milestones, "cannot be read"),
        ("v.json", '[{"id": "1", "name": "1.0"}]', read_milestones, "These are versions of Jira: use --jira-payload"),
        ("x.json", '[{"id": "1"}]', read_milestones, "entry 1 has no `url`. It must be the JSON list that GET /repos"),
        ("x.json", '[{"id": "1"}]', read_versions, "entry 1 has no `name`. It must be the JSON list that GET /rest"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, text: str | None, read: Callable[[Path], object], message: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SeedError, match=message) as error:
        read(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.toml"], "none.toml cannot be read"),
        (["--jira-deployment", "7"], "jira.deployment: it must be"),
        (["--github-payload", "bad.json"], "bad.json holds no milestones of GitHub: entry 1 has no `number`."),
        (["--github-payload", "versions.json"], "These are versions of Jira: use --jira-payload."),
        (["--jira-payload", "bad.json"], "bad.json holds no versions of Jira: entry 1 has no `id`."),
        (["--jira-payload", "twice.json"], "A payload or the key cannot be used: Two Jira versions have the id 1"),
        (["none.toml", "--demo"], "Either none.toml says what the sandbox holds, or --demo: leave out one of them."),
    ],
)
def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text('[{"url": "x"}]', encoding="utf-8")
    version = {"id": "1", "name": "1.0"}
    Path("versions.json").write_text(json.dumps([version]), encoding="utf-8")
    Path("twice.json").write_text(json.dumps([version, version]), encoding="utf-8")
    result = CliRunner().invoke(app, [*arguments, "--port", "0"])
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Sandbox) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "wait", interrupt)
    payload = tmp_path / "versions.json"
    payload.write_text(json.dumps([{"id": "1", "name": "1.0", "projectId": 1}]), encoding="utf-8")
    key = tmp_path / "app.pem"
    arguments = ["--port", "0", "--jira-payload", str(payload), "--jira-project", "SLING", "--app-key", str(key)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "1 project, 1 version" in result.stdout
    assert "MDPC_CONNECTORS__GITHUB__TOKEN=sandbox-write" in result.stdout
    assert key.read_text(encoding="ascii").startswith("-----BEGIN")
    assert key.stat().st_mode & 0o077 == 0
    again = CliRunner().invoke(app, ["--port", "0", "--app-key", str(key)])
    assert again.exit_code == 0


def test_the_introduction_leads_to_a_running_sandbox(hub: Hub) -> None:
    text = introduction(hub.sandbox)
    assert hub.sandbox.github_url in text
    assert "5 repositories, 5 milestones" in text
    assert "read  (mdpc-reader, reads only)" in text


def started(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """What the command says at its start."""

    def interrupt(_: Sandbox) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "wait", interrupt)
    result = CliRunner().invoke(app, ["--port", "0", *arguments])
    assert result.exit_code == 0
    return result.stdout


def test_a_sandbox_that_is_empty_says_so_and_how_it_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(started(monkeypatch).split())
    assert (
        "They hold nothing yet. Start them with a seed, `mdpc sandbox team.toml`, or with `mdpc sandbox --demo`" in text
    )
    filled = started(monkeypatch, "--demo")
    assert "nothing yet" not in filled
    assert "(5 repositories, 8 milestones)" in filled


def test_the_help_speaks_of_files_not_of_types() -> None:
    text = typed("sandbox", "--help").out
    assert "list[Path]" not in text
    assert "--github-payload FILE" in text


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    result = CliRunner().invoke(app, [])
    assert (result.exit_code, result.stderr.strip().endswith("pip install 'mdpc[sandbox]'")) == (2, True)


def test_importing_the_commands_needs_nothing_of_the_extra() -> None:
    program = (
        "import sys, mdpc_sandbox.commands; print([n for n in ('starlette', 'uvicorn', 'graphql') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_page_about_the_sandbox_tells_the_truth(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    path = tmp_path / "team.toml"
    path.write_text(page.split("```toml\n", 1)[1].split("```", 1)[0], encoding="utf-8")
    with Sandbox(read_seed(path)) as running:
        assert running.github.repository("acme/api").milestones[1].open == 3
        assert [version.name for version in running.jira.versions.values()] == ["1.0"]
    rules = [line.split("'")[1] for line in page.splitlines() if "_faults -d" in line]
    assert [Fault.model_validate_json(rule).path for rule in rules] == [
        "*",
        "/rest/api/2/search*",
        "/repos/*/milestones/*",
    ]
    exec(page.split("```python\n", 1)[1].split("```", 1)[0], {})
