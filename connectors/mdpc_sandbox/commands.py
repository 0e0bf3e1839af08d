"""The commands `mdpc sandbox` and `mdpc demo`. Importing this needs nothing of the extra `mdpc[sandbox]`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from mdpc_sandbox.demo import TRACKERS, demo
from mdpc_sandbox.extra import leave, require_extra
from mdpc_sandbox.seed import MILESTONES, VERSIONS, SeedError, problems, read_payload, read_seed

__all__ = ["demo", "sandbox"]

if TYPE_CHECKING:
    from mdpc_sandbox.server import Sandbox


def sandbox(  # noqa: PLR0913, PLR0917 - options of a command
    seed: Annotated[
        Path | None, typer.Argument(metavar="SEED", help="What it holds, TOML or JSON; default: nothing.")
    ] = None,
    sample: Annotated[bool, typer.Option("--demo", help="It holds what `mdpc demo` plays on.")] = False,
    github_payload: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Milestones as GitHub's API returned them; repeatable."),
    ] = None,
    jira_payload: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Versions as Jira's API returned them; repeatable.")
    ] = None,
    jira_project: Annotated[str, typer.Option(metavar="KEY", help="The project of --jira-payload.")] = "SANDBOX",
    jira_deployment: Annotated[
        str | None, typer.Option(metavar="cloud|9.12|10.3", help="Which Jira it is; default: the seed's.")
    ] = None,
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="Where to listen on 127.0.0.1; 0 is any free port.")
    ] = 8040,
    latency: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="Added to every request.")] = 0.0,
    graphql: Annotated[bool, typer.Option(help="Whether its GitHub has GraphQL.")] = True,
    app_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Private key of its GitHub App: read from there, else made and written there."
        ),
    ] = None,
) -> None:
    """Serve a GitHub and a Jira on this machine, to rehearse a policy before it touches anybody's tracker.

    They hold what the seed or the payloads say, take writes, and forget everything at the end.

    Examples: mdpc sandbox --demo; mdpc sandbox team.toml --port 8040
    """
    require_extra()
    try:
        tables = _tables(_seed_file(seed, sample=sample), jira_deployment)
        payloads = [read_payload(path, MILESTONES) for path in github_payload or ()]
        versions = [read_payload(path, VERSIONS) for path in jira_payload or ()]
        running = _start(tables, port=port, latency=latency, graphql=graphql)
    except SeedError as error:
        leave(str(error))
    with running:
        try:
            for milestones in payloads:
                running.github.add_payload(milestones)
            for page in versions:
                running.jira.add_payload(jira_project, page)
            if app_key:
                running.github.access.app.keep_key(app_key)
        except (LookupError, TypeError, ValueError, OSError) as error:
            leave(f"A payload or the key cannot be used: {error} ({type(error).__name__}).")
        typer.echo(introduction(running))
        try:
            running.wait()
        except KeyboardInterrupt:
            typer.echo(f"Stopped after {running.log.count()} requests.", err=True)


def _seed_file(seed: Path | None, *, sample: bool) -> Path | None:
    if seed and sample:
        raise SeedError(f"Either {seed} says what the sandbox holds, or --demo: leave out one of them.")
    return TRACKERS if sample else seed


def _tables(seed: Path | None, deployment: str | None) -> dict[str, Any]:
    tables = read_seed(seed) if seed else {}
    if deployment:
        tables["jira"] = {**tables.get("jira", {}), "deployment": deployment}
    return tables


def _start(tables: dict[str, Any], *, port: int, latency: float, graphql: bool) -> Sandbox:
    from mdpc_sandbox.server import Sandbox  # noqa: PLC0415 - needs the extra

    try:
        return Sandbox(tables, port=port, latency=latency, graphql=graphql)
    except ValidationError as error:
        raise SeedError(f"The seed has mistakes.\n{problems(error)}") from error
    except ValueError as error:
        raise SeedError(str(error)) from error
    except OSError as error:
        raise SeedError(f"Port {port} cannot be used: {error.strerror}. Take another one with --port.") from error


_EMPTY = """\
They hold nothing yet. Start them with a seed, `mdpc sandbox team.toml`, or with
`mdpc sandbox --demo`, which has the sample data of `mdpc demo`."""


def introduction(running: Sandbox) -> str:
    """What to do with a running sandbox: addresses, tokens, the log, faults."""
    repositories = running.github.repositories
    projects = running.jira.projects
    milestones = sum(len(repository.milestones) for repository in repositories)
    kind = "Cloud" if running.jira.cloud else f"Data Center {running.jira.deployment}"
    held_github = f"{_many(len(repositories), 'repository', 'repositories')}, {_many(milestones, 'milestone')}"
    held_jira = f"{_many(len(projects), 'project')}, {_many(len(running.jira.versions), 'version')}"
    tokens = [(one.value, one.login, "writes" if one.write else "reads only") for one in running.github.access.tokens]
    jira_tokens = [
        (value, one.email if running.jira.cloud else one.id, f"rights: {one.rights}")
        for value, one in running.jira.tokens.items()
    ]
    first = next((value for value, _, rights in tokens if rights == "writes"), "")
    login = [f"  export MDPC_CONNECTORS__JIRA__TOKEN={jira_tokens[0][0]}"] if jira_tokens else []
    if jira_tokens and running.jira.cloud:
        login.insert(0, f"  export MDPC_CONNECTORS__JIRA__USER={jira_tokens[0][1]}")
    return "\n".join(
        [
            "A GitHub and a Jira are running on this machine; Ctrl-C stops them, and they forget everything.",
            "",
            f"  GitHub  {running.github_url}  ({held_github})",
            f"  Jira    {running.jira_url}  ({kind}; {held_jira})",
            *(() if repositories or projects else ("", _EMPTY)),
            "",
            "Point mdpc at them in its configuration:",
            "",
            "  [connectors.github]",
            f'  url = "{running.github_url}"',
            '  repositories = ["*/*"]',
            "  [connectors.jira]",
            f'  url = "{running.jira_url}"',
            f'  deployment = "{"cloud" if running.jira.cloud else "data-center"}"',
            '  projects = ["*"]',
            "",
            "and log in with",
            "",
            f"  export MDPC_CONNECTORS__GITHUB__TOKEN={first}",
            *login,
            "",
            *_table("GitHub tokens", tokens),
            *_table("Jira tokens", jira_tokens),
            "",
            "See what was asked, and forget it; let something fail, and work again:",
            "",
            f"  curl {running.url}/_log",
            f"  curl -X DELETE {running.url}/_log",
            f"""  curl {running.url}/_faults -d '{{"repository": "OWNER/NAME", "status": 403}}'""",
            f"  curl -X DELETE {running.url}/_faults",
        ]
    )


def _many(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


def _table(title: str, rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [f"{title}:", *(f"  {value}  ({', '.join(rest)})" for value, *rest in rows)]
