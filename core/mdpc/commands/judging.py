"""`mdpc plan`, `mdpc sync` and `mdpc check`: the pipe as far as each takes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from mdpc import run
from mdpc.baseline import baseline_text
from mdpc.changes import Plan
from mdpc.commands.apply import apply
from mdpc.commands.errors import UsageError, say, told_in_words
from mdpc.commands.heartbeat import beat
from mdpc.commands.options import (
    ConfigOption,
    FailOnOption,
    Format,
    FormatOption,
    MinutesOption,
    NowOption,
    OnlyOption,
    OperationsOption,
    OutputOption,
    ResumeOption,
    ShardOption,
)
from mdpc.commands.output import Output
from mdpc.commands.session import (
    Bounds,
    Session,
    connected,
    open_session,
    session_without_file,
    settings_of,
    shard_of,
    with_adopt,
)
from mdpc.exits import FINE, INCOMPLETE, FailOn, exit_status, is_incomplete
from mdpc.report.words import counted
from mdpc.saved import SavedPlanError, as_run, as_saved, from_saved
from mdpc.shard import Shard


def plan(  # noqa: PLR0913, PLR0917 - options of a command
    config: ConfigOption = None,
    repo: Annotated[
        list[str] | None,
        typer.Option(metavar="OWNER/NAME", help="A GitHub repository, instead of a configuration; repeatable."),
    ] = None,
    jira: Annotated[
        list[str] | None,
        typer.Option(metavar="URL/PROJECT", help="A Jira project, instead of a configuration; repeatable."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the plan there, for `mdpc sync --plan FILE`.")
    ] = None,
    only: OnlyOption = None,
    shard: ShardOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
    fail_on: FailOnOption = FailOn.NEVER,
    now: NowOption = None,
    operations: OperationsOption = None,
    minutes: MinutesOption = None,
    resume: ResumeOption = None,
) -> None:
    """Read, judge, and show what would be done; writes nothing.

    Example: mdpc plan --repo acme/api --jira https://acme.atlassian.net/API
    """
    with told_in_words():
        out = Output(format, output)
        kept = Output(Format.JSON, save, "--save") if save else None
        session = _plan_session(config, repo or [], jira or [], Bounds(operations, minutes, resume))
        planned = _planned(session, "plan", now, only, shard=shard_of(shard))
        if kept:
            kept.write({Format.JSON: lambda: as_saved(planned)})
        _finish(planned, out, fail_on, configured=not (repo or jira))


def _plan_session(config: Path | None, repo: list[str], jira: list[str], bounds: Bounds) -> Session:
    if not (repo or jira):
        return open_session(config, bounds)
    if config is not None:
        raise UsageError("--repo and --jira take the place of a configuration: leave out either them or --config")
    return session_without_file(repo, jira, bounds)


def sync(  # noqa: PLR0913, PLR0917 - options of a command
    config: ConfigOption = None,
    plan: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Apply this saved plan, and nothing else; see plan --save.")
    ] = None,
    adopt: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Records to write to for the first time, instead of [limits] adopt."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep what a shard did there, for `mdpc send FILE...`.")
    ] = None,
    only: OnlyOption = None,
    shard: ShardOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
    fail_on: FailOnOption = FailOn.NEVER,
    now: NowOption = None,
    operations: OperationsOption = None,
    minutes: MinutesOption = None,
    resume: ResumeOption = None,
) -> None:
    """Do what `mdpc plan` shows, and say what became of each change.

    Example: mdpc sync --adopt 40
    """
    with told_in_words():
        out = Output(format, output)
        kept = Output(Format.JSON, save, "--save") if save else None
        session = open_session(config, Bounds(operations, minutes, resume))
        if plan is None:
            part = shard_of(shard)
            session.must_keep(part, save)
            planned = _planned(session, "sync", now, only, adopt, part)
        elif only or now or shard or adopt is not None or resume:
            raise UsageError(
                "--plan applies a saved plan as it is: leave out --only, --now, --shard, --adopt and --resume"
            )
        else:
            saved = _saved(plan, session)
            session.must_keep(saved.shard, save)
            with session.reading():
                planned = run.renew(saved, session.settings, session.connectors)
        done = apply(planned, session)
        if kept:
            kept.write({Format.JSON: lambda: as_run(done)})
        out.write_plan(done)
        status = exit_status(done, fail_on)
        beat(done, session.settings, status)
        raise typer.Exit(status)


def check(  # noqa: PLR0913, PLR0917 - options of a command
    config: ConfigOption = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep all findings there: named as `baseline`, they do not count any more."),
    ] = None,
    only: OnlyOption = None,
    shard: ShardOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
    fail_on: FailOnOption = FailOn.ERROR,
    now: NowOption = None,
    operations: OperationsOption = None,
    minutes: MinutesOption = None,
    resume: ResumeOption = None,
) -> None:
    """Read and judge, and fail where a rule is broken: a gate for CI. Writes nothing.

    Example: mdpc check --fail-on warn --only platform
    """
    with told_in_words():
        out = Output(format, output)
        part = shard_of(shard)
        if write_baseline and (part or only):
            raise UsageError(f"--write-baseline keeps all findings: leave out --{'shard' if part else 'only'}")
        bounds = Bounds(operations, minutes, resume)
        if write_baseline:
            _write_baseline(write_baseline, connected(settings_of(config), bounds), out, now)
        _finish(_planned(open_session(config, bounds), "check", now, only, shard=part), out, fail_on)


def _write_baseline(path: Path, session: Session, out: Output, now: str | None) -> None:
    """Keep what is found in a file and end: incomplete, without a file, where not everything could be read."""
    kept = Output(Format.JSON, path, "--write-baseline")
    planned = _planned(session, "check", now, None)
    if is_incomplete(planned):
        out.write_plan(planned)
        say(f"{path} is not written: a baseline of what could be read alone would hide nothing of the rest")
        raise typer.Exit(INCOMPLETE)
    kept.write({Format.JSON: lambda: baseline_text(planned.findings)})
    count = counted(len(planned.findings), "finding")
    say(f'{count} kept in {path}. Write baseline = "{path.name}" into the configuration, and only new ones count')
    raise typer.Exit(FINE)


def _saved(path: Path, session: Session) -> Plan:
    """The plan of a file. Raises UsageError where it is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "this is not text in UTF-8"
        raise UsageError(f"--plan {path} cannot be read ({reason}); `mdpc plan --save {path}` makes one") from None
    try:
        return replace(from_saved(text, session.settings.connectors), command="sync")
    except SavedPlanError as error:
        raise UsageError(f"--plan {path}: {error}") from None


def _planned(  # noqa: PLR0913, PLR0917 - options of a command
    session: Session,
    command: str,
    now: str | None,
    only: list[str] | None,
    adopt: int | None = None,
    shard: Shard | None = None,
) -> Plan:
    return session.planned(with_adopt(session.request(command, now, only, shard), adopt))


def _finish(plan: Plan, out: Output, fail_on: FailOn, *, configured: bool = True) -> None:
    out.write_plan(plan, configured=configured)
    raise typer.Exit(exit_status(plan, fail_on))
