"""What the doctor asks a Jira site: who the account is, what the server is, which rights there are."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from mdpc.connector import Problem, Rights, TrackerError, Use
from mdpc.model import Scope
from mdpc.settings.problems import variable_name
from mdpc_jira.client import JiraClient
from mdpc_jira.errors import expected_shape
from mdpc_jira.issue_fields import create_fields, lacking
from mdpc_jira.projects import Found, Project
from mdpc_jira.rights import NAMES, Needs
from mdpc_jira.settings import JiraSettings

SIDE_BY_SIDE = 8


def check_site(client: JiraClient, name: str, settings: JiraSettings) -> Iterator[Problem]:
    """The server, the account and the fields; yields an error and ends where Jira does not let us in."""
    if urlsplit(settings.api).scheme == "http" and not settings.loopback:
        yield Problem("warn", name, "the token travels unencrypted over http", "Use https in url.")
    try:
        with expected_shape():
            yield _server(client, name)
            yield _account(client, name) if client.signed_in else _anonymous(name, settings)
            if settings.milestones != "versions":
                yield from _due_field(client, name, settings)
    except TrackerError as error:
        yield Problem("error", name, *_said(error))


def check_projects(
    client: JiraClient, name: str, settings: JiraSettings, scope: Scope, found: Found
) -> Iterator[Problem | Rights]:
    """What could not be found, and per project the account's rights and what a coordination issue would lack."""
    for project, why in found.unread.items():
        yield Problem("error", f"{name}:{project}", why)
    for project, why in found.skipped.items():
        yield Problem("info", f"{name}:{project}", why)
    for old, now in found.renamed.items():
        yield Problem("warn", f"{name}:{old}", f"the project's key is {now} now", f"Write {now} in the configuration.")
    needs = Needs.of(settings, scope.teams, cloud=client.cloud)
    if needs.groups and not needs.cloud:
        what = "who is in a group Jira Data Center tells its administrators alone, and mdpc should be none"
        yield Problem("info", name, what, "List the group's people in [teams].")
    if needs.scoped:
        what = (
            "Jira does not tell which scopes this token has; what it should have, if it has any, is listed as unknown"
        )
        yield Problem("info", name, what)

    def look(project: Project) -> list[Problem | Rights]:
        return _project(client, name, settings, project, needs, _uses(scope, found, project))

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for one in pool.map(look, found.projects):
            yield from one


def _uses(scope: Scope, found: Found, project: Project) -> frozenset[Use]:
    """What mdpc does in a project, by each of the names that the configuration may know it by."""
    former = (old for old, now in found.renamed.items() if now == project.key)
    return frozenset().union(*map(scope.uses, (project.key, *former)))


def _project(  # noqa: PLR0913, PLR0917 - what is asked of one project, and whom
    client: JiraClient, name: str, settings: JiraSettings, project: Project, needs: Needs, uses: frozenset[Use]
) -> list[Problem | Rights]:
    where = f"{name}:{project.key}"
    try:
        with expected_shape():
            # Cloud wants to know which; Data Center answers with all of them and knows no such parameter.
            which = {"permissions": ",".join(NAMES)} if client.cloud else {}
            held = client.get("mypermissions", {"projectKey": project.key, **which})["permissions"]
            rights = needs.compared(where, uses, held)
    except TrackerError as error:
        return [Problem("error", where, *_said(error))]
    if Use.ISSUES not in uses or not needs.writes or rights.missing:
        return [rights]
    return [rights, *_new_issues(client, name, settings, project)]


def _server(client: JiraClient, name: str) -> Problem:
    about: dict[str, Any] = client.get("serverInfo")
    kind = "Cloud" if client.cloud else "Data Center"
    return Problem("info", name, f"Jira {kind}, version {about.get('version', 'unknown')}")


def _account(client: JiraClient, name: str) -> Problem:
    me = client.get("myself")
    login = me.get("accountId") or me.get("name")
    return Problem("info", name, f"signed in as {me.get('displayName') or login} ({login})")


def _anonymous(name: str, settings: JiraSettings) -> Problem:
    what = "no token: only what everybody may read is read"
    if settings.access == "read":
        return Problem("info", name, what)
    set_token = f"Set {variable_name('connectors', name, 'token')}."
    return Problem("warn", name, f"{what}, and nothing can be written", set_token)


def _due_field(client: JiraClient, name: str, settings: JiraSettings) -> Iterator[Problem]:
    fields = {field["id"]: field for field in client.get("field")}
    field = fields.get(settings.due_field)
    kind = field.get("schema", {}).get("type") if field else None
    if kind != "date":
        what = f"is of the type {kind}" if field else "does not exist here"
        yield Problem(
            "error", name, f"the field {settings.due_field} {what}", "Set due_field to the id of a date field."
        )


def _new_issues(client: JiraClient, name: str, settings: JiraSettings, project: Project) -> Iterator[Problem]:
    """What a coordination issue would lack here. Nothing where Jira does not tell: not every project is a home."""
    where, kind, table = f"{name}:{project.key}", settings.issue.type, f"connectors.{name}.issue"
    if_home = f"if coordination issues are to live in {project.key}"
    try:
        with expected_shape():
            fields = create_fields(client.get, project.key, kind)
    except TrackerError:
        return
    if fields is None:
        yield Problem("warn", where, f"there is no issue type {kind}", f"Set {table}.type, {if_home}.")
        return
    for field in lacking(settings.issue.fields, fields):
        yield Problem(
            "warn",
            where,
            f"a new {kind} needs {field.name} ({field.id})",
            f"Set {table}.fields.{field.id}, {if_home}, or make it optional in Jira.",
        )


def _said(error: TrackerError) -> tuple[str, str]:
    return error.sentence().removesuffix(f" {error.next_step}"), error.next_step
