"""A selection of which nothing is left says so, by GraphQL and by REST alike."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from mdpc.model import Scope
from mdpc_github import GitHubConnector
from mdpc_sandbox.server import Sandbox
from tests.github.helpers import settings

REPOSITORIES = [
    {"name": "acme/api", "private": True, "topics": ["product"]},
    {"name": "acme/web", "private": True},
    {"name": "bob/old", "private": True, "archived": True},
]


@pytest.mark.parametrize("graphql", [True, False], ids=["graphql", "rest"])
@pytest.mark.parametrize(
    ("repositories", "left_out"),
    [
        (["acme/xx*"], {"acme/xx*": "matches no repository that the token can see"}),
        (["acme/*", "!acme/*"], {"acme/*": "all 2 repositories that it matches are left out by !acme/*"}),
        (["acme/a*", "!acme/*"], {"acme/a*": "the one repository that it matches is left out by !acme/*"}),
        (["topic:nope"], {"*/*": "all 3 repositories that it matches are left out by topic:nope"}),
        (
            ["acme/*", "public", "!topic:product", "!private"],
            {"acme/*": "all 2 repositories that it matches are left out by public, !topic:product, !private"},
        ),
        (["!acme/*", "!bob/*"], {"*/*": "all 3 repositories that it matches are left out by !acme/*, !bob/*"}),
        (["bob/*"], {"bob/old": "archived: nothing in it can change"}),
    ],
    ids=str,
)
def test_what_leaves_nothing_of_a_glob_is_named(
    graphql: bool, repositories: list[str], left_out: dict[str, str]
) -> None:
    with Sandbox({"github": {"repositories": REPOSITORIES}}, graphql=graphql) as sandbox:
        given = settings(url=sandbox.github_url, token="sandbox-write", repositories=repositories)
        reading = GitHubConnector("github", given, sleep=Mock()).read(Scope())
    assert {entry.container.removeprefix("github:"): entry.why for entry in reading.skipped} == left_out
    assert reading.containers == ()
    assert reading.unread == ()


def test_a_glob_of_which_something_is_left_says_nothing() -> None:
    with Sandbox({"github": {"repositories": REPOSITORIES}}) as sandbox:
        given = settings(url=sandbox.github_url, token="sandbox-write", repositories=["acme/*", "!acme/web"])
        reading = GitHubConnector("github", given, sleep=Mock()).read(Scope())
    assert reading.skipped == ()
