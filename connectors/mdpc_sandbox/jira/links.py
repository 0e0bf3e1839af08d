"""What versions and issues link to: related work (Cloud), remote links of versions (Data Center) and of issues."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

from mdpc_sandbox.jira.call import Call, Refused, Reply
from mdpc_sandbox.jira.model import Issue, Version

GLOBAL_ID_LIMIT = 255
LINK_LIMIT = 32_768  # characters of a version's remote link, which may be any JSON object
_WORK = ("category", "title", "url")
_LINK = ("globalId", "application", "relationship", "object")


def list_work(call: Call) -> Reply:
    """GET version/{id}/relatedwork (Cloud)."""
    return Reply(list(call.version().work.values()))


def add_work(call: Call) -> Reply:
    """POST version/{id}/relatedwork (Cloud): a new one each time, also where that address stands there already."""
    version = _version_to_link(call)
    body = call.object()
    if unknown := body.keys() - {*_WORK, "issueId", "relatedWorkId"}:
        raise Refused(400, f'Unrecognized field "{min(unknown)}" (VersionRelatedWork), not marked as ignorable')
    given = {name: body[name] for name in _WORK if body.get(name) is not None}
    if not all(isinstance(value, str) for value in given.values()) or not given.get("category"):
        raise Refused(400, category="A category is required, and all values are strings.")
    _check_address(given.get("url"))
    identifier = str(uuid4())
    version.work[identifier] = given | {"relatedWorkId": identifier}
    return Reply(version.work[identifier], 201)


def delete_work(call: Call) -> Reply:
    """DELETE version/{id}/relatedwork/{id} (Cloud)."""
    version, wanted = _version_to_link(call), call.path["work"]
    if wanted not in version.work:
        raise Refused(404, f"Could not find related work for id '{wanted}'.")
    del version.work[wanted]
    return Reply(status=204)


def list_version_links(call: Call) -> Reply:
    """GET version/{id}/remotelink (Data Center)."""
    version = call.version()
    return Reply({"links": [_version_link(call, version, global_id) for global_id in version.links]})


def get_version_link(call: Call) -> Reply:
    """GET version/{id}/remotelink/{globalId} (Data Center)."""
    version = call.version()
    return Reply(_version_link(call, version, _known(call, version)))


def put_version_link(call: Call) -> Reply:
    """POST version/{id}/remotelink, with or without its global id (Data Center): any JSON object, made or replaced."""
    version, body = call.version(), call.object()
    _may_administer(call, version)
    global_id = call.path.get("link") or body.get("globalId") or f"sandbox-{uuid4()}"
    if not body or not isinstance(global_id, str):
        raise Refused(400, "The link must be a JSON object.")
    _check_global_id(global_id)
    if len(str(body)) > LINK_LIMIT:
        raise Refused(400, f"The link is longer than {LINK_LIMIT:,} characters.")
    version.links[global_id] = body
    return Reply(status=201)


def delete_version_link(call: Call) -> Reply:
    """DELETE version/{id}/remotelink/{globalId} (Data Center)."""
    version = call.version()
    _may_administer(call, version)
    del version.links[_known(call, version)]
    return Reply(status=204)


def list_issue_links(call: Call) -> Reply:
    """GET issue/{key}/remotelink: all of them, or the one with the `globalId` that is asked for."""
    issue = call.issue()
    wanted = call.query.get("globalId")
    if wanted is None:
        return Reply([_issue_link(call, issue, number) for number in issue.links])
    return Reply(_issue_link(call, issue, _number_of(issue, wanted)))


def put_issue_link(call: Call) -> Reply:
    """POST issue/{key}/remotelink: made, or replaced where its global id is there. Data Center says 200 to both."""
    issue = call.issue()
    call.require("write", issue.project, 403, "You do not have permission to link issues in this project.")
    body = call.object()
    target = body.get("object")
    if not isinstance(target, dict) or not target.get("title"):
        raise Refused(400, title="'title' is required.")
    _check_address(target.get("url"))
    global_id = body.get("globalId")
    if global_id is not None:
        _check_global_id(global_id)
    known = next((number for number, link in issue.links.items() if global_id and link.get("globalId") == global_id), 0)
    number = known or int(call.state.number())
    issue.links[number] = {name: body[name] for name in _LINK if body.get(name) is not None}
    status = 200 if known or not call.state.cloud else 201
    return Reply({"id": number, "self": _address(call, issue, number)}, status)


def delete_issue_link(call: Call) -> Reply:
    """DELETE issue/{key}/remotelink?globalId=..."""
    issue = call.issue()
    call.require("write", issue.project, 403, "You do not have permission to link issues in this project.")
    wanted = call.query.get("globalId")
    if wanted is None:
        raise Refused(400, "A globalId is required.")
    del issue.links[_number_of(issue, wanted)]
    return Reply(status=204)


def _version_to_link(call: Call) -> Version:
    version = call.version()
    call.require("write", version.project, 403, "You do not have permission to edit this version's related work.")
    return version


def _may_administer(call: Call, version: Version) -> None:
    call.require("admin", version.project, 403, "You do not have permission to edit this version.")


def _known(call: Call, version: Version) -> str:
    wanted = call.path["link"]
    if wanted not in version.links:
        raise Refused(404, f"The remote version link '{wanted}' does not exist.")
    return wanted


def _version_link(call: Call, version: Version, global_id: str) -> dict[str, Any]:
    self_ = f"{call.api}/version/{version.id}/remotelink/{quote(global_id, safe='')}"
    return {"self": self_, "name": version.name, "link": {"globalId": global_id} | version.links[global_id]}


def _number_of(issue: Issue, global_id: str) -> int:
    for number, link in issue.links.items():
        if link.get("globalId") == global_id:
            return number
    raise Refused(404, f"The remote issue link with the global id '{global_id}' does not exist.")


def _issue_link(call: Call, issue: Issue, number: int) -> dict[str, Any]:
    return {"id": number, "self": _address(call, issue, number), **issue.links[number]}


def _address(call: Call, issue: Issue, number: int) -> str:
    return f"{call.api}/issue/{issue.key}/remotelink/{number}"


def _check_global_id(global_id: Any) -> None:
    if not isinstance(global_id, str) or len(global_id) > GLOBAL_ID_LIMIT:
        raise Refused(400, globalId=f"The globalId is a string of at most {GLOBAL_ID_LIMIT} characters.")


def _check_address(url: Any) -> None:
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Refused(400, url="'url' is required, and is an address of the web.")
