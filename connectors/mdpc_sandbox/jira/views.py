"""How Jira shows what it holds: the JSON of users, projects, versions, issues and comments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mdpc_sandbox.jira.call import Call
from mdpc_sandbox.jira.model import ISSUE_TYPES, PRIORITIES, Comment, Issue, Project, Status, User, Version
from mdpc_sandbox.jira.rich import shown

JSON = dict[str, Any]


def user_json(call: Call, user: User) -> JSON:
    """A user. Cloud has no usernames, and shows an address to its owner alone."""
    view: JSON = {"displayName": user.display_name, "active": True, "timeZone": "Etc/UTC"}
    if call.state.cloud:
        view |= {
            "self": f"{call.api}/user?accountId={user.id}",
            "accountId": user.id,
            "accountType": "app" if user.app else "atlassian",
        }
    else:
        view |= {"self": f"{call.api}/user?username={user.id}", "key": user.key, "name": user.id}
    if not call.state.cloud or user is call.user:
        view["emailAddress"] = user.email
    return view


def project_json(call: Call, project: Project, *, whole: bool = False, properties: Collection[str] = ()) -> JSON:
    """A project; `whole` as it is viewed alone, with those of its `properties` that are asked for."""
    view: JSON = {
        "self": f"{call.api}/project/{project.id}",
        "id": project.id,
        "key": project.key,
        "name": project.name,
        "projectTypeKey": "software",
    }
    if call.state.cloud:
        view |= {"simplified": False, "style": "classic", "isPrivate": False}
    if properties:
        view["properties"] = {key: project.properties[key] for key in properties if key in project.properties}
    if whole:
        view["description"] = project.description
        view["issueTypes"] = [issue_type_json(call, name) for name in ISSUE_TYPES]
        view["versions"] = [version_json(call, version) for version in project.versions]
    return view


def version_json(call: Call, version: Version, expand: Collection[str] = ()) -> JSON:
    """A version. An empty description and an unset date are left out; `overdue` is there for an unreleased one."""
    view = dict(version.raw)
    if not version.verbatim:
        view = {"self": f"{call.api}/version/{version.id}"} | view
        due = view.get("releaseDate")
        if due and not version.released:
            view["overdue"] = date.fromisoformat(due) < call.state.clock().date()
    if not call.state.cloud:
        return view
    if "issuesstatus" in expand:
        view["issuesStatusForFixVersion"] = version.counts()
    if "driver" in expand and version.driver:
        view["driver"] = version.driver
    if "approvers" in expand:
        view["approvers"] = [dict(approver) for approver in version.approvers]
    if "operations" in expand:
        view["operations"] = []
    return view


def status_json(call: Call, status: Status) -> JSON:
    """A status with its category."""
    return {
        "self": f"{call.api}/status/{status.id}",
        "id": status.id,
        "name": status.name,
        "description": "",
        "iconUrl": f"{call.base}/images/icons/statuses/generic.png",
        "statusCategory": {
            "self": f"{call.api}/statuscategory/{status.category_id}",
            "id": status.category_id,
            "key": status.category_key,
            "colorName": status.color,
            "name": status.name,
        },
    }


def issue_type_json(call: Call, name: str) -> JSON:
    """An issue type."""
    number = ISSUE_TYPES[name]
    view: JSON = {"self": f"{call.api}/issuetype/{number}", "id": number, "name": name, "subtask": False}
    return view | ({"hierarchyLevel": int(name == "Epic")} if call.state.cloud else {})


def priority_json(call: Call, name: str) -> JSON:
    """A priority."""
    number = PRIORITIES[name]
    return {"self": f"{call.api}/priority/{number}", "id": number, "name": name}


def comment_json(call: Call, issue: Issue, comment: Comment) -> JSON:
    """A comment."""
    return {
        "self": f"{call.api}/issue/{issue.id}/comment/{comment.id}",
        "id": comment.id,
        "author": user_json(call, comment.author),
        "body": shown(call, comment.body),
        "updateAuthor": user_json(call, comment.update_author),
        "created": moment(comment.created),
        "updated": moment(comment.updated),
    }


def moment(when: datetime) -> str:
    """A moment as Jira writes it, in UTC."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}+0000"


def _resolution(call: Call, issue: Issue) -> JSON | None:
    if issue.resolved is None:
        return None
    return {"self": f"{call.api}/resolution/10000", "id": "10000", "name": "Done", "description": ""}


