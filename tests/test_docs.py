"""The documentation tells the truth of the code: what it lists is all there is, and what it shows runs."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mdpc import exits
from mdpc.cli import app
from mdpc.settings.file import from_tables
from tests.flows.rehearsal import typed
from tests.shown import missing, shown

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    str(page.relative_to(ROOT)) for glob in ("*.md", "docs/**/*.md", "benchmarks/*.md") for page in ROOT.glob(glob)
]
LOCK = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")


def rows(first_heading: str) -> list[list[str]]:
    """The cells of the table of the README whose first column has this heading."""
    table = README.split(f"| {first_heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_plan_that_the_first_page_shows_is_the_demos() -> None:
    (output,) = (each.text for each in shown((ROOT / "docs" / "index.md").read_text(encoding="utf-8")))
    assert missing(output, typed("demo").out) == []


SHOWN = [
    configuration
    for page in ("README.md", *(f"docs/{name}.md" for name in ("gates", "escalation", "templates", "people", "digest")))
    for configuration in re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize("configuration", SHOWN)
def test_the_configurations_that_pages_show_are_valid(configuration: str) -> None:
    settings = from_tables(tomllib.loads(configuration), {})
    assert "github" in settings.connectors


NAMED = re.findall(r"`([a-z]+/test_\w+\.py)::(test_\w+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_tests_that_the_page_on_security_names_are_there(file: str, name: str) -> None:
    assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


def test_every_attacker_on_the_page_on_security_is_held_by_a_test() -> None:
    table = (ROOT / "SECURITY.md").read_text(encoding="utf-8").split("| held by |\n", 1)[1].split("\n\n", 1)[0]
    assert [line for line in table.splitlines()[1:] if "::test_" not in line] == []


def test_the_readme_lists_every_command() -> None:
    listed = {command.removeprefix("mdpc ") for command, _ in rows("command")}
    ours = {command.name for command in app.registered_commands}
    assert listed == ours | {point.name for point in entry_points(group="mdpc.commands")}


def test_the_readme_lists_every_exit_status_in_the_order_that_counts() -> None:
    listed = [int(status) for status, _ in rows("exit status")]
    assert listed == [exits.USAGE, exits.REFUSED, exits.INCOMPLETE, exits.FINDINGS, exits.FINE]


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_every_dependency_is_locked_at_a_release_that_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for extra in project["project"]["optional-dependencies"].values():
        asked += extra
    locked = dict(re.findall(r"^([a-z0-9.-]+)==([^ ;]+)", LOCK, re.MULTILINE))
    for requirement in map(Requirement, asked):
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert name in locked, f"{name} is not locked: run scripts/lock"
        assert requirement.specifier.contains(locked[name]), f"{name} is locked at {locked[name]}: run scripts/lock"


def test_the_lock_has_a_hash_for_everything_and_names_no_index() -> None:
    entries = re.split(r"\n(?=[a-z])", LOCK.partition("\n")[2])
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in LOCK


def test_what_mdpc_runs_with_is_locked_as_it_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["apprise"]]
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9.-]+==[^ ;]+)", text, re.MULTILINE))
    names = {entry.partition("==")[0] for entry in locked}
    wanted = {re.sub(r"[-_.]+", "-", requirement.name).lower() for requirement in map(Requirement, needed)}
    assert wanted - names == set(), "run scripts/lock"
    assert locked - set(re.findall(r"^([a-z0-9.-]+==[^ ;]+)", LOCK, re.MULTILINE)) == set(), "run scripts/lock"
    assert "pytest" not in names
    assert [entry for entry in re.split(r"\n(?=[a-z])", text.partition("\n")[2]) if "--hash=sha256:" not in entry] == []
    assert "://" not in text
