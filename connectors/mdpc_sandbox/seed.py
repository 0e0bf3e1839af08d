"""Seeds: what the sandbox holds when it starts, as a TOML or JSON file, or as the services' own payloads.

    [github]
    users = ["alice"]                     # owners that are people; every other owner is an organisation

    [[github.repositories]]
    name = "acme/api"
    private = false                       # also: archived, has_issues (true), topics
    topics = ["product"]
    assignable = ["alice"]                # whom issues can be assigned to (default: everybody)

    [[github.repositories.milestones]]    # numbered from 1 unless `number` says otherwise
    title = "v1.0"
    description = "Owner: @alice"
    due = 2026-12-01                      # the day people see; `due_on` instead is served as it is
    state = "open"
    open = 3                              # issues that nobody needs to name; also: closed
    creator = "alice"                     # also: created_at, updated_at, closed_at

    [[github.repositories.issues]]
    title = "Write the migration guide"
    milestone = "v1.0"                    # a title or a number
    labels = ["docs"]                     # also: body, state, assignees, user, pull_request, created_at, updated_at
    comments = [{ user = "alice", body = "On it." }]  # also: editor, created_at

    [[github.teams]]
    name = "acme/leads"
    members = ["alice"]

    [[github.tokens]]                     # default: sandbox-write and sandbox-read
    value = "only-api"
    login = "alice"
    kind = "fine-grained"                 # or "classic" (with `scopes`), "app", "actions"
    write = true                          # what the token allows
    repositories = ["acme/api"]           # globs it covers; others are readable where public (default: all)
    push = ["acme/*"]                     # where its account may push (default: wherever the token writes) ...
    role = "write"                        # ... and its role there: or "triage", "maintain", "admin"
    teams = true                          # whether it may read who is in a team

    [github.app]                          # an App with one installation
    id = 1                                # also: slug, installation, repositories, write, teams, private_key_file
    permissions = { contents = "write" }  # what it may do besides

The `[jira]` part is described in `mdpc_sandbox.jira.seed`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError


class SeedError(Exception):
    """A seed or payload that cannot be used; its text is for users: what, where, what to write."""


def read_seed(path: Path) -> dict[str, Any]:
    """The tables of a seed file, TOML or (by its suffix `.json`) JSON. Raises SeedError."""
    seed = _parsed(path, path.suffix.removeprefix("."))
    if not isinstance(seed, dict):
        raise SeedError(f"{path} is no seed: it needs a table `github`, a table `jira`, or both.")
    unknown = sorted(set(seed) - {"github", "jira"})
    if unknown:
        raise SeedError(f"{path}: unknown table {', '.join(unknown)}. A seed has the tables `github` and `jira`.")
    return seed


@dataclass(frozen=True, slots=True)
class Payload:
    """What a payload holds: things of one service, which its API lists at a path, each with these keys."""

    things: str
    path: str
    option: str
    keys: tuple[str, ...]

    def lacks(self, entry: Mapping[str, Any]) -> str | None:
        """The first key that a thing would have and this does not."""
        return next((key for key in self.keys if key not in entry), None)


_MILESTONE = "url number title state id created_at description due_on open_issues closed_issues"
MILESTONES = Payload(
    "milestones of GitHub", "/repos/OWNER/NAME/milestones", "--github-payload", tuple(_MILESTONE.split())
)
VERSIONS = Payload("versions of Jira", "/rest/api/2/project/KEY/versions", "--jira-payload", ("id", "name"))


def read_payload(path: Path, kind: Payload) -> list[dict[str, Any]]:
    """A list of milestones or versions as the service returned it. Raises SeedError."""
    wanted = f"It must be the JSON list that GET {kind.path} returned."
    payload = _parsed(path, "json")
    if not isinstance(payload, list) or not all(isinstance(entry, dict) for entry in payload):
        raise SeedError(f"{path} holds no {kind.things}: it is no list of objects. {wanted}")
    for number, entry in enumerate(payload, start=1):
        if missing := kind.lacks(entry):
            other = next((each for each in (MILESTONES, VERSIONS) if each.lacks(entry) is None), None)
            hint = f"These are {other.things}: use {other.option}." if other else wanted
            raise SeedError(f"{path} holds no {kind.things}: entry {number} has no `{missing}`. {hint}")
    return payload


def problems(error: ValidationError) -> str:
    """What is wrong with a seed, a line for each place."""
    table = error.title.removesuffix("Seed").lower()  # the models are GitHubSeed and JiraSeed
    return "\n".join(
        f"{'.'.join(str(part) for part in (table, *found['loc']))}: {_plainly(found['msg'])}"
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    )


_WORDS = {
    "Input should be": "it must be",
    "Extra inputs are not permitted": "there is no such key",
    "Field required": "this is missing",
    "Value error, ": "",
}


def _plainly(message: str) -> str:
    """What pydantic says, for people who write seeds."""
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    return message


def _parsed(path: Path, kind: str) -> Any:
    text = _text(path)
    try:
        return json.loads(text) if kind == "json" else tomllib.loads(text)
    except ValueError as error:
        raise SeedError(f"{path} cannot be read: {error}.") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SeedError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
