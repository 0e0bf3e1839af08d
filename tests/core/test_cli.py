"""The commands: what they print, where, and how they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mdpc import __version__
from mdpc.commands.errors import UsageError
from mdpc.commands.session import moment_of
from mdpc.connector import Problem
from tests.core.build import record
from tests.core.command_line import Typed, in_memory, mdpc
from tests.core.test_run import Down, InMemory

__all__ = ["mdpc"]

BERLIN = ZoneInfo("Europe/Berlin")
NOW = ("--now", "2026-11-22")
OWN = ["plan", "sync", "check", "check-config", "doctor", "explain", "forget"]


def test_the_version(mdpc: Typed) -> None:
    result = mdpc("--version")
    assert (result.stdout, result.exit_code) == (f"mdpc {__version__}\n", 0)


def test_help_names_every_command_and_the_exit_statuses(mdpc: Typed) -> None:
    text = mdpc("--help").stdout
    for name in OWN:
        assert f"\n  {name} " in text
    listed = text.split("Commands:", 1)[1].split("Exit status", 1)[0]
    assert "..." not in listed
    assert "Show mdpc at work on sample data: plan, sync, plan again, forget;" in " ".join(listed.split())
    assert "4 refused by [limits]" in " ".join(text.split()) or "4\n" in text


@pytest.mark.parametrize("name", OWN)
def test_every_command_has_an_example(mdpc: Typed, name: str) -> None:
    text = mdpc(name, "--help").stdout
    assert "Example" in text
    assert f"mdpc {name}" in text.split("Example", 1)[1]


def test_plan_shows_and_writes_nothing(mdpc: Typed) -> None:
    result = mdpc("plan", *NOW)
    assert result.exit_code == 0
    assert result.stdout.startswith("3 open milestones: 1 is off track, 1 has no due date and 1 is on track.\n")
    assert "TO WRITE  3" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == ""
    assert mdpc.writes == 0


def test_plan_as_json_and_markdown(mdpc: Typed) -> None:
    told = json.loads(mdpc("plan", *NOW, "--format", "json").stdout)
    assert (told["command"], told["now"]) == ("plan", "2026-11-22T12:00:00+01:00")
    assert mdpc("plan", *NOW, "--format", "markdown").stdout.startswith("### 3 open milestones")


def test_output_goes_to_a_file_as_utf_8(mdpc: Typed) -> None:
    mdpc.connectors = in_memory([record("github:acme/api#1", "Größe →")])
    result = mdpc("plan", *NOW, "--output", "out.txt")
    assert (result.stdout, result.exit_code) == ("", 0)
    assert "● Größe →" in Path("out.txt").read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("plan", "--output", "no/such/file"),
            "mdpc: --output no/such/file: there is no folder no/such; make it first.\n",
        ),
        (("plan", "--output", "."), "mdpc: --output . is a folder: name a file in it.\n"),
        (("plan", "--repo", "api"), "mdpc: --repo 'api' is not a repository: write OWNER/NAME, such as acme/api.\n"),
        (("plan", "--jira", "API"), "such as https://acme.atlassian.net/API.\n"),
        (("plan", "--repo", "a/b", "--config", "x.toml"), "leave out either them or --config.\n"),
        (
            ("plan", "--jira", "http://a/X", "--jira", "http://b/Y"),
            "several Jiras need a configuration (see --config).\n",
        ),
        (("plan", "--now", "tomorrow"), "mdpc: --now 'tomorrow' is not a moment: write a day such as 2026-11-22,"),
        (("plan", "--format", "yaml"), "'--format': 'yaml' is not one of 'text', 'json', 'markdown'.\n"),
        (("sync", "--adopt", "-1"), "'--adopt': -1 is not possible: write at least 0.\n"),
        (("sync", "--adopt", "x"), "'--adopt': 'x' is not a whole number.\n"),
        (("check", "--fail-on", "always"), "'--fail-on': 'always' is not one of 'error', 'warn', 'never'.\n"),
        (("nonsense",), "No such command 'nonsense'."),
        (("forget",), "mdpc: `mdpc forget` asks before it writes, and nobody is there to answer: add --yes"),
    ],
)
def test_wrong_usage_is_a_sentence_and_nothing_is_read(mdpc: Typed, words: tuple[str, ...], sentence: str) -> None:
    result = mdpc(*words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""
    assert not any(connector.requests for connector in mdpc.connectors.values())


def test_a_wrong_configuration_lists_every_problem(mdpc: Typed) -> None:
    Path("mdpc.toml").write_text('timezone = "Mars"\nhistroy = "all"\n[connectors.github]\n', encoding="utf-8")
    result = mdpc("plan")
    assert result.exit_code == 2
    first, *problems = result.stderr.splitlines()
    assert first == f"mdpc: The configuration has {len(problems)} problems; nothing was read."
    assert any(line.startswith("  mdpc.toml:1: timezone: ") for line in problems)
    assert any("histroy" in line for line in problems)
    assert mdpc.seen == []


def test_a_missing_configuration(mdpc: Typed) -> None:
    result = mdpc("sync", "--config", "other.toml")
    assert result.exit_code == 2
    assert "  other.toml: there is no such file" in result.stderr


def test_only_what_is_named(mdpc: Typed) -> None:
    told = json.loads(mdpc("plan", *NOW, "--only", "jira:API#10010", "--format", "json").stdout)
    assert [each["title"] for each in told["milestones"]] == ["v2.0"]
    result = mdpc("plan", "--only", "nothing")
    assert result.exit_code == 2
    assert result.stderr.startswith("mdpc: Nothing that was read is called 'nothing'.")


def test_without_a_configuration_it_only_reads(mdpc: Typed) -> None:
    Path("mdpc.toml").unlink()
    result = mdpc("plan", "--repo", "acme/api", "--repo", "acme/web", "--jira", "https://jira.example/x/API/")
    assert result.exit_code == 0
    (settings,) = mdpc.seen
    tables = {name: table.model_dump() for name, table in settings.connectors.items()}
    assert tables["github"]["repositories"] == ("acme/api", "acme/web")
    assert (tables["jira"]["url"], tables["jira"]["projects"]) == ("https://jira.example/x", ("API",))
    assert {table["access"] for table in tables.values()} == {"read"}


@pytest.mark.parametrize(
    ("address", "url", "key"),
    [
        ("https://acme.atlassian.net/API", "https://acme.atlassian.net", "API"),
        ("https://acme.atlassian.net/jira/projects/API", "https://acme.atlassian.net", "API"),
        ("https://acme.atlassian.net/jira/software/c/projects/API/boards/1?a=b", "https://acme.atlassian.net", "API"),
        ("https://acme.atlassian.net/jira/core/projects/API/board", "https://acme.atlassian.net", "API"),
        ("https://acme.atlassian.net/browse/API-12", "https://acme.atlassian.net", "API"),
        ("https://jira.example/x/projects/API/summary#top", "https://jira.example/x", "API"),
        ("https://jira.example/browse/API", "https://jira.example", "API"),
        ("http://127.0.0.1:8040/jira/projects/API", "http://127.0.0.1:8040/jira", "API"),
    ],
)
def test_a_project_may_be_named_by_what_a_browser_shows(mdpc: Typed, address: str, url: str, key: str) -> None:
    assert mdpc("plan", "--jira", address).exit_code == 0
    table = mdpc.seen[0].connectors["jira"].model_dump()
    assert (table["url"], table["projects"]) == (url, (key,))


def test_a_page_that_is_no_projects_is_none(mdpc: Typed) -> None:
    result = mdpc("plan", "--jira", "https://acme.atlassian.net/jira/your-work")
    assert result.exit_code == 2
    assert "is not a project: write URL/PROJECT" in result.stderr


def test_sync_writes_and_tells(mdpc: Typed) -> None:
    result = mdpc("sync", *NOW)
    assert result.exit_code == 0
    assert "WRITTEN  3\n" in result.stdout
    assert mdpc.writes == 3
    assert result.stderr == ""


def test_sync_refused_by_limits_writes_nothing_until_told(mdpc: Typed) -> None:
    Path("mdpc.toml").write_text(
        Path("mdpc.toml").read_text(encoding="utf-8") + "[limits]\nadopt = 2\n", encoding="utf-8"
    )
    assert mdpc("plan", *NOW).exit_code == 4
    assert mdpc("check", *NOW).exit_code == 0
    refused = mdpc("sync", *NOW)
    assert (refused.exit_code, mdpc.writes) == (4, 0)
    assert "`mdpc sync --adopt 3`" in refused.stdout
    assert mdpc("sync", *NOW, "--adopt", "3").exit_code == 0
    assert mdpc.writes == 3


def test_sync_that_fails_in_part_is_incomplete(mdpc: Typed) -> None:
    mdpc.connectors["jira"].answer = lambda _: "failed"
    result = mdpc("sync", *NOW)
    assert result.exit_code == 3
    assert "FAILED  1\n" in result.stdout
    assert "WRITTEN  2\n" in result.stdout


def test_a_tracker_that_is_down_is_unread(mdpc: Typed) -> None:
    mdpc.connectors["jira"] = Down("jira")
    result = mdpc("plan", *NOW)
    assert result.exit_code == 3
    assert "jira:* could not be read.\n" in result.stdout
    assert "The server did not answer. Look at its address.\n" in result.stdout


def test_check_fails_on_errors_only_unless_told(mdpc: Typed) -> None:
    assert mdpc("check", *NOW).exit_code == 0
    assert mdpc("check", *NOW, "--fail-on", "warn").exit_code == 1
    assert mdpc("check", *NOW, "--fail-on", "never").exit_code == 0
    Path("mdpc.toml").write_text(Path("mdpc.toml").read_text(encoding="utf-8") + '[rules]\noverdue = "error"\n')
    assert mdpc("check", *NOW).exit_code == 1
    assert mdpc("plan", *NOW).exit_code == 0
    assert mdpc.writes == 0


def test_check_config_contacts_nobody(mdpc: Typed) -> None:
    result = mdpc("check-config")
    assert result.exit_code == 0
    assert result.stdout.startswith("The configuration is valid: 2 connectors (github, jira)")
    assert mdpc.seen == []
    Path("mdpc.toml").write_text("histroy = 1\n[connectors.github]\n", encoding="utf-8")
    wrong = mdpc("check-config", "--format", "json")
    assert wrong.exit_code == 2
    assert [each["where"] for each in json.loads(wrong.stdout)["problems"]] == ["mdpc.toml:1: histroy"]


def test_doctor_asks_every_connector(mdpc: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    well = mdpc("doctor")
    assert (well.exit_code, well.stdout.splitlines()[0]) == (0, "All is well with github and jira.")
    monkeypatch.setattr(InMemory, "preflight", lambda self, scope: [Problem("error", self.name, "no token", "Set it")])
    ill = mdpc("doctor")
    assert ill.exit_code == 3
    assert "error github  no token\n      → Set it.\n" in ill.stdout
    assert mdpc.writes == 0


def test_explain_a_milestone_by_ref_and_key(mdpc: Typed) -> None:
    result = mdpc("explain", "github:acme/api#1", *NOW)
    assert result.exit_code == 0
    assert result.stdout.startswith("v1.0\n")
    assert "  owner   bob, by description of github:acme/api#1; not in [people]\n" in result.stdout
    told = json.loads(mdpc("explain", "github:acme/api/1.0", *NOW, "--format", "json").stdout)
    assert [each["title"] for each in told["milestones"]] == ["v1.0"]
    assert mdpc("explain", "github:acme/api#1", "--format", "markdown").stdout.startswith("### v1.0")
    assert mdpc.writes == 0


def test_a_milestone_is_named_by_what_the_plan_shows(mdpc: Typed) -> None:
    for what in ("v1.0", "V1.0", "1.0", "github:acme/api/v1.0", "github:acme/api#v1.0"):
        assert mdpc("explain", what, *NOW).stdout.startswith("v1.0\n")
        told = json.loads(mdpc("plan", *NOW, "--only", what, "--format", "json").stdout)
        assert [each["title"] for each in told["milestones"]] == ["v1.0"]


def test_a_title_that_several_have_is_refused_and_their_keys_are_told(mdpc: Typed) -> None:
    mdpc.connectors = in_memory([record("github:acme/api#1", "v1.0"), record("jira:API#1", "v1.0")])
    result = mdpc("sync", "--only", "v1.0")
    assert (result.exit_code, mdpc.writes) == (2, 0)
    assert result.stderr == (
        "mdpc: 'v1.0' is the title of several milestones: github:acme/api/1.0, jira:API/1.0. Name one by its key.\n"
    )


def test_explain_a_rule_needs_no_configuration(mdpc: Typed) -> None:
    Path("mdpc.toml").unlink()
    result = mdpc("explain", "owner-required")
    assert result.exit_code == 0
    assert result.stdout.startswith("owner-required\n\nEvery open milestone has somebody who answers for it.\n")


def test_explain_what_is_not_there_suggests_a_rule(mdpc: Typed) -> None:
    result = mdpc("explain", "nothing")
    assert result.exit_code == 2
    assert "nor is it a rule: ambiguous-title, closed-with-open-work, " in result.stderr


@pytest.mark.parametrize("configured", [True, False])
def test_a_misspelt_rule_is_told_before_anything_is_read(mdpc: Typed, configured: bool) -> None:
    if not configured:
        Path("mdpc.toml").unlink()
    result = mdpc("explain", "Overdeu")
    assert result.exit_code == 2
    assert result.stderr.startswith("mdpc: There is no rule 'Overdeu'; did you mean \"overdue\"? ")
    assert mdpc.seen == []


def test_a_program_that_is_called_nearly_like_a_rule_is_a_program(mdpc: Typed) -> None:
    text = Path("mdpc.toml").read_text(encoding="utf-8")
    Path("mdpc.toml").write_text(f'{text}[[programs]]\nname = "overdu"\nmembers = ["github:acme/api"]\n')
    result = mdpc("explain", "overdu", *NOW)
    assert result.exit_code == 0
    assert "\noverdu/1.0  m" in result.stdout


def test_explain_says_what_was_not_read_and_is_incomplete(mdpc: Typed) -> None:
    mdpc.connectors["jira"] = Down("jira")
    text = Path("mdpc.toml").read_text(encoding="utf-8")
    program = '[[programs]]\nname = "platform"\nmembers = ["github:acme/api", "jira:API"]\n'
    Path("mdpc.toml").write_text(text + program, encoding="utf-8")
    result = mdpc("explain", "platform/1.0", *NOW)
    assert result.exit_code == 3
    assert result.stdout.startswith("jira:* could not be read.\n\nv1.0\n")
    assert "TO WRITE\n  nothing: it is withheld, see below\n" in result.stdout
    assert "WITHHELD  1\n  the status of platform/1.0\n    jira:* could not be read completely.\n" in result.stdout
    assert "NOT READ  1\n  jira:*\n    The server did not answer. Look at its address.\n" in result.stdout
    told = json.loads(mdpc("explain", "platform/1.0", *NOW, "--format", "json").stdout)
    assert [entry["container"] for entry in told["unread"]] == ["jira:*"]
    assert [entry["what"] for entry in told["withheld"]] == ["the status of platform/1.0"]
    marked = mdpc("explain", "platform/1.0", *NOW, "--format", "markdown").stdout
    assert marked.startswith("**jira:\\* could not be read.**\n\n### v1.0\n")
    assert "**Withheld**\n\n- the status of platform/1.0: " in marked
    assert "**Not read**\n\n- `jira:*`: The server did not answer. Look at its address." in marked


@pytest.mark.parametrize(
    "words", [("explain", "platform/2.0"), ("plan", "--only", "platform"), ("check", "--only", "x")]
)
def test_what_was_not_found_may_be_in_what_was_not_read(mdpc: Typed, words: tuple[str, ...]) -> None:
    mdpc.connectors |= {"github": Down("github"), "jira": Down("jira")}
    result = mdpc(*words)
    assert result.exit_code == 3
    assert result.stderr == (
        f"mdpc: {words[-1]!r} is not among what was read. What was not:\n"
        "  github:*, jira:*: The server did not answer. Look at its address.\n"
    )


@pytest.mark.parametrize("command", ["plan", "check", "sync"])
def test_a_selection_of_nothing_is_incomplete(mdpc: Typed, command: str) -> None:
    mdpc.connectors = in_memory([])
    result = mdpc(command)
    assert result.exit_code == 3
    assert "Nothing was read: of what the configuration names, nothing is left.\n" in result.stdout
    assert "Next: Correct what the configuration names, or the token's rights; `mdpc doctor`" in result.stdout
    assert "Nothing was read" in mdpc(command, "--format", "markdown").stdout
    told = json.loads(mdpc(command, "--format", "json").stdout)
    assert told["stats"]["containers"] == {"github": 0, "jira": 0}


def test_without_a_configuration_nothing_is_advised_that_needs_one(mdpc: Typed) -> None:
    Path("mdpc.toml").unlink()
    for kind in ("text", "markdown", "json"):
        said = mdpc("plan", *NOW, "--repo", "acme/api", "--format", kind).stdout
        assert "owner-required" in said
        assert not [word for word in ("owners.map", "waivers", "access =", "explain TITLE") if word in said]
        assert "without a configuration mdpc only reads" in said.lower()


def written(mdpc: Typed) -> None:
    """The records as they are after a sync."""
    mdpc("sync", *NOW)
    texts = {change.ref: str(change.after) for each in mdpc.connectors.values() for change in each.applied}
    records = [each for connector in mdpc.connectors.values() for each in connector.records]
    kept = {each.ref: record(str(each.ref), each.title, description=texts[each.ref]) for each in records}
    mdpc.connectors = in_memory(list(kept.values()))


def test_forget_with_yes(mdpc: Typed) -> None:
    written(mdpc)
    result = mdpc("forget", "--yes")
    assert result.exit_code == 0
    assert result.stdout.startswith("mdpc's status was taken out of 3 descriptions.\n")
    assert mdpc.writes == 3
    assert {change.after for each in mdpc.connectors.values() for change in each.applied} == {None}


@pytest.mark.parametrize(("answer", "writes"), [("y\n", 3), ("n\n", 0), ("", 0)])
def test_forget_shows_and_asks_on_a_terminal(
    mdpc: Typed, monkeypatch: pytest.MonkeyPatch, answer: str, writes: int
) -> None:
    written(mdpc)
    monkeypatch.setattr("mdpc.commands.forgetting.someone_answers", lambda: True)
    result = mdpc("forget", answer=answer)
    assert result.exit_code == 0
    assert "WOULD BE TAKEN OUT  3\n" in result.stderr
    assert "Take mdpc out of 3 descriptions?" in result.stderr
    assert mdpc.writes == writes
    assert ("Nothing was taken out." in result.stderr) == (not writes)
    assert ("was taken out of 3" in result.stdout) == bool(writes)


def test_forget_leaves_what_it_may_not_write_to_and_says_so(mdpc: Typed) -> None:
    written(mdpc)
    text = Path("mdpc.toml").read_text(encoding="utf-8")
    only_jira = text.replace("[connectors.jira]", '[connectors.jira]\naccess = "read"')
    Path("mdpc.toml").write_text(only_jira, encoding="utf-8")
    result = mdpc("forget", "--yes")
    assert result.exit_code == 3
    start = "mdpc's status was taken out of 2 descriptions.\n1 description keeps it: mdpc may not write there.\n"
    assert result.stdout.startswith(start)
    assert result.stdout.endswith('Next: Run it again with access = "write" where mdpc may not write now.\n')
    Path("mdpc.toml").write_text(only_jira.replace("[connectors.github]", '[connectors.github]\naccess = "read"'))
    for connector in mdpc.connectors.values():
        connector.applied.clear()
    none = mdpc("forget", "--yes")
    assert (none.exit_code, mdpc.writes) == (3, 0)
    start = "mdpc's status stands in 3 descriptions.\n3 descriptions keep it: mdpc may not write there.\n"
    assert none.stdout.startswith(start)
    assert "nothing to do" not in none.stdout.lower()


def test_forget_with_something_unread_says_what_to_do_about_it(mdpc: Typed) -> None:
    written(mdpc)
    mdpc.connectors["jira"] = Down("jira")
    result = mdpc("forget", "--yes")
    assert result.exit_code == 3
    assert result.stdout.startswith("mdpc's status was taken out of 2 descriptions.\njira:* could not be read.\n")
    assert "all is" not in result.stdout
    assert "Next: Repair what could not be read, then run it again;" in result.stdout


def test_forget_where_nothing_stands_does_not_ask(mdpc: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mdpc.commands.forgetting.someone_answers", lambda: True)
    result = mdpc("forget")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("mdpc's status stands in 0 descriptions.\n")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", datetime(2026, 11, 22, 12, tzinfo=BERLIN)),
        ("2026-11-22T09:00", datetime(2026, 11, 22, 9, tzinfo=BERLIN)),
        ("2026-11-22 09:00:05", datetime(2026, 11, 22, 9, 0, 5, tzinfo=BERLIN)),
        ("2026-11-22T23:30:00Z", datetime(2026, 11, 22, 23, 30, tzinfo=UTC)),
        ("2026-11-22T23:30:00-05:00", datetime(2026, 11, 23, 4, 30, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    found = moment_of(text, BERLIN)
    assert found == moment
    assert found.tzinfo is BERLIN


@pytest.mark.parametrize("text", ["", "2026-13-01", "now", "22.11.2026", "9999-12-31T23:59:59-23:00", "0001-01-01"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(UsageError, match="is not a moment"):
        moment_of(text, BERLIN)


def test_now_is_now(mdpc: Typed) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    told = datetime.fromisoformat(json.loads(mdpc("plan", "--format", "json").stdout)["now"])
    assert before <= told <= datetime.now(UTC)
    assert told.utcoffset() == told.astimezone(BERLIN).utcoffset()


def test_the_program_itself_prints_to_a_pipe_that_closes() -> None:
    code = "import sys; from mdpc.commands.output import write_out; write_out('x' * 1_000_000); sys.exit(4)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 4


def test_output_that_its_encoding_cannot_hold_is_spelled_out() -> None:
    code = "from mdpc.commands.output import write_out; write_out('→ ok\\n')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert printed.stdout == b"\\u2192 ok\n"


def run_mdpc(*words: str, stdout: object) -> tuple[int, bytes]:
    """mdpc as a process of its own, with its stdout there; its status and what it said on stderr."""
    command = [sys.executable, "-c", "from mdpc.cli import main; main()", *words]
    with subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE) as process:  # type: ignore[call-overload]
        if process.stdout is not None:
            process.stdout.close()
        said = process.stderr.read()
    return process.returncode, said


@pytest.mark.parametrize("words", [("demo",), ("explain", "overdue")])
def test_a_pipe_that_closes_ends_a_command_quietly(words: tuple[str, ...]) -> None:
    assert run_mdpc(*words, stdout=subprocess.PIPE) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("words", [("demo",), ("explain", "overdue"), ("--version",), ("--help",)])
def test_a_full_disk_is_a_sentence(words: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        status, said = run_mdpc(*words, stdout=full)
    assert status == 3
    sentence = "Standard output could not be written (No space left on device); make room, or send it elsewhere."
    assert said.decode() == f"mdpc: {sentence}\n"
