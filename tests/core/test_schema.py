"""The JSON Schema of the configuration: what it takes, what it refuses, and that it says what editors show."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mdpc.commands.describing import installed_schema
from mdpc.installed import installed_rules
from tests.core.settings_text import GITHUB, JIRA, complaints
from tests.flows.rehearsal import typed

ROOT = Path(__file__).parents[2]
FILES = ["config.example.toml", "config.minimal.toml", *map(str, ROOT.glob("docs/examples/*.toml"))]
SHOWN = [
    shown
    for page in (ROOT / "README.md", *ROOT.glob("docs/**/*.md"))
    if page.name != "sandbox.md"  # which shows seeds
    for shown in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]


def plain(part: Any) -> Any:
    """A TOML value as editors give it to a schema: days are texts."""
    if isinstance(part, dict):
        return {name: plain(each) for name, each in part.items()}
    if isinstance(part, list):
        return [plain(each) for each in part]
    return part.isoformat() if isinstance(part, date) else part


def complaints_of_schema(text: str) -> list[str]:
    """Where the schema finds something wrong."""
    found = Draft202012Validator(installed_schema()).iter_errors(plain(tomllib.loads(text)))
    return [".".join(map(str, error.absolute_path)) for error in found]


def test_it_is_a_schema_and_goes_where_it_is_told(tmp_path: Path) -> None:
    Draft202012Validator.check_schema(installed_schema())
    told = typed("schema")
    assert told.status == 0
    assert told.json == json.loads(json.dumps(installed_schema()))
    path = tmp_path / "mdpc.schema.json"
    assert typed("schema", "--output", str(path)).status == 0
    assert json.loads(path.read_text(encoding="utf-8")) == told.json


@pytest.mark.parametrize("name", FILES)
def test_every_example_is_taken(name: str) -> None:
    assert complaints_of_schema((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("shown", SHOWN)
def test_what_the_pages_show_is_taken(shown: str) -> None:
    text = shown if "[connectors" in shown else GITHUB + shown
    assert complaints_of_schema(text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('timezonee = "UTC"\n' + GITHUB, ""),
        ("[rules]\noverdue = 'warn'\n", ""),
        (GITHUB + "repositorys = ['acme/*']\n", "connectors.github"),
        (GITHUB + "token = 'hunter2'\n", "connectors.github"),
        (GITHUB + "access = 'readwrite'\n", "connectors.github.access"),
        ("[connectors.tracker]\nrepositories = ['acme/*']\n", "connectors.tracker"),
        ("[connectors.tracker]\ntype = 'gitlab'\n", "connectors.tracker.type"),
        ("[connectors.github]\ntype = 'jira'\nrepositories = ['acme/*']\n", "connectors.github"),
        ("[connectors.jira]\nprojects = ['WEB']\n", "connectors.jira"),
        (JIRA + "issue = { kind = 'Task' }\n", "connectors.jira.issue"),
        (GITHUB + "[rules]\noverdue = 'fatal'\n", "rules.overdue"),
        (GITHUB + "[rules]\noverdu = 'warn'\n", "rules"),
        (GITHUB + "[rules]\nstale = { level = 'warn', day = 3 }\n", "rules.stale"),
        (GITHUB + "[[overrides]]\nmatch = '*'\nrules = { overdu = 'off' }\n", "overrides.0.rules"),
        (
            GITHUB + "[[waivers]]\nmatch = '*'\nrules = ['overdu']\nuntil = 2027-01-01\nreason = 'x'\n",
            "waivers.0.rules.0",
        ),
        (GITHUB + "[[waivers]]\nmatch = '*'\nrules = ['overdue']\nreason = 'x'\n", "waivers.0"),
        (GITHUB + "[[programs]]\nname = 'p'\nmembers = []\n", "programs.0.members"),
        (GITHUB + "[[gates]]\nname = 'g'\nreviewers = ['@a']\nvoid_on = ['title']\n", "gates.0.void_on.0"),
        (GITHUB + "[[escalation.steps]]\nat = '+1d'\nto = []\n", "escalation.steps.0.to"),
        (GITHUB + "[people.alice]\ngithub = 3\n", "people.alice.github"),
        (GITHUB + "[people.alice]\naway = '2026-12-24'\n", "people.alice.away"),
        (GITHUB + "[channels.mail]\ntype = 'smtp'\nhost = 'mail.acme.example'\n", "channels.mail"),
        (GITHUB + "[channels.mail]\ntype = 'smpt'\n", "channels.mail.type"),
        (GITHUB + "[limits]\nshare = 30\n", "limits.share"),
        (GITHUB + "[limits]\nadopt = 'many'\n", "limits.adopt"),
        (GITHUB + "[writeback]\nissue = 'sometimes'\n", "writeback.issue"),
    ],
)
def test_what_is_refused_there_is_refused_by_mdpc_too(text: str, place: str) -> None:
    assert place in complaints_of_schema(text)
    assert complaints(text)


def test_it_says_of_every_key_what_it_is_for() -> None:
    schema = installed_schema()
    silent = [
        f"{name}.{key}"
        for name, table in {"": schema, **schema["$defs"]}.items()
        for key, about in table.get("properties", {}).items()
        if not (about.get("description") or "$ref" in about)
    ]
    assert silent == []


def test_it_tells_of_every_rule_what_mdpc_explain_tells() -> None:
    definitions = installed_schema()["$defs"]
    for name, rule in installed_rules().items():
        assert (rule.__doc__ or "").splitlines()[0] in definitions[f"rule {name}"]["description"]


def test_nothing_in_it_is_a_secret_or_null() -> None:
    text = json.dumps(installed_schema())
    assert '"password"' not in text
    assert '"null"' not in text
