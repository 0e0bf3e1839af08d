"""What the doctor asks a Jira site: who the account is, what the server is, which rights there are."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from mdpc.connector import Problem, TrackerError
from mdpc.settings.problems import variable_name
from mdpc_jira.client import JiraClient
from mdpc_jira.errors import expected_shape
from mdpc_jira.issue_fields import create_fields, lacking
from mdpc_jira.projects import Found, Project
from mdpc_jira.settings import JiraSettings

SIDE_BY_SIDE = 8
RIGHTS = {
    "BROWSE_PROJECTS": "Browse Projects",
    "ADMINISTER_PROJECTS": "Administer Projects",
    "EDIT_ISSUES": "Edit Issues",
    "TRANSITION_ISSUES": "Transition Issues",
}


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


def check_projects(client: JiraClient, name: str, settings: JiraSettings, found: Found) -> Iterator[Problem]:
    """What could not be found, and per project the rights that mdpc lacks and what a coordination issue would."""
    for project, why in found.unread.items():
        yield Problem("error", f"{name}:{project}", why)
    for project, why in found.skipped.items():
        yield Problem("info", f"{name}:{project}", why)
    for old, now in found.renamed.items():
        yield Problem("warn", f"{name}:{old}", f"the project's key is {now} now", f"Write {now} in the configuration.")
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for problems in pool.map(lambda project: _project(client, name, settings, project), found.projects):
            yield from problems


def _project(client: JiraClient, name: str, settings: JiraSettings, project: Project) -> list[Problem]:
    rights = _rights(client, name, settings, project)
    if rights.level == "error" or settings.access == "read":
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


def _rights(client: JiraClient, name: str, settings: JiraSettings, project: Project) -> Problem:
    where = f"{name}:{project.key}"
    writing = ("ADMINISTER_PROJECTS",) if settings.milestones == "versions" else ("EDIT_ISSUES", "TRANSITION_ISSUES")
    needed = ("BROWSE_PROJECTS", *(writing if settings.access == "write" else ()))
    try:
        with expected_shape():
            # Cloud wants to know which; Data Center answers with all of them and knows no such parameter.
            which = {"permissions": ",".join(needed)} if client.cloud else {}
            held = client.get("mypermissions", {"projectKey": project.key, **which})["permissions"]
            missing = [RIGHTS[right] for right in needed if not held.get(right, {}).get("havePermission")]
    except TrackerError as error:
        return Problem("error", where, *_said(error))
    if missing:
        return Problem(
            "error",
            where,
            f"this account lacks {' and '.join(missing)}",
            f'Give it {" and ".join(missing)} on {project.key}, or set access = "read".',
        )
    return Problem("info", where, f"this account has {' and '.join(RIGHTS[right] for right in needed)}")


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
