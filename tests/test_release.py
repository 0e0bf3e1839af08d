"""What a release is made of: what its script refuses, what is in its files, and what its workflow may do."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from mdpc import __version__

ROOT = Path(__file__).parent.parent
CHANGELOG = """# Changelog

## [Unreleased]

- later

## [1.2.0] - 2027-01-31

### Added

- `this`

## [1.1.0] - 2027-01-01

- that
"""


def check(
    folder: Path, *arguments: str, changelog: str = CHANGELOG, tags: str = ""
) -> subprocess.CompletedProcess[str]:
    """The script in a project of version 1.2.0."""
    for name, text in (("CHANGELOG.md", changelog), ("core/mdpc/__init__.py", '__version__ = "1.2.0"\n')):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "scripts").mkdir(exist_ok=True)
    script = shutil.copy(ROOT / "scripts" / "release-check", folder / "scripts")
    command = [sys.executable, script, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, input=tags, timeout=60)


def test_what_fits_may_be_released_with_its_section(tmp_path: Path) -> None:
    done = check(tmp_path, "v1.2.0", "--notes", "notes.md")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "notes.md").read_text(encoding="utf-8") == "### Added\n\n- `this`\n"


@pytest.mark.parametrize(
    ("tag", "changelog", "complaints"),
    [
        ("v1.2", CHANGELOG, ["the tag 'v1.2' is no release: write vX.Y.Z, such as v1.2.0"]),
        ("v01.2.0", CHANGELOG, ["the tag 'v01.2.0' is no release"]),
        ("$(touch x)\n::error::x", CHANGELOG, ["the tag '$(touch x)\\n::error::x' is no release"]),
        (
            "v1.3.0",
            CHANGELOG,
            [
                "core/mdpc/__init__.py says '1.2.0': set __version__ to '1.3.0', or tag v1.2.0",
                "CHANGELOG.md has 0 headings",
            ],
        ),
        ("v1.2.0", CHANGELOG.replace("2027-01-31", "soon"), ["the heading of 1.2.0 has no day"]),
        ("v1.2.0", CHANGELOG.replace(" - 2027-01-31", ""), ["the heading of 1.2.0 has no day"]),
        ("v1.2.0", CHANGELOG + "\n## [1.2.0] - 2027-02-01\n\n- x\n", ["CHANGELOG.md has 2 headings for it"]),
        (
            "v1.2.0",
            CHANGELOG.replace("### Added\n\n- `this`\n", ""),
            ["nothing stands below the heading of 1.2.0: move it there from [Unreleased]"],
        ),
    ],
)
def test_what_does_not_fit_is_said_all_at_once(
    tag: str, changelog: str, complaints: Sequence[str], tmp_path: Path
) -> None:
    done = check(tmp_path, tag, "--notes", "notes.md", "--major", changelog=changelog)
    assert (done.returncode, done.stdout) == (1, "")
    said = done.stderr.splitlines()
    assert len(said) == len(complaints)
    assert [line for line, words in zip(said, complaints, strict=True) if words not in line] == []
    assert not (tmp_path / "notes.md").exists()
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("tags", "moved"),
    [
        ("", "v1\n"),
        ("v1\nv1.2.0\nv1.1.9\nv0.9.0\n", "v1\n"),
        ("v2\nv2.0.0\nv1.2.0\n", "v1\n"),
        ("v1.2.0\nv1.10.0\n", "\n"),
        ("v1.2.1\n", "\n"),
        ("v1.3.0-rc1\nnightly\nx v9.9.9\n", "v1\n"),
    ],
)
def test_a_fix_of_an_older_release_does_not_move_the_major_version_back(tags: str, moved: str, tmp_path: Path) -> None:
    assert check(tmp_path, "v1.2.0", "--major", tags=tags).stdout == moved


# ── The files ─────────────────────────────────────────────────────────────────────────────────────

PACKAGES = ("mdpc", "mdpc_channels", "mdpc_github", "mdpc_jira", "mdpc_sandbox")
DATA = (
    *(f"mdpc/templates/{name}.md" for name in ("achieved", "achieved.de", "notice", "notice.de")),
    "mdpc_sandbox/demo/mdpc.toml",
    "mdpc_sandbox/demo/trackers.toml",
    "mdpc_sandbox/github/schema.graphql",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a release, built as the workflow builds them, of a copy with what lies about in a checkout."""
    folder = tmp_path_factory.mktemp("release")
    checkout = folder / "checkout"
    left_out = shutil.ignore_patterns(".*", "__pycache__", "tests", "dist")
    shutil.copytree(ROOT, checkout, ignore=left_out)
    shutil.copy(ROOT / ".gitignore", checkout)
    for stray in ("mdpc.toml", ".env", "plan.json", "tests/test_x.py", ".hypothesis/x", "core/mdpc/__pycache__/x.pyc"):
        (checkout / stray).parent.mkdir(parents=True, exist_ok=True)
        (checkout / stray).write_text("not for everybody")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder / "dist")]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "dist"


def test_the_wheel_has_all_that_is_needed_and_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(built / f"mdpc-{__version__}-py3-none-any.whl") as wheel:
        names = set(wheel.namelist())
        metadata = wheel.read(f"mdpc-{__version__}.dist-info/METADATA").decode()
    expected = {*DATA, *(f"{package}/py.typed" for package in PACKAGES)}
    info = {name for name in names if name.startswith(f"mdpc-{__version__}.dist-info/")}
    assert {name.rpartition("/")[2] for name in info} == {"METADATA", "WHEEL", "RECORD", "LICENSE", "entry_points.txt"}
    assert {name for name in names - info if not name.endswith(".py")} == expected
    modules = {
        str(path.relative_to(ROOT / source))
        for source in ("core", "connectors")
        for path in (ROOT / source).rglob("*.py")
    }
    assert {name for name in names if name.endswith(".py")} == modules
    assert "License-Expression: MIT\n" in metadata


def test_the_source_builds_the_same_and_has_nothing_that_lay_about(built: Path) -> None:
    with tarfile.open(built / f"mdpc-{__version__}.tar.gz") as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {name.partition("/")[0] for name in names} == {
        *("core", "connectors", "docs", "pyproject.toml", "PKG-INFO", ".gitignore", "LICENSE"),
        *("README.md", "CHANGELOG.md", "SECURITY.md", "config.example.toml", "config.minimal.toml"),
    }
    assert {f"core/{name}" for name in DATA if name.startswith("mdpc/")} <= names
    assert not [name for name in names if "pycache" in name or name.endswith(".pyc")]


# ── The workflow ──────────────────────────────────────────────────────────────────────────────────

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]


def test_each_job_has_its_right_and_no_more() -> None:
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "check": {"contents": "read"},
        "build": {"contents": "read"},
        "pypi": {"id-token": "write", "attestations": "write"},
        "github": {"contents": "write"},
    }
    assert JOBS["pypi"]["environment"]["name"] == "pypi"
    assert set(JOBS["pypi"]["needs"]) == {"check", "build"}


def test_what_may_write_runs_nothing_of_the_project() -> None:
    for name in ("pypi", "github"):
        steps = JOBS[name]["steps"]
        assert not [step for step in steps if "checkout" in step.get("uses", "")]
        assert not [step for step in steps if "python" in step.get("run", "")]


def test_no_name_of_a_tag_reaches_a_shell_as_code() -> None:
    for job in JOBS.values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            assert len(step.get("uses", f"@{'0' * 40}").partition("@")[2]) == 40
