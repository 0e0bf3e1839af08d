"""A project's versions: listing, creating, updating, and their counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mdpc_sandbox.jira.call import Call, Refused, Reply
from mdpc_sandbox.jira.model import Project, Version
from mdpc_sandbox.jira.views import version_json

# What a request may hold, by the type its value has; the rest of a version is read-only and is passed over.
_WRITABLE: Mapping[str, type] = {
    "name": str,
    "description": str,
    "archived": bool,
    "released": bool,
    "startDate": str,
    "releaseDate": str,
    "userStartDate": str,
    "userReleaseDate": str,
    "moveUnfixedIssuesTo": str,
    "project": str,
    "projectId": int,
}
_READ_ONLY = {"self", "id", "expand", "overdue", "operations"}
_READ_ONLY_ON_CLOUD = {"driver", "approvers", "issuesStatusForFixVersion"}
_ORDERS = ("description", "name", "releaseDate", "sequence", "startDate")
_DAYS = ("startDate", "releaseDate")
DESCRIPTION_LIMIT = 16_384  # bytes


def list_versions(call: Call) -> Reply:
    """GET project/{key}/versions: all of them."""
    expand = call.words("expand")
    return Reply([version_json(call, version, expand) for version in call.project().versions])


def page_versions(call: Call) -> Reply:
    """GET project/{key}/version: a page; Cloud also filters by `query` and `status`."""
    found = list(call.project().versions)
    if call.state.cloud:
        wanted, statuses = call.query.get("query", "").casefold(), set(call.words("status"))
        if unknown := statuses - {"released", "unreleased", "archived"}:
            raise Refused(400, f"The version status '{min(unknown)}' is not one of released, unreleased, archived.")
        found = [
            version
            for version in found
            if wanted in f"{version.name}\n{version.raw.get('description', '')}".casefold()
            and (not statuses or _status(version) in statuses)
        ]
    expand = call.words("expand")
    return call.page(_ordered(found, call.query.get("orderBy", "sequence")), lambda v: version_json(call, v, expand))


def get_version(call: Call) -> Reply:
    """GET version/{id}."""
    return Reply(version_json(call, call.version(), call.words("expand")))


def create_version(call: Call) -> Reply:
    """POST version. Needs Administer Projects: Cloud hides the project from who lacks it, Data Center says 403."""
    given = _checked(call)
    project = _project(call, given)
    lacking = f"Project with key '{project.key}' does not exist or you do not have permission to create versions in it."
    call.require("admin", project, 404 if call.state.cloud else 403, lacking)
    if not isinstance(given.get("name"), str):
        raise Refused(400, name="You must specify a valid version name")
    version = Version({"name": "", "archived": False, "released": False}, project)
    _write(version, {key: value for key, value in given.items() if key != "released"})
    raw = version.raw | {"projectId": int(project.id)}
    return Reply(version_json(call, call.state.add_version(project, raw)), 201)


def update_version(call: Call) -> Reply:
    """PUT version/{id}: what is not named, or null, stays; only a date is cleared by null, a description by "".

    Without Administer Projects, Cloud answers 400 and Data Center 403.
    """
    version = call.version()
    lacking = "You must have global or project administrator rights in order to modify versions."
    call.require("admin", version.project, 400 if call.state.cloud else 403, lacking)
    _write(version, _checked(call))
    return Reply(version_json(call, version))


def related_counts(call: Call) -> Reply:
    """GET version/{id}/relatedIssueCounts."""
    version = call.version()
    return Reply(
        {
            "self": f"{call.api}/version/{version.id}/relatedIssueCounts",
            "issuesFixedCount": len(version.issues),
            "issuesAffectedCount": 0,
            "issueCountWithCustomFieldsShowingVersion": 0,
        }
    )


def unresolved_count(call: Call) -> Reply:
    """GET version/{id}/unresolvedIssueCount."""
    version = call.version()
    shown: dict[str, object] = {
        "self": f"{call.api}/version/{version.id}/unresolvedIssueCount",
        "issuesUnresolvedCount": sum(issue.resolved is None for issue in version.issues),
    }
    return Reply(shown | ({"issuesCount": len(version.issues)} if call.state.cloud else {}))


def _status(version: Version) -> str:
    if version.archived:
        return "archived"
    return "released" if version.released else "unreleased"


def _ordered(versions: list[Version], order: str) -> list[Version]:
    name = order.lstrip("+-")
    if name not in _ORDERS:
        raise Refused(400, f"The orderBy value '{order}' is not one of {', '.join(_ORDERS)}.")
    if name == "sequence":
        return versions[::-1] if order.startswith("-") else versions
    having = [version for version in versions if version.raw.get(name)]
    having.sort(key=lambda version: str(version.raw[name]).casefold(), reverse=order.startswith("-"))
    return having + [version for version in versions if not version.raw.get(name)]


def _project(call: Call, given: Mapping[str, Any]) -> Project:
    wanted = given.get("projectId", given.get("project"))
    if wanted is None:
        raise Refused(400, projectId="Project must be specified to create a version.")
    return call.project(str(wanted))


def _checked(call: Call) -> dict[str, Any]:
    """The body's writable fields, with right types and lengths, days as dates."""
    body = call.object()
    read_only = _READ_ONLY | (_READ_ONLY_ON_CLOUD if call.state.cloud else set())
    for name, value in body.items():
        if name in read_only:
            continue
        if name not in _WRITABLE:
            raise Refused(400, f'Unrecognized field "{name}" (VersionBean), not marked as ignorable')
        kind = _WRITABLE[name]
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise Refused(400, f"Can not deserialize instance of {kind.__name__} out of the value of '{name}'")
    given = {name: value for name, value in body.items() if name in _WRITABLE}
    if len((given.get("description") or "").encode(errors="surrogatepass")) > DESCRIPTION_LIMIT:
        raise Refused(400, description=f"The version description is longer than {DESCRIPTION_LIMIT:,} bytes.")
    for name in _DAYS:
        user_name = "user" + name[0].upper() + name[1:]
        if name in given and user_name in given:
            raise Refused(400, f"Only one of '{name}' and '{user_name}' can be specified when editing a version.")
        if name in given:
            given[name] = _day(name, given[name])
        elif user_name in given:
            given[name] = _user_day(user_name, given.pop(user_name))
    return given


