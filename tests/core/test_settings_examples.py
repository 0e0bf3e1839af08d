from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from mdpc import settings as format_of
from mdpc.installed import connector_class, connector_types, installed_rules
from mdpc.settings.file import MINIMAL, load

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"
SHORT = sorted((ROOT / "docs" / "examples").glob("*.toml"))


@pytest.mark.parametrize("path", [EXAMPLE, ROOT / "config.minimal.toml", *SHORT], ids=lambda path: path.name)
def test_every_example_can_be_used_as_it_stands(path: Path) -> None:
    assert load(path, {}).connectors


@pytest.mark.parametrize("path", SHORT, ids=lambda path: path.name)
def test_ten_lines_are_enough(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 10


def test_the_short_examples_are_what_they_are_named_after() -> None:
    cloud, center, github = (load(path, {}) for path in SHORT)
    assert cloud.connectors["jira"].model_dump()["url"].endswith(".atlassian.net")
    assert not center.connectors["jira"].model_dump()["url"].endswith(".atlassian.net")
    assert [member.ref.partition(":")[0] for member in center.programs[0].members].count("github") == 12
    assert list(github.connectors) == ["github"]
    assert len(github.programs[0].members) == 8


def test_the_minimal_file_is_the_three_lines_that_errors_show() -> None:
    lines = (ROOT / "config.minimal.toml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == MINIMAL.splitlines()


def keys() -> Iterator[tuple[str, str]]:
    """Every key that the configuration may have, with the word that the example must show."""
    models: list[type[BaseModel]] = [
        kind
        for kind in vars(format_of).values()
        if isinstance(kind, type)
        and issubclass(kind, format_of.Table)
        and kind not in (format_of.Table, format_of.Person)
    ]
    models += [connector_class(name).Settings for name in connector_types()]
    for model in models:
        for name in model.model_fields:
            yield f"{model.__name__}.{name}", name
    yield from (("Person." + name, name) for name in ("manager", "away", "delegate", "gone", *connector_types()))
    for name, rule in installed_rules().items():
        yield name, name
        yield from ((f"{name}.{key}", key) for key in rule.model_fields)


@pytest.mark.parametrize(("key", "shown"), list(keys()))
def test_the_example_shows_every_key(key: str, shown: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("__", " ")
    assert re.search(rf"(?<![\w-]){shown}(?![\w-])", text, re.IGNORECASE)


def test_every_key_is_described_for_those_who_read_the_schema() -> None:
    for kind in vars(format_of).values():
        if isinstance(kind, type) and issubclass(kind, format_of.Table):
            assert [name for name, field in kind.model_fields.items() if not field.description] == []


def test_the_example_names_the_true_default_of_every_plain_value() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    defaults = format_of.Settings.model_fields, format_of.Limits.model_fields, format_of.Writeback.model_fields
    for fields in defaults:
        for name, field in fields.items():
            if isinstance(field.default, str | int):
                default = str(field.default).lower() if isinstance(field.default, bool) else repr(field.default)
                (line,) = re.findall(rf"^{name} = .*$", text, re.MULTILINE)
                assert f"default {default.replace(chr(39), chr(34))})" in line
