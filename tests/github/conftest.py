from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses


@pytest.fixture
def github() -> Iterator[responses.RequestsMock]:
    """A GitHub that answers what a test tells it to, in order; every answer has to be asked for."""
    with responses.RequestsMock(registry=responses.registries.OrderedRegistry) as mock:
        yield mock
