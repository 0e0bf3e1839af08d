"""Issues: creating, reading, editing, and moving through the workflow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from mdpc_sandbox.jira.call import Call, Refused, Reply
from mdpc_sandbox.jira.model import EPIC_NAME, ISSUE_TYPES, PRIORITIES, STATUSES, Issue, User, Version
from mdpc_sandbox.jira.rich import plain, taken
from mdpc_sandbox.jira.views import chosen_fields, issue_json, status_json

SUMMARY_LIMIT = 255


def get_issue(call: Call) -> Reply:
    """GET issue/{key}: all fields unless some are asked for; `properties` adds issue properties."""
    issue = call.issue()
    properties = call.words("properties")
    chosen = list(issue.properties) if properties == ["*all"] else properties
    fields = chosen_fields(call, call.words("fields"), "*all")
    return Reply(issue_json(call, issue, [name for name in fields if name != "id"], chosen))


def create_issue(call: Call) -> Reply:
    """POST issue."""
    fields = dict(_fields(call))
    given = fields.pop("project", None)
    named = given.get("key", given.get("id")) if isinstance(given, dict) else None
    project = call.state.project(named) if isinstance(named, str) else None
    if project is None or project not in call.state.visible(call.user):
        raise Refused(400, project="valid project is required")
    user = call.require("write", project, 400, "You do not have permission to create issues in this project.")
    kind = _issue_type(fields.pop("issuetype", None))
    if "summary" not in fields:
        raise Refused(400, summary="You must specify a summary of the issue.")
    if kind == "Epic" and not call.state.cloud and not fields.get(EPIC_NAME):
        raise Refused(400, **{EPIC_NAME: "Epic Name is required."})
    needed = [name for name, kinds in call.state.required.items() if kind in kinds and not fields.get(name)]
    if needed:
        raise Refused(400, **{name: f"{call.state.fields[name][0]} is required." for name in needed})
    writes = _checked(call, project.versions, fields)
    issue = call.state.add_issue(project, "", kind)
    issue.reporter = issue.creator = user
    for write in writes:
        write(issue)
    self_ = f"{call.api}/issue/{issue.id}"
    return Reply({"id": issue.id, "key": issue.key, "self": self_}, 201)


def edit_issue(call: Call) -> Reply:
    """PUT issue/{key}: the `fields` that are named, nothing else; `update` adds and removes labels."""
    issue = call.issue()
    call.require("write", issue.project, 403, "You do not have permission to edit issues in this project.")
    body = dict(call.object())
    labels = _relabelled(issue, body.pop("update")) if "update" in body else None
    writes = _checked(call, issue.project.versions, _fields(call, body)) if body or labels is None else []
    for write in writes:
        write(issue)
    issue.labels = issue.labels if labels is None else labels
    issue.updated = call.state.clock()
    return Reply(status=204)


def assign_issue(call: Call) -> Reply:
    """PUT issue/{key}/assignee: `accountId` on Cloud, `name` on Data Center, null for nobody."""
    issue = call.issue()
    call.require("write", issue.project, 403, "You do not have permission to assign issues.")
    issue.assignee = _user(call, "assignee", call.object())
    issue.updated = call.state.clock()
    return Reply(status=204)


def list_transitions(call: Call) -> Reply:
    """GET issue/{key}/transitions: to every other status; none for who may not move the issue."""
    issue = call.issue()
    to = [status for status in STATUSES.values() if status is not issue.status]
    shown: list[dict[str, Any]] = [
        {"id": status.transition, "name": status.name, "to": status_json(call, status)}
        for status in to
        if call.may("write", issue.project)
    ]
    if call.state.cloud:
        shown = [
            transition | {"hasScreen": False, "isGlobal": True, "isInitial": False, "isAvailable": True}
            for transition in shown
        ]
    return Reply({"expand": "transitions", "transitions": shown})


def move_issue(call: Call) -> Reply:
    """POST issue/{key}/transitions."""
    issue = call.issue()
    call.require("write", issue.project, 400, "You do not have permission to move this issue through its workflow.")
    body = call.object()
    given = body.get("transition")
    wanted = str(given.get("id")) if isinstance(given, dict) else ""
    to = next((status for status in STATUSES.values() if status.transition == wanted), None)
    if to is None or to is issue.status:
        raise Refused(400, f"Transition id '{wanted}' is not valid for this issue.")
    if body.get("fields"):
        raise Refused(400, "The sandbox's transitions have no screen, so no field can be set with one.")
    issue.move(to, call.state.clock())
    issue.updated = call.state.clock()
    return Reply(status=204)


Write = Callable[[Issue], None]


def _fields(call: Call, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The fields that a request brings, in its body or what is left of it."""
    body = call.object() if body is None else body
    if unknown := body.keys() - {"fields"}:
        raise Refused(400, f"The sandbox takes 'fields' alone for an issue, not '{min(unknown)}'.")
    fields = body.get("fields")
    if not isinstance(fields, dict):
        raise Refused(400, "one of 'fields' or 'update' required")
    return fields


