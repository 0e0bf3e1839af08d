"""What holds for all tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A check gives the same answer twice, on a slow machine too; `--hypothesis-profile=search` looks for new examples.
settings.register_profile("check", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.load_profile("check")

_TOLD_BY_THE_SHELL = ("GITHUB_TOKEN", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "HTTP_PROXY", "http_proxy")


_FLOWS = ("tests/flows/", "tests/test_contract.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what runs whole flows, so that they can be left out where they would only cover once more."""
    for item in items:
        if item.nodeid.startswith(_FLOWS):
            item.add_marker("flow")


@pytest.fixture(autouse=True)
def shell_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration, token, colour or proxy comes from whoever runs the tests."""
    for name in (*_TOLD_BY_THE_SHELL, *(name for name in os.environ if name.startswith("MDPC_"))):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failing requests are repeated at once, by clients too that were made with the clock's own sleep."""
    monkeypatch.setattr("mdpc.connector._ServerWait.__call__", lambda *_: 0.0)
