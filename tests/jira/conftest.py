from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses


@pytest.fixture
def jira() -> Iterator[responses.RequestsMock]:
    """A Jira that answers what a test tells it to; every answer has to be asked for."""
    with responses.RequestsMock() as mock:
        yield mock
