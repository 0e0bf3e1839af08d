"""What can be set, and what has to be, when an issue is made: the types of a project and the fields of a type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mdpc_sandbox.jira.call import Call, Refused, Reply
from mdpc_sandbox.jira.model import EPIC_NAME, ISSUE_TYPES, PRIORITIES, Project
from mdpc_sandbox.jira.views import JSON, issue_type_json, priority_json

_SYSTEM = {
    "summary": ("Summary", "string", ""),
    "issuetype": ("Issue Type", "issuetype", ""),
    "project": ("Project", "project", ""),
    "description": ("Description", "string", ""),
    "reporter": ("Reporter", "user", ""),
    "assignee": ("Assignee", "user", ""),
    "priority": ("Priority", "priority", ""),
    "labels": ("Labels", "array", "string"),
    "fixVersions": ("Fix versions", "array", "version"),
    "duedate": ("Due date", "date", ""),
}
_REQUIRED = ("summary", "issuetype", "project", "reporter")


def list_types(call: Call) -> Reply:
    """GET issue/createmeta/{project}/issuetypes."""
    _creatable(call)
    return _page(call, "issueTypes", [issue_type_json(call, name) for name in ISSUE_TYPES])


def list_fields(call: Call) -> Reply:
    """GET issue/createmeta/{project}/issuetypes/{id}."""
    _creatable(call)
    kind = next((name for name, number in ISSUE_TYPES.items() if number == call.path["type"]), None)
    if kind is None:
        raise Refused(400, f"The issue type with id '{call.path['type']}' does not exist.")
    custom = {field: (name, of, "") for field, (name, of) in call.state.fields.items()}
    shown = [_field(call, field, about, kind) for field, about in (_SYSTEM | custom).items()]
    return _page(call, "fields", shown)


def _creatable(call: Call) -> Project:
    project = call.state.project(call.path["project"])
    if project is None or not call.may("write", project):
        raise Refused(400, "The project does not exist, or you may not create issues in it.")
    return project


def _required(call: Call, field: str, kind: str) -> bool:
    return field in _REQUIRED or kind in call.state.required.get(field, ()) or (field == EPIC_NAME and kind == "Epic")


def _field(call: Call, field: str, about: tuple[str, str, str], kind: str) -> JSON:
    name, of, items = about
    custom = field.startswith("customfield_")
    schema: JSON = {"type": of} | ({"items": items} if items else {})
    schema |= {"custom": f"sandbox:{of}", "customId": int(field[12:])} if custom else {"system": field}
    view: JSON = {"fieldId": field, "name": name, "schema": schema, "operations": ["set"]}
    view["required"] = _required(call, field, kind)
    view["hasDefaultValue"] = field in ("reporter", "priority")
    if field == "priority":
        view["allowedValues"] = [priority_json(call, each) for each in PRIORITIES]
    return view | ({"key": field} if call.state.cloud else {})


def _page(call: Call, name: str, things: Sequence[Any]) -> Reply:
    """A page: on Cloud under the name of what it holds, on Data Center as every page there."""
    if not call.state.cloud:
        return call.page(things, lambda thing: thing, 200)
    start, size = call.number("startAt", 0, 10**9), call.number("maxResults", 50, 200)
    page = {"startAt": start, "maxResults": size, "total": len(things)}
    return Reply(page | {name: things[start : start + size]})
