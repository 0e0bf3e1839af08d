"""The GraphQL that is sent, built from a handful of pieces. Names and cursors are always variables.

Fields and arguments are those of GitHub's public schema. Issues are counted, never pull requests: a milestone's
`issues` leaves them out. The newest issue of each state comes with its count, so the last activity costs nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

REPOSITORIES = 50
"""Repositories a request: listed with their milestones, or named one by one."""
NAMES = 100
"""Repositories a request when they are only listed: the most that GitHub allows."""
FOLLOW_UPS = 20
"""Repositories a request when further pages of their milestones are read."""
FURTHER = 100
"""Milestones on a further page: the most that GitHub allows."""

_MILESTONE = """\
fragment M on Milestone {
  id number title description dueOn state createdAt updatedAt closedAt url
  open: issues(states: [OPEN], first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) {
    totalCount nodes { updatedAt }
  }
  closed: issues(states: [CLOSED], first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) {
    totalCount nodes { updatedAt }
  }
}"""


@dataclass(frozen=True, slots=True)
class Part:
    """One paged list of a repository's milestones: its alias in the answer, and what is on it."""

    alias: str
    states: str
    order: str
    first: int

    def field(self, after: str = "") -> str:
        """The field that reads one page; `after` is a cursor's variable."""
        cursor = f", after: {after}" if after else ""
        return (
            f"{self.alias}: milestones(first: {self.first}{cursor}, states: [{self.states}], orderBy: {self.order}) "
            "{ pageInfo { hasNextPage endCursor } nodes { ...M } }"
        )


OPEN = Part("open", "OPEN", "{field: NUMBER, direction: ASC}", 20)
CLOSED = Part("closed", "CLOSED", "{field: UPDATED_AT, direction: DESC}", 10)
EVERY = Part("every", "OPEN, CLOSED", "{field: NUMBER, direction: ASC}", 20)


def _repository(parts: Sequence[Part], topics: bool) -> str:
    """The fragments of a repository with these lists of milestones."""
    fields = ["id nameWithOwner url isArchived hasIssuesEnabled visibility viewerPermission"]
    if topics:
        fields.append("repositoryTopics(first: 100) { nodes { topic { name } } }")
    fields.extend(part.field() for part in parts)
    repository = "fragment R on Repository {\n  " + "\n  ".join(fields) + "\n}"
    return f"{repository}\n{_MILESTONE}" if parts else repository


ACCOUNT = "query { viewer { login } rateLimit { remaining limit resetAt } }"
"""Who the token is, and how much it may still ask. The first query of a run, alone: `viewer` cannot be null, so an
error there would cost the whole answer."""


def owner(parts: Sequence[Part], *, topics: bool) -> str:
    """One page of an owner's repositories; variables `login`, `first`, `after`."""
    listing = "repositories(first: $first, after: $after, ownerAffiliations: [OWNER]) { ...Page }"
    return (
        f"query($login: String!, $first: Int!, $after: String) {{\n"
        f"  owner: repositoryOwner(login: $login) {{ {listing} }}\n}}\n{_PAGE}\n{_repository(parts, topics)}"
    )


def everything(parts: Sequence[Part], *, topics: bool) -> str:
    """One page of all repositories that a person's token can see; variables `first`, `after`."""
    roles = "[OWNER, COLLABORATOR, ORGANIZATION_MEMBER]"
    listing = f"repositories(first: $first, after: $after, affiliations: {roles}, ownerAffiliations: {roles})"
    return (
        f"query($first: Int!, $after: String) {{\n"
        f"  owner: viewer {{ {listing} {{ ...Page }} }}\n}}\n{_PAGE}\n{_repository(parts, topics)}"
    )


_PAGE = "fragment Page on RepositoryConnection { pageInfo { hasNextPage endCursor } nodes { ...R } }"


def names(count: int, parts: Sequence[Part], *, topics: bool) -> str:
    """`count` repositories by name; variables `o0`, `n0`, `o1` ... ; aliases `r0`, `r1` ..."""
    variables = ", ".join(f"$o{i}: String!, $n{i}: String!" for i in range(count))
    fields = "\n".join(f"  r{i}: repository(owner: $o{i}, name: $n{i}) {{ ...R }}" for i in range(count))
    return f"query({variables}) {{\n{fields}\n}}\n{_repository(parts, topics)}"


def further(parts: Sequence[Part]) -> str:
    """One further page of one list for each of some repositories; variables `o0`, `n0`, `c0` ...; aliases `r0` ..."""
    count = len(parts)
    variables = ", ".join(f"$o{i}: String!, $n{i}: String!, $c{i}: String!" for i in range(count))
    fields = "\n".join(
        f"  r{i}: repository(owner: $o{i}, name: $n{i}) {{ {replace(part, first=FURTHER).field(f'$c{i}')} }}"
        for i, part in enumerate(parts)
    )
    return f"query({variables}) {{\n{fields}\n}}\n{_MILESTONE}"
