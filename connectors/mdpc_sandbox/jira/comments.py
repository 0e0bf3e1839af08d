"""The comments of issues: listing, adding, changing and deleting them."""

from __future__ import annotations

from mdpc_sandbox.jira.call import Call, Refused, Reply
from mdpc_sandbox.jira.model import Comment, Issue
from mdpc_sandbox.jira.rich import Rich, taken
from mdpc_sandbox.jira.views import comment_json, comments_json


def list_comments(call: Call) -> Reply:
    """GET issue/{key}/comment: a page, oldest first unless `orderBy=-created`."""
    issue = call.issue()
    comments = issue.comments[::-1] if call.query.get("orderBy") == "-created" else issue.comments
    start, size = call.number("startAt", 0, 10**9), call.number("maxResults", 100, 5000)
    return Reply(comments_json(call, issue, comments, start, size))


def get_comment(call: Call) -> Reply:
    """GET issue/{key}/comment/{id}."""
    issue = call.issue()
    return Reply(comment_json(call, issue, _comment(call, issue)))


def add_comment(call: Call) -> Reply:
    """POST issue/{key}/comment, in wiki markup, or as a document."""
    issue = call.issue()
    user = call.require("write", issue.project, 403, "You do not have the permission to comment on this issue.")
    return Reply(comment_json(call, issue, call.state.add_comment(issue, user, _body(call))), 201)


def update_comment(call: Call) -> Reply:
    """PUT issue/{key}/comment/{id}: one's own, or anybody's for who may edit all."""
    issue = call.issue()
    comment = _comment(call, issue)
    right = _right(call, comment, "EDIT_ALL_COMMENTS")
    lacking = f"You do not have the permission to edit the comment with id: {comment.id}."
    user = call.require(right, issue.project, 400, lacking)
    call.state.edit_comment(issue, comment, user, _body(call))
    return Reply(comment_json(call, issue, comment))


def delete_comment(call: Call) -> Reply:
    """DELETE issue/{key}/comment/{id}: one's own, or anybody's for who may delete all."""
    issue = call.issue()
    comment = _comment(call, issue)
    right = _right(call, comment, "DELETE_ALL_COMMENTS")
    call.require(right, issue.project, 400, f"You do not have permission to delete comment with id: {comment.id}.")
    issue.comments.remove(comment)
    issue.updated = call.state.clock()
    return Reply(status=204)


def _right(call: Call, comment: Comment, for_all: str) -> str:
    """The right that the user needs there: one's own comments ask for less than other people's."""
    theirs = comment.author is not call.user
    return "admin" if theirs and not (call.user and for_all in call.user.more) else "write"


def _comment(call: Call, issue: Issue) -> Comment:
    wanted = call.path["comment"]
    for comment in issue.comments:
        if comment.id == wanted:
            return comment
    raise Refused(404, f"Can not find a comment for the id: {wanted}.")


def _body(call: Call) -> Rich:
    body = call.object()
    if unknown := body.keys() - {"body"}:
        raise Refused(400, f"The sandbox takes 'body' alone for a comment, not '{min(unknown)}'.")
    said = taken(call, body.get("body"), "comment")
    if not said or (isinstance(said, str) and not said.strip()):
        raise Refused(400, comment="Comment body can not be empty!")
    return said
