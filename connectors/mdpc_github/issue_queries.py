"""The GraphQL that reads coordination issues, the issues of milestones, and teams. Names and cursors are variables.

Fields and arguments are those of GitHub's public schema. A comment's id is `fullDatabaseId`, the one of the REST API:
`databaseId` is too small for today's. A transferred issue is NOT_FOUND where it was.
"""

from __future__ import annotations

from collections.abc import Sequence

HOMES = 10
"""Repositories a request when their issues are listed."""
EVERY = ("OPEN, CLOSED",)
"""The one list of a repository's issues where all are wanted."""
APART = ("OPEN", "CLOSED")
"""The two lists where closed ones are wanted from a day on."""
ISSUES = 50
"""Issues on a page."""
FEW_ISSUES = 10
"""Issues on a page where GitHub was overloaded by more."""
NUMBERED = 20
"""Issues a request that are asked for by number."""
FOLLOW_UPS = 20
"""Issues a request of which further comments are read."""
MILESTONES = 50
"""Milestones a request whose issues are listed."""
TEAMS = 20
"""Teams a request."""
DELIVERED = 20
"""Milestones a request of which the closed issues are listed: a page of each, those that changed last first."""

_ACTOR = "{ __typename login }"

_COMMENTS = f"""\
fragment Comments on IssueCommentConnection {{
  pageInfo {{ hasNextPage endCursor }}
  nodes {{ fullDatabaseId url author {_ACTOR} body createdAt lastEditedAt editor {_ACTOR} }}
}}"""

_ISSUE = f"""\
fragment I on Issue {{
  id number url title body state lastEditedAt author {_ACTOR} editor {_ACTOR}
  assignees(first: 100) {{ nodes {{ login }} }}
  labels(first: 100) {{ nodes {{ name }} }}
  comments(first: 100) {{ ...Comments }}
}}
{_COMMENTS}"""


def _query(variables: str, fields: Sequence[str], each: str, fragments: str = "") -> str:
    """The fields as `r0`, `r1` ...; `#` in one and in the variables of `each` is its number."""
    declared = [*([variables] if variables else []), *(each.replace("#", str(i)) for i in range(len(fields)))]
    asked = "\n".join(f"  r{i}: {field.replace('#', str(i))}" for i, field in enumerate(fields))
    return f"query({', '.join(declared)}) {{\n{asked}\n}}\n{fragments}".strip()


def listed(states: Sequence[str], *, by_creator: bool) -> str:
    """A page of as many lists of issues, each of a repository and in `states`; variables `o0`, `n0`, `c0` ..., `first`.

    They are those that the account `creator` opened (another variable), else those with the label `label`; of a list of
    closed ones alone those that changed since the moment `since`.
    """
    fields = [_list(state, by_creator=by_creator, since=state == "CLOSED") for state in states]
    common = "$first: Int!" + (", $creator: String!" if by_creator else ", $label: String!")
    if "CLOSED" in states:
        common += ", $since: DateTime!"
    return _query(common, fields, "$o#: String!, $n#: String!, $c#: String", _ISSUE)


def _list(state: str, *, by_creator: bool, since: bool) -> str:
    filters = [*(["createdBy: $creator"] if by_creator else []), *(["since: $since"] if since else [])]
    arguments = [
        f"first: $first, after: $c#, states: [{state}], orderBy: {{field: CREATED_AT, direction: ASC}}",
        *([] if by_creator else ["labels: [$label]"]),
        *([f"filterBy: {{{', '.join(filters)}}}"] if filters else []),
    ]
    issues = f"issues({', '.join(arguments)}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ ...I }} }}"
    return f"repository(owner: $o#, name: $n#) {{ {issues} }}"


def numbered(count: int) -> str:
    """`count` issues by their numbers; variables `o0`, `n0`, `i0` ..."""
    field = "repository(owner: $o#, name: $n#) { id issue(number: $i#) { repository { id } ...I } }"
    return _query("", [field] * count, "$o#: String!, $n#: String!, $i#: Int!", _ISSUE)


def comments(count: int) -> str:
    """A further page of the comments of `count` issues; variables `i0` (node ids), `c0` ..."""
    field = "node(id: $i#) { ... on Issue { comments(first: 100, after: $c#) { ...Comments } } }"
    return _query("", [field] * count, "$i#: ID!, $c#: String!", _COMMENTS)


def contents(count: int) -> str:
    """A page of the issues of `count` milestones; variables `o0`, `n0`, `m0` (numbers), `c0` ..."""
    issues = (
        "issues(first: 100, after: $c#, states: [OPEN, CLOSED]) { pageInfo { hasNextPage endCursor } nodes { number } }"
    )
    field = f"repository(owner: $o#, name: $n#) {{ milestone(number: $m#) {{ {issues} }} }}"
    return _query("", [field] * count, "$o#: String!, $n#: String!, $m#: Int!, $c#: String")


def delivered(count: int) -> str:
    """The latest closed issues of `count` milestones; variables `o0`, `n0`, `m0` (numbers) ..."""
    closer = (
        f"timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) {{ nodes {{ ... on ClosedEvent {{ actor {_ACTOR} }} }} }}"
    )
    order = "orderBy: {field: UPDATED_AT, direction: DESC}"
    issues = f"issues(first: 100, states: [CLOSED], {order}) {{ nodes {{ number title url closedAt {closer} }} }}"
    field = f"repository(owner: $o#, name: $n#) {{ milestone(number: $m#) {{ {issues} }} }}"
    return _query("", [field] * count, "$o#: String!, $n#: String!, $m#: Int!")


def teams(count: int) -> str:
    """A page of the members of `count` teams; variables `o0` (organisations), `n0` (slugs), `c0` ..."""
    members = "members(first: 100, after: $c#) { pageInfo { hasNextPage endCursor } nodes { login } }"
    field = f"organization(login: $o#) {{ team(slug: $n#) {{ {members} }} }}"
    return _query("", [field] * count, "$o#: String!, $n#: String!, $c#: String")


EDITOR = f"query($id: ID!) {{ node(id: $id) {{ ... on IssueComment {{ lastEditedAt editor {_ACTOR} }} }} }}"
"""Who last edited one comment; variable `id`, its node id."""