def _day(name: str, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Refused(400, **{name: "The date must be in the format yyyy-MM-dd."})


def _user_day(name: str, value: str | None) -> date | None:
    try:
        return datetime.strptime(value, "%d/%b/%y").date() if value is not None else None
    except ValueError:
        raise Refused(400, **{name: "The date must be in the format d/MMM/yy."}) from None


def _write(version: Version, given: Mapping[str, Any]) -> None:
    """Check everything, then set it: a refused request changes nothing."""
    if given.get("name") is not None:
        _check_name(version, given["name"])
    days = {name: version.raw.get(name) for name in _DAYS}
    days |= {name: given[name] and given[name].isoformat() for name in _DAYS if name in given}
    if days["startDate"] and days["releaseDate"] and days["startDate"] > days["releaseDate"]:
        raise Refused(400, startDate="The start date of a version must not be after its release date.")
    version.verbatim = False
    version.raw.pop("overdue", None)
    for name in _DAYS:
        if name in given:
            version.set_day(name, given[name])
    version.raw |= {key: given[key] for key in ("name", "archived", "released") if given.get(key) is not None}
    if given.get("description") is not None:
        version.raw["description"] = given["description"]
    if version.raw.get("description") == "":
        del version.raw["description"]


def _check_name(version: Version, name: str) -> None:
    if not name.strip():
        raise Refused(400, name="You must specify a valid version name")
    if len(name) > 255:
        raise Refused(400, name="The version name must not exceed 255 characters in length.")
    others = (other for other in version.project.versions if other is not version)
    if any(other.name.strip().casefold() == name.strip().casefold() for other in others):
        raise Refused(400, name="A version with this name already exists in this project.")
