"""The REST calls about issues, comments and teams that the sandbox's GitHub answers: one function each."""

from __future__ import annotations

from types import NoneType
from typing import Any

from mdpc_sandbox.github import shapes
from mdpc_sandbox.github.call import Answer, Call, Refused, not_found
from mdpc_sandbox.github.model import Comment, Issue, Repository
from mdpc_sandbox.github.rest import STATES, valid

# ── Issues ────────────────────────────────────────────────────────────────────────────────────────


def issues(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues: pull requests are issues here."""
    query = call.query(
        state=STATES,
        milestone=None,
        labels=None,
        creator=None,
        since=None,
        sort=("created", "updated"),
        direction=("desc", "asc"),
    )
    within = call.tracked()
    labels = {name for name in query.get("labels", "").split(",") if name}
    unnamed = (one for milestone in within.milestones.values() for one in within.unnamed(milestone))
    held = [
        one
        for one in (*within.issues.values(), *unnamed)
        if query["state"] in ("all", one.state)
        and _in_milestone(one, query.get("milestone"))
        and labels <= set(one.labels)
        and query.get("creator", one.user).lower() == one.user.lower()
        and one.updated_at >= query.get("since", "")
    ]
    attribute = f"{query['sort']}_at"
    held.sort(key=lambda one: (getattr(one, attribute), one.number), reverse=query["direction"] == "desc")
    return call.page(held, lambda one: shapes.issue(call.state, within, one))


def _in_milestone(issue: Issue, wanted: str | None) -> bool:
    if wanted is None:
        return True
    if wanted in ("*", "none"):
        return (issue.milestone is None) == (wanted == "none")
    if not wanted.isdecimal():
        raise Refused(422, "Validation Failed", errors=[{"resource": "Issue", "code": "invalid", "field": "milestone"}])
    return issue.milestone == int(wanted)


def issue(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues/{number}."""
    call.query()
    return Answer(shapes.issue(call.state, *call.issue()))


def _issue_fields(call: Call, within: Repository, needed: str | None = None) -> dict[str, Any]:
    """The fields of an issue; what needs the right to push is silently dropped without it, as GitHub does."""
    fields = call.fields(
        needed,
        title=(str,),
        body=(str, NoneType),
        state=(str,),
        state_reason=(str, NoneType),
        milestone=(int, NoneType),
        labels=(list,),
        assignees=(list,),
    )
    fields.pop("state_reason", None)
    guarded = () if call.viewer.pushes(within) else ("milestone", "labels", "assignees")
    kept = {name: value for name, value in fields.items() if name not in guarded}
    if "assignees" in kept:
        kept["assignees"] = within.assignable_of(kept["assignees"])
    return kept


def create_issue(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues."""
    within = call.tracked()
    call.may_write(within, push=False)
    fields = _issue_fields(call, within, "title")
    held = valid(lambda: call.state.create_issue(within, call.viewer.login, **fields))
    return Answer(shapes.issue(call.state, within, held), 201)


def edit_issue(call: Call) -> Answer:
    """PATCH /repos/{owner}/{repo}/issues/{number}: its author may, and who may push."""
    within, held = call.issue()
    call.may_write(within, push=held.user != call.viewer.login)
    fields = _issue_fields(call, within)
    valid(lambda: call.state.edit_issue(within, held.number, call.viewer.login, **fields))
    return Answer(shapes.issue(call.state, within, held))


# ── Comments ──────────────────────────────────────────────────────────────────────────────────────


def comments(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues/{number}/comments, oldest first."""
    since = call.query(since=None).get("since", "")
    within, on = call.issue()
    held = [one for one in on.comments if one.updated_at >= since]
    return call.page(held, lambda one: shapes.comment(call.state, within, on, one))


def create_comment(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues/{number}/comments."""
    within, on = call.issue()
    call.may_write(within, push=False)
    body = call.fields("body", body=(str,))["body"]
    return Answer(shapes.comment(call.state, within, on, call.state.add_comment(on, call.viewer.login, body)), 201)


def _comment(call: Call) -> tuple[Repository, Issue, Comment]:
    within = call.tracked()
    for on in within.issues.values():
        for held in on.comments:
            if held.id == call.request.path_params["number"]:
                return within, on, held
    raise not_found()


def comment(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues/comments/{number}."""
    call.query()
    return Answer(shapes.comment(call.state, *_comment(call)))


def edit_comment(call: Call) -> Answer:
    """PATCH /repos/{owner}/{repo}/issues/comments/{number}: its author may, and who may push."""
    within, on, held = _comment(call)
    call.may_write(within, push=held.user != call.viewer.login)
    call.state.edit_comment(held, call.fields("body", body=(str,))["body"], call.viewer.login)
    return Answer(shapes.comment(call.state, within, on, held))


def delete_comment(call: Call) -> Answer:
    """DELETE /repos/{owner}/{repo}/issues/comments/{number}: its author may, and who may push."""
    within, on, held = _comment(call)
    call.may_write(within, push=held.user != call.viewer.login)
    call.state.delete_comment(on, held)
    return Answer(None, 204)


# ── Teams ─────────────────────────────────────────────────────────────────────────────────────────


def team_members(call: Call) -> Answer:
    """GET /orgs/{org}/teams/{slug}/members."""
    call.query(role=("all",))
    if not call.viewer.reads_teams:
        raise Refused(403, "Resource not accessible by integration")
    members = call.state.teams.get("{login}/{slug}".format(**call.request.path_params).lower())
    if members is None:
        raise not_found()
    return call.page(members, lambda login: shapes.user(call.state, login))
