"""What every command needs before it can run: the configuration, the connectors, the moment."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from mdpc import run
from mdpc.allowance import Allowance, within
from mdpc.baseline import MADE, BaselineError, baseline_of
from mdpc.changes import Plan
from mdpc.channel import Channel
from mdpc.commands.errors import DEBUG, UsageError, say
from mdpc.commands.options import DEFAULT_CONFIG
from mdpc.commands.resuming import keep_in, kept_in
from mdpc.commands.waiting import waits_told
from mdpc.connector import Connector
from mdpc.exits import INCOMPLETE
from mdpc.plan import Request
from mdpc.settings import Settings
from mdpc.settings.file import from_tables, load
from mdpc.shard import Shard
from mdpc.turns import first_of, place_named

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BROWSED = re.compile(
    r"(?P<base>.*?)(?:/(?:software|core|business|servicedesk)(?:/c)?)?/(?:projects|browse)/(?P<key>\w+)(?:-\d+)?(?:/.*)?"
)
_CLOUD = ".atlassian.net"
_YEARS = range(1970, 9000)
"""Beyond them a span of days would leave the calendar that Python has."""
LONGEST = timedelta(days=3660)
"""How far ahead notices are foreseen."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one run may use, where that is not what `[limits]` says, and the file that says where the last one ended."""

    operations: int | None = None
    minutes: int | None = None
    resume: Path | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """The configuration with its connectors and channels, which have not touched the network yet.

    `allowance` is what the run may use, `resume` the file that says where the last one ended.
    """

    settings: Settings
    connectors: Mapping[str, Connector]
    channels: Mapping[str, Channel]
    allowance: Allowance
    baseline: frozenset[str] = frozenset()
    resume: Path | None = None

    def request(
        self, command: str, now: str | None, only: Sequence[str] | None = None, shard: Shard | None = None
    ) -> Request:
        """What the pipe is asked. Raises UsageError where `now` is no moment.

        What `only` names may be another shard's.
        """
        moment = moment_of(now, ZoneInfo(self.settings.timezone))
        names, divided = tuple(only or ()), shard is not None
        first = self._first(moment.date(), names) if self.allowance.limited else None
        return Request(command, moment, names, baseline=self.baseline, if_there=divided, first=first, shard=shard)

    def _first(self, today: date, names: Sequence[str]) -> int:
        """Where a run begins that may end early: with what it is narrowed to, or else where the last one ended."""
        places = (place_named(name, self.settings.programs) for name in names)
        begins = next((place for place in places if place is not None), None)
        if begins is None:
            begins = kept_in(self.resume)
        return first_of(today) if begins is None else begins

    def planned(self, request: Request) -> Plan:
        """Read, judge and decide; says what is waited for, and leaves word of where it ended."""
        with self.reading():
            plan = run.plan(self.settings, self.connectors, request)
        self.leave_word(plan, request)
        return plan

    def leave_word(self, plan: Plan, request: Request) -> None:
        """Leave word of where reading ended, for the next run. One that was narrowed began where it liked."""
        if not request.only:
            keep_in(self.resume, plan, self.settings, request.first)

    def must_keep(self, shard: Shard | None, save: object) -> None:
        """Raise UsageError where a shard's messages would get lost, or a result is kept that nobody puts together."""
        if shard is None and save:
            raise UsageError("--save keeps what a shard did, for `mdpc send`: give --shard I/N with it (1/1 is all)")
        if shard is not None and self.settings.channels and not save:
            raise UsageError(
                "a shard sends no messages, and channels are configured: add --save FILE, and let `mdpc send FILE...` "
                "send the messages of all shards at the end"
            )

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Tells on a terminal that trackers are being read, and anywhere what is waited for."""
        status = Console(stderr=True).status(f"Reading {', '.join(self.connectors)} …")
        try:
            with within(self.allowance), waits_told(), status if sys.stderr.isatty() else nullcontext():
                yield
        except KeyboardInterrupt:
            say("Interrupted while reading; nothing was written")
            raise typer.Exit(INCOMPLETE) from None


def open_session(config: Path | None, bounds: Bounds = Bounds()) -> Session:
    """The session that a configuration file describes, with its baseline. Raises SettingsError and UsageError."""
    path = config or DEFAULT_CONFIG
    settings = settings_of(config)
    session = connected(settings, bounds)
    return replace(session, baseline=known_findings(path, settings.baseline)) if settings.baseline else session


def known_findings(config: Path, name: str) -> frozenset[str]:
    """The ids of the findings that do not count; a file's name is meant as the configuration's folder has it."""
    path = config.parent / name
    try:
        return baseline_of(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        why = f"there is no such file; {MADE}"
    except BaselineError as error:
        why = str(error)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "this is not text in UTF-8"
    raise UsageError(f"{config}: baseline = {name!r}: {why}")


def settings_of(config: Path | None) -> Settings:
    """The configuration of a file, `mdpc.toml` by default. Raises SettingsError."""
    return load(config or DEFAULT_CONFIG, environment())


def connected(settings: Settings, bounds: Bounds = Bounds()) -> Session:
    """The session with the connectors and channels that a configuration names."""
    connectors, limits = run.connect(settings), settings.limits
    operations, minutes = bounds.operations or limits.operations, bounds.minutes or limits.minutes
    allowance = Allowance(operations, minutes, connectors)
    return Session(settings, connectors, run.reach(settings), allowance, resume=bounds.resume)


def session_without_file(repositories: Sequence[str], jira: Sequence[str], bounds: Bounds = Bounds()) -> Session:
    """The session for repositories and Jira projects named on the command line; it can only read.

    Raises UsageError for what is no repository or project, SettingsError for what the environment says wrong.
    """
    connectors: dict[str, dict[str, Any]] = {}
    if repositories:
        connectors["github"] = {"repositories": [_repository(name) for name in repositories], "access": "read"}
    sites = [_project(address) for address in jira]
    if len({url for url, _ in sites}) > 1:
        raise UsageError("--jira takes projects of one Jira; several Jiras need a configuration (see --config)")
    if sites:
        connectors["jira"] = {"url": sites[0][0], "projects": [key for _, key in sites], "access": "read"}
    return connected(from_tables({"connectors": connectors}, environment()), bounds)


def _repository(name: str) -> str:
    if not re.fullmatch(r"[^/\s]+/[^/\s]+", name):
        raise UsageError(f"--repo {name!r} is not a repository: write OWNER/NAME, such as acme/api")
    return name


def _project(address: str) -> tuple[str, str]:
    """The site and the project's key: of URL/PROJECT, or of an address that a browser shows for a project."""
    parts = urlsplit(address)
    browsed = _BROWSED.fullmatch(parts.path)
    base, _, key = (browsed["base"], "", browsed["key"]) if browsed else parts.path.rstrip("/").rpartition("/")
    if parts.netloc.endswith(_CLOUD):  # a site on Cloud has no path: what stands there are its pages
        base, key = "", key if browsed or not base else ""
    if parts.scheme not in ("http", "https") or not parts.netloc or not key:
        raise UsageError(
            f"--jira {address!r} is not a project: write URL/PROJECT, such as https://acme.atlassian.net/API"
        )
    return f"{parts.scheme}://{parts.netloc}{base}", key


