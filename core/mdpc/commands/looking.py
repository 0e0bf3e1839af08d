"""`mdpc check-config`, `mdpc doctor` and `mdpc explain`: what is there, without judging it as a whole."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from mdpc import run
from mdpc.commands.errors import UsageError, told_in_words
from mdpc.commands.options import DEFAULT_CONFIG, ConfigOption, Format, FormatOption, NowOption, OutputOption
from mdpc.commands.output import Output
from mdpc.commands.session import LONGEST, Session, day_of, known_findings, open_session, settings_of
from mdpc.exits import FINE, INCOMPLETE, USAGE, is_incomplete
from mdpc.installed import installed_rules
from mdpc.matching import matches
from mdpc.plan import NothingMatchesError
from mdpc.report import problems, rule_page
from mdpc.report.explanation import explanations_json, explanations_markdown, explanations_text
from mdpc.report.previews import previews_markdown, previews_text
from mdpc.rules.base import Rule
from mdpc.settings.file import SettingsError
from mdpc.settings.problems import did_you_mean, quoted


def check_config(
    config: ConfigOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
) -> None:
    """Validate the configuration without any network: every problem at once, each with its place.

    Example: mdpc check-config --config mdpc.toml
    """
    with told_in_words():
        out = Output(format, output)
        try:
            settings = settings_of(config)
            if settings.baseline:
                known_findings(config or DEFAULT_CONFIG, settings.baseline)
            listing, status = problems.of_good_settings(settings), FINE
        except SettingsError as error:
            listing, status = problems.of_settings(error.problems), USAGE
        _write(listing, out)
        raise typer.Exit(status)


def doctor(
    config: ConfigOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
) -> None:
    """Connect, and say what is wrong with tokens, rights and containers, and what to do. Writes nothing.

    For each container it lists the rights that are there, missing, and more than needed, and what each is for.

    Example: mdpc doctor --config mdpc.toml
    """
    with told_in_words():
        out = Output(format, output)
        listing = diagnosis(open_session(config))
        _write(listing, out)
        raise typer.Exit(INCOMPLETE if listing.failed else FINE)


def diagnosis(session: Session) -> problems.Listing:
    """What is wrong with tokens, rights and containers, and with the channels, and which rights there are."""
    with session.reading():
        found = run.preflight(session.settings, session.connectors, session.channels)
    return problems.of_preflight(found, session.connectors)


def _write(listing: problems.Listing, out: Output) -> None:
    out.write(
        {
            Format.TEXT: lambda: listing.as_text(out.look),
            Format.JSON: listing.as_json,
            Format.MARKDOWN: listing.as_markdown,
        }
    )


def explain(  # noqa: PLR0913, PLR0917 - options of a command
    what: Annotated[
        str,
        typer.Argument(
            metavar="KEY|REF|RULE", help="A milestone's key, or its title where one has it; a record's ref; a rule."
        ),
    ],
    config: ConfigOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
    now: NowOption = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="DATE", help="What would be said of the milestone on that day, word for word, and to whom."
        ),
    ] = None,
) -> None:
    """Tell all about one milestone (which rules apply and why), or what a rule asks for. Writes nothing.

    Examples: mdpc explain v1.0; mdpc explain github:acme/api#3; mdpc explain platform/v1.0 --at 2027-01-31; mdpc
    explain owner-required
    """
    with told_in_words():
        out = Output(format, output)
        rules = installed_rules()
        if what in rules and at is not None:
            raise UsageError(f"{what} is a rule, and no rule sends anything: name a milestone before --at")
        if what in rules:
            _explain_rule(what, rules[what], out)
        else:
            _refuse_misspelt_rule(what, rules, config)
            _explain_milestone(what, config, now, at, out)


def _refuse_misspelt_rule(what: str, rules: Collection[str], config: Path | None) -> None:
    """Raise UsageError for what is nearly a rule and no program, before anything is read for it."""
    close = [] if set(what) & set("/:#*?[") else get_close_matches(what.casefold(), rules, n=1, cutoff=0.8)
    if close and not _is_program(what, config):
        raise UsageError(
            f"there is no rule {what!r}; did you mean {quoted(close[0])}? A milestone with this title is named by its "
            "key, PROGRAM/TITLE, or its ref, CONNECTOR:CONTAINER#ID"
        )


def _is_program(name: str, config: Path | None) -> bool:
    try:
        programs = settings_of(config).programs
    except SettingsError:  # a rule needs no configuration, so one that is wrong says nothing here
        return False
    return any(matches(name, program.name) for program in programs)


def _explain_rule(name: str, rule: type[Rule], out: Output) -> None:
    out.write(
        {
            Format.TEXT: lambda: rule_page.rule_text(name, rule, out.look),
            Format.JSON: lambda: rule_page.rule_json(name, rule),
            Format.MARKDOWN: lambda: rule_page.rule_markdown(name, rule),
        }
    )


def _explain_milestone(what: str, config: ConfigOption, now: str | None, at: str | None, out: Output) -> None:
    session = open_session(config)
    request = session.request("explain", now)
    day = day_of(at, "--at")
    if day is not None and not timedelta() <= day - request.today <= LONGEST:
        raise UsageError(f"--at {at} is over, or more than ten years away: name today or a nearer day")
    try:
        with session.reading():
            told = run.explain(session.settings, session.connectors, request, what, day)
    except NothingMatchesError as error:
        rules = installed_rules()
        raise UsageError(f"{error}; nor is it a rule: {did_you_mean(what, rules, ', '.join(rules))}") from None
    out.write(
        {
            Format.TEXT: lambda: (
                previews_text(told, out.look) if day else explanations_text(told, request.today, out.look)
            ),
            Format.JSON: lambda: explanations_json(told, request.now.isoformat()),
            Format.MARKDOWN: lambda: previews_markdown(told) if day else explanations_markdown(told, request.today),
        }
    )
    raise typer.Exit(INCOMPLETE if is_incomplete(told.plan) else FINE)
