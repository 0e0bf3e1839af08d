"""Groups of users and who is in them."""

from __future__ import annotations

from mdpc_sandbox.jira.call import Call, Refused, Reply, unauthenticated
from mdpc_sandbox.jira.views import user_json

MAX_MEMBERS = 50


def list_members(call: Call) -> Reply:
    """GET group/member: a page of a group's members, for who administers Jira."""
    name = call.query.get("groupname", "")
    if not name:
        raise Refused(400, "Query parameter 'groupname' or 'groupId' must be provided.")
    if call.user is None:
        return unauthenticated()
    if call.user.rights != "admin":
        raise Refused(403, "You are not authorized to perform this action. Administrator privileges are required.")
    if name not in call.state.groups:
        raise Refused(404, f"The group named '{name}' does not exist.")
    return call.page(call.state.groups[name], lambda user: user_json(call, user), MAX_MEMBERS)
