"""`mdpc init` as somebody meets it who types nothing else: five questions at a terminal."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mdpc_sandbox.server import Sandbox
from tests.flows.rehearsal import READ, typed
from tests.flows.test_init import SEED

pytest.importorskip("pty", reason="there are no terminals of this kind here")
from tests.flows.terminal import Terminal

CTRL_D = "\x04"
QUESTIONS = (
    "GitHub repositories, such as acme/* (none: just Enter): ",
    "Jira's address (none: just Enter): ",
    "Jira projects, by their keys [*]: ",
    'Where "today" is, as a time zone [Europe/Berlin]: ',
    "From which day on findings are errors (none: they stay warnings): ",
)


def at(folder: Path, sandbox: Sandbox | None = None, **more: str) -> Terminal:
    url = {"MDPC_CONNECTORS__GITHUB__URL": sandbox.github_url} if sandbox else {}
    return Terminal(folder, "init", environment={**READ, **url, "TZ": "Europe/Berlin", **more})


def answer(terminal: Terminal, *answers: str) -> None:
    for question, keys in zip(QUESTIONS, answers, strict=False):
        terminal.until(question)
        terminal.type(f"{keys}\r")


def test_five_answers_make_a_configuration(tmp_path: Path) -> None:
    with Sandbox(SEED) as sandbox, at(tmp_path, sandbox) as terminal:
        answer(terminal, "acme/*", sandbox.jira_url, "API", "", "2027-02-01")
        assert terminal.ended() == 0, terminal.screen
        assert "mdpc.toml is written, from 5 milestones in 4 containers." in terminal.screen
        assert not sandbox.log.writes()
    assert terminal.screen.startswith("Five questions. Enter takes what stands in brackets, Ctrl-C breaks off.\n")
    assert max(len(line) for line in terminal.screen.splitlines() if sandbox.jira_url not in line) <= 80
    found = tomllib.loads((tmp_path / "mdpc.toml").read_text(encoding="utf-8"))
    assert found["connectors"]["jira"]["projects"] == ["API"]
    assert (found["timezone"], found["enforce_after"].isoformat()) == ("Europe/Berlin", "2027-02-01")


def test_enter_takes_the_defaults(tmp_path: Path) -> None:
    with Sandbox(SEED) as sandbox, at(tmp_path, sandbox) as terminal:
        terminal.until(QUESTIONS[0])
        terminal.type("acme/api, acme/web\r")
        terminal.until(QUESTIONS[1])
        terminal.type("\r")
        terminal.until(QUESTIONS[3])
        terminal.type("\r")
        terminal.until(QUESTIONS[4])
        terminal.type("\r")
        assert terminal.ended() == 0, terminal.screen
    found = tomllib.loads((tmp_path / "mdpc.toml").read_text(encoding="utf-8"))
    assert found["connectors"] == {"github": {"repositories": ["acme/api", "acme/web"], "access": "read"}}
    assert found["timezone"] == "Europe/Berlin"
    assert "enforce_after" not in found
    assert QUESTIONS[2] not in terminal.screen


WRONG = (
    (0, "acme", "'acme' names no repository: write OWNER/NAME"),
    (0, "\x1b[31m\u202e", 'is not closed in "<U+001B>[31m<U+202E>"'),
    (0, "", None),
    (1, "acme.atlassian.net", "It is not on the web: write a whole address"),
    (1, "", "There has to be a tracker: name repositories, or a Jira."),
    (0, "", None),
    (1, "http://127.0.0.1:1", None),
    (2, "a/b", "'a/b' is not a project key"),
    (2, "", None),
    (3, "Berlin", '"Berlin" is not a time zone: write an IANA name such as "Europe/Berlin".'),
    (3, "Asia/Tokyo", None),
    (4, "soon", "'soon' is no day: write one such as 2027-02-01."),
)


def test_a_wrong_answer_is_asked_for_again(tmp_path: Path) -> None:
    with at(tmp_path) as terminal:
        for question, keys, why in WRONG:
            terminal.until(QUESTIONS[question])
            terminal.type(f"{keys}\r")
            if why:
                assert why in " ".join(terminal.until(QUESTIONS[question if keys else 0])[:-1].split())
                terminal.again()
        terminal.until(QUESTIONS[4])
        assert terminal.broken_off() == 3
    assert max(map(len, terminal.screen.splitlines())) <= 80
    assert "Traceback" not in terminal.screen
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("key", "question"), [("Ctrl-C", 4), (CTRL_D, 0)])
def test_whoever_breaks_off_leaves_nothing(key: str, question: int, tmp_path: Path) -> None:
    with at(tmp_path, MDPC_CONNECTORS__JIRA__URL="https://acme.atlassian.net") as terminal:
        if question:
            terminal.until(QUESTIONS[0])
            terminal.type("\r")
            terminal.until("Jira's address (none: just Enter) [https://acme.atlassian.net]: ")
            terminal.type("\r")
            terminal.until(QUESTIONS[2])
            terminal.type("\r")
            terminal.until(QUESTIONS[3])
            terminal.type("\r")
        terminal.until(QUESTIONS[question])
        if key == CTRL_D:
            terminal.type(key)
        assert (terminal.ended() if key == CTRL_D else terminal.broken_off()) == 3
        assert terminal.screen.endswith("\nmdpc: Broken off; mdpc.toml is not written.\n")
    assert list(tmp_path.iterdir()) == []


def test_one_that_somebody_makes_meanwhile_stays_too(tmp_path: Path) -> None:
    with Sandbox(SEED) as sandbox, at(tmp_path, sandbox) as terminal:
        terminal.until(QUESTIONS[0])
        (tmp_path / "mdpc.toml").write_text("mine")
        terminal.type("acme/*\r")
        answer(terminal)
        for question in (QUESTIONS[1], QUESTIONS[3], QUESTIONS[4]):
            terminal.until(question)
            terminal.type("\r")
        assert terminal.ended() == 2, terminal.screen
    assert "mdpc.toml is there already, and stays" in terminal.screen
    assert (tmp_path / "mdpc.toml").read_text() == "mine"


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    said = typed("init", "--output", str(tmp_path / "mdpc.toml"))
    assert said.status == 2
    assert "Name a tracker: --github 'OWNER/*', or --jira URL with --project KEY" in said.err
    assert "Five questions" not in said.err
