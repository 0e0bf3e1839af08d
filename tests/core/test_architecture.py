"""The arrows of docs/architecture.md: everything in the engine is pure but the modules named here.

A pure module imports only what is known to be pure, so a new one is covered without being listed anywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mdpc

ENGINE = Path(mdpc.__file__).parent

IMPURE = {
    "mdpc.cli": "reads arguments and prints",
    "mdpc.commands": "each command reads, runs and prints",
    "mdpc.allowance": "looks at the clock",
    "mdpc.connector": "waits, retries and paces",
    "mdpc.channel": "the contract of what sends, which speaks of problems as connectors do",
    "mdpc.installed": "looks up what is installed",
    "mdpc.run": "the two ends of the pipe: reads and applies",
    "mdpc.applying": "writes through the connectors",
    "mdpc.side_by_side": "runs threads",
    **dict.fromkeys(
        (
            f"mdpc.settings.{part}"
            for part in ("file", "env", "parts", "people_file", "template_files", "checks", "secrets", "masking")
        ),
        "reads the configuration: the file, the environment, what is installed",
    ),
}

MAY_ALSO_USE = {
    "mdpc.report.page": {"io", "rich"},
    "mdpc.templates": {"importlib.resources"},
}
"""The page is drawn by rich's console into a string in memory; the texts that ship are part of the package's code."""

PURE_ELSEWHERE = {
    *(
        "__future__",
        "abc",
        "bisect",
        "collections",
        "contextlib",
        "csv",
        "dataclasses",
        "datetime",
        "difflib",
        "enum",
        "fnmatch",
        "functools",
    ),
    *(
        "graphlib",
        "hashlib",
        "html",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "string",
        "textwrap",
        "tomllib",
        "types",
    ),
    *("types", "typing", "unicodedata", "urllib.parse", "zoneinfo"),
    *(
        "holidays",
        "html.parser",
        "jinja2",
        "markdown_it",
        "pydantic",
        "pydantic_core",
        "tree_sitter",
        "tree_sitter_toml",
        "packaging.version",
    ),
}

DOES_IO = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"}
READS_THE_CLOCK = {"now", "utcnow", "today", "fromtimestamp"}


def within(module: str, packages: set[str] | dict[str, str]) -> bool:
    parts = module.split(".")
    return any(".".join(parts[:count]) in packages for count in range(1, len(parts) + 1))


def imported(node: ast.AST) -> Iterator[str]:
    """Full names of what an import brings in; a name out of mdpc itself may be a module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def wrong_import(name: str, allowed: set[str]) -> str | None:
    if name == "mdpc" or name.startswith("mdpc."):
        return f"imports {name}, which is not pure" if within(name, IMPURE) else None
    return None if within(name, allowed) else f"imports {name}, which is not known to be pure"


def wrong_call(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name) and node.id in DOES_IO:
        return f"uses {node.id}()"
    if isinstance(node, ast.Attribute) and node.attr == "open":
        return "uses .open()"
    if isinstance(node, ast.Attribute) and node.attr in READS_THE_CLOCK:
        owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        return f"uses {owner}.{node.attr}(): the clock" if owner in ("datetime", "date") else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "astimezone":
        return None if node.args or node.keywords else "uses astimezone() without a zone: the machine's own"
    return None


def impurities(source: str, module: str = "") -> list[str]:
    """What a module does that a pure one must not, each with its line."""
    found = []
    allowed = PURE_ELSEWHERE | MAY_ALSO_USE.get(module, set())
    for node in ast.walk(ast.parse(source)):
        for what in (*(wrong_import(name, allowed) for name in imported(node)), wrong_call(node)):
            if what:
                found.append(f"line {getattr(node, 'lineno', 0)} {what}")
        if isinstance(node, ast.alias) and node.asname and node.name in ("datetime", "date"):
            found.append("renames datetime or date, which would hide the clock")
    return found


def modules() -> dict[str, Path]:
    paths = {path: path.relative_to(ENGINE.parent).with_suffix("") for path in sorted(ENGINE.rglob("*.py"))}
    return {".".join(name.parts).removesuffix(".__init__"): path for path, name in paths.items()}


@pytest.mark.parametrize("module", [name for name in modules() if not within(name, IMPURE)])
def test_a_module_that_is_not_named_impure_is_pure(module: str) -> None:
    assert impurities(modules()[module].read_text(encoding="utf-8"), module) == []


def test_the_heart_of_the_pipe_is_among_the_pure_modules() -> None:
    heart = {"mdpc.model", "mdpc.join", "mdpc.owners", "mdpc.health", "mdpc.judge", "mdpc.plan", "mdpc.status"}
    assert heart <= {name for name in modules() if not within(name, IMPURE)}


def test_what_is_named_impure_exists() -> None:
    assert (set(IMPURE) | set(MAY_ALSO_USE)) - set(modules()) == set()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import os", "imports os,"),
        ("import os.path as p", "imports os.path,"),
        ("from pathlib import Path", "imports pathlib.Path,"),
        ("from urllib import request", "imports urllib.request,"),
        ("import urllib.request", "imports urllib.request,"),
        ("def late():\n    import socket", "imports socket,"),
        ("from mdpc.run import read", "imports mdpc.run.read, which is not pure"),
        ("from mdpc import connector", "imports mdpc.connector, which is not pure"),
        ("text = open('file').read()", "uses open()"),
        ("import io\ntext = io.open('file')", "uses .open()"),
        ("say = print", "uses print()"),
        ("from datetime import datetime, UTC\nmoment = datetime.now(UTC)", "uses datetime.now()"),
        ("import datetime\nday = datetime.date.today()", "uses date.today()"),
        ("from datetime import datetime as clock\nmoment = clock.now()", "renames datetime"),
        ("moment = moment.astimezone()", "without a zone"),
    ],
)
def test_the_check_sees_what_is_impure(source: str, said: str) -> None:
    assert said in "\n".join(impurities(source))


@pytest.mark.parametrize(
    "source",
    [
        "from mdpc import escape",
        "from collections.abc import Mapping",
        "from urllib.parse import quote",
        "today = context.today; now = request.now",
        "day = moment.astimezone(zone).date()",
        "from datetime import datetime\nmoment = datetime.fromisoformat(text)",
    ],
)
def test_the_check_lets_pure_code_be(source: str) -> None:
    assert impurities(source) == []
