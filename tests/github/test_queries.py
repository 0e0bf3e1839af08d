"""Every query that can be sent is valid against GitHub's own schema."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from mdpc_github import issue_queries, queries
from mdpc_github.queries import Part

SCHEMA = Path(__file__).parents[3] / "shared" / "specs" / "github-schema.graphql.gz"
PARTS: tuple[tuple[Part, ...], ...] = ((), (queries.EVERY,), (queries.OPEN, queries.CLOSED))


@cache
def schema() -> GraphQLSchema:
    if not SCHEMA.is_file():
        pytest.skip("GitHub's GraphQL schema is not beside the repository")
    return build_schema(gzip.decompress(SCHEMA.read_bytes()).decode(), assume_valid=True)


def every_query() -> dict[str, str]:
    found = {"account": queries.ACCOUNT, "further": queries.further([queries.OPEN, queries.CLOSED, queries.EVERY])}
    found |= {
        "issues": issue_queries.listed(issue_queries.EVERY * 2, by_creator=False),
        "own issues": issue_queries.listed(issue_queries.EVERY * 2, by_creator=True),
        "issues apart": issue_queries.listed(issue_queries.APART * 2, by_creator=False),
        "own issues apart": issue_queries.listed(issue_queries.APART * 2, by_creator=True),
        "open issues": issue_queries.listed(["OPEN"], by_creator=True),
        "numbered": issue_queries.numbered(2),
        "comments": issue_queries.comments(2),
        "contents": issue_queries.contents(2),
        "delivered": issue_queries.delivered(2),
        "teams": issue_queries.teams(2),
        "editor": issue_queries.EDITOR,
    }
    for parts in PARTS:
        for topics in (False, True):
            kind = f"{'+'.join(part.alias for part in parts) or 'light'}{' topics' if topics else ''}"
            found[f"owner {kind}"] = queries.owner(parts, topics=topics)
            found[f"everything {kind}"] = queries.everything(parts, topics=topics)
            found[f"names {kind}"] = queries.names(3, parts, topics=topics)
    return found


@pytest.mark.parametrize("name", every_query())
def test_a_query_is_valid(name: str) -> None:
    assert validate(schema(), parse(every_query()[name])) == []


def test_all_of_them_are_reads() -> None:
    assert all("mutation" not in text for text in every_query().values())


def test_a_full_page_stays_within_githubs_node_limit() -> None:
    first = queries.OPEN.first + queries.CLOSED.first
    assert queries.REPOSITORIES * (1 + first * 3) + queries.REPOSITORIES * 100 < 500_000
    assert queries.FOLLOW_UPS * queries.FURTHER * 3 < 500_000


def test_a_full_page_of_issues_stays_within_githubs_node_limit() -> None:
    each = 1 + 3 * 100  # comments, assignees, labels
    assert issue_queries.HOMES * len(issue_queries.APART) * issue_queries.ISSUES * each < 500_000
    assert issue_queries.NUMBERED * each < 500_000
    assert max(issue_queries.FOLLOW_UPS, issue_queries.MILESTONES, issue_queries.TEAMS) * 100 < 500_000
