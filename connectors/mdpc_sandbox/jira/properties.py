"""Properties of issues and projects: small JSON values under keys, where programs keep what they must remember."""

from __future__ import annotations

import json
from typing import Any

from mdpc_sandbox.jira.call import Call, Refused, Reply
from mdpc_sandbox.jira.model import Project

VALUE_LIMIT = 32_768  # characters
KEY_LIMIT = 255


def list_properties(call: Call) -> Reply:
    """GET .../properties: the keys."""
    where, _, held = _entity(call)
    return Reply({"keys": [{"self": f"{where}/{key}", "key": key} for key in held]})


def get_property(call: Call) -> Reply:
    """GET .../properties/{key}."""
    key, held = call.path["property"], _entity(call)[2]
    if key not in held:
        raise Refused(404, f"The property with the key '{key}' was not found.")
    return Reply({"key": key, "value": held[key]})


def put_property(call: Call) -> Reply:
    """PUT .../properties/{key}: 201 for a new one, else 200; any JSON of at most 32,768 characters."""
    key, held = call.path["property"], _writable(call)
    if len(key.encode()) > KEY_LIMIT:
        raise Refused(400, f"The property key cannot be longer than {KEY_LIMIT} characters.")
    if call.body is None:
        raise Refused(400, "The value of the property cannot be empty.")
    if len(json.dumps(call.body, ensure_ascii=False, separators=(",", ":"))) > VALUE_LIMIT:
        raise Refused(400, f"The value of the property cannot be longer than {VALUE_LIMIT:,} characters.")
    status = 200 if key in held else 201
    held[key] = call.body
    return Reply(status=status)


def delete_property(call: Call) -> Reply:
    """DELETE .../properties/{key}."""
    key, held = call.path["property"], _writable(call)
    if key not in held:
        raise Refused(404, f"The property with the key '{key}' was not found.")
    del held[key]
    return Reply(status=204)


def _entity(call: Call) -> tuple[str, Project, dict[str, Any]]:
    """Where the properties are, the project whose rights count, and the properties."""
    if "issue" in call.path:
        issue = call.issue()
        return f"{call.api}/issue/{issue.id}/properties", issue.project, issue.properties
    project = call.project()
    return f"{call.api}/project/{project.id}/properties", project, project.properties


def _writable(call: Call) -> dict[str, Any]:
    _, project, held = _entity(call)
    right = "write" if "issue" in call.path else "admin"
    call.require(right, project, 403, "You do not have permission to edit the properties here.")
    return held
