"""Builds the documentation as a site: `bash scripts/site`, which fails on every link that leads nowhere.

The pages are written for GitHub, where links may lead to any file of the repository. On the site those lead back to the
repository; the pages are copied for that, and none is changed. The workflow says where both are, by SITE_URL and by
what GitHub sets.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "documentation"

_LINK = re.compile(r"(\]\()(?![a-z]+:|#)([^)#\s]+)")
_FENCE = re.compile(r"^(```.*?^```)", re.DOTALL | re.MULTILINE)


def build(root: Path = ROOT, target: Path = BUILD, environ: Mapping[str, str] = os.environ) -> tuple[int, str]:
    """Build the site of `root` below `target`: whether that worked (0), and what was said. Warnings are errors."""
    shutil.rmtree(target, ignore_errors=True)
    docs = target / "docs"
    shutil.copytree(root / "docs", docs)
    repository = repository_url(environ)
    for path in sorted(docs.rglob("*.md")):
        page = PurePosixPath(path.relative_to(docs).as_posix())
        path.write_text(led_back(path.read_text(encoding="utf-8"), page, root, repository), encoding="utf-8")
    settings = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))
    settings["nav"] = navigation(settings["nav"], docs)
    if environ.get("SITE_URL"):
        settings["site_url"] = environ["SITE_URL"]
    (target / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    tool = Path(sys.executable).parent / "zensical"
    command = [str(tool), "build", "--clean", "--strict"]
    quiet = {**environ, "NO_COLOR": "1"}
    done = subprocess.run(  # noqa: S603 - the same words always
        command, cwd=target, env=quiet, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


def repository_url(environ: Mapping[str, str]) -> str:
    """Where the repository's files can be read; a workflow knows that."""
    server = environ.get("GITHUB_SERVER_URL", "https://github.com")
    return f"{server}/{environ.get('GITHUB_REPOSITORY', 'OWNER/mdpc')}/blob/HEAD"


def led_back(text: str, page: PurePosixPath, root: Path, repository: str) -> str:
    """A page's text, where links to files that are no part of the site lead to the repository."""

    def link(found: re.Match[str]) -> str:
        there = Path(os.path.normpath(root / "docs" / page.parent / found[2]))
        if there.is_relative_to(root / "docs") or not there.exists():
            return found[0]
        return f"{found[1]}{repository}/{there.relative_to(root).as_posix()}"

    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else _LINK.sub(link, part) for part in parts)


def navigation(wanted: list[Any], docs: Path) -> list[Any]:
    """The pages of `nav` that are there, a folder as its pages, and after them whatever it does not name."""
    made = list(_there(wanted, docs))
    there = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    unnamed = sorted(there - set(_named(made)))
    return [*made, {"More": unnamed}] if unnamed else made


def _there(wanted: list[Any], docs: Path) -> Iterator[Any]:
    for entry in wanted:
        title, inner = next(iter(entry.items())) if isinstance(entry, dict) else (None, entry)
        if isinstance(inner, str) and (docs / inner).is_dir():
            inner = _folder(inner, docs)
        if isinstance(inner, list):
            inside = list(_there(inner, docs))
            if inside:
                yield {title: inside}
        elif (docs / inner).exists():
            yield entry


def _folder(folder: str, docs: Path) -> list[str]:
    names = [path.relative_to(docs).as_posix() for path in (docs / folder).glob("*.md")]
    return sorted(names, key=lambda name: (not name.endswith("/index.md"), name))


def _named(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        for inner in entry.values() if isinstance(entry, dict) else (entry,):
            if isinstance(inner, list):
                yield from _named(inner)
            else:
                yield inner


if __name__ == "__main__":
    status, said = build()
    sys.stderr.write(said)
    if not status:
        sys.stderr.write(f"The site is in {BUILD / 'site'}: open index.html there.\n")
    sys.exit(status)
