"""The questions of `mdpc init`: a wrong answer is asked for again, with what is wrong with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import typer

from mdpc.commands.errors import UsageError, note
from mdpc.commands.output import look_of
from mdpc.commands.session import environment
from mdpc.escape import terminal
from mdpc.proposing import Wishes
from mdpc.report.page import Page
from mdpc.report.words import sentence
from mdpc.settings.file import SettingsError, from_tables

Answer = TypeVar("Answer")

_HEAD = """Five questions. Enter takes what stands in brackets, Ctrl-C breaks off.
Nothing is written to GitHub or Jira; tokens come from the environment alone.
"""
_JIRA_URL = "MDPC_CONNECTORS__JIRA__URL"
_LOCALTIME, _ZONES = Path("/etc/localtime"), "/zoneinfo/"


class NoAnswerError(ValueError):
    """An answer that cannot be used: what is wrong with it, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Given:
    """What options say, None for what they do not; `github_url` and `write` are asked of nobody."""

    github: list[str] | None
    github_url: str | None
    jira: str | None
    project: list[str] | None
    timezone: str | None
    enforce_after: str | None
    write: bool


def wishes_of(given: Given) -> Wishes:
    """What is wished for: by options where they name a tracker, else by whoever sits at the terminal.

    Raises UsageError where no tracker is named and nobody can be asked, and typer.Abort where somebody breaks off.
    """
    if given.github or given.jira:
        return _wishes(given, given.timezone or _zone_here(), _day_of(given.enforce_after))
    if not sys.stdin.isatty():
        raise UsageError("name a tracker: --github 'OWNER/*', or --jira URL with --project KEY")
    note(_HEAD)
    github, jira = _trackers()
    projects = given.project or (_asked("Jira projects, by their keys", "*", _projects(jira)) if jira else None)
    zone = given.timezone or _asked('Where "today" is, as a time zone', _zone_here(), _zone)
    day = given.enforce_after or _asked(
        "From which day on findings are errors (none: they stay warnings)", "", _day_text
    )
    asked = Given(github, given.github_url, jira, projects, zone, day, given.write)
    return _wishes(asked, zone, _day_of(day))


def _wishes(given: Given, zone: str, day: date | None) -> Wishes:
    tables: dict[str, Mapping[str, object]] = {}
    if given.github:
        url = {"url": given.github_url} if given.github_url else {}
        tables["github"] = {**url, "repositories": given.github, "access": "read"}
    if given.jira:
        tables["jira"] = {"url": given.jira, "projects": given.project or ["*"], "access": "read"}
    return Wishes(tables, zone, day, given.write)


def _trackers() -> tuple[list[str], str]:
    """Repositories, and Jira's address; one of them at least."""
    while True:
        github = _asked("GitHub repositories, such as acme/* (none: just Enter)", "", _repositories)
        jira = _asked("Jira's address (none: just Enter)", environment().get(_JIRA_URL, ""), _address)
        if github or jira:
            return github, jira
        note("  There has to be a tracker: name repositories, or a Jira.")


def _asked(question: str, default: str, answer: Callable[[str], Answer]) -> Answer:
    """The answer to a question, asked until it can be used."""
    while True:
        said = str(typer.prompt(question, default=default, show_default=bool(default), err=True)).strip()
        try:
            return answer(said)
        except NoAnswerError as error:
            page = Page(look_of(sys.stderr, os.environ))
            page.paragraph(sentence(terminal(str(error))), indent=2)
            note(page.text)


# ── What can be used ──────────────────────────────────────────────────────────────────────────────


def _repositories(text: str) -> list[str]:
    words = _words(text)
    _refuse({"connectors": {"github": {"repositories": words}}}, "connectors.github.repositories")
    return words


def _address(text: str) -> str:
    if text:
        _refuse({"connectors": {"jira": {"url": text}}}, "connectors.jira.url")
    return text


def _projects(url: str) -> Callable[[str], list[str]]:
    def answer(text: str) -> list[str]:
        words = _words(text)
        _refuse({"connectors": {"jira": {"url": url, "projects": words}}}, "connectors.jira.projects")
        return words

    return answer


def _zone(text: str) -> str:
    _refuse({"timezone": text, "connectors": {"github": {}}}, "timezone")
    return text


def _day_text(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise NoAnswerError(f"{text!r} is no day: write one such as 2027-02-01") from None


def _day_of(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--enforce-after {text!r} is no day: write one such as 2027-02-01") from None


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _refuse(tables: Mapping[str, Any], key: str) -> None:
    """Raise NoAnswerError for what a configuration could not say at a key; other mistakes are told later."""
    try:
        from_tables(tables, {})
    except SettingsError as error:
        for problem in error.problems:
            if problem.key.startswith(key):
                raise NoAnswerError(f"{problem.what}: {problem.next_step}") from None


def _zone_here() -> str:
    """The time zone of this machine, where it says one by a name; else UTC."""
    linked = str(_LOCALTIME.resolve()).rpartition(_ZONES)[2].removeprefix("Etc/")
    return next((zone for zone in (os.environ.get("TZ", "").lstrip(":"), linked) if zone and _is_zone(zone)), "UTC")


def _is_zone(name: str) -> bool:
    try:
        _zone(name)
    except NoAnswerError:
        return False
    return True
