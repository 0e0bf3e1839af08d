from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from mdpc_github import GitHubConnector, GitHubSettings
from tests.github.helpers import TOKEN, settings

PEM = "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----"


def problem(**changed: object) -> str:
    with pytest.raises(ValidationError) as caught:
        settings(**changed)
    return str(caught.value)


def test_defaults() -> None:
    given = GitHubSettings(type="github")
    assert given.url == "https://api.github.com"
    assert given.access == "write"
    assert given.repositories == ()
    assert GitHubSettings.env_fallback == {"token": "GITHUB_TOKEN"}


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("github.example.com", "write https://HOST/api/v3"),
        ("ftp://github.example.com", "write https://HOST/api/v3"),
        ("https://github.com", "leave it out"),
        ("https://me:secret@github.example.com/api/v3", "take it out"),
        ("http://github.example.com/api/v3", "unencrypted"),
    ],
)
def test_a_bad_url_says_what_to_write(url: str, advice: str) -> None:
    said = problem(url=url)
    assert advice in said
    assert "secret" not in said


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/github/api/v3/", "http://[::1]:1/api/v3", "https://ghe.x/api/v3"]
)
def test_good_urls(url: str) -> None:
    assert settings(url=url).url == url.rstrip("/")


def test_an_app_is_whole_or_not_at_all() -> None:
    assert "set private_key too" in problem(app_id=1)
    assert "set app_id too" in problem(private_key=PEM)
    given = settings(app_id=1, private_key=PEM.replace("\n", "\\n"))
    assert given.private_key is not None
    assert given.private_key.get_secret_value() == PEM + "\n"


def test_a_key_that_is_none_is_not_shown() -> None:
    said = problem(app_id=1, private_key="s3cret.pem")
    assert "whole text of the .pem file" in said
    assert "s3cret" not in said


def test_a_missing_ca_bundle_is_named(tmp_path: Path) -> None:
    assert "there is no file" in problem(ca_bundle=str(tmp_path / "ca.pem"))


def test_unknown_keys_are_errors() -> None:
    assert "repos" in problem(repos=["acme/*"])


def test_secrets_are_not_in_reprs() -> None:
    given = settings(app_id=1, private_key=PEM)
    connector = GitHubConnector("github", given)
    assert TOKEN not in repr(given)
    assert "c2VjcmV0" not in repr(given)
    assert TOKEN not in repr(vars(connector))
    assert connector.requests == 0
