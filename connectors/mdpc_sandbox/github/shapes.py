"""GitHub's JSON: what REST answers, valid against its OpenAPI description."""

from __future__ import annotations

import re
import zlib
from typing import Any

from mdpc_sandbox.github.model import Comment, Issue, Milestone, Repository
from mdpc_sandbox.github.seed import AppSeed
from mdpc_sandbox.github.state import GitHubState
from mdpc_sandbox.github.tokens import Viewer

Json = dict[str, Any]

_USER_LINKS = re.findall(
    r"\w+", "events followers following gists organizations received_events repos starred subscriptions"
)
_REPOSITORY_LINKS = re.findall(
    r"\w+",
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels "
    "languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags teams "
    "trees",
)
_ROLES = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
"""The roles from the least on, by REST's word for each."""


def user(state: GitHubState, login: str | None) -> Json | None:
    """A simple user; None for nobody."""
    if login is None:
        return None
    url, number = f"{state.url}/users/{login}", zlib.crc32(login.lower().encode())
    return {
        "login": login,
        "id": number,
        "node_id": f"U_sandbox{number}",
        "avatar_url": f"{state.web}/{login}.png",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{state.web}/{login}",
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
        **{f"{link}_url": f"{url}/{link}" for link in _USER_LINKS},
    }


def owner(state: GitHubState, login: str) -> Json:
    """The owner of repositories, an organisation unless the seed says that it is a person."""
    shape = user(state, login) or {}
    return shape | {"type": "User" if login.lower() in state.people else "Organization"}


def account(state: GitHubState, login: str) -> Json:
    """The token's own account, as `/user` shows it."""
    nothing = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location"))
    then = "2020-01-01T00:00:00Z"
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    shape = user(state, login) or {}
    return (
        shape | nothing | counts | {"name": login, "created_at": then, "updated_at": then, "user_view_type": "public"}
    )


def repository(state: GitHubState, viewer: Viewer, held: Repository) -> Json:
    """A full repository, with what the viewer may do there."""
    url, web = f"{state.url}/repos/{held.full_name}", f"{state.web}/{held.full_name}"
    highest = list(_ROLES.values()).index(viewer.role(held))
    issues = sum(issue.state == "open" for issue in held.issues.values())
    zeros = ("forks", "stargazers", "watchers")
    return {
        "id": held.id,
        "node_id": held.node_id,
        "name": held.name,
        "full_name": held.full_name,
        "owner": owner(state, held.owner),
        "private": held.private,
        "visibility": "private" if held.private else "public",
        "html_url": web,
        "url": url,
        "archived": held.archived,
        "has_issues": held.has_issues,
        "topics": list(held.topics),
        "permissions": {name: place <= highest for place, name in enumerate(_ROLES)},
        "open_issues": issues,
        "open_issues_count": issues,
        "default_branch": "main",
        **{f"{link}_url": f"{url}/{link}" for link in _REPOSITORY_LINKS},
        **{f"{link}_url": f"{web}.git" for link in ("clone", "git", "ssh", "svn")},
        **dict.fromkeys(("created_at", "updated_at", "pushed_at"), held.created_at),
        **dict.fromkeys(("description", "homepage", "language", "license", "mirror_url")),
        **dict.fromkeys(("fork", "disabled", "has_projects", "has_wiki", "has_pages", "has_discussions"), False),
        **dict.fromkeys((*zeros, *(f"{name}_count" for name in (*zeros, "network", "subscribers")), "size"), 0),
        "has_downloads": False,
    }


def milestone(state: GitHubState, within: Repository, held: Milestone) -> Json:
    """A milestone; its counts include pull requests."""
    url = f"{state.url}/repos/{within.full_name}/milestones/{held.number}"
    open_issues, closed_issues = within.counts(held, pull_requests=True)
    return {
        "url": url,
        "html_url": f"{state.web}/{within.full_name}/milestone/{held.number}",
        "labels_url": f"{url}/labels",
        "id": held.id,
        "node_id": held.node_id,
        "number": held.number,
        "title": held.title,
        "description": held.description,
        "creator": user(state, held.creator),
        "open_issues": open_issues,
        "closed_issues": closed_issues,
        "state": held.state,
        "created_at": held.created_at,
        "updated_at": held.updated_at,
        "due_on": held.due_on,
        "closed_at": held.closed_at,
    }