def _checked(call: Call, versions: list[Version], fields: dict[str, Any]) -> list[Write]:
    """What writes the fields: everything is checked before anything is written."""
    return [_write(call, versions, name, value) for name, value in fields.items()]


def _write(call: Call, versions: list[Version], name: str, value: Any) -> Write:
    result: Any
    match name:
        case "summary":
            result = _summary(value)
        case "description":
            result = taken(call, value, name)
        case "labels":
            result = _labels(value)
        case "duedate":
            result = _day(value)
        case "priority":
            result = _priority(value)
        case "assignee" | "reporter":
            result = _user(call, name, value) if value is not None else None
        case "fixVersions":
            found = _versions(versions, value)
            return lambda issue: issue.set_versions(found)
        case "issuetype":
            name, result = "type", _issue_type(value)
        case "parent":
            result = _parent(call, value)
        case _ if name in call.state.fields:
            return lambda issue: issue.custom.__setitem__(name, value)
        case _:
            message = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            raise Refused(400, **{name: message})
    return lambda issue: setattr(issue, name, result)


def _summary(value: Any) -> str:
    summary = plain(value, "summary")
    if not summary.strip():
        raise Refused(400, summary="You must specify a summary of the issue.")
    if "\n" in summary or "\r" in summary:
        raise Refused(400, summary="The summary is invalid because it contains newline characters.")
    if len(summary) > SUMMARY_LIMIT:
        raise Refused(400, summary=f"Summary must be less than {SUMMARY_LIMIT} characters.")
    return summary


def _labels(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise Refused(400, labels="data was not an array")
    if bad := [label for label in value if any(c.isspace() for c in label)]:
        raise Refused(400, labels=f"The label '{bad[0]}' contains spaces which is invalid.")
    return tuple(dict.fromkeys(value))


def _relabelled(issue: Issue, update: Any) -> tuple[str, ...]:
    """An issue's labels after an `update` of them, which is the only field that the sandbox takes there."""
    steps = update.get("labels") if isinstance(update, dict) and update.keys() == {"labels"} else None
    if not isinstance(steps, list) or not all(isinstance(step, dict) and len(step) == 1 for step in steps):
        raise Refused(400, "The sandbox takes steps for 'labels' alone in 'update'.")
    labels = list(issue.labels)
    for operation, label in (pair for step in steps for pair in step.items()):
        (known,) = _labels([label])
        if operation not in ("add", "remove"):
            raise Refused(400, labels=f"The operation '{operation}' is not one of add and remove.")
        labels = [each for each in labels if each != known] + ([known] if operation == "add" else [])
    return tuple(labels)


def _day(value: Any) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refused(400, duedate=f"Error parsing date string: {value}") from None


def _user(call: Call, field: str, value: Any) -> User | None:
    id_name = "accountId" if call.state.cloud else "name"
    if not isinstance(value, dict) or value.keys() - {id_name}:
        raise Refused(400, **{field: f"expected an object with '{id_name}'"})
    wanted = value.get(id_name)
    if wanted is None:
        return None
    if not call.state.cloud:  # usernames have no case
        wanted = next((name for name in call.state.users if name.lower() == str(wanted).lower()), wanted)
    if wanted not in call.state.users:
        raise Refused(400, **{field: f"User '{wanted}' does not exist."})
    if field == "assignee" and not call.state.users[wanted].assignable:
        raise Refused(400, assignee=f"User '{wanted}' cannot be assigned issues.")
    return call.state.users[wanted]


def _versions(versions: list[Version], value: Any) -> list[Version]:
    found = []
    for given in value if isinstance(value, list) else [None]:
        wanted = given if isinstance(given, dict) else {}
        match = [
            v for v in versions if v.id == wanted.get("id") or ("id" not in wanted and v.name == wanted.get("name"))
        ]
        if not match:
            raise Refused(400, fixVersions=f"Version {given} is not valid")
        found += match
    return found


def _issue_type(value: Any) -> str:
    wanted = value if isinstance(value, dict) else {}
    for name, number in ISSUE_TYPES.items():
        if number == wanted.get("id") or name == wanted.get("name"):
            return name
    raise Refused(400, issuetype="valid issue type is required")


def _priority(value: Any) -> str:
    wanted = value if isinstance(value, dict) else {}
    for name, number in PRIORITIES.items():
        if number == wanted.get("id") or name == wanted.get("name"):
            return name
    raise Refused(400, priority="The priority selected is invalid.")


def _parent(call: Call, value: Any) -> Issue | None:
    if value is None:
        return None
    wanted = value.get("key", value.get("id")) if isinstance(value, dict) else None
    issue = call.state.issue(wanted) if isinstance(wanted, str) else None
    if issue is None or issue.project not in call.state.visible(call.user):
        raise Refused(400, parent="Could not find issue by id or key.")
    return issue
