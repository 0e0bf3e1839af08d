"""What a Jira says of itself: the server, the user, rights, projects, fields and users."""

from __future__ import annotations

from mdpc_sandbox.jira.call import Call, Refused, Reply, unauthenticated
from mdpc_sandbox.jira.model import BEYOND, EPIC_LINK, EPIC_NAME, Project
from mdpc_sandbox.jira.views import ISSUE_FIELDS, moment, project_json, user_json

# Jira's permission keys that mdpc can ask for, and the sandbox's right that each needs.
PERMISSIONS = {
    "BROWSE_PROJECTS": "read",
    "CREATE_ISSUES": "write",
    "EDIT_ISSUES": "write",
    "SCHEDULE_ISSUES": "write",
    "ASSIGN_ISSUES": "write",
    "TRANSITION_ISSUES": "write",
    "RESOLVE_ISSUES": "write",
    "LINK_ISSUES": "write",
    "ADD_COMMENTS": "write",
    "EDIT_OWN_COMMENTS": "write",
    "ADMINISTER_PROJECTS": "admin",
    "USER_PICKER": "admin",
    **dict.fromkeys(BEYOND, ""),
}
"""Those without one are a user's own alone (`more` in the seed)."""

_GLOBAL = ("USER_PICKER", "ADMINISTER", "SYSTEM_ADMIN")

_OWN_FIELDS = {
    EPIC_LINK: "com.pyxis.greenhopper.jira:gh-epic-link",
    EPIC_NAME: "com.pyxis.greenhopper.jira:gh-epic-label",
}
"""What Data Center calls its own custom fields, whose ids differ from site to site."""


def server_info(call: Call) -> Reply:
    """GET serverInfo."""
    version = "1001.0.0-SNAPSHOT" if call.state.cloud else f"{call.state.deployment}.0"
    numbers = [1001, 0, 0] if call.state.cloud else [int(part) for part in version.split(".")]
    return Reply(
        {
            "baseUrl": call.base,
            "version": version,
            "versionNumbers": numbers,
            "deploymentType": "Cloud" if call.state.cloud else "Server",
            "buildNumber": 100_000,
            "buildDate": "2026-01-01T00:00:00.000+0000",
            "serverTime": moment(call.state.clock()),
            "scmInfo": "0" * 40,
            "serverTitle": "Sandbox",
        }
    )


def myself(call: Call) -> Reply:
    """GET myself."""
    return Reply(user_json(call, call.user)) if call.user else unauthenticated()


def my_permissions(call: Call) -> Reply:
    """GET mypermissions: Cloud wants to be told which, Data Center answers all."""
    names = call.words("permissions")
    if call.state.cloud and not names:
        raise Refused(400, "The 'permissions' query parameter is required.")
    if unknown := [name for name in names if name not in PERMISSIONS]:
        raise Refused(400, f"Unrecognized permission(s): {', '.join(unknown)}")
    key = call.query.get("projectKey")
    projects = [call.project(key)] if key is not None else call.state.visible(call.user)
    return Reply({"permissions": {name: _permission(call, name, projects) for name in names or PERMISSIONS}})


def _permission(call: Call, name: str, projects: list[Project]) -> dict[str, object]:
    right = PERMISSIONS[name]
    held = call.user is not None and name in call.user.more
    if right:
        held = any(call.may(right, project) or (right == "read" and not project.private) for project in projects)
    return {
        "id": str(list(PERMISSIONS).index(name)),
        "key": name,
        "name": name.replace("_", " ").title(),
        "type": "GLOBAL" if name in _GLOBAL else "PROJECT",
        "description": "",
        "havePermission": held,
    }


def search_projects(call: Call) -> Reply:
    """GET project/search (Cloud): the projects that the user may browse, a page at a time.

    With `properties` each comes with those that it has of the named ones.
    """
    wanted, keys = call.query.get("query", "").casefold(), call.query.getlist("keys")
    properties = call.words("properties")
    found = [
        project
        for project in call.state.visible(call.user)
        if wanted in f"{project.key}\n{project.name}".casefold() and (not keys or project.key in keys)
    ]
    found.sort(key=lambda project: project.key)
    return call.page(found, lambda project: project_json(call, project, properties=properties))


def list_projects(call: Call) -> Reply:
    """GET project (Data Center): all projects that the user may browse."""
    return Reply([project_json(call, project) for project in call.state.visible(call.user)])


def get_project(call: Call) -> Reply:
    """GET project/{key}."""
    return Reply(project_json(call, call.project(), whole=True))


def list_fields(call: Call) -> Reply:
    """GET field: system fields and the seed's custom ones."""
    system = [_field(call, id_, field.name, field.type) for id_, field in ISSUE_FIELDS.items()]
    return Reply(system + [_field(call, id_, name, kind) for id_, (name, kind) in call.state.fields.items()])


def _field(call: Call, id_: str, name: str, kind: str) -> dict[str, object]:
    custom = id_.startswith("customfield_")
    shown: dict[str, object] = {
        "id": id_,
        "name": name,
        "custom": custom,
        "orderable": True,
        "navigable": id_ != "comment",
        "searchable": True,
        "clauseNames": [f"cf[{id_[12:]}]", name] if custom else [id_],
        "schema": {"type": kind, "system": id_},
    }
    if custom:
        own = _OWN_FIELDS.get(id_, f"sandbox:{kind}")
        shown["schema"] = {"type": kind, "custom": own, "customId": int(id_[12:])}
    return shown | ({"key": id_} if call.state.cloud else {})