def environment() -> dict[str, str]:
    """The environment without the one variable that is about mdpc's errors, not about its configuration."""
    return {name: value for name, value in os.environ.items() if name != DEBUG}


def moment_of(text: str | None, zone: ZoneInfo) -> datetime:
    """A moment in a zone: now, or what `--now` says; a day alone is its noon. Raises UsageError."""
    if text is None:
        return datetime.now(zone).replace(microsecond=0)
    try:
        moment = _moment(text.strip(), zone)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise UsageError(f"--now {text!r} is not a moment: write a day such as 2026-11-22, or 2026-11-22T09:00+01:00")
    return moment


def _moment(text: str, zone: ZoneInfo) -> datetime:
    if _DAY.fullmatch(text):
        return datetime.combine(date.fromisoformat(text), time(12), zone)
    moment = datetime.fromisoformat(text)
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def with_adopt(request: Request, adopt: int | None) -> Request:
    """The request with `[limits] adopt` for this run."""
    return replace(request, adopt=adopt)


def shard_of(text: str | None) -> Shard | None:
    """The shard that `--shard` names; None where the run is not divided. Raises UsageError."""
    try:
        return Shard.of(text) if text is not None else None
    except ValueError as error:
        raise UsageError(f"--shard {error}") from None


def day_of(text: str | None, option: str) -> date | None:
    """The day that an option names; None where it is not given. Raises UsageError for what is no day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{option} {text} is no day: write one such as 2027-01-31") from None