def issue(state: GitHubState, within: Repository, held: Issue) -> Json:
    """An issue or a pull request."""
    root = f"{state.url}/repos/{within.full_name}"
    url, web = f"{root}/issues/{held.number}", f"{state.web}/{within.full_name}"
    people = [user(state, login) for login in held.assignees]
    kind = "pull" if held.pull_request else "issues"
    links = dict.fromkeys(("url", "html_url", "diff_url", "patch_url"), f"{root}/pulls/{held.number}")
    return {
        "url": url,
        "repository_url": root,
        "html_url": f"{web}/{kind}/{held.number}",
        **{f"{link}_url": f"{url}/{link}" for link in ("labels", "comments", "events")},
        "id": held.id,
        "node_id": held.node_id,
        "number": held.number,
        "title": held.title,
        "body": held.body,
        "user": user(state, held.user),
        "labels": [_label(root, name) for name in held.labels],
        "state": held.state,
        "locked": False,
        "assignee": people[0] if people else None,
        "assignees": people,
        "milestone": milestone(state, within, within.milestones[held.milestone]) if held.milestone else None,
        "comments": held.number_of_comments,
        "created_at": held.created_at,
        "updated_at": held.updated_at,
        "closed_at": held.closed_at,
        "closed_by": user(state, held.closed_by) if held.closed_by else None,
        "author_association": "MEMBER",
        **({"pull_request": links} if held.pull_request else {}),
    }


def _label(root: str, name: str) -> Json:
    number = zlib.crc32(name.encode())
    link = {"id": number, "node_id": f"LA_sandbox{number}", "url": f"{root}/labels/{name}"}
    return link | {"name": name, "color": "ededed", "default": False, "description": None}


def comment(state: GitHubState, within: Repository, on: Issue, held: Comment) -> Json:
    """A comment on an issue."""
    root = f"{state.url}/repos/{within.full_name}/issues"
    return {
        "url": f"{root}/comments/{held.id}",
        "html_url": f"{state.web}/{within.full_name}/issues/{on.number}#issuecomment-{held.id}",
        "issue_url": f"{root}/{on.number}",
        "id": held.id,
        "node_id": held.node_id,
        "user": user(state, held.user),
        "body": held.body,
        "author_association": "MEMBER",
        "created_at": held.created_at,
        "updated_at": held.updated_at,
    }


def app(state: GitHubState, seed: AppSeed) -> Json:
    """The App itself."""
    then = "2020-01-01T00:00:00Z"
    return {
        "id": seed.id,
        "slug": seed.slug,
        "node_id": f"A_sandbox{seed.id}",
        "owner": user(state, "octocat"),
        "name": seed.slug,
        "description": None,
        "external_url": state.web,
        "html_url": f"{state.web}/apps/{seed.slug}",
        "created_at": then,
        "updated_at": then,
        "permissions": permissions(seed),
        "events": [],
    }


def installation(state: GitHubState, seed: AppSeed, at: str) -> Json:
    """The App's installation at an owner."""
    then, url = "2020-01-01T00:00:00Z", f"{state.url}/app/installations/{seed.installation}"
    return {
        "id": seed.installation,
        "account": owner(state, at),
        "app_id": seed.id,
        "app_slug": seed.slug,
        "target_id": 1,
        "target_type": "Organization",
        "single_file_name": None,
        "repository_selection": "all" if seed.repositories is None else "selected",
        "access_tokens_url": f"{url}/access_tokens",
        "html_url": url,
        "repositories_url": f"{state.url}/installation/repositories",
        "events": [],
        "permissions": permissions(seed),
        "created_at": then,
        "updated_at": then,
        "suspended_by": None,
        "suspended_at": None,
    }


def permissions(seed: AppSeed) -> Json:
    """What an App may do."""
    issues = "write" if seed.write else "read"
    return {"metadata": "read", "issues": issues} | ({"members": "read"} if seed.teams else {}) | seed.permissions
