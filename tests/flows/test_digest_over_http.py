"""The digest as people meet it: `mdpc digest`, real connectors, a sandbox, weeks that pass."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import WRITE, Rehearsal
from tests.flows.test_dashboard_over_http import CONFIGURATION, texts
from tests.flows.test_dashboard_over_http import seed as seeded

TABLES = """
[digest]
every = "monday"
to = ["stakeholders"]
"""
FIRST = date(2026, 11, 23)


def rehearsal(sandbox: Sandbox, folder: Path, deployment: str = "cloud", home: str = "github:acme/api") -> Rehearsal:
    cloud = deployment == "cloud"
    text = CONFIGURATION.replace("DEPLOYMENT", "cloud" if cloud else "data-center").replace("HOME", home) + TABLES
    text = text.replace("[people.alice]", 'stakeholders = ["alice"]\n[people.alice]')
    environment = {name: value for name, value in WRITE.items() if cloud or not name.endswith("USER")}
    return Rehearsal(sandbox, folder, text, environment)


@pytest.mark.parametrize("home", ["github:acme/api", "jira:API"])
@pytest.mark.parametrize("deployment", ["cloud", "10.3"])
def test_weeks_pass_and_each_has_one_digest(deployment: str, home: str, tmp_path: Path) -> None:
    now, ticks = [FIRST], itertools.count()

    def clock() -> datetime:
        return datetime(now[0].year, now[0].month, now[0].day, 9, tzinfo=UTC) + timedelta(seconds=next(ticks) % 3600)

    with Sandbox(seeded(deployment), clock=clock) as sandbox:
        acme = rehearsal(sandbox, tmp_path, deployment, home)
        said: list[tuple[str, str]] = []
        for number in range(0, 15, 2):
            now[0] = FIRST + timedelta(days=number)
            acme.now = now[0].isoformat()
            assert acme.json("sync").status == 0
            for _ in range(2):
                ran = acme.json("digest", "--now", acme.now)
                assert ran.status == 0, ran.json["changes"]
                said += [(each["period"], each["outcome"]) for each in ran.json["digests"]]
            assert acme.json("plan").json["changes"] == []
        assert said == [("2026-11-23", "done"), ("2026-11-30", "done"), ("2026-12-07", "done")]
        (told,) = texts(sandbox, home)
        assert told.count("the digest of platform for 2026-11-30") == 1
        assert told.count("mdpc:digest 20") == 3
        assert "v2.0" in told.partition("Since the digest of 2026-11-30")[2]


def test_it_is_shown_first_and_shown_to_nobody_else(tmp_path: Path) -> None:
    with Sandbox(seeded("cloud")) as sandbox:
        acme = rehearsal(sandbox, tmp_path)
        shown = acme.mdpc("digest", "--show", "--now", "2026-11-24")
        assert shown.status == 0
        assert shown.out.splitlines()[0] == "1 digest for 2026-11-23."
        assert "the digest of platform for 2026-11-23 to alice" in shown.out
        assert "Off track (1):" in shown.out
        assert "\u202e" not in shown.out
        told = acme.mdpc("digest", "--show", "--now", "2026-11-24", "--format", "markdown").out
        assert "### the digest of platform for 2026-11-23" in told
        assert "<b>" not in told
        assert not any(entry.method in ("PUT", "PATCH", "DELETE") for entry in sandbox.log.entries)
        assert texts(sandbox, "github:acme/api") == []
        sent = acme.mdpc("digest", "--now", "2026-11-24")
        assert (sent.status, sent.out.splitlines()[3]) == (0, "  Written.")
        assert "Written" in acme.mdpc("digest", "--now", "2026-12-01", "--format", "markdown").out
        again = acme.mdpc("digest", "--now", "2026-12-02")
        assert (again.status, again.out.splitlines()[0]) == (0, "No digest is due.")


def test_without_a_table_there_is_nothing_to_send(tmp_path: Path) -> None:
    with Sandbox(seeded("cloud")) as sandbox:
        acme = rehearsal(sandbox, tmp_path)
        acme.configuration = acme.configuration.partition("[digest]")[0]
        said = acme.mdpc("digest")
        assert said.status == 2
        assert "No digest is configured: write [digest]" in said.err


def test_what_could_not_be_written_is_said(tmp_path: Path) -> None:
    with Sandbox(seeded("cloud")) as sandbox:
        acme = rehearsal(sandbox, tmp_path)
        assert acme.mdpc("sync", "--now", "2026-11-23").status == 0
        sandbox.faults.add(path="/repos/acme/api/issues/*/comments", method="POST", status=403)
        said = acme.mdpc("digest", "--now", "2026-11-23")
        assert said.status == 3
        assert "Failed." in said.out
