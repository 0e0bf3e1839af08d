from __future__ import annotations

import pytest

from mdpc.settings.file import SettingsError
from tests.core.settings_text import GITHUB, JIRA, complaints, problems, read

SECRETS = {
    "a GitHub token": [
        "ghp_1234567890abcdefghij",
        "gho_1234567890abcdefghij",
        "ghs_1234567890abcdefghij",
        "github_pat_11ABCDEFG0abcdefghij_klmnop",
    ],
    "an Atlassian API token": ["ATATT3xFfGF0abcdefghij-_klmnop=1A2B3C4D"],
    "a private key": ["-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"],
    "an address with a user's name or password": [
        "https://user:pa55word@acme.example/x",
        "https://pa55word@acme.example",
    ],
}
ALL = [(kind, secret) for kind, secrets in SECRETS.items() for secret in secrets]


@pytest.mark.parametrize(("kind", "secret"), ALL)
@pytest.mark.parametrize(
    "text",
    [
        "# {secret}\n" + GITHUB,
        'timezone = "{secret}"\n' + GITHUB,
        GITHUB + 'repositories = ["acme/api", "{secret}"]\n',
        GITHUB + 'url = "{secret}"\n',
        GITHUB + '[owners.map]\n"{secret}" = "@alice"\n',
        GITHUB + '[people.alice]\ngithub = "{secret}"\n',
        'connectors = "{secret}"\n',
        "token = {secret}\n" + GITHUB,
    ],
)
def test_what_looks_like_a_secret_is_found_anywhere_and_never_repeated(text: str, kind: str, secret: str) -> None:
    found = complaints(text.format(secret=secret))
    assert [line for line in found if f"this looks like {kind}, and secrets come from their own environment" in line]
    for part in (secret, secret[8:]):
        assert part not in "\n".join(found).replace("acme.example", "")


@pytest.mark.parametrize("secret", ["hunter2", "", "ghp_1234567890abcdefghij"])
def test_a_key_for_a_secret_has_no_place_in_the_file(secret: str) -> None:
    (complaint,) = complaints(f'{GITHUB}token = "{secret}"\n')
    assert complaint == (
        "2 connectors.github.token: this is a secret, and secrets do not belong in a file; "
        "take it out of the file, revoke it, and set MDPC_CONNECTORS__GITHUB__TOKEN or GITHUB_TOKEN"
    )


@pytest.mark.parametrize("key", ["token", "password", "api_token", "pat", "tokne"])
def test_a_secret_in_the_file_is_placed_there_though_the_environment_has_it_too(key: str) -> None:
    environ = {"MDPC_CONNECTORS__JIRA__TOKEN": "right-one", "MDPC_CONNECTORS__JIRA__USER": "bot@acme.example"}
    (complaint,) = complaints(f'{JIRA}{key} = "hunter2"\n', environ)
    assert complaint.startswith(f"3 connectors.jira.{key}: ")
    assert ("there is no such key" in complaint) == (key != "token")
    assert complaint.endswith(
        "this is a secret, and secrets do not belong in a file; "
        "take it out of the file, revoke it, and set MDPC_CONNECTORS__JIRA__TOKEN"
    )
    assert "hunter2" not in complaint


def test_a_key_that_is_like_no_secret_is_only_unknown() -> None:
    (complaint,) = complaints(f"{JIRA}acces = 1\n")
    assert complaint == '3 connectors.jira.acces: there is no such key; did you mean "access"?'


def test_a_key_over_several_lines_is_one_problem() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"
    (problem,) = problems(f'{GITHUB}app_id = 1\nprivate_key = """\n{key}"""\n')
    assert (problem.line, problem.key) == (3, "connectors.github.private_key")
    assert "MIIE" not in "".join(map(str, problems(f'{GITHUB}private_key = """\n{key}"""\n')))


def test_an_address_with_a_password_may_not_come_from_the_environment_either() -> None:
    (complaint,) = complaints(GITHUB, {"MDPC_CONNECTORS__GITHUB__URL": "https://me:pa55word@acme.example/api/v3"})
    assert complaint.startswith("- MDPC_CONNECTORS__GITHUB__URL: this looks like an address with a user's name")
    assert "pa55word" not in complaint


@pytest.mark.parametrize("text", [GITHUB, GITHUB + "acces = 1\napp_id = 3\n", JIRA + "projects = 3\n"])
def test_secrets_of_the_environment_are_in_no_text(text: str) -> None:
    environ = {
        "GITHUB_TOKEN": "usual-s3cret",
        "MDPC_CONNECTORS__GITHUB__TOKEN": "own-s3cret",
        "MDPC_CONNECTORS__GITHUB__PRIVATE_KEY": "key-s3cret",
        "MDPC_CONNECTORS__JIRA__TOKEN": "jira-s3cret",
    }
    try:
        settings = read(text, environ)
        said = f"{settings!r} {settings} {settings.model_dump_json()}"
    except SettingsError as error:
        said = f"{error!r} {error}"
    assert "s3cret" not in said


def test_a_validator_that_repeats_its_value_is_not_repeated() -> None:
    environ = {"MDPC_CONNECTORS__GITHUB__PRIVATE_KEY": "not a key at all", "MDPC_CONNECTORS__GITHUB__APP_ID": "1"}
    (complaint,) = complaints(GITHUB, environ)
    assert complaint.startswith("- MDPC_CONNECTORS__GITHUB__PRIVATE_KEY: ")
    assert "not a key at all" not in complaint
