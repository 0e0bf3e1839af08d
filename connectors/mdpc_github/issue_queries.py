"""The GraphQL that reads coordination issues, the issues of milestones, and teams. Names and cursors are variables.

Fields and arguments are those of GitHub's public schema. A comment's id is `fullDatabaseId`, the one of the REST API:
`databaseId` is too small for today's. A transferred issue is NOT_FOUND where it was.
"""

from __future__ import annotations

HOMES = 10
"""Repositories a request when their issues are listed."""
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


def _query(variables: str, count: int, each: str, field: str, fragments: str = "") -> str:
    """`field` for each of `count`, as `r0`, `r1` ...; `#` in it and in its variables `each` is the number."""
    declared = ", ".join([*([variables] if variables else []), *(each.replace("#", str(i)) for i in range(count))])
    fields = "\n".join(f"  r{i}: {field.replace('#', str(i))}" for i in range(count))
    return f"query({declared}) {{\n{fields}\n}}\n{fragments}".strip()


def listed(count: int, *, by_creator: bool) -> str:
    """A page of the coordination issues of `count` repositories; variables `o0`, `n0`, `c0` ..., `first`, `label`.

    With `by_creator` only those that the account `creator` opened.
    """
    creator = ", filterBy: {createdBy: $creator}" if by_creator else ""
    issues = (
        "issues(first: $first, after: $c#, labels: [$label], states: [OPEN, CLOSED], "
        f"orderBy: {{field: CREATED_AT, direction: ASC}}{creator})"
    )
    field = (
        f"repository(owner: $o#, name: $n#) {{ {issues} {{ pageInfo {{ hasNextPage endCursor }} nodes {{ ...I }} }} }}"
    )
    common = "$first: Int!, $label: String!" + (", $creator: String!" if by_creator else "")
    return _query(common, count, "$o#: String!, $n#: String!, $c#: String", field, _ISSUE)


def numbered(count: int) -> str:
    """`count` issues by their numbers; variables `o0`, `n0`, `i0` ..."""
    field = "repository(owner: $o#, name: $n#) { id issue(number: $i#) { repository { id } ...I } }"
    return _query("", count, "$o#: String!, $n#: String!, $i#: Int!", field, _ISSUE)


def comments(count: int) -> str:
    """A further page of the comments of `count` issues; variables `i0` (node ids), `c0` ..."""
    field = "node(id: $i#) { ... on Issue { comments(first: 100, after: $c#) { ...Comments } } }"
    return _query("", count, "$i#: ID!, $c#: String!", field, _COMMENTS)


def contents(count: int) -> str:
    """A page of the issues of `count` milestones; variables `o0`, `n0`, `m0` (numbers), `c0` ..."""
    issues = (
        "issues(first: 100, after: $c#, states: [OPEN, CLOSED]) { pageInfo { hasNextPage endCursor } nodes { number } }"
    )
    field = f"repository(owner: $o#, name: $n#) {{ milestone(number: $m#) {{ {issues} }} }}"
    return _query("", count, "$o#: String!, $n#: String!, $m#: Int!, $c#: String", field)


def teams(count: int) -> str:
    """A page of the members of `count` teams; variables `o0` (organisations), `n0` (slugs), `c0` ..."""
    members = "members(first: 100, after: $c#) { pageInfo { hasNextPage endCursor } nodes { login } }"
    field = f"organization(login: $o#) {{ team(slug: $n#) {{ {members} }} }}"
    return _query("", count, "$o#: String!, $n#: String!, $c#: String", field)


EDITOR = f"query($id: ID!) {{ node(id: $id) {{ ... on IssueComment {{ lastEditedAt editor {_ACTOR} }} }} }}"
"""Who last edited one comment; variable `id`, its node id."""
