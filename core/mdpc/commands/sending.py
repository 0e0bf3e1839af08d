"""`mdpc send`: the last job of a divided run, which sends the messages that its shards left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from mdpc import run
from mdpc.changes import Plan
from mdpc.commands.apply import apply
from mdpc.commands.errors import told_in_words
from mdpc.commands.heartbeat import beat
from mdpc.commands.options import ConfigOption, FailOnOption, Format, FormatOption, OutputOption
from mdpc.commands.output import Output
from mdpc.commands.parts import parts_of
from mdpc.commands.session import Session, open_session
from mdpc.exits import FailOn, exit_status
from mdpc.gathering import Part, gathered
from mdpc.saved import run_from
from mdpc.sending import outgoing, to_apply, went_out


def send(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="What `mdpc sync --shard I/N --save FILE` kept, or folders of it."),
    ],
    config: ConfigOption = None,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
    fail_on: FailOnOption = FailOn.NEVER,
) -> None:
    """Send the messages that the shards of a run left, and report the run as one. Reads no milestone.

    Example: mdpc send runs/*.json
    """
    with told_in_words():
        out = Output(format, output)
        parts = parts_of(files, run_from)
        session = open_session(config)
        sent = sent_of(parts, session)
        out.write_plan(sent)
        status = exit_status(sent, fail_on)
        beat(sent, session.settings, status)
        raise typer.Exit(status)


def sent_of(parts: list[Part], session: Session) -> Plan:
    """The run of which these are the shards, with what became of its messages. Raises NotTogetherError."""
    whole = gathered(parts)
    plans = [each.plan for each in parts]
    left = outgoing(plans, session.settings)
    with session.reading():
        states = run.ledgers_now(left.ledgers, session.connectors)
        if out := went_out(left, states):
            left = outgoing(plans, session.settings, out)
            more = {name: held for name, held in left.ledgers.items() if name not in states}
            states |= run.ledgers_now(more, session.connectors)
    planned, ended = to_apply(left, states, whole)
    applied = apply(planned, session)
    known = [each for each in whole.messages if each.outcome is not None]
    requests = {name: connector.requests for name, connector in session.connectors.items()}
    before = whole.stats.requests
    return replace(
        whole,
        command="send",
        changes=(*whole.changes, *applied.changes),
        messages=(*applied.messages, *ended, *known),
        withheld=(*whole.withheld, *left.withheld),
        stats=replace(
            whole.stats,
            requests={name: before.get(name, 0) + requests.get(name, 0) for name in {**before, **requests}},
            seconds=round(whole.stats.seconds + applied.stats.seconds, 3),
            truncated=whole.stats.truncated or applied.stats.truncated,
            stopped=whole.stats.stopped or applied.stats.stopped,
        ),
    )
