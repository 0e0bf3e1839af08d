"""The demo does the main job and explains it, the same way every time."""

from __future__ import annotations

import os

import pytest

from tests.flows.rehearsal import typed


def test_the_demo_shows_the_whole_job() -> None:
    said = typed("demo")
    assert (said.status, said.err) == (0, "")
    for words in (
        "8 open milestones: 2 are off track",
        "That took 6 requests, 0 of them a write",
        "14 of 14 changes done.",
        "**mdpc:** off track · overdue since 2026-11-13 · owner alice",
        "mdpc plan on 2026-11-23: 7 findings, 0 changes.",
        "mdpc plan on 2026-11-24: 7 findings, 0 changes.",
        "github:acme/web#1  due: 2026-11-13 → 2026-12-04",
        "jira:API#10001  title: 2.0 → v2.0.1",
        "mdpc plan: 0 changes.",
        "every description is byte for byte what it was",
    ):
        assert words in said.out


def test_the_demo_fits_a_terminal_of_80_columns() -> None:
    assert max(map(len, typed("demo").out.splitlines())) <= 80


def test_the_users_own_settings_neither_reach_the_demo_nor_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDPC_LIMITS__ADOPT", "0")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("GITHUB_TOKEN", "theirs")
    before = dict(os.environ)
    said = typed("demo", environment={"GITHUB_TOKEN": "theirs"})
    assert "14 of 14 changes done." in said.out
    assert "theirs" not in said.out
    assert dict(os.environ) == before


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    said = typed("demo")
    assert said.status == 2
    assert "pip install 'mdpc[sandbox]'" in said.err
