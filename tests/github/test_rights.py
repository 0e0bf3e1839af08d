"""Which rights do harm at GitHub, by the names that GitHub has for them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from mdpc_github.rights import DANGEROUS

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "github-openapi.json.gz"


@pytest.mark.skipif(not SPEC.exists(), reason="GitHub's API description lies beside the repository, and does not here")
def test_what_is_dangerous_is_what_github_calls_so_and_can_be_written() -> None:
    described = json.loads(gzip.decompress(SPEC.read_bytes()))["components"]["schemas"]["app-permissions"]["properties"]
    assert set(DANGEROUS) <= set(described)
    for key in DANGEROUS:
        assert {"write", "admin"} & set(described[key]["enum"]), f"{key} can only be read, which harms nobody"
