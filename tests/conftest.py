"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# A check gives the same answer twice, on a slow machine too; `--hypothesis-profile=search` looks for new examples.
settings.register_profile("check", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.load_profile("check")