@dataclass(frozen=True, slots=True)
class IssueField:
    """A system field of issues: its name and type for people, and what an issue shows there."""

    name: str
    type: str
    show: Callable[[Call, Issue], Any]


ISSUE_FIELDS = {
    "summary": IssueField("Summary", "string", lambda _, issue: issue.summary),
    "description": IssueField("Description", "string", lambda call, issue: shown(call, issue.description)),
    "issuetype": IssueField("Issue Type", "issuetype", lambda call, issue: issue_type_json(call, issue.type)),
    "project": IssueField("Project", "project", lambda call, issue: project_json(call, issue.project)),
    "status": IssueField("Status", "status", lambda call, issue: status_json(call, issue.status)),
    "resolution": IssueField("Resolution", "resolution", _resolution),
    "resolutiondate": IssueField("Resolved", "datetime", lambda _, issue: issue.resolved and moment(issue.resolved)),
    "assignee": IssueField("Assignee", "user", lambda call, issue: issue.assignee and user_json(call, issue.assignee)),
    "reporter": IssueField("Reporter", "user", lambda call, issue: issue.reporter and user_json(call, issue.reporter)),
    "creator": IssueField("Creator", "user", lambda call, issue: issue.creator and user_json(call, issue.creator)),
    "priority": IssueField("Priority", "priority", lambda call, issue: priority_json(call, issue.priority)),
    "labels": IssueField("Labels", "array", lambda _, issue: list(issue.labels)),
    "fixVersions": IssueField(
        "Fix versions", "array", lambda call, issue: [version_json(call, version) for version in issue.fix_versions]
    ),
    "duedate": IssueField("Due date", "date", lambda _, issue: issue.duedate and issue.duedate.isoformat()),
    "parent": IssueField("Parent", "issuelink", lambda call, issue: issue.parent and _short(call, issue.parent)),
    "created": IssueField("Created", "datetime", lambda _, issue: moment(issue.created)),
    "updated": IssueField("Updated", "datetime", lambda _, issue: moment(issue.updated)),
    "comment": IssueField("Comment", "comments-page", lambda call, issue: comments_json(call, issue, issue.comments)),
}


def comments_json(call: Call, issue: Issue, comments: list[Comment], start: int = 0, size: int | None = None) -> JSON:
    """A page of an issue's comments."""
    size = len(comments) if size is None else size
    page = comments[start : start + size]
    view = [comment_json(call, issue, comment) for comment in page]
    return {"comments": view, "maxResults": size, "total": len(comments), "startAt": start}


def issue_json(call: Call, issue: Issue, fields: Iterable[str], properties: Iterable[str] = ()) -> JSON:
    """An issue with the fields of these ids; what it has no such field for is left out.

    `fields` that are just `id` show the id alone, as a search on Cloud does.
    """
    wanted = list(fields)
    if wanted == ["id"]:
        view: JSON = {"id": issue.id}
    else:
        view = {"expand": "", "id": issue.id, "self": f"{call.api}/issue/{issue.id}", "key": issue.key}
        values: JSON = {}
        for name in wanted:
            if name in ISSUE_FIELDS:
                values[name] = ISSUE_FIELDS[name].show(call, issue)
            elif name in call.state.fields:
                values[name] = issue.custom.get(name)
        view["fields"] = values
    if chosen := list(properties):
        view["properties"] = {key: issue.properties[key] for key in chosen if key in issue.properties}
    return view


def chosen_fields(call: Call, words: Iterable[str], default: str) -> list[str]:
    """The ids of the fields that a request asks for: `*all`, `*navigable`, ids and `-id`."""
    given = list(words) or [default]
    known = [*ISSUE_FIELDS, *call.state.fields]
    if all(word.startswith("-") for word in given):
        given = [default if default.startswith("*") else "*navigable", *given]
    chosen: dict[str, None] = {}
    for word in given:
        if word == "*all":
            chosen |= dict.fromkeys(known)
        elif word == "*navigable":
            chosen |= dict.fromkeys(name for name in known if name != "comment")
        elif word.startswith("-"):
            chosen.pop(word[1:], None)
        else:
            chosen[word] = None
    return list(chosen)


def _short(call: Call, issue: Issue) -> JSON:
    return issue_json(call, issue, ["summary", "status", "issuetype"])
