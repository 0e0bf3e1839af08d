"""What a user got wrong is said as what it is: the address, the protocol, the token, the account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal

SEED = {
    "github": {"repositories": [{"name": "acme/api", "private": True, "milestones": [{"title": "v1"}]}]},
    "jira": {"projects": [{"key": "API", "name": "API", "versions": [{"name": "1"}]}]},
}
GITHUB = '[connectors.github]\nurl = "{github}"\nrepositories = ["acme/api"]\n'
JIRA = '[connectors.jira]\nurl = "{jira}"\nprojects = ["API"]\n'


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with Sandbox(SEED) as sandbox:
        yield Rehearsal(sandbox, tmp_path, GITHUB, now="2026-11-23")


def why(rehearsal: Rehearsal, configuration: str, *, without: str = "") -> str:
    """Why the one container of this configuration could not be read."""
    rehearsal.configuration = configuration
    environment = {name: value for name, value in WRITE.items() if name != without}
    said = rehearsal.mdpc("plan", "--format", "json", environment=environment)
    assert said.status == 3, said
    (entry,) = said.json["unread"]
    return str(entry["why"])


def test_no_token_for_github(rehearsal: Rehearsal) -> None:
    said = why(rehearsal, GITHUB, without="MDPC_CONNECTORS__GITHUB__TOKEN")
    assert said.startswith("It is not there, or not public, and there is no token (GET /repos/acme/api: 404). ")
    assert "set MDPC_CONNECTORS__GITHUB__TOKEN (or GITHUB_TOKEN)" in said


@pytest.mark.parametrize(("tracker", "plain"), [("github", GITHUB), ("jira", JIRA)])
def test_https_to_a_port_of_plain_http_is_no_matter_of_certificates(
    rehearsal: Rehearsal, tracker: str, plain: str
) -> None:
    address = getattr(rehearsal.sandbox, f"{tracker}_url").replace("http://", "https://")
    said = why(rehearsal, plain.replace(f"{{{tracker}}}", address))
    assert "speaks no TLS, but plain http" in said
    assert "certificate" not in said
    assert rehearsal.sandbox.log.count() == 0


@pytest.mark.parametrize("token", ["MDPC_CONNECTORS__GITHUB__TOKEN", ""])
def test_a_github_url_that_is_a_jira(rehearsal: Rehearsal, token: str) -> None:
    said = why(rehearsal, GITHUB.replace("{github}", "{jira}"), without=token)
    assert said.startswith(f"There is no GitHub API at {rehearsal.sandbox.jira_url} (GET ")
    assert "Set `url` to the address of the API" in said


def test_a_jira_url_that_is_a_github(rehearsal: Rehearsal) -> None:
    said = why(rehearsal, JIRA.replace("{jira}", "{github}"))
    assert said.startswith("There is no Jira at url")
    assert "Check url: it is the site's base address." in said


def test_a_token_alone_for_a_cloud_that_the_address_does_not_tell(rehearsal: Rehearsal) -> None:
    said = why(rehearsal, JIRA, without="MDPC_CONNECTORS__JIRA__USER")
    assert "Check MDPC_CONNECTORS__JIRA__TOKEN; tokens expire." in said
    assert "On Jira Cloud MDPC_CONNECTORS__JIRA__USER has to be the account's e-mail address besides." in said


def test_check_config_names_the_variable_that_is_missing_on_cloud(rehearsal: Rehearsal) -> None:
    rehearsal.configuration = JIRA + 'deployment = "cloud"\n'
    token = {"MDPC_CONNECTORS__JIRA__TOKEN": "sandbox-write"}
    for command in ("check-config", "doctor"):
        said = rehearsal.mdpc(command, environment=token)
        assert said.status == 2
        assert "MDPC_CONNECTORS__JIRA__USER" in said.out + said.err


@pytest.mark.usefixtures("nothing_is_waited_for")
@pytest.mark.parametrize("path", ["/graphql", "/repos/acme/api*"])
def test_a_host_of_its_own_has_no_public_status_page(rehearsal: Rehearsal, path: str) -> None:
    rehearsal.sandbox.faults.add(path, status=500)
    without = "MDPC_CONNECTORS__GITHUB__TOKEN" if path.startswith("/repos") else ""
    said = why(rehearsal, GITHUB, without=without)
    assert "Run again later." in said
    assert "githubstatus" not in said
