"""What reading a configuration says, for tests: texts instead of files, and problems as lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mdpc.settings import Settings
from mdpc.settings.file import SettingsError, SettingsProblem, load

GITHUB = "[connectors.github]\n"
JIRA = '[connectors.jira]\nurl = "https://acme.atlassian.net"\n'


def read(text: str, environ: Mapping[str, str] | None = None) -> Settings:
    """The configuration that a file with this text is."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mdpc.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, environ or {})


def problems(text: str, environ: Mapping[str, str] | None = None) -> list[SettingsProblem]:
    """Everything that is wrong with it; the test fails where nothing is."""
    with pytest.raises(SettingsError) as caught:
        read(text, environ)
    return list(caught.value.problems)


def complaints(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """The same as `LINE KEY: what; next step`."""
    return [
        f"{problem.line or '-'} {problem.key}: {problem.what}; {problem.next_step}"
        for problem in problems(text, environ)
    ]
