"""What `action.yml` runs: one command of mdpc, told as GitHub Actions tells things.

Everything comes in by environment variables, and none of it reaches a shell: the inputs as `INPUT_...`, the event as
the file `GITHUB_EVENT_PATH`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import typer

from mdpc.changes import Plan
from mdpc.commands.apply import apply
from mdpc.commands.digesting import due_digests
from mdpc.commands.errors import UsageError, told_in_words
from mdpc.commands.heartbeat import beat
from mdpc.commands.looking import diagnosis
from mdpc.commands.output import look_of, write_out
from mdpc.commands.parts import parts_of
from mdpc.commands.sending import sent_of
from mdpc.commands.session import Bounds, Session, open_session
from mdpc.escape import guard
from mdpc.events import EVERYTHING, Meant, meant_by
from mdpc.exits import FINE, INCOMPLETE, FailOn, exit_status
from mdpc.gathering import NotTogetherError
from mdpc.join import OverlapError
from mdpc.matching import AmbiguousError
from mdpc.plan import NothingMatchesError
from mdpc.report.action import annotated, command, masked, outputs, summary
from mdpc.report.digests import digests_markdown, digests_text
from mdpc.report.markdown import as_markdown
from mdpc.report.page import Look
from mdpc.report.problems import Entry
from mdpc.report.text import as_text
from mdpc.saved import as_run, as_saved, run_from
from mdpc.settings.file import SettingsError
from mdpc.settings.masking import secrets_in
from mdpc.shard import Shard

COMMANDS = ("plan", "sync", "check", "digest", "doctor", "send")
WHOLE = ("digest", "doctor")
"""What is about everything, whatever the event, and looks at no findings."""
KEEPING = ("sync", "digest")
"""What a shard keeps the result of."""

_DIGITS = 9
"""Of the longest number that an input may be."""

_NOTHING = "This event is about no milestone; there is nothing to do.\n"

_YES, _NO = ("true", "yes", "1"), ("", "false", "no", "0")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of the action, as `action.yml` describes them."""

    command: str
    config: Path
    only: tuple[str, ...]
    fail_on: FailOn
    bounds: Bounds
    dry_run: bool
    shard: Shard | None = None
    runs: tuple[Path, ...] = ()

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Inputs:
        """From the environment. Raises UsageError for what no input can be."""
        name = environ.get("INPUT_COMMAND", "").strip() or "plan"
        if name not in COMMANDS:
            raise UsageError(f"the input command is {name!r}: write {', '.join(COMMANDS[:-1])} or {COMMANDS[-1]}")
        dry = environ.get("INPUT_DRY_RUN", "").strip().lower()
        if dry not in (*_YES, *_NO):
            raise UsageError(f"the input dry-run is {dry!r}: write true or false")
        fail_on = environ.get("INPUT_FAIL_ON", "").strip()
        default = FailOn.ERROR if name == "check" else FailOn.NEVER
        if fail_on and fail_on not in list(FailOn):
            raise UsageError(f"the input fail-on is {fail_on!r}: write error, warn or never")
        if name == "send" and dry in _YES:
            raise UsageError("the input dry-run is true, and a dry run leaves nothing to send: leave out this step")
        only = _lines_of(environ, "INPUT_ONLY")
        if (name in WHOLE and (only or fail_on)) or (name == "send" and only):
            raise UsageError(f"the input {'only' if only else 'fail-on'} is none of {name}: leave it out")
        does = "plan" if name == "sync" and dry in _YES else name
        return cls(
            command=does,
            config=Path(environ.get("INPUT_CONFIG", "").strip() or "mdpc.toml"),
            only=only,
            fail_on=FailOn(fail_on) if fail_on else default,
            bounds=_bounds(environ, does),
            dry_run=dry in _YES,
            shard=_shard(environ.get("INPUT_SHARD", "").strip()),
            runs=tuple(map(Path, _lines_of(environ, "INPUT_RUNS"))),
        )


def _lines_of(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in environ.get(name, "").splitlines() if line.strip())


def _bounds(environ: Mapping[str, str], command: str) -> Bounds:
    """What the run may use; the folder that the workflow's cache keeps is there from then on, whatever comes of it."""
    operations = _number(environ.get("INPUT_OPERATIONS_PER_RUN", ""), "operations-per-run")
    minutes = _number(environ.get("INPUT_MINUTES", ""), "minutes")
    folder = Path(environ.get("RUNNER_TEMP") or ".") / "mdpc-resume"
    if operations or minutes:
        folder.mkdir(parents=True, exist_ok=True)
    return Bounds(operations, minutes, folder / f"{command}.json")


def _number(text: str, name: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text)):
        raise UsageError(f"the input {name} is {text!r}: write a whole number from 1 on, or nothing for no limit")
    return int(text)


def _shard(text: str) -> Shard | None:
    try:
        return Shard.of(text) if text else None
    except ValueError as error:
        raise UsageError(f"the input shard is wrong: {error}") from None


