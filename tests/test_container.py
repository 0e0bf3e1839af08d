"""The container's recipe: what gets in, who runs it, and that what the page on unattended runs shows fits it."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STEPS = [
    (word, rest)
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
    for word, _, rest in [line.partition(" ")]
]
PAGE = (ROOT / "docs" / "unattended.md").read_text(encoding="utf-8")


def last(word: str) -> str:
    """What the last step of a kind says: that of the image that is run."""
    return [rest for each, rest in STEPS if each == word][-1]


def test_it_runs_as_nobody_in_particular_without_a_shell() -> None:
    user = last("USER").split(":")[0]
    assert user.isdecimal()
    assert int(user) > 0
    assert json.loads(last("ENTRYPOINT"))[0].endswith("/mdpc")
    assert all(json.loads(rest) for word, rest in STEPS if word in ("RUN", "CMD", "ENTRYPOINT"))
    assert {word for word, _ in STEPS} <= {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"}


def test_every_package_in_it_is_known_by_its_hash() -> None:
    installs = [json.loads(rest) for word, rest in STEPS if word == "RUN" and "install" in rest]
    locked, own = installs
    assert {"--require-hashes", "requirements.lock"} <= set(locked)
    assert {"--no-deps", "--no-build-isolation", "."} <= set(own)


COPIED = [rest.split()[:-1] for word, rest in STEPS if word == "COPY" and not rest.startswith("--from=")]


@pytest.mark.parametrize("source", [source for sources in COPIED for source in sources])
def test_what_is_copied_is_there_and_not_left_out(source: str) -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert (ROOT / source).exists()
    assert f"!{source}" in lines


@pytest.mark.parametrize("name", [".git", ".venv", "tests", "mdpc.toml", ".env"])
def test_nothing_else_gets_in(name: str) -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    said = [not line.startswith("!") for line in patterns if fnmatchcase(name, line.removeprefix("!"))]
    assert said[-1:] == [True]


def test_the_page_shows_the_user_and_the_folder_of_the_recipe() -> None:
    user, folder = last("USER").split(":")[0], last("WORKDIR")
    assert re.findall(r"runAsUser: (\d+)", PAGE) == [user]
    assert f"It runs as user {user}" in PAGE
    assert f":{folder}/mdpc.toml:ro" in PAGE
    assert re.findall(r"mountPath: (\S+)", PAGE) == [folder]