def main() -> None:
    """Run the action; ends the process with mdpc's exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with told_in_words():
            _main(os.environ)
    except typer.Exit as end:
        sys.exit(end.exit_code)


def _main(environ: Mapping[str, str]) -> None:
    _lines(map(masked, secrets_in(environ)))
    try:
        inputs = Inputs.of(environ)
        result = _result(session := open_session(inputs.config, inputs.bounds), inputs, environ)
    except (SettingsError, UsageError, OverlapError, NothingMatchesError, AmbiguousError, NotTogetherError) as error:
        _lines([command("error", str(error), "mdpc")])
        raise
    _told(inputs.command, result, environ)
    if inputs.command in ("sync", "send"):
        beat(result.plan, session.settings, result.status)
    raise typer.Exit(result.status)


@dataclass(frozen=True, slots=True)
class Result:
    """What a command came to: its report as text and as Markdown, what it says of its plan, and how it ends.

    `problems` are what `doctor` found.
    """

    plan: Plan
    text: Callable[[Look], str]
    markdown: str
    status: int
    problems: tuple[Entry, ...] = ()


def _result(session: Session, inputs: Inputs, environ: Mapping[str, str]) -> Result:
    if inputs.command == "doctor":
        return _doctor(session, environ)
    if inputs.command == "digest":
        return _digest(session, inputs, environ)
    if inputs.command == "send":
        plan = sent_of(parts_of(inputs.runs, run_from), session)
        return Result(plan, partial(as_text, plan), as_markdown(plan), exit_status(plan, inputs.fail_on))
    about = Meant(inputs.only) if inputs.only else _event(environ, session)
    if about.refs == ():
        return _nothing_to_do(session, inputs, environ)
    plan = _planned(session, inputs, environ, about)
    if inputs.command == "sync":
        plan = apply(plan, session)
    return Result(plan, partial(as_text, plan), as_markdown(plan), exit_status(plan, inputs.fail_on))


def _doctor(session: Session, environ: Mapping[str, str]) -> Result:
    listing = diagnosis(session)
    now = session.request("doctor", environ.get("INPUT_NOW") or None).now
    status = INCOMPLETE if listing.failed else FINE
    return Result(Plan("doctor", now), listing.as_text, listing.as_markdown(), status, listing.problems)


def _digest(session: Session, inputs: Inputs, environ: Mapping[str, str]) -> Result:
    plan, editions = due_digests(session, environ.get("INPUT_NOW") or None, inputs.shard)
    if not inputs.dry_run:
        plan = apply(plan, session)
    text = partial(digests_text, plan, editions)
    return Result(plan, text, digests_markdown(plan, editions), exit_status(plan, FailOn.NEVER))


def _nothing_to_do(session: Session, inputs: Inputs, environ: Mapping[str, str]) -> Result:
    now = session.request(inputs.command, environ.get("INPUT_NOW") or None).now
    return Result(Plan(inputs.command, now, shard=inputs.shard), lambda _: _NOTHING, _NOTHING, FINE)


def _planned(session: Session, inputs: Inputs, environ: Mapping[str, str], about: Meant) -> Plan:
    request = session.request(inputs.command, environ.get("INPUT_NOW") or None, about.refs, inputs.shard)
    return session.planned(replace(request, if_there=request.if_there or not inputs.only))


def _event(environ: Mapping[str, str], session: Session) -> Meant:
    """What the event is about; everything where it says nothing that mdpc knows."""
    path = environ.get("GITHUB_EVENT_PATH", "")
    if not path:
        return EVERYTHING
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        why = "the event cannot be read, so the run is about everything: GITHUB_EVENT_PATH names no JSON object"
        _lines([command("warning", why, "mdpc")])
        return EVERYTHING
    github = [name for name, table in session.settings.connectors.items() if table.type == "github"]
    return meant_by(environ.get("GITHUB_EVENT_NAME", ""), event, github)


def _told(name: str, result: Result, environ: Mapping[str, str]) -> None:
    """The log, the annotations, the summary, the outputs and the files."""
    write_out(f"::group::mdpc {name}\n")
    write_out(guard(result.text(look_of(sys.stdout, environ))))
    write_out("::endgroup::\n")
    _lines(annotated(result.plan, result.problems))
    folder = Path(environ.get("RUNNER_TEMP") or ".")
    report, saved = folder / f"mdpc-report-of-{name}.md", folder / "mdpc-plan.json"
    report.write_text(result.markdown, encoding="utf-8", errors="backslashreplace", newline="\n")
    files = {"report-file": str(report), "plan-file": "", "run-file": ""}
    if name == "plan":
        saved.write_text(as_saved(result.plan), encoding="utf-8")
        files["plan-file"] = str(saved)
    if name in KEEPING and (shard := result.plan.shard):
        kept = folder / f"mdpc-run-{shard.number}-of-{shard.count}.json"
        kept.write_text(as_run(result.plan), encoding="utf-8")
        files["run-file"] = str(kept)
    written = outputs(result.plan, files, result.problems)
    _append(environ, "GITHUB_OUTPUT", "".join(f"{line}\n" for line in written))
    _append(environ, "GITHUB_STEP_SUMMARY", summary(result.markdown))


def _append(environ: Mapping[str, str], name: str, text: str) -> None:
    """Add to a file of the runner's; that it cannot be written is told, and takes nothing back."""
    path = environ.get(name)
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        _lines(
            [command("warning", f"the file of {name} cannot be written ({error.strerror}); the log has it all", "mdpc")]
        )


def _lines(commands: Iterable[str]) -> None:
    for each in commands:
        write_out(f"{each}\n")


if __name__ == "__main__":
    main()
